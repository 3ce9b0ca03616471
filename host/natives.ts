// The built-ins as they were when this file was loaded, for everything that looks at values of the program: it may patch them at
// any time, and a patched one is the program's code. Nothing is looked up on a value or a prototype later. Also what plain
// JavaScript cannot ask: whether reading a value could run the program's code.
import { compileFunction, types } from "./platform.ts";

export { cpuUsage } from "./platform.ts";

export const {
  isAnyArrayBuffer,
  isArgumentsObject,
  isAsyncFunction,
  isBigIntObject,
  isBooleanObject,
  isBoxedPrimitive,
  isDate,
  isExternal,
  isGeneratorFunction,
  isGeneratorObject,
  isMap,
  isMapIterator,
  isModuleNamespaceObject,
  isNativeError,
  isNumberObject,
  isPromise,
  isProxy,
  isRegExp,
  isSet,
  isSetIterator,
  isSharedArrayBuffer,
  isStringObject,
  isTypedArray,
  isUint8Array,
  isWeakMap,
  isWeakSet,
} = types;
export const {
  defineProperty,
  getOwnPropertyDescriptor,
  getOwnPropertyNames,
  getOwnPropertySymbols,
  getPrototypeOf,
  keys: ownKeys,
} = Object;
export const plainPrototype = Object.prototype;
/** Of a text: of an object it would ask for a `toJSON`. */
export const jsonText = JSON.stringify as (text: string) => string;
export const parseJson = JSON.parse as (text: string) => unknown;
/** All own keys; unlike `Object.keys` it does not touch the bindings of a module namespace. */
export const allKeys = Reflect.ownKeys;
/** Calls a function with a list of arguments; `f(...list)` would run an iterator that the program may have patched. */
export const { apply } = Reflect;
export const { isArray } = Array;
export const { isView } = ArrayBuffer;
export const { min, max, floor, round } = Math;
export const { isInteger, isNaN: isNotANumber } = Number;
export const { asIntN, asUintN } = BigInt;
/** The conversions, not the names: the program may assign those anew. */
export const [numberOf, bigintOf] = [Number, BigInt];
export const MainError = Error;
export const Uint8 = Uint8Array;

export const ObjectPrototype = Object.prototype;
export const ArrayPrototype = Array.prototype;
export const MapPrototype = Map.prototype;
export const SetPrototype = Set.prototype;
export const WeakRefPrototype = WeakRef.prototype;
const TypedArrayPrototype = getPrototypeOf(Uint8.prototype) as object;

type Uncurry = <T, A extends unknown[], R>(f: (this: T, ...args: A) => R) => (receiver: T, ...args: A) => R;

const { call } = Function.prototype;
/** `uncurry(f)(receiver, ...args)` calls `f` as it is now, with no look-up. */
export const uncurry = (call.bind as unknown as { bind(self: unknown): Uncurry }).bind(call);

