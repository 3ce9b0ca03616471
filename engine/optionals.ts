// Optional values: made from values and from paths, and opened. Look-ups in them are those of collections.ts.
import {
  ERR_CODE_MASK,
  ERR_NO_SUCH_KEY,
  ERR_NO_SUCH_OVERLOAD,
  ERR_UP_SHIFT,
  SLOT_PAYLOAD,
  TAG_BIG,
  TAG_BOOL,
  TAG_BYTES,
  TAG_DOUBLE,
  TAG_DURATION,
  TAG_ERROR,
  TAG_INT,
  TAG_LIST,
  TAG_MAP,
  TAG_NULL,
  TAG_OBJECT,
  TAG_OPTIONAL,
  TAG_STRING,
  TAG_TIMESTAMP,
  TAG_UINT,
} from "./abi.ts";
import { error, locate, pack, packed } from "./budget.ts";
import { isAbsence } from "./collections.ts";
import { asDouble } from "./numbers.ts";
import { isCut, lengthOfSlot, makePointer, NONE, pointerOf, tagOf } from "./slots.ts";

/** `optional.of(value)`. */
export function optionalOf(value: i32, node: i32): i32 {
  if (tagOf(value) === TAG_ERROR) return locate(value, node);
  return makePointer(TAG_OPTIONAL, 0, value, 0, node);
}

/** `optional.ofNonZeroValue(value)`. */
export function optionalNonZero(value: i32, node: i32): i32 {
  return isZero(value) ? i32(NONE) : optionalOf(value, node);
}

function isZero(value: i32): bool {
  const tag = tagOf(value);
  if (tag === TAG_NULL) return true;
  if (tag === TAG_BOOL) return pointerOf(value) === 0;
  if (tag === TAG_DOUBLE || tag === TAG_BIG) return asDouble(value) === 0;
  if (tag === TAG_INT || tag === TAG_UINT || tag === TAG_DURATION) return load<i64>(value + SLOT_PAYLOAD) === 0;
  // Nanoseconds stand in the length.
  if (tag === TAG_TIMESTAMP) return load<i64>(value + SLOT_PAYLOAD) === 0 && lengthOfSlot(value) === 0;
  const counted = tag === TAG_STRING || tag === TAG_BYTES || tag === TAG_LIST || tag === TAG_MAP || tag === TAG_OBJECT;
  return counted && lengthOfSlot(value) === 0 && !isCut(value);
}

/** The slot of a path as an optional. `steps`: how many of the path's last steps may find nothing. */
export function optionalAt(slot: i32, steps: i32, node: i32): i32 {
  if (tagOf(slot) !== TAG_ERROR) return makePointer(TAG_OPTIONAL, 0, slot, 0, node);
  const held = lengthOfSlot(slot);
  return isAbsence(held & ERR_CODE_MASK) && held >>> ERR_UP_SHIFT < steps ? i32(NONE) : locate(slot, node);
}

/** What an optional holds, 0 if it is none, or an error. */
export function unwrap(slot: i32, node: i32): i32 {
  const tag = tagOf(slot);
  if (tag === TAG_OPTIONAL) return pointerOf(slot);
  return tag === TAG_ERROR ? locate(slot, node) : error(ERR_NO_SUCH_OVERLOAD, node);
}

/** The slot itself if it is an optional, or an error. */
export function asOptional(slot: i32, node: i32): i32 {
  const held = unwrap(slot, node);
  return tagOf(slot) === TAG_OPTIONAL ? slot : held;
}

/** `optional.value()`. */
export function optionalValue(slot: i32, node: i32): i32 {
  const held = unwrap(slot, node);
  return held === 0 ? error(ERR_NO_SUCH_KEY, node) : held;
}

/** `optional.hasValue()`. */
export function hasValue(slot: i32, node: i32): i32 {
  const tag = tagOf(slot);
  if (tag === TAG_OPTIONAL) return i32(pointerOf(slot) !== 0);
  return tag === TAG_ERROR ? packed(slot, node) : pack(ERR_NO_SUCH_OVERLOAD, node);
}
