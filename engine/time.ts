// Timestamps and durations: their ranges, arithmetic and order. Knows no zones and no texts; a naive time is only marked.
import { ERR_OVERFLOW, SLOT_PAYLOAD, TAG_DURATION, TAG_TIMESTAMP } from "./abi.ts";
import { error } from "./budget.ts";
import { int64 } from "./numbers.ts";
import { lengthOfSlot, makeWide } from "./slots.ts";

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
const FIRST_SECOND: i64 = -62135596800;
const LAST_SECOND: i64 = 253402300799;
/** Nanoseconds of a second. */
export const SECOND: i64 = 1000000000;

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
