// Timestamps and durations written in an expression: RFC 3339 and `1h34m5.5s`. Reads exactly the texts that engine/instants.ts
// reads and gives the same values; test/conditions/instants.test.ts holds the two against each other.

/** Why a text is no value: it has another form, or it is out of range. */
export type Misread = "conversion" | "overflow";

/** Seconds since 1970, and nanoseconds from 0. */
export interface Instant {
  readonly seconds: bigint;
  readonly nanos: number;
}

const FIRST_SECOND = -62135596800n;
const LAST_SECOND = 253402300799n;
const MAX_SPAN = 2n ** 63n - 1n;

/** RFC 3339, whose letters may be in lower case; a leap second has no value. */
const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** Reads a timestamp. Digits beyond nanoseconds are dropped. */
export function parseTimestamp(text: string): Instant | Misread {
  const match = TIMESTAMP.exec(text);
  if (match === null) return "conversion";
  const [year, month, day, hours, minutes, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // Years below 100 are years here, so not Date.UTC alone.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return "conversion";
  const offset = Number(match[9] ?? 0) * 3600 + Number(match[10] ?? 0) * 60;
  const clock = hours * 3600 + minutes * 60 + second + (match[8] === "-" ? offset : -offset);
  const seconds = BigInt(date.getTime() / 1000 + clock);
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return "overflow";
  return { seconds, nanos: Number((match[7] ?? "").slice(0, 9).padEnd(9, "0")) };
}

const UNITS: Readonly<Record<string, bigint>> = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1000n,
  "\u00b5s": 1000n,
  "\u03bcs": 1000n,
  ns: 1n,
};
const TERM = /(\d*)(?:\.(\d*))?(h|ms|m|s|us|\u00b5s|\u03bcs|ns)/y;

/** Reads a duration, in nanoseconds. What is less than a nanosecond is dropped from each term. */
export function parseDuration(text: string): bigint | Misread {
  const signed = /^[+-]/.test(text);
  const body = signed ? text.slice(1) : text;
  if (body === "0") return 0n;
  let sum = 0n;
  TERM.lastIndex = 0;
  while (TERM.lastIndex < body.length) {
    const match = TERM.exec(body);
    const whole = match?.[1] ?? "";
    const fraction = match?.[2] ?? "";
    if (whole === "" && fraction === "") return "conversion";
    const unit = UNITS[match?.[3] as string] as bigint;
    sum += BigInt(whole) * unit + (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length);
  }
  if (body === "") return "conversion";
  const negative = text.startsWith("-");
  if (sum > MAX_SPAN + (negative ? 1n : 0n)) return "overflow";
  return negative ? -sum : sum;
}
