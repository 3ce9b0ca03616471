// The worst case of an expression in steps, from the caps on what a reader copies. All elements of a list together are within
// the cap of one hit, so what is done with each is charged its share. See RATIONALE.md for where that is no upper bound.
import * as abi from "../engine/abi.ts";
import type { Binary, Call, Expr, Macro } from "./ast.ts";
import { childrenOf } from "./builder.ts";
import { costOf, type Definition, TEXT_STEPS } from "./catalogue/definition.ts";
import type { Binding, Checked, StaticType } from "./check.ts";
import { CompileError } from "./errors.ts";
import { LIMITS, type ProbeLimits } from "./limits.ts";
import type { PathRef, Plan } from "./plan.ts";

/** How much there can be of a value. */
interface Size {
  /** Steps to go over all of it once: its slots, and each 16 bytes of its texts. */
  readonly weight: number;
  /** Elements or pairs of the longest container in it. */
  readonly items: number;
  /** It is a share of a larger value. */
  readonly shared: boolean;
}

/** What the costs in the catalogue are made for. */
const INPUT = LIMITS.inputBytes / abi.SLOT_BYTES;

const NOTHING: Size = { weight: 0, items: 0, shared: false };
const SCALARS: ReadonlySet<StaticType> = new Set(["null", "bool", "int", "uint", "double", "timestamp", "duration"]);

const most = (a: Size, b: Size): Size => ({
  weight: Math.max(a.weight, b.weight),
  items: Math.max(a.items, b.items),
  shared: a.shared && b.shared,
});

class Pricer {
  readonly costs = new Map<number, number>();
  private readonly sizes = new Map<Binding, Size>();
  private readonly checked: Checked;
  private readonly plan: Plan;
  /** Everything that one hit may copy. */
  private readonly whole: Size;
  /** The longest text that the arena has room for. */
  private readonly longest: number;

