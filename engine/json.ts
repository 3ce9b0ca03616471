// Values as JSON in the text of a template, to a depth. What JSON has no form for is a text; what is left out says so as "...".

import {
  SLOT_BYTES,
  TAG_BIG,
  TAG_BOOL,
  TAG_BYTES,
  TAG_DOUBLE,
  TAG_EACH,
  TAG_ENUM,
  TAG_INT,
  TAG_LIST,
  TAG_NULL,
  TAG_OPAQUE,
  TAG_OPTIONAL,
  TAG_STRING,
  TAG_UINT,
} from "./abi.ts";
import { encodeThree } from "./encoding.ts";
import {
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
  QUOTED_DOTS,
} from "./marks.ts";
import { asDouble } from "./numbers.ts";
import { isFull, next, outMark, outText } from "./output.ts";
import { escaped, outValue, text } from "./render.ts";
import { PRINT } from "./scratch.ts";
import { heldOf, isCut, isKeyed, isPartial, lengthOfSlot, pairsOf, pointerOf, tagOf } from "./slots.ts";

/** Appends a value with so many levels of its containers. */
export function outJson(slot: i32, depth: i32): void {
  if (!next()) return;
  const tag = tagOf(slot);
  const isPlain = tag === TAG_NULL || tag === TAG_BOOL || tag === TAG_INT || tag === TAG_UINT || tag === TAG_BIG;
  if (isPlain || (tag === TAG_DOUBLE && Number.isFinite(asDouble(slot)))) outValue(slot);
  else if (tag === TAG_STRING) text(slot, true);
  else if (tag === TAG_ENUM) outJson(pointerOf(slot) + SLOT_BYTES, depth);
  else if (tag === TAG_LIST || tag === TAG_EACH || isKeyed(tag)) container(slot, depth);
  else if (tag === TAG_OPTIONAL) {
    if (pointerOf(slot) === 0) outMark(NULL);
    else outJson(pointerOf(slot), max(depth - 1, 0));
  } else {
    outMark(QUOTE);
    if (tag === TAG_BYTES) base64(slot);
    else if (tag === TAG_OPAQUE) {
      outMark(LESS);
      escaped(pointerOf(slot), lengthOfSlot(slot), false);
      outMark(GREATER);
    } else outValue(slot);
    outMark(QUOTE);
  }
}

function container(slot: i32, depth: i32): void {
  const keyed = isKeyed(tagOf(slot));
  const isShown = tagOf(slot) !== TAG_EACH && depth > 0;
  const isHidden = !isShown && lengthOfSlot(slot) > 0;
  if (isHidden) outMark(QUOTE);
  outMark(keyed ? OPEN_MAP : OPEN_LIST);
  if (isHidden) outMark(DOTS);
  const count = isShown ? heldOf(slot) : 0;
  let at = keyed ? pairsOf(slot) : pointerOf(slot);
  for (let i = 0; i < count && !isFull(); i++, at += SLOT_BYTES) {
    if (i > 0) outMark(COMMA);
    if (keyed) {
      key(at);
      at += SLOT_BYTES;
    }
    outJson(at, depth - 1);
  }
  if (isShown && isPartial(slot)) {
    if (count > 0) outMark(COMMA);
    if (keyed) {
      outMark(QUOTED_DOTS);
      outMark(COLON);
    }
    outMark(QUOTED_DOTS);
  }
  outMark(keyed ? CLOSE_MAP : CLOSE_LIST);
  if (isHidden) outMark(QUOTE);
}

/** A key, which is a text in JSON. */
function key(slot: i32): void {
  if (tagOf(slot) === TAG_STRING) text(slot, true);
  else {
    outMark(QUOTE);
    outValue(slot);
    outMark(QUOTE);
  }
  outMark(COLON);
}

function base64(slot: i32): void {
  const length = lengthOfSlot(slot);
  for (let i = 0; i < length && next(); i += 3) {
    encodeThree(PRINT, pointerOf(slot) + i, length - i);
    outText(PRINT, 4);
  }
  if (isCut(slot)) outMark(DOTS);
}
