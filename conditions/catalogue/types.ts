// `type(x)`, the names of types as values, and `className(x)`.
import type { Binary, Expr } from "../ast.ts";
import { type Catalogue, define } from "./definition.ts";

/** Names of types that consist of one word. */
const WORDS: ReadonlySet<string> = new Set(
  "int uint double bool string bytes list map null_type type optional_type".split(" "),
);
const DOTTED: ReadonlySet<string> = new Set(["google.protobuf.Timestamp", "google.protobuf.Duration"]);

/** The name of a type that an identifier or a chain of selections spells, or null. */
export function typeNamed(expr: Expr): string | null {
  if (expr.kind === "ident") return WORDS.has(expr.name) ? expr.name : null;
  const name = dotted(expr);
  return name !== null && DOTTED.has(name) ? name : null;
}

/** The identifier that a dotted name begins with. */
export function headOf(expr: Expr): string | null {
  let at = expr;
  while (at.kind === "select") at = at.operand;
  return at.kind === "ident" ? at.name : null;
}

function dotted(expr: Expr): string | null {
  if (expr.kind === "ident") return expr.name;
  if (expr.kind !== "select" || expr.optional || expr.field === "") return null;
  const before = dotted(expr.operand);
  return before === null ? null : `${before}.${expr.field}`;
}

/**
 * What stands beside a `type(…)` in a comparison or membership test, where a word can only mean a type. Decides where the
 * variables are not known: `type`, `list` and `map` are good names for variables everywhere else.
 */
export function besideType(expr: Binary): readonly Expr[] {
  const { left, right } = expr;
  if (isTypeCall(left)) return right.kind === "list" ? right.items.map(({ value }) => value) : [right];
  return isTypeCall(right) ? [left] : [];
}

function isTypeCall(expr: Expr): boolean {
  return expr.kind === "call" && expr.target === null && expr.name === "type";
}

/** Steps of a slot and the name in it. */
const NAME_STEPS = 3;

const type = define({ name: "type", result: "type", engine: "typeOf", cost: NAME_STEPS });

/** The name of a class is cut at 128 bytes where it is read. */
const className = define({ name: "className", result: "string", cost: 16 });

export const TYPES: Catalogue = { functions: { type, className } };
