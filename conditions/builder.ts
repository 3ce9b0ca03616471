// Makes syntax nodes and counts them: ids, nesting, loops within loops. The only place that enforces the limits on a tree.
import type {
  Binary,
  BinaryOp,
  Call,
  Expr,
  Ident,
  Index,
  ListItem,
  ListLiteral,
  Literal,
  LiteralValue,
  Macro,
  MacroName,
  MapEntry,
  MapLiteral,
  Select,
  Span,
  Special,
  Ternary,
  Unary,
} from "./ast.ts";
import { CompileError } from "./errors.ts";
import { LIMITS } from "./limits.ts";

/** Chains of `&&` or `||` longer than this become a balanced tree. Both are associative, so the meaning stays and the depth does not grow. */
const MAX_CHAIN = 32;

/** Macros that run their body once an element: the ones whose nesting multiplies the cost. */
const LOOPS: ReadonlySet<MacroName> = new Set([
  "all",
  "exists",
  "exists_one",
  "map",
  "filter",
  "transformList",
  "transformMap",
]);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Makes the nodes of one compilation. A method's `from` and `to` are the node's span. */
export class TreeBuilder {
  readonly source: string;
  #count = 0;
  #dropped = 0;
  // By node id: levels of the subtree, and loops nested in it.
  readonly #heights: number[] = [0];
  readonly #loops: number[] = [0];
  // Of the children of the node being made.
  #height = 0;
  #loop = 0;

  constructor(source: string) {
    this.source = source;
  }

