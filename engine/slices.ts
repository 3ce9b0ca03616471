// `charAt`, `substring`, `indexOf`, `lastIndexOf`: places in a text, counted in code points. Of a text that is cut only what
// is held gives an answer.
import {
  ERR_INDEX,
  ERR_NO_SUCH_OVERLOAD,
  ERR_TRUNCATED,
  FLAG_TRUNCATED,
  TAG_BIG,
  TAG_DOUBLE,
  TAG_ERROR,
  TAG_STRING,
  TAG_UINT,
} from "./abi.ts";
import { alloc, chargeBytes, error, fail, locate } from "./budget.ts";
import { asDouble, int64, isNumber } from "./numbers.ts";
import { isCut, lengthOfSlot, makeInt, makePointer, pointerOf, tagOf } from "./slots.ts";
import { ABSENT, codePoints, find, offsetOf, SPENT } from "./text.ts";

/** What `readWhole` read. */
export let whole: i64 = 0;

/** Reads an int, or what counts as one: an integral double or a uint; -1 if it is not written. 0, or the code of an error. */
export function readWhole(slot: i32): i32 {
  whole = -1;
  if (slot === 0) return 0;
  const tag = tagOf(slot);
  if (!isNumber(tag)) return ERR_NO_SUCH_OVERLOAD;
  if (tag === TAG_BIG) return ERR_INDEX;
  if (tag === TAG_DOUBLE) {
    const value = asDouble(slot);
    if (Math.trunc(value) !== value) return ERR_NO_SUCH_OVERLOAD;
    // Saturates.
    whole = i64(Math.max(Math.min(value, 9e15), -9e15));
    return 0;
  }
  whole = int64(slot);
  if (tag === TAG_UINT && whole < 0) whole = i64.MAX_VALUE;
  return 0;
}

/** 0 if the first `texts` operands are strings, otherwise the error: first of all one that an operand is. 0 is no operand. */
export function refused(texts: i32, a: i32, b: i32, c: i32, d: i32, node: i32): i32 {
  if (tagOf(a) === TAG_ERROR) return locate(a, node);
  if (b !== 0 && tagOf(b) === TAG_ERROR) return locate(b, node);
  if (c !== 0 && tagOf(c) === TAG_ERROR) return locate(c, node);
  if (d !== 0 && tagOf(d) === TAG_ERROR) return locate(d, node);
  if (tagOf(a) === TAG_STRING && (texts === 1 || tagOf(b) === TAG_STRING)) {
    if (texts < 3 || tagOf(c) === TAG_STRING) return 0;
  }
  return error(ERR_NO_SUCH_OVERLOAD, node);
}

/** A part of a text, in place. */
export function part(text: i32, from: i32, to: i32, flag: i32, node: i32): i32 {
  return makePointer(TAG_STRING | flag, to - from, pointerOf(text) + from, 0, node);
}

/** The byte where the character that an operand counts begins, or the negated code of an error. */
function byteAt(text: i32, position: i32): i32 {
  const bad = readWhole(position);
  if (bad !== 0) return -bad;
  const length = lengthOfSlot(text);
  if (whole < 0) return -ERR_INDEX;
  if (whole <= i64(length)) {
    const at = offsetOf(pointerOf(text), length, i32(whole));
    if (at !== ABSENT) return at;
  }
  return isCut(text) ? -ERR_TRUNCATED : -ERR_INDEX;
}

/** `text.charAt(position)`: behind the last character, nothing. */
export function charAt(text: i32, position: i32, node: i32): i32 {
  const bad = refused(1, text, position, 0, 0, node);
  if (bad !== 0) return bad;
  if (!chargeBytes(lengthOfSlot(text))) return fail(node);
  const at = byteAt(text, position);
  if (at < 0) return error(-at, node);
  const length = lengthOfSlot(text);
  if (at === length) return isCut(text) ? error(ERR_TRUNCATED, node) : part(text, at, at, 0, node);
  let to = at + 1;
  while (to < length && (load<u8>(pointerOf(text) + to) & 0xc0) === 0x80) to++;
  return part(text, at, to, 0, node);
}

