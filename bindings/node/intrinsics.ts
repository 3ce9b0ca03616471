// The built-in functions that capturing uses, taken once when this file loads. Never looks a method up on a value of the
// program or on a prototype later: the program may patch them at any time, and a patched method is the program's code.
import { types } from "node:util";

const { bind, call } = Function.prototype;

/** Turns a method into a function that takes its `this` first, with no look-up when it is called. */
export function uncurry<A extends unknown[], R>(
  method: (this: never, ...args: A) => R,
): (self: unknown, ...args: A) => R {
  return bind.call(call as never, method) as (self: unknown, ...args: A) => R;
}

function getter<R>(holder: object, key: PropertyKey): (self: unknown) => R {
  const get = Object.getOwnPropertyDescriptor(holder, key)?.get;
  // A getter that this version of Node lacks (RegExp `v` flag on Node 18) answers undefined.
  return get === undefined ? () => undefined as R : uncurry(get as (this: never) => R);
}

export const {
  isArgumentsObject,
  isAsyncFunction,
  isBigIntObject,
  isBooleanObject,
  isBoxedPrimitive,
  isDate,
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
  isAnyArrayBuffer,
  isWeakMap,
  isWeakSet,
} = types;

export const {
  defineProperty,
  freeze,
  getOwnPropertyDescriptor,
  getOwnPropertySymbols,
  getPrototypeOf,
  hasOwn,
  is,
  keys: ownKeys,
} = Object;
/** All own keys; unlike `Object.keys` it does not touch the bindings of a module namespace. */
export const allKeys = Reflect.ownKeys;
const { apply } = Reflect;
export const { min, round } = Math;
export const { isArray } = Array;
export const { isView } = ArrayBuffer;
export const { asIntN } = BigInt;
export const MainError = Error;
export const ObjectPrototype = Object.prototype;
export const ArrayPrototype = Array.prototype;
export const MapPrototype = Map.prototype;
export const SetPrototype = Set.prototype;
export const WeakRefPrototype = WeakRef.prototype;
export const Uint8 = Uint8Array;
const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype) as object;

export const slice = uncurry(String.prototype.slice);
export const charCode = uncurry(String.prototype.charCodeAt);
export const indexOf = uncurry(String.prototype.indexOf);
export const sourceOf = uncurry(Function.prototype.toString);
export const bigintText = uncurry(BigInt.prototype.toString);
export const symbolDescription = getter<string | undefined>(Symbol.prototype, "description");

export const dateTime = uncurry(Date.prototype.getTime);
export const dateIso = uncurry(Date.prototype.toISOString);

export const regexpSource = getter<string>(RegExp.prototype, "source");
/** `RegExp.prototype.flags` reads properties of the object, so each flag is read by its own getter. */
export const REGEXP_FLAGS: readonly (readonly [flag: string, read: (self: unknown) => boolean | undefined])[] = [
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
export const mapEntries = uncurry(Map.prototype.entries);
export const mapNext = uncurry(getPrototypeOf(new Map().entries()).next as () => IteratorResult<[unknown, unknown]>);
export const mapGet = uncurry(Map.prototype.get as (key: unknown) => unknown);
export const mapSet = uncurry(Map.prototype.set as (key: unknown, value: unknown) => unknown);
export const mapClear = uncurry(Map.prototype.clear);
export const weakGet = uncurry(WeakMap.prototype.get as (key: object) => unknown);
export const weakSet = uncurry(WeakMap.prototype.set as (key: object, value: unknown) => unknown);
export const setSize = getter<number>(Set.prototype, "size");
export const setValues = uncurry(Set.prototype.values);
export const setNext = uncurry(getPrototypeOf(new Set().values()).next as () => IteratorResult<unknown>);

/** Kind of a typed array ("Float64Array"), undefined for anything else; reads an internal slot. */
export const typedArrayKind = getter<string | undefined>(TypedArrayPrototype, Symbol.toStringTag);
export const typedArrayLength = getter<number>(TypedArrayPrototype, "length");
export const arrayBufferLength = getter<number>(ArrayBuffer.prototype, "byteLength");
export const sharedBufferLength = getter<number>(SharedArrayBuffer.prototype, "byteLength");
export const dataViewLength = getter<number>(DataView.prototype, "byteLength");
export const dataViewByte = uncurry(DataView.prototype.getUint8);

export const numberOf = uncurry(Number.prototype.valueOf);
export const stringOf = uncurry(String.prototype.valueOf);
export const booleanOf = uncurry(Boolean.prototype.valueOf);
export const bigintOf = uncurry(BigInt.prototype.valueOf);
export const symbolOf = uncurry(Symbol.prototype.valueOf);

export const clockMs: () => number = uncurry(performance.now).bind(undefined, performance);

/** V8's own `get stack`, where an error has an accessor (Node 22 and later); null where it has a data property. */
export const errorStackGetter = getOwnPropertyDescriptor(new Error("x"), "stack")?.get ?? null;
export const readErrorStack = errorStackGetter === null ? null : uncurry(errorStackGetter as (this: never) => unknown);
/** What Node itself puts in `Error.prepareStackTrace`, if anything. */
export const ownPrepareStackTrace: unknown = getOwnPropertyDescriptor(Error, "prepareStackTrace")?.value;

/** Prototypes of built-in iterators that no brand check tells apart. */
export const ITERATOR_PROTOTYPES: readonly (readonly [prototype: object, name: string])[] = [
  [getPrototypeOf([][Symbol.iterator]()) as object, "Array Iterator"],
  [getPrototypeOf(""[Symbol.iterator]()) as object, "String Iterator"],
  [getPrototypeOf("".matchAll(/x/g)) as object, "RegExp String Iterator"],
];

/**
 * UTF-16 units of the longest string that is cut when it may be a rope. Cutting flattens a rope first, and no function of
 * Node reads its beginning without that: 0.7 ms at worst for this length, 40 to 280 ms for 64 MiB.
 */
export const MAX_FLATTEN = 65_536;

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
