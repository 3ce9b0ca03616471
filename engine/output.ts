// The fixed buffer in which the text of a template grows. What does not fit, or is beyond the budget, is cut and ends in "...".
import { OUT_BASE, OUT_BYTES } from "./abi.ts";
import { charge, chargeBytes } from "./budget.ts";
import { DOTS, writeMark } from "./marks.ts";
import { PRINT } from "./scratch.ts";
import { ABSENT, boundary, codePoints, offsetOf, word } from "./text.ts";

let cursor: i32 = OUT_BASE;
let cut: bool = false;
/** Where the text must end. */
let limit: i32 = OUT_BASE + OUT_BYTES;

/** Starts an empty text that may have so many bytes; OUT_BYTES if that is no number of bytes below it. */
export function outBegin(bytes: i32): void {
  limit = OUT_BASE + (bytes > 0 && bytes < OUT_BYTES ? bytes : OUT_BYTES);
  cursor = OUT_BASE;
  cut = false;
}

/** Ends the text; returns its bytes at OUT_BASE, at most OUT_BYTES and the three of "...". */
export function outEnd(): i32 {
  if (cut) cursor = writeMark(cursor, DOTS);
  return cursor - OUT_BASE;
}

/** 1 if the text was cut, because it was too long or the budget was spent. */
export function outCut(): i32 {
  return i32(cut);
}

/** True once nothing can be appended. */
export function isFull(): bool {
  return cut;
}

/** Spends a step for the next piece; false if nothing can be appended. */
export function next(): bool {
  if (!cut && !charge(1)) cut = true;
  return !cut;
}

/** Where the next piece begins. */
export function outPlace(): i32 {
  return cursor;
}

/** Appends UTF-8 text. */
export function outText(text: i32, length: i32): void {
  if (cut) return;
  const room = limit - cursor;
  const fits = length <= room;
  const count = fits ? length : boundary(text, room);
  if (!chargeBytes(count)) {
    cut = true;
    return;
  }
  memory.copy(cursor, text, count);
  cursor += count;
  cut = !fits;
}

/** Appends a mark. */
export function outMark(mark: u64): void {
  outText(PRINT, writeMark(PRINT, mark) - PRINT);
}

/** Appends an ASCII literal of this source, of at most a few words. */
export function literal(characters: string): void {
  outText(PRINT, word(PRINT, characters) - PRINT);
}

/** Keeps the first `count` characters of what was appended since `from`, which cannot have been full then. */
export function outShorten(from: i32, count: i32): void {
  const kept = offsetOf(from, cursor - from, count);
  if (kept === ABSENT || kept === cursor - from) return;
  cursor = from + kept;
  cut = false;
}

/** Puts `before` and `after` times a character around what was appended since `from`. */
export function outAround(from: i32, before: i32, after: i32, fill: i32): void {
  if (cut || before + after <= 0) return;
  const wide = encode(PRINT, fill);
  if (!chargeBytes((before + after) * wide + cursor - from)) {
    cut = true;
    return;
  }
  // Room for twice the buffer follows it: what is beyond the end is cut off afterwards.
  memory.copy(from + before * wide, from, cursor - from);
  repeat(from, before, wide);
  cursor += before * wide;
  repeat(cursor, after, wide);
  cursor += after * wide;
  if (cursor <= limit) return;
  cursor = OUT_BASE + boundary(OUT_BASE, limit - OUT_BASE);
  cut = true;
}

/** Characters appended since `from`. */
export function outWidth(from: i32): i32 {
  return codePoints(from, cursor - from);
}

/** Copies the character at PRINT `count` times. */
function repeat(at: i32, count: i32, wide: i32): void {
  for (; count > 0; count--, at += wide) memory.copy(at, PRINT, wide);
}

/** Writes a code point as UTF-8; returns its bytes. */
function encode(at: i32, point: i32): i32 {
  if (point < 0x80) {
    store<u8>(at, point);
    return 1;
  }
  const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  const head: i32 = 0xf0 << (3 - more);
  store<u8>(at, head | (point >> (6 * more)));
  for (let i = 1; i <= more; i++) store<u8>(at + i, 0x80 | ((point >> (6 * (more - i))) & 63));
  return more + 1;
}
