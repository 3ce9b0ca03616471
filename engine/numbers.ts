// Numbers: int, uint, double and big on one line: exact order, checked arithmetic, text in and out.
import {
  ERR_DIVIDE_BY_ZERO,
  ERR_NO_SUCH_OVERLOAD,
  ERR_OVERFLOW,
  SLOT_PAYLOAD,
  TAG_BIG,
  TAG_DOUBLE,
  TAG_INT,
  TAG_UINT,
} from "./abi.ts";
import { error } from "./budget.ts";
import { writeDigits } from "./decimal.ts";
import { decimalOrder } from "./digits.ts";
import { PRINT } from "./scratch.ts";
import { lengthOfSlot, makeDouble, makeInt, makeUint, pointerOf, tagOf } from "./slots.ts";

/** The answer of an order between numbers one of which is NaN. */
export const UNORDERED: i32 = 2;

/** The operations of `calculate`. */
export const ADD: i32 = 0;
export const SUB: i32 = 1;
export const MUL: i32 = 2;
export const DIV: i32 = 3;
export const MOD: i32 = 4;

/** The doubles 2^63 and 2^64: the first beyond int and uint. */
export const TWO_63: f64 = 4294967296.0 * 2147483648.0;
export const TWO_64: f64 = 4294967296.0 * 4294967296.0;
const TWO_53: f64 = 9007199254740992.0;
const MIN_MAGNITUDE: u64 = 0x8000000000000000;

/** True for int, uint, double and big. */
export function isNumber(tag: i32): bool {
  return u32(tag - TAG_INT) <= u32(TAG_BIG - TAG_INT);
}

/** The payload of an INT, or the bits of a UINT. */
export function int64(slot: i32): i64 {
  return load<i64>(slot + SLOT_PAYLOAD);
}

/** Any number as a double; the nearest one if it is not exact. */
export function asDouble(slot: i32): f64 {
  const tag = tagOf(slot);
  if (tag === TAG_DOUBLE) return load<f64>(slot + SLOT_PAYLOAD);
  if (tag === TAG_INT) return f64(int64(slot));
  if (tag === TAG_UINT) return f64(u64(int64(slot)));
  return load<f64>(pointerOf(slot));
}

/** The exact order of two numbers: -1, 0, 1 or UNORDERED. */
export function orderNumbers(a: i32, b: i32): i32 {
  const tagA = tagOf(a);
  const tagB = tagOf(b);
  if (tagA === TAG_DOUBLE) {
    if (tagB === TAG_INT) return flip(orderIntDouble(int64(b), asDouble(a)));
    if (tagB === TAG_UINT) return flip(orderUintDouble(u64(int64(b)), asDouble(a)));
    return orderDoubles(asDouble(a), asDouble(b));
  }
  if (tagB === TAG_DOUBLE) {
    if (tagA === TAG_INT) return orderIntDouble(int64(a), asDouble(b));
    if (tagA === TAG_UINT) return orderUintDouble(u64(int64(a)), asDouble(b));
    return orderDoubles(asDouble(a), asDouble(b));
  }
  if (tagA === TAG_BIG) {
    if (tagB === TAG_BIG) return decimalOrder(bigText(a), lengthOfSlot(a), bigText(b), lengthOfSlot(b));
    return flip(orderWholeBig(b, a));
  }
  if (tagB === TAG_BIG) return orderWholeBig(a, b);
  const x = int64(a);
  const y = int64(b);
  if (tagA === TAG_INT && x < 0) return tagB === TAG_INT ? i32(x > y) - i32(x < y) : -1;
  if (tagB === TAG_INT && y < 0) return 1;
  return i32(u64(x) > u64(y)) - i32(u64(x) < u64(y));
}

function flip(result: i32): i32 {
  return result === UNORDERED ? UNORDERED : -result;
}

function orderDoubles(x: f64, y: f64): i32 {
  if (x < y) return -1;
  if (x > y) return 1;
  return x === y ? 0 : UNORDERED;
}

/** Exact: the double's whole part is compared as an integer, then its fraction decides. */
function orderIntDouble(x: i64, y: f64): i32 {
  if (Number.isNaN(y)) return UNORDERED;
  if (y >= TWO_63) return -1;
  if (y < -TWO_63) return 1;
  const whole = i64(y);
  if (x !== whole) return x < whole ? -1 : 1;
  return orderDoubles(f64(whole), y);
}

function orderUintDouble(x: u64, y: f64): i32 {
  if (Number.isNaN(y)) return UNORDERED;
  if (y >= TWO_64) return -1;
  if (y < 0) return 1;
  const whole = u64(y);
  if (x !== whole) return x < whole ? -1 : 1;
  return orderDoubles(f64(whole), y);
}

function orderWholeBig(whole: i32, other: i32): i32 {
  const end = tagOf(whole) === TAG_INT ? printInt(PRINT, int64(whole)) : writeDigits(PRINT, u64(int64(whole)));
  return decimalOrder(PRINT, end - PRINT, bigText(other), lengthOfSlot(other));
}

