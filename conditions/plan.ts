// Finds out which paths of which variables an expression can read and how much of each, and lays them out as slots.
// The result is the projection; a binding reads nothing else.
import type { Expr, Macro } from "./ast.ts";
import type { Need } from "./catalogue/index.ts";
import type { Binding, Checked } from "./check.ts";
import { CompileError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import type { EachNode, PathNode, Projection, Want } from "./stages.ts";

const STRENGTH: Readonly<Record<Want, number>> = { presence: 0, size: 1, scalar: 2, deep: 3 };

/** What the place that uses a value needs of it. */
interface Demand {
  readonly want: Want;
  readonly depth: number;
  /** Bytes of a string that decide, or null for all of it. */
  readonly cap: number | null;
}

const SCALAR: Demand = { want: "scalar", depth: 0, cap: null };
const deep = (depth: number): Demand =>
  depth <= 0 ? SCALAR : { want: "deep", depth: Math.min(depth, LIMITS.valueDepth), cap: null };

/** One step of the trie while it is built. */
export class Path {
  readonly key: string | number;
  readonly fields = new Map<string | number, Path>();
  want: Want | null = null;
  depth = 0;
  private cap: number | null = 0;
  alias = false;
  element: Path | null = null;
  /** Slot numbers, within the input or, below an element, within its record. */
  slot = -1;
  eachSlot = -1;
  /** Of an element: slots of one record. */
  recordSlots = 0;

  constructor(key: string | number) {
    this.key = key;
  }

  field(key: string | number): Path {
    let path = this.fields.get(key);
    if (path === undefined) {
      path = new Path(key);
      this.fields.set(key, path);
    }
    return path;
  }

  each(): Path {
    this.element ??= new Path("");
    return this.element;
  }

  demand(demand: Demand): void {
    this.cap = this.cap === null || demand.cap === null ? null : Math.max(this.cap, demand.cap);
    this.depth = Math.max(this.depth, demand.depth);
    if (this.want === null) this.want = demand.want;
    // A size slot holds a number, which cannot answer a question about presence: the value itself answers both.
    else if (this.want !== demand.want && STRENGTH[this.want] < 2 && STRENGTH[demand.want] < 2) this.want = "scalar";
    else if (STRENGTH[demand.want] > STRENGTH[this.want]) this.want = demand.want;
  }

  /** Numbers the slots below from `next`; gives the first free number. */
  layout(next: number): number {
    if (this.want !== null) this.slot = next++;
    if (this.element !== null) {
      this.eachSlot = next++;
      // At least one, so that records can be counted even when nothing of them is read.
      this.element.recordSlots = Math.max(1, this.element.layout(0));
    }
    for (const field of this.fields.values()) next = field.layout(next);
    return next;
  }

  toNode(): PathNode {
    const each: EachNode | null =
      this.element === null
        ? null
        : { slot: this.eachSlot, slots: this.element.recordSlots, element: this.element.toNode() };
    return {
      key: this.key,
      ...(this.want === null ? {} : { slot: this.slot, want: this.want }),
      ...(this.want === "deep" ? { depth: this.depth } : {}),
      ...(this.cap !== null && this.cap > 0 ? { cap: this.cap } : {}),
      ...(this.alias ? { alias: true } : {}),
      ...(this.fields.size === 0 ? {} : { fields: [...this.fields.values()].map((field) => field.toNode()) }),
      ...(each === null ? {} : { each }),
    };
  }
}

/** A path and where its slots are: at the input (`base` null), or in the record that a macro variable points at. */
export interface PathRef {
  readonly path: Path;
  readonly base: Binding | null;
}

export interface Plan {
  readonly projection: Projection;
  /** Expressions that are a path, by node id. */
  readonly paths: ReadonlyMap<number, PathRef>;
  /** Element paths of macros whose collection is read as records, by the macro's node id. */
  readonly records: ReadonlyMap<number, Path>;
  /** Nodes at which each root variable is used first. */
  readonly rootNodes: ReadonlyMap<string, Expr>;
}

class Planner {
  readonly roots = new Map<string, Path>();
  readonly rootNodes = new Map<string, Expr>();
  readonly paths = new Map<number, PathRef>();
  readonly records = new Map<number, Path>();
  private readonly bindingPaths = new Map<Binding, Path>();
  private readonly checked: Checked;

  constructor(checked: Checked) {
    this.checked = checked;
  }

  /** The path that an expression is, or null if it is computed. */
  private pathOf(expr: Expr): PathRef | null {
    const known = this.paths.get(expr.id);
    if (known !== undefined) return known;
    const found = this.findPath(expr);
    if (found !== null) this.paths.set(expr.id, found);
    return found;
  }

  private findPath(expr: Expr): PathRef | null {
    if (expr.kind === "ident") {
      if (this.checked.constants.has(expr.id)) return null;
      const binding = this.checked.bindings.get(expr.id);
      if (binding !== undefined) {
        const element = this.bindingPaths.get(binding);
        return element === undefined ? null : { path: element, base: binding };
      }
      let root = this.roots.get(expr.name);
      if (root === undefined) {
        root = new Path(expr.name);
        this.roots.set(expr.name, root);
        this.rootNodes.set(expr.name, expr);
      }
      return { path: root, base: null };
    }
    const key = constantKey(expr);
    if (key === null) return null;
    const operand = this.pathOf((expr as { operand: Expr }).operand);
    if (operand === null) return null;
    const path = operand.path.field(key);
    if (expr.kind === "select" && key === "length") path.alias = true;
    return { path, base: operand.base };
  }

  need(expr: Expr, demand: Demand): void {
    const ref = this.pathOf(expr);
    if (ref !== null) {
      ref.path.demand(demand);
      return;
    }
    switch (expr.kind) {
      case "select":
        return this.need(expr.operand, deep(demand.depth + 1));
      case "index":
        this.need(expr.index, SCALAR);
        return this.need(expr.operand, deep(demand.depth + 1));
      case "call":
        return this.call(expr, demand);
      case "unary":
        return this.need(expr.operand, SCALAR);
      case "binary":
        return this.binary(expr, demand);
      case "ternary":
        this.need(expr.condition, SCALAR);
        this.need(expr.yes, demand);
        return this.need(expr.no, demand);
      case "list":
        for (const item of expr.items) this.need(item.value, deep(demand.depth - 1));
        return;
      case "map":
        for (const entry of expr.entries) {
          this.need(entry.key, SCALAR);
          this.need(entry.value, deep(demand.depth - 1));
        }
        return;
      case "macro":
        return this.macro(expr, demand);
      default:
        return; // literals and macro variables read nothing
    }
  }

  private call(expr: Extract<Expr, { kind: "call" }>, demand: Demand): void {
    const operation = this.checked.operations.get(expr.id);
    if (operation === undefined) return; // yields an error; its operands are not evaluated
    const { definition, operands } = operation;
    const [first, second] = operands as [Expr, Expr];
    if (definition.name === "equals") return this.equality(first, second);
    for (const [i, operand] of operands.entries()) {
      const need = definition.needs[i] ?? (definition.needs.at(-1) as Need);
      // A prefix decides within the bytes that the constant has.
      const cap = definition.name === "startsWith" && i === 0 ? textBytes(second) : null;
      if (cap !== null) this.need(operand, { ...SCALAR, cap });
      else this.need(operand, this.demandOf(need, operand, demand));
    }
  }

  private demandOf(need: Need, operand: Expr, demand: Demand): Demand {
    switch (need) {
      case "scalar":
        return SCALAR;
      case "content":
        return deep(1);
      case "whole":
        return deep(LIMITS.valueDepth);
      case "size":
        return this.pathOf(operand) === null ? deep(1) : { want: "size", depth: 0, cap: null };
      case "same":
        return demand;
    }
  }

  private binary(expr: Extract<Expr, { kind: "binary" }>, demand: Demand): void {
    switch (expr.op) {
      case "==":
      case "!=":
        return this.equality(expr.left, expr.right);
      case "in":
        this.need(expr.left, SCALAR);
        return this.need(expr.right, deep(1));
      case "??":
      case "+":
        this.need(expr.left, demand);
        return this.need(expr.right, demand);
      default:
        this.need(expr.left, SCALAR);
        return this.need(expr.right, SCALAR);
    }
  }

  /** A side compared with a scalar constant needs no content; two unknown sides need all of it. */
  private equality(left: Expr, right: Expr): void {
    this.need(left, this.comparand(right));
    this.need(right, this.comparand(left));
  }

  private comparand(other: Expr): Demand {
    const type = this.checked.types.get(other.id);
    if (type === undefined || type === "dyn" || type === "list" || type === "map") return deep(LIMITS.valueDepth);
    // One byte more than the constant shows that a longer text differs.
    const bytes = textBytes(other);
    return { ...SCALAR, cap: bytes === null ? null : bytes + 1 };
  }

  private macro(expr: Macro, demand: Demand): void {
    if (expr.name === "has") return this.need(expr.target, { want: "presence", depth: 0, cap: 0 });
    const binding = this.checked.macroBindings.get(expr.id) as Binding;
    const element = this.elements(expr.target);
    if (element !== null) {
      this.records.set(expr.id, element);
      this.bindingPaths.set(binding, element);
    } else this.need(expr.target, deep(LIMITS.valueDepth));
    if (expr.filter !== null) this.need(expr.filter, SCALAR);
    if (expr.name === "filter" && element !== null) element.demand(deep(demand.depth - 1));
    this.need(expr.body as Expr, expr.name === "map" ? deep(demand.depth - 1) : SCALAR);
  }

  /** The element path if the collection can be read as records: a path, or a `filter` over one. */
  private elements(collection: Expr): Path | null {
    const ref = this.pathOf(collection);
    if (ref !== null) return ref.path.each();
    if (collection.kind !== "macro" || collection.name !== "filter") return null;
    const element = this.elements(collection.target);
    if (element === null) return null;
    this.records.set(collection.id, element);
    this.bindingPaths.set(this.checked.macroBindings.get(collection.id) as Binding, element);
    this.need(collection.body as Expr, SCALAR);
    return element;
  }
}

function textBytes(expr: Expr): number | null {
  return expr.kind === "literal" && expr.value.type === "string"
    ? new TextEncoder().encode(expr.value.value).length
    : null;
}

/** The constant key of a selection or index, or null. Integral doubles and uints index as ints do. */
function constantKey(expr: Expr): string | number | null {
  if (expr.kind === "select") return expr.field;
  if (expr.kind !== "index" || expr.index.kind !== "literal") return null;
  const { value } = expr.index;
  if (value.type === "string") return value.value;
  if (value.type !== "int" && value.type !== "uint" && value.type !== "double") return null;
  const number = Number(value.value);
  return Number.isSafeInteger(number) ? number : null;
}

/** Plans all expressions of one compilation. `depths`: levels that each result itself is needed with. */
export function plan(source: string, exprs: readonly Expr[], checked: Checked, depths: readonly number[]): Plan {
  const planner = new Planner(checked);
  for (const [i, expr] of exprs.entries()) planner.need(expr, deep(depths[i] ?? 0));
  let slots = 0;
  for (const root of planner.roots.values()) slots = root.layout(slots);
  if (slots > LIMITS.slots) {
    const whole = { from: 0, to: source.length };
    throw new CompileError(
      "limit",
      `it reads ${slots} values; ${LIMITS.slots} are allowed`,
      "Read fewer fields in one expression.",
      source,
      whole,
    );
  }
  return {
    projection: { slots, roots: [...planner.roots.values()].map((root) => root.toNode()) },
    paths: planner.paths,
    records: planner.records,
    rootNodes: planner.rootNodes,
  };
}
