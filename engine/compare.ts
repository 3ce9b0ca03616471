// Order and equality across all types. Results are conditions: 0, 1 or an error. A cut value gives an answer only where
// what is held decides it.
import {
  ERR_BUDGET,
  ERR_NO_SUCH_OVERLOAD,
  ERR_TRUNCATED,
  FLAG_SET,
  OP_GE,
  OP_GT,
  OP_LE,
  OP_LT,
  SLOT_BYTES,
  SLOT_PAYLOAD,
  TAG_BOOL,
  TAG_BYTES,
  TAG_DOUBLE,
  TAG_DURATION,
  TAG_ENUM,
  TAG_ERROR,
  TAG_INT,
  TAG_LIST,
  TAG_MAP,
  TAG_NULL,
  TAG_OBJECT,
  TAG_OPAQUE,
  TAG_OPTIONAL,
  TAG_STRING,
  TAG_TIMESTAMP,
  TAG_TYPE,
} from "./abi.ts";
import { charge, chargeBytes, pack, packed } from "./budget.ts";
import { equalsText, findFrom } from "./keys.ts";
import { int64, isNumber, orderNumbers, TWO_63, UNORDERED } from "./numbers.ts";
import { heldOf, isCut, isKeyed, isPartial, lengthOfSlot, pairsOf, pointerOf, tagOf } from "./slots.ts";
import { commonPrefix, sameBytes } from "./text.ts";
import { orderTimes } from "./time.ts";

/** An order that what is held of two texts does not decide. */
const UNDECIDED: i32 = 3;

/** Containers in containers: deeper than any reader or literal makes them. */
const MAX_DEPTH: i32 = 100;

/** `a op b`, with op one of OP_*. */
export function compare(a: i32, b: i32, op: i32, node: i32): i32 {
  const tagA = tagOf(a);
  const tagB = tagOf(b);
  if (isNumber(tagA) && isNumber(tagB)) {
    if (tagA === TAG_DOUBLE && tagB === TAG_DOUBLE) {
      const x = load<f64>(a + SLOT_PAYLOAD);
      const y = load<f64>(b + SLOT_PAYLOAD);
      if (op === OP_LT) return i32(x < y);
      if (op === OP_LE) return i32(x <= y);
      return i32(op === OP_GT ? x > y : x >= y);
    }
    return holds(isTop(a, b) || isTop(b, a) ? 0 : orderNumbers(a, b), op);
  }
  if (tagA === TAG_ERROR) return packed(a, node);
  if (tagB === TAG_ERROR) return packed(b, node);
  if (tagA !== tagB) return pack(ERR_NO_SUCH_OVERLOAD, node);
  if (tagA === TAG_STRING || tagA === TAG_BYTES) {
    if (!chargeBytes(min(lengthOfSlot(a), lengthOfSlot(b)))) return pack(ERR_BUDGET, node);
    const result = orderTexts(a, b);
    return result === UNDECIDED ? pack(ERR_TRUNCATED, node) : holds(result, op);
  }
  if (tagA === TAG_BOOL) return holds(pointerOf(a) - pointerOf(b), op);
  if (tagA === TAG_TIMESTAMP || tagA === TAG_DURATION) return holds(orderTimes(a, b), op);
  return pack(ERR_NO_SUCH_OVERLOAD, node);
}

/** Where the two can only be ordered, not told apart: CEL's suite ranks the double 2^63 with the greatest int. */
function isTop(int: i32, double: i32): bool {
  if (tagOf(int) !== TAG_INT || int64(int) !== i64.MAX_VALUE) return false;
  return tagOf(double) === TAG_DOUBLE && load<f64>(double + SLOT_PAYLOAD) === TWO_63;
}

function holds(order: i32, op: i32): i32 {
  if (order === UNORDERED) return 0;
  if (op === OP_LT) return i32(order < 0);
  if (op === OP_LE) return i32(order <= 0);
  return i32(op === OP_GE ? order >= 0 : order > 0);
}

