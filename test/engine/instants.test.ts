// The compiler and the engine read the same texts: two implementations, held against each other over seeded texts.
import { describe, expect, it } from "vitest";
import { parseDuration, parseTimestamp } from "../../conditions/instants.ts";
import { engine, failed, int, make, NODE, reset, show, str, timestamp } from "./guest.ts";

let seed = 0;
function below(limit: number): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
  return ((seed >>> 8) * limit) >>> 24;
}
const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
const digits = (count: number): string => Array.from({ length: count }, () => below(10)).join("");

/** A text, often with one character changed, left out or put in. */
function damaged(text: string): string {
  if (below(3) > 0) return text;
  const at = below(text.length + 1);
  const inserted = pick(["", "0", "9", "-", "+", ".", ":", "Z", "T", " ", "s", "m", "h", "µ", "é", "😀", "\u0000"]);
  return text.slice(0, at) + inserted + text.slice(at + below(2));
}

const two = (limit: number): string => String(below(limit)).padStart(2, "0");

function timestampText(): string {
  const year = pick([digits(4), "0000", "0001", "9999", "2000", "1900", "2024"]);
  const month = pick([two(13), "02", "12", "01"]);
  const day = pick([two(33), "28", "29", "30", "31", "01"]);
  const fraction = pick(["", "", `.${digits(1 + below(12))}`]);
  const zone = pick(["Z", "z", `+${two(25)}:${two(61)}`, `-${two(24)}:${two(60)}`]);
  return damaged(`${year}-${month}-${day}${pick(["T", "t"])}${two(25)}:${two(61)}:${two(61)}${fraction}${zone}`);
}

const UNITS = ["h", "m", "s", "ms", "us", "µs", "μs", "ns"];

function durationText(): string {
  const term = (): string => {
    const whole = digits(pick([0, 1, 1, 2, 4, 7, 10, 13, 16, 19, 20, 30]));
    return `${whole}${pick(["", "", ".", `.${digits(below(25))}`])}${pick(UNITS)}`;
  };
  const terms = Array.from({ length: 1 + below(4) }, term).join("");
  return damaged(pick(["", "", "-", "+"]) + pick([terms, terms, terms, terms, "0", ""]));
}

const ROUNDS = 15_000;

describe("texts of times", () => {
  it("are timestamps to the engine exactly as they are to the compiler", () => {
    seed = 20_260_802;
    const outcomes = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const text = timestampText();
      reset();
      const value = parseTimestamp(text);
      const wanted = typeof value === "string" ? `${value}@${NODE}` : `at ${value.seconds}.${value.nanos}`;
      expect(show(engine.toTimestamp(make(str(text)), NODE)), text).toBe(wanted);
      const kind = typeof value === "string" ? value : "value";
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    }
    for (const kind of ["value", "conversion", "overflow"]) expect(outcomes.get(kind), kind).toBeGreaterThan(50);
  });

  it("are durations to the engine exactly as they are to the compiler", () => {
    seed = 20_260_803;
    const outcomes = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const text = durationText();
      reset();
      const value = parseDuration(text);
      const wanted = typeof value === "string" ? `${value}@${NODE}` : `for ${value}`;
      expect(show(engine.toDuration(make(str(text)), NODE)), text).toBe(wanted);
      const kind = typeof value === "string" ? value : "value";
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    }
    for (const kind of ["value", "conversion", "overflow"]) expect(outcomes.get(kind), kind).toBeGreaterThan(1000);
  });

  it("come back from the text that a value prints", () => {
    seed = 20_260_804;
    for (let round = 0; round < 5000; round++) {
      const seconds = below(2 ** 24) * pick([1, 7919, 15_000]) - pick([0, 62_135_596_800]);
      const nanos = pick([0, 1, 999_999_999, 500_000_000, below(2 ** 24)]);
      reset();
      const printed = engine.toText(make(timestamp(seconds, nanos)), NODE);
      expect(show(engine.toTimestamp(printed, NODE))).toBe(`at ${seconds}.${nanos}`);
      const date = new Date(seconds * 1000).toISOString().slice(0, 19);
      expect(show(printed)).toContain(date);
    }
  });

  it("are not judged by their beginning", () => {
    reset();
    expect(show(engine.toTimestamp(make(str("2024-01-01T00:00:00Z", true)), NODE))).toBe("truncated@7");
    expect(show(engine.toDuration(make(str("5s", true)), NODE))).toBe("truncated@7");
  });

  it("cost steps by their length, and none are read without", () => {
    const long = `0.${"1".repeat(4000)}s`;
    reset();
    const slot = make(str(long));
    engine.toDuration(slot, NODE);
    expect(1_000_000 - (engine.steps.value as number)).toBeGreaterThan(4000 / 16);
    reset(100);
    expect(show(engine.toDuration(make(str(long)), NODE))).toBe("budget@7");
  });

  it("pass an error on, with the first position that it was given", () => {
    reset();
    expect(show(engine.toTimestamp(make(failed(6, 3)), NODE))).toBe(show(make(failed(6, 3))));
    expect(show(engine.toDuration(make(failed(6)), NODE))).toBe(show(make(failed(6, NODE))));
    expect(show(engine.toTimestamp(make(int(0)), NODE))).toBe("at 0.0");
  });
});
