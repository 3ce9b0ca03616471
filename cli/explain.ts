// `explain`: how an expression is understood, what it reads, what it costs, and the code that it becomes.
import {
  type EachNode,
  type ExplainedNode,
  type Explanation,
  explain,
  isScript,
  type PathNode,
} from "../conditions/index.ts";
import type { Command } from "./arguments.ts";
import { entryOf } from "./compile.ts";
import type { Act, Context } from "./context.ts";
import { explainScript } from "./script.ts";
import { EXIT } from "./terminal.ts";

interface ExplainOptions {
  readonly template?: boolean;
  readonly value?: boolean;
  readonly wat: boolean;
}

/** Adds the command. */
export function addExplain(program: Command, act: Act): void {
  program
    .command("explain")
    .summary("show how a condition is understood, what it reads and costs")
    .description(
      "Shows how a condition is understood, which values it reads of the program, what it costs at most, and its code.",
    )
    .argument("<expr>", "the condition")
    .option("--template", "it is a log template")
    .option("--value", "it is an expression of any type")
    .option("--no-wat", "leave the WebAssembly text out")
    .action(act(run));
}

function run(context: Context, source: string, options: ExplainOptions): Promise<number> | number {
  if (isScript(source) && !options.template) return explainScript(context, source);
  const explained = explain(source, entryOf(options));
  const { wat, ...rest } = explained;
  context.record({ type: "explained", ...rest, ...(options.wat ? { wat } : {}) }, text(explained, options.wat));
  return EXIT.ok;
}

function text(explained: Explanation, withWat: boolean): string {
  const { entry, source, trees, nodes, projection, cost, steps, wasmBytes, dataBytes, lints, wat } = explained;
  const reads = projection.roots.flatMap((root) => pathsOf(root, ""));
  const lines = [
    `understood as   ${trees.join("\n                ")}`,
    `types           ${nodes.flatMap((node) => nodeLines(node, source, 0)).join("\n                ") || "none"}`,
    `reads           ${reads.join("\n                ") || "nothing"}`,
    `slots           ${projection.slots} of 16 bytes, ${dataBytes} bytes of constants`,
    `costs           at most ${cost} steps; it is ended after ${steps}`,
    `compiles to     ${entry}, ${wasmBytes} bytes of WebAssembly`,
    ...lints.map(({ code, message, from, to }) => `note            ${code} at ${from}-${to}: ${message}`),
  ];
  return `${lines.join("\n")}\n${withWat ? `\n${wat}` : ""}`;
}

/** `&&: bool`, indented by level, with the source of what is not shown whole. */
function nodeLines({ node, type, at, children }: ExplainedNode, source: string, level: number): string[] {
  const own = `${"  ".repeat(level)}${node}: ${type}`;
  const part = source.slice(...at).replace(/\s+/g, " ");
  const shown = part.length > 40 ? `${part.slice(0, 39)}…` : part;
  return [
    children.length === 0 ? own : `${own.padEnd(30)} ${shown}`,
    ...children.flatMap((child) => nodeLines(child, source, level + 1)),
  ];
}

/** The paths of a projection, each with how much is wanted of its value and the slot that gets it. */
function pathsOf(node: PathNode, before: string, within = ""): string[] {
  const path = before + step(node.key, before === "");
  const own = node.want === undefined ? [] : [`${path} (${wantText(node)}) -> slot ${node.slot}${within}`];
  return [
    ...own,
    ...membersOf(node, path, within),
    ...(node.fields ?? []).flatMap((field) => pathsOf(field, path, within)),
    ...eachPaths(node.each, path),
  ];
}

function membersOf({ members }: PathNode, path: string, within: string): string[] {
  return (members ?? []).map(
    ({ key, slot }) => `${path} (whether ${JSON.stringify(key)} is in it) -> slot ${slot}${within}`,
  );
}

function eachPaths(each: EachNode | undefined, path: string): string[] {
  if (each === undefined) return [];
  const { element } = each;
  const own =
    element.want === undefined ? [] : [`${path}[*] (${wantText(element)}) -> slot ${element.slot} of a record`];
  const below = [
    ...membersOf(element, `${path}[*]`, " of a record"),
    ...(element.fields ?? []).flatMap((field) => pathsOf(field, `${path}[*]`, " of a record")),
    ...eachPaths(element.each, `${path}[*]`),
  ];
  return [`${path}[*] (records of ${each.slots}) -> slot ${each.slot}`, ...own, ...below];
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
