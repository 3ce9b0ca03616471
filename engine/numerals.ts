// One number as the text of one kind of format, the same for `format` and for the holes of templates: d e f g % and the
// radixes x X o b. Knows nothing of widths.
import {
  ERR_NO_SUCH_OVERLOAD,
  ERR_OVERFLOW,
  SLOT_BYTES,
  TAG_BIG,
  TAG_BOOL,
  TAG_DOUBLE,
  TAG_ENUM,
  TAG_INT,
} from "./abi.ts";
import { printDouble } from "./digits.ts";
import {
  negative,
  printExponent,
  printFixed,
  printGeneral,
  printPlain,
  scale,
  takeExact,
  takePercent,
  takeShortest,
} from "./exact.ts";
import { PERCENT, writeMark } from "./marks.ts";
import { asDouble, int64, isNumber, TWO_64 } from "./numbers.ts";
import { MAX_DIGITS, NUMBER } from "./scratch.ts";
import { pointerOf, tagOf } from "./slots.ts";

/** Digits behind the point, or significant ones, where a format does not say how many. */
const USUAL_PRECISION: i32 = 6;

/** The letters of the kinds, as the compiler puts them into a format. */
export const KIND_PERCENT: i32 = 37;
export const KIND_X_UPPER: i32 = 88;
export const KIND_B: i32 = 98;
export const KIND_D: i32 = 100;
export const KIND_E: i32 = 101;
export const KIND_F: i32 = 102;
export const KIND_G: i32 = 103;
export const KIND_J: i32 = 106;
export const KIND_O: i32 = 111;
export const KIND_Q: i32 = 113;
export const KIND_S: i32 = 115;
export const KIND_X: i32 = 120;

/** Bits of a digit of a radix kind, or 0. */
export function radixBits(kind: i32): i32 {
  if ((kind | 32) === KIND_X) return 4;
  return kind === KIND_O ? 3 : kind === KIND_B ? 1 : 0;
}

/** The number that a value stands for: an enum for its value. */
export function numberOf(slot: i32): i32 {
  return tagOf(slot) === TAG_ENUM ? pointerOf(slot) + 2 * SLOT_BYTES : slot;
}

/** Writes a number at NUMBER; returns the end, or the negated code of why the kind does not fit. `precision` below 0: the usual one. */
export function printNumeral(value: i32, kind: i32, precision: i32): i32 {
  const slot = numberOf(value);
  const tag = tagOf(slot);
  const bits = radixBits(kind);
  if (tag === TAG_BOOL && kind === KIND_B) {
    store<u8>(NUMBER, 48 + pointerOf(slot));
    return NUMBER + 1;
  }
  if (!isNumber(tag)) return -ERR_NO_SUCH_OVERLOAD;
  if (bits > 0) return printRadix(slot, bits, kind === KIND_X_UPPER);
  if (tag === TAG_DOUBLE && !Number.isFinite(asDouble(slot))) return printDouble(NUMBER, asDouble(slot));
  const places = precision < 0 ? USUAL_PRECISION : precision;
  const fixed = kind === KIND_F || kind === KIND_PERCENT;
  // One digit more than is shown, to round by; a percentage takes two from behind the point.
  const bad = kind === KIND_D ? takeShortest(slot) : takeExact(slot, places + (fixed ? 3 : 2), fixed);
  if (bad !== 0) return -bad;
  if (scale > MAX_DIGITS && kind !== KIND_E && kind !== KIND_G) return -ERR_OVERFLOW;
  let at = NUMBER;
  if (negative) store<u8>(at++, 45);
  if (kind === KIND_D) return printPlain(at);
  if (kind === KIND_E) return printExponent(at, places);
  if (kind === KIND_G) return printGeneral(at, places);
  if (kind === KIND_F) return printFixed(at, places);
  takePercent();
  return writeMark(printFixed(at, places), PERCENT);
}

/** Whole numbers below 2^64, with a minus sign before their magnitude. */
function printRadix(slot: i32, bits: i32, upper: bool): i32 {
  const tag = tagOf(slot);
  let magnitude: u64 = int64(slot);
  let below = tag === TAG_INT && i64(magnitude) < 0;
  if (below) magnitude = -magnitude;
  if (tag === TAG_BIG) return -ERR_OVERFLOW;
  if (tag === TAG_DOUBLE) {
    const value = asDouble(slot);
    // Infinity and NaN are no whole numbers either.
    if (!(Math.trunc(value) - value === 0)) return -ERR_NO_SUCH_OVERLOAD;
    if (Math.abs(value) >= TWO_64) return -ERR_OVERFLOW;
    magnitude = u64(Math.abs(value));
    below = value < 0;
  }
  let at = NUMBER;
  if (below) store<u8>(at++, 45);
  let digits = 1;
  while (digits * bits < 64 && magnitude >> u64(digits * bits) !== 0) digits++;
  for (let i = digits - 1; i >= 0; i--, magnitude >>= u64(bits)) {
    store<u8>(at + i, hexDigit(i32(magnitude) & ((1 << bits) - 1), upper));
  }
  return at + digits;
}

/** The character of a digit below 16. */
export function hexDigit(digit: i32, upper: bool): i32 {
  return digit < 10 ? 48 + digit : (upper ? 55 : 87) + digit;
}

/** Bytes that fit as hexadecimal digits at NUMBER. */
export const HEX_BYTES: i32 = 512;

/** Writes up to HEX_BYTES bytes as two digits each at NUMBER; returns the end. */
export function printHex(from: i32, length: i32, upper: bool): i32 {
  for (let i = 0; i < length; i++) {
    const byte = i32(load<u8>(from + i));
    store<u8>(NUMBER + (i << 1), hexDigit(byte >> 4, upper));
    store<u8>(NUMBER + (i << 1) + 1, hexDigit(byte & 15, upper));
  }
  return NUMBER + (length << 1);
}
