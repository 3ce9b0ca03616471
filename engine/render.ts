// Values as the text of a template. Never fails on a value.

import {
  ERR_CODE_MASK,
  ERR_INTERNAL,
  FLAG_NAIVE,
  SLOT_BYTES,
  TAG_BIG,
  TAG_BYTES,
  TAG_EACH,
  TAG_ENUM,
  TAG_ERROR,
  TAG_LIST,
  TAG_MAP,
  TAG_NULL,
  TAG_OBJECT,
  TAG_OPAQUE,
  TAG_OPTIONAL,
  TAG_STRING,
  TAG_TYPE,
} from "./abi.ts";
import { printScalar } from "./convert.ts";
import {
  BYTES_QUOTE,
  CLOSE,
  CLOSE_LIST,
  CLOSE_MAP,
  COLON,
  COMMA,
  DOTS,
  GREATER,
  LESS,
  NULL,
  OPEN_LIST,
  OPEN_MAP,
  QUOTE,
} from "./marks.ts";
import { bigText } from "./numbers.ts";
import { hexDigit } from "./numerals.ts";
import { isFull, literal, next, outMark, outText } from "./output.ts";
import { PRINT } from "./scratch.ts";
import { heldOf, isCut, isPartial, lengthOfSlot, pairsOf, pointerOf, tagOf } from "./slots.ts";
import { word } from "./text.ts";

/** Objects in objects that are still shown with their fields. */
const OBJECT_DEPTH: i32 = 2;
/** Fields shown of one object. */
const OBJECT_FIELDS: i32 = 10;
/** Containers in containers, of any kind: bounds the recursion. */
export const MAX_DEPTH: i32 = 16;

/** The code words in the order of ERR_*, from 2 on; in one piece, because a `+` would join them when the engine starts. */
const CODES: string =
  "no_such_overload no_such_field no_such_key index null_deref divide_by_zero overflow invalid_argument conversion not_bool undeclared truncated budget memory redacted side_effect internal ";

/** Appends a value in its default form; a text as it is. */
export function outValue(slot: i32): void {
  value(slot, false, 0, 0);
}

/** Appends a value in the form it has inside a list: a text in quotes. */
export function outQuoted(slot: i32): void {
  value(slot, true, 0, 0);
}

function value(slot: i32, quoted: bool, depth: i32, objects: i32): void {
  if (!next()) return;
  const end = printScalar(slot);
  if (end !== 0) {
    outText(PRINT, end - PRINT);
    if (load<i32>(slot) & FLAG_NAIVE) literal(" (naive)");
    return;
  }
  const tag = tagOf(slot);
  const length = lengthOfSlot(slot);
  if (tag === TAG_STRING) text(slot, quoted);
  else if (tag === TAG_NULL) outMark(NULL);
  else if (tag === TAG_BIG) outText(bigText(slot), length);
  else if (tag === TAG_LIST) list(slot, depth, objects);
  else if (tag === TAG_MAP) pairs(slot, i32.MAX_VALUE, depth, objects);
  else if (tag === TAG_OBJECT) object(slot, depth, objects);
  else if (tag === TAG_ENUM) value(pointerOf(slot) + SLOT_BYTES, false, depth, objects);
  else if (tag === TAG_TYPE) outText(pointerOf(slot), length);
  else if (tag === TAG_ERROR) outFailure(length & ERR_CODE_MASK);
  else if (tag === TAG_BYTES) bytes(slot);
  else if (tag === TAG_EACH) {
    outMark(OPEN_LIST);
    if (length > 0) outMark(DOTS);
    outMark(CLOSE_LIST);
  } else if (tag === TAG_OPAQUE) {
    outMark(LESS);
    outText(pointerOf(slot), length);
    outMark(GREATER);
  } else if (tag === TAG_OPTIONAL) optional(pointerOf(slot), depth, objects);
  else outFailure(ERR_INTERNAL);
}

function optional(held: i32, depth: i32, objects: i32): void {
  if (held === 0) {
    literal("optional.none()");
    return;
  }
  literal("optional.of(");
  if (depth < MAX_DEPTH) value(held, true, depth + 1, objects);
  outMark(CLOSE);
}

