// How much there can be of a value: what the pricer multiplies. From the caps on what a reader copies and what an expression makes.
import * as abi from "../engine/abi.ts";
import type { Binary, Expr, Macro } from "./ast.ts";
import { childrenOf } from "./builder.ts";
import { costOf, TEXT_STEPS } from "./catalogue/definition.ts";
import type { Binding, Checked, StaticType } from "./check.ts";
import type { ProbeLimits } from "./limits.ts";
import type { PathRef, Plan } from "./plan.ts";

/** How much there can be of a value. */
export interface Size {
  /** Steps to go over all of it once: its slots, and each 16 bytes of its texts. */
  readonly weight: number;
  /** Elements or pairs of the longest container in it. */
  readonly items: number;
  /** It is a share of a larger value. */
  readonly shared: boolean;
}

const NOTHING: Size = { weight: 0, items: 0, shared: false };
const TYPE_NAME: Size = { weight: 3, items: 0, shared: false };
const SCALARS: ReadonlySet<StaticType> = new Set(["null", "bool", "int", "uint", "double", "timestamp", "duration"]);

const most = (a: Size, b: Size): Size => ({
  weight: Math.max(a.weight, b.weight),
  items: Math.max(a.items, b.items),
  shared: a.shared && b.shared,
});

/** Tells sizes; the macros around an expression say first what their variables are. */
export class Sizes {
  private readonly variables = new Map<Binding, Size>();
  private readonly checked: Checked;
  private readonly plan: Plan;
  /** Everything that one hit may copy. */
  private readonly whole: Size;
  /** Steps to go over the longest text that the arena has room for. */
  readonly longest: number;

  constructor(checked: Checked, plan: Plan, limits: ProbeLimits) {
    this.checked = checked;
    this.plan = plan;
    this.whole = { weight: Math.ceil(limits.inputBytes / abi.SLOT_BYTES), items: limits.items, shared: false };
    this.longest = Math.ceil(limits.arenaBytes / abi.SLOT_BYTES);
  }

  /** Says how much a variable of a macro holds. */
  set(variable: Binding, size: Size): void {
    this.variables.set(variable, size);
  }

  of(expr: Expr): Size {
    const type = this.checked.types.get(expr.id) ?? "dyn";
    if (SCALARS.has(type)) return NOTHING;
    if (type === "type") return TYPE_NAME;
    const ref = this.plan.paths.get(expr.id) ?? this.plan.optionals.get(expr.id);
    if (ref !== undefined) return this.ofPath(ref);
    switch (expr.kind) {
      case "literal":
        return { weight: Math.ceil((expr.to - expr.from) / 4), items: 0, shared: false };
      case "ident":
        return this.variables.get(this.checked.bindings.get(expr.id) as Binding) ?? NOTHING;
      case "binary":
        return this.ofBinary(expr);
      case "ternary":
        return most(this.of(expr.yes), this.of(expr.no));
      case "list":
      case "map":
        return this.ofLiteral(childrenOf(expr));
      case "call": {
        const operation = this.checked.operations.get(expr.id);
        const operands = (operation?.operands ?? []).map((operand) => this.of(operand)).reduce(most, NOTHING);
        // What a function makes it has paid for.
        const made = operation === undefined ? 0 : costOf(operation.definition, operation.operands);
        if (type === "string" || type === "bytes")
          return { weight: Math.min(operands.weight + made, this.longest), items: 0, shared: operands.shared };
        return { weight: operands.weight + made, items: Math.max(operands.items, made), shared: operands.shared };
      }
      case "macro":
        return this.ofMacro(expr);
      case "select":
        return this.of(expr.operand);
      case "index":
        return this.plan.places.has(expr.id) ? share(this.of(expr.operand)) : this.of(expr.operand);
      default:
        return NOTHING;
    }
  }

  private ofPath({ path, base }: PathRef): Size {
    if (path.isKey) return { weight: TEXT_STEPS, items: 0, shared: true };
    const whole = base === null ? this.whole : (this.variables.get(base) ?? this.whole);
    if (path.want !== "presence" && path.want !== "size" && path.want !== "scalar") return whole;
    // Its elements are read as records, though nothing else of it is.
    if (path.elements !== null || path.pairs !== null) return whole;
    const isRead = path.want === "scalar";
    return { weight: isRead ? Math.min(TEXT_STEPS, whole.weight) : 0, items: 0, shared: whole.shared };
  }

  private ofBinary(expr: Binary): Size {
    const left = this.of(expr.left);
    const right = this.of(expr.right);
    if (expr.op !== "+") return most(left, right);
    const weight = 1 + left.weight + right.weight;
    const isText = this.checked.types.get(expr.id) === "string" || this.checked.types.get(expr.id) === "bytes";
    return { weight: isText ? Math.min(weight, this.longest) : weight, items: left.items + right.items, shared: false };
  }

  private ofLiteral(parts: readonly Expr[]): Size {
    const sizes = parts.map((part) => this.of(part));
    const weight = sizes.reduce((sum, size) => sum + size.weight, parts.length);
    return { weight, items: sizes.reduce((items, size) => Math.max(items, size.items), parts.length), shared: false };
  }

  private ofMacro(expr: Macro): Size {
    const whole = this.of(expr.target);
    if (expr.name === "filter") return whole;
    const body = this.of(expr.body as Expr);
    if (expr.name === "bind" || expr.name === "optMap" || expr.name === "optFlatMap") return body;
    const keys = expr.name === "transformMap" ? whole.weight : 0;
    const weight = whole.items * (2 + body.weight) + keys;
    return { weight, items: Math.max(whole.items, body.items), shared: false };
  }
}

/** One element: on average its share of the collection, which for elements of elements may be less than one. */
export function share({ weight, items }: Size): Size {
  if (items === 0) return NOTHING;
  const each = Math.ceil(weight / items);
  return { weight: each, items: Math.min(items, each), shared: true };
}
