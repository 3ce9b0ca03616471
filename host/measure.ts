// Tells what kind of thing a value is and how large, without reading what is in it. Runs none of the program's code.

import { LIMITS } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import { Carrier } from "./carrier.ts";
import {
  byteLength,
  isAnyArrayBuffer,
  isArray,
  isDate,
  isMap,
  isProxy,
  isSet,
  isTypedArray,
  mapSize,
  opaqueLabel,
  ownKeys,
  setSize,
  typedLength,
  unbox,
} from "./natives.ts";
import { UNAVAILABLE } from "./placement.ts";

/** True of what a map may have as a visible key. */
export const isKey = (key: unknown) =>
  typeof key === "string" ||
  typeof key === "boolean" ||
  typeof key === "bigint" ||
  (typeof key === "number" && Number.isInteger(key));

/** True of what reads as an OBJECT: of nothing else can a field be missing. */
export const hasFields = (holder: object) =>
  !isArray(holder) &&
  !isTypedArray(holder) &&
  !isSet(holder) &&
  !isDate(holder) &&
  !isAnyArrayBuffer(holder) &&
  unbox(holder) === undefined &&
  opaqueLabel(holder) === null &&
  Carrier.of(holder) === null;

/** How many elements, entries, fields, bytes or code points a value has, or a negated error code. */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length > LIMITS.stringBytes ? -abi.ERR_TRUNCATED : codePoints(value);
  if (value === UNAVAILABLE) return -abi.ERR_UNDECLARED;
  if (typeof value !== "object" || value === null) return -abi.ERR_NO_SUCH_OVERLOAD;
  if (isProxy(value)) return -abi.ERR_SIDE_EFFECT;
  if (isArray(value)) return value.length;
  if (isTypedArray(value)) return typedLength(value);
  if (isMap(value)) return mapSize(value);
  if (isSet(value)) return setSize(value);
  if (isAnyArrayBuffer(value)) return byteLength(new Uint8Array(value as ArrayBuffer));
  if (isDate(value) || opaqueLabel(value) !== null || Carrier.of(value) !== null) return -abi.ERR_NO_SUCH_OVERLOAD;
  const boxed = unbox(value);
  return boxed === undefined ? ownKeys(value).length : sizeOf(boxed);
}

function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) !== 0xd800 || (text.charCodeAt(i + 1) & 0xfc00) !== 0xdc00) continue;
    count--;
    i++;
  }
  return count;
}
