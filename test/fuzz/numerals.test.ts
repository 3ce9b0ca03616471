// Numbers in formats against JavaScript's own printing and against exact arithmetic on BigInts.

import { beforeEach, describe, expect, it } from "vitest";
import * as abi from "../../engine/abi.ts";
import { double, engine, int, make, memory, reset, uint, type Value } from "../engine/guest.ts";
import { words } from "./random.ts";

beforeEach(() => reset());

function printed(value: Value, kind: string, precision: number | null = null, extra = 0, width = 0): string {
  reset();
  const slot = make(value);
  engine.outBegin();
  const sizes =
    width |
    ((precision === null ? 0 : precision + 1) << abi.FORMAT_PRECISION_SHIFT) |
    ((kind === "" ? 0 : kind.charCodeAt(0)) << abi.FORMAT_KIND_SHIFT);
  engine.outFormatted(slot, 32 | extra, sizes);
  return Buffer.from(memory.buffer, abi.OUT_BASE, engine.outEnd()).toString();
}

const view = new DataView(new ArrayBuffer(8));

/** A finite double as numerator and denominator. */
function fraction(value: number): [bigint, bigint] {
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const field = bits >> 52n;
  const mantissa = (bits & 0xfffffffffffffn) | (field === 0n ? 0n : 1n << 52n);
  const exponent = (field === 0n ? 1n : field) - 1075n;
  return exponent >= 0n ? [mantissa << exponent, 1n] : [mantissa, 1n << -exponent];
}

/** The nearest integer, half to even. */
function rounded(top: bigint, bottom: bigint): bigint {
  const whole = top / bottom;
  const twice = 2n * (top % bottom);
  return twice > bottom || (twice === bottom && whole % 2n === 1n) ? whole + 1n : whole;
}

const isTie = (top: bigint, bottom: bigint): boolean => 2n * (top % bottom) === bottom;
const sign = (value: number): string => (value < 0 || Object.is(value, -0) ? "-" : "");

function fixed(value: number, places: number): string {
  const [top, bottom] = fraction(value);
  const digits = rounded(top * 10n ** BigInt(places), bottom)
    .toString()
    .padStart(places + 1, "0");
  const point = digits.length - places;
  return `${sign(value)}${digits.slice(0, point)}${places > 0 ? `.${digits.slice(point)}` : ""}`;
}

