// Tells what kind of thing a value is and how large, without reading what is in it. Runs none of the program's code.

import { LIMITS } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import { Carrier } from "./carrier.ts";
import {
  blank,
  byteLength,
  bytesOf,
  charCode,
  eachEntry,
  isAnyArrayBuffer,
  isArray,
  isDate,
  isInteger,
  isMap,
  isNativeError,
  isProxy,
  isSet,
  isTypedArray,
  mapSize,
  opaqueLabel,
  ownKeys,
  setSize,
  typedLength,
  unbox,
  weakAdd,
  weakHas,
} from "./natives.ts";
import { UNAVAILABLE } from "./placement.ts";

/** The language's timestamps: the years 1 to 9999. */
export const MIN_TIME_MS = Date.parse("0001-01-01T00:00:00Z");
export const MAX_TIME_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** True of what a map may have as a visible key. */
export const isKey = (key: unknown) =>
  typeof key === "string" ||
  typeof key === "boolean" ||
  typeof key === "bigint" ||
  (typeof key === "number" && isInteger(key));

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
  if (isAnyArrayBuffer(value)) return byteLength(bytesOf(value));
  const carried = Carrier.of(value);
  if (carried?.kind === "cut") return typeof carried.value === "string" ? -abi.ERR_TRUNCATED : carried.size;
  if (carried?.kind === "error") return -carried.code;
  if (isDate(value) || opaqueLabel(value) !== null || carried !== null) return -abi.ERR_NO_SUCH_OVERLOAD;
  const boxed = unbox(value);
  if (boxed !== undefined) return sizeOf(boxed);
  return fieldNames(value)?.length ?? -abi.ERR_TRUNCATED;
}

/** Objects that were found to have too many fields; few programs have any. */
const crowded = new WeakSet<object>();
let anyCrowded = false;

/** The names of an object's fields, or null where they are more than may be listed on a hit. The object must be no Proxy. */
export function fieldNames(object: object): readonly string[] | null {
  if (anyCrowded && weakHas(crowded, object)) return null;
  const names = isNativeError(object) ? errorNames(object) : ownKeys(object);
  if (names.length <= LIMITS.listedFields) return names;
  anyCrowded = true;
  weakAdd(crowded, object);
  return null;
}

/** What an exception shows first, then what the program has put there. */
function errorNames(error: object): readonly string[] {
  const own = ownKeys(error);
  let count = 3;
  for (let i = 0; i < own.length; i++) if (!isErrorField(own[i] as string)) count++;
  const names = blank(count) as string[];
  names[0] = "type";
  names[1] = "message";
  names[2] = "cause";
  let next = 3;
  for (let i = 0; i < own.length; i++) if (!isErrorField(own[i] as string)) names[next++] = own[i] as string;
  return names;
}

function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    if ((charCode(text, i) & 0xfc00) !== 0xd800 || (charCode(text, i + 1) & 0xfc00) !== 0xdc00) continue;
    count--;
    i++;
  }
  return count;
}

/** What every exception shows. */
export const isErrorField = (key: string): boolean => key === "type" || key === "message" || key === "cause";

/** Goes over up to `count` entries that the language can see, and answers how many it has met: keys of other kinds are only counted. */
export function visibleEntries(map: object, count: number, visit: (key: unknown, value: unknown) => void): number {
  if (count <= 0) return 0;
  let left = count;
  let seen = 0;
  eachEntry(map, (key, value) => {
    seen++;
    if (isKey(key)) {
      left--;
      visit(key, value);
    }
    return left > 0 && seen < LIMITS.visitedEntries;
  });
  return seen;
}
