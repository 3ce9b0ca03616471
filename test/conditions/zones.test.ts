// What a table of transitions says, read by the engine, against what Intl says of the same second.
import { describe, expect, test } from "vitest";
import { zoneTable } from "../../conditions/zones.ts";
import { engine, make, NODE, reset, show, timestamp, type Value, zone } from "../engine/guest.ts";

const YEAR_9999 = 253_402_300_799;
const at = (text: string): number => Date.parse(text) / 1000;
const table = (name: string): Value => zone(zoneTable(name) as Uint8Array);

let seed = 0;
function below(limit: number): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
  return ((seed >>> 8) * limit) >>> 24;
}
const between = (from: number, to: number): number =>
  from + Math.floor(((below(2 ** 24) * 2 ** 24 + below(2 ** 24)) / 2 ** 48) * (to - from));

/** Date, hour, minute and second by the engine. */
function byEngine(value: Value, seconds: number): string {
  reset();
  const slot = make(value);
  const part = (which: number): string => show(engine.timePart(make(timestamp(seconds)), slot, which, NODE));
  return [4, 6, 7, 8].map(part).join(" ");
}

function byIntl(name: string): (seconds: number) => string {
  const fields = { day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, hourCycle: "h23", ...fields });
  return (seconds) => {
    const parts = new Map(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, Number(value)]));
    return ["day", "hour", "minute", "second"].map((type) => parts.get(type as "day")).join(" ");
  };
}

/** Regular, irregular, without any change, with a day left out, on both sides of the equator, with changes days apart. */
const NAMES = [
  "America/New_York",
  "Europe/Berlin",
  "Europe/London",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Pacific/Apia",
  "Pacific/Honolulu",
  "America/Noronha",
  "America/Argentina/Tucuman",
  "Africa/Tunis",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Asia/Gaza",
  "Europe/Vienna",
  "America/Juneau",
  "Asia/Manila",
  "Africa/Monrovia",
  "Asia/Kathmandu",
  "Etc/GMT+12",
];

describe("a zone's table", () => {
  test.each(NAMES)("gives what the platform gives: %s", (name) => {
    seed = 7;
    const value = table(name);
    const intl = byIntl(name);
    const seconds = [
      ...Array.from({ length: 300 }, () => between(at("1850-01-01T00:00:00Z"), at("2050-01-01T00:00:00Z"))),
      ...Array.from({ length: 100 }, () => between(at("2038-01-01T00:00:00Z"), YEAR_9999)),
      ...Array.from({ length: 20 }, () => between(at("0001-01-02T00:00:00Z"), at("1850-01-01T00:00:00Z"))),
    ];
    for (const second of seconds) expect(byEngine(value, second), `${second}`).toBe(intl(second));
  });

  // Offsets went back within days: each day of these years is compared, at noon and midnight.
  test.each([
    ["Africa/Tunis", 1943],
    ["Europe/Tirane", 1943],
    ["Europe/Vienna", 1945],
    ["America/Noronha", 2000],
    ["America/Maceio", 2000],
    ["America/Argentina/Tucuman", 2004],
    ["America/Argentina/San_Luis", 2008],
    ["Africa/Cairo", 2010],
    ["Pacific/Honolulu", 1933],
    ["Europe/Athens", 1941],
    ["Asia/Shanghai", 1949],
    ["Africa/Casablanca", 2026],
  ])("misses nothing in an odd year: %s in %i", (name, year) => {
    const value = table(name);
    const intl = byIntl(name);
    const start = Date.UTC(year, 0, 1) / 1000;
    for (let half = 0; half < 2 * 366; half++) {
      const second = start + half * 43_200;
      expect(byEngine(value, second), new Date(second * 1000).toISOString()).toBe(intl(second));
    }
  });

  test("changes at the very second", () => {
    const berlin = table("Europe/Berlin");
    expect(byEngine(berlin, at("2024-03-31T00:59:59Z"))).toBe("31 1 59 59");
    expect(byEngine(berlin, at("2024-03-31T01:00:00Z"))).toBe("31 3 0 0");
    expect(byEngine(berlin, at("2024-10-27T00:59:59Z"))).toBe("27 2 59 59");
    expect(byEngine(berlin, at("2024-10-27T01:00:00Z"))).toBe("27 2 0 0");
    // Years that the table does not hold are like one that it holds.
    expect(byEngine(berlin, at("2500-03-28T00:59:59Z"))).toBe("28 1 59 59");
    expect(byEngine(berlin, at("2500-03-28T01:00:00Z"))).toBe("28 3 0 0");
  });

  test("is small, and made once", () => {
    for (const name of NAMES) expect((zoneTable(name) as Uint8Array).length, name).toBeLessThan(4096);
    expect(zoneTable("Europe/Berlin")).toBe(zoneTable("Europe/Berlin"));
    expect(zoneTable("UTC")?.length).toBe(16);
    expect(zoneTable("+05:30")?.length).toBe(16);
  });

  test.each([
    "",
    "Europe/Atlantis",
    "+5:30",
    "+0530",
    "+24:00",
    "05:60",
    "+05:30:00",
    "UTC+2",
    "../etc/localtime",
    " UTC",
    "x".repeat(5000),
    "Europe/Berlin\u0000",
  ])("is not made of %j", (name) => {
    expect(zoneTable(name)).toBeNull();
  });
});
