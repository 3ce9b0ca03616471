// The `math.` functions of the reference interpreter.
import type { Entry, Operation } from "./functions.ts";
import type { Result } from "./interpreter.ts";
import { integer } from "./operators.ts";
import { bool, compareNumbers, double, Fail, int, isNumber, type Value } from "./values.ts";

const none = (node: number) => new Fail("no_such_overload", node);
const unary = (operation: (value: Value, node: number) => Result): Entry => [
  1,
  1,
  ([value], node) => operation(value!, node),
];
const onDouble = (operation: (value: number) => number): Entry =>
  unary((value, node) => (value.t === "double" ? double(operation(value.v)) : none(node)));
const asks = (test: (value: number) => boolean): Entry =>
  unary((value, node) => (value.t === "double" ? bool(test(value.v)) : none(node)));

/** The first of those that no other one beats. */
function extreme(wanted: 1 | -1): Entry {
  const pick: Operation = (operands, node) => {
    const [only] = operands;
    const items = operands.length === 1 && only!.t === "list" ? only!.v : operands;
    if (items.length === 0) return new Fail("invalid_argument", node);
    let best: Value | null = null;
    for (const item of items) {
      if (!isNumber(item)) return none(node);
      const order = best === null ? wanted : compareNumbers(item.v, (best as typeof item).v);
      if (order === null) return new Fail("invalid_argument", node);
      if (order === wanted) best = item;
    }
    return best as Value;
  };
  return [1, 32, pick];
}

/** Half away from zero. */
const round = (value: number): number => {
  if (!Number.isFinite(value)) return value;
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
};

/** A whole number of the wanted type: a JavaScript number is always a double, so a whole one counts. Null for anything else. */
function whole(value: Value, type: "int" | "uint"): bigint | null {
  if (value.t === type) return value.v;
  if (value.t !== "double" || !Number.isInteger(value.v)) return null;
  const made = BigInt(value.v);
  return (type === "int" ? BigInt.asIntN(64, made) : BigInt.asUintN(64, made)) === made ? made : null;
}

const typed = (type: "int" | "uint", v: bigint): Value =>
  type === "int" ? int(BigInt.asIntN(64, v)) : { t: "uint", v: BigInt.asUintN(64, v) };

/** Two ints or two uints. */
function bits(operation: (a: bigint, b: bigint) => bigint): Entry {
  return [
    2,
    2,
    ([a, b], node) => {
      const type = a!.t === "uint" || (a!.t === "double" && b!.t === "uint") ? "uint" : "int";
      const x = whole(a!, type);
      const y = whole(b!, type);
      return x === null || y === null ? none(node) : typed(type, operation(x, y));
    },
  ];
}

/** By an int from 0; by 64 or more nothing is left. A shift to the right is one of bits, without the sign. */
function shift(operation: (value: bigint, by: bigint) => bigint): Entry {
  return [
    2,
    2,
    ([a, by], node) => {
      const type = a!.t === "uint" ? "uint" : "int";
      const x = whole(a!, type);
      const y = whole(by!, "int");
      if (x === null || y === null) return none(node);
      if (y < 0n) return new Fail("invalid_argument", node);
      return typed(type, y >= 64n ? 0n : operation(BigInt.asUintN(64, x), y));
    },
  ];
}

export const MATH: Readonly<Record<string, Entry>> = {
  "math.greatest": extreme(1),
  "math.least": extreme(-1),
  "math.ceil": onDouble(Math.ceil),
  "math.floor": onDouble(Math.floor),
  "math.trunc": onDouble(Math.trunc),
  "math.round": onDouble(round),
  "math.isNaN": asks(Number.isNaN),
  "math.isInf": asks((value) => Math.abs(value) === Number.POSITIVE_INFINITY),
  "math.isFinite": asks(Number.isFinite),
  "math.sqrt": unary((value, node) => (isNumber(value) ? double(Math.sqrt(Number(value.v))) : none(node))),
  "math.abs": unary((value, node) => {
    if (value.t === "double") return double(Math.abs(value.v));
    if (value.t === "uint") return value;
    return value.t === "int" ? integer("int", value.v < 0n ? -value.v : value.v, node) : none(node);
  }),
  "math.sign": unary((value, node) => {
    if (value.t === "double") return double(Math.sign(value.v));
    if (value.t !== "int" && value.t !== "uint") return none(node);
    return { t: value.t, v: value.v > 0n ? 1n : value.v < 0n ? -1n : 0n };
  }),
  "math.bitAnd": bits((a, b) => a & b),
  "math.bitOr": bits((a, b) => a | b),
  "math.bitXor": bits((a, b) => a ^ b),
  "math.bitNot": unary((value, node) => {
    const type = value.t === "uint" ? "uint" : "int";
    const x = whole(value, type);
    return x === null ? none(node) : typed(type, ~x);
  }),
  "math.bitShiftLeft": shift((value, by) => value << by),
  "math.bitShiftRight": shift((value, by) => value >> by),
};
