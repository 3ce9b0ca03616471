// `+ - * / %` and negation for every type that has them: finds the overload, lets numbers.ts and time.ts compute, joins
// texts and lists itself. What was cut stays marked as cut.
import {
  ERR_NO_SUCH_OVERLOAD,
  FLAG_TRUNCATED,
  SLOT_BYTES,
  TAG_BYTES,
  TAG_DURATION,
  TAG_ERROR,
  TAG_LIST,
  TAG_STRING,
  TAG_TIMESTAMP,
} from "./abi.ts";
import { alloc, error, fail, locate } from "./budget.ts";
import { ADD, calculate, DIV, int64, isNumber, MOD, MUL, negate, SUB } from "./numbers.ts";
import { heldOf, isCut, isPartial, lengthOfSlot, makePointer, pointerOf, tagOf } from "./slots.ts";
import { copyBytes } from "./text.ts";
import { addDurations, between, moved } from "./time.ts";

/** `a + b`. */
export function add(a: i32, b: i32, node: i32): i32 {
  const tagA = tagOf(a);
  const tagB = tagOf(b);
  if (isNumber(tagA) && isNumber(tagB)) return calculate(ADD, a, b, node);
  if (tagA === tagB) {
    if (tagA === TAG_STRING || tagA === TAG_BYTES) return joinTexts(a, b, node);
    if (tagA === TAG_LIST) return joinLists(a, b, node);
    if (tagA === TAG_DURATION) return addDurations(int64(a), int64(b), false, node);
  }
  if (tagA === TAG_TIMESTAMP && tagB === TAG_DURATION) return moved(a, int64(b), false, node);
  if (tagA === TAG_DURATION && tagB === TAG_TIMESTAMP) return moved(b, int64(a), false, node);
  return noOverload(a, b, node);
}

/** `a - b`. */
export function sub(a: i32, b: i32, node: i32): i32 {
  const tagA = tagOf(a);
  const tagB = tagOf(b);
  if (isNumber(tagA) && isNumber(tagB)) return calculate(SUB, a, b, node);
  if (tagA === TAG_TIMESTAMP && tagB === TAG_TIMESTAMP) return between(a, b, node);
  if (tagA === TAG_TIMESTAMP && tagB === TAG_DURATION) return moved(a, int64(b), true, node);
  if (tagA === TAG_DURATION && tagB === TAG_DURATION) return addDurations(int64(a), int64(b), true, node);
  return noOverload(a, b, node);
}

/** `a * b`. */
export function mul(a: i32, b: i32, node: i32): i32 {
  return numeric(MUL, a, b, node);
}

/** `a / b`. */
export function div(a: i32, b: i32, node: i32): i32 {
  return numeric(DIV, a, b, node);
}

/** `a % b`. */
export function mod(a: i32, b: i32, node: i32): i32 {
  return numeric(MOD, a, b, node);
}

/** `-a`. */
export function neg(a: i32, node: i32): i32 {
  return tagOf(a) === TAG_ERROR ? locate(a, node) : negate(a, node);
}

function numeric(operation: i32, a: i32, b: i32, node: i32): i32 {
  if (isNumber(tagOf(a)) && isNumber(tagOf(b))) return calculate(operation, a, b, node);
  return noOverload(a, b, node);
}

/** The left operand's error, the right one's, or a new one. */
function noOverload(a: i32, b: i32, node: i32): i32 {
  if (tagOf(a) === TAG_ERROR) return locate(a, node);
  if (tagOf(b) === TAG_ERROR) return locate(b, node);
  return error(ERR_NO_SUCH_OVERLOAD, node);
}

/** Behind a cut text nothing can be joined: the result ends where the left one was cut. */
function joinTexts(a: i32, b: i32, node: i32): i32 {
  const tag = tagOf(a);
  if (isCut(a)) return a;
  const left = lengthOfSlot(a);
  const right = lengthOfSlot(b);
  if (left === 0) return b;
  if (right === 0 && !isCut(b)) return a;
  const at = alloc(left + right);
  if (at === 0) return fail(node);
  copyBytes(at, pointerOf(a), left);
  copyBytes(at + left, pointerOf(b), right);
  return makePointer(tag | (isCut(b) ? FLAG_TRUNCATED : 0), left + right, at, 0, node);
}

/** The elements of both; those behind a cut in the left list are not held, but counted. */
function joinLists(a: i32, b: i32, node: i32): i32 {
  const left = heldOf(a);
  const right = isPartial(a) ? 0 : heldOf(b);
  const at = alloc((left + right) * SLOT_BYTES);
  if (at === 0) return fail(node);
  memory.copy(at, pointerOf(a), left * SLOT_BYTES);
  memory.copy(at + left * SLOT_BYTES, pointerOf(b), right * SLOT_BYTES);
  const flag = isPartial(a) || isPartial(b) ? FLAG_TRUNCATED : 0;
  return makePointer(TAG_LIST | flag, lengthOfSlot(a) + lengthOfSlot(b), at, left + right, node);
}
