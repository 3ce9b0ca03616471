// The compiler on one screen: source -> parse -> check -> plan -> emit -> wasm. Runs in Node and in browsers, needs nothing.
import * as abi from "../engine/abi.ts";
import type { Expr, Lint, Span } from "./ast.ts";
import { boundsOf, type LimitOptions } from "./bounds.ts";
import { childrenOf } from "./builder.ts";
import { type Checked, type CheckOptions, check } from "./check.ts";
import { Constants, GLOBAL } from "./constants.ts";
import { worstCase } from "./cost.ts";
import { makeEmitter } from "./emit.ts";
import { call, type Emitter } from "./emitter.ts";
import { CompileError } from "./errors.ts";
import { fold } from "./fold.ts";
import { depthOf, emitPart } from "./holes.ts";
import { LIMITS, type ProbeLimits } from "./limits.ts";
import { type LintOptions, lintsOf } from "./lints.ts";
import { buildModule, Imports } from "./module.ts";
import { parseCondition } from "./parser.ts";
import { type Plan, plan } from "./plan.ts";
import type { Compiled, Entry } from "./stages.ts";
import { parseTemplate } from "./template.ts";
import { Code, OP } from "./wasm.ts";

export interface CompileOptions extends LimitOptions, LintOptions {
  /** `a.b`: a name is looked for as `a.b.name`, then `a.name`, then `name`, among those declared. */
  readonly container?: string;
  /** False computes nothing while compiling: the answer is the same, only later. For tests. Default true. */
  readonly fold?: boolean;
  /** Of a template: false lets a hole that can never work yield its error, as `eval` wants it. A probe refuses it. */
  readonly strict?: boolean;
}

/** Levels of a result that `eval` shows. */
const VALUE_DEPTH = LIMITS.valueDepth;

/** Compiles a condition to a module that exports `evaluate`. Throws CompileError. */
export function compileCondition(source: string, options: CompileOptions = {}): Compiled {
  const { expr, lints } = parseCondition(source);
  return compile("condition", { source, exprs: [expr], lints }, { ...options, strict: true }, [0], (e) => {
    const verdict = e.code.local();
    e.condition(expr);
    // 1 true, 0 false, negative: an error.
    e.code
      .tee(verdict)
      .i32(1)
      .op(OP.i32GtS)
      .open(OP.if)
      .i32(0)
      .get(verdict)
      .op(OP.i32Sub, OP.else)
      .get(verdict)
      .op(OP.end);
  });
}

/** Compiles an expression to a module that exports `value`, whatever its type. What can never work yields its error. */
export function compileValue(source: string, options: CompileOptions = {}): Compiled {
  const { expr, lints } = parseCondition(source);
  return compile("value", { source, exprs: [expr], lints }, { ...options, strict: false }, [VALUE_DEPTH], (e) =>
    e.slot(expr),
  );
}

/** Compiles a log template to a module that exports `render`. Throws CompileError. */
export function compileTemplate(source: string, options: CompileOptions = {}): Compiled {
  const { parts, lints } = parseTemplate(source);
  const holes = parts.filter((part) => part.kind === "hole");
  const exprs = holes.map(({ expr }) => expr);
  const depths = holes.map(({ spec }) => depthOf(spec));
  const strict = options.strict ?? true;
  return compile("template", { source, exprs, lints }, { ...options, strict }, depths, (e, { outputBytes }) => {
    e.code.i32(outputBytes);
    call(e, "outBegin");
    for (const part of parts) emitPart(e, source, part, strict);
    call(e, "outEnd");
  });
}

interface Input {
  readonly source: string;
  readonly exprs: readonly Expr[];
  readonly lints: readonly Lint[];
}

/** The stages after the parser. `depths`: levels that each result itself is needed with. */
function compile(
  entry: Entry,
  input: Input,
  options: CheckOptions & CompileOptions,
  depths: readonly number[],
  body: (e: Emitter, limits: ProbeLimits) => void,
): Compiled {
  const { source, exprs: written } = input;
  const limits = boundsOf(entry, source, options);
  // What is refused is decided on the tree as written.
  const found = check(source, written, options);
  const exprs = options.fold === false ? written : fold(written, found);
  const checked: Checked = exprs === written ? found : check(source, exprs, { ...options, strict: false });
  const planned = plan(source, exprs, checked, depths);
  const cost = worstCase(source, exprs, checked, planned, limits);
  const code = new Code(1);
  const e = makeEmitter({ code, checked, plan: planned, constants: new Constants(), imports: new Imports() });
  code.get(0).setGlobal(GLOBAL.top).i32(limits.steps).setGlobal(GLOBAL.steps);
  code.i32(abi.ARENA_BASE + limits.arenaBytes).setGlobal(GLOBAL.end);
  body(exprs === written ? e : inPlaceOf(written, exprs, e), limits);
  const wasm = buildModule(entry, source, planned.projection, cost, code, e.constants, e.imports, limits);
  if (wasm.length > limits.moduleBytes) {
    const whole = { from: 0, to: source.length };
    throw new CompileError(
      "limit",
      `the module has ${wasm.length} bytes; ${limits.moduleBytes} are allowed`,
      "Shorten it.",
      source,
      whole,
    );
  }
  return {
    entry,
    source,
    wasm,
    projection: planned.projection,
    dataBytes: e.constants.size,
    cost,
    limits,
    ...positions(exprs === written ? exprs : [...written, ...exprs], checked, planned),
    rootSpans: new Map([...planned.rootNodes].map(([name, { from, to }]) => [name, { from, to }])),
    lints: [...input.lints, ...lintsOf(entry, written, exprs[0], found, planned, options)],
  };
}

/** The emitter for a body that knows the roots as they were written and not what they were folded to. */
function inPlaceOf(written: readonly Expr[], exprs: readonly Expr[], e: Emitter): Emitter {
  const folded = (expr: Expr): Expr => exprs[written.indexOf(expr)] as Expr;
  return { ...e, condition: (root) => e.condition(folded(root)), slot: (root) => e.slot(folded(root)) };
}

/** Source range of each node, of those that were folded away too, and the operand of each path step, so that an error deep in a path finds its place. */
function positions(exprs: readonly Expr[], checked: Checked, planned: Plan): { spans: Span[]; operands: number[] } {
  const spans: Span[] = [{ from: 0, to: 0 }];
  const operands: number[] = [0];
  /** A variable that is another name of a path stands for what was written. */
  const written = (expr: Expr): Expr => {
    const binding = checked.bindings.get(expr.id);
    const path = binding === undefined ? undefined : planned.aliases.get(binding);
    return path === undefined ? expr : written(path);
  };
  const visit = (expr: Expr): void => {
    spans[expr.id] = { from: expr.from, to: expr.to };
    operands[expr.id] = expr.kind === "select" || expr.kind === "index" ? written(expr.operand).id : 0;
    for (const child of childrenOf(expr)) visit(child);
  };
  for (const expr of exprs) visit(expr);
  return { spans, operands };
}

/** Where in the source a run-time error (`up << 19 | node << 8 | code`) happened. */
export function spanOfError(compiled: Compiled, packed: number): Span {
  let node = (packed >>> abi.ERR_NODE_SHIFT) & abi.ERR_NODE_MASK;
  for (let up = packed >>> abi.ERR_UP_SHIFT; up > 0 && (compiled.operands[node] ?? 0) !== 0; up--)
    node = compiled.operands[node] as number;
  return compiled.spans[node] ?? { from: 0, to: compiled.source.length };
}
