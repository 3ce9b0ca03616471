// Computes what an expression's literals already decide: operators on literals, and the branches that a literal chooses. Works on
// a checked tree and never folds what yields an error, so the answer, its error and its place are those of the unfolded tree.
import type { Binary, Expr, Literal, LiteralValue, MapEntry, Ternary } from "./ast.ts";
import type { Checked } from "./check.ts";

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;
/** Whole doubles up to here are as exact as ints; `%` takes no others. */
const MAX_WHOLE = 2 ** 53;

type Value<T extends LiteralValue["type"]> = Extract<LiteralValue, { type: T }>;
type Whole = Value<"int" | "uint">;
type Numeric = Whole | Value<"double">;

/** Folds all expressions of one compilation. The same array comes back where nothing could be folded; other trees share what is unchanged. */
export function fold(exprs: readonly Expr[], checked: Checked): readonly Expr[] {
  return each(exprs, (expr) => visit(expr, checked));
}

/** The parts after `change`, or the same array if none changed. */
function each<T>(parts: readonly T[], change: (part: T) => T): readonly T[] {
  const changed = parts.map(change);
  return changed.some((part, i) => part !== parts[i]) ? changed : parts;
}

function visit(expr: Expr, checked: Checked): Expr {
  const go = (part: Expr): Expr => visit(part, checked);
  switch (expr.kind) {
    case "select": {
      const operand = go(expr.operand);
      return operand === expr.operand ? expr : { ...expr, operand };
    }
    case "index": {
      const operand = go(expr.operand);
      const index = go(expr.index);
      return operand === expr.operand && index === expr.index ? expr : { ...expr, operand, index };
    }
    case "call": {
      const target = expr.target === null ? null : argument(expr.target, checked);
      const args = each(expr.args, (part) => argument(part, checked));
      return target === expr.target && args === expr.args ? expr : { ...expr, target, args };
    }
    case "unary": {
      const operand = go(expr.operand);
      const value = operand.kind === "literal" ? unary(expr.op, operand.value) : null;
      if (value !== null) return literal(expr, value);
      return operand === expr.operand ? expr : { ...expr, operand };
    }
    case "binary": {
      const left = go(expr.left);
      const right = go(expr.right);
      return binary(left === expr.left && right === expr.right ? expr : { ...expr, left, right }, checked);
    }
    case "ternary": {
      const condition = go(expr.condition);
      if (condition.kind === "literal" && condition.value.type === "bool")
        return go(condition.value.value ? expr.yes : expr.no);
      const yes = go(expr.yes);
      const no = go(expr.no);
      const same = condition === expr.condition && yes === expr.yes && no === expr.no;
      return same ? expr : ({ ...expr, condition, yes, no } satisfies Ternary);
    }
    case "list": {
      const items = each(expr.items, (item) => {
        const value = go(item.value);
        return value === item.value ? item : { ...item, value };
      });
      return items === expr.items ? expr : { ...expr, items };
    }
    case "map": {
      const entries = each(expr.entries, (entry): MapEntry => {
        const key = go(entry.key);
        const value = go(entry.value);
        return key === entry.key && value === entry.value ? entry : { ...entry, key, value };
      });
      return entries === expr.entries ? expr : { ...expr, entries };
    }
    case "macro": {
      const target = go(expr.target);
      const filter = expr.filter === null ? null : go(expr.filter);
      const body = expr.body === null ? null : go(expr.body);
      const same = target === expr.target && filter === expr.filter && body === expr.body;
      return same ? expr : { ...expr, target, filter, body };
    }
    default:
      return expr;
  }
}

/**
 * An argument of a call never becomes a literal text: patterns and zone names must be written as such, and whether a call is
 * accepted may not depend on folding.
 */
function argument(expr: Expr, checked: Checked): Expr {
  const folded = visit(expr, checked);
  return folded !== expr && folded.kind === "literal" && folded.value.type === "string" ? expr : folded;
}

/** A literal in the place of `expr`: its id and span stay, for carets. */
function literal(expr: Expr, value: LiteralValue): Literal {
  return { kind: "literal", id: expr.id, from: expr.from, to: expr.to, value };
}

const bool = (value: boolean): LiteralValue => ({ type: "bool", value });

function unary(op: "!" | "-", value: LiteralValue): LiteralValue | null {
  if (op === "!") return value.type === "bool" ? bool(!value.value) : null;
  if (value.type === "double") return { type: "double", value: -value.value };
  return value.type === "int" ? ranged("int", -value.value) : null;
}

function binary(expr: Binary, checked: Checked): Expr {
  const { op, left, right } = expr;
  if (op === "&&" || op === "||") return logic(expr, checked);
  if (op === "??") {
    const chosen = left.kind === "literal" && left.value.type === "null" ? right : left;
    return chosen.kind === "literal" ? literal(expr, chosen.value) : expr;
  }
  if (op === "+" && left.kind === "list" && right.kind === "list" && isConstant(left) && isConstant(right))
    return { ...left, id: expr.id, from: expr.from, to: expr.to, items: [...left.items, ...right.items] };
  if (left.kind !== "literal" || right.kind !== "literal") return expr;
  const value = operator(op, left.value, right.value);
  return value === null ? expr : literal(expr, value);
}