function orderTexts(a: i32, b: i32): i32 {
  const lengthA = lengthOfSlot(a);
  const lengthB = lengthOfSlot(b);
  const shorter = min(lengthA, lengthB);
  const common = commonPrefix(pointerOf(a), pointerOf(b), shorter);
  if (common < shorter) return load<u8>(pointerOf(a) + common) < load<u8>(pointerOf(b) + common) ? -1 : 1;
  // One is the beginning of the other. A cut text is longer than what is held, by an unknown rest.
  const cutA = isCut(a);
  const cutB = isCut(b);
  if (lengthA === lengthB) return cutA ? (cutB ? UNDECIDED : 1) : cutB ? -1 : 0;
  if (lengthA < lengthB) return cutA ? UNDECIDED : -1;
  return cutB ? UNDECIDED : 1;
}

/** `a == b`: defined for all types, deep, exact across number types. */
export function equals(a: i32, b: i32, node: i32): i32 {
  return equalsWithin(a, b, node, 0);
}

function equalsWithin(a: i32, b: i32, node: i32, depth: i32): i32 {
  const tagA = tagOf(a);
  const tagB = tagOf(b);
  if (isNumber(tagA) && isNumber(tagB)) return i32(orderNumbers(a, b) === 0);
  if (tagA === TAG_ERROR) return packed(a, node);
  if (tagB === TAG_ERROR) return packed(b, node);
  if (tagA === TAG_ENUM || tagB === TAG_ENUM) return equalsEnum(a, b, node, depth);
  if (tagA !== tagB) return isKeyed(tagA) && isKeyed(tagB) ? equalsMap(a, b, node, depth) : 0;
  if (tagA === TAG_STRING || tagA === TAG_BYTES) return equalsText(a, pointerOf(b), lengthOfSlot(b), isCut(b), node);
  if (tagA === TAG_BOOL) return i32(pointerOf(a) === pointerOf(b));
  if (tagA === TAG_NULL) return 1;
  if (tagA === TAG_LIST) return equalsList(a, b, node, depth);
  if (tagA === TAG_MAP || tagA === TAG_OBJECT) return equalsMap(a, b, node, depth);
  if (tagA === TAG_TIMESTAMP || tagA === TAG_DURATION) return i32(orderTimes(a, b) === 0);
  if (tagA === TAG_TYPE) return equalsText(a, pointerOf(b), lengthOfSlot(b), false, node);
  if (tagA === TAG_OPAQUE) return i32(heldOf(a) === heldOf(b));
  if (tagA === TAG_OPTIONAL) {
    if (pointerOf(a) === 0 || pointerOf(b) === 0) return i32(pointerOf(a) === pointerOf(b));
    return depth > MAX_DEPTH ? pack(ERR_BUDGET, node) : equalsWithin(pointerOf(a), pointerOf(b), node, depth + 1);
  }
  return pack(ERR_NO_SUCH_OVERLOAD, node);
}

/** A slot against a constant text. */
export function textIs(slot: i32, text: i32, length: i32, node: i32): i32 {
  if (load<i32>(slot) === TAG_STRING) {
    // The hot path: a whole string.
    if (lengthOfSlot(slot) !== length) return 0;
    if (!chargeBytes(length)) return pack(ERR_BUDGET, node);
    return i32(sameBytes(pointerOf(slot), text, length));
  }
  const tag = tagOf(slot);
  if (tag === TAG_STRING) return equalsText(slot, text, length, false, node);
  if (tag === TAG_ERROR) return packed(slot, node);
  return tag === TAG_ENUM ? equalsText(pointerOf(slot) + SLOT_BYTES, text, length, false, node) : 0;
}

