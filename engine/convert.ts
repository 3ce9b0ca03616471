// CEL's conversions between numbers, texts, booleans and times. A text that is no such value is `conversion`, a value that
// does not fit is `overflow`, a text that was cut is `truncated`.
import {
  ERR_CONVERSION,
  ERR_NO_SUCH_OVERLOAD,
  ERR_OVERFLOW,
  ERR_TRUNCATED,
  SLOT_BYTES,
  TAG_BIG,
  TAG_BOOL,
  TAG_BYTES,
  TAG_DOUBLE,
  TAG_DURATION,
  TAG_ENUM,
  TAG_ERROR,
  TAG_INT,
  TAG_OPAQUE,
  TAG_STRING,
  TAG_TIMESTAMP,
  TAG_UINT,
} from "./abi.ts";
import { alloc, chargeBytes, error, fail, locate } from "./budget.ts";
import { writeDigits } from "./decimal.ts";
import { parseDouble, parsed, printDouble } from "./digits.ts";
import {
  MALFORMED,
  nanos,
  parseDuration,
  parseTimestamp,
  printDuration,
  printTimestamp,
  READ,
  seconds,
  span,
} from "./instants.ts";
import { asDouble, bigText, int64, isNumber, printInt, TWO_63, TWO_64 } from "./numbers.ts";
import { PRINT } from "./scratch.ts";
import {
  fromBool,
  isCut,
  lengthOfSlot,
  makeDouble,
  makeInt,
  makePointer,
  makeUint,
  makeWide,
  pointerOf,
  tagOf,
} from "./slots.ts";
import { isUtf8, word } from "./text.ts";
import { isInRange } from "./time.ts";

/** How much dearer than scanning it is to read the text of a duration. */
const DURATION_FACTOR: i32 = 3;

/** The answer where no conversion exists: an error's own slot, or `no_such_overload`. */
function none(v: i32, node: i32): i32 {
  return tagOf(v) === TAG_ERROR ? locate(v, node) : error(ERR_NO_SUCH_OVERLOAD, node);
}

/** 0 if a text can be read, or why not. */
function unreadable(v: i32, node: i32): i32 {
  if (isCut(v)) return error(ERR_TRUNCATED, node);
  return chargeBytes(lengthOfSlot(v)) ? 0 : fail(node);
}

/** `int(v)`. */
export function toInt(v: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (tag === TAG_INT) return v;
  if (tag === TAG_STRING) return parseWhole(v, true, node);
  if (tag === TAG_TIMESTAMP) return makeInt(int64(v), node);
  if (tag === TAG_ENUM) return toInt(pointerOf(v) + 2 * SLOT_BYTES, node);
  if (!isNumber(tag)) return none(v, node);
  if (tag === TAG_UINT && int64(v) >= 0) return makeInt(int64(v), node);
  if (tag === TAG_DOUBLE) {
    const value = asDouble(v);
    // The open range: CEL leaves both ends out.
    if (value > -TWO_63 && value < TWO_63) return makeInt(i64(value), node);
  }
  return error(ERR_OVERFLOW, node);
}

/** `uint(v)`. */
export function toUint(v: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (tag === TAG_UINT) return v;
  if (tag === TAG_STRING) return parseWhole(v, false, node);
  if (!isNumber(tag)) return none(v, node);
  if (tag === TAG_INT && int64(v) >= 0) return makeUint(int64(v), node);
  if (tag === TAG_DOUBLE) {
    const value = asDouble(v);
    if (value >= 0 && value < TWO_64) return makeUint(u64(value), node);
  }
  return error(ERR_OVERFLOW, node);
}

/** Decimal digits with an optional sign, which a uint does not have. */
function parseWhole(v: i32, signed: bool, node: i32): i32 {
  const bad = unreadable(v, node);
  if (bad !== 0) return bad;
  let at = pointerOf(v);
  const end = at + lengthOfSlot(v);
  let negative = false;
  if (signed && at < end && (load<u8>(at) === 45 || load<u8>(at) === 43)) negative = load<u8>(at++) === 45;
  if (at === end) return error(ERR_CONVERSION, node);
  const limit = signed ? u64(i64.MAX_VALUE) + u64(negative) : u64.MAX_VALUE;
  let value: u64 = 0;
  let fits = true;
  for (; at < end; at++) {
    const digit = u32(load<u8>(at)) - 48;
    if (digit > 9) return error(ERR_CONVERSION, node);
    fits = fits && value <= (limit - digit) / 10;
    value = value * 10 + digit;
  }
  if (!fits) return error(ERR_OVERFLOW, node);
  if (!signed) return makeUint(value, node);
  return makeInt(negative ? -i64(value) : i64(value), node);
}

/** `double(v)`: correctly rounded. */
export function toDouble(v: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (tag === TAG_DOUBLE) return v;
  if (tag === TAG_STRING) {
    const bad = unreadable(v, node);
    if (bad !== 0) return bad;
    const value = parseDouble(pointerOf(v), lengthOfSlot(v));
    if (!parsed) return error(ERR_CONVERSION, node);
    // Only the words are infinite; digits that come out so were out of range.
    const last = load<u8>(pointerOf(v) + lengthOfSlot(v) - 1);
    if (Math.abs(value) === Infinity && last < 65) return error(ERR_OVERFLOW, node);
    return makeDouble(value, node);
  }
  return isNumber(tag) ? makeDouble(asDouble(v), node) : none(v, node);
}

