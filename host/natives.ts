// What plain JavaScript cannot ask: whether reading a value could run the program's code. Also keeps the built-ins as they were
// when this file was loaded, so that a program that patches them later does not get called by us.
import { types } from "node:util";
import { compileFunction } from "node:vm";

export const { isProxy, isDate, isRegExp, isMap, isSet, isTypedArray, isUint8Array, isAnyArrayBuffer, isPromise } =
  types;
export const { isNativeError } = types;
const { isBoxedPrimitive, isStringObject, isNumberObject, isBooleanObject } = types;
const { isWeakMap, isWeakSet, isGeneratorObject, isMapIterator, isSetIterator, isModuleNamespaceObject, isExternal } =
  types;
export const { getOwnPropertyDescriptor, getOwnPropertyNames, getPrototypeOf, keys: ownKeys } = Object;
export const plainPrototype = Object.prototype;
export const isArray = Array.isArray;
export const { min, max, floor } = Math;
/** Of a text: of an object it would ask for a `toJSON`. */
export const jsonText = JSON.stringify as (text: string) => string;
export const { isInteger, isNaN: isNotANumber } = Number;
export const { asIntN, asUintN } = BigInt;
/** The conversions, not the names: the program may assign those anew. */
export const [numberOf, bigintOf] = [Number, BigInt];
/** Calls a function with a list of arguments; `f(...list)` would run an iterator that the program may have patched. */
export const { apply } = Reflect;

type Uncurry = <T, A extends unknown[], R>(f: (this: T, ...args: A) => R) => (receiver: T, ...args: A) => R;

const { call } = Function.prototype;
/** `uncurry(f)(receiver, ...args)` calls `f` as it is now. */
export const uncurry = (call.bind as unknown as { bind(self: unknown): Uncurry }).bind(call);

type Getter = (receiver: object) => number;
const getter = (prototype: object, name: string): Getter =>
  uncurry(getOwnPropertyDescriptor(prototype, name)?.get as (this: object) => number);

const Uint8 = Uint8Array;
const nothing = new Uint8(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const { encodeInto } = TextEncoder.prototype;
const { decode } = TextDecoder.prototype;
export const charCode = uncurry(String.prototype.charCodeAt) as (text: string, at: number) => number;
export const sliceText = uncurry(String.prototype.slice) as (text: string, from: number, to: number) => string;
export const bigintText = uncurry(BigInt.prototype.toString) as (value: bigint) => string;
export const subarray = uncurry(Uint8.prototype.subarray) as (
  bytes: Uint8Array,
  from: number,
  to: number,
) => Uint8Array<ArrayBuffer>;
/** UTF-8 into `bytes`, as far as it fits. */
export const encodeText = uncurry(encodeInto).bind(null, encoder) as TextEncoder["encodeInto"];
/** UTF-8 to text. */
export const decodeText = uncurry(decode).bind(null, decoder) as (bytes: Uint8Array) => string;
export const hasOwn = uncurry(Object.prototype.hasOwnProperty) as (holder: object, key: string | number) => boolean;
export const dateTime = uncurry(Date.prototype.getTime) as unknown as (date: object) => number;
export const mapSize = getter(Map.prototype, "size");
export const setSize = getter(Set.prototype, "size");
export const mapGet = uncurry(Map.prototype.get) as unknown as (map: object, key: unknown) => unknown;
export const mapHas = uncurry(Map.prototype.has) as unknown as (map: object, key: unknown) => boolean;
export const weakHas = uncurry(WeakSet.prototype.has) as unknown as (set: object, value: object) => boolean;
export const weakAdd = uncurry(WeakSet.prototype.add) as unknown as (set: object, value: object) => void;
const mapEntries = uncurry(Map.prototype.entries) as unknown as (map: object) => object;
const setValues = uncurry(Set.prototype.values) as unknown as (set: object) => object;
const nextEntry = uncurry(getPrototypeOf(new Map().entries()).next) as unknown as (
  iterator: object,
) => IteratorResult<[unknown, unknown]>;
const nextValue = uncurry(getPrototypeOf(new Set().values()).next) as unknown as (
  iterator: object,
) => IteratorResult<unknown>;
export const typedLength = getter(getPrototypeOf(Uint8Array.prototype), "length");
export const byteLength = getter(getPrototypeOf(Uint8Array.prototype), "byteLength");

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
  for (let step = nextEntry(iterator); step.done !== true; step = nextEntry(iterator)) {
    if (!visit(step.value[0], step.value[1])) return;
  }
}

/** Goes over a Set until `visit` returns false. */
export function eachMember(set: object, visit: (value: unknown) => boolean): void {
  const iterator = setValues(set);
  for (let step = nextValue(iterator); step.done !== true; step = nextValue(iterator)) {
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

const stringValue = uncurry(String.prototype.valueOf) as unknown as (boxed: object) => string;
const numberValue = uncurry(Number.prototype.valueOf) as unknown as (boxed: object) => number;
const booleanValue = uncurry(Boolean.prototype.valueOf) as unknown as (boxed: object) => boolean;

/** The primitive in a String, Number or Boolean object, else undefined. */
export function unbox(object: object): string | number | boolean | undefined {
  if (!isBoxedPrimitive(object)) return undefined;
  if (isStringObject(object)) return stringValue(object);
  if (isNumberObject(object)) return numberValue(object);
  return isBooleanObject(object) ? booleanValue(object) : undefined;
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
