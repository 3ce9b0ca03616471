// Bytes and their texts: base64, and `bytes(value)`. Knows the standard alphabet only.
import {
  ERR_INVALID_ARGUMENT,
  ERR_NO_SUCH_OVERLOAD,
  ERR_TRUNCATED,
  FLAG_TRUNCATED,
  TAG_BYTES,
  TAG_ERROR,
  TAG_STRING,
} from "./abi.ts";
import { alloc, chargeBytes, error, fail, locate } from "./budget.ts";
import { isCut, lengthOfSlot, makePointer, pointerOf, tagOf } from "./slots.ts";

const EQUALS_SIGN: i32 = 61;

/** `bytes(value)`: a text's UTF-8. */
export function toBytes(v: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (tag === TAG_BYTES) return v;
  if (tag !== TAG_STRING) return none(v, node);
  return makePointer((load<i32>(v) & FLAG_TRUNCATED) | TAG_BYTES, lengthOfSlot(v), pointerOf(v), 0, node);
}

function none(v: i32, node: i32): i32 {
  return tagOf(v) === TAG_ERROR ? locate(v, node) : error(ERR_NO_SUCH_OVERLOAD, node);
}

/** The character of six bits. */
function character(bits: i32): i32 {
  if (bits < 26) return 65 + bits;
  if (bits < 52) return 71 + bits;
  if (bits < 62) return bits - 4;
  return bits === 62 ? 43 : 47;
}

/** The six bits of a character, or -1. */
function sextet(code: i32): i32 {
  if (u32(code - 65) < 26) return code - 65;
  if (u32(code - 97) < 26) return code - 71;
  if (u32(code - 48) < 10) return code + 4;
  return code === 43 ? 62 : code === 47 ? 63 : -1;
}

/** Writes up to three bytes as four characters. */
export function encodeThree(to: i32, from: i32, count: i32): void {
  let bits = i32(load<u8>(from)) << 16;
  if (count > 1) bits |= i32(load<u8>(from + 1)) << 8;
  if (count > 2) bits |= i32(load<u8>(from + 2));
  for (let i = 0; i < 4; i++) {
    store<u8>(to + i, i <= count ? character((bits >> (18 - 6 * i)) & 63) : EQUALS_SIGN);
  }
}

/** `base64.encode(bytes)`. */
export function base64Encode(v: i32, node: i32): i32 {
  if (tagOf(v) !== TAG_BYTES) return none(v, node);
  // Of bytes that are cut, whole groups only: the last one depends on what follows.
  const length = isCut(v) ? lengthOfSlot(v) - (lengthOfSlot(v) % 3) : lengthOfSlot(v);
  const size = ((length + 2) / 3) << 2;
  const at = alloc(size);
  if (at === 0) return fail(node);
  for (let i = 0; i < length; i += 3) encodeThree(at + ((i / 3) << 2), pointerOf(v) + i, length - i);
  return makePointer(TAG_STRING | (load<i32>(v) & FLAG_TRUNCATED), size, at, 0, node);
}

/** `base64.decode(text)`, with or without the padding. */
export function base64Decode(v: i32, node: i32): i32 {
  if (tagOf(v) !== TAG_STRING) return none(v, node);
  if (isCut(v)) return error(ERR_TRUNCATED, node);
  let length = lengthOfSlot(v);
  const from = pointerOf(v);
  if (!chargeBytes(length)) return fail(node);
  if (length > 0 && (length & 3) === 0) {
    for (let i = 0; i < 2 && load<u8>(from + length - 1) === EQUALS_SIGN; i++) length--;
  }
  if ((length & 3) === 1) return error(ERR_INVALID_ARGUMENT, node);
  const size = (length >> 2) * 3 + max((length & 3) - 1, 0);
  const at = alloc(size);
  if (at === 0) return fail(node);
  let bits = 0;
  let to = at;
  for (let i = 0; i < length; i++) {
    const six = sextet(load<u8>(from + i));
    if (six < 0) return error(ERR_INVALID_ARGUMENT, node);
    bits = (bits << 6) | six;
    // The first character of a group gives no byte yet.
    if ((i & 3) > 0) store<u8>(to++, bits >> (6 - 2 * (i & 3)));
  }
  return makePointer(TAG_BYTES, size, at, 0, node);
}
