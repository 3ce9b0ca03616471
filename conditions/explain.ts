// How the compiler understands an expression or template: tree with types, what it reads, what it costs, the code. For people
// and tools; compiles like a probe does, and never evaluates.
import type { Expr, Lint, Span } from "./ast.ts";
import { childrenOf } from "./builder.ts";
import { type Checked, check, type StaticType } from "./check.ts";
import { type CompileOptions, compileCondition, compileTemplate, compileValue } from "./compile.ts";
import { parseCondition } from "./parser.ts";
import { labelOf, printExpr } from "./print.ts";
import type { Entry, Projection } from "./stages.ts";
import { parseTemplate } from "./template.ts";
import { printWat } from "./wat.ts";

/** One syntax node with what the checker knows of it. `at`: UTF-16 offsets in the source. */
export interface ExplainedNode {
  /** What it is, without its children: `&&`, `select age`, `call size`, `"admin"`. */
  readonly node: string;
  readonly type: StaticType;
  readonly at: readonly [from: number, to: number];
  readonly children: readonly ExplainedNode[];
}

/** Everything that is known of an expression before it runs. */
export interface Explanation {
  readonly entry: Entry;
  readonly source: string;
  /** One line a tree: nested lists. A condition has one tree, a template one a hole. */
  readonly trees: readonly string[];
  readonly nodes: readonly ExplainedNode[];
  readonly projection: Projection;
  /** Worst-case steps, and the steps after which an evaluation is ended. */
  readonly cost: number;
  readonly steps: number;
  readonly wasmBytes: number;
  readonly dataBytes: number;
  /** The module as WebAssembly text. */
  readonly wat: string;
  readonly lints: readonly Lint[];
}

/** Explains a condition, or what `entry` says the source is. Throws CompileError as the compiler does. */
export function explain(source: string, entry: Entry = "condition", options: CompileOptions = {}): Explanation {
  const compiled = COMPILERS[entry](source, options);
  const exprs = expressionsOf(source, entry);
  const checked = check(source, exprs, { ...options, strict: false });
  return {
    entry,
    source,
    trees: exprs.map(printExpr),
    nodes: exprs.map((expr) => explainNode(expr, checked)),
    projection: compiled.projection,
    cost: compiled.cost,
    steps: compiled.limits.steps,
    wasmBytes: compiled.wasm.length,
    dataBytes: compiled.dataBytes,
    wat: printWat(compiled.wasm),
    lints: compiled.lints,
  };
}

const COMPILERS = { condition: compileCondition, value: compileValue, template: compileTemplate } as const;

function expressionsOf(source: string, entry: Entry): Expr[] {
  if (entry !== "template") return [parseCondition(source).expr];
  return parseTemplate(source).parts.flatMap((part) => (part.kind === "hole" ? [part.expr] : []));
}

function explainNode(expr: Expr, checked: Checked): ExplainedNode {
  return {
    node: labelOf(expr),
    type: checked.types.get(expr.id) ?? "dyn",
    at: place(expr),
    children: childrenOf(expr).map((child) => explainNode(child, checked)),
  };
}

const place = ({ from, to }: Span): [number, number] => [from, to];
