// Timestamps and durations: arithmetic within their ranges, and their texts. Knows no zones; a naive time is only marked.
import { ERR_OVERFLOW, SLOT_PAYLOAD, TAG_DURATION, TAG_TIMESTAMP } from "./abi.ts";
import { error } from "./budget.ts";
import { writeDigits } from "./decimal.ts";
import { int64 } from "./numbers.ts";
import { lengthOfSlot, makeWide } from "./slots.ts";
import { word } from "./text.ts";

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
const FIRST_SECOND: i64 = -62135596800;
const LAST_SECOND: i64 = 253402300799;
const SECOND: i64 = 1000000000;
const DAY: i64 = 86400;

/** Whether a sum or difference of two int64 left the range. */
function overflows(a: i64, b: i64, sum: i64): bool {
  return ((a ^ sum) & (b ^ sum)) < 0;
}

/** True from year 1 to 9999; a host's clock may be outside. */
export function isInRange(seconds: i64): bool {
  return seconds >= FIRST_SECOND && seconds <= LAST_SECOND;
}

/** A timestamp moved by a duration's nanoseconds, or back by them. */
export function moved(time: i32, nanos: i64, back: bool, node: i32): i32 {
  // Seconds and nanoseconds separately: the negation of the smallest duration does not exist.
  let seconds = nanos / SECOND;
  let rest = nanos % SECOND;
  if (back) {
    seconds = -seconds;
    rest = -rest;
  }
  seconds += load<i64>(time + SLOT_PAYLOAD);
  rest += lengthOfSlot(time);
  if (rest < 0) {
    rest += SECOND;
    seconds--;
  } else if (rest >= SECOND) {
    rest -= SECOND;
    seconds++;
  }
  if (!isInRange(seconds)) return error(ERR_OVERFLOW, node);
  return makeWide(TAG_TIMESTAMP, i32(rest), seconds, node);
}

/** The duration from `b` to `a`. */
export function between(a: i32, b: i32, node: i32): i32 {
  let seconds = int64(a) - int64(b);
  let rest = i64(lengthOfSlot(a) - lengthOfSlot(b));
  if (seconds < 0 && rest > 0) {
    seconds++;
    rest -= SECOND;
  }
  if (seconds > i64.MAX_VALUE / SECOND || seconds < i64.MIN_VALUE / SECOND) return error(ERR_OVERFLOW, node);
  const whole = seconds * SECOND;
  const sum = whole + rest;
  return overflows(whole, rest, sum) ? error(ERR_OVERFLOW, node) : makeWide(TAG_DURATION, 0, sum, node);
}

/** Two durations added, or the second taken from the first. */
export function addDurations(a: i64, b: i64, back: bool, node: i32): i32 {
  const sum = back ? a - b : a + b;
  const out = back ? ((a ^ b) & (a ^ sum)) < 0 : overflows(a, b, sum);
  return out ? error(ERR_OVERFLOW, node) : makeWide(TAG_DURATION, 0, sum, node);
}

/** -1, 0 or 1. */
export function orderTimes(a: i32, b: i32): i32 {
  const x = int64(a);
  const y = int64(b);
  if (x !== y) return x < y ? -1 : 1;
  const m = lengthOfSlot(a);
  const n = lengthOfSlot(b);
  return i32(m > n) - i32(m < n);
}

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
  const seconds = int64(slot) - FIRST_SECOND;
  // Days since 0001-01-01 to a civil date: cycles of 400, 100, 4 and 1 years, whose last day or year may be one longer.
  let days = i32(seconds / DAY);
  const clock = i32(seconds % DAY);
  const eras = days / 146097;
  days %= 146097;
  const centuries = min(days / 36524, 3);
  days -= centuries * 36524;
  const fours = days / 1461;
  days %= 1461;
  const years = min(days / 365, 3);
  days -= years * 365;
  const leap = years === 3 && (fours !== 24 || centuries === 3);
  let month = 1;
  for (; ; month++) {
    const length = month === 2 ? 28 + i32(leap) : 30 + ((month + (month >> 3)) & 1);
    if (days < length) break;
    days -= length;
  }
  let to = padded(at, eras * 400 + centuries * 100 + fours * 4 + years + 1, 4);
  to = padded(mark(to, 45), month, 2);
  to = padded(mark(to, 45), days + 1, 2);
  to = padded(mark(to, 84), clock / 3600, 2);
  to = padded(mark(to, 58), (clock / 60) % 60, 2);
  to = padded(mark(to, 58), clock % 60, 2);
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
