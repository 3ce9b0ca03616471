// platform.ts where there is no Node. A page cannot ask whether an object is a Proxy, so a guest in a browser is for values that
// are the caller's own plain data; kinds are told by the brand of the built-ins of this realm. Uses nothing of V8's own.
import type * as node from "./platform.ts";

type Question = (value: unknown) => boolean;

const { isPrototypeOf: isBelow } = Object.prototype;
const inheriting = (prototype: object): Question => isBelow.bind(prototype) as Question;

/** Made by a built-in class: what only inherits from it makes the method or getter that asks for the brand throw. */
function branded(prototype: object, name: PropertyKey): Question {
  const found = Object.getOwnPropertyDescriptor(prototype, name);
  const ask = (found?.get ?? found?.value) as (this: unknown, argument?: unknown) => unknown;
  return (value) => {
    if (typeof value !== "object" || !isBelow.call(prototype, value as object)) return false;
    try {
      ask.call(value);
      return true;
    } catch {
      return false;
    }
  };
}

const never: Question = () => false;
const typedArrays: object = Object.getPrototypeOf(Uint8Array.prototype);
/** Answers undefined for everything that is no typed array, whatever it claims to be. */
const typedArrayName = Object.getOwnPropertyDescriptor(typedArrays, Symbol.toStringTag)?.get as (
  this: unknown,
) => unknown;
const isArrayBuffer = branded(ArrayBuffer.prototype, "byteLength");
/** Only pages that are isolated from other origins have the class. */
const isSharedArrayBuffer =
  typeof SharedArrayBuffer === "undefined" ? never : branded(SharedArrayBuffer.prototype, "byteLength");
const isNumberObject = branded(Number.prototype, "valueOf");
const isStringObject = branded(String.prototype, "valueOf");
const isBooleanObject = branded(Boolean.prototype, "valueOf");
const isSymbolObject = branded(Symbol.prototype, "valueOf");
const isBigIntObject = branded(BigInt.prototype, "valueOf");

/** The predicates of `node:util` that the readers use. */
export const types = {
  isProxy: never,
  isExternal: never,
  isSharedArrayBuffer,
  isBigIntObject,
  isAnyArrayBuffer: (value: unknown) => isArrayBuffer(value) || isSharedArrayBuffer(value),
  isTypedArray: (value: unknown) => typedArrayName.call(value) !== undefined,
  isUint8Array: (value: unknown) => typedArrayName.call(value) === "Uint8Array",
  isMap: branded(Map.prototype, "size"),
  isSet: branded(Set.prototype, "size"),
  isWeakMap: branded(WeakMap.prototype, "has"),
  isWeakSet: branded(WeakSet.prototype, "has"),
  isDate: branded(Date.prototype, "getTime"),
  isRegExp: branded(RegExp.prototype, "source"),
  isPromise: inheriting(Promise.prototype),
  isNativeError: inheriting(Error.prototype),
  isNumberObject,
  isStringObject,
  isBooleanObject,
  isBoxedPrimitive: (value: unknown) =>
    isNumberObject(value) ||
    isStringObject(value) ||
    isBooleanObject(value) ||
    isSymbolObject(value) ||
    isBigIntObject(value),
  isGeneratorObject: inheriting(Object.getPrototypeOf(function* () {}).prototype),
  isMapIterator: inheriting(Object.getPrototypeOf(new Map().entries())),
  isSetIterator: inheriting(Object.getPrototypeOf(new Set().values())),
  isModuleNamespaceObject: (value: unknown) =>
    typeof value === "object" &&
    value !== null &&
    Object.getPrototypeOf(value) === null &&
    Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === "Module",
} as unknown as typeof node.types;

/** Needs a page whose content security policy allows `unsafe-eval`. */
export function compileFunction(body: string, names: readonly string[] = []): unknown {
  return new Function(...names, body);
}

/** A page has no flags to set. */
export function setFlagsFromString(_flags: string): void {}

export const programFlags = "";

/** A page is not told. */
export const cpuUsage = () => ({ user: 0, system: 0 });
