// Tells what a value is and what its class is called, by brand checks and data properties. Never calls anything of the program.
import { natives } from "../../host/index.ts";

const {
  ArrayPrototype,
  ITERATOR_PROTOTYPES,
  MapPrototype,
  ObjectPrototype,
  SetPrototype,
  WeakRefPrototype,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  isAnyArrayBuffer,
  isArgumentsObject,
  isArray,
  isAsyncFunction,
  isBoxedPrimitive,
  isDate,
  isGeneratorFunction,
  isGeneratorObject,
  isMap,
  isMapIterator,
  isModuleNamespaceObject,
  isNativeError,
  isPromise,
  isProxy,
  isRegExp,
  isSet,
  isSetIterator,
  isView,
  isWeakMap,
  isWeakSet,
  sliceText,
  sourceOf,
  typedArrayKind,
} = natives;

export const OBJECT = 0;
export const ARRAY = 1;
export const ARGUMENTS = 2;
export const SET = 3;
export const MAP = 4;
export const TYPED_ARRAY = 5;
export const ERROR = 6;
export const NAMESPACE = 7;
export const BOXED = 8;
/** Kinds from here on have no contents to walk. */
export const BYTES = 9;
export const DATE = 10;
export const REGEXP = 11;
export const PROMISE = 12;
export const WEAK_MAP = 13;
export const WEAK_SET = 14;
export const WEAK_REF = 15;
export const ITERATOR = 16;
/** An object whose every read may call the program: the global of a vm context. */
export const OPAQUE = 17;

/** Prototypes walked at most, in search of a name: a chain may be as long as the program likes. */
const MAX_PROTOTYPES = 16;
/**
 * UTF-16 units of the longest string that is cut when it may be a rope. Cutting flattens a rope first, and no function of
 * Node reads its beginning without that: 0.7 ms at worst for this length, 40 to 280 ms for 64 MiB.
 */
export const MAX_FLATTEN = 65_536;
/** UTF-16 units of a class or function name. */
const MAX_NAME = 128;

/**
 * The kind of an object that is no Proxy. An object whose prototype is Object.prototype is taken for a plain one without
 * further brand checks, which are 10 ns each: a Map that was given that prototype reads as a plain object.
 */
export function kindOf(value: object, prototype: object | null): number {
  if (isArray(value)) return ARRAY;
  if (prototype === ObjectPrototype) return isArgumentsObject(value) ? ARGUMENTS : OBJECT;
  if (prototype === MapPrototype && isMap(value)) return MAP;
  if (prototype === SetPrototype && isSet(value)) return SET;
  if (prototype === null && isModuleNamespaceObject(value)) return NAMESPACE;
  if (isView(value)) {
    const kind = typedArrayKind(value);
    return kind === undefined || kind === "Uint8Array" ? BYTES : TYPED_ARRAY;
  }
  if (isDate(value)) return DATE;
  if (isNativeError(value)) return ERROR;
  if (isMap(value)) return MAP;
  if (isSet(value)) return SET;
  if (isPromise(value)) return PROMISE;
  if (isRegExp(value)) return REGEXP;
  if (isBoxedPrimitive(value)) return BOXED;
  if (isAnyArrayBuffer(value)) return BYTES;
  if (isWeakMap(value)) return WEAK_MAP;
  if (isWeakSet(value)) return WEAK_SET;
  if (isMapIterator(value) || isSetIterator(value) || isGeneratorObject(value)) return ITERATOR;
  if (isArgumentsObject(value)) return ARGUMENTS;
  return prototype === null ? OBJECT : kindByChain(prototype);
}

/** What only the prototypes tell: iterators, WeakRef, and globals of other contexts. */
function kindByChain(prototype: object): number {
  for (let i = 0; i < ITERATOR_PROTOTYPES.length; i++) {
    if (ITERATOR_PROTOTYPES[i]![0] === prototype) return ITERATOR;
  }
  let link: object | null = prototype;
  for (let i = 0; i < MAX_PROTOTYPES && link !== null; i++) {
    if (link === ObjectPrototype) return OBJECT;
    if (link === WeakRefPrototype) return WEAK_REF;
    if (isProxy(link)) return OBJECT;
    link = getPrototypeOf(link) as object | null;
  }
  return isContextGlobal(prototype) ? OPAQUE : OBJECT;
}

/**
 * The global of a vm context forwards every read to its sandbox, which may be a Proxy. It is known by its prototype, which
 * a native constructor made and which has a prototype itself; nothing else of another realm that reaches here is like that.
 */
function isContextGlobal(prototype: object): boolean {
  if (getPrototypeOf(prototype) === null) return false;
  const maker = dataOf(prototype, "constructor");
  if (typeof maker !== "function" || isProxy(maker)) return false;
  const source = sourceOf(maker);
  return sliceText(source, source.length - 17) === "{ [native code] }";
}

/** The prototype of an object that is no Proxy. */
export const prototypeOf: (value: object) => object | null = getPrototypeOf;

/** Value of an own data property; undefined when there is none or it is an accessor. The holder must be no Proxy. */
export function dataOf(holder: object, key: PropertyKey): unknown {
  const descriptor = getOwnPropertyDescriptor(holder, key);
  return descriptor !== undefined && hasOwn(descriptor, "value") ? descriptor.value : undefined;
}

/** Name of the class: `constructor.name` along the prototypes, through data properties only; null for a null prototype. */
export function classOf(prototype: object | null): string | null {
  if (prototype === ObjectPrototype) return "Object";
  if (prototype === ArrayPrototype) return "Array";
  let link = prototype;
  for (let i = 0; i < MAX_PROTOTYPES && link !== null; i++) {
    if (isProxy(link)) return "Object";
    const maker = dataOf(link, "constructor");
    if (typeof maker === "function" && !isProxy(maker)) {
      const name = functionName(maker);
      if (name !== "") return name;
    }
    link = getPrototypeOf(link) as object | null;
  }
  return prototype === null ? null : "Object";
}

/** Name of a function, through its own data property only; empty when it has none. The function must be no Proxy. */
export function functionName(fn: object): string {
  const name = dataOf(fn, "name");
  if (typeof name !== "string") return "";
  return name.length <= MAX_NAME ? name : name.length <= MAX_FLATTEN ? sliceText(name, 0, MAX_NAME) : "";
}

/** "class", "AsyncFunction" and the like. The function must be no Proxy. */
export function functionKind(fn: object): string {
  const generator = isGeneratorFunction(fn);
  if (isAsyncFunction(fn)) return generator ? "AsyncGeneratorFunction" : "AsyncFunction";
  if (generator) return "GeneratorFunction";
  const prototype = getOwnPropertyDescriptor(fn, "prototype");
  // Only classes and built-in constructors have a prototype that cannot be replaced, so few sources are looked at.
  if (prototype === undefined || !hasOwn(prototype, "value") || prototype.writable === true) return "Function";
  return sliceText(sourceOf(fn), 0, 5) === "class" ? "class" : "Function";
}
