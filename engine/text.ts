// Bytes and UTF-8: equality, order, search, code points. Works on (pointer, length) and knows no slots; never allocates.
import { MEMORY_PAGES, PAGE_BYTES } from "./abi.ts";
import { charge, chargeBytes } from "./budget.ts";

/** A 1 in each byte. */
export const ONES: u64 = u64.MAX_VALUE / 255;

const MEMORY_END: i32 = PAGE_BYTES * MEMORY_PAGES;

/** `find` did not find it. */
export const ABSENT: i32 = -1;
/** `find` ran out of steps. */
export const SPENT: i32 = -2;

/** How many bytes two texts have in common at their beginning, at most `length`. */
export function commonPrefix(a: i32, b: i32, length: i32): i32 {
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    const difference = load<u64>(a + at) ^ load<u64>(b + at);
    if (difference !== 0) return at + (i32(ctz(difference)) >> 3);
  }
  while (at < length && load<u8>(a + at) === load<u8>(b + at)) at++;
  return at;
}

/** Copies bytes to where none of them stand. `memory.copy` leaves WebAssembly, which takes longer than copying a short text. */
export function copyBytes(to: i32, from: i32, length: i32): void {
  if (length > 128) {
    memory.copy(to, from, length);
    return;
  }
  if (length >= 8) {
    const last = length - 8;
    for (let at = 0; at < last; at += 8) store<u64>(to + at, load<u64>(from + at));
    store<u64>(to + last, load<u64>(from + last));
    return;
  }
  for (let at = 0; at < length; at++) store<u8>(to + at, load<u8>(from + at));
}

/** True if `length` bytes are the same. */
export function sameBytes(a: i32, b: i32, length: i32): bool {
  // The last load overlaps the one before it: no byte is compared alone.
  if (length >= 8) {
    const last = length - 8;
    for (let at = 0; at < last; at += 8) if (load<u64>(a + at) !== load<u64>(b + at)) return false;
    return load<u64>(a + last) === load<u64>(b + last);
  }
  if (length >= 4) {
    const last = length - 4;
    return ((load<u32>(a) ^ load<u32>(b)) | (load<u32>(a + last) ^ load<u32>(b + last))) === 0;
  }
  if (length >= 2) {
    const last = length - 2;
    return load<u16>(a) === load<u16>(b) && load<u16>(a + last) === load<u16>(b + last);
  }
  return length === 0 || load<u8>(a) === load<u8>(b);
}

/** Code points of a valid UTF-8 text: its bytes but the continuation bytes, eight at a time. */
export function codePoints(text: i32, length: i32): i32 {
  let count = length;
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    const word = load<u64>(text + at);
    count -= i32(popcnt((word >> 7) & ~(word >> 6) & ONES));
  }
  for (; at < length; at++) if ((load<u8>(text + at) & 0xc0) === 0x80) count--;
  return count;
}

/** Where the character number `count` begins: the length itself for the one behind the last, ABSENT beyond. */
export function offsetOf(text: i32, length: i32, count: i32): i32 {
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    const word = load<u64>(text + at);
    const heads = 8 - i32(popcnt((word >> 7) & ~(word >> 6) & ONES));
    if (heads > count) break;
    count -= heads;
  }
  for (; at < length; at++) {
    if ((load<u8>(text + at) & 0xc0) === 0x80) continue;
    if (count === 0) return at;
    count--;
  }
  return count === 0 ? length : ABSENT;
}

/** The largest length up to `length` that does not end inside a character. */
export function boundary(text: i32, length: i32): i32 {
  while (length > 0 && (load<u8>(text + length) & 0xc0) === 0x80) length--;
  return length;
}

/** True for well-formed UTF-8: no stray bytes, overlong forms, surrogates or code points above U+10FFFF. */
export function isUtf8(text: i32, length: i32): bool {
  const end = text + length;
  let at = text;
  while (at < end) {
    const head = i32(load<u8>(at++));
    if (head < 0x80) continue;
    if (head < 0xc2 || head > 0xf4) return false;
    const more = head < 0xe0 ? 1 : head < 0xf0 ? 2 : 3;
    if (at + more > end) return false;
    const second = i32(load<u8>(at));
    const low = head === 0xe0 ? 0xa0 : head === 0xf0 ? 0x90 : 0x80;
    const high = head === 0xed ? 0x9f : head === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let i = 1; i < more; i++) if ((load<u8>(at + i) & 0xc0) !== 0x80) return false;
    at += more;
  }
  return true;
}

