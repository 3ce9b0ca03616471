// Arithmetic, comparison and membership of the reference interpreter: language.md section 4.
import { bool, compare, equal, Fail, find, isKeyed, isNumber, type Value } from "./values.ts";

const INT_MIN = -(1n << 63n);
const INT_MAX = (1n << 63n) - 1n;
const UINT_MAX = (1n << 64n) - 1n;
const SECOND = 1_000_000_000n;
/** 0001-01-01T00:00:00Z and the last nanosecond of 9999. */
export const TIME_MIN = -62_135_596_800n * SECOND;
export const TIME_MAX = 253_402_300_800n * SECOND - 1n;

export function integer(t: "int" | "uint", v: bigint, node: number): Value | Fail {
  const fits = t === "int" ? v >= INT_MIN && v <= INT_MAX : v >= 0n && v <= UINT_MAX;
  return fits ? { t, v } : new Fail("overflow", node);
}

export function duration(v: bigint, node: number): Value | Fail {
  return v >= INT_MIN && v <= INT_MAX ? { t: "duration", v } : new Fail("overflow", node);
}

export function timestamp(v: bigint, node: number): Value | Fail {
  return v >= TIME_MIN && v <= TIME_MAX ? { t: "timestamp", v } : new Fail("overflow", node);
}

export function arithmetic(op: string, a: Value, b: Value, node: number): Value | Fail {
  const none = new Fail("no_such_overload", node);
  if (isNumber(a) && isNumber(b)) {
    if (op === "%") return remainder(a, b, node);
    if (a.t === "double" || b.t === "double") return { t: "double", v: onDoubles(op, Number(a.v), Number(b.v)) };
    if (op === "/" && b.v === 0n) return new Fail("divide_by_zero", node);
    return integer(a.t === b.t ? (a.t as "int") : "int", onIntegers(op, a.v as bigint, b.v as bigint), node);
  }
  if (op === "+") {
    if (a.t === "string" && b.t === "string") return { t: "string", v: a.v + b.v };
    if (a.t === "list" && b.t === "list") return { t: "list", v: [...a.v, ...b.v] };
    if (a.t === "bytes" && b.t === "bytes") return { t: "bytes", v: Uint8Array.of(...a.v, ...b.v) };
    if (a.t === "timestamp" && b.t === "duration") return timestamp(a.v + b.v, node);
    if (a.t === "duration" && b.t === "timestamp") return timestamp(a.v + b.v, node);
    if (a.t === "duration" && b.t === "duration") return duration(a.v + b.v, node);
  }
  if (op === "-") {
    if (a.t === "timestamp" && b.t === "timestamp") return duration(a.v - b.v, node);
    if (a.t === "timestamp" && b.t === "duration") return timestamp(a.v - b.v, node);
    if (a.t === "duration" && b.t === "duration") return duration(a.v - b.v, node);
  }
  return none;
}

function onDoubles(op: string, a: number, b: number): number {
  if (op === "+") return a + b;
  if (op === "-") return a - b;
  return op === "*" ? a * b : a / b;
}

function onIntegers(op: string, a: bigint, b: bigint): bigint {
  if (op === "+") return a + b;
  if (op === "-") return a - b;
  return op === "*" ? a * b : a / b;
}

type NumberValue = Extract<Value, { t: "int" | "uint" | "double" }>;

/** On doubles only where both are integral and within 2^53. */
function remainder(a: NumberValue, b: NumberValue, node: number): Value | Fail {
  if (a.t !== "double" && b.t !== "double") {
    if (b.v === 0n) return new Fail("divide_by_zero", node);
    return integer(a.t === b.t ? a.t : "int", a.v % b.v, node);
  }
  const [x, y] = [a, b].map(({ v }) => {
    if (typeof v === "bigint") return v;
    return Number.isInteger(v) && Math.abs(v) <= 2 ** 53 ? BigInt(v) : null;
  });
  if (x === null || x === undefined || y === null || y === undefined) return new Fail("no_such_overload", node);
  return y === 0n ? new Fail("divide_by_zero", node) : { t: "double", v: Number(x % y) };
}

export function negate(value: Value, node: number): Value | Fail {
  if (value.t === "int") return integer("int", -value.v, node);
  if (value.t === "double") return { t: "double", v: -value.v };
  return new Fail("no_such_overload", node);
}

export function relation(op: string, a: Value, b: Value, node: number): Value | Fail {
  if (op === "==" || op === "!=") return bool(equal(a, b) === (op === "=="));
  const order = compare(a, b);
  if (order === undefined) return new Fail("no_such_overload", node);
  if (order === null) return bool(false);
  return bool(op === "<" ? order < 0 : op === "<=" ? order <= 0 : op === ">" ? order > 0 : order >= 0);
}

export function within(value: Value, collection: Value, node: number): Value | Fail {
  if (collection.t === "list") return bool(collection.v.some((item) => equal(item, value)));
  if (isKeyed(collection)) return bool(find(collection, value) !== undefined);
  return new Fail("no_such_overload", node);
}
