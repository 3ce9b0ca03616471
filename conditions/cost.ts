// The worst case of an expression in steps, from the caps on what a reader copies. An upper bound, not an estimate.
import type { Expr } from "./ast.ts";
import { costOf, TEXT_STEPS, WHOLE_STEPS } from "./catalogue/definition.ts";
import type { Checked } from "./check.ts";
import { CompileError } from "./errors.ts";
import { LIMITS } from "./limits.ts";

const TEXT = TEXT_STEPS;
const WHOLE = WHOLE_STEPS;
/** The same for one element of a collection, on average over the collection: all elements together are within WHOLE. */
const ELEMENT = WHOLE / LIMITS.items;

class Pricer {
  private readonly checked: Checked;
  /** The macro whose price is highest, to blame. */
  dearest: { readonly expr: Expr; readonly cost: number } | null = null;

  constructor(checked: Checked) {
    this.checked = checked;
  }

  /** Steps of one evaluation; Infinity is possible on hostile nesting and refused by the caller. */
  price(expr: Expr, element: string | null = null): number {
    switch (expr.kind) {
      case "select":
        // A path is one slot; a selection from a computed value looks through its keys.
        return rootOf(expr) === null ? LIMITS.items + this.price(expr.operand, element) : 0;
      case "index":
        return WHOLE + this.price(expr.operand, element) + this.price(expr.index, element);
      case "unary":
        return 1 + this.price(expr.operand, element);
      case "binary":
        return this.operator(expr, element) + this.price(expr.left, element) + this.price(expr.right, element);
      case "ternary":
        return (
          this.price(expr.condition, element) + Math.max(this.price(expr.yes, element), this.price(expr.no, element))
        );
      case "list":
        return expr.items.reduce((sum, item) => sum + 1 + this.price(item.value, element), 1);
      case "map":
        // Each new key is compared with those before it.
        return expr.entries.reduce(
          (sum, entry, i) => sum + i * TEXT + this.price(entry.key, element) + this.price(entry.value, element),
          2,
        );
      case "call": {
        const operation = this.checked.operations.get(expr.id);
        // What can only fail evaluates nothing.
        return operation === undefined
          ? 1
          : costOf(operation.definition, operation.operands) + this.sum(operation.operands, element);
      }
      case "macro": {
        if (expr.name === "has") return this.price(expr.target, element);
        const variable = expr.vars[0] ?? null;
        const inner = this.sum(
          [expr.filter, expr.body].filter((part) => part !== null),
          variable,
        );
        const items = expr.target.kind === "list" ? expr.target.items.length : LIMITS.items;
        const cost = this.price(expr.target, element) + (items + 1) * (1 + inner) + items;
        if (this.dearest === null || cost > this.dearest.cost) this.dearest = { expr, cost };
        return cost;
      }
      default:
        return 0;
    }
  }

  private sum(exprs: readonly Expr[], element: string | null): number {
    return exprs.reduce((total, expr) => total + this.price(expr, element), 0);
  }

  /** What the operator itself costs: bounded by a constant side, by the size of an element, or by what can be held. */
  private operator(expr: Extract<Expr, { kind: "binary" }>, element: string | null): number {
    if (expr.op === "&&" || expr.op === "||" || expr.op === "??") return 0;
    const sides = [expr.left, expr.right];
    const scalar = sides.some((side) => SCALARS.has(this.checked.types.get(side.id) ?? "dyn"));
    const arithmetic = "+-*/%".includes(expr.op) ? 1 : 0;
    if (scalar && expr.op !== "in") return arithmetic;
    if (arithmetic === 1 && expr.op !== "+") return 1;
    const text = sides.find((side) => side.kind === "literal" && side.value.type === "string");
    if (text !== undefined && expr.op !== "in" && expr.op !== "+") return 1 + Math.ceil((text.to - text.from) / 16);
    if (element !== null && sides.some((side) => rootOf(side) === element) && expr.op !== "+") return ELEMENT;
    return expr.op === "==" || expr.op === "!=" || expr.op === "in" || expr.op === "+" ? WHOLE : TEXT;
  }
}

const SCALARS = new Set(["int", "uint", "double", "bool", "null"]);

/** The variable at the root of a chain of selections, or null. */
function rootOf(expr: Expr): string | null {
  let at = expr;
  while (at.kind === "select") at = at.operand;
  return at.kind === "ident" ? at.name : null;
}

/** Worst-case steps of one compilation. Throws CompileError `limit` above the limit, blaming the dearest macro. */
export function worstCase(source: string, exprs: readonly Expr[], checked: Checked): number {
  const pricer = new Pricer(checked);
  const cost = exprs.reduce((sum, expr) => sum + pricer.price(expr), exprs.length);
  if (cost <= LIMITS.cost) return cost;
  const span = pricer.dearest?.expr ?? { from: 0, to: source.length };
  const figures = `${Math.round(cost).toLocaleString("en")} steps at worst, ${LIMITS.cost.toLocaleString("en")} are allowed`;
  throw new CompileError(
    "limit",
    `too expensive: ${figures}`,
    "Nest fewer macros, or compare with constants inside them.",
    source,
    span,
  );
}
