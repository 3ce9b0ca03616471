// What the rest of the project, and users of `tracepointdebug-node/conditions`, may use of the compiler. Start reading at compile.ts.
export type { Expr, Lint, Parsed, ParsedTemplate, Span, TemplatePart } from "./ast.ts";
export { ModuleReader } from "./binary.ts";
export { type CompileOptions, compileCondition, compileTemplate, compileValue, spanOfError } from "./compile.ts";
export { type CompileCode, CompileError, ProbeError } from "./errors.ts";
export { type ExplainedNode, type Explanation, explain } from "./explain.ts";
export { LIMITS, type Limits, MAXIMA, type ProbeLimits } from "./limits.ts";
export { linkComponent, WORLDS } from "./link.ts";
export { ENGINE_FUNCTIONS, EXPORT_NAMES, PROBE_SECTION, type ProbeSection } from "./module.ts";
export { parseCondition } from "./parser.ts";
export { printExpr } from "./print.ts";
export { isScript, renderSnippet, SCRIPT_PREFIX } from "./source.ts";
export type { Place } from "./specials.ts";
export type { Compiled, EachNode, Entry, PathNode, Projection, Want } from "./stages.ts";
export { parseTemplate } from "./template.ts";
export { OP as OPCODES } from "./wasm.ts";
