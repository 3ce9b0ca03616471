// Turns result slots into WIT values and errors into failures. Texts and bytes are not copied: they stay where the evaluation made
// them until the caller has taken the result.
import {
  ARENA_BASE,
  ARENA_END,
  ERR_CODE_MASK,
  ERR_INTERNAL,
  ERR_MEMORY,
  ERR_NODE_MASK,
  ERR_NODE_SHIFT,
  ERR_TRUNCATED,
  ERR_UP_SHIFT,
  FLAG_NAIVE,
  FLAG_SET,
  FLAG_TRUNCATED,
  SLOT_BYTES,
  SLOT_LENGTH,
  SLOT_PAYLOAD,
  TAG_BIG,
  TAG_BOOL,
  TAG_BYTES,
  TAG_DOUBLE,
  TAG_DURATION,
  TAG_ENUM,
  TAG_ERROR,
  TAG_INT,
  TAG_LIST,
  TAG_MAP,
  TAG_MASK,
  TAG_NULL,
  TAG_OBJECT,
  TAG_OPAQUE,
  TAG_OPTIONAL,
  TAG_STRING,
  TAG_TIMESTAMP,
  TAG_TYPE,
  TAG_UINT,
} from "../abi.ts";
import { steps } from "../budget.ts";
import { heldOf, lengthOfSlot, pointerOf } from "../slots.ts";
import { plan, take } from "./heap.ts";
import {
  CASE_BIG,
  CASE_BINARY,
  CASE_BOOLEAN,
  CASE_DOUBLE,
  CASE_DURATION,
  CASE_ENUMERATION,
  CASE_ERROR,
  CASE_INT,
  CASE_ITEMS,
  CASE_MAP,
  CASE_NULL,
  CASE_OBJECT,
  CASE_OPAQUE,
  CASE_OPTIONAL,
  CASE_PARTIAL,
  CASE_SET,
  CASE_TEXT,
  CASE_TIMESTAMP,
  CASE_TYPE,
  CASE_UINT,
  CONTENT,
  ENTRY_BYTES,
  ENUM_VALUE,
  FAILURE_FROM,
  FAILURE_TO,
  FIELD_BYTES,
  FIELD_VALUE,
  INSTANT_NAIVE,
  INSTANT_NANOSECONDS,
  LIST_COUNT,
  OPTION_VALUE,
  OUTCOME,
  PART_SIZE,
  PLAN_SOURCE_LENGTH,
  PLAN_SPAN_COUNT,
  PLAN_SPANS,
  PLAN_STEPS,
  REF_BYTES,
  SECOND_TEXT,
  SPAN_BYTES,
  SPAN_OPERAND,
  SPAN_TO,
  THING_IDENTITY,
  VALUE_BYTES,
} from "./layout.ts";

/** Nodes of one result: more than the arena has slots are only there if it names some of them very often. */
const MAX_NODES: i32 = 16_384;
/** Values within values. */
const MAX_DEPTH: i32 = 64;

let nodes: i32 = 0;
let count: i32 = 0;
/** The node that each slot of the arena became, 0 for none: a value that is named twice is sent once. */
let known: i32 = 0;

/** Steps that the evaluation spent. */
export function spent(): i32 {
  return load<i32>(plan + PLAN_STEPS) - steps;
}

/** Writes `err(failure)` at a result; `packed` as the guest packs errors. */
export function putFailure(result: i32, packed: i32): void {
  store<u8>(result, 1);
  const failure = result + OUTCOME;
  const code = packed & ERR_CODE_MASK;
  store<u8>(failure, (code < 2 || code > ERR_INTERNAL ? ERR_INTERNAL : code) - 2);
  let node = (packed >>> ERR_NODE_SHIFT) & ERR_NODE_MASK;
  const spans = load<i32>(plan + PLAN_SPANS);
  for (let up = packed >>> ERR_UP_SHIFT; up > 0 && operandOf(node) !== 0; up--) node = operandOf(node);
  const isKnown = node < load<i32>(plan + PLAN_SPAN_COUNT);
  const span = spans + node * SPAN_BYTES;
  store<i32>(result + FAILURE_FROM, isKnown ? load<i32>(span) : 0);
  store<i32>(result + FAILURE_TO, isKnown ? load<i32>(span + SPAN_TO) : load<i32>(plan + PLAN_SOURCE_LENGTH));
}

