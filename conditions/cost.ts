// The worst case of an expression in steps, from the caps on what a reader copies. All elements of a list together are within
// the cap of one hit, so what is done with each is charged its share. See RATIONALE.md for where that is no upper bound.
import * as abi from "../engine/abi.ts";
import type { Binary, Call, Expr, Macro } from "./ast.ts";
import { childrenOf } from "./builder.ts";
import { costOf, TEXT_STEPS } from "./catalogue/definition.ts";
import type { Binding, Checked } from "./check.ts";
import { CompileError } from "./errors.ts";
import { LIMITS, type ProbeLimits } from "./limits.ts";
import type { Plan } from "./plan.ts";
import { type Size, Sizes, share } from "./sizes.ts";

/** What the costs in the catalogue are made for. */
const INPUT = LIMITS.inputBytes / abi.SLOT_BYTES;

/** How often a function goes over a text at most, in steps: two a byte of a text beside which there is room for its result. */
const PASSES = 16;

class Pricer {
  readonly costs = new Map<number, number>();
  private readonly sizes: Sizes;
  private readonly checked: Checked;
  private readonly plan: Plan;

  constructor(checked: Checked, plan: Plan, limits: ProbeLimits) {
    this.checked = checked;
    this.plan = plan;
    this.sizes = new Sizes(checked, plan, limits);
  }

  /** Steps of one evaluation; Infinity is possible on hostile nesting and refused by the caller. */
  price(expr: Expr): number {
    const cost = this.costOf(expr);
    this.costs.set(expr.id, cost);
    return cost;
  }

  private costOf(expr: Expr): number {
    // The slot of a path is there; an error in it is copied to say where.
    if (this.plan.paths.has(expr.id)) return 1;
    if (this.plan.optionals.has(expr.id)) return 2;
    if (this.checked.typeNames.has(expr.id)) return 0;
    switch (expr.kind) {
      case "literal":
        return 0;
      case "select":
        return this.price(expr.operand) + this.lookUp(this.sizes.of(expr.operand));
      case "index":
        if (this.plan.places.has(expr.id)) return 2;
        return this.price(expr.operand) + this.price(expr.index) + this.lookUp(this.sizes.of(expr.operand));
      case "unary":
        return 1 + this.price(expr.operand);
      case "binary":
        return this.price(expr.left) + this.price(expr.right) + this.operator(expr);
      case "ternary":
        return 1 + this.price(expr.condition) + Math.max(this.price(expr.yes), this.price(expr.no));
      case "list":
        return expr.items.reduce((sum, item) => sum + 2 + this.price(item.value), 3);
      case "map":
        // Each new key is compared with those before it.
        return expr.entries.reduce((sum, { key, value }, i) => {
          return sum + 3 + i * (1 + this.sizes.of(key).weight) + this.price(key) + this.price(value);
        }, 3);
      case "call":
        return this.call(expr);
      case "macro":
        return this.macro(expr);
      default:
        return 1;
    }
  }

  /** Looking through the keys of a container. */
  private lookUp(size: Size): number {
    return 2 + size.items + size.weight;
  }

  /**
   * What is charged by the length of its operands costs its share for shorter ones. What costs less than scanning a text is
   * not: it may depend on something else.
   */
  private call(expr: Call): number {
    const operation = this.checked.operations.get(expr.id);
    // What can only fail evaluates nothing.
    if (operation === undefined) return 1;
    const { definition, operands } = operation;
    const operandCost = operands.reduce((sum, operand) => sum + this.price(operand), 1);
    const shares = operands.map((operand, i) => {
      const need = definition.needs[i] ?? definition.needs.at(-1);
      const { weight } = this.sizes.of(operand);
      // Of a container the size is known; of a text it is counted.
      return need === "size" ? Math.min(1, weight / TEXT_STEPS) : weight / (need === "scalar" ? TEXT_STEPS : INPUT);
    });
    const cost = costOf(definition, operands);
    const share = Math.max(0, ...shares);
    // A text that was made may be longer than one that was read. What it can cost ends with the arena.
    const own =
      share <= 1 ? Math.ceil(cost * share) : Math.min(Math.ceil(cost * share), cost + PASSES * this.sizes.longest);
    return operandCost + Math.max(own, Math.min(cost, TEXT_STEPS / 4));
  }

