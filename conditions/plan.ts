// Finds out which paths of which variables an expression can read and how much of each, and lays them out as slots.
// The result is the projection; a binding reads nothing else.
import type { Expr, Literal, Macro } from "./ast.ts";
import { isFilter } from "./builder.ts";
import type { Need } from "./catalogue/index.ts";
import type { Binding, Checked } from "./check.ts";
import { comparand, lookUps, membershipDemands, textBytes } from "./demands.ts";
import { CompileError } from "./errors.ts";
import { PathFinder } from "./finder.ts";
import { LIMITS } from "./limits.ts";
import { type Demand, deep, type OptionalRef, type PathRef, PRESENCE, type Records, SCALAR, SIZE } from "./paths.ts";
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

class Planner {
  readonly finder: PathFinder;
  readonly records = new Map<number, Records>();
  readonly aliases = new Map<Binding, Expr>();
  readonly places = new Set<number>();
  readonly members = new Map<number, PathRef>();
  /** What the uses of variables that are no paths need, once they have been visited. */
  private readonly uses = new Map<Binding, Demand>();
  private readonly checked: Checked;

  constructor(checked: Checked) {
    this.checked = checked;
    this.finder = new PathFinder(checked);
  }

  need(expr: Expr, demand: Demand): void {
    const ref = this.finder.pathOf(expr);
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
    if (definition.name === "contains") return this.containing(first, second);
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
    const ref = this.finder.pathOf(operand);
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
    this.need(left, comparand(this.checked, right));
    this.need(right, comparand(this.checked, left));
  }

  private membership(expr: Extract<Expr, { kind: "binary" }>): void {
    const { left, right } = expr;
    const holder = left.kind === "literal" && left.value.type === "string" ? this.finder.pathOf(right) : null;
    if (holder !== null && holder.steps === 0 && !holder.path.isKey && !holder.path.alias) {
      const { value } = left as Literal & { readonly value: { readonly type: "string" } };
      this.members.set(expr.id, { path: holder.path.member(value.value), base: holder.base });
      return;
    }
    const demands = membershipDemands(this.checked, left, right);
    this.need(left, demands.left);
    if (right.kind === "list") for (const item of right.items) this.need(item.value, demands.item);
    else this.need(right, demands.right);
  }

  /** `list.contains(v)` is `v in list`; of a text no content is read. */
  private containing(holder: Expr, value: Expr): void {
    const demands = membershipDemands(this.checked, value, holder);
    this.need(value, demands.left);
    this.need(holder, holder.kind === "list" ? deep(1 + demands.item.depth) : demands.right);
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
    const ref = this.finder.pathOf(expr.target);
    const body = expr.body as Expr;
    const opens = expr.name !== "bind";
    // A value that is opened without a `?` before it may be an optional itself.
    if (ref !== null && (!opens || ref.steps > 0)) {
      this.finder.meanings.set(binding, opens ? { ...ref, steps: 0 } : ref);
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
    this.finder.meanings.set(base, { path: records.element, base, steps: 0 });
    if (records.key !== null) this.finder.meanings.set(bindings[0] as Binding, { path: records.key, base, steps: 0 });
  }

  /** The records if the collection can be read so: it is a path, or a `filter` over one. */
  private elements(collection: Expr, pairs: boolean): Records | null {
    const ref = this.finder.pathOf(collection);
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
    const [key, second] = bindings;
    if (key === undefined || second !== undefined || this.finder.pathOf(expr.target) === null) return false;
    const found = lookUps(this.checked, expr, key);
    for (const node of found) this.places.add(node);
    return found.length > 0;
  }
}

/** Plans all expressions of one compilation. `depths`: levels that each result itself is needed with. */
export function plan(source: string, exprs: readonly Expr[], checked: Checked, depths: readonly number[]): Plan {
  const planner = new Planner(checked);
  for (const [i, expr] of exprs.entries()) planner.need(expr, deep(depths[i] ?? 0));
  let slots = 0;
  for (const root of planner.finder.roots.values()) slots = root.layout(slots);
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
    projection: { slots, roots: [...planner.finder.roots.values()].map((root) => root.toNode()) },
    paths: planner.finder.paths,
    optionals: planner.finder.optionals,
    records: planner.records,
    aliases: planner.aliases,
    places: planner.places,
    members: planner.members,
    rootNodes: planner.finder.rootNodes,
  };
}
