// Takes the literals out of an expression: each becomes a variable that is bound to its value, so that it reaches the guest through
// the reader. What the language wants written as a literal stays: patterns and the names of time zones.
import type { Expr, LiteralValue } from "../../conditions/ast.ts";
import { childrenOf } from "../../conditions/builder.ts";
import { LIMITS, parseCondition } from "../../conditions/index.ts";
import type { Tagged } from "../../host/tagged.ts";

/** An expression without literals, and what its variables hold. */
export interface Lifted {
  readonly expr: string;
  readonly vars: Readonly<Record<string, Tagged>>;
}

const GETTER = /^get[A-Z]/;
const OFFSET = /^[+-]?\d\d:\d\d$/;

/** `element` takes out each literal on its own; `whole` takes lists and maps of literals as one value each. */
export function lift(source: string, by: "element" | "whole"): Lifted {
  const taken: { readonly from: number; readonly to: number; readonly tagged: Tagged }[] = [];
  const visit = (expr: Expr): void => {
    const tagged = literalValue(expr, by);
    if (tagged !== null) {
      taken.push({ from: expr.from, to: expr.to, tagged });
      return;
    }
    for (const child of childrenOf(expr)) if (!mustStay(expr, child)) visit(child);
  };
  visit(parseCondition(source).expr);
  const vars: Record<string, Tagged> = {};
  let expr = "";
  let at = 0;
  for (const { from, to, tagged } of taken.sort((a, b) => a.from - b.from)) {
    const name = `lifted${Object.keys(vars).length}`;
    vars[name] = tagged;
    // Spaces, because a literal may touch a word: `1in[1]`.
    expr += `${source.slice(at, from)} ${name} `;
    at = to;
  }
  return { expr: expr + source.slice(at), vars };
}

/** True for a pattern, and for the name of a time zone. */
function mustStay(parent: Expr, child: Expr): boolean {
  if (parent.kind !== "call" || child === parent.target) return false;
  if (parent.name === "matches") return child === parent.args.at(-1);
  if (!GETTER.test(parent.name)) return false;
  return !(child.kind === "literal" && child.value.type === "string" && OFFSET.test(child.value.value));
}

function literalValue(expr: Expr, by: "element" | "whole"): Tagged | null {
  if (expr.kind === "literal") return taggedLiteral(expr.value);
  // A reader copies only so many levels of a variable.
  if (by === "element" || levels(expr) > LIMITS.valueDepth) return null;
  return container(expr);
}

/** A list or map of nothing but literals, or null. */
function container(expr: Expr): Tagged | null {
  if (expr.kind === "literal") return taggedLiteral(expr.value);
  if (expr.kind === "list") {
    const items = expr.items.map((item) => (item.optional ? null : container(item.value)));
    return items.includes(null) ? null : { list: items as Tagged[] };
  }
  if (expr.kind !== "map") return null;
  const entries = expr.entries.map((entry): readonly [Tagged, Tagged] | null => {
    const key = entry.optional ? null : container(entry.key);
    const value = container(entry.value);
    // A Map of the program has no keys that are a double, null or, in JavaScript, a uint within the ints.
    const isKey = key !== null && ("int" in key || "string" in key || "bool" in key);
    return isKey && value !== null ? [key, value] : null;
  });
  // Keys that are the same are an error, which a Map cannot be.
  const keys = new Set(entries.map((entry) => JSON.stringify(entry?.[0])));
  return entries.includes(null) || keys.size < entries.length ? null : { map: entries as [Tagged, Tagged][] };
}

function levels(expr: Expr): number {
  const inner = Math.max(0, ...childrenOf(expr).map(levels));
  return expr.kind === "list" || expr.kind === "map" ? inner + 1 : inner;
}

function taggedLiteral(value: LiteralValue): Tagged {
  switch (value.type) {
    case "null":
      return { null: null };
    case "bool":
      return { bool: value.value };
    case "int":
      return { int: String(value.value) };
    case "uint":
      return { uint: String(value.value) };
    case "double":
      return { double: Object.is(value.value, -0) ? "-0" : value.value };
    case "string":
      return { string: value.value };
    case "bytes":
      return { bytes: btoa(String.fromCharCode(...value.value)) };
  }
}