  private macro(expr: Macro): number {
    const target = this.price(expr.target);
    if (expr.name === "has") {
      const { target: field } = expr;
      return this.plan.paths.has(field.id) || this.plan.optionals.has(field.id) ? 1 : target;
    }
    const bindings = this.checked.macroBindings.get(expr.id) as readonly Binding[];
    const whole = this.sizes.of(expr.target);
    if (expr.name === "bind" || expr.name === "optMap" || expr.name === "optFlatMap") {
      this.sizes.set(bindings[0] as Binding, whole);
      return 2 + target + this.price(expr.body as Expr);
    }
    const { items } = whole;
    for (const binding of bindings) this.sizes.set(binding, share(whole));
    const filter = expr.filter === null ? 0 : this.price(expr.filter);
    const round = 2 + filter + this.price(expr.body as Expr);
    // Lists, maps and pairs of a computed list have two slots an element at most; records that are kept are as wide as they were.
    const isMade =
      this.checked.types.get(expr.id) !== "bool" || (bindings.length === 2 && !this.plan.records.has(expr.id));
    const made = expr.name === "filter" ? whole.weight : isMade ? 2 * items : 0;
    return target + (items + 1) * round + made + 4;
  }

  /** What the operator itself costs. */
  private operator(expr: Binary): number {
    const { op } = expr;
    if (op === "&&" || op === "||" || op === "??") return 0;
    const left = this.sizes.of(expr.left);
    const right = this.sizes.of(expr.right);
    if (op === "in") return 1 + (expr.right.kind === "map" ? this.lookUp(right) : right.items + right.weight);
    if (op === "+") return 2 + left.weight + right.weight;
    if (op === "-" || op === "*" || op === "/" || op === "%") return 1;
    const both = Math.min(left.weight, right.weight);
    if (op !== "==" && op !== "!=") return 1 + Math.min(both, TEXT_STEPS);
    // Keys of maps are looked up one by one, at their own place first, where those of the elements of a list mostly are.
    const pairs = Math.min(left.items, right.items);
    const keyed = this.canHaveKeys(expr.left) && this.canHaveKeys(expr.right) && !left.shared && !right.shared;
    return 1 + both + (keyed ? pairs * (pairs + 2) : 0);
  }

  private canHaveKeys(expr: Expr): boolean {
    const type = this.checked.types.get(expr.id) ?? "dyn";
    return type === "dyn" || type === "map" || type === "list" || type === "optional";
  }
}

/** The smallest part that is too expensive by itself, or the dearest part of it where it is the sum that is too much. */
function blamed(expr: Expr, costs: ReadonlyMap<number, number>, limit: number): Expr {
  const priced = childrenOf(expr).map((child) => ({ child, cost: costs.get(child.id) ?? 0 }));
  const dearest = priced.reduce((a, b) => (b.cost > a.cost ? b : a), { child: expr, cost: 0 });
  if (dearest.cost > limit) return blamed(dearest.child, costs, limit);
  return expr.kind === "macro" || dearest.cost === 0 ? expr : dearest.child;
}

/** Worst-case steps of one compilation. Throws CompileError `limit` above the limit, blaming the dearest part. */
export function worstCase(
  source: string,
  exprs: readonly Expr[],
  checked: Checked,
  plan: Plan,
  limits: ProbeLimits,
): number {
  const limit = limits.cost;
  const pricer = new Pricer(checked, plan, limits);
  const costs = exprs.map((expr) => pricer.price(expr));
  const cost = costs.reduce((sum, one) => sum + one + 1, 0);
  if (cost <= limit) return cost;
  const dearest = exprs[costs.indexOf(Math.max(...costs))] as Expr;
  const figures = `${Math.round(cost).toLocaleString("en")} steps at worst, ${limit.toLocaleString("en")} are allowed`;
  throw new CompileError(
    "limit",
    `too expensive: ${figures}`,
    "Nest fewer macros, or compare with constants inside them.",
    source,
    blamed(dearest, pricer.costs, limit),
  );
}
