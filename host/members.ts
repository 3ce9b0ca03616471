// Answers whether a value has a constant key, for `"key" in value`, without copying anything but lists. Runs none of the program's code.
import * as abi from "../engine/abi.ts";
import { Carrier } from "./carrier.ts";
import { hasFields, isErrorField } from "./measure.ts";
import {
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isArray,
  isMap,
  isNativeError,
  isProxy,
  isSet,
  isTypedArray,
  isUint8Array,
  mapHas,
} from "./natives.ts";
import { UNAVAILABLE } from "./placement.ts";
import type { Writer } from "./writer.ts";

const plain = Object.prototype;

/** Whether a map or object has a key: a BOOL. Of a list its content, of what has no members the error. */
export function writeMember(writer: Writer, slot: number, value: unknown, key: string): void {
  if (value === UNAVAILABLE) return writer.error(slot, abi.ERR_UNDECLARED);
  if (typeof value !== "object" || value === null || isProxy(value))
    return writer.unusable(slot, abi.ERR_NO_SUCH_OVERLOAD);
  if (isArray(value)) return writer.value(slot, value, 1, writer.limits.stringBytes, 0);
  // Kinds are told apart by a dozen calls into Node. Only ordinary objects have this prototype, unless somebody has taken the
  // trouble of giving it to a Date.
  if (getPrototypeOf(value) === plain) return writer.value(slot, isListed(value, key), 0, 0, 0);
  if (isMap(value)) return writer.value(slot, mapHas(value, key), 0, 0, 0);
  if (hasFields(value)) {
    const found = (isNativeError(value) && isErrorField(key)) || isListed(value, key);
    return writer.value(slot, found, 0, 0, 0);
  }
  const hasElements = isSet(value) || (isTypedArray(value) && !isUint8Array(value));
  if (hasElements || Carrier.of(value) !== null) return writer.value(slot, value, 1, writer.limits.stringBytes, 0);
  writer.unusable(slot, abi.ERR_NO_SUCH_OVERLOAD);
}

/** An own field that is enumerable: an accessor is one, too, and `enumerable` stands in every descriptor. */
const isListed = (object: object, key: string): boolean => getOwnPropertyDescriptor(object, key)?.enumerable === true;