  constructor(checked: Checked, plan: Plan, limits: ProbeLimits) {
    this.checked = checked;
    this.plan = plan;
    this.whole = { weight: Math.ceil(limits.inputBytes / abi.SLOT_BYTES), items: limits.items, shared: false };
    this.longest = Math.ceil(limits.arenaBytes / abi.SLOT_BYTES);
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
    switch (expr.kind) {
      case "select":
        return this.price(expr.operand) + this.lookUp(this.sizeOf(expr.operand));
      case "index":
        if (this.plan.places.has(expr.id)) return 2;
        return this.price(expr.operand) + this.price(expr.index) + this.lookUp(this.sizeOf(expr.operand));
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
          return sum + 3 + i * (1 + this.sizeOf(key).weight) + this.price(key) + this.price(value);
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
      const { weight } = this.sizeOf(operand);
      // Of a container the size is known; of a text it is counted.
      return need === "size" ? Math.min(1, weight / TEXT_STEPS) : weight / (need === "scalar" ? TEXT_STEPS : INPUT);
    });
    const steps = costOf(definition, operands);
    const shared = Math.ceil(steps * Math.max(0, ...shares));
    // What makes a text stops when the arena is full, and each step of it has made at least a byte.
    const own = makesText(definition) ? Math.min(shared, this.longest * abi.SLOT_BYTES) : shared;
    return operandCost + Math.max(own, Math.min(steps, TEXT_STEPS / 4));
  }

  private macro(expr: Macro): number {
    const target = this.price(expr.target);
    if (expr.name === "has") {
      const { target: field } = expr;
      return this.plan.paths.has(field.id) || this.plan.optionals.has(field.id) ? 1 : target;
    }
    const bindings = this.checked.macroBindings.get(expr.id) as readonly Binding[];
    const whole = this.sizeOf(expr.target);
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
    const left = this.sizeOf(expr.left);
    const right = this.sizeOf(expr.right);
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

  private sizeOf(expr: Expr): Size {
    if (SCALARS.has(this.checked.types.get(expr.id) ?? "dyn")) return NOTHING;
    const ref = this.plan.paths.get(expr.id) ?? this.plan.optionals.get(expr.id);
    if (ref !== undefined) return this.sizeOfPath(ref);
    switch (expr.kind) {
      case "literal":
        return { weight: Math.ceil((expr.to - expr.from) / 4), items: 0, shared: false };
      case "ident":
        return this.sizes.get(this.checked.bindings.get(expr.id) as Binding) ?? NOTHING;
      case "binary":
        return this.sizeOfBinary(expr);
      case "ternary":
        return most(this.sizeOf(expr.yes), this.sizeOf(expr.no));
      case "list":
      case "map":
        return this.sizeOfLiteral(childrenOf(expr));
      case "call": {
        const operation = this.checked.operations.get(expr.id);
        const operands = (operation?.operands ?? []).map((operand) => this.sizeOf(operand)).reduce(most, NOTHING);
        // What a function makes it has paid for.
        const made = operation === undefined ? 0 : Math.ceil(costOf(operation.definition, operation.operands));
        if (operation !== undefined && makesText(operation.definition))
          return { weight: Math.min(operands.weight + made, this.longest), items: 0, shared: operands.shared };
        return { weight: operands.weight + made, items: Math.max(operands.items, made), shared: operands.shared };
      }
      case "macro":
        return this.sizeOfMacro(expr);
      case "select":
        return this.sizeOf(expr.operand);
      case "index":
        return this.plan.places.has(expr.id) ? share(this.sizeOf(expr.operand)) : this.sizeOf(expr.operand);
      default:
        return NOTHING;
    }
  }

  private sizeOfPath({ path, base }: PathRef): Size {
    if (path.isKey) return { weight: TEXT_STEPS, items: 0, shared: true };
    const whole = base === null ? this.whole : (this.sizes.get(base) ?? this.whole);
    if (path.want !== "presence" && path.want !== "size" && path.want !== "scalar") return whole;
    // Its elements are read as records, though nothing else of it is.
    if (path.elements !== null || path.pairs !== null) return whole;
    const isRead = path.want === "scalar";
    return { weight: isRead ? Math.min(TEXT_STEPS, whole.weight) : 0, items: 0, shared: whole.shared };
  }

  private sizeOfBinary(expr: Binary): Size {
    const left = this.sizeOf(expr.left);
    const right = this.sizeOf(expr.right);
    if (expr.op !== "+") return most(left, right);
    const weight = 1 + left.weight + right.weight;
    const isText = this.checked.types.get(expr.id) === "string" || this.checked.types.get(expr.id) === "bytes";
    return { weight: isText ? Math.min(weight, this.longest) : weight, items: left.items + right.items, shared: false };
  }

  private sizeOfLiteral(parts: readonly Expr[]): Size {
    const sizes = parts.map((part) => this.sizeOf(part));
    const weight = sizes.reduce((sum, size) => sum + size.weight, parts.length);
    return { weight, items: sizes.reduce((items, size) => Math.max(items, size.items), parts.length), shared: false };
  }

  private sizeOfMacro(expr: Macro): Size {
    const whole = this.sizeOf(expr.target);
    if (expr.name === "filter") return whole;
    const body = this.sizeOf(expr.body as Expr);
    if (expr.name === "bind" || expr.name === "optMap" || expr.name === "optFlatMap") return body;
    const keys = expr.name === "transformMap" ? whole.weight : 0;
    const weight = whole.items * (2 + body.weight) + keys;
    return { weight, items: Math.max(whole.items, body.items), shared: false };
  }
}

const makesText = ({ result }: Definition): boolean => result === "string" || result === "bytes";

/** One element: on average its share of the collection, which for elements of elements may be less than one. */
function share({ weight, items }: Size): Size {
  if (items === 0) return NOTHING;
  const each = Math.ceil(weight / items);
  return { weight: each, items: Math.min(items, each), shared: true };
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
