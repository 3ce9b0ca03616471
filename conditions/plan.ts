// Finds out which paths of which variables an expression can read and how much of each, and lays them out as slots.
// The result is the projection; a binding reads nothing else.
import type { Expr, Literal, Macro } from "./ast.ts";
import { childrenOf, isFilter } from "./builder.ts";
import type { Need } from "./catalogue/index.ts";
import type { Binding, Checked, StaticType } from "./check.ts";
import { CompileError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import {
  type Demand,
  deep,
  type OptionalRef,
  Path,
  type PathRef,
  PRESENCE,
  type Records,
  SCALAR,
  SIZE,
} from "./paths.ts";
import { variableOf } from "./specials.ts";
import type { Projection } from "./stages.ts";

export type { OptionalRef, PathRef, Records } from "./paths.ts";

export interface Plan {
  readonly projection: Projection;
  /** Expressions that are a path, by node id. */
  readonly paths: ReadonlyMap<number, PathRef>;
  /** Expressions that are a path with `?` in it, by node id. */
  readonly optionals: ReadonlyMap<number, OptionalRef>;
  /** Macros whose collection is read as records, by the macro's node id. */
  readonly records: ReadonlyMap<number, Records>;
  /** Variables of `cel.bind` and `optMap` that stand for a path and need no local, with that path. */
  readonly aliases: ReadonlyMap<Binding, Expr>;
  /** `m[k]` where `k` goes through `m` itself: the value stands beside the key. */
  readonly places: ReadonlySet<number>;
  /** `"name" in path`, by the node of `in`: the slot that tells. It is -1 where the path is read with its content anyway. */
  readonly members: ReadonlyMap<number, PathRef>;
  /** Nodes at which each root variable is used first. */
  readonly rootNodes: ReadonlyMap<string, Expr>;
}

/** `steps` is 0 of a path without `?`. */
type Ref = OptionalRef;

class Planner {
  readonly roots = new Map<string, Path>();
  readonly rootNodes = new Map<string, Expr>();
  readonly paths = new Map<number, PathRef>();
  readonly optionals = new Map<number, OptionalRef>();
  readonly records = new Map<number, Records>();
  readonly aliases = new Map<Binding, Expr>();
  readonly places = new Set<number>();
  readonly members = new Map<number, PathRef>();
  /** What each variable of a macro stands for, where that is a path. */
  private readonly meanings = new Map<Binding, Ref>();
  /** What the uses of the other variables need, once they have been visited. */
  private readonly uses = new Map<Binding, Demand>();
  private readonly checked: Checked;

  constructor(checked: Checked) {
    this.checked = checked;
  }

  /** The path that an expression is, or null if it is computed. */
  private pathOf(expr: Expr): Ref | null {
    const known = this.paths.get(expr.id);
    if (known !== undefined) return known as Ref;
    const found = this.optionals.get(expr.id) ?? this.findPath(expr);
    if (found === null) return null;
    if (found.steps === 0) this.paths.set(expr.id, found);
    else this.optionals.set(expr.id, found);
    return found;
  }

  private findPath(expr: Expr): Ref | null {
    const global = this.checked.globals.get(expr.id);
    if (global !== undefined) return this.root(global, expr);
    if (expr.kind === "ident") {
      if (this.checked.constants.has(expr.id) || this.checked.typeNames.has(expr.id)) return null;
      const binding = this.checked.bindings.get(expr.id);
      if (binding !== undefined) return this.meanings.get(binding) ?? null;
      return this.root(expr.name, expr);
    }
    if (expr.kind === "special") return this.root(variableOf(expr.name), expr);
    if ((expr.kind !== "select" && expr.kind !== "index") || this.checked.typeNames.has(expr.id)) return null;
    const key = constantKey(expr);
    if (key === null) return null;
    const operand = this.pathOf(expr.operand);
    if (operand === null || operand.path.isKey) return null;
    const steps = operand.steps > 0 ? operand.steps + 1 : expr.optional ? 1 : 0;
    const alias = steps === 0 && expr.kind === "select" && key === "length";
    return { path: operand.path.field(key, alias), base: operand.base, steps };
  }

  private root(name: string, expr: Expr): Ref {
    let root = this.roots.get(name);
    if (root === undefined) {
      root = new Path(name);
      this.roots.set(name, root);
      this.rootNodes.set(name, expr);
    }
    return { path: root, base: null, steps: 0 };
  }

  need(expr: Expr, demand: Demand): void {
    const ref = this.pathOf(expr);
    if (ref !== null) {
      ref.path.demand(demand);
      return;
    }
    if (this.checked.typeNames.has(expr.id)) return;
    switch (expr.kind) {
      case "ident":
        return this.use(expr.id, demand);
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

  /** A variable that is no path: what its value is needed for adds up. */
  private use(id: number, demand: Demand): void {
    const binding = this.checked.bindings.get(id);
    if (binding === undefined) return;
    const depth = Math.max(demand.depth, this.uses.get(binding)?.depth ?? 0);
    this.uses.set(binding, deep(depth));
  }

  /** True of a path whose size alone can be read. `x.length` is a size itself, unless there is a field of that name. */
  private hasSize(operand: Expr): boolean {
    const ref = this.pathOf(operand);
    return ref !== null && ref.steps === 0 && !ref.path.alias;
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
        return this.hasSize(operand) || isFilter(operand) ? SIZE : deep(1);
      case "presence":
        return PRESENCE;
      case "same":
        return demand;
      case "value":
        return deep(demand.depth);
    }
  }

  private binary(expr: Extract<Expr, { kind: "binary" }>, demand: Demand): void {
    switch (expr.op) {
      case "==":
      case "!=":
        return this.equality(expr.left, expr.right);
      case "in":
        return this.membership(expr);
      case "??":
      case "+": {
        // Whether it is there, or how large it is, does not tell what it is.
        const wanted = demand.want === "presence" || demand.want === "size" ? SCALAR : demand;
        this.need(expr.left, wanted);
        return this.need(expr.right, wanted);
      }
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

  /** Keys and elements are mostly scalars. Only where a side is written out is it known what the other needs. */
  private membership(expr: Extract<Expr, { kind: "binary" }>): void {
    const { left, right } = expr;
    const type = this.checked.types.get(left.id);
    const holder = left.kind === "literal" && left.value.type === "string" ? this.pathOf(right) : null;
    if (holder !== null && holder.steps === 0 && !holder.path.isKey && !holder.path.alias) {
      const { value } = left as Literal & { readonly value: { readonly type: "string" } };
      this.members.set(expr.id, { path: holder.path.member(value.value), base: holder.base });
      return;
    }
    if (right.kind === "list") {
      for (const item of right.items) this.need(item.value, this.comparand(left));
      const demands = right.items.map((item) => this.comparand(item.value));
      const depth = Math.max(0, ...demands.map((demand) => demand.depth));
      const caps = demands.map((demand) => demand.cap);
      const cap = caps.every((bytes) => bytes !== null) ? Math.max(0, ...caps) : null;
      return this.need(left, depth > 0 ? deep(depth) : { ...SCALAR, cap });
    }
    const isContainer = type === "list" || type === "map" || type === "optional";
    this.need(left, isContainer ? deep(LIMITS.valueDepth - 1) : SCALAR);
    this.need(right, deep(isContainer ? LIMITS.valueDepth : 1));
  }

  private comparand(other: Expr): Demand {
    const type = this.checked.types.get(other.id);
    if (type === undefined || !SCALAR_TYPES.has(type)) return deep(LIMITS.valueDepth);
    // One byte more than the constant shows that a longer text differs.
    const bytes = textBytes(other);
    return { ...SCALAR, cap: bytes === null ? null : bytes + 1 };
  }

  private macro(expr: Macro, demand: Demand): void {
    if (expr.name === "has") return this.need(expr.target, PRESENCE);
    const bindings = this.checked.macroBindings.get(expr.id) as readonly Binding[];
    if (expr.name === "bind" || expr.name === "optMap" || expr.name === "optFlatMap")
      return this.bind(expr, bindings[0] as Binding, demand);
    const pairs = bindings.length === 2;
    const records = this.looksUp(expr, bindings) ? null : this.elements(expr.target, pairs);
    if (records !== null) this.enter(expr, records, bindings);
    if (expr.filter !== null) this.need(expr.filter, SCALAR);
    // To be counted they are not read.
    if (expr.name === "filter" && records !== null && demand.want !== "size")
      records.element.demand(deep(demand.depth - 1));
    const gives = expr.name === "map" || expr.name === "transformList" || expr.name === "transformMap";
    this.need(expr.body as Expr, gives ? deep(demand.depth - 1) : SCALAR);
    if (records !== null) return;
    const kept = expr.name === "filter" ? demand.depth - 1 : 0;
    const used = bindings.map((binding) => this.uses.get(binding)?.depth ?? 0);
    this.need(expr.target, deep(1 + Math.max(kept, ...used)));
  }

  /** `cel.bind` and the macros on optionals: the variable is another name of a path, or holds a value. */
  private bind(expr: Macro, binding: Binding, demand: Demand): void {
    const ref = this.pathOf(expr.target);
    const body = expr.body as Expr;
    const opens = expr.name !== "bind";
    // A value that is opened without a `?` before it may be an optional itself.
    if (ref !== null && (!opens || ref.steps > 0)) {
      this.meanings.set(binding, opens ? { ...ref, steps: 0 } : ref);
      this.aliases.set(binding, expr.target);
      if (opens) ref.path.demand(PRESENCE);
      return this.need(body, demand);
    }
    this.need(body, demand);
    this.need(expr.target, this.uses.get(binding) ?? SCALAR);
  }

  private enter(expr: Macro, records: Records, bindings: readonly Binding[]): void {
    this.records.set(expr.id, records);
    const base = bindings.at(-1) as Binding;
    this.meanings.set(base, { path: records.element, base, steps: 0 });
    if (records.key !== null) this.meanings.set(bindings[0] as Binding, { path: records.key, base, steps: 0 });
  }

  /** The records if the collection can be read so: it is a path, or a `filter` over one. */
  private elements(collection: Expr, pairs: boolean): Records | null {
    const ref = this.pathOf(collection);
    if (ref !== null) return ref.steps > 0 || ref.path.isKey ? null : ref.path.records(pairs);
    if (pairs || collection.kind !== "macro" || collection.name !== "filter") return null;
    const bindings = this.checked.macroBindings.get(collection.id) as readonly Binding[];
    const records = this.looksUp(collection, bindings) ? null : this.elements(collection.target, false);
    if (records === null) return null;
    this.enter(collection, records, bindings);
    this.need(collection.body as Expr, SCALAR);
    return records;
  }

  /** `m.exists(k, m[k] > 0)`: the values of a map are looked up where they stand, so it is read whole and not as records. */
  private looksUp(expr: Macro, bindings: readonly Binding[]): boolean {
    const collection = bindings.length === 1 ? this.pathOf(expr.target) : null;
    if (collection === null) return false;
    let found = false;
    const visit = (part: Expr): void => {
      if (part.kind === "index" && part.index.kind === "ident") {
        const isKey = this.checked.bindings.get(part.index.id) === bindings[0];
        if (isKey && this.isSame(part.operand, expr.target)) {
          found = true;
          this.places.add(part.id);
        }
      }
      for (const child of childrenOf(part)) visit(child);
    };
    for (const part of [expr.filter, expr.body]) if (part !== null) visit(part);
    return found;
  }

  /** The same path as another, told without adding to the trie. */
  private isSame(a: Expr, b: Expr): boolean {
    if (a.kind === "ident" && b.kind === "ident")
      return a.name === b.name && this.checked.bindings.get(a.id) === this.checked.bindings.get(b.id);
    if ((a.kind !== "select" && a.kind !== "index") || (b.kind !== "select" && b.kind !== "index")) return false;
    const key = constantKey(a);
    return key !== null && key === constantKey(b) && this.isSame(a.operand, b.operand);
  }
}

/** Types of values without content. */
const SCALAR_TYPES: ReadonlySet<StaticType> = new Set([
  "null",
  "bool",
  "int",
  "uint",
  "double",
  "string",
  "bytes",
  "timestamp",
  "duration",
  "type",
]);

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
    optionals: planner.optionals,
    records: planner.records,
    aliases: planner.aliases,
    places: planner.places,
    members: planner.members,
    rootNodes: planner.rootNodes,
  };
}