function operandOf(node: i32): i32 {
  if (node >= load<i32>(plan + PLAN_SPAN_COUNT)) return 0;
  return load<i32>(load<i32>(plan + PLAN_SPANS) + node * SPAN_BYTES + SPAN_OPERAND);
}

/** Writes `ok(nodes)` at a result. */
export function putValues(result: i32, slot: i32): void {
  known = take((ARENA_END - ARENA_BASE) >> 1);
  memory.fill(known, 0, (ARENA_END - ARENA_BASE) >> 1);
  nodes = take(MAX_NODES * VALUE_BYTES);
  count = 0;
  nodeOf(slot, 0);
  store<u8>(result, 0);
  store<i32>(result + OUTCOME, nodes);
  store<i32>(result + OUTCOME + LIST_COUNT, count);
}

/** The position of a slot's value among the nodes. Slots lie at multiples of 8. */
function nodeOf(slot: i32, depth: i32): i32 {
  const isInArena = slot >= ARENA_BASE && slot < ARENA_END;
  const seen = isInArena ? known + ((slot - ARENA_BASE) >> 1) : 0;
  if (isInArena && load<i32>(seen) !== 0) return load<i32>(seen) - 1;
  // The last node is for whatever else there would be.
  if (count === MAX_NODES - 1) putError(nodes + count++ * VALUE_BYTES, ERR_MEMORY);
  if (count === MAX_NODES) return MAX_NODES - 1;
  const at = count++;
  if (isInArena) store<i32>(seen, at + 1);
  let node = nodes + at * VALUE_BYTES;
  const tag = load<i32>(slot);
  if ((tag & FLAG_TRUNCATED) !== 0 && count < MAX_NODES - 1) {
    store<u8>(node, CASE_PARTIAL);
    store<i32>(node + CONTENT, count);
    const type = tag & TAG_MASK;
    const isText = type === TAG_STRING || type === TAG_BYTES || type === TAG_TYPE || type === TAG_OPAQUE;
    store<i32>(node + CONTENT + PART_SIZE, isText ? 0 : lengthOfSlot(slot));
    node = nodes + count++ * VALUE_BYTES;
  }
  if (depth > MAX_DEPTH) putError(node, ERR_TRUNCATED);
  else putContent(node, slot, tag, depth + 1);
  return at;
}

function putError(node: i32, code: i32): void {
  store<u8>(node, CASE_ERROR);
  store<u8>(node + CONTENT, code - 2);
}

function putText(at: i32, slot: i32): void {
  store<i32>(at, pointerOf(slot));
  store<i32>(at + LIST_COUNT, lengthOfSlot(slot));
}

