// New lists and maps in the arena, for literals and macros. Their capacity is fixed when they are made.
import {
  ERR_INTERNAL,
  ERR_INVALID_ARGUMENT,
  ERR_NO_SUCH_OVERLOAD,
  ERR_TRUNCATED,
  SLOT_BYTES,
  SLOT_COUNT,
  SLOT_LENGTH,
  TAG_BIG,
  TAG_BOOL,
  TAG_DOUBLE,
  TAG_ERROR,
  TAG_LIST,
  TAG_MAP,
  TAG_STRING,
} from "./abi.ts";
import { alloc, fail, pack, packed } from "./budget.ts";
import { refusal } from "./collections.ts";
import { findKey, PAIR_BYTES } from "./keys.ts";
import { isNumber } from "./numbers.ts";
import { copyTo, heldOf, isCut, makePointer, pointerOf, tagOf } from "./slots.ts";

/** An empty container with room for `count` elements of `bytes`. The capacity stands in the 16 bytes before them. */
function newContainer(tag: i32, count: i32, bytes: i32): i32 {
  // A count that no arena can hold must not wrap in the product.
  const at = u32(count) > 0xffff ? 0 : alloc(SLOT_BYTES + count * bytes);
  if (at === 0) return fail(0);
  store<i32>(at, count);
  return makePointer(tag, 0, at + SLOT_BYTES, 0, 0);
}

/** An empty LIST with room for `count` elements. */
export function newList(count: i32): i32 {
  return newContainer(TAG_LIST, count, SLOT_BYTES);
}

/** Appends a copy of a slot: 1, or 0 if the list is full. */
export function push(list: i32, value: i32): i32 {
  const held = heldOf(list);
  if (tagOf(list) !== TAG_LIST || held >= load<i32>(pointerOf(list) - SLOT_BYTES)) return 0;
  copyTo(pointerOf(list) + held * SLOT_BYTES, value);
  store<i32>(list + SLOT_COUNT, held + 1);
  store<i32>(list + SLOT_LENGTH, held + 1);
  return 1;
}

/** An empty MAP with room for `count` pairs. */
export function newMap(count: i32): i32 {
  return newContainer(TAG_MAP, count, PAIR_BYTES);
}

/** Adds a pair to a map that `newMap` made: 1, or an error. No null or double key, no key twice. */
export function put(map: i32, key: i32, value: i32, node: i32): i32 {
  if (tagOf(map) !== TAG_MAP) return refusal(map, node);
  const kind = tagOf(key);
  if (kind === TAG_ERROR) return packed(key, node);
  if (tagOf(value) === TAG_ERROR) return packed(value, node);
  if (kind !== TAG_STRING && kind !== TAG_BOOL && (!isNumber(kind) || kind === TAG_DOUBLE || kind === TAG_BIG)) {
    return pack(ERR_NO_SUCH_OVERLOAD, node);
  }
  if (kind === TAG_STRING && isCut(key)) return pack(ERR_TRUNCATED, node);
  const known = findKey(map, key);
  if (known !== 0) return pack(known < 0 ? -known : ERR_INVALID_ARGUMENT, node);
  return putNew(map, key, value) === 1 ? 1 : pack(ERR_INTERNAL, node);
}

/** Adds a pair whose key is known to be new and a key: 1, or 0 if the map is full. */
export function putNew(map: i32, key: i32, value: i32): i32 {
  const held = heldOf(map);
  if (tagOf(map) !== TAG_MAP || held >= load<i32>(pointerOf(map) - SLOT_BYTES)) return 0;
  const pair = pointerOf(map) + held * PAIR_BYTES;
  copyTo(pair, key);
  copyTo(pair + SLOT_BYTES, value);
  store<i32>(map + SLOT_COUNT, held + 1);
  store<i32>(map + SLOT_LENGTH, held + 1);
  return 1;
}
