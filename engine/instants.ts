// Timestamps and durations as text: RFC 3339 and `1h34m5.5s`, in and out. Works on (pointer, length) and knows no slots but
// those it prints; never allocates. conditions/instants.ts reads the same texts while an expression is compiled.
import { civil, day, daysOf, daysOfMonth, month, year } from "./calendar.ts";
import { writeDigits } from "./decimal.ts";
import { int64 } from "./numbers.ts";
import { lengthOfSlot } from "./slots.ts";
import { word } from "./text.ts";
import { isInRange } from "./time.ts";

const DAY: i64 = 86400;
/** Days from 0000-03-01 to 1970-01-01 in seconds, to divide positive numbers only. */
const SHIFT: i64 = 719468 * 86400;

/** A tenth of the longest duration. */
const MOST_TENTH: u64 = u64(i64.MAX_VALUE / 10);

/** How reading a text ended. */
export const READ: i32 = 0;
export const MALFORMED: i32 = 1;
export const OUT_OF_RANGE: i32 = 2;

/** What `parseTimestamp` read: seconds since 1970 and nanoseconds. */
export let seconds: i64 = 0;
export let nanos: i32 = 0;
/** What `parseDuration` read, in nanoseconds. */
export let span: i64 = 0;

/** The day since 1970 of a time in seconds, from year 0 on. */
export function dayOf(seconds: i64): i32 {
  return i32((seconds + SHIFT) / DAY) - 719468;
}

/** The second of its day of a time in seconds. */
export function clockOf(seconds: i64): i32 {
  return i32((seconds + SHIFT) % DAY);
}

// ## Reading. The cursor stands behind what was read; a digit that is missing clears `sound`.
let cursor: i32 = 0;
let limit: i32 = 0;
let sound: bool = true;

function isDigit(): bool {
  return cursor < limit && u32(load<u8>(cursor)) - 48 <= 9;
}

/** Where the digits from `at` on end. */
function digitsEnd(at: i32, end: i32): i32 {
  while (at < end && u32(load<u8>(at)) - 48 <= 9) at++;
  return at;
}

/** Exactly `count` digits. */
function number(count: i32): i32 {
  let value = 0;
  for (; count > 0; count--) {
    if (!isDigit()) {
      sound = false;
      return 0;
    }
    value = value * 10 + i32(load<u8>(cursor++)) - 48;
  }
  return value;
}

/** One character; a letter in either case. */
function expect(character: i32): void {
  if (cursor >= limit) sound = false;
  else {
    const found = i32(load<u8>(cursor++));
    if (found !== character && (character < 65 || found !== (character | 32))) sound = false;
  }
}

/** `hh:mm` in seconds, at most 23:59. */
function clock(): i32 {
  const hours = number(2);
  expect(58);
  const minutes = number(2);
  if (hours > 23 || minutes > 59) sound = false;
  return hours * 3600 + minutes * 60;
}

/** Whether a character is next; skips it. */
function skip(character: i32): bool {
  if (cursor >= limit || load<u8>(cursor) !== character) return false;
  cursor++;
  return true;
}

/** What `readOffset` gives for a text that is no offset. */
export const NO_OFFSET: i32 = i32.MIN_VALUE;

/** Reads `+hh:mm`, `-hh:mm` or `hh:mm` in seconds, or gives NO_OFFSET. */
export function readOffset(at: i32, length: i32): i32 {
  cursor = at;
  limit = at + length;
  sound = true;
  const back = skip(45);
  if (!back) skip(43);
  const offset = clock();
  if (!sound || cursor !== limit) return NO_OFFSET;
  return back ? -offset : offset;
}

/** Reads an RFC 3339 timestamp: READ, MALFORMED or OUT_OF_RANGE. Digits beyond nanoseconds are dropped. */
export function parseTimestamp(at: i32, length: i32): i32 {
  cursor = at;
  limit = at + length;
  sound = true;
  const y = number(4);
  expect(45);
  const m = number(2);
  expect(45);
  const d = number(2);
  expect(84);
  let time = clock();
  expect(58);
  const second = number(2);
  nanos = 0;
  if (skip(46)) {
    if (!isDigit()) return MALFORMED;
    const from = cursor;
    cursor = digitsEnd(from, limit);
    for (let i = 0; i < 9; i++) nanos = nanos * 10 + (from + i < cursor ? i32(load<u8>(from + i)) - 48 : 0);
  }
  if (skip(43)) time -= clock();
  else if (skip(45)) time += clock();
  else expect(90);
  if (!sound || cursor !== limit || second > 59) return MALFORMED;
  if (m < 1 || m > 12 || d < 1 || d > daysOfMonth(y, m)) return MALFORMED;
  seconds = i64(daysOf(y, m, d)) * DAY + time + second;
  return isInRange(seconds) ? READ : OUT_OF_RANGE;
}

