// The functions and methods of the reference interpreter: language.md sections 4 to 6.
import type { Call, Expr } from "../../conditions/ast.ts";
import { type Interpreter, isFail, type Result, type Scope } from "./interpreter.ts";
import { MATH } from "./math.ts";
import { duration, integer, timestamp, within } from "./operators.ts";
import { TEXTS } from "./texts.ts";
import { durationText, parseDuration, parseTimestamp, TIME, timestampText } from "./time.ts";
import { bool, double, equal, Fail, int, isKeyed, NULL, text, type Value } from "./values.ts";

/** Operands, a receiver first, and the node to blame. */
export type Operation = (operands: readonly Value[], node: number) => Result;

/** An operation with its numbers of operands. */
export type Entry = readonly [min: number, max: number, operation: Operation];

const none = (node: number) => new Fail("no_such_overload", node);

/** Code points, bytes, elements, entries or fields. */
export function sizeOf(value: Value, node: number): Result {
  switch (value.t) {
    case "string":
      return int([...value.v].length);
    case "bytes":
    case "list":
    case "map":
    case "object":
      return int(value.v.length);
    default:
      return none(node);
  }
}

const unary = (operation: (value: Value, node: number) => Result): Entry => [
  1,
  1,
  ([value], node) => operation(value!, node),
];

function textPair(test: (text: string, part: string) => boolean): Entry {
  return [2, 2, ([a, b], node) => (a!.t === "string" && b!.t === "string" ? bool(test(a!.v, b!.v)) : none(node))];
}

const contains: Entry = [
  2,
  2,
  ([a, b], node) => {
    if (a!.t === "list") return within(b!, a!, node);
    return a!.t === "string" && b!.t === "string" ? bool(a!.v.includes(b!.v)) : none(node);
  },
];
const startsWith = textPair((whole, part) => whole.startsWith(part));
const endsWith = textPair((whole, part) => whole.endsWith(part));
const size = unary(sizeOf);

function toInt(value: Value, node: number): Result {
  switch (value.t) {
    case "int":
      return value;
    case "uint":
      return integer("int", value.v, node);
    case "double":
      return value.v > -(2 ** 63) && value.v < 2 ** 63 ? int(BigInt(Math.trunc(value.v))) : new Fail("overflow", node);
    case "string":
      return /^[+-]?\d+$/.test(value.v)
        ? integer("int", BigInt(value.v.replace("+", "")), node)
        : new Fail("conversion", node);
    case "timestamp": {
      const seconds = value.v / 1_000_000_000n;
      return int(value.v % 1_000_000_000n < 0n ? seconds - 1n : seconds);
    }
    default:
      return none(node);
  }
}

function toUint(value: Value, node: number): Result {
  switch (value.t) {
    case "int":
    case "uint":
      return integer("uint", value.v, node);
    case "double":
      return value.v > -1 && value.v < 2 ** 64 && value.v >= 0
        ? integer("uint", BigInt(Math.trunc(value.v)), node)
        : new Fail("overflow", node);
    case "string":
      return /^\d+$/.test(value.v) ? integer("uint", BigInt(value.v), node) : new Fail("conversion", node);
    default:
      return none(node);
  }
}

function toDouble(value: Value, node: number): Result {
  if (value.t === "double") return value;
  if (value.t === "int" || value.t === "uint") return double(Number(value.v));
  if (value.t !== "string") return none(node);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value.v)) return new Fail("conversion", node);
  const made = Number(value.v);
  return Number.isFinite(made) ? double(made) : new Fail("overflow", node);
}

function toText(value: Value, node: number): Result {
  switch (value.t) {
    case "string":
      return value;
    case "bool":
    case "int":
    case "uint":
    case "double":
      return text(String(value.v));
    case "bytes":
      try {
        return text(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value.v));
      } catch {
        return new Fail("conversion", node);
      }
    case "timestamp":
      return text(timestampText(value.v));
    case "duration":
      return text(durationText(value.v));
    default:
      return none(node);
  }
}

function toBool(value: Value, node: number): Result {
  if (value.t === "bool") return value;
  if (value.t !== "string") return none(node);
  if (/^(1|t|T|true|True|TRUE)$/.test(value.v)) return bool(true);
  return /^(0|f|F|false|False|FALSE)$/.test(value.v) ? bool(false) : new Fail("conversion", node);
}

function toTimestamp(value: Value, node: number): Result {
  if (value.t === "timestamp") return value;
  // A JavaScript number is always a double: a whole one counts as an int.
  if (value.t === "int" || (value.t === "double" && Math.trunc(value.v) === value.v)) {
    const seconds = toInt(value, node);
    return isFail(seconds) ? seconds : timestamp((seconds as { v: bigint }).v * 1_000_000_000n, node);
  }
  if (value.t !== "string") return none(node);
  const parsed = parseTimestamp(value.v);
  return parsed === null ? new Fail("conversion", node) : timestamp(parsed, node);
}

