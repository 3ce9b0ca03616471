// Time zones written in an expression: the table of offsets that goes into the module, laid out as engine/zones.ts says. Holds
// no time-zone data: what a name does is asked of the platform's Intl, when an expression names it, once for each name.

const secondsAt = (year: number): number => Date.UTC(year, 0, 1) / 1000;
const DAY = 86_400;
const HOUR = 3600;

/**
 * Offsets are sampled, and how often decides what a table costs. Between two samples with the same offset nothing may have
 * happened. No zone has gone back within a season before 1900, nor after less than 21 days since, but for a few years; what
 * governments will do next is looked at as closely as those, and what is said of the far future is regular.
 */
const START = 1800;
const DENSE_START = 1900;
const NEAR_FUTURE = 2025;
const ODD_YEARS: ReadonlySet<number> = new Set([1943, 1945, 2000, 2004]);
const STEPS = { sparse: 90 * DAY, usual: 20 * DAY, dense: 6 * DAY, regular: 30 * DAY };
/**
 * The 28 years that all later ones are like, in a zone whose years are alike. Else, as where clocks follow Ramadan, from the
 * first year on for which nobody has calculated it and before which there is no century without a leap day.
 */
const CYCLE = 2038;
const LATE_CYCLE = 2101;
const CYCLE_YEARS = 28;
/** Seconds of 400 years, in which the calendar repeats itself to the weekday. */
const GREGORIAN_CYCLE = 146_097 * DAY;

const OFFSET = /^([+-]?)([01]\d|2[0-3]):([0-5]\d)$/;
/** Letters first: newer versions of Intl take offsets of other forms too. */
const NAME = /^[A-Za-z][\w+\-/]*$/;
const UTC = /^(Etc\/)?(UTC|GMT)$/;

/** Tables by name; null for a name that is none. */
const known = new Map<string, Uint8Array | null>();
/** More than there are names. A name that is none costs little to refuse again. */
const MAX_KNOWN = 1000;

/** The table of a zone's name or offset, or null if it is neither. */
export function zoneTable(name: string): Uint8Array | null {
  const offset = OFFSET.exec(name);
  if (offset !== null) {
    const seconds = Number(offset[2]) * HOUR + Number(offset[3]) * 60;
    return encode(offset[1] === "-" ? -seconds : seconds, [], 0);
  }
  if (UTC.test(name)) return encode(0, [], 0);
  if (!NAME.test(name)) return null;
  let table = known.get(name);
  if (table === undefined) {
    table = derive(name);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(name, table);
  }
  return table;
}

/** From the second `at` on, `offset` seconds are added to UTC. */
interface Transition {
  readonly at: number;
  readonly offset: number;
}

function derive(name: string): Uint8Array | null {
  const offsetAt = clockOf(name);
  if (offsetAt === null) return null;
  const past = [
    ...between(offsetAt, secondsAt(START), secondsAt(DENSE_START), STEPS.sparse),
    ...between(offsetAt, secondsAt(DENSE_START), secondsAt(NEAR_FUTURE), STEPS.usual),
    ...between(offsetAt, secondsAt(NEAR_FUTURE), secondsAt(CYCLE), STEPS.dense),
  ];
  const future = between(offsetAt, secondsAt(CYCLE), secondsAt(CYCLE + CYCLE_YEARS), STEPS.regular);
  const first = offsetAt(secondsAt(START));
  const isRegular = future.every(
    ({ at, offset }) =>
      offsetAt(at + GREGORIAN_CYCLE) === offset && offsetAt(at + GREGORIAN_CYCLE - 1) === offsetAt(at - 1),
  );
  if (isRegular) return encode(first, [...past, ...future], future.length > 0 ? CYCLE : 0);
  const late = secondsAt(LATE_CYCLE);
  const irregular = between(offsetAt, secondsAt(CYCLE), late, STEPS.dense);
  const cycle = between(offsetAt, late, secondsAt(LATE_CYCLE + CYCLE_YEARS), STEPS.regular);
  return encode(first, [...past, ...irregular, ...cycle], cycle.length > 0 ? LATE_CYCLE : 0);
}

/** The changes of offset after `from` up to `to`. */
function between(offsetAt: (seconds: number) => number, from: number, to: number, step: number): Transition[] {
  const transitions: Transition[] = [];
  let offset = offsetAt(from);
  for (let at = from; at < to; ) {
    const odd = step === STEPS.usual && ODD_YEARS.has(new Date(at * 1000).getUTCFullYear());
    const next = Math.min(at + (odd ? STEPS.dense : step), to);
    const then = offsetAt(next);
    changes(offsetAt, at, offset, next, then, transitions);
    at = next;
    offset = then;
  }
  return transitions;
}

/** Appends the changes of offset after `from` up to `to`. Nearly all are on a whole hour, so hours are halved before seconds. */
function changes(
  offsetAt: (seconds: number) => number,
  from: number,
  before: number,
  to: number,
  after: number,
  transitions: Transition[],
): void {
  if (before === after) return;
  // Most likely it is the Sunday of last year's change.
  const lastYear = transitions.at(-2)?.at ?? 0;
  for (const guess of [lastYear + 364 * DAY, lastYear + 371 * DAY]) {
    if (guess > from && guess <= to && offsetAt(guess) === after && offsetAt(guess - 1) === before) {
      transitions.push({ at: guess, offset: after });
      return;
    }
  }
  const length = to - from;
  if (length === 1 || (length === HOUR && offsetAt(to - 1) === before)) {
    transitions.push({ at: to, offset: after });
    return;
  }
  const unit = length > HOUR ? HOUR : 1;
  const middle = from + Math.floor(length / 2 / unit) * unit;
  const then = offsetAt(middle);
  changes(offsetAt, from, before, middle, then, transitions);
  changes(offsetAt, middle, then, to, after, transitions);
}

/** The offset of a zone at a second, as Intl shows it; null for a name that it does not know. */
function clockOf(timeZone: string): ((seconds: number) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    const fields = { day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const;
    format = new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", ...fields });
  } catch {
    return null;
  }
  return (seconds) => {
    // Runs thousands of times for a table: the numbers are read where they stand, "31, 19:00:00".
    const text = format.format(seconds * 1000);
    const end = text.length;
    const clock = number(text, end - 8) * HOUR + number(text, end - 5) * 60 + number(text, end - 2);
    // Offsets are within a day, so another day of the month is the next one or the one before.
    const days = Number.parseInt(text, 10) - new Date(seconds * 1000).getUTCDate();
    const apart = days === 0 ? 0 : days === 1 || days < -1 ? DAY : -DAY;
    return clock + apart - (((seconds % DAY) + DAY) % DAY);
  };
}

/** Two digits. */
function number(text: string, at: number): number {
  return text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;
}

function encode(first: number, transitions: readonly Transition[], cycle: number): Uint8Array {
  const table = new Uint8Array(16 + 8 * transitions.length);
  const view = new DataView(table.buffer);
  view.setInt32(0, transitions.length, true);
  view.setInt32(4, first, true);
  view.setInt32(8, cycle, true);
  for (const [i, { at, offset }] of transitions.entries())
    view.setBigInt64(16 + 8 * i, (BigInt(at) << 20n) | BigInt.asUintN(20, BigInt(offset)), true);
  return table;
}