/** Digits with one before the point, and the exponent. */
function scientific(value: number, places: number): string {
  const [top, bottom] = fraction(value);
  if (top === 0n) return `${sign(value)}0${places > 0 ? `.${"0".repeat(places)}` : ""}e+00`;
  let exponent = top.toString().length - bottom.toString().length - 1;
  const at = (e: number): bigint => {
    const shift = BigInt(places - e);
    return shift >= 0n ? rounded(top * 10n ** shift, bottom) : rounded(top, bottom * 10n ** -shift);
  };
  while (at(exponent).toString().length > places + 1) exponent++;
  const digits = at(exponent).toString();
  const shown = `${digits[0]}${places > 0 ? `.${digits.slice(1)}` : ""}`;
  return `${sign(value)}${shown}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** Doubles of all kinds: any bits, short decimals, whole numbers, halves, powers of two and ten. */
function* doubles(seed: number, count: number): Generator<number> {
  const next = words(seed);
  for (let i = 0; i < count; i++) {
    view.setUint32(0, next());
    view.setUint32(4, next());
    const any = view.getFloat64(0);
    yield [
      any,
      (next() % 2_000_001) / 1000 - 1000,
      next() - 2 ** 31,
      (next() % 100_000) / 8,
      2 ** ((next() % 2098) - 1074),
      10 ** ((next() % 600) - 300),
      Number(`${next() % 1000}e${(next() % 40) - 20}`),
      (next() / 2 ** 32) * 10,
    ][next() % 8] as number;
  }
}

const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  2.5,
  -2.5,
  0.125,
  9.5,
  99.5,
  9.995,
  999999.5,
  5e-324,
  Number.MAX_VALUE,
  2 ** 53,
  1e21,
  1e22,
];

describe("a double in a format", () => {
  const values = [...SPECIAL, ...doubles(1, 1500)].filter(Number.isFinite);

  it("has the exact digits of f and e, rounded half to even", () => {
    const next = words(2);
    for (const value of values) {
      const places = next() % (next() % 4 === 0 ? 101 : 8);
      expect(printed(double(value), "f", places), `${value} .${places}f`).toBe(fixed(value, places));
      expect(printed(double(value), "e", places), `${value} .${places}e`).toBe(scientific(value, places));
    }
  });

  it("is what JavaScript prints, but for halves, which it rounds up, and exponents, which it writes shorter", () => {
    const next = words(3);
    let compared = 0;
    for (const value of values) {
      const places = next() % 12;
      const [top, bottom] = fraction(value);
      if (Math.abs(value) < 1e21 && !isTie(top * 10n ** BigInt(places), bottom) && !Object.is(value, -0)) {
        expect(printed(double(value), "f", places)).toBe(value.toFixed(places));
        compared++;
      }
      const [digits, exponent] = value.toExponential(places).split("e") as [string, string];
      const mine = printed(double(value), "e", places).split("e");
      if (digits === mine[0]?.replace(/^-(?=[0.]*$)/, "")) {
        expect(Number(mine[1])).toBe(Number(exponent));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(values.length);
  });

  it("keeps its value as d, without an exponent", () => {
    for (const value of values) {
      const text = printed(double(value), "d");
      expect(text).toMatch(/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?$/);
      expect(Object.is(Number(text), value), `${value} is ${text}`).toBe(true);
    }
  });

  it("has as many digits as g asks for, and no zeros behind them", () => {
    const next = words(4);
    for (const value of values) {
      const places = 1 + (next() % 20);
      const [digits, power] = scientific(value, places - 1).split("e") as [string, string];
      const exponent = Number(power);
      const strip = (text: string): string => (text.includes(".") ? text.replace(/\.?0*$/, "") : text);
      const wanted =
        exponent < -4 || exponent >= places ? `${strip(digits)}e${power}` : strip(fixed(value, places - 1 - exponent));
      expect(printed(double(value), "g", places), `${value} .${places}g`).toBe(wanted);
    }
  });

  it("is a hundred times itself as a percentage", () => {
    const next = words(5);
    for (const value of values) {
      const places = next() % 6;
      const [top, bottom] = fraction(value);
      const digits = rounded(top * 10n ** BigInt(places + 2), bottom)
        .toString()
        .padStart(places + 1, "0");
      const point = digits.length - places;
      const wanted = `${sign(value)}${digits.slice(0, point)}${places > 0 ? `.${digits.slice(point)}` : ""}%`;
      expect(printed(double(value), "%", places)).toBe(wanted);
    }
  });
});

describe("a whole number in a format", () => {
  const next = words(6);
  const wide = (): bigint => ((BigInt(next()) << 32n) | BigInt(next())) >> BigInt(next() % 64);
  const magnitudes = [0n, 1n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 64n - 1n, ...Array.from({ length: 1000 }, wide)];

  it.each([
    ["x", 16],
    ["o", 8],
    ["b", 2],
    ["d", 10],
  ] as const)("is what JavaScript prints as %s", (kind, radix) => {
    for (const magnitude of magnitudes) {
      expect(printed(uint(magnitude), kind)).toBe(magnitude.toString(radix));
      const signed = BigInt.asIntN(64, magnitude);
      expect(printed(int(signed), kind)).toBe(signed.toString(radix));
      const rough = Number(signed);
      if (Math.abs(rough) < 2 ** 53) expect(printed(double(rough), kind)).toBe(rough.toString(radix));
    }
  });

  it("has all its digits as f", () => {
    for (const magnitude of magnitudes) expect(printed(uint(magnitude), "f", 2)).toBe(`${magnitude}.00`);
  });

  it("is grouped as JavaScript groups it", () => {
    const comma = 1 << abi.FORMAT_GROUP_SHIFT;
    for (const magnitude of magnitudes) {
      const signed = BigInt.asIntN(64, magnitude);
      expect(printed(int(signed), "d", null, comma)).toBe(signed.toLocaleString("en"));
    }
  });

  it("fills any width with zeros, groups included, and no further than needed", () => {
    const comma = 1 << abi.FORMAT_GROUP_SHIFT;
    for (const magnitude of magnitudes.slice(0, 200)) {
      const signed = BigInt.asIntN(64, magnitude);
      const width = next() % 40;
      const text = printed(int(signed), "", null, abi.FORMAT_ZERO | comma, width);
      expect(text).toMatch(/^-?[0-9]{1,3}(?:,[0-9]{3})*$/);
      expect(BigInt(text.replaceAll(",", ""))).toBe(signed);
      const shortest = signed.toLocaleString("en").length;
      // A separator never stands first, so that a width can be passed by one.
      expect(text.length).toBeGreaterThanOrEqual(Math.max(width, shortest));
      expect(text.length).toBeLessThanOrEqual(Math.max(width + 1, shortest));
    }
  });
});