/** Class, name and value stand in three slots. With a string by name, with a number by value. */
function equalsEnum(a: i32, b: i32, node: i32, depth: i32): i32 {
  if (tagOf(a) !== TAG_ENUM) return equalsEnum(b, a, node, depth);
  const own = pointerOf(a);
  if (tagOf(b) === TAG_STRING) return equalsWithin(own + SLOT_BYTES, b, node, depth);
  if (isNumber(tagOf(b))) return equalsWithin(own + 2 * SLOT_BYTES, b, node, depth);
  if (tagOf(b) !== TAG_ENUM) return 0;
  const sameClass = equalsWithin(own, pointerOf(b), node, depth);
  return sameClass === 1 ? equalsWithin(own + SLOT_BYTES, pointerOf(b) + SLOT_BYTES, node, depth) : sameClass;
}

function equalsList(a: i32, b: i32, node: i32, depth: i32): i32 {
  const isSet = load<i32>(a) & FLAG_SET;
  if (isSet !== (load<i32>(b) & FLAG_SET) || lengthOfSlot(a) !== lengthOfSlot(b)) return 0;
  if (depth > MAX_DEPTH) return pack(ERR_BUDGET, node);
  // A difference anywhere decides; otherwise the first error, then what was cut.
  let undecided = 0;
  const count = isSet ? heldOf(a) : min(heldOf(a), heldOf(b));
  for (let i = 0; i < count; i++) {
    if (!charge(1)) return pack(ERR_BUDGET, node);
    const element = pointerOf(a) + i * SLOT_BYTES;
    const result = isSet
      ? within(element, b, node, depth + 1)
      : equalsWithin(element, pointerOf(b) + i * SLOT_BYTES, node, depth + 1);
    if (result === 0) return 0;
    if (result !== 1 && undecided === 0) undecided = result;
  }
  if (undecided !== 0) return undecided;
  return isPartial(a) || isPartial(b) ? pack(ERR_TRUNCATED, node) : 1;
}

/** Whether a list holds a value: one equal element decides; otherwise the first error, then what was cut. */
export function within(value: i32, list: i32, node: i32, depth: i32): i32 {
  let undecided = 0;
  const count = heldOf(list);
  for (let i = 0; i < count; i++) {
    if (!charge(1)) return pack(ERR_BUDGET, node);
    const result = equalsWithin(value, pointerOf(list) + i * SLOT_BYTES, node, depth);
    if (result === 1) return 1;
    if (result !== 0 && undecided === 0) undecided = result;
  }
  if (undecided !== 0) return undecided;
  return isPartial(list) ? pack(ERR_TRUNCATED, node) : 0;
}

/** Maps by their keys; objects by class and fields; an object and a map by fields. */
function equalsMap(a: i32, b: i32, node: i32, depth: i32): i32 {
  const objects = tagOf(a) === TAG_OBJECT && tagOf(b) === TAG_OBJECT;
  if (objects) {
    // The same fields in the arena are the same object: a reader copies each object once.
    if (pointerOf(a) === pointerOf(b) && heldOf(a) > 0) return 1;
    const sameClass = equalsWithin(pointerOf(a), pointerOf(b), node, depth);
    if (sameClass !== 1) return sameClass;
  }
  if (lengthOfSlot(a) !== lengthOfSlot(b)) return 0;
  if (depth > MAX_DEPTH) return pack(ERR_BUDGET, node);
  let undecided = 0;
  const pairs = pairsOf(a);
  const count = heldOf(a);
  for (let i = 0; i < count; i++) {
    const pair = pairs + i * 2 * SLOT_BYTES;
    const found = findFrom(b, pair, i);
    const result =
      found > 0 ? equalsWithin(pair + SLOT_BYTES, found, node, depth + 1) : found === 0 ? 0 : pack(-found, node);
    if (result === 0) return 0;
    if (result !== 1 && undecided === 0) undecided = result;
  }
  if (undecided !== 0) return undecided;
  return isPartial(a) || isPartial(b) ? pack(ERR_TRUNCATED, node) : 1;
}
