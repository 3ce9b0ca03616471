// The exact decimal digits of any number, rounded half to even where a format ends, and written as fixed point, with an
// exponent, or as the shorter of the two. Digits come from integers, so no result is ever off by one.
import { ERR_OVERFLOW, TAG_BIG, TAG_DOUBLE, TAG_INT } from "./abi.ts";
import { big, divide, multiply, set, shift } from "./bignum.ts";
import { charge } from "./budget.ts";
import { point, shortest, writeDigits } from "./decimal.ts";
import { digits, digitsEnd, negative as isNegative, place, scan } from "./digits.ts";
import { asDouble, bigText, int64 } from "./numbers.ts";
import { DIGITS, MAX_DIGITS } from "./scratch.ts";
import { lengthOfSlot, tagOf } from "./slots.ts";

const BILLION: u32 = 1_000_000_000;
const HIDDEN: u64 = 0x0010000000000000;

/** Whether the number that was taken is below zero, or negative zero. */
export let negative: bool = false;

// The number is 0.DIGITS * 10^scale, plus less than one unit of the last digit if `more`. No digits: zero, or less than counts.
let count: i32 = 0;
export let scale: i32 = 0;
let more: bool = false;

/** The digit at `index`; those that are not there are 0. */
function digit(index: i32): i32 {
  return u32(index) < u32(count) ? i32(load<u8>(DIGITS + index)) : 48;
}

/**
 * Takes a finite number apart. Of a double at least `wanted` digits behind the point, or, if not `fixed`, `wanted` significant
 * ones. 0, or the code of an error.
 */
export function takeExact(slot: i32, wanted: i32, fixed: bool): i32 {
  const tag = tagOf(slot);
  more = false;
  if (tag === TAG_BIG) return takeText(bigText(slot), lengthOfSlot(slot));
  if (tag === TAG_DOUBLE) {
    takeDouble(asDouble(slot), wanted, fixed);
    return 0;
  }
  const value = int64(slot);
  negative = tag === TAG_INT && value < 0;
  count = value === 0 ? 0 : writeDigits(DIGITS, u64(negative ? -value : value)) - DIGITS;
  scale = count;
  return 0;
}

/** Takes the shortest digits of a finite double that read back as the same; any other number as it is. */
export function takeShortest(slot: i32): i32 {
  if (tagOf(slot) !== TAG_DOUBLE) return takeExact(slot, 0, true);
  const value = asDouble(slot);
  negative = reinterpret<i64>(value) < 0;
  more = false;
  count = value === 0 ? 0 : shortest(DIGITS, Math.abs(value)) - DIGITS;
  scale = value === 0 ? 0 : point;
  return 0;
}

function takeText(text: i32, length: i32): i32 {
  if (!scan(text, length)) return ERR_OVERFLOW;
  negative = isNegative;
  scale = place;
  count = 0;
  for (let at = digits; at < digitsEnd; at++) {
    const character = load<u8>(at);
    if (character === 46) continue;
    if (count === MAX_DIGITS) {
      more = true;
      break;
    }
    store<u8>(DIGITS + count++, character);
  }
  if (count === 0) scale = 0;
  charge(length >>> 4);
  return 0;
}

function takeDouble(value: f64, wanted: i32, fixed: bool): void {
  const bits = reinterpret<u64>(value);
  negative = i64(bits) < 0;
  const field = i32(bits >> 52) & 0x7ff;
  const mantissa = (bits & (HIDDEN - 1)) | (field === 0 ? 0 : HIDDEN);
  const exponent = max(field, 1) - 1075;
  charge(4 + (abs(exponent) >>> 3));
  const low = big(0);
  if (exponent >= 0) {
    set(low, mantissa);
    shift(low, exponent);
    takeInteger(low);
    return;
  }
  const below = -exponent;
  set(low, below < 64 ? mantissa >> u64(below) : 0);
  takeInteger(low);
  // The fraction over 2^(32 * limbs): what a multiplication by a billion carries out of them are its next nine digits.
  const limbs = (below + 31) >> 5;
  memory.fill(low, 0, 4 + (limbs << 2) + 8);
  set(low, below < 64 ? mantissa & ((u64(1) << u64(below)) - 1) : mantissa);
  shift(low, (limbs << 5) - below);
  while (true) {
    more = false;
    for (let at = limbs << 2; at > 0 && !more; at -= 4) more = load<u32>(low + at) !== 0;
    if (!more || (fixed ? count - scale : count) >= wanted) return;
    store<i32>(low, limbs);
    multiply(low, BILLION, 0);
    const carried = load<i32>(low) > limbs ? load<u32>(low + 4 + (limbs << 2)) : 0;
    store<u32>(low + 4 + (limbs << 2), 0);
    takeChunk(carried);
  }
}

