// `explain`: how an expression is understood, what it reads, what it costs.
import {
  type EachNode,
  isScript,
  type PathNode,
  parseCondition,
  parseTemplate,
  printExpr,
} from "../conditions/index.ts";
import type { Command } from "./arguments.ts";
import { compileAs } from "./compile.ts";
import type { Act, Context } from "./context.ts";
import { explainScript } from "./script.ts";
import { EXIT } from "./terminal.ts";

interface ExplainOptions {
  readonly template?: boolean;
  readonly value?: boolean;
}

/** Adds the command. */
export function addExplain(program: Command, act: Act): void {
  program
    .command("explain")
    .summary("show how a condition is understood, what it reads and costs")
    .description(
      "Shows how a condition is understood, which values it reads of the program, and what it costs at most.",
    )
    .argument("<expr>", "the condition")
    .option("--template", "it is a log template")
    .option("--value", "it is an expression of any type")
    .action(act(run));
}

function run(context: Context, source: string, options: ExplainOptions): Promise<number> | number {
  if (isScript(source) && !options.template) return explainScript(context, source);
  const { entry, wasm, cost, projection } = compileAs(source, options);
  const parsed = options.template ? parseTemplate(source) : parseCondition(source);
  const trees =
    "expr" in parsed
      ? [printExpr(parsed.expr)]
      : parsed.parts.flatMap((part) => (part.kind === "hole" ? [printExpr(part.expr)] : []));
  const reads = projection.roots.flatMap((root) => pathsOf(root, ""));
  const lints = parsed.lints.map(({ code, message }) => `${code}: ${message}`);
  const lines = [
    `understood as   ${trees.join("\n                ")}`,
    `reads           ${reads.join("\n                ") || "nothing"}`,
    `costs           at most ${cost} steps`,
    `compiles to     ${entry}, ${wasm.length} bytes of WebAssembly`,
    ...lints.map((lint) => `note            ${lint}`),
  ];
  context.record({ type: "explained", entry, trees, reads, cost, bytes: wasm.length, lints }, `${lines.join("\n")}\n`);
  return EXIT.ok;
}

/** The paths of a projection, each with how much is wanted of its value. */
function pathsOf(node: PathNode, before: string): string[] {
  const path = before + step(node.key, before === "");
  const own = node.want === undefined ? [] : [`${path} (${wantText(node)})`];
  return [...own, ...(node.fields ?? []).flatMap((field) => pathsOf(field, path)), ...eachPaths(node.each, path)];
}

function eachPaths(each: EachNode | undefined, path: string): string[] {
  if (each === undefined) return [];
  const { element } = each;
  const own = element.want === undefined ? [] : [`${path}[*] (${wantText(element)})`];
  const below = [
    ...(element.fields ?? []).flatMap((field) => pathsOf(field, `${path}[*]`)),
    ...eachPaths(element.each, `${path}[*]`),
  ];
  return own.length + below.length > 0 ? [...own, ...below] : [`${path}[*] (count)`];
}

function step(key: string | number, isRoot: boolean): string {
  if (isRoot) return String(key);
  if (typeof key === "number") return `[${key}]`;
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function wantText({ want, depth, cap }: PathNode): string {
  if (want === "deep") return `whole, ${depth ?? 0} levels`;
  if (want === "presence") return "whether it exists";
  if (want === "size") return "its size";
  return cap === undefined ? "its value" : `its value, up to ${cap} bytes`;
}
