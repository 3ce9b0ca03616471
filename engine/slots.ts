// Reads and makes the 16-byte slots of abi.ts. Knows nothing of what the values mean.
import {
  ERR_CODE_MASK,
  ERR_NODE_SHIFT,
  ERR_NOT_BOOL,
  FLAG_TRUNCATED,
  SLOT_BYTES,
  SLOT_COUNT,
  SLOT_LENGTH,
  SLOT_PAYLOAD,
  TAG_BOOL,
  TAG_DOUBLE,
  TAG_ERROR,
  TAG_INT,
  TAG_MAP,
  TAG_OBJECT,
  TAG_OPTIONAL,
  TAG_UINT,
} from "./abi.ts";
import { allocSlot, error, fail, pack, packed } from "./budget.ts";

// Constant slots: a boolean never needs the arena.
const FALSE: usize = memory.data<i32>([TAG_BOOL, 0, 0, 0], 16);
const TRUE: usize = memory.data<i32>([TAG_BOOL, 0, 1, 0], 16);

/** The optional that holds nothing. */
export const NONE: usize = memory.data<i32>([TAG_OPTIONAL, 0, 0, 0], 16);

/** The type part of a slot's tag. */
export function tagOf(slot: i32): i32 {
  return load<u8>(slot);
}

/** The length part: bytes held of a text, true size of a container. */
export function lengthOfSlot(slot: i32): i32 {
  return load<i32>(slot + SLOT_LENGTH);
}

/** The pointer part. */
export function pointerOf(slot: i32): i32 {
  return load<i32>(slot + SLOT_PAYLOAD);
}

/** Elements or pairs that a container holds. */
export function heldOf(slot: i32): i32 {
  return load<i32>(slot + SLOT_COUNT);
}

/** True for a text or bytes of which only the beginning is held. */
export function isCut(slot: i32): bool {
  return (load<i32>(slot) & FLAG_TRUNCATED) !== 0;
}

/** True for a container that holds fewer elements or pairs than there are. */
export function isPartial(slot: i32): bool {
  return isCut(slot) || heldOf(slot) < lengthOfSlot(slot);
}

/** The first (key, value) pair of a map or object. An object has its class name before its pairs. */
export function pairsOf(slot: i32): i32 {
  const at = pointerOf(slot);
  return tagOf(slot) === TAG_OBJECT ? at + SLOT_BYTES : at;
}

/** True for what is read by string keys. */
export function isKeyed(tag: i32): bool {
  return tag === TAG_MAP || tag === TAG_OBJECT;
}

/** A slot with an 8-byte payload; without room for it, the error slot at `node`. */
export function makeWide(tag: i32, length: i32, payload: i64, node: i32): i32 {
  const slot = allocSlot();
  if (slot === 0) return fail(node);
  store<i32>(slot, tag);
  store<i32>(slot + SLOT_LENGTH, length);
  store<i64>(slot + SLOT_PAYLOAD, payload);
  return slot;
}

/** A slot with a pointer and a count. */
export function makePointer(tag: i32, length: i32, pointer: i32, count: i32, node: i32): i32 {
  return makeWide(tag, length, (i64(count) << 32) | i64(u32(pointer)), node);
}

/** An INT. */
export function makeInt(value: i64, node: i32): i32 {
  return makeWide(TAG_INT, 0, value, node);
}

/** A UINT. */
export function makeUint(value: u64, node: i32): i32 {
  return makeWide(TAG_UINT, 0, i64(value), node);
}

/** A DOUBLE. */
export function makeDouble(value: f64, node: i32): i32 {
  return makeWide(TAG_DOUBLE, 0, reinterpret<i64>(value), node);
}

/** An INT, for the caller to locate if it is an error. */
export function integer(value: i64): i32 {
  return makeInt(value, 0);
}

/** A DOUBLE, for the caller to locate if it is an error. */
export function number(value: f64): i32 {
  return makeDouble(value, 0);
}

/** An INT that a probe module has counted. */
export function counted(count: i32, node: i32): i32 {
  return makeInt(count, node);
}

/** A condition's result as a slot. */
export function fromBool(result: i32): i32 {
  if (result === 0) return i32(FALSE);
  if (result === 1) return i32(TRUE);
  return error(result & ERR_CODE_MASK, result >>> ERR_NODE_SHIFT);
}

/** A slot as a condition's result: there is no truthiness. */
export function truth(slot: i32, node: i32): i32 {
  const tag = tagOf(slot);
  if (tag === TAG_BOOL) return pointerOf(slot);
  return tag === TAG_ERROR ? packed(slot, node) : pack(ERR_NOT_BOOL, node);
}

/** A second slot with the same value. */
export function copy(slot: i32): i32 {
  return makeWide(load<i32>(slot), lengthOfSlot(slot), load<i64>(slot + SLOT_PAYLOAD), 0);
}

/** Copies the 16 bytes of a slot. */
export function copyTo(at: i32, slot: i32): void {
  store<i64>(at, load<i64>(slot));
  store<i64>(at + SLOT_PAYLOAD, load<i64>(slot + SLOT_PAYLOAD));
}
