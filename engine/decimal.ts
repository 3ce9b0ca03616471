// Doubles to decimal digits and back, both exact: the shortest digits that read back as the same double, and the double
// nearest to any digits. Arithmetic in doubles where that is provably exact, big integers elsewhere.
import { add, assign, big, multiply, multiplyPower10, order, set, shift, subtract } from "./bignum.ts";
import { charge } from "./budget.ts";

/** 10^0 to 10^22: the powers of ten that are doubles. */
const POWERS: usize = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]);

const FRACTION: u64 = 0x000fffffffffffff;
const HIDDEN: u64 = 0x0010000000000000;
const INFINITY_BITS: u64 = 0x7ff0000000000000;

/** What an exact conversion costs: some microseconds. The caller finds the budget spent at its next step. */
const EXACT_STEPS: i32 = 50;

/** Digits beyond these cannot matter to the nearest double but by not being zero. */
const SIGNIFICANT: i32 = 770;

function power(exponent: i32): f64 {
  return load<f64>(i32(POWERS) + (exponent << 3));
}

/** Writes the decimal digits of a positive integer; returns the end. */
export function writeDigits(at: i32, value: u64): i32 {
  let end = at + 1;
  for (let rest = value / 10; rest !== 0; rest /= 10) end++;
  for (let to = end - 1; to >= at; to--) {
    store<u8>(to, 48 + u8(value % 10));
    value /= 10;
  }
  return end;
}

/** Where the point of the digits last written by `shortest` stands: value = 0.DIGITS * 10^point. */
export let point: i32 = 0;

/** Writes the shortest digits of a positive finite double; returns their end. The nearest of equally short ones wins. */
export function shortest(at: i32, value: f64): i32 {
  // Short decimals: n / 10^scale with n of at most 15 digits. Division of two exact doubles rounds correctly, and two
  // decimals of 15 digits never share a double, so the first n that divides back is the answer.
  if (value >= 1e-5 && value < 1e15) {
    for (let scale = 0; scale <= 20; scale++) {
      const scaled = value * power(scale);
      if (scaled >= 1e15) break;
      const whole = nearest(scaled);
      if (whole / power(scale) === value) {
        let end = writeDigits(at, u64(whole));
        point = end - at - scale;
        while (load<u8>(end - 1) === 48) end--;
        return end;
      }
    }
  }
  return shortestExact(at, value);
}

/** Steele and White's digits, in Burger and Dybvig's form: value = r / s, with half gaps to its neighbours up and down. */
function shortestExact(at: i32, value: f64): i32 {
  charge(EXACT_STEPS);
  const bits = reinterpret<u64>(value);
  const field = i32(bits >> 52);
  const mantissa = field === 0 ? bits & FRACTION : (bits & FRACTION) | HIDDEN;
  const exponent = max(field, 1) - 1075;
  // Below a power of two the gap is half as wide.
  const uneven = (bits & FRACTION) === 0 && field > 1 ? 1 : 0;
  const inclusive = (mantissa & 1) === 0;
  const r = big(0);
  const s = big(1);
  const up = big(2);
  const down = big(3);
  set(r, mantissa);
  shift(r, max(exponent, 0) + 1 + uneven);
  set(s, 1);
  shift(s, max(-exponent, 0) + 1 + uneven);
  set(down, 1);
  shift(down, max(exponent, 0));
  set(up, 1);
  shift(up, max(exponent, 0) + uneven);
  // An estimate of the decimal exponent that is right or one too low.
  const log2 = 63 - i32(clz(mantissa)) + exponent;
  let scale = i32(Math.ceil(f64(log2) * 0.30102999566398114 - 1e-10));
  if (scale >= 0) multiplyPower10(s, scale);
  else {
    multiplyPower10(r, -scale);
    multiplyPower10(up, -scale);
    multiplyPower10(down, -scale);
  }
  const reach = sumOrder(r, up, s);
  if (reach > 0 || (reach === 0 && inclusive)) scale++;
  else {
    multiply(r, 10, 0);
    multiply(up, 10, 0);
    multiply(down, 10, 0);
  }
  point = scale;
  let end = at;
  while (true) {
    let digit: i32 = 48;
    while (order(r, s) >= 0) {
      subtract(r, s);
      digit++;
    }
    const below = order(r, down);
    const above = sumOrder(r, up, s);
    const low = below < 0 || (below === 0 && inclusive);
    const high = above > 0 || (above === 0 && inclusive);
    if (low || high) {
      if (!low) digit++;
      else if (high) {
        const half = sumOrder(r, r, s);
        if (half > 0 || (half === 0 && (digit & 1) === 1)) digit++;
      }
      store<u8>(end++, digit);
      return end;
    }
    store<u8>(end++, digit);
    multiply(r, 10, 0);
    multiply(up, 10, 0);
    multiply(down, 10, 0);
  }
}