/** Nanoseconds of the unit at the cursor, which goes behind it; 0 if there is none. */
function unit(): u64 {
  const rest = limit - cursor;
  const first = rest > 0 ? i32(load<u8>(cursor)) : 0;
  const second = rest > 1 ? i32(load<u8>(cursor + 1)) : 0;
  cursor++;
  if (first === 104) return 3600000000000;
  if (first === 115) return 1000000000;
  if (first === 109 && second !== 115) return 60000000000;
  cursor++;
  if (second === 115) {
    if (first === 109) return 1000000;
    if (first === 117) return 1000;
    if (first === 110) return 1;
  }
  // The micro sign and the Greek letter.
  if (((first === 0xc2 && second === 0xb5) || (first === 0xce && second === 0xbc)) && skip(115)) return 1000;
  return 0;
}

/**
 * Reads a sum of decimal numbers with units, `-1h34m5.5s` or `0`: READ, MALFORMED or OUT_OF_RANGE. What is less than a
 * nanosecond is dropped from each number.
 */
export function parseDuration(at: i32, length: i32): i32 {
  cursor = at;
  limit = at + length;
  const negative = skip(45);
  if (!negative) skip(43);
  if (cursor + 1 === limit && load<u8>(cursor) === 48) {
    span = 0;
    return READ;
  }
  if (cursor === limit) return MALFORMED;
  const most = u64(i64.MAX_VALUE) + u64(negative);
  let sum: u64 = 0;
  let fits = true;
  while (cursor < limit) {
    const from = cursor;
    let whole: u64 = 0;
    cursor = digitsEnd(from, limit);
    for (let digit = from; digit < cursor; digit++) {
      if (whole > MOST_TENTH) fits = false;
      whole = whole * 10 + (load<u8>(digit) - 48);
    }
    let count = cursor - from;
    const fraction = cursor + 1;
    if (skip(46)) cursor = digitsEnd(cursor, limit);
    const end = cursor;
    count += max(end - fraction, 0);
    const scale = unit();
    if (count === 0 || scale === 0) return MALFORMED;
    if (!fits || whole > most / scale) {
      fits = false;
      continue;
    }
    // From the last digit to the first: dropping the rest at each step is dropping it once.
    let part: u64 = 0;
    for (let digit = end - 1; digit >= fraction; digit--) part = ((load<u8>(digit) - 48) * scale + part) / 10;
    whole = whole * scale + part;
    fits = whole <= most && sum <= most - whole;
    sum += whole;
  }
  span = negative ? -i64(sum) : i64(sum);
  return fits ? READ : OUT_OF_RANGE;
}

// ## Writing

function padded(at: i32, value: i32, width: i32): i32 {
  for (let to = at + width - 1; to >= at; to--) {
    store<u8>(to, 48 + (value % 10));
    value /= 10;
  }
  return at + width;
}

/** A point and the nanoseconds without trailing zeros; nothing if there are none. */
function fraction(at: i32, nanos: i32): i32 {
  if (nanos === 0) return at;
  store<u8>(at, 46);
  let end = padded(at + 1, nanos, 9);
  while (load<u8>(end - 1) === 48) end--;
  return end;
}

function mark(at: i32, character: i32): i32 {
  store<u8>(at, character);
  return at + 1;
}

/** Writes a timestamp as RFC 3339 in UTC, which has no text for years beyond 9999; returns the end. */
export function printTimestamp(at: i32, slot: i32): i32 {
  if (!isInRange(int64(slot))) return word(at, "<error: overflow>");
  const time = int64(slot);
  civil(dayOf(time));
  const second = clockOf(time);
  let to = padded(at, year, 4);
  to = padded(mark(to, 45), month, 2);
  to = padded(mark(to, 45), day, 2);
  to = padded(mark(to, 84), second / 3600, 2);
  to = padded(mark(to, 58), (second / 60) % 60, 2);
  to = padded(mark(to, 58), second % 60, 2);
  return mark(fraction(to, lengthOfSlot(slot)), 90);
}

/** Writes a duration as seconds, `-1.5s`; returns the end. */
export function printDuration(at: i32, slot: i32): i32 {
  const nanos = int64(slot);
  const size = u64(nanos < 0 ? -nanos : nanos);
  if (nanos < 0) at = mark(at, 45);
  at = writeDigits(at, size / 1000000000);
  return mark(fraction(at, i32(size % 1000000000)), 115);
}
