// The methods that make new texts: case, trim, reverse, join, split, replace, quote. A text that is cut gives a text that is
// cut where the beginning is certain, and `truncated` elsewhere.
import {
  ERR_NO_SUCH_OVERLOAD,
  ERR_TRUNCATED,
  FLAG_TRUNCATED,
  SLOT_BYTES,
  SLOT_LENGTH,
  SLOT_PAYLOAD,
  TAG_ERROR,
  TAG_LIST,
  TAG_STRING,
} from "./abi.ts";
import { alloc, allocSlot, charge, chargeBytes, error, fail, locate } from "./budget.ts";
import { QUOTE } from "./marks.ts";
import { PRINT } from "./scratch.ts";
import { part, readWhole, refused, whole } from "./slices.ts";
import { heldOf, isCut, isPartial, lengthOfSlot, makePointer, pointerOf, tagOf } from "./slots.ts";
import { boundary, scan } from "./text.ts";
import { append, appendMark, begin, finish, leaveOpen, leaveOut } from "./writer.ts";

/** `text.lowerAscii()`. */
export function lowerAscii(text: i32, node: i32): i32 {
  return inCase(text, 65, node);
}

/** `text.upperAscii()`. */
export function upperAscii(text: i32, node: i32): i32 {
  return inCase(text, 97, node);
}

/** The text with the 26 letters from `first` on in the other case. */
function inCase(text: i32, first: i32, node: i32): i32 {
  const bad = refused(1, text, 0, 0, 0, node);
  if (bad !== 0) return bad;
  const length = lengthOfSlot(text);
  const at = alloc(length);
  if (at === 0) return fail(node);
  for (let i = 0; i < length; i++) {
    const character = i32(load<u8>(pointerOf(text) + i));
    store<u8>(at + i, u32(character - first) < 26 ? character ^ 32 : character);
  }
  return makePointer(load<i32>(text), length, at, 0, node);
}

/** `text.reverse()`, by code points. */
export function reverse(text: i32, node: i32): i32 {
  const bad = refused(1, text, 0, 0, 0, node);
  if (bad !== 0) return bad;
  if (isCut(text)) return error(ERR_TRUNCATED, node);
  const length = lengthOfSlot(text);
  const from = pointerOf(text);
  const at = chargeBytes(length) ? alloc(length) : 0;
  if (at === 0) return fail(node);
  let to = at;
  for (let end = length; end > 0; ) {
    const start = boundary(from, end - 1);
    for (let i = start; i < end; i++) store<u8>(to++, load<u8>(from + i));
    end = start;
  }
  return makePointer(TAG_STRING, length, at, 0, node);
}

/** `text.trim()`: white space as Unicode has it, at both ends. */
export function trim(text: i32, node: i32): i32 {
  const bad = refused(1, text, 0, 0, 0, node);
  if (bad !== 0) return bad;
  const length = lengthOfSlot(text);
  const at = pointerOf(text);
  // A blank takes longer than other characters.
  if (!chargeBytes(3 * length)) return fail(node);
  let from = 0;
  for (let wide = 1; from < length; from += wide) {
    wide = spaceAt(at + from, length - from);
    if (wide === 0) break;
  }
  let to = length;
  while (to > from) {
    const last = boundary(at, to - 1);
    if (spaceAt(at + last, to - last) === 0) break;
    to = last;
  }
  if (!isCut(text)) return part(text, from, to, 0, node);
  // What follows may be blanks only: then the text ends with the character that is not held here.
  if (to === from) return error(ERR_TRUNCATED, node);
  return part(text, from, from + boundary(at + from, to - from - 1), FLAG_TRUNCATED, node);
}

/** Bytes of the white space that a text begins with, or 0. */
function spaceAt(at: i32, length: i32): i32 {
  const head = i32(load<u8>(at));
  if (head < 0x80) return i32(head === 32 || u32(head - 9) < 5);
  if (length >= 2 && head === 0xc2) {
    const second = load<u8>(at + 1);
    return second === 0x85 || second === 0xa0 ? 2 : 0;
  }
  if (length < 3 || head < 0xe0 || head > 0xef) return 0;
  const code = ((head & 15) << 12) | ((i32(load<u8>(at + 1)) & 63) << 6) | (i32(load<u8>(at + 2)) & 63);
  const isSpace =
    code === 0x1680 ||
    u32(code - 0x2000) <= 10 ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000;
  return isSpace ? 3 : 0;
}

/** `list.join()` and `list.join(separator)`. */
export function join(list: i32, separator: i32, node: i32): i32 {
  if (tagOf(list) === TAG_ERROR) return locate(list, node);
  if (separator !== 0 && tagOf(separator) === TAG_ERROR) return locate(separator, node);
  if (tagOf(list) !== TAG_LIST || (separator !== 0 && tagOf(separator) !== TAG_STRING)) {
    return error(ERR_NO_SUCH_OVERLOAD, node);
  }
  const count = heldOf(list);
  begin();
  for (let i = 0; i < count; i++) {
    if (!charge(1)) return fail(node);
    const element = pointerOf(list) + i * SLOT_BYTES;
    if (i > 0 && separator !== 0) appendText(separator);
    const bad = refused(1, element, 0, 0, 0, node);
    if (bad !== 0) return bad;
    appendText(element);
  }
  if (isPartial(list)) {
    if (count > 0 && separator !== 0) appendText(separator);
    leaveOpen();
  }
  return finish(TAG_STRING, node);
}

