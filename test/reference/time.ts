// Timestamps and durations of the reference interpreter, on bigints of nanoseconds and JavaScript's own calendar.
import type { Entry } from "./functions.ts";
import type { Result } from "./interpreter.ts";
import { Fail, int, type Value } from "./values.ts";

const SECOND = 1_000_000_000n;
const none = (node: number) => new Fail("no_such_overload", node);

/** Rounds towards the past, as a calendar does. */
const floorDiv = (a: bigint, b: bigint): bigint => (a % b < 0n ? a / b - 1n : a / b);
const floorMod = (a: bigint, b: bigint): bigint => a - floorDiv(a, b) * b;

/** Digits after the point without zeros at the end; nothing for none. */
const fraction = (nanoseconds: bigint): string =>
  nanoseconds === 0n ? "" : `.${String(nanoseconds).padStart(9, "0").replace(/0+$/, "")}`;

function dateOf(ns: bigint): Date {
  return new Date(Number(floorDiv(ns, 1_000_000n)));
}

export function timestampText(ns: bigint): string {
  return `${dateOf(ns).toISOString().slice(0, 19)}${fraction(floorMod(ns, SECOND))}Z`;
}

export function durationText(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  return `${ns < 0n ? "-" : ""}${size / SECOND}${fraction(size % SECOND)}s`;
}

/** RFC 3339, or null. */
export function parseTimestamp(source: string): bigint | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(source);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 || day < 1) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (date.getUTCDate() !== day) return null;
  const zone = match[8] as string;
  const offset = /z/i.test(zone)
    ? 0
    : (zone[0] === "-" ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)));
  return BigInt(date.getTime() - offset * 60_000) * 1_000_000n + BigInt((match[7] ?? "").padEnd(9, "0"));
}

const UNITS: Readonly<Record<string, bigint>> = {
  h: 3600n * SECOND,
  m: 60n * SECOND,
  s: SECOND,
  ms: 1_000_000n,
  us: 1000n,
  ns: 1n,
};

/** `1h34m5.5s`, or null. */
export function parseDuration(source: string): bigint | null {
  if (/^[+-]?0$/.test(source)) return 0n;
  if (!/^[+-]?((\d+\.?\d*|\.\d+)(h|ms|m|s|us|ns))+$/.test(source)) return null;
  let sum = 0n;
  for (const [, whole = "", digits = "", unit] of source.matchAll(/(\d*)(?:\.(\d*))?(h|ms|m|s|us|ns)/g)) {
    const scale = UNITS[unit as string] as bigint;
    sum += BigInt(whole || "0") * scale + (BigInt(digits || "0") * scale) / 10n ** BigInt(digits.length);
  }
  return source.startsWith("-") ? -sum : sum;
}

/** Minutes east of UTC, or null for what is no offset. Named zones are tested elsewhere. */
function offsetOf(zone: string): bigint | null {
  if (zone === "UTC") return 0n;
  const match = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (match === null || Number(match[2]) > 23 || Number(match[3]) > 59) return null;
  const minutes = BigInt(match[2] as string) * 60n + BigInt(match[3] as string);
  return match[1] === "-" ? -minutes : minutes;
}

/** A getter of timestamps with an optional zone. */
function part(get: (date: Date, ns: bigint) => number | bigint, ofDuration?: (ns: bigint) => bigint): Entry {
  return [
    1,
    2,
    ([value, zone], node): Result => {
      if (value!.t === "duration" && zone === undefined && ofDuration !== undefined) return int(ofDuration(value!.v));
      if (value!.t !== "timestamp") return none(node);
      if (zone === undefined) return int(get(dateOf(value!.v), value!.v));
      if (zone.t !== "string") return none(node);
      const offset = offsetOf(zone.v);
      if (offset === null) return new Fail("invalid_argument", node);
      const local = value!.v + offset * 60n * SECOND;
      return int(get(dateOf(local), local));
    },
  ];
}

const dayOfYear = (date: Date): number => {
  const first = new Date(date.getTime());
  first.setUTCMonth(0, 1);
  return Math.round((date.getTime() - first.getTime()) / 86_400_000);
};

export const TIME: Readonly<Record<string, Entry>> = {
  getFullYear: part((date) => date.getUTCFullYear()),
  getMonth: part((date) => date.getUTCMonth()),
  getDate: part((date) => date.getUTCDate()),
  getDayOfMonth: part((date) => date.getUTCDate() - 1),
  getDayOfWeek: part((date) => date.getUTCDay()),
  getDayOfYear: part(dayOfYear),
  getHours: part(
    (date) => date.getUTCHours(),
    (ns) => ns / (3600n * SECOND),
  ),
  getMinutes: part(
    (date) => date.getUTCMinutes(),
    (ns) => ns / (60n * SECOND),
  ),
  getSeconds: part(
    (date) => date.getUTCSeconds(),
    (ns) => ns / SECOND,
  ),
  getMilliseconds: part(
    (_date, ns) => floorMod(ns, SECOND) / 1_000_000n,
    (ns) => (ns / 1_000_000n) % 1000n,
  ),
};

/** Only for messages of failing tests. */
export const describeTime = (value: Value): string =>
  value.t === "timestamp" ? timestampText(value.v) : value.t === "duration" ? durationText(value.v) : value.t;