/** `text.substring(from)` and `text.substring(from, to)`. */
export function substring(text: i32, from: i32, to: i32, node: i32): i32 {
  const bad = refused(1, text, from, to, 0, node);
  if (bad !== 0) return bad;
  if (!chargeBytes(2 * lengthOfSlot(text))) return fail(node);
  const start = byteAt(text, from);
  const first = whole;
  if (to === 0) {
    if (start < 0) return error(-start, node);
    return part(text, start, lengthOfSlot(text), isCut(text) ? FLAG_TRUNCATED : 0, node);
  }
  const end = byteAt(text, to);
  if (start === -ERR_NO_SUCH_OVERLOAD || end === -ERR_NO_SUCH_OVERLOAD) return error(ERR_NO_SUCH_OVERLOAD, node);
  // A range that is wrong in itself is wrong in every text.
  if (first > whole || first < 0) return error(ERR_INDEX, node);
  if (start < 0) return error(-start, node);
  return end < 0 ? error(-end, node) : part(text, start, end, 0, node);
}

/** `text.indexOf(part)` and `text.indexOf(part, from)`: -1 if it is not there. */
export function indexOf(text: i32, part: i32, from: i32, node: i32): i32 {
  const bad = refused(2, text, part, from, 0, node);
  if (bad !== 0) return bad;
  const length = lengthOfSlot(text);
  if (!chargeBytes(2 * length)) return fail(node);
  let start = 0;
  let skipped: i64 = 0;
  if (from !== 0) {
    start = byteAt(text, from);
    if (start < 0) return error(-start, node);
    skipped = whole;
  }
  const at = find(pointerOf(text) + start, length - start, pointerOf(part), lengthOfSlot(part));
  if (at === SPENT) return fail(node);
  if (at === ABSENT) return isCut(text) ? error(ERR_TRUNCATED, node) : makeInt(-1, node);
  // Where the beginning of a cut part stands, the part may stand or not.
  if (isCut(part)) return error(ERR_TRUNCATED, node);
  return makeInt(skipped + codePoints(pointerOf(text) + start, at), node);
}

/** `text.lastIndexOf(part)` and `text.lastIndexOf(part, from)`: the last one that begins at `from` or before it. */
export function lastIndexOf(text: i32, part: i32, from: i32, node: i32): i32 {
  const bad = refused(2, text, part, from, 0, node);
  if (bad !== 0) return bad;
  const wanted = lengthOfSlot(part);
  let length = lengthOfSlot(text);
  if (!chargeBytes(2 * length)) return fail(node);
  if (from !== 0) {
    const start = byteAt(text, from);
    if (start < 0) return error(-start, node);
    if (isCut(text) && start + wanted > length) return error(ERR_TRUNCATED, node);
    length = min(length, start + wanted);
  } else if (isCut(text)) return error(ERR_TRUNCATED, node);
  const at = findLast(pointerOf(text), length, pointerOf(part), wanted);
  if (at === SPENT) return fail(node);
  if (at === ABSENT) return makeInt(-1, node);
  if (isCut(part)) return error(ERR_TRUNCATED, node);
  return makeInt(codePoints(pointerOf(text), at), node);
}

/** Where `needle` last stands in `text`: where it first stands read from behind, which keeps the search linear. */
function findLast(text: i32, length: i32, needle: i32, needleLength: i32): i32 {
  if (needleLength > length) return ABSENT;
  if (needleLength === 0) return length;
  const backward = alloc(length + needleLength);
  // What is wrong with the arena shows as soon as the answer is allocated.
  if (backward === 0) return SPENT;
  mirror(backward, text, length);
  mirror(backward + length, needle, needleLength);
  const at = find(backward, length, backward + length, needleLength);
  return at < 0 ? at : length - needleLength - at;
}

/** Copies bytes in the opposite order. */
function mirror(to: i32, from: i32, length: i32): void {
  for (let i = 0; i < length; i++) store<u8>(to + i, load<u8>(from + length - 1 - i));
}
