// Answers whether a value has a constant key, for `"key" in value`, without copying anything but lists. Runs none of the program's code.
import * as abi from "../engine/abi.ts";
import { hasFields, isErrorField } from "./measure.ts";
import { getOwnPropertyDescriptor, getPrototypeOf, isArray, isMap, isNativeError, isProxy, mapHas } from "./natives.ts";
import type { Writer } from "./writer.ts";

const plain = Object.prototype;

/** Whether a map or object has a key, as an answer of its own (see MemberNode). Of anything else one level of its content. */
export function writeMember(writer: Writer, slot: number, value: unknown, key: string): void {
  if (typeof value === "object" && value !== null && !isArray(value) && !isProxy(value)) {
    // Kinds are told apart by a dozen calls into Node. Only ordinary objects have this prototype, unless somebody has taken the
    // trouble of giving it to a Date.
    if (getPrototypeOf(value) === plain) return answer(writer, slot, isListed(value, key));
    if (isMap(value)) return answer(writer, slot, mapHas(value, key));
    if (hasFields(value)) {
      return answer(writer, slot, (isNativeError(value) && isErrorField(key)) || isListed(value, key));
    }
  }
  writer.value(slot, value, 1, writer.limits.stringBytes, 0);
}

function answer({ i32 }: Writer, slot: number, found: boolean): void {
  const word = slot >> 2;
  i32[word] = abi.TAG_BOOL | abi.FLAG_SET;
  i32[word + 1] = 0;
  i32[word + 2] = found ? 1 : 0;
  i32[word + 3] = 0;
}

/** An own field that is enumerable: an accessor is one, too, and `enumerable` stands in every descriptor. */
const isListed = (object: object, key: string): boolean => getOwnPropertyDescriptor(object, key)?.enumerable === true;
