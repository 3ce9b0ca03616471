// Numbers as text: reads and orders decimal texts of any length, and writes doubles as ECMAScript does.
import { nearestDouble, point, shortest, writeDigits } from "./decimal.ts";
import { word } from "./text.ts";

// What `scan` found: sign, and value = 0.DIGITS * 10^place. The digits begin and end with one that is not 0, may hold a
// ".", and are none for zero.
export let negative: bool = false;
export let digits: i32 = 0;
export let digitsEnd: i32 = 0;
export let place: i32 = 0;

function isDigit(at: i32): bool {
  return u32(load<u8>(at)) - 48 <= 9;
}

/** Reads [+-] digits [. digits] [e [+-] digits], all of it; false if it is something else. */
export function scan(text: i32, length: i32): bool {
  const end = text + length;
  let at = text;
  negative = false;
  if (at < end && (load<u8>(at) === 45 || load<u8>(at) === 43)) negative = load<u8>(at++) === 45;
  let seen = 0;
  let dot = 0;
  digits = 0;
  digitsEnd = 0;
  for (; at < end; at++) {
    if (load<u8>(at) === 46) {
      if (dot !== 0) return false;
      dot = at;
      continue;
    }
    if (!isDigit(at)) break;
    seen++;
    if (load<u8>(at) !== 48) {
      if (digits === 0) digits = at;
      digitsEnd = at + 1;
    }
  }
  if (seen === 0) return false;
  if (dot === 0) dot = at;
  place = digits <= dot ? dot - digits : dot + 1 - digits;
  if (at === end) return true;
  if ((load<u8>(at++) | 32) !== 101) return false;
  let down = false;
  if (at < end && (load<u8>(at) === 45 || load<u8>(at) === 43)) down = load<u8>(at++) === 45;
  if (at === end) return false;
  let exponent = 0;
  for (; at < end; at++) {
    if (!isDigit(at)) return false;
    // What is beyond a million is out of every range; the clamp keeps the sum within an i32.
    exponent = min(exponent * 10 + i32(load<u8>(at)) - 48, 1_000_000);
  }
  place += down ? -exponent : exponent;
  return true;
}

/** True if `parseDouble` understood its text. */
export let parsed: bool = false;

/** Reads a decimal number, "NaN", "Inf" or "Infinity" in any case; sets `parsed`. Correctly rounded, infinite if too large. */
export function parseDouble(text: i32, length: i32): f64 {
  parsed = scan(text, length);
  if (parsed) {
    const value = digits === 0 ? 0 : nearestDouble(digits, digitsEnd, place);
    return negative ? -value : value;
  }
  if (isWord(text, length, "nan")) {
    parsed = true;
    return NaN;
  }
  const sign = length > 0 ? i32(load<u8>(text)) : 0;
  const skip = i32(sign === 43 || sign === 45);
  if (!isWord(text + skip, length - skip, "inf") && !isWord(text + skip, length - skip, "infinity")) return 0;
  parsed = true;
  return sign === 45 ? -Infinity : Infinity;
}

/** True if the text is this lower-case word, in any case. */
function isWord(text: i32, length: i32, literal: string): bool {
  if (length !== literal.length) return false;
  const from = changetype<usize>(literal);
  for (let i = 0; i < length; i++) if ((load<u8>(text + i) | 32) !== load<u8>(from + (i << 1))) return false;
  return true;
}

/** The order of two decimal texts by value. A text that is no number counts as 0. */
export function decimalOrder(a: i32, lengthA: i32, b: i32, lengthB: i32): i32 {
  scan(a, lengthA);
  const signA = digits === 0 ? 0 : negative ? -1 : 1;
  const placeA = place;
  const endA = digitsEnd;
  let atA = digits;
  scan(b, lengthB);
  const signB = digits === 0 ? 0 : negative ? -1 : 1;
  let atB = digits;
  if (signA !== signB) return signA < signB ? -1 : 1;
  if (signA === 0) return 0;
  if (placeA !== place) return placeA < place ? -signA : signA;
  while (true) {
    if (atA < endA && load<u8>(atA) === 46) atA++;
    if (atB < digitsEnd && load<u8>(atB) === 46) atB++;
    if (atA === endA || atB === digitsEnd) return atA < endA ? signA : atB < digitsEnd ? -signA : 0;
    const x = load<u8>(atA++);
    const y = load<u8>(atB++);
    if (x !== y) return x < y ? -signA : signA;
  }
}

/** Writes a double as ECMAScript's Number::toString does; returns the end. */
export function printDouble(at: i32, value: f64): i32 {
  if (Number.isNaN(value)) return word(at, "NaN");
  if (value < 0) store<u8>(at++, 45);
  if (value === 0) return word(at, "0");
  const size = Math.abs(value);
  if (size === Infinity) return word(at, "Infinity");
  const end = shortest(at, size);
  const count = end - at;
  const shift = point;
  if (shift > 21 || shift < -5) {
    // One digit, a point if more follow, exponent.
    let to = end;
    if (count > 1) {
      memory.copy(at + 2, at + 1, count - 1);
      store<u8>(at + 1, 46);
      to++;
    }
    store<u8>(to++, 101);
    store<u8>(to++, shift > 0 ? 43 : 45);
    return writeDigits(to, abs(shift - 1));
  }
  if (shift >= count) {
    memory.fill(end, 48, shift - count);
    return at + shift;
  }
  if (shift > 0) {
    memory.copy(at + shift + 1, at + shift, count - shift);
    store<u8>(at + shift, 46);
    return end + 1;
  }
  memory.copy(at + 2 - shift, at, count);
  memory.fill(at, 48, 2 - shift);
  store<u8>(at + 1, 46);
  return end + 2 - shift;
}