  literal(value: LiteralValue, from: number, to: number): Literal {
    return { kind: "literal", id: this.#id(from, to), from, to, value };
  }

  ident(name: string, root: boolean, from: number, to: number): Ident {
    return { kind: "ident", id: this.#id(from, to), from, to, name, root };
  }

  special(name: string, from: number, to: number): Special {
    return { kind: "special", id: this.#id(from, to), from, to, name };
  }

  select(operand: Expr, field: string, optional: boolean, from: number, to: number): Select {
    this.#child(operand);
    return { kind: "select", id: this.#id(from, to), from, to, operand, field, optional };
  }

  index(operand: Expr, index: Expr, optional: boolean, from: number, to: number): Index {
    this.#child(operand);
    this.#child(index);
    return { kind: "index", id: this.#id(from, to), from, to, operand, index, optional };
  }

  call(
    name: string,
    target: Expr | null,
    args: readonly Expr[],
    root: boolean,
    nameSpan: Span,
    from: number,
    to: number,
  ): Call {
    if (target) this.#child(target);
    for (const arg of args) this.#child(arg);
    return { kind: "call", id: this.#id(from, to), from, to, name, target, args, root, nameSpan };
  }

  unary(op: "!" | "-", operand: Expr, from: number, to: number): Unary {
    this.#child(operand);
    return { kind: "unary", id: this.#id(from, to), from, to, op, operand };
  }

  binary(op: BinaryOp, left: Expr, right: Expr, from: number, to: number): Binary {
    this.#child(left);
    this.#child(right);
    return { kind: "binary", id: this.#id(from, to), from, to, op, left, right };
  }

  /** A chain of `&&` or `||`. `ends` holds the span of each term, its parentheses included: from, to, from, to ... */
  chain(op: "&&" | "||", terms: readonly Expr[], ends: readonly number[]): Expr {
    if (terms.length > MAX_CHAIN) return this.#balanced(op, terms, ends, 0, terms.length - 1);
    let tree = terms[0]!;
    for (let i = 1; i < terms.length; i++) tree = this.binary(op, tree, terms[i]!, ends[0]!, ends[2 * i + 1]!);
    return tree;
  }

  ternary(condition: Expr, yes: Expr, no: Expr, from: number, to: number): Ternary {
    this.#child(condition);
    this.#child(yes);
    this.#child(no);
    return { kind: "ternary", id: this.#id(from, to), from, to, condition, yes, no };
  }

  list(items: readonly ListItem[], from: number, to: number): ListLiteral {
    for (const item of items) this.#child(item.value);
    return { kind: "list", id: this.#id(from, to), from, to, items };
  }

  map(entries: readonly MapEntry[], from: number, to: number): MapLiteral {
    for (const entry of entries) {
      this.#child(entry.key);
      this.#child(entry.value);
    }
    return { kind: "map", id: this.#id(from, to), from, to, entries };
  }

  /** `dropped` is how many nodes went into the macro's names and are no longer part of the tree. */
  macro(
    name: MacroName,
    target: Expr,
    vars: readonly string[],
    filter: Expr | null,
    body: Expr | null,
    dropped: number,
    from: number,
    to: number,
  ): Macro {
    if (filter) this.#child(filter);
    if (body) this.#child(body);
    if (LOOPS.has(name) && ++this.#loop > LIMITS.macroNesting) {
      throw new CompileError(
        "limit",
        `macros are nested more than ${LIMITS.macroNesting} deep`,
        "Test the inner lists in a probe of their own, or compare a field that sums them up.",
        this.source,
        { from, to },
      );
    }
    this.#child(target);
    this.#dropped += dropped;
    return { kind: "macro", id: this.#id(from, to), from, to, name, target, vars, filter, body };
  }

  /** Ends the compilation: numbers the nodes without gaps and returns how many there are. */
  finish(roots: readonly Expr[]): number {
    if (this.#dropped === 0) return this.#count;
    let next = 0;
    const number = (expr: Expr): void => {
      for (const child of childrenOf(expr)) number(child);
      (expr as Mutable<Expr>).id = ++next;
    };
    for (const root of roots) number(root);
    return next;
  }

  /** Refuses an expression that is nested too deep, at the place where that shows. */
  tooDeep(span: Span): never {
    throw new CompileError(
      "limit",
      `the expression is nested more than ${LIMITS.depth} levels deep`,
      "Split it into shorter parts, or remove parentheses and operators that do nothing.",
      this.source,
      span,
    );
  }

  #balanced(op: "&&" | "||", terms: readonly Expr[], ends: readonly number[], first: number, last: number): Expr {
    if (first === last) return terms[first]!;
    const middle = (first + last) >> 1;
    const left = this.#balanced(op, terms, ends, first, middle);
    const right = this.#balanced(op, terms, ends, middle + 1, last);
    return this.binary(op, left, right, ends[2 * first]!, ends[2 * last + 1]!);
  }

  #child(expr: Expr): void {
    const height = this.#heights[expr.id]!;
    if (height > this.#height) this.#height = height;
    const loop = this.#loops[expr.id]!;
    if (loop > this.#loop) this.#loop = loop;
  }

  #id(from: number, to: number): number {
    const id = ++this.#count;
    if (id > LIMITS.nodes) {
      throw new CompileError(
        "limit",
        `the expression has more than ${LIMITS.nodes} parts`,
        "Shorten it; test membership with `in` instead of a chain of comparisons.",
        this.source,
        { from, to },
      );
    }
    const height = this.#height + 1;
    if (height > LIMITS.depth) this.tooDeep({ from, to });
    this.#heights.push(height);
    this.#loops.push(this.#loop);
    this.#height = 0;
    this.#loop = 0;
    return id;
  }
}

/** The direct parts of a node, in the order of the source. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "literal":
    case "ident":
    case "special":
      return [];
    case "select":
    case "unary":
      return [expr.operand];
    case "index":
      return [expr.operand, expr.index];
    case "call":
      return expr.target ? [expr.target, ...expr.args] : expr.args;
    case "binary":
      return [expr.left, expr.right];
    case "ternary":
      return [expr.condition, expr.yes, expr.no];
    case "list":
      return expr.items.map((item) => item.value);
    case "map":
      return expr.entries.flatMap((entry) => [entry.key, entry.value]);
    case "macro":
      return [expr.target, ...(expr.filter ? [expr.filter] : []), ...(expr.body ? [expr.body] : [])];
  }
}

/** A `filter`: where only its size is asked for, it is counted and not made. */
export function isFilter(expr: Expr): expr is Macro {
  return expr.kind === "macro" && expr.name === "filter";
}