/** Digits of an integer, which is lost. */
function takeInteger(n: i32): void {
  let at = DIGITS + MAX_DIGITS;
  while (load<i32>(n) > 0) {
    let chunk = divide(n, BILLION);
    for (let i = 0; i < 9; i++, chunk /= 10) store<u8>(--at, u8(48 + (chunk % 10)));
  }
  while (at < DIGITS + MAX_DIGITS && load<u8>(at) === 48) at++;
  count = DIGITS + MAX_DIGITS - at;
  scale = count;
  memory.copy(DIGITS, at, count);
}

/** The next nine digits behind the point. Zeros before the first digit only move the point. */
function takeChunk(chunk: u32): void {
  let divisor: u32 = 100_000_000;
  for (let i = 0; i < 9; i++, divisor /= 10) {
    const next = (chunk / divisor) % 10;
    if (next === 0 && count === 0) scale--;
    else store<u8>(DIGITS + count++, u8(48 + next));
  }
}

/** Multiplies by 100. */
export function takePercent(): void {
  if (count > 0) scale += 2;
}

/** Rounds to the first `keep` digits, half to even. */
function round(keep: i32): void {
  if (keep >= count) return;
  const next = keep < 0 ? 48 : digit(keep);
  let up = next > 53;
  if (next === 53) {
    up = more || (keep > 0 && (digit(keep - 1) & 1) === 1);
    for (let i = keep + 1; i < count && !up; i++) up = digit(i) !== 48;
  }
  count = max(keep, 0);
  more = false;
  if (!up) return;
  let at = count - 1;
  for (; at >= 0 && digit(at) === 57; at--) store<u8>(DIGITS + at, 48);
  if (at >= 0) {
    store<u8>(DIGITS + at, digit(at) + 1);
    return;
  }
  // 9.99 to 10.0: all other digits are 0 now.
  store<u8>(DIGITS, 49);
  count = max(count, 1);
  scale++;
}

/** Writes the number with so many digits behind the point; returns the end. */
export function printFixed(at: i32, precision: i32): i32 {
  round(scale + precision);
  let to = at;
  for (let i = min(scale - 1, 0); i < scale + precision; i++) {
    if (i === scale) store<u8>(to++, 46);
    store<u8>(to++, digit(i));
  }
  return to;
}

/** Writes the number with one digit before the point, so many behind it, and an exponent of at least two digits. */
export function printExponent(at: i32, precision: i32): i32 {
  round(precision + 1);
  let to = at;
  for (let i = 0; i <= precision; i++) {
    if (i === 1) store<u8>(to++, 46);
    store<u8>(to++, digit(i));
  }
  const exponent = count === 0 ? 0 : scale - 1;
  store<u8>(to, 101);
  store<u8>(to + 1, exponent < 0 ? 45 : 43);
  to += 2;
  if (abs(exponent) < 10) store<u8>(to++, 48);
  return writeDigits(to, abs(exponent));
}

/** Writes the number with `precision` significant digits and no zeros behind them; with an exponent below 1e-4 and where the digits end. */
export function printGeneral(at: i32, precision: i32): i32 {
  const wanted = max(precision, 1);
  round(wanted);
  strip();
  const exponent = count === 0 ? 0 : scale - 1;
  if (exponent < -4 || exponent >= wanted) return printExponent(at, max(count - 1, 0));
  return printPlain(at);
}

/** Writes all digits there are, without an exponent. */
export function printPlain(at: i32): i32 {
  strip();
  return printFixed(at, max(count - scale, 0));
}

function strip(): void {
  while (count > 0 && digit(count - 1) === 48) count--;
  if (count === 0) scale = 0;
}