/** A getter that this version of Node lacks (the `v` flag of a RegExp on Node 18) answers undefined. */
function getter<R>(holder: object, key: PropertyKey): (receiver: object) => R {
  const get = getOwnPropertyDescriptor(holder, key)?.get as ((this: object) => R) | undefined;
  return get === undefined ? () => undefined as R : uncurry(get);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const { encodeInto } = TextEncoder.prototype;
const { decode } = TextDecoder.prototype;
export const charCode = uncurry(String.prototype.charCodeAt) as (text: string, at: number) => number;
export const sliceText = uncurry(String.prototype.slice) as (text: string, from: number, to?: number) => string;
export const indexOfText = uncurry(String.prototype.indexOf) as (text: string, part: string) => number;
export const bigintText = uncurry(BigInt.prototype.toString) as (value: bigint) => string;
export const sourceOf = uncurry(Function.prototype.toString) as (fn: object) => string;
export const symbolDescription = getter(Symbol.prototype, "description") as unknown as (
  value: symbol,
) => string | undefined;
/** UTF-8 into `bytes`, as far as it fits. */
export const encodeText = uncurry(encodeInto).bind(null, encoder) as TextEncoder["encodeInto"];
/** UTF-8 to text. */
export const decodeText = uncurry(decode).bind(null, decoder) as (bytes: Uint8Array) => string;

export const hasOwn = uncurry(Object.prototype.hasOwnProperty) as (holder: object, key: PropertyKey) => boolean;
export const isEnumerable = uncurry(Object.prototype.propertyIsEnumerable) as (holder: object, key: string) => boolean;
export const dateTime = uncurry(Date.prototype.getTime) as unknown as (date: object) => number;
export const dateIso = uncurry(Date.prototype.toISOString) as unknown as (date: object) => string;

export const regexpSource = getter<string>(RegExp.prototype, "source");
/** `RegExp.prototype.flags` reads properties of the object, so each flag is read by its own getter. */
export const REGEXP_FLAGS: readonly (readonly [flag: string, read: (regexp: object) => boolean | undefined])[] = [
  ["d", getter(RegExp.prototype, "hasIndices")],
  ["g", getter(RegExp.prototype, "global")],
  ["i", getter(RegExp.prototype, "ignoreCase")],
  ["m", getter(RegExp.prototype, "multiline")],
  ["s", getter(RegExp.prototype, "dotAll")],
  ["u", getter(RegExp.prototype, "unicode")],
  ["v", getter(RegExp.prototype, "unicodeSets")],
  ["y", getter(RegExp.prototype, "sticky")],
];

export const mapSize = getter<number>(Map.prototype, "size");
export const mapGet = uncurry(Map.prototype.get) as unknown as (map: object, key: unknown) => unknown;
export const mapHas = uncurry(Map.prototype.has) as unknown as (map: object, key: unknown) => boolean;
export const mapSet = uncurry(Map.prototype.set) as unknown as (map: object, key: unknown, value: unknown) => void;
export const mapClear = uncurry(Map.prototype.clear) as unknown as (map: object) => void;
export const mapEntries = uncurry(Map.prototype.entries) as unknown as (map: object) => object;
export const mapNext = uncurry(getPrototypeOf(new Map().entries()).next) as unknown as (
  iterator: object,
) => IteratorResult<[unknown, unknown]>;
export const setSize = getter<number>(Set.prototype, "size");
export const setValues = uncurry(Set.prototype.values) as unknown as (set: object) => object;
export const setNext = uncurry(getPrototypeOf(new Set().values()).next) as unknown as (
  iterator: object,
) => IteratorResult<unknown>;
export const weakHas = uncurry(WeakSet.prototype.has) as unknown as (set: object, value: object) => boolean;
export const weakAdd = uncurry(WeakSet.prototype.add) as unknown as (set: object, value: object) => void;
export const weakGet = uncurry(WeakMap.prototype.get) as unknown as (map: object, key: object) => unknown;
export const weakSet = uncurry(WeakMap.prototype.set) as unknown as (map: object, key: object, value: unknown) => void;

/** Kind of a typed array ("Float64Array"), undefined for anything else; reads an internal slot. */
export const typedArrayKind = getter<string | undefined>(TypedArrayPrototype, Symbol.toStringTag);
export const typedLength = getter<number>(TypedArrayPrototype, "length");
export const byteLength = getter<number>(TypedArrayPrototype, "byteLength");
export const arrayBufferLength = getter<number>(ArrayBuffer.prototype, "byteLength");
/** Some pages of a browser have no SharedArrayBuffer. */
export const sharedBufferLength: (buffer: object) => number =
  typeof SharedArrayBuffer === "undefined" ? () => 0 : getter<number>(SharedArrayBuffer.prototype, "byteLength");
export const dataViewLength = getter<number>(DataView.prototype, "byteLength");
export const dataViewByte = uncurry(DataView.prototype.getUint8) as unknown as (view: object, at: number) => number;
export const subarray = uncurry(Uint8.prototype.subarray) as (
  bytes: Uint8Array,
  from: number,
  to: number,
) => Uint8Array<ArrayBuffer>;

/** The primitive in an object of that kind. */
export const stringIn = uncurry(String.prototype.valueOf) as unknown as (boxed: object) => string;
export const numberIn = uncurry(Number.prototype.valueOf) as unknown as (boxed: object) => number;
export const booleanIn = uncurry(Boolean.prototype.valueOf) as unknown as (boxed: object) => boolean;
export const bigintIn = uncurry(BigInt.prototype.valueOf) as unknown as (boxed: object) => bigint;
export const symbolIn = uncurry(Symbol.prototype.valueOf) as unknown as (boxed: object) => symbol;

/** Milliseconds of a steady clock. */
export const clockMs: () => number = uncurry(performance.now).bind(undefined, performance);

/** V8's own `get stack`, where an error has an accessor (Node 22 and later); null where it has a data property. */
export const errorStackGetter = getOwnPropertyDescriptor(new Error("x"), "stack")?.get ?? null;
export const readErrorStack = errorStackGetter === null ? null : uncurry(errorStackGetter as (this: object) => unknown);
/** What Node itself puts in `Error.prepareStackTrace`, if anything. */
export const ownPrepareStackTrace: unknown = getOwnPropertyDescriptor(Error, "prepareStackTrace")?.value;

/** Prototypes of built-in iterators that no brand check tells apart. */
export const ITERATOR_PROTOTYPES: readonly (readonly [prototype: object, name: string])[] = [
  [getPrototypeOf([][Symbol.iterator]()) as object, "Array Iterator"],
  [getPrototypeOf(""[Symbol.iterator]()) as object, "String Iterator"],
  [getPrototypeOf("".matchAll(/x/g)) as object, "RegExp String Iterator"],
];

const collect = (...values: unknown[]): unknown[] => values;
const templates: unknown[][] = [];

/**
 * A fresh array that already owns elements 0 to length - 1. Writing them can then never reach a setter that the program
 * put on `Array.prototype`, as `push` or a write into a hole would.
 */
export function blank(length: number): unknown[] {
  const known = length < templates.length ? templates[length] : undefined;
  if (known !== undefined) return apply(collect, undefined, known) as unknown[];
  return apply(collect, undefined, new Array(length)) as unknown[];
}
for (let length = 0; length <= 128; length++) {
  const template: unknown[] = [];
  for (let i = 0; i < length; i++) template.push(undefined);
  templates.push(template);
}

/** Adds a member to an object of ours without asking a setter on `Object.prototype`. */
export function add(target: object, key: string, value: unknown): void {
  defineProperty(target, key, {
    __proto__: null,
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  } as PropertyDescriptor);
}

const nothing = new Uint8(0);

/** The bytes of a buffer; none where it was transferred to another thread. */
export function bytesOf(buffer: object): Uint8Array {
  try {
    return new Uint8(buffer as ArrayBuffer);
  } catch {
    return nothing;
  }
}

/**
 * The value in a descriptor, or undefined if it is that of an accessor: of such a one `value` and `writable` would be looked
 * up on `Object.prototype`, where the program may have put anything.
 */
export function dataIn(descriptor: PropertyDescriptor | undefined): unknown {
  return descriptor !== undefined && hasOwn(descriptor, "value") ? descriptor.value : undefined;
}

/** Goes over a Map until `visit` returns false. */
export function eachEntry(map: object, visit: (key: unknown, value: unknown) => boolean): void {
  const iterator = mapEntries(map);
  for (let step = mapNext(iterator); step.done !== true; step = mapNext(iterator)) {
    if (!visit(step.value[0], step.value[1])) return;
  }
}

/** Goes over a Set until `visit` returns false. */
export function eachMember(set: object, visit: (value: unknown) => boolean): void {
  const iterator = setValues(set);
  for (let step = setNext(iterator); step.done !== true; step = setNext(iterator)) {
    if (!visit(step.value)) return;
  }
}

/** Compiles a function from source even where `eval` is forbidden for the program. */
export function compileSource(body: string, names: readonly string[]): (...values: unknown[]) => unknown {
  return compileFunction(body, [...names]) as (...values: unknown[]) => unknown;
}

/** The name of the class an object was made by: `constructor.name` read as data only, null for a null prototype or when hidden. */
export function classNameOf(object: object): string | null {
  let at: object | null = object;
  for (let steps = 0; at !== null && steps < 8; steps++) {
    if (isProxy(at)) return null;
    const maker: unknown = dataIn(getOwnPropertyDescriptor(at, "constructor"));
    if (typeof maker === "function" && !isProxy(maker)) {
      const name: unknown = dataIn(getOwnPropertyDescriptor(maker, "name"));
      if (typeof name === "string" && name !== "") return name;
    }
    at = getPrototypeOf(at);
  }
  return null;
}

/** The primitive in a String, Number or Boolean object, else undefined. */
export function unbox(object: object): string | number | boolean | undefined {
  if (!isBoxedPrimitive(object)) return undefined;
  if (isStringObject(object)) return stringIn(object);
  if (isNumberObject(object)) return numberIn(object);
  return isBooleanObject(object) ? booleanIn(object) : undefined;
}

/** What to call an object whose content is not for reading, or null for an ordinary object. */
export function opaqueLabel(object: object): string | null {
  if (isPromise(object)) return "Promise";
  if (isWeakMap(object)) return "WeakMap";
  if (isWeakSet(object)) return "WeakSet";
  if (isGeneratorObject(object)) return "generator";
  if (isMapIterator(object) || isSetIterator(object)) return "iterator";
  if (isModuleNamespaceObject(object)) return "module";
  if (isExternal(object)) return "external";
  return null;
}

/**
 * A property that an object has or inherits as plain data: undefined where there is none, and a getter's name stands for
 * nothing else either. Goes up a few prototypes only, as classes have.
 */
export function inherited(object: object, key: string): unknown {
  let at: object | null = object;
  for (let steps = 0; at !== null && steps < 8 && !isProxy(at); steps++) {
    const found = getOwnPropertyDescriptor(at, key);
    if (found !== undefined) return dataIn(found);
    at = getPrototypeOf(at);
  }
  return undefined;
}
