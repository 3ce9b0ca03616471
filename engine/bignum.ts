// Unsigned big integers of at most 4096 bits, at the fixed places of scratch.ts: just what exact decimal conversion needs.
//
//   0              4
//   +--------------+---------+---------+----
//   | limbs in use | u32 low | u32     | ...
//   +--------------+---------+---------+----
//
// Callers keep within the size; decimal.ts says why they do.
import { BIGNUM_BYTES, BIGNUMS } from "./scratch.ts";

/** The big integer number `index`. */
export function big(index: i32): i32 {
  return BIGNUMS + index * BIGNUM_BYTES;
}

/** Sets it to a 64-bit value. */
export function set(n: i32, value: u64): void {
  store<u64>(n + 4, value);
  store<i32>(n, value === 0 ? 0 : value >> 32 === 0 ? 1 : 2);
}

/** Copies `from`. */
export function assign(n: i32, from: i32): void {
  memory.copy(n, from, 4 + (load<i32>(from) << 2));
}

/** n = n * factor + addend. */
export function multiply(n: i32, factor: u32, addend: u32): void {
  let carry = u64(addend);
  const count = load<i32>(n);
  let at = n + 4;
  for (let i = 0; i < count; i++, at += 4) {
    carry += u64(load<u32>(at)) * u64(factor);
    store<u32>(at, u32(carry));
    carry >>= 32;
  }
  if (carry !== 0) {
    store<u32>(at, u32(carry));
    store<i32>(n, count + 1);
  }
}

/** n = n / divisor; returns the remainder. */
export function divide(n: i32, divisor: u32): u32 {
  let rest: u64 = 0;
  let count = load<i32>(n);
  for (let at = n + (count << 2); at > n; at -= 4) {
    rest = (rest << 32) | u64(load<u32>(at));
    store<u32>(at, u32(rest / u64(divisor)));
    rest %= u64(divisor);
  }
  while (count > 0 && load<u32>(n + (count << 2)) === 0) count--;
  store<i32>(n, count);
  return u32(rest);
}

/** n = n * 10^power. */
export function multiplyPower10(n: i32, power: i32): void {
  for (; power >= 9; power -= 9) multiply(n, 1_000_000_000, 0);
  let factor: u32 = 1;
  for (; power > 0; power--) factor *= 10;
  multiply(n, factor, 0);
}

/** n = n * 2^bits. */
export function shift(n: i32, bits: i32): void {
  const count = load<i32>(n);
  if (count === 0) return;
  const words = bits >> 5;
  if (words > 0) {
    memory.copy(n + 4 + (words << 2), n + 4, count << 2);
    memory.fill(n + 4, 0, words << 2);
    store<i32>(n, count + words);
  }
  multiply(n, u32(1) << (bits & 31), 0);
}

/** -1, 0 or 1. */
export function order(a: i32, b: i32): i32 {
  const count = load<i32>(a);
  const other = load<i32>(b);
  if (count !== other) return count < other ? -1 : 1;
  for (let i = count << 2; i > 0; i -= 4) {
    const x = load<u32>(a + i);
    const y = load<u32>(b + i);
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** n = n + addend. */
export function add(n: i32, addend: i32): void {
  const own = load<i32>(n);
  const other = load<i32>(addend);
  const count = max(own, other);
  let carry: u64 = 0;
  for (let i = 1; i <= count; i++) {
    const at = i << 2;
    if (i <= own) carry += load<u32>(n + at);
    if (i <= other) carry += load<u32>(addend + at);
    store<u32>(n + at, u32(carry));
    carry >>= 32;
  }
  if (carry !== 0) store<u32>(n + 4 + (count << 2), u32(carry));
  store<i32>(n, count + i32(carry !== 0));
}

/** n = n - subtrahend, which is not larger. */
export function subtract(n: i32, subtrahend: i32): void {
  const other = load<i32>(subtrahend);
  let count = load<i32>(n);
  let borrow: i64 = 0;
  for (let i = 1; i <= count; i++) {
    const at = i << 2;
    borrow += i64(load<u32>(n + at));
    if (i <= other) borrow -= i64(load<u32>(subtrahend + at));
    store<u32>(n + at, u32(borrow));
    borrow >>= 32;
  }
  while (count > 0 && load<u32>(n + (count << 2)) === 0) count--;
  store<i32>(n, count);
}