function putContent(node: i32, slot: i32, tag: i32, depth: i32): void {
  const content = node + CONTENT;
  const payload = load<i64>(slot + SLOT_PAYLOAD);
  switch (tag & TAG_MASK) {
    case TAG_NULL:
      store<u8>(node, CASE_NULL);
      return;
    case TAG_BOOL:
      store<u8>(node, CASE_BOOLEAN);
      store<u8>(content, pointerOf(slot) !== 0 ? 1 : 0);
      return;
    case TAG_INT:
      return putWide(node, CASE_INT, payload);
    case TAG_UINT:
      return putWide(node, CASE_UINT, payload);
    case TAG_DOUBLE:
      return putWide(node, CASE_DOUBLE, payload);
    case TAG_DURATION:
      return putWide(node, CASE_DURATION, payload);
    case TAG_TIMESTAMP:
      putWide(node, CASE_TIMESTAMP, payload);
      store<i32>(content + INSTANT_NANOSECONDS, lengthOfSlot(slot));
      store<u8>(content + INSTANT_NAIVE, (tag & FLAG_NAIVE) !== 0 ? 1 : 0);
      return;
    case TAG_BIG:
      store<u8>(node, CASE_BIG);
      store<i32>(content, pointerOf(slot) + 8);
      store<i32>(content + LIST_COUNT, lengthOfSlot(slot));
      return;
    case TAG_STRING:
      store<u8>(node, CASE_TEXT);
      return putText(content, slot);
    case TAG_BYTES:
      store<u8>(node, CASE_BINARY);
      return putText(content, slot);
    case TAG_TYPE:
      store<u8>(node, CASE_TYPE);
      return putText(content, slot);
    case TAG_OPAQUE:
      store<u8>(node, CASE_OPAQUE);
      putText(content, slot);
      store<i32>(content + THING_IDENTITY, heldOf(slot));
      return;
    case TAG_LIST: {
      const refs = take(heldOf(slot) * REF_BYTES);
      for (let i = 0; i < heldOf(slot); i++) {
        store<i32>(refs + i * REF_BYTES, nodeOf(pointerOf(slot) + i * SLOT_BYTES, depth));
      }
      return putList(node, (tag & FLAG_SET) !== 0 ? CASE_SET : CASE_ITEMS, content, refs, heldOf(slot));
    }
    case TAG_MAP: {
      const entries = take(heldOf(slot) * ENTRY_BYTES);
      for (let i = 0; i < heldOf(slot); i++) {
        const pair = pointerOf(slot) + 2 * i * SLOT_BYTES;
        store<i32>(entries + i * ENTRY_BYTES, nodeOf(pair, depth));
        store<i32>(entries + i * ENTRY_BYTES + REF_BYTES, nodeOf(pair + SLOT_BYTES, depth));
      }
      return putList(node, CASE_MAP, content, entries, heldOf(slot));
    }
    case TAG_OBJECT: {
      const fields = take(heldOf(slot) * FIELD_BYTES);
      for (let i = 0; i < heldOf(slot); i++) {
        const pair = pointerOf(slot) + (1 + 2 * i) * SLOT_BYTES;
        putText(fields + i * FIELD_BYTES, pair);
        store<i32>(fields + i * FIELD_BYTES + FIELD_VALUE, nodeOf(pair + SLOT_BYTES, depth));
      }
      putText(content, pointerOf(slot));
      return putList(node, CASE_OBJECT, content + SECOND_TEXT, fields, heldOf(slot));
    }
    case TAG_ENUM: {
      const at = pointerOf(slot);
      store<u8>(node, CASE_ENUMERATION);
      putText(content, at);
      putText(content + SECOND_TEXT, at + SLOT_BYTES);
      store<i32>(content + ENUM_VALUE, nodeOf(at + 2 * SLOT_BYTES, depth));
      return;
    }
    case TAG_OPTIONAL: {
      const at = pointerOf(slot);
      store<u8>(node, CASE_OPTIONAL);
      store<u8>(content, at === 0 ? 0 : 1);
      if (at !== 0) store<i32>(content + OPTION_VALUE, nodeOf(at, depth));
      return;
    }
    case TAG_ERROR:
      return putError(node, load<i32>(slot + SLOT_LENGTH) & ERR_CODE_MASK);
    default:
      return putError(node, ERR_INTERNAL);
  }
}

function putWide(node: i32, kind: i32, payload: i64): void {
  store<u8>(node, kind);
  store<i64>(node + CONTENT, payload);
}

function putList(node: i32, kind: i32, at: i32, list: i32, length: i32): void {
  store<u8>(node, kind);
  store<i32>(at, list);
  store<i32>(at + LIST_COUNT, length);
}