/** The deciding value wins whatever the other side is, an error included; the other value leaves a side that is certainly a bool. */
function logic(expr: Binary, checked: Checked): Expr {
  const deciding = expr.op === "||";
  for (const [side, other] of [
    [expr.left, expr.right],
    [expr.right, expr.left],
  ] as const) {
    if (side.kind !== "literal" || side.value.type !== "bool") continue;
    if (side.value.value === deciding) return literal(expr, bool(deciding));
    if (checked.types.get(other.id) === "bool") return other;
  }
  return expr;
}

/** True for a list of literals, lists of literals included. */
function isConstant(expr: Expr): boolean {
  if (expr.kind === "list") return expr.items.every((item) => !item.optional && isConstant(item.value));
  return expr.kind === "literal";
}

function operator(op: Binary["op"], a: LiteralValue, b: LiteralValue): LiteralValue | null {
  switch (op) {
    case "==":
      return bool(equal(a, b));
    case "!=":
      return bool(!equal(a, b));
    case "<":
    case "<=":
    case ">":
    case ">=":
      return relation(op, a, b);
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      if (isNumber(a) && isNumber(b)) return arithmetic(op, a, b);
      return op === "+" ? joined(a, b) : null;
    default:
      return null;
  }
}

const isNumber = (value: LiteralValue): value is Numeric =>
  value.type === "int" || value.type === "uint" || value.type === "double";
const isWhole = (value: Numeric): value is Whole => value.type !== "double";

/** JavaScript compares a bigint with a number exactly, as the language does. */
function equal(a: LiteralValue, b: LiteralValue): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number on one line
  if (isNumber(a) && isNumber(b)) return a.value == b.value;
  if (a.type === "null" || b.type === "null") return a.type === b.type;
  if (a.type === "bool" && b.type === "bool") return a.value === b.value;
  const x = octets(a);
  const y = octets(b);
  return a.type === b.type && x !== null && y !== null && order(x, y) === 0;
}

function relation(op: "<" | "<=" | ">" | ">=", a: LiteralValue, b: LiteralValue): LiteralValue | null {
  if (isNumber(a) && isNumber(b))
    return bool(isTop(a, b) || isTop(b, a) ? holds(op, 0, 0) : holds(op, a.value, b.value));
  if (a.type !== b.type) return null;
  if (a.type === "bool" && b.type === "bool") return bool(holds(op, Number(a.value), Number(b.value)));
  const x = octets(a);
  const y = octets(b);
  return x === null || y === null ? null : bool(holds(op, order(x, y), 0));
}

/** The greatest int and the double above it, which order ranks as one. */
const isTop = (int: Numeric, double: Numeric): boolean =>
  int.type === "int" && int.value === MAX_INT && double.type === "double" && double.value === 2 ** 63;

function holds(op: "<" | "<=" | ">" | ">=", a: number | bigint, b: number | bigint): boolean {
  if (op === "<") return a < b;
  if (op === "<=") return a <= b;
  return op === ">" ? a > b : a >= b;
}

const encoder = new TextEncoder();

/** A text as the guest holds it. Its order is that of the code points. */
function octets(value: LiteralValue): Uint8Array | null {
  if (value.type === "string") return encoder.encode(value.value);
  return value.type === "bytes" ? value.value : null;
}

function order(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  return a.length - b.length;
}

/** Each half of a surrogate pair that stands alone reads as U+FFFD, also where joining would make a pair of two. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");

function joined(a: LiteralValue, b: LiteralValue): LiteralValue | null {
  if (a.type === "string" && b.type === "string")
    return { type: "string", value: wellFormed(a.value) + wellFormed(b.value) };
  if (a.type === "bytes" && b.type === "bytes")
    return { type: "bytes", value: Uint8Array.from([...a.value, ...b.value]) };
  return null;
}

function arithmetic(op: "+" | "-" | "*" | "/" | "%", a: Numeric, b: Numeric): LiteralValue | null {
  if (isWhole(a) && isWhole(b)) {
    const type = a.type === "uint" && b.type === "uint" ? "uint" : "int";
    return ranged(type, wholes(op, a.value, b.value));
  }
  if (op === "%") return remainder(a, b);
  const x = Number(a.value);
  const y = Number(b.value);
  if (op === "+") return { type: "double", value: x + y };
  if (op === "-") return { type: "double", value: x - y };
  return { type: "double", value: op === "*" ? x * y : x / y };
}

function wholes(op: "+" | "-" | "*" | "/" | "%", x: bigint, y: bigint): bigint | null {
  if (op === "+") return x + y;
  if (op === "-") return x - y;
  if (op === "*") return x * y;
  if (y === 0n) return null;
  return op === "/" ? x / y : x % y;
}

function ranged(type: "int" | "uint", value: bigint | null): LiteralValue | null {
  if (value === null) return null;
  const [least, greatest] = type === "int" ? [MIN_INT, MAX_INT] : [0n, MAX_UINT];
  return value < least || value > greatest ? null : { type, value };
}

/** `%` with a double: both whole, the sign of the left side, never a negative zero. */
function remainder(a: Numeric, b: Numeric): LiteralValue | null {
  const x = wholeOf(a);
  const y = wholeOf(b);
  return x === null || y === null || y === 0n ? null : { type: "double", value: Number(x % y) };
}

function wholeOf(value: Numeric): bigint | null {
  if (isWhole(value)) return value.value;
  return Number.isInteger(value.value) && Math.abs(value.value) <= MAX_WHOLE ? BigInt(value.value) : null;
}