/** The order of a + b and c. */
function sumOrder(a: i32, b: i32, c: i32): i32 {
  const sum = big(4);
  assign(sum, a);
  add(sum, b);
  return order(sum, c);
}

/**
 * The double nearest to 0.DIGITS * 10^decimalPoint, ties to even; infinite if it is out of range. The digits may hold one
 * "." anywhere and must not begin with zeros.
 */
export function nearestDouble(digits: i32, end: i32, decimalPoint: i32): f64 {
  let head: u64 = 0;
  let count = 0;
  let exact = true;
  for (let at = digits; at < end; at++) {
    const digit = i32(load<u8>(at)) - 48;
    if (digit < 0) continue;
    if (count < 18) head = head * 10 + digit;
    else if (digit !== 0) exact = false;
    count++;
  }
  const taken = min(count, 18);
  const scale = decimalPoint - taken;
  if (head === 0 || decimalPoint < -330) return 0;
  if (decimalPoint > 310) return Infinity;
  // Exact operands, one rounding: Clinger's fast path.
  if (exact && head < HIDDEN << 1 && scale >= -22 && scale <= 22) {
    return scale < 0 ? f64(head) / power(-scale) : f64(head) * power(scale);
  }
  let guess = f64(head);
  let rest = scale;
  for (; rest > 0; rest -= min(rest, 22)) guess *= power(min(rest, 22));
  for (; rest < 0; rest += min(-rest, 22)) guess /= power(min(-rest, 22));
  return refine(digits, end, decimalPoint, min(guess, f64.MAX_VALUE));
}

/** Moves a guess that is a few units off to the nearest double, by exact comparison with the midpoints around it. */
function refine(digits: i32, end: i32, decimalPoint: i32, guess: f64): f64 {
  // At most 771 digits, so 2,562 bits; times at most 2^1075, 3,637 bits. The other side: 54 bits times 10^1100, 3,709.
  const value = big(0);
  set(value, 0);
  let count = 0;
  let sticky = false;
  for (let at = digits; at < end; at++) {
    const digit = i32(load<u8>(at)) - 48;
    if (digit < 0) continue;
    if (count < SIGNIFICANT) {
      multiply(value, 10, digit);
      count++;
    } else if (digit !== 0) {
      sticky = true;
      break;
    }
  }
  if (sticky) {
    multiply(value, 10, 1);
    count++;
  }
  charge(EXACT_STEPS + count);
  const scale = decimalPoint - count;
  if (scale > 0) multiplyPower10(value, scale);
  let bits = reinterpret<u64>(guess);
  while (true) {
    // Above the midpoint to the next double: that one. On it: the even one.
    const above = bits === INFINITY_BITS ? -1 : orderToMidpoint(value, bits, -scale);
    if (above > 0 || (above === 0 && (bits & 1) === 1)) {
      bits++;
      continue;
    }
    const below = bits === 0 ? 1 : orderToMidpoint(value, bits - 1, -scale);
    if (below < 0 || (below === 0 && (bits & 1) === 1)) {
      bits--;
      continue;
    }
    return reinterpret<f64>(bits);
  }
}

/** The order of value * 10^-scale and the middle between the double of `bits` and the next. */
function orderToMidpoint(value: i32, bits: u64, scale: i32): i32 {
  const field = i32(bits >> 52);
  const mantissa = field === 0 ? bits & FRACTION : (bits & FRACTION) | HIDDEN;
  const exponent = max(field, 1) - 1076;
  const left = big(1);
  const right = big(2);
  assign(left, value);
  set(right, (mantissa << 1) | 1);
  if (scale > 0) multiplyPower10(right, scale);
  if (exponent < 0) shift(left, -exponent);
  else shift(right, exponent);
  return order(left, right);
}