/** Appends `<error: code>`. */
export function outFailure(code: i32): void {
  literal("<error: ");
  let at: i32 = 0;
  const end = CODES.length;
  const from = changetype<usize>(CODES);
  for (let skip = code - 2; skip > 0 && at < end; at++) skip -= i32(load<u8>(from + (at << 1)) === 32);
  let to = PRINT;
  for (; at < end && load<u8>(from + (at << 1)) !== 32; at++) store<u8>(to++, load<u8>(from + (at << 1)));
  outText(PRINT, to - PRINT);
  outMark(GREATER);
}

/** Appends a text, in quotes as JSON has them or as it is. */
export function text(slot: i32, quoted: bool): void {
  if (quoted) {
    outMark(QUOTE);
    escaped(pointerOf(slot), lengthOfSlot(slot), false);
  } else outText(pointerOf(slot), lengthOfSlot(slot));
  if (isCut(slot)) outMark(DOTS);
  if (quoted) outMark(QUOTE);
}

function bytes(slot: i32): void {
  outMark(BYTES_QUOTE);
  escaped(pointerOf(slot), lengthOfSlot(slot), true);
  if (isCut(slot)) outMark(DOTS);
  outMark(QUOTE);
}

/** Appends what stands between quotes, as JSON has it; of bytes, everything but printable ASCII as \xNN. */
export function escaped(at: i32, length: i32, binary: bool): void {
  const end = at + length;
  while (at < end && !isFull()) {
    const from = at;
    while (at < end && !isSpecial(i32(load<u8>(at)), binary)) at++;
    outText(from, at - from);
    if (at === end || !next()) return;
    writeEscape(i32(load<u8>(at++)), binary);
  }
}

function isSpecial(character: i32, binary: bool): bool {
  return character < 32 || character === 34 || character === 92 || (binary && character > 126);
}

function writeEscape(character: i32, binary: bool): void {
  store<u8>(PRINT, 92);
  let to = PRINT + 2;
  if (character === 34 || character === 92) store<u8>(PRINT + 1, character);
  else if (!binary && character >= 8 && character <= 13 && character !== 11) {
    // b t n - f r, from 8 on.
    store<u8>(PRINT + 1, u8(u64(0x72662d6e7462) >> ((character - 8) << 3)));
  } else {
    to = binary ? word(PRINT + 1, "x") : word(PRINT + 1, "u00");
    store<u8>(to++, hexDigit(character >> 4, false));
    store<u8>(to++, hexDigit(character & 15, false));
  }
  outText(PRINT, to - PRINT);
}

function list(slot: i32, depth: i32, objects: i32): void {
  outMark(OPEN_LIST);
  const count = depth < MAX_DEPTH ? heldOf(slot) : 0;
  for (let i = 0; i < count && !isFull(); i++) {
    if (i > 0) outMark(COMMA);
    value(pointerOf(slot) + i * SLOT_BYTES, true, depth + 1, objects);
  }
  rest(slot, count);
  outMark(CLOSE_LIST);
}

/** Says that a container has more than was shown. */
function rest(slot: i32, shown: i32): void {
  if (shown >= heldOf(slot) && !isPartial(slot)) return;
  if (shown > 0) outMark(COMMA);
  outMark(DOTS);
}

function object(slot: i32, depth: i32, objects: i32): void {
  const name = pointerOf(slot);
  if (tagOf(name) === TAG_STRING) text(name, false);
  pairs(slot, objects < OBJECT_DEPTH ? OBJECT_FIELDS : 0, depth, objects + 1);
}

function pairs(slot: i32, limit: i32, depth: i32, objects: i32): void {
  outMark(OPEN_MAP);
  const isObject = tagOf(slot) === TAG_OBJECT;
  const count = depth < MAX_DEPTH ? min(heldOf(slot), limit) : 0;
  let pair = pairsOf(slot);
  for (let i = 0; i < count && !isFull(); i++, pair += 2 * SLOT_BYTES) {
    if (i > 0) outMark(COMMA);
    value(pair, !isObject, depth + 1, objects);
    outMark(COLON);
    value(pair + SLOT_BYTES, true, depth + 1, objects);
  }
  rest(slot, count);
  outMark(CLOSE_MAP);
}