/** `string(v)`. */
export function toText(v: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (tag === TAG_STRING) return v;
  if (tag === TAG_BIG) return text(bigText(v), lengthOfSlot(v), node);
  if (tag === TAG_OPAQUE) return text(pointerOf(v), lengthOfSlot(v), node);
  if (tag === TAG_ENUM) return toText(pointerOf(v) + SLOT_BYTES, node);
  if (tag === TAG_BYTES) {
    const bad = unreadable(v, node);
    if (bad !== 0) return bad;
    if (!isUtf8(pointerOf(v), lengthOfSlot(v))) return error(ERR_CONVERSION, node);
    return text(pointerOf(v), lengthOfSlot(v), node);
  }
  if (tag === TAG_TIMESTAMP && !isInRange(int64(v))) return error(ERR_OVERFLOW, node);
  const end = printScalar(v);
  if (end === 0) return none(v, node);
  const at = alloc(end - PRINT);
  if (at === 0) return fail(node);
  memory.copy(at, PRINT, end - PRINT);
  return text(at, end - PRINT, node);
}

function text(at: i32, length: i32, node: i32): i32 {
  return makePointer(TAG_STRING, length, at, 0, node);
}

/** Writes a bool, int, uint, double, timestamp or duration at PRINT; returns the end, or 0 for anything else. */
export function printScalar(v: i32): i32 {
  const tag = tagOf(v);
  if (tag === TAG_DOUBLE) return printDouble(PRINT, asDouble(v));
  if (tag === TAG_INT) return printInt(PRINT, int64(v));
  if (tag === TAG_UINT) return writeDigits(PRINT, int64(v));
  if (tag === TAG_BOOL) return pointerOf(v) !== 0 ? word(PRINT, "true") : word(PRINT, "false");
  if (tag === TAG_TIMESTAMP) return printTimestamp(PRINT, v);
  return tag === TAG_DURATION ? printDuration(PRINT, v) : 0;
}

/** `bool(v)`. */
export function toBool(v: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (tag === TAG_BOOL) return v;
  if (tag !== TAG_STRING) return none(v, node);
  const bad = unreadable(v, node);
  if (bad !== 0) return bad;
  if (isOneOf(v, " 1 t T true True TRUE ")) return fromBool(1);
  return isOneOf(v, " 0 f F false False FALSE ") ? fromBool(0) : error(ERR_CONVERSION, node);
}

/** `timestamp(v)`: of a text, or of seconds since 1970. */
export function toTimestamp(v: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (tag === TAG_TIMESTAMP) return v;
  if (tag === TAG_STRING) {
    const bad = unreadable(v, node);
    if (bad !== 0) return bad;
    const outcome = parseTimestamp(pointerOf(v), lengthOfSlot(v));
    if (outcome !== READ) return misread(outcome, node);
    return makeWide(TAG_TIMESTAMP, nanos, seconds, node);
  }
  if (tag === TAG_DOUBLE && Math.trunc(asDouble(v)) !== asDouble(v)) return error(ERR_NO_SUCH_OVERLOAD, node);
  if (tag !== TAG_INT && tag !== TAG_DOUBLE) return none(v, node);
  const whole = toInt(v, node);
  if (tagOf(whole) !== TAG_INT) return whole;
  return isInRange(int64(whole)) ? makeWide(TAG_TIMESTAMP, 0, int64(whole), node) : error(ERR_OVERFLOW, node);
}

/** `duration(v)`. */
export function toDuration(v: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (tag === TAG_DURATION) return v;
  if (tag !== TAG_STRING) return none(v, node);
  const bad = unreadable(v, node);
  if (bad !== 0) return bad;
  // Each digit is computed with, which takes longer than looking at it.
  if (!chargeBytes(DURATION_FACTOR * lengthOfSlot(v))) return fail(node);
  const outcome = parseDuration(pointerOf(v), lengthOfSlot(v));
  return outcome === READ ? makeWide(TAG_DURATION, 0, span, node) : misread(outcome, node);
}

function misread(outcome: i32, node: i32): i32 {
  return error(outcome === MALFORMED ? ERR_CONVERSION : ERR_OVERFLOW, node);
}

/** True if the text is one of the words of a literal, each between spaces. */
function isOneOf(v: i32, words: string): bool {
  const length = lengthOfSlot(v);
  const at = pointerOf(v);
  const from = changetype<usize>(words);
  if (length === 0 || length > 5) return false;
  for (let i = 1; i + length < words.length; i++) {
    if (load<u8>(from + (i << 1) - 2) !== 32 || load<u8>(from + ((i + length) << 1)) !== 32) continue;
    let k = 0;
    while (k < length && load<u8>(at + k) !== 32 && load<u8>(at + k) === load<u8>(from + ((i + k) << 1))) k++;
    if (k === length) return true;
  }
  return false;
}
