// The math extension: extremes of numbers, rounding, signs, kinds of doubles, bits. A function of doubles refuses ints; where an
// int is wanted, a whole double is one.
import {
  ERR_INVALID_ARGUMENT,
  ERR_NO_SUCH_OVERLOAD,
  ERR_OVERFLOW,
  ERR_TRUNCATED,
  SLOT_BYTES,
  TAG_BIG,
  TAG_DOUBLE,
  TAG_ERROR,
  TAG_INT,
  TAG_LIST,
  TAG_UINT,
} from "./abi.ts";
import { charge, error, fail, locate, packed } from "./budget.ts";
import { asDouble, int64, isNumber, negate, orderNumbers, TWO_63, TWO_64, UNORDERED } from "./numbers.ts";
import { heldOf, isPartial, makeDouble, makeWide, pointerOf, tagOf } from "./slots.ts";

// The variants, in the order of conditions/catalogue/math.ts.
const CEIL: i32 = 0;
const FLOOR: i32 = 1;
const TRUNC: i32 = 2;
const ABS: i32 = 0;
const SIGN: i32 = 1;
const IS_NAN: i32 = 0;
const IS_INF: i32 = 1;
const AND: i32 = 0;
const OR: i32 = 1;
const LEFT: i32 = 3;

/** The answer where no function exists: an error's own slot, arithmetic on a BIG, or `no_such_overload`. */
function none(v: i32, node: i32): i32 {
  if (tagOf(v) === TAG_ERROR) return locate(v, node);
  return error(tagOf(v) === TAG_BIG ? ERR_OVERFLOW : ERR_NO_SUCH_OVERLOAD, node);
}

/** The greatest (`sign` 1) or least (-1) of a number or a list of numbers, the first of equal ones. NaN has no order. */
export function extreme(v: i32, sign: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (isNumber(tag)) return v;
  if (tag !== TAG_LIST) return none(v, node);
  const count = heldOf(v);
  let best = 0;
  for (let i = 0; i < count; i++) {
    if (!charge(1)) return fail(node);
    const next = pointerOf(v) + i * SLOT_BYTES;
    if (!isNumber(tagOf(next))) return none(next, node);
    const order = best === 0 ? sign : orderNumbers(next, best);
    if (order === UNORDERED) return error(ERR_INVALID_ARGUMENT, node);
    if (order === sign) best = next;
  }
  if (isPartial(v)) return error(ERR_TRUNCATED, node);
  return best === 0 ? error(ERR_INVALID_ARGUMENT, node) : best;
}

/** `math.ceil`, `floor`, `trunc` and `round`: halves away from zero. */
export function rounded(v: i32, variant: i32, node: i32): i32 {
  if (tagOf(v) !== TAG_DOUBLE) return none(v, node);
  const value = asDouble(v);
  if (variant === CEIL) return makeDouble(Math.ceil(value), node);
  if (variant === FLOOR) return makeDouble(Math.floor(value), node);
  const whole = Math.trunc(value);
  const up = variant !== TRUNC && Math.abs(value - whole) >= 0.5;
  return makeDouble(up ? whole + (value < 0 ? -1.0 : 1.0) : whole, node);
}

/** `math.abs`, `sign` and `sqrt`. */
export function magnitude(v: i32, variant: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (!isNumber(tag) || tag === TAG_BIG) return none(v, node);
  const value = asDouble(v);
  if (variant === ABS) {
    if (tag === TAG_DOUBLE) return makeDouble(Math.abs(value), node);
    return value < 0 ? negate(v, node) : v;
  }
  if (variant !== SIGN) return makeDouble(Math.sqrt(value), node);
  // Zeros and NaN are their own sign.
  if (tag === TAG_DOUBLE) return value > 0 || value < 0 ? makeDouble(value < 0 ? -1 : 1, node) : v;
  return makeWide(tag, 0, value < 0 ? -1 : i64(value > 0), node);
}

/** `math.isNaN`, `isInf` and `isFinite`, as conditions. */
export function isKind(v: i32, variant: i32, node: i32): i32 {
  if (tagOf(v) !== TAG_DOUBLE) return packed(none(v, node), node);
  const value = asDouble(v);
  if (variant === IS_NAN) return i32(Number.isNaN(value));
  return i32(variant === IS_INF ? Math.abs(value) === Infinity : Math.abs(value) < Infinity);
}

/** False once `whole` met a value that is none. */
let sound: bool = true;

/** The 64 bits of an INT, or of a UINT where one is wanted, or of a whole double that fits. */
function whole(v: i32, unsigned: bool): i64 {
  const tag = tagOf(v);
  if (tag === (unsigned ? TAG_UINT : TAG_INT)) return int64(v);
  if (tag === TAG_DOUBLE) {
    const value = asDouble(v);
    if (Math.trunc(value) === value) {
      if (unsigned && value >= 0 && value < TWO_64) return i64(u64(value));
      if (!unsigned && value >= -TWO_63 && value < TWO_63) return i64(value);
    }
  }
  sound = false;
  return 0;
}

/** `math.bitAnd`, `bitOr`, `bitXor`, `bitShiftLeft` and `bitShiftRight`; `b` is 0 for `bitNot`. */
export function bitwise(a: i32, b: i32, variant: i32, node: i32): i32 {
  const shifts = variant >= LEFT;
  // Two ints or two uints; a double is what the other operand is. A shift counts in ints.
  const other = b === 0 || shifts ? 0 : tagOf(b);
  const unsigned = tagOf(a) === TAG_UINT || (tagOf(a) === TAG_DOUBLE && other === TAG_UINT);
  sound = true;
  const x = whole(a, unsigned);
  const tag = unsigned ? TAG_UINT : TAG_INT;
  if (b === 0) return sound ? makeWide(tag, 0, ~x, node) : none(a, node);
  // An error stands before a wrong type, the left operand before the right.
  if (tagOf(a) === TAG_ERROR || (!sound && tagOf(b) !== TAG_ERROR)) return none(a, node);
  const y = whole(b, unsigned && !shifts);
  if (!sound) return none(b, node);
  let value = x ^ y;
  if (variant === AND) value = x & y;
  else if (variant === OR) value = x | y;
  else if (shifts) {
    if (y < 0) return error(ERR_INVALID_ARGUMENT, node);
    value = y > 63 ? 0 : variant === LEFT ? x << y : i64(u64(x) >> y);
  }
  return makeWide(tag, 0, value, node);
}