/** Appends a string; what follows one that is cut is not known. */
function appendText(slot: i32): void {
  append(pointerOf(slot), lengthOfSlot(slot));
  if (isCut(slot)) leaveOut();
}

/** Bytes of the character at `at`. */
function characterLength(at: i32): i32 {
  const head = i32(load<u8>(at));
  return head < 0x80 ? 1 : head < 0xe0 ? 2 : head < 0xf0 ? 3 : 4;
}

/** Where the next piece ends that a separator divides off; `length` if there is none. Charges for the way there; -1 if spent. */
function nextPiece(at: i32, length: i32, needle: i32, needleLength: i32): i32 {
  if (needleLength === 0) {
    const end = min(length, characterLength(at));
    return charge(1) ? end : -1;
  }
  const found = needleLength > length ? length : scan(at, length, needle, needleLength);
  const end = found < 0 ? length : found;
  return charge(((end + needleLength) >>> 4) + 1) ? end : -1;
}

/** `text.split(separator)` and `text.split(separator, pieces)`. Nothing separates characters. */
export function split(text: i32, separator: i32, limit: i32, node: i32): i32 {
  const bad = refused(2, text, separator, limit, 0, node);
  if (bad !== 0) return bad;
  const wrong = readWhole(limit);
  if (wrong !== 0) return error(wrong, node);
  if (isCut(text) || isCut(separator)) return error(ERR_TRUNCATED, node);
  const end = pointerOf(text) + lengthOfSlot(text);
  const wide = lengthOfSlot(separator);
  let left = whole;
  let at = pointerOf(text);
  let first = 0;
  let count = 0;
  if (left === 0 || (wide === 0 && at === end)) return makePointer(TAG_LIST, 0, 0, 0, node);
  for (let more = true; more; left--) {
    let piece = end - at;
    if (left !== 1 && piece > 0) piece = nextPiece(at, piece, pointerOf(separator), wide);
    if (piece < 0) return fail(node);
    // Slots that are allocated one after the other lie side by side.
    const slot = allocSlot();
    if (slot === 0) return fail(node);
    if (first === 0) first = slot;
    store<i32>(slot, TAG_STRING);
    store<i32>(slot + SLOT_LENGTH, piece);
    store<i64>(slot + SLOT_PAYLOAD, at);
    count++;
    more = piece < end - at;
    at += piece + wide;
  }
  return makePointer(TAG_LIST, count, first, count, node);
}

/** `text.replace(old, new)` and `text.replace(old, new, times)`. An empty `old` stands around every character. */
export function replace(text: i32, old: i32, by: i32, limit: i32, node: i32): i32 {
  const bad = refused(3, text, old, by, limit, node);
  if (bad !== 0) return bad;
  const wrong = readWhole(limit);
  if (wrong !== 0) return error(wrong, node);
  if (isCut(text) || isCut(old)) return error(ERR_TRUNCATED, node);
  const end = pointerOf(text) + lengthOfSlot(text);
  const wide = lengthOfSlot(old);
  let left = whole;
  let at = pointerOf(text);
  begin();
  if (wide === 0 && left !== 0) {
    appendText(by);
    left--;
  }
  while (at < end && left !== 0) {
    const piece = nextPiece(at, end - at, pointerOf(old), wide);
    if (piece < 0) return fail(node);
    append(at, piece);
    at += piece;
    if (at === end && wide > 0) break;
    appendText(by);
    at += wide;
    left--;
  }
  append(at, end - at);
  return finish(TAG_STRING, node);
}

/** `strings.quote(text)`: the escapes of a CEL literal. */
export function quote(text: i32, node: i32): i32 {
  const bad = refused(1, text, 0, 0, 0, node);
  if (bad !== 0) return bad;
  if (!chargeBytes(lengthOfSlot(text))) return fail(node);
  begin();
  appendMark(QUOTE);
  const end = pointerOf(text) + lengthOfSlot(text);
  let from = pointerOf(text);
  for (let at = from; at < end; at++) {
    const character = i32(load<u8>(at));
    if (u32(character - 7) >= 7 && character !== 34 && character !== 92) continue;
    if (!charge(1)) return fail(node);
    append(from, at - from);
    from = at + 1;
    // a b t n v f r, from 7 on.
    const letter = character < 14 ? ((u64(0x726676) << 32) | 0x6e746261) >> ((character - 7) << 3) : character;
    store<u16>(PRINT, 92 | (u16(letter & 255) << 8));
    append(PRINT, 2);
  }
  append(from, end - from);
  if (isCut(text)) leaveOut();
  appendMark(QUOTE);
  return finish(TAG_STRING, node);
}