/** Where the decimal text of a BIG begins. */
export function bigText(slot: i32): i32 {
  return pointerOf(slot) + 8;
}

/** Arithmetic on two numbers: same type as CEL, double with whole numbers to double, int with uint to int. */
export function calculate(operation: i32, a: i32, b: i32, node: i32): i32 {
  const tagA = tagOf(a);
  const tagB = tagOf(b);
  if (tagA === TAG_BIG || tagB === TAG_BIG) return error(ERR_OVERFLOW, node);
  if (tagA === TAG_DOUBLE || tagB === TAG_DOUBLE) {
    if (operation === MOD) return doubleRemainder(a, b, node);
    return makeDouble(doubles(operation, asDouble(a), asDouble(b)), node);
  }
  // Sign and magnitude: one rule for int, uint and the two mixed.
  const x = int64(a);
  const y = int64(b);
  const negativeX = tagA === TAG_INT && x < 0;
  let negativeY = tagB === TAG_INT && y < 0;
  const magnitudeX = u64(negativeX ? -x : x);
  const magnitudeY = u64(negativeY ? -y : y);
  let negative = negativeX;
  let magnitude: u64 = 0;
  if (operation >= DIV) {
    if (y === 0) return error(ERR_DIVIDE_BY_ZERO, node);
    if (operation === DIV) {
      magnitude = magnitudeX / magnitudeY;
      negative = negativeX !== negativeY;
    } else magnitude = magnitudeX % magnitudeY;
  } else if (operation === MUL) {
    const wide = (magnitudeX | magnitudeY) >> 32 !== 0;
    if (wide && magnitudeX !== 0 && magnitudeY > u64.MAX_VALUE / magnitudeX) return error(ERR_OVERFLOW, node);
    magnitude = magnitudeX * magnitudeY;
    negative = negativeX !== negativeY;
  } else {
    if (operation === SUB) negativeY = !negativeY;
    if (negativeX === negativeY) {
      magnitude = magnitudeX + magnitudeY;
      if (magnitude < magnitudeX) return error(ERR_OVERFLOW, node);
    } else if (magnitudeX >= magnitudeY) magnitude = magnitudeX - magnitudeY;
    else {
      magnitude = magnitudeY - magnitudeX;
      negative = negativeY;
    }
  }
  if (tagA === TAG_UINT && tagB === TAG_UINT) {
    return negative && magnitude !== 0 ? error(ERR_OVERFLOW, node) : makeUint(magnitude, node);
  }
  if (magnitude >= MIN_MAGNITUDE && !(negative && magnitude === MIN_MAGNITUDE)) return error(ERR_OVERFLOW, node);
  return makeInt(negative ? -i64(magnitude) : i64(magnitude), node);
}

function doubles(operation: i32, x: f64, y: f64): f64 {
  if (operation === ADD) return x + y;
  if (operation === SUB) return x - y;
  return operation === MUL ? x * y : x / y;
}

/** True for a whole double within 2^53, where doubles are as exact as ints. */
export function isExactWhole(value: f64): bool {
  return Math.abs(value) <= TWO_53 && Math.trunc(value) === value;
}

function doubleRemainder(a: i32, b: i32, node: i32): i32 {
  if (!isRemainderOperand(a) || !isRemainderOperand(b)) return error(ERR_NO_SUCH_OVERLOAD, node);
  const divisor = wholeMagnitude(b);
  if (divisor === 0) return error(ERR_DIVIDE_BY_ZERO, node);
  const rest = f64(wholeMagnitude(a) % divisor);
  return makeDouble(asDouble(a) < 0 && rest !== 0 ? -rest : rest, node);
}

function isRemainderOperand(slot: i32): bool {
  return tagOf(slot) !== TAG_DOUBLE || isExactWhole(asDouble(slot));
}

function wholeMagnitude(slot: i32): u64 {
  const tag = tagOf(slot);
  if (tag === TAG_DOUBLE) return u64(Math.abs(asDouble(slot)));
  const value = int64(slot);
  return u64(tag === TAG_INT && value < 0 ? -value : value);
}

/** `-a`. A uint has no negation. */
export function negate(a: i32, node: i32): i32 {
  const tag = tagOf(a);
  if (tag === TAG_DOUBLE) return makeDouble(-asDouble(a), node);
  if (tag === TAG_BIG || (tag === TAG_INT && int64(a) === i64.MIN_VALUE)) return error(ERR_OVERFLOW, node);
  if (tag === TAG_INT) return makeInt(-int64(a), node);
  return error(ERR_NO_SUCH_OVERLOAD, node);
}

/** Writes an int in decimal; returns the end. */
export function printInt(at: i32, value: i64): i32 {
  if (value >= 0) return writeDigits(at, value);
  store<u8>(at, 45);
  return writeDigits(at + 1, u64(-value));
}
