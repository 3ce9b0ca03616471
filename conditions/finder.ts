// Finds out which expressions are paths of variables: names, selections and constant indexes, through the variables of macros
// that stand for paths. Says nothing of how much is needed of them.
import type { Expr } from "./ast.ts";
import type { Binding, Checked } from "./check.ts";
import { constantKey } from "./demands.ts";
import { type OptionalRef, Path, type PathRef } from "./paths.ts";
import { variableOf } from "./specials.ts";

/** `steps` is 0 of a path without `?`. */
type Ref = OptionalRef;

export class PathFinder {
  readonly roots = new Map<string, Path>();
  /** Nodes at which each root variable is used first. */
  readonly rootNodes = new Map<string, Expr>();
  readonly paths = new Map<number, PathRef>();
  readonly optionals = new Map<number, OptionalRef>();
  /** What each variable of a macro stands for, where that is a path. */
  readonly meanings = new Map<Binding, Ref>();
  private readonly checked: Checked;

  constructor(checked: Checked) {
    this.checked = checked;
  }

  /** The path that an expression is, or null if it is computed. */
  pathOf(expr: Expr): Ref | null {
    const known = this.paths.get(expr.id);
    if (known !== undefined) return known as Ref;
    const found = this.optionals.get(expr.id) ?? this.find(expr);
    if (found === null) return null;
    if (found.steps === 0) this.paths.set(expr.id, found);
    else this.optionals.set(expr.id, found);
    return found;
  }

  private find(expr: Expr): Ref | null {
    const { globals, constants, typeNames, bindings } = this.checked;
    const global = globals.get(expr.id);
    if (global !== undefined) return this.root(global, expr);
    if (typeNames.has(expr.id)) return null;
    if (expr.kind === "ident") {
      if (constants.has(expr.id)) return null;
      const binding = bindings.get(expr.id);
      return binding === undefined ? this.root(expr.name, expr) : (this.meanings.get(binding) ?? null);
    }
    if (expr.kind === "special") return this.root(variableOf(expr.name), expr);
    if (expr.kind !== "select" && expr.kind !== "index") return null;
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
}
