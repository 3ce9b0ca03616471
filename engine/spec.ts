// A value in the format of a template hole: kind, precision, sign, zeros, groups, width. A kind that does not fit the value
// gives `<error: code>`; what only numbers have is ignored on everything else.

import {
  FORMAT_ALIGN_SHIFT,
  FORMAT_DEPTH_SHIFT,
  FORMAT_FILL_MASK,
  FORMAT_GROUP_SHIFT,
  FORMAT_KIND_SHIFT,
  FORMAT_PRECISION_SHIFT,
  FORMAT_SIGN_SHIFT,
  FORMAT_WIDTH_MASK,
  FORMAT_ZERO,
  SLOT_LENGTH,
  TAG_BIG,
  TAG_BYTES,
  TAG_ERROR,
  TAG_STRING,
} from "./abi.ts";
import { printScalar } from "./convert.ts";
import { outJson } from "./json.ts";
import { DOTS } from "./marks.ts";
import { bigText, isNumber } from "./numbers.ts";
import {
  HEX_BYTES,
  KIND_G,
  KIND_J,
  KIND_Q,
  KIND_S,
  KIND_X,
  KIND_X_UPPER,
  printHex,
  printNumeral,
  radixBits,
} from "./numerals.ts";
import { isFull, next, outAround, outMark, outPlace, outShorten, outText, outWidth } from "./output.ts";
import { outFailure, outQuoted, outValue } from "./render.ts";
import { DECORATED, NUMBER, PRINT } from "./scratch.ts";
import { copyTo, isCut, lengthOfSlot, pointerOf, tagOf } from "./slots.ts";
import { ABSENT, offsetOf } from "./text.ts";

/** Columns that the output has room for behind its end. */
const MAX_WIDTH: i32 = 1024;
/** Digits that DECORATED has room for, with their separators and zeros before them. */
const MAX_DECORATED: i32 = 1800;

/** Appends a value; `style` and `sizes` are the packed format of abi.ts. */
export function outFormatted(slot: i32, style: i32, sizes: i32): void {
  if (!next()) return;
  const from = outPlace();
  const width = min(sizes & FORMAT_WIDTH_MASK, MAX_WIDTH);
  const toTheRight = content(slot, style, sizes, width);
  const missing = width - outWidth(from);
  const align = (style >> FORMAT_ALIGN_SHIFT) & 3;
  let before = 0;
  if (align === 2 || (align === 0 && toTheRight)) before = missing;
  else if (align === 3) before = missing >> 1;
  outAround(from, before, missing - before, style & FORMAT_FILL_MASK);
}

/** Appends the value without what fills the width; true for a number. */
function content(slot: i32, style: i32, sizes: i32, width: i32): bool {
  const tag = tagOf(slot);
  const kind = (sizes >> FORMAT_KIND_SHIFT) & 0x7f;
  const precision = ((sizes >> FORMAT_PRECISION_SHIFT) & 0x7f) - 1;
  if (tag === TAG_ERROR) outValue(slot);
  else if (kind === KIND_J) outJson(slot, (sizes >> FORMAT_DEPTH_SHIFT) & 7);
  else if (kind === KIND_Q || kind === KIND_S || (kind === 0 && !isNumber(tag)))
    worded(slot, kind === KIND_Q, precision);
  else if (kind === 0 && precision < 0) {
    if (tag === TAG_BIG) decorate(bigText(slot), bigText(slot) + lengthOfSlot(slot), style, width, 3);
    else decorate(PRINT, printScalar(slot), style, width, 3);
    return true;
  } else if ((kind | 32) === KIND_X && (tag === TAG_STRING || tag === TAG_BYTES))
    hexadecimal(slot, kind === KIND_X_UPPER);
  else {
    const end = printNumeral(slot, kind === 0 ? KIND_G : kind, precision);
    if (end >= 0) {
      decorate(NUMBER, end, style, width, radixBits(kind) > 0 ? 4 : 3);
      return true;
    }
    outFailure(-end);
  }
  return false;
}

/** The default text, or the quoted one, of at most `precision` characters, not counting the quotes. */
function worded(slot: i32, quoted: bool, precision: i32): void {
  const from = outPlace();
  if (precision >= 0 && tagOf(slot) === TAG_STRING) {
    const kept = offsetOf(pointerOf(slot), lengthOfSlot(slot), precision);
    if (kept !== ABSENT) {
      // A shorter text, for this call only.
      copyTo(PRINT + 64, slot);
      store<i32>(PRINT + 64, TAG_STRING);
      store<i32>(PRINT + 64 + SLOT_LENGTH, kept);
      slot = PRINT + 64;
    }
  }
  if (quoted) outQuoted(slot);
  else outValue(slot);
  if (precision >= 0 && tagOf(slot) !== TAG_STRING && !isFull()) outShorten(from, precision);
}

function hexadecimal(slot: i32, upper: bool): void {
  for (let at = 0; at < lengthOfSlot(slot) && next(); at += HEX_BYTES) {
    const bytes = min(lengthOfSlot(slot) - at, HEX_BYTES);
    outText(NUMBER, printHex(pointerOf(slot) + at, bytes, upper) - NUMBER);
  }
  if (isCut(slot)) outMark(DOTS);
}

/** Separators in so many digits. */
function separators(digits: i32, group: i32): i32 {
  return group > 0 ? (digits - 1) / group : 0;
}

/** Appends the text of a number with its sign, zeros up to the width and separators every `size` digits. */
function decorate(text: i32, end: i32, style: i32, width: i32, size: i32): void {
  if (end - text > MAX_DECORATED) {
    outText(text, end - text);
    return;
  }
  let to = DECORATED;
  let from = text;
  const sign = (style >> FORMAT_SIGN_SHIFT) & 3;
  const minus = load<u8>(from) === 45;
  if (minus) from++;
  if (minus || sign > 0) store<u8>(to++, minus ? 45 : sign === 1 ? 43 : 32);
  let digits = 0;
  // All of a radix number is digits, and it is no longer than 64 of them.
  while (from + digits < end && (size === 4 || u32(load<u8>(from + digits)) - 48 < 10)) digits++;
  const mark = (style >> FORMAT_GROUP_SHIFT) & 3;
  const group = mark > 0 ? size : 0;
  let zeros = 0;
  // An alignment that is written wins over the zeros, which would be wrong behind a number.
  const isAligned = ((style >> FORMAT_ALIGN_SHIFT) & 3) !== 0;
  if ((style & FORMAT_ZERO) !== 0 && !isAligned && digits > 0) {
    const missing = width - (to - DECORATED) - (end - from);
    while (zeros + separators(digits + zeros, group) < missing) zeros++;
  }
  const total = zeros + digits;
  for (let i = 0; i < total; i++) {
    if (i > 0 && group > 0 && (total - i) % group === 0) store<u8>(to++, mark === 1 ? 44 : 95);
    store<u8>(to++, i < zeros ? 48 : load<u8>(from + i - zeros));
  }
  memory.copy(to, from + digits, end - from - digits);
  outText(DECORATED, to + end - from - digits - DECORATED);
}
