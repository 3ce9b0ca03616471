// `text.format(values)`: verbs in a text are replaced by values, %s %d %f %e %x %X %b %o and %%. Never quotes; what is cut
// gives a text that is cut, where that can be told.

import {
  ERR_BUDGET,
  ERR_CONVERSION,
  ERR_INVALID_ARGUMENT,
  ERR_NO_SUCH_OVERLOAD,
  ERR_TRUNCATED,
  SLOT_BYTES,
  TAG_BIG,
  TAG_BYTES,
  TAG_ENUM,
  TAG_ERROR,
  TAG_LIST,
  TAG_MAP,
  TAG_NULL,
  TAG_OBJECT,
  TAG_OPAQUE,
  TAG_STRING,
  TAG_TYPE,
} from "./abi.ts";
import { charge, chargeBytes, error, fail, locate, pack, packed } from "./budget.ts";
import { printScalar } from "./convert.ts";
import { CLOSE_LIST, CLOSE_MAP, COLON, COMMA, NULL, OPEN_LIST, OPEN_MAP } from "./marks.ts";
import { bigText } from "./numbers.ts";
import { HEX_BYTES, KIND_F, KIND_S, KIND_X, KIND_X_UPPER, printHex, printNumeral, radixBits } from "./numerals.ts";
import { ordered } from "./ordered.ts";
import { NUMBER, PRINT } from "./scratch.ts";
import { fromBool, heldOf, isCut, isPartial, lengthOfSlot, pairsOf, pointerOf, tagOf } from "./slots.ts";
import { isUtf8 } from "./text.ts";
import { append, appendMark, begin, finish, leaveOut } from "./writer.ts";

/** Digits behind the point that may be asked for. */
const MAX_PRECISION: i32 = 100;
/** Containers in containers. */
const MAX_DEPTH: i32 = 100;

/** `text.format(list)`. */
export function format(text: i32, list: i32, node: i32): i32 {
  if (tagOf(text) === TAG_ERROR) return locate(text, node);
  if (tagOf(list) === TAG_ERROR) return locate(list, node);
  if (tagOf(text) !== TAG_STRING || tagOf(list) !== TAG_LIST) return error(ERR_NO_SUCH_OVERLOAD, node);
  if (isCut(text)) return error(ERR_TRUNCATED, node);
  if (!chargeBytes(lengthOfSlot(text))) return fail(node);
  const values = ordered(list, 0);
  if (values === 0) return fail(node);
  const end = pointerOf(text) + lengthOfSlot(text);
  let from = pointerOf(text);
  let used = 0;
  begin();
  for (let at = from; at < end; at++) {
    if (load<u8>(at) !== 37) continue;
    if (!charge(1)) return fail(node);
    append(from, at - from);
    // Outside the text stands nothing that is a verb.
    if (++at < end && load<u8>(at) === 37) {
      from = at;
      continue;
    }
    let precision = -1;
    if (at < end && load<u8>(at) === 46) {
      const dot = at++;
      for (precision = 0; at < end && u32(load<u8>(at)) - 48 < 10; at++) {
        precision = min(precision * 10 + i32(load<u8>(at)) - 48, MAX_PRECISION + 1);
      }
      if (at === dot + 1 || precision > MAX_PRECISION) return error(ERR_INVALID_ARGUMENT, node);
    }
    if (at === end || !isVerb(i32(load<u8>(at)))) return error(ERR_INVALID_ARGUMENT, node);
    if (used >= heldOf(values)) return error(isPartial(values) ? ERR_TRUNCATED : ERR_INVALID_ARGUMENT, node);
    const bad = substitute(pointerOf(values) + used * SLOT_BYTES, i32(load<u8>(at)), precision, node);
    if (bad !== 0) return fromBool(bad);
    used++;
    from = at + 1;
  }
  append(from, end - from);
  return finish(TAG_STRING, node);
}

/** s d f e and the radixes. */
function isVerb(letter: i32): bool {
  return letter === KIND_S || u32(letter - 100) <= u32(KIND_F - 100) || radixBits(letter) > 0;
}

/** Appends one value; 0 or a packed error. */
function substitute(slot: i32, verb: i32, precision: i32, node: i32): i32 {
  if (!charge(1)) return pack(ERR_BUDGET, node);
  const tag = tagOf(slot);
  if (tag === TAG_ERROR) return packed(slot, node);
  if (verb === KIND_S) return write(slot, node, 0);
  if ((verb | 32) === KIND_X && (tag === TAG_STRING || tag === TAG_BYTES)) {
    if (!chargeBytes(lengthOfSlot(slot))) return pack(ERR_BUDGET, node);
    for (let at = 0; at < lengthOfSlot(slot); at += HEX_BYTES) {
      const bytes = min(lengthOfSlot(slot) - at, HEX_BYTES);
      append(NUMBER, printHex(pointerOf(slot) + at, bytes, verb === KIND_X_UPPER) - NUMBER);
    }
    if (isCut(slot)) leaveOut();
    return 0;
  }
  const end = printNumeral(slot, verb, precision);
  if (end < 0) return pack(-end, node);
  append(NUMBER, end - NUMBER);
  return 0;
}

/** Appends what `string(value)` is; elements of lists and maps alike, without quotes. */
function write(slot: i32, node: i32, depth: i32): i32 {
  if (!charge(1) || depth > MAX_DEPTH) return pack(ERR_BUDGET, node);
  const end = printScalar(slot);
  if (end !== 0) {
    append(PRINT, end - PRINT);
    return 0;
  }
  const tag = tagOf(slot);
  const length = lengthOfSlot(slot);
  if (tag === TAG_STRING || tag === TAG_TYPE || tag === TAG_OPAQUE) append(pointerOf(slot), length);
  else if (tag === TAG_BIG) append(bigText(slot), length);
  else if (tag === TAG_NULL) appendMark(NULL);
  else if (tag === TAG_BYTES) {
    if (isCut(slot)) return pack(ERR_TRUNCATED, node);
    if (!isUtf8(pointerOf(slot), length)) return pack(ERR_CONVERSION, node);
    append(pointerOf(slot), length);
  } else if (tag === TAG_ENUM) return write(pointerOf(slot) + SLOT_BYTES, node, depth + 1);
  else if (tag === TAG_LIST || tag === TAG_MAP || tag === TAG_OBJECT) return writeAll(slot, node, depth);
  else return tag === TAG_ERROR ? packed(slot, node) : pack(ERR_NO_SUCH_OVERLOAD, node);
  if (isCut(slot)) leaveOut();
  return 0;
}

function writeAll(slot: i32, node: i32, depth: i32): i32 {
  if (isPartial(slot)) return pack(ERR_TRUNCATED, node);
  const isList = tagOf(slot) === TAG_LIST;
  if (tagOf(slot) === TAG_OBJECT && tagOf(pointerOf(slot)) === TAG_STRING) write(pointerOf(slot), node, depth);
  let at = isList ? pointerOf(slot) : pairsOf(slot);
  appendMark(isList ? OPEN_LIST : OPEN_MAP);
  for (let i = 0; i < heldOf(slot); i++) {
    if (i > 0) appendMark(COMMA);
    if (!isList) {
      const bad = write(at, node, depth + 1);
      if (bad !== 0) return bad;
      appendMark(COLON);
      at += SLOT_BYTES;
    }
    const bad = write(at, node, depth + 1);
    if (bad !== 0) return bad;
    at += SLOT_BYTES;
  }
  appendMark(isList ? CLOSE_LIST : CLOSE_MAP);
  return 0;
}