function toDuration(value: Value, node: number): Result {
  if (value.t === "duration") return value;
  if (value.t !== "string") return none(node);
  const parsed = parseDuration(value.v);
  return parsed === null ? new Fail("conversion", node) : duration(parsed, node);
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  null: "null_type",
  optional: "optional_type",
  timestamp: "google.protobuf.Timestamp",
  duration: "google.protobuf.Duration",
};

const FUNCTIONS: Readonly<Record<string, Entry>> = {
  size,
  len: size,
  int: unary(toInt),
  uint: unary(toUint),
  double: unary(toDouble),
  string: unary(toText),
  bool: unary(toBool),
  dyn: unary((value) => value),
  bytes: unary((value, node) => {
    if (value.t === "bytes") return value;
    return value.t === "string" ? { t: "bytes", v: new TextEncoder().encode(value.v) } : none(node);
  }),
  timestamp: unary(toTimestamp),
  duration: unary(toDuration),
  type: unary((value) => ({ t: "type", v: TYPE_NAMES[value.t] ?? value.t })),
};

const OPTIONALS: Readonly<Record<string, Entry>> = {
  "optional.of": unary((value) => ({ t: "optional", v: value })),
  "optional.none": [0, 0, () => ({ t: "optional", v: null })],
  "optional.ofNonZeroValue": unary((value) => ({ t: "optional", v: isZero(value) ? null : value })),
};

function isZero(value: Value): boolean {
  switch (value.t) {
    case "null":
      return true;
    case "string":
    case "bytes":
    case "list":
    case "map":
    case "object":
      return value.v.length === 0;
    case "bool":
      return !value.v;
    case "int":
    case "uint":
    case "double":
    case "duration":
    case "timestamp":
      return Number(value.v) === 0;
    default:
      return false;
  }
}

const METHODS: Readonly<Record<string, Entry>> = {
  size,
  length: size,
  isEmpty: unary((value, node) => {
    const found = sizeOf(value, node);
    return isFail(found) ? found : bool(equal(found, int(0)));
  }),
  contains,
  includes: contains,
  startsWith,
  startswith: startsWith,
  endsWith,
  endswith: endsWith,
  equals: [2, 2, ([a, b]) => bool(equal(a!, b!))],
  hasValue: unary((value, node) => (value.t === "optional" ? bool(value.v !== null) : none(node))),
  value: unary((value, node) => {
    if (value.t !== "optional") return none(node);
    return value.v ?? new Fail("invalid_argument", node);
  }),
};

/** Calls that evaluate their operands themselves. */
function lazy(interpreter: Interpreter, call: Call, scope: Scope | null): Result | undefined {
  if (call.target === null && call.name === "not" && call.args.length === 1) {
    const operand = interpreter.truth(call.args[0] as Expr, scope);
    return isFail(operand) ? operand : bool(!operand.v);
  }
  if (call.target !== null && (call.name === "or" || call.name === "orValue") && call.args.length === 1) {
    const target = interpreter.evaluate(call.target, scope);
    if (isFail(target)) return target;
    if (target.t !== "optional") return none(call.id);
    if (target.v !== null) return call.name === "or" ? target : target.v;
    const other = interpreter.evaluate(call.args[0] as Expr, scope);
    if (isFail(other) || call.name === "orValue" || other.t === "optional") return other;
    return none(call.id);
  }
  return undefined;
}

const own = (table: Readonly<Record<string, Entry>>, name: string): Entry | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** Calls by name. What does not exist evaluates nothing; of several operands that fail, the first one counts. */
export function callFunction(interpreter: Interpreter, call: Call, scope: Scope | null): Result {
  const early = lazy(interpreter, call, scope);
  if (early !== undefined) return early;
  const { target, name, args } = call;
  const space = target?.kind === "ident" ? `${target.name}.${name}` : "";
  const member = own(MATH, space) ?? own(OPTIONALS, space) ?? own(TEXTS.members, space);
  const entry =
    member ??
    (target === null
      ? (own(FUNCTIONS, name) ?? own(TEXTS.functions, name))
      : (own(METHODS, name) ?? own(TEXTS.methods, name) ?? own(TIME, name)));
  if (entry === undefined) return new Fail("undeclared", call.id);
  const operands = target === null || member !== undefined ? args : [target, ...args];
  const [min, max, operation] = entry;
  if (operands.length < min || operands.length > max) return none(call.id);
  const values: Value[] = [];
  let failed: Fail | null = null;
  for (const operand of operands) {
    const value = interpreter.evaluate(operand, scope);
    if (isFail(value)) failed ??= value;
    else values.push(value);
  }
  return failed ?? operation(values, call.id);
}

export { isKeyed, NULL };
