// What plain JavaScript cannot ask: whether reading a value could run the program's code. Also keeps the built-ins as they were
// when this file was loaded, so that a program that patches them later does not get called by us.
import { types } from "node:util";
import { setFlagsFromString } from "node:v8";
import { compileFunction } from "node:vm";

export const { isProxy, isDate, isRegExp, isMap, isSet, isTypedArray, isUint8Array, isAnyArrayBuffer, isPromise } = types;
export const { getOwnPropertyDescriptor, getPrototypeOf, keys: ownKeys } = Object;
export const isArray = Array.isArray;

type Uncurry = <T, A extends unknown[], R>(f: (this: T, ...args: A) => R) => (receiver: T, ...args: A) => R;

const { call } = Function.prototype;
/** `uncurry(f)(receiver, ...args)` calls `f` as it is now. */
export const uncurry = (call.bind as unknown as { bind(self: unknown): Uncurry }).bind(call);

type Getter = (receiver: object) => number;
const getter = (prototype: object, name: string): Getter =>
  uncurry(getOwnPropertyDescriptor(prototype, name)?.get as (this: object) => number);

export const hasOwn = uncurry(Object.prototype.hasOwnProperty) as (holder: object, key: string | number) => boolean;
export const dateTime = uncurry(Date.prototype.getTime) as unknown as (date: object) => number;
export const mapSize = getter(Map.prototype, "size");
export const setSize = getter(Set.prototype, "size");
export const mapGet = uncurry(Map.prototype.get) as unknown as (map: object, key: unknown) => unknown;
export const mapHas = uncurry(Map.prototype.has) as unknown as (map: object, key: unknown) => boolean;
const mapEntries = uncurry(Map.prototype.entries) as unknown as (map: object) => object;
const setValues = uncurry(Set.prototype.values) as unknown as (set: object) => object;
const nextEntry = uncurry(getPrototypeOf(new Map().entries()).next) as unknown as (iterator: object) => IteratorResult<[unknown, unknown]>;
const nextValue = uncurry(getPrototypeOf(new Set().values()).next) as unknown as (iterator: object) => IteratorResult<unknown>;
export const typedLength = getter(getPrototypeOf(Uint8Array.prototype), "length");
export const byteLength = getter(getPrototypeOf(Uint8Array.prototype), "byteLength");

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

/** Answers of V8 about an object's representation. See "Why V8 natives?" in RATIONALE.md. */
export interface Shapes {
  /** Same hidden class: what was proved of the one's named properties holds for the other's, if both have fast properties. */
  readonly sameShape: (a: object, b: object) => boolean;
  readonly hasFastProperties: (object: object) => boolean;
  /** The array's elements are plain data: no accessor among them. Holes are possible. */
  readonly hasPlainElements: (array: object) => boolean;
  readonly isPacked: (array: object) => boolean;
}

function loadShapes(): Shapes | null {
  try {
    setFlagsFromString("--allow-natives-syntax");
    const make = <T>(params: string[], body: string) => compileFunction(`return ${body}`, params) as unknown as T;
    const shapes: Shapes = {
      sameShape: make(["a", "b"], "%HaveSameMap(a, b)"),
      hasFastProperties: make(["a"], "%HasFastProperties(a)"),
      hasPlainElements: make(["a"], "!%HasDictionaryElements(a)"),
      isPacked: make(["a"], "!%HasHoleyElements(a)"),
    };
    return provesItself(shapes) ? shapes : null;
  } catch {
    return null; // without them every property is checked by its descriptor, only slower
  } finally {
    setFlagsFromString("--no-allow-natives-syntax");
  }
}

/** A V8 that answers otherwise than we rely on must not be relied on. */
function provesItself(shapes: Shapes): boolean {
  const plain = { a: 1, b: 2 };
  const twin = { a: 3, b: 4 };
  const accessor = Object.defineProperty({ a: 1, b: 2 }, "a", { get: () => 1 });
  const dictionary = Object.defineProperty([1, 2], 0, { get: () => 1 });
  return (
    shapes.sameShape(plain, twin) &&
    !shapes.sameShape(plain, accessor) &&
    !shapes.sameShape(plain, new Proxy(plain, {})) &&
    shapes.hasFastProperties(plain) &&
    shapes.hasPlainElements([1, 2]) &&
    !shapes.hasPlainElements(dictionary) &&
    shapes.isPacked([1, 2]) &&
    !shapes.isPacked([1, , 2])
  );
}

/** Null where V8 does not answer (other engines, forbidden flags). */
export const shapes: Shapes | null = loadShapes();

/** Compiles a function from source even where `eval` is forbidden for the program. */
export function compileSource(body: string, names: readonly string[]): (...values: unknown[]) => unknown {
  return compileFunction(body, [...names]) as (...values: unknown[]) => unknown;
}

/** The name of the class an object was made by: `constructor.name` read as data only, null for a null prototype or when hidden. */
export function classNameOf(object: object): string | null {
  let at: object | null = object;
  for (let steps = 0; at !== null && steps < 8; steps++) {
    if (isProxy(at)) return null;
    const maker: unknown = getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof maker === "function" && !isProxy(maker)) {
      const name: unknown = getOwnPropertyDescriptor(maker, "name")?.value;
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
  if (!types.isBoxedPrimitive(object)) return undefined;
  if (types.isStringObject(object)) return stringValue(object);
  if (types.isNumberObject(object)) return numberValue(object);
  return types.isBooleanObject(object) ? booleanValue(object) : undefined;
}

/** What to call an object whose content is not for reading, or null for an ordinary object. */
export function opaqueLabel(object: object): string | null {
  if (isPromise(object)) return "Promise";
  if (types.isWeakMap(object)) return "WeakMap";
  if (types.isWeakSet(object)) return "WeakSet";
  if (types.isGeneratorObject(object)) return "generator";
  if (types.isMapIterator(object) || types.isSetIterator(object)) return "iterator";
  if (types.isModuleNamespaceObject(object)) return "module";
  if (types.isExternal(object)) return "external";
  return null;
}
