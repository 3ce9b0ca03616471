// Values as the text of a template, into the fixed output buffer. Never fails on a value; what does not fit ends in "...".
import {
  ERR_CODE_MASK,
  FLAG_NAIVE,
  OUT_BASE,
  OUT_BYTES,
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
import { charge, chargeBytes } from "./budget.ts";
import { printScalar } from "./convert.ts";
import { bigText } from "./numbers.ts";
import { PRINT } from "./scratch.ts";
import { heldOf, isCut, isPartial, lengthOfSlot, pairsOf, pointerOf, tagOf } from "./slots.ts";
import { boundary, word } from "./text.ts";

/** Objects in objects that are still shown with their fields. */
const OBJECT_DEPTH: i32 = 2;
/** Fields shown of one object. */
const OBJECT_FIELDS: i32 = 10;
/** Containers in containers, of any kind: bounds the recursion. */
const MAX_DEPTH: i32 = 16;

/** The code words in the order of ERR_*, from 2 on. */
const CODES: string =
  "no_such_overload no_such_field no_such_key index null_deref divide_by_zero overflow invalid_argument conversion " +
  "not_bool undeclared truncated budget memory redacted side_effect internal ";

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
  if (cut) cursor = word(cursor, "...");
  return cursor - OUT_BASE;
}

/** 1 if the text was cut, because it was too long or the budget was spent. */
export function outCut(): i32 {
  return i32(cut);
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

/** Appends a value in its default form; a text as it is. */
export function outValue(slot: i32): void {
  value(slot, false, 0, 0);
}

/** Appends a value in the form it has inside a list: a text in quotes. */
export function outQuoted(slot: i32): void {
  value(slot, true, 0, 0);
}

function literal(characters: string): void {
  outText(PRINT, word(PRINT, characters) - PRINT);
}

function value(slot: i32, quoted: bool, depth: i32, objects: i32): void {
  if (cut) return;
  if (!charge(1)) {
    cut = true;
    return;
  }
  const end = printScalar(slot);
  if (end !== 0) {
    outText(PRINT, end - PRINT);
    if (load<i32>(slot) & FLAG_NAIVE) literal(" (naive)");
    return;
  }
  const tag = tagOf(slot);
  const length = lengthOfSlot(slot);
  if (tag === TAG_STRING) text(slot, quoted);
  else if (tag === TAG_NULL) literal("null");
  else if (tag === TAG_BIG) outText(bigText(slot), length);
  else if (tag === TAG_LIST) list(slot, depth, objects);
  else if (tag === TAG_MAP) pairs(slot, i32.MAX_VALUE, depth, objects);
  else if (tag === TAG_OBJECT) object(slot, depth, objects);
  else if (tag === TAG_ENUM) value(pointerOf(slot) + SLOT_BYTES, false, depth, objects);
  else if (tag === TAG_TYPE) outText(pointerOf(slot), length);
  else if (tag === TAG_ERROR) failure(length & ERR_CODE_MASK);
  else if (tag === TAG_BYTES) bytes(slot);
  else if (tag === TAG_EACH) literal(length === 0 ? "[]" : "[...]");
  else if (tag === TAG_OPAQUE) {
    literal("<");
    outText(pointerOf(slot), length);
    literal(">");
  } else if (tag === TAG_OPTIONAL) optional(pointerOf(slot), depth, objects);
  else literal("<error: internal>");
}

function optional(held: i32, depth: i32, objects: i32): void {
  if (held === 0) {
    literal("optional.none()");
    return;
  }
  literal("optional.of(");
  if (depth < MAX_DEPTH) value(held, true, depth + 1, objects);
  literal(")");
}

function failure(code: i32): void {
  literal("<error: ");
  let at: i32 = 0;
  const end = CODES.length;
  const from = changetype<usize>(CODES);
  for (let skip = code - 2; skip > 0 && at < end; at++) skip -= i32(load<u8>(from + (at << 1)) === 32);
  let to = PRINT;
  for (; at < end && load<u8>(from + (at << 1)) !== 32; at++) store<u8>(to++, load<u8>(from + (at << 1)));
  outText(PRINT, to - PRINT);
  literal(">");
}

function text(slot: i32, quoted: bool): void {
  if (quoted) {
    literal('"');
    escaped(pointerOf(slot), lengthOfSlot(slot), false);
  } else outText(pointerOf(slot), lengthOfSlot(slot));
  if (isCut(slot)) literal("...");
  if (quoted) literal('"');
}

function bytes(slot: i32): void {
  literal('b"');
  escaped(pointerOf(slot), lengthOfSlot(slot), true);
  literal(isCut(slot) ? '..."' : '"');
}

/** Text between quotes as JSON has it; of bytes, everything but printable ASCII as \xNN. */
function escaped(at: i32, length: i32, binary: bool): void {
  const end = at + length;
  while (at < end && !cut) {
    const from = at;
    while (at < end && !isSpecial(i32(load<u8>(at)), binary)) at++;
    outText(from, at - from);
    if (at === end || cut) return;
    writeEscape(i32(load<u8>(at++)), binary);
  }
}

function isSpecial(character: i32, binary: bool): bool {
  return character < 32 || character === 34 || character === 92 || (binary && character > 126);
}

function writeEscape(character: i32, binary: bool): void {
  if (!charge(1)) cut = true;
  store<u8>(PRINT, 92);
  let to = PRINT + 2;
  if (character === 34 || character === 92) store<u8>(PRINT + 1, character);
  else if (!binary && character >= 8 && character <= 13 && character !== 11) {
    // b t n - f r, from 8 on.
    store<u8>(PRINT + 1, u8(u64(0x72662d6e7462) >> ((character - 8) << 3)));
  } else {
    to = binary ? word(PRINT + 1, "x") : word(PRINT + 1, "u00");
    store<u8>(to++, hexDigit(character >> 4));
    store<u8>(to++, hexDigit(character & 15));
  }
  outText(PRINT, to - PRINT);
}

function hexDigit(digit: i32): i32 {
  return digit < 10 ? 48 + digit : 87 + digit;
}

function list(slot: i32, depth: i32, objects: i32): void {
  literal("[");
  const count = depth < MAX_DEPTH ? heldOf(slot) : 0;
  for (let i = 0; i < count && !cut; i++) {
    if (i > 0) literal(", ");
    value(pointerOf(slot) + i * SLOT_BYTES, true, depth + 1, objects);
  }
  rest(slot, count);
  literal("]");
}

/** Says that a container has more than was shown. */
function rest(slot: i32, shown: i32): void {
  if (shown < heldOf(slot) || isPartial(slot)) literal(shown > 0 ? ", ..." : "...");
}

function object(slot: i32, depth: i32, objects: i32): void {
  const name = pointerOf(slot);
  if (tagOf(name) === TAG_STRING) text(name, false);
  pairs(slot, objects < OBJECT_DEPTH ? OBJECT_FIELDS : 0, depth, objects + 1);
}

function pairs(slot: i32, limit: i32, depth: i32, objects: i32): void {
  literal("{");
  const isObject = tagOf(slot) === TAG_OBJECT;
  const count = depth < MAX_DEPTH ? min(heldOf(slot), limit) : 0;
  let pair = pairsOf(slot);
  for (let i = 0; i < count && !cut; i++, pair += 2 * SLOT_BYTES) {
    if (i > 0) literal(", ");
    value(pair, !isObject, depth + 1, objects);
    literal(": ");
    value(pair + SLOT_BYTES, true, depth + 1, objects);
  }
  rest(slot, count);
  literal("}");
}
