// Reads one element or field of a value, without running any of the program's code: own data properties, entries of a Map. What
// may not be read or is not there is a fault with an error code. Writes nothing.
import * as abi from "../engine/abi.ts";
import { Carrier } from "./carrier.ts";
import { hasFields, isErrorField } from "./measure.ts";
import {
  bigintOf,
  charCode,
  classNameOf,
  getOwnPropertyDescriptor,
  hasOwn,
  inherited,
  isArray,
  isEnumerable,
  isMap,
  isNativeError,
  isProxy,
  isTypedArray,
  isUint8Array,
  mapGet,
  mapHas,
  typedLength,
} from "./natives.ts";
import { UNAVAILABLE } from "./placement.ts";
import { hasPlainElements } from "./shapes.ts";

/** What a read gives instead of a value; `Access.fault` then holds the error code. */
export const FAULT: unique symbol = Symbol("fault");

/**
 * Names of which an own property is not what it seems: of a list its size and elements, of an error a stack trace that the
 * program's code may be asked to format. Uses nothing that the program could have replaced.
 */
export function isTricky(key: string): boolean {
  if (key === "length" || key === "stack") return true;
  for (let i = 0; i < key.length; i++) if (charCode(key, i) < 48 || charCode(key, i) > 57) return false;
  return key.length > 0;
}

/** Of an exception: its name, which classes keep in their prototype, its message, its cause or null. */
function errorField(error: object, key: string): unknown {
  if (key === "cause") return null;
  const found = inherited(error, key === "type" ? "name" : key);
  if (typeof found === "string") return found;
  return key === "type" ? (classNameOf(error) ?? "Error") : "";
}

/** How a writer gets at what it writes. */
export class Access {
  /** Why the last read gave FAULT. */
  fault = 0;

  /** An element of an array or typed array, or FAULT. Holes are undefined. */
  element(array: object, index: number): unknown {
    if (!isArray(array)) return (array as ArrayLike<unknown>)[index]; // a typed array has no accessors
    if (hasPlainElements(array)) return hasOwn(array, index) ? array[index] : undefined;
    const found = getOwnPropertyDescriptor(array, index);
    if (found === undefined || hasOwn(found, "value")) return found?.value;
    this.fault = abi.ERR_SIDE_EFFECT;
    return FAULT;
  }

  /** `holder.key`, or FAULT with the code in `fault`. */
  field(holder: unknown, key: string | number): unknown {
    this.fault = abi.ERR_NO_SUCH_OVERLOAD;
    if (holder === null || holder === undefined) this.fault = abi.ERR_NULL_DEREF;
    else if (holder === UNAVAILABLE) this.fault = abi.ERR_UNDECLARED;
    if (typeof holder !== "object" || holder === null) return FAULT;
    if (isProxy(holder)) {
      this.fault = abi.ERR_SIDE_EFFECT;
      return FAULT;
    }
    if (isMap(holder)) {
      if (mapHas(holder, key)) return mapGet(holder, key);
      if (typeof key === "number" && mapHas(holder, bigintOf(key))) return mapGet(holder, bigintOf(key));
      this.fault = abi.ERR_NO_SUCH_KEY;
      return FAULT;
    }
    const carried = Carrier.of(holder);
    if (carried?.kind === "cut") return this.left(carried.value, key);
    if (carried?.kind === "error") {
      this.fault = carried.code;
      return FAULT;
    }
    if (typeof key === "number") return this.indexed(holder, key);
    if (isTricky(key)) {
      if (key !== "stack" && (isArray(holder) || isTypedArray(holder))) return FAULT;
      // V8 formats a stack trace when it is first looked at. Until then it is not enumerable, and to ask that formats nothing.
      if (key === "stack" && hasOwn(holder, key) && !isEnumerable(holder, key)) {
        this.fault = abi.ERR_SIDE_EFFECT;
        return FAULT;
      }
    }
    let found: PropertyDescriptor | undefined;
    try {
      found = getOwnPropertyDescriptor(holder, key);
    } catch {
      // A variable of a module namespace that is not initialised yet: it will be there, but is not.
      this.fault = abi.ERR_NO_SUCH_FIELD;
      return FAULT;
    }
    if (found !== undefined && hasOwn(found, "value")) return found.value;
    if (found !== undefined) this.fault = abi.ERR_SIDE_EFFECT;
    else if (isErrorField(key) && isNativeError(holder)) return errorField(holder, key);
    else if (hasFields(holder)) this.fault = abi.ERR_NO_SUCH_FIELD;
    return FAULT;
  }

  /** Of a value that was cut, what is not there may have been cut away. */
  private left(value: string | object, key: string | number): unknown {
    const found = this.field(value, key);
    const isAbsent =
      this.fault === abi.ERR_NO_SUCH_FIELD || this.fault === abi.ERR_NO_SUCH_KEY || this.fault === abi.ERR_INDEX;
    if (found === FAULT && isAbsent) this.fault = abi.ERR_TRUNCATED;
    return found;
  }

  /** Null if the holder has such a member, or FAULT. What only fails to be read is there. */
  presence(holder: unknown, key: string | number): unknown {
    if (this.field(holder, key) !== FAULT) return null;
    if (this.fault !== abi.ERR_SIDE_EFFECT || typeof holder !== "object" || isProxy(holder)) return FAULT;
    return null;
  }

  private indexed(holder: object, index: number): unknown {
    if (!isArray(holder) && (!isTypedArray(holder) || isUint8Array(holder))) {
      this.fault = hasFields(holder) ? abi.ERR_NO_SUCH_FIELD : abi.ERR_NO_SUCH_OVERLOAD;
      return FAULT;
    }
    const length = isArray(holder) ? holder.length : typedLength(holder);
    if (index >= 0 && index < length) return this.element(holder, index);
    this.fault = abi.ERR_INDEX;
    return FAULT;
  }
}
