// Steps and the arena: what an evaluation may spend, and the error slots that say so.
// Nothing here traps or grows the memory; a spent budget stays spent until the host sets `steps` again.
import {
  ARENA_BASE,
  ARENA_END,
  ERR_BUDGET,
  ERR_MEMORY,
  ERR_NODE_MASK,
  ERR_NODE_SHIFT,
  SLOT_BYTES,
  SLOT_LENGTH,
  SLOT_PAYLOAD,
  TAG_ERROR,
} from "./abi.ts";
import { RESERVE, RESERVE_SLOTS } from "./scratch.ts";

/** Steps left. Below 0: spent. */
export let steps: i32 = 0;

/** First free byte of the arena, a multiple of 16. */
export let top: i32 = 0;

/** The end of the arena: a module may set it lower than ARENA_END. */
// biome-ignore lint/style/useConst: modules assign it
export let end: i32 = ARENA_END;

let reserved: i32 = 0;

/** Spends `count` steps; false if they are not there. Once below 0 the counter stands still, so it can never wrap. */
export function charge(count: i32): bool {
  if (steps < 0) return false;
  steps -= count;
  return steps >= 0;
}

/** Spends what looking at `bytes` bytes costs; what is shorter than 16 is free. */
export function chargeBytes(bytes: i32): bool {
  return bytes < 16 || charge(bytes >>> 4);
}

/** Room in the arena, or 0. */
export function alloc(bytes: i32): i32 {
  if (u32(bytes) > u32(ARENA_END - ARENA_BASE)) return 0;
  const rounded = (bytes + 15) & ~15;
  if (!charge(rounded >> 4)) return 0;
  const at = top;
  if (at + rounded > end) return 0;
  top = at + rounded;
  return at;
}

/** Room for one slot, or 0: `alloc(SLOT_BYTES)`, which it often is. */
export function allocSlot(): i32 {
  if (steps <= 0) {
    steps = -1;
    return 0;
  }
  steps--;
  const at = top;
  if (at + SLOT_BYTES > end) return 0;
  top = at + SLOT_BYTES;
  return at;
}

/** The code that says why `alloc` returned 0. */
export function failure(): i32 {
  return steps < 0 ? ERR_BUDGET : ERR_MEMORY;
}

/** The error slot that says why `alloc` returned 0. */
export function fail(node: i32): i32 {
  return error(failure(), node);
}

/** An error slot; it is made even if the arena is full. */
export function error(code: i32, node: i32): i32 {
  let slot = allocSlot();
  if (slot === 0) {
    slot = RESERVE + reserved * SLOT_BYTES;
    reserved = (reserved + 1) % RESERVE_SLOTS;
  }
  store<i32>(slot, TAG_ERROR);
  store<i32>(slot + SLOT_LENGTH, pack(code, node));
  store<i64>(slot + 8, 0);
  return slot;
}

/** An error as a condition's result. */
export function pack(code: i32, node: i32): i32 {
  return (node << ERR_NODE_SHIFT) | code;
}

/** The error in an ERROR slot as a condition's result, blamed on `node` if it has no node of its own. */
export function packed(slot: i32, node: i32): i32 {
  const held = load<i32>(slot + SLOT_LENGTH);
  return ((held >>> ERR_NODE_SHIFT) & ERR_NODE_MASK) === 0 ? pack(held, node) : held;
}

/** As `locate`, for a size that a reader took: a value that has none is the fault of `node`, one that was not read that of `operand`. */
export function locateSize(slot: i32, operand: i32, node: i32): i32 {
  return locate(slot, load<u8>(slot) === TAG_ERROR && load<i32>(slot + SLOT_PAYLOAD) === 1 ? node : operand);
}

/** The slot, or, if it is an error without a node, an equal error at `node`. */
export function locate(slot: i32, node: i32): i32 {
  if (load<u8>(slot) !== TAG_ERROR) return slot;
  const held = load<i32>(slot + SLOT_LENGTH);
  return ((held >>> ERR_NODE_SHIFT) & ERR_NODE_MASK) === 0 ? error(held, node) : slot;
}