/** Where `needle` first stands in `text`, ABSENT or SPENT. Linear time, whatever the texts are. */
export function find(text: i32, length: i32, needle: i32, needleLength: i32): i32 {
  if (needleLength === 0) return 0;
  if (needleLength > length) return ABSENT;
  if (!charge(((length + needleLength) >>> 4) + 1)) return SPENT;
  return scan(text, length, needle, needleLength);
}

/** `find` for a needle of at least one byte and a text that is not shorter; charges nothing in the usual case. */
export function scan(text: i32, length: i32, needle: i32, needleLength: i32): i32 {
  // Up to 8 bytes are compared at once; what is left of a longer needle only where those match.
  const width = min(needleLength, 8);
  const mask = u64(-1) >> ((8 - width) << 3);
  const from = min(needle, MEMORY_END - 8);
  const head = (load<u64>(from) >> ((needle - from) << 3)) & mask;
  const last = length - needleLength;
  // Where a load of 8 bytes would leave the memory, bytes are compared one by one.
  const next = min(needleLength - 1, 1);
  const wide = min(last, MEMORY_END - 8 - next - text);
  let patience = length + 64;
  let at = 0;
  // The first two bytes in all eight places: where both are the text's, a byte becomes 0, which the usual trick detects.
  const firsts = (head & 0xff) * ONES;
  const seconds = ((head >> (next << 3)) & 0xff) * ONES;
  while (at <= wide) {
    const differences = (load<u64>(text + at) ^ firsts) | (load<u64>(text + at + next) ^ seconds);
    const equal = (differences - ONES) & ~differences & (ONES << 7);
    if (equal === 0) {
      at += 8;
      continue;
    }
    at += i32(ctz(equal)) >> 3;
    if (at > wide) break;
    if ((load<u64>(text + at) & mask) !== head) {
      at++;
      continue;
    }
    if (needleLength <= 8) return at;
    const common = commonPrefix(text + at + 8, needle + 8, needleLength - 8);
    if (common === needleLength - 8) return at;
    patience -= common;
    if (patience < 0) return findTwoWay(text, length, needle, needleLength, at);
    at++;
  }
  for (; at <= last; at++) if (sameBytes(text + at, needle, needleLength)) return at;
  return ABSENT;
}

/** Crochemore and Perrin's two-way search, for needles that nearly match all over the text. */
function findTwoWay(text: i32, length: i32, needle: i32, needleLength: i32, from: i32): i32 {
  if (!chargeBytes(3 * (length + needleLength))) return SPENT;
  const up = maximalSuffix(needle, needleLength, false);
  const down = maximalSuffix(needle, needleLength, true);
  const critical = max(i32(up >> 32), i32(down >> 32));
  let period = i32(up >> 32) >= i32(down >> 32) ? i32(up) : i32(down);
  let memory = 0;
  if (sameBytes(needle, needle + period, critical + 1)) memory = needleLength - period;
  else period = max(critical, needleLength - critical - 1) + 1;
  let known = 0;
  let at = from;
  while (length - at >= needleLength) {
    let k = max(critical + 1, known);
    while (k < needleLength && load<u8>(needle + k) === load<u8>(text + at + k)) k++;
    if (k < needleLength) {
      at += k - critical;
      known = 0;
      continue;
    }
    k = critical + 1;
    while (k > known && load<u8>(needle + k - 1) === load<u8>(text + at + k - 1)) k--;
    if (k <= known) return at;
    at += period;
    known = memory;
  }
  return ABSENT;
}

/** Start (minus one, in the high half) and period (low half) of the maximal suffix under one order of the bytes. */
function maximalSuffix(needle: i32, length: i32, reversed: bool): i64 {
  let start = -1;
  let candidate = 0;
  let k = 1;
  let period = 1;
  while (candidate + k < length) {
    const a = load<u8>(needle + start + k);
    const b = load<u8>(needle + candidate + k);
    if (a === b) {
      if (k === period) {
        candidate += period;
        k = 1;
      } else k++;
    } else if (a > b !== reversed) {
      candidate += k;
      k = 1;
      period = candidate - start;
    } else {
      start = candidate++;
      k = 1;
      period = 1;
    }
  }
  return (i64(start) << 32) | i64(period);
}

/** Writes the characters of an ASCII literal of this source; returns the end. */
export function word(at: i32, literal: string): i32 {
  const length = literal.length;
  const from = changetype<usize>(literal);
  for (let i = 0; i < length; i++) store<u8>(at + i, load<u8>(from + (i << 1)));
  return at + length;
}
