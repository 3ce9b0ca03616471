// Recorded values that JavaScript writes in no way of its own, as the values that an expression over them would have met in a
// Python program. Nothing here throws: a text of another version is a conversion error.
import * as abi from "../engine/abi.ts";
import { Carrier } from "./carrier.ts";
import { emptyInstance, setField } from "./tagged.ts";

/** Elements of a range that are made; an expression may look at no more. */
const MAX_ELEMENTS = 10_000;
const SECOND = 1_000_000_000n;

/** The value of a type that is recorded as text only. */
export function fromText(type: string, text: string): unknown {
  switch (type) {
    case "decimal":
      return decimal(text);
    case "complex":
      return complex(text);
    case "range":
      return range(text);
    case "time":
      return timeOfDay(text);
    default:
      return duration(text);
  }
}

const unreadable = (): Carrier => new Carrier({ kind: "error", code: abi.ERR_CONVERSION });

/** The name of a class without those around it: what `className()` gives in the program. */
export function simpleName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Naive times are taken for UTC; what is finer than a millisecond is no Date. */
export function instant(text: string): Date | Carrier {
  const match = /^(\d{4,}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z?)?$/.exec(text);
  if (match === null) return new Date(text);
  const [, day, clock = "00:00:00", fraction = ""] = match;
  const ms = Date.parse(`${day}T${clock}Z`);
  const nanoseconds = Number(fraction.padEnd(9, "0"));
  if (Number.isNaN(ms) || nanoseconds % 1_000_000 === 0) return new Date(ms + nanoseconds / 1_000_000);
  return new Carrier({ kind: "timestamp", seconds: BigInt(ms / 1000), nanoseconds });
}

/** JavaScript has no decimals: the nearest double, or a whole number exactly. It is right in comparisons, not as text. */
function decimal(text: string): number | bigint | Carrier {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  const fraction = /^(-?\d+)\/(\d+)$/.exec(text);
  const value = fraction === null ? Number(text) : Number(fraction[1]) / Number(fraction[2]);
  return Number.isNaN(value) && !/nan/i.test(text) ? unreadable() : value;
}

/** `(1+2j)`, `2j`, `(-0-1e+30j)`. */
function complex(text: string): object {
  const match = /^\(?(?:(.*\d|.*nan|.*inf)(?=[+-]))?([+-]?[^+-]*(?:e[+-]\d+)?)j\)?$/.exec(text);
  if (match === null) return unreadable();
  const made = emptyInstance("complex");
  setField(made, "real", float(match[1] ?? "0"));
  setField(made, "imag", float(match[2] as string));
  return made;
}

const float = (text: string): number => Number(text.replace("inf", "Infinity").replace("nan", "NaN"));

function range(text: string): unknown {
  const match = /^range\((-?\d+), (-?\d+)(?:, (-?\d+))?\)$/.exec(text);
  const [start, stop, step] = (match?.slice(1) ?? []).map((bound) => BigInt(bound ?? 1)) as [bigint, bigint, bigint];
  if (match === null || step === 0n) return unreadable();
  const gap = step > 0n ? stop - start + step - 1n : stop - start + step + 1n;
  const size = Math.max(0, Number(gap / step));
  const value = Array.from({ length: Math.min(size, MAX_ELEMENTS) }, (_, i) => start + BigInt(i) * step);
  return size > MAX_ELEMENTS ? new Carrier({ kind: "cut", value, size }) : value;
}

function timeOfDay(text: string): object {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) return unreadable();
  const made = emptyInstance("time");
  const parts = ["hour", "minute", "second"].map((name, i) => [name, match[i + 1] as string] as const);
  for (const [name, part] of [...parts, ["microsecond", (match[4] ?? "").padEnd(6, "0")] as const]) {
    setField(made, name, BigInt(part));
  }
  return made;
}

function duration(text: string): Carrier {
  const match = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/.exec(text);
  if (match === null) return unreadable();
  const size = BigInt(match[2] as string) * SECOND + BigInt((match[3] ?? "").padEnd(9, "0"));
  const nanoseconds = match[1] === "-" ? -size : size;
  if (BigInt.asIntN(64, nanoseconds) !== nanoseconds) return new Carrier({ kind: "error", code: abi.ERR_OVERFLOW });
  return new Carrier({ kind: "duration", nanoseconds });
}
