import { describe, expect, it } from "vitest";
import { zoneTable } from "../../conditions/zones.ts";
import { duration, engine, failed, make, NODE, nil, reset, show, str, timestamp, type Value, zone } from "./guest.ts";

const FIRST = -62_135_596_800;
const LAST = 253_402_300_799;

let seed = 0;
function below(limit: number): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
  return ((seed >>> 8) * limit) >>> 24;
}
const anySecond = (): number =>
  FIRST + Math.floor(((below(2 ** 24) * 2 ** 24 + below(2 ** 24)) / 2 ** 48) * (LAST - FIRST));

/** The ten parts, or one error ten times. */
function parts(time: Value, where: Value | null): string {
  reset();
  const shown = Array.from({ length: 10 }, (_, part) =>
    show(engine.timePart(make(time), where === null ? 0 : make(where), part, NODE)),
  );
  return new Set(shown).size === 1 ? (shown[0] as string) : shown.join(" ");
}

/** The same parts by JavaScript's own calendar. */
function partsOf(seconds: number, nanos: number): string {
  const date = new Date(seconds * 1000);
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  const yearDay = Math.floor((date.getTime() - start.getTime()) / 86_400_000);
  const day = date.getUTCDate();
  const civil = [date.getUTCFullYear(), date.getUTCMonth(), yearDay, day - 1, day, date.getUTCDay()];
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), Math.floor(nanos / 1e6)];
  return [...civil, ...clock].join(" ");
}

const table = (name: string): Value => zone(zoneTable(name) as Uint8Array);

describe("the parts of a timestamp", () => {
  it("are those of the proleptic Gregorian calendar, from year 1 to 9999", () => {
    seed = 1;
    const edges = [
      FIRST,
      LAST,
      0,
      -1,
      951_782_400,
      951_868_799,
      951_868_800,
      -2_203_891_200,
      4_107_542_400,
      253_370_764_800,
    ];
    for (const seconds of [...edges, ...Array.from({ length: 2000 }, anySecond)]) {
      const nanos = below(1_000_000_000 / 64) * 64;
      expect(parts(timestamp(seconds, nanos), null), new Date(seconds * 1000).toISOString()).toBe(
        partsOf(seconds, nanos),
      );
    }
  });

  it("move with an offset, written in the expression or computed, also out of the range of timestamps", () => {
    for (const seconds of [FIRST, LAST, 0, 1_709_164_800]) {
      for (const [text, offset] of [
        ["+23:59", 86_340],
        ["-23:59", -86_340],
        ["05:45", 20_700],
        ["-00:00", 0],
        ["-02:30", -9000],
      ] as const) {
        expect(parts(timestamp(seconds), str(text)), text).toBe(partsOf(seconds + offset, 0));
        expect(parts(timestamp(seconds), table(text)), text).toBe(partsOf(seconds + offset, 0));
      }
    }
  });

  it.each<[string, Value, Value | null, string]>([
    ["a name that is no offset", timestamp(0), str("Europe/Berlin"), "invalid_argument@7"],
    ["an offset without a sign, too short", timestamp(0), str("1:00"), "invalid_argument@7"],
    ["an offset with something behind it", timestamp(0), str("+01:00Z"), "invalid_argument@7"],
    ["an empty text", timestamp(0), str(""), "invalid_argument@7"],
    ["the beginning of what may be an offset", timestamp(0), str("+01:00", true), "truncated@7"],
    ["the beginning of what is too long for one", timestamp(0), str("+01:00:", true), "invalid_argument@7"],
    ["a zone that is no text", timestamp(0), nil, "no_such_overload@7"],
    ["an error as the zone", timestamp(0), failed(8), "overflow@7"],
    ["an error as the time, before one as the zone", failed(9, 2), failed(8), "invalid_argument@2"],
    ["what is no time", str("2024"), null, "no_such_overload@7"],
    ["a duration in a zone", duration(1), str("+01:00"), "no_such_overload@7"],
    ["a host's time after year 9999", timestamp(LAST + 1), null, "overflow@7"],
    ["a host's time before year 1", timestamp(FIRST - 1), str("+01:00"), "overflow@7"],
  ])("are an error of %s", (_, time, where, wanted) => {
    expect(parts(time, where)).toBe(wanted);
  });
});

describe("the parts of a duration", () => {
  const N = "no_such_overload@7 ".repeat(6);
  it.each([
    [0n, "0 0 0 0"],
    [3_599_999_999_999n, "0 59 3599 999"],
    [-3_599_999_999_999n, "0 -59 -3599 -999"],
    [90_061_001_999_999n, "25 1501 90061 1"],
    [2n ** 63n - 1n, "2562047 153722867 9223372036 854"],
    [-(2n ** 63n), "-2562047 -153722867 -9223372036 -854"],
  ])("of %s ns are totals, but for the milliseconds", (nanos, wanted) => {
    expect(parts(duration(nanos), null)).toBe(N + wanted);
  });
});
