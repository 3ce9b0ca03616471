import { beforeEach, describe, expect, it } from "vitest";
import { double, engine, make, octets, render, reset, show, str, view } from "./guest.ts";

beforeEach(() => reset());

/** A small generator with a seed, so that a failure comes back. */
function randomBits(seed: number): () => bigint {
  let state = BigInt(seed) * 2n + 1n;
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return BigInt.asUintN(64, (state ^ (state >> 29n)) * 0x9e3779b97f4a7c15n);
  };
}

const scratch = new DataView(new ArrayBuffer(8));
function fromBits(bits: bigint): number {
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}

const EDGES = [
  0,
  1,
  10,
  100,
  123456789,
  0.1,
  0.5,
  0.3,
  1 / 3,
  2 / 3,
  1.1,
  123.456,
  1e15,
  1e16,
  999999999999999,
  9999999999999998,
  1e20,
  1e21,
  1e22,
  1e23,
  123e18,
  1.5e300,
  1e-5,
  1e-6,
  1e-7,
  1.5e-7,
  0.000001234,
  5e-324,
  1e-323,
  2.2250738585072014e-308,
  2.225073858507201e-308,
  4.9406564584124654e-324,
  1.7976931348623157e308,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  2 ** 64,
  2 ** 1023,
  2 ** -1022,
  9.5367431640625e-7,
  5e-5,
  8.41e21,
  2 ** 76 + 2 ** 24,
  2 ** 70,
  2 ** -70,
  4.35,
  0.15,
  1.005,
  4.5e15,
  2 ** 51 + 0.5,
  2 ** 50 + 0.25,
  Number.EPSILON,
  NaN,
  Infinity,
];

describe("printing doubles", () => {
  it("writes the edges as ECMAScript does, in both signs", () => {
    for (const value of EDGES) {
      for (const signed of [value, -value]) expect(render(double(signed))).toBe(String(signed));
    }
  });

  it("writes the same text as JavaScript for random bits, powers of two and short decimals", () => {
    const next = randomBits(1);
    const samples: number[] = [];
    for (let i = 0; i < 40_000; i++) samples.push(fromBits(next()));
    for (let i = -1074; i < 1024; i++) samples.push(2 ** i, fromBits(BigInt(i + 1075)));
    for (let i = 0; i < 40_000; i++) samples.push(Number(next() % 1_000_000n) / 10 ** Number(next() % 9n));
    for (let i = 0; i < 20_000; i++) samples.push(Number(next() >> 11n) * 2 ** (Number(next() % 60n) - 50));
    const slot = make(double(0));
    const wrong: string[] = [];
    for (const value of samples) {
      engine.steps.value = 1_000_000;
      view.setFloat64(slot + 8, value, true);
      engine.outBegin();
      engine.outValue(slot);
      const text = Buffer.from(octets.buffer, 0x10000, engine.outEnd()).toString();
      if (text !== String(value)) wrong.push(`${String(value)} as ${text}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("reading doubles", () => {
  const read = (text: string): string => show(engine.toDouble(make(str(text)), 7));

  it.each([
    ["1", "1d"],
    ["-1", "-1d"],
    ["+1.5", "1.5d"],
    [".5", "0.5d"],
    ["5.", "5d"],
    ["1e3", "1000d"],
    ["1E-3", "0.001d"],
    ["1e+3", "1000d"],
    ["0", "0d"],
    ["-0", "-0d"],
    ["0e999999999", "0d"],
    ["000.000", "0d"],
    ["007", "7d"],
    ["1e-400", "0d"],
    ["-1e-400", "-0d"],
    ["1e-999999999999", "0d"],
    ["NaN", "NaNd"],
    ["nan", "NaNd"],
    ["Inf", "Infinityd"],
    ["-inf", "-Infinityd"],
    ["+Infinity", "Infinityd"],
    ["INFINITY", "Infinityd"],
    ["1e309", "overflow@7"],
    ["-1e309", "overflow@7"],
    ["1e999999999999", "overflow@7"],
    ["1.7976931348623157e308", "1.7976931348623157e+308d"],
    ["1.7976931348623158e308", "1.7976931348623157e+308d"],
    ["1.7976931348623159e308", "overflow@7"],
    ["2.2250738585072011e-308", "2.225073858507201e-308d"],
    ["2.4703282292062327208e-324", "0d"],
    ["2.4703282292062328e-324", "5e-324d"],
    ["9007199254740993", "9007199254740992d"],
    ["9007199254740993.0000000000000000000000000000000001", "9007199254740994d"],
    ["", "conversion@7"],
    ["-", "conversion@7"],
    [".", "conversion@7"],
    ["e5", "conversion@7"],
    ["1e", "conversion@7"],
    ["1e+", "conversion@7"],
    ["1.2.3", "conversion@7"],
    [" 1", "conversion@7"],
    ["1 ", "conversion@7"],
    ["1_0", "conversion@7"],
    ["0x10", "conversion@7"],
    ["infinit", "conversion@7"],
    ["+nan", "conversion@7"],
    ["1e5x", "conversion@7"],
    ["--1", "conversion@7"],
  ])("reads %j as %s", (text, want) => {
    expect(read(text)).toBe(want);
  });

  it("reads what JavaScript reads from random texts, also very long ones and midpoints", () => {
    const next = randomBits(2);
    const texts: string[] = [];
    for (let i = 0; i < 4_000; i++) texts.push(String(Math.abs(fromBits(next()))));
    for (let i = 0; i < 4_000; i++) texts.push(`${next()}${next()}e${Number(next() % 700n) - 370}`);
    for (let i = 0; i < 2_000; i++) texts.push(`${next() % 100000n}.${next() % 1000000n}`);
    for (let i = 0; i < 300; i++) texts.push(`0.${"0".repeat(Number(next() % 330n))}${next()}${next()}${next()}`);
    // Exact midpoints between neighbours, and one digit above and below them.
    for (let i = 0; i < 500; i++) {
      const middle = ((next() >> 11n) * 2n + 1n) << (next() % 900n);
      texts.push(`${middle}`, `${middle}.${"0".repeat(800)}1`, `${middle - 1n}.${"9".repeat(800)}`);
    }
    const wrong: string[] = [];
    for (const text of texts) {
      if (!Number.isFinite(Number(text))) continue;
      reset();
      const got = view.getFloat64(engine.toDouble(make(str(text)), 7) + 8, true);
      if (!Object.is(got, Number(text))) wrong.push(`${text} as ${got}`);
    }
    expect(wrong).toEqual([]);
  });

  it("reads the exact decimal expansion of the smallest doubles", () => {
    // 2^-1074 has 751 significant digits; half of it is the midpoint to zero.
    const smallest = (5n ** 1074n).toString();
    const text = (digits: string, places: number): string => `0.${digits.padStart(places, "0")}`;
    expect(read(text(smallest, 1074))).toBe("5e-324d");
    const half = (5n ** 1075n).toString();
    expect(read(text(half, 1075))).toBe("0d");
    expect(read(`${text(half, 1075)}1`)).toBe("5e-324d");
    expect(read(`${text((5n ** 1075n * 3n).toString(), 1075)}`)).toBe("1e-323d");
  });
});
