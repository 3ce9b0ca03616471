// `compile`: an expression or template as a WebAssembly module in a file.
import { writeFileSync } from "node:fs";
import { type Compiled, compileCondition, compileTemplate, compileValue, type Entry } from "../conditions/index.ts";
import type { Command } from "./arguments.ts";
import type { Act, Context } from "./context.ts";
import { EXIT } from "./terminal.ts";

interface CompileOptions {
  readonly output: string;
  readonly template?: boolean;
  readonly value?: boolean;
  readonly component?: boolean;
}

/** Makes a component of an expression. */
type MakeComponent = (compiled: Compiled) => Promise<Uint8Array>;

/** Adds the command. `makeComponent` null: without components. */
export function addCompile(program: Command, act: Act, makeComponent: MakeComponent | null): void {
  const command = program
    .command("compile")
    .summary("compile a condition to WebAssembly")
    .description("Compiles a condition to a WebAssembly module that describes itself (custom section `probe`).")
    .argument("<expr>", "the condition")
    .requiredOption("-o, --output <FILE>", "file to write")
    .option("--template", "it is a log template")
    .option("--value", "it is an expression of any type");
  if (makeComponent !== null)
    command.option("--component", "make a WebAssembly component of it, which needs nothing else; asks for jco");
  command.action(
    act((context, source: string, options: CompileOptions) => run(context, source, options, makeComponent)),
  );
}

async function run(
  context: Context,
  source: string,
  options: CompileOptions,
  makeComponent: MakeComponent | null,
): Promise<number> {
  const compiled = compileAs(source, options);
  const wasm = options.component && makeComponent !== null ? await makeComponent(compiled) : compiled.wasm;
  writeFileSync(options.output, wasm);
  const { entry, cost } = compiled;
  const reads = compiled.projection.roots.map((root) => String(root.key));
  context.record(
    {
      type: "compiled",
      entry,
      component: options.component === true,
      file: options.output,
      bytes: wasm.length,
      cost,
      reads,
    },
    `${options.output}: ${entry}${options.component ? " component" : ""}, ${wasm.length} bytes, at most ${cost} steps, reads ${reads.join(", ") || "nothing"}\n`,
  );
  return EXIT.ok;
}

/** What the options say that the source is. */
export function entryOf({ template, value }: { readonly template?: boolean; readonly value?: boolean }): Entry {
  return template === true ? "template" : value === true ? "value" : "condition";
}

/** Compiles as what the options say it is. */
export function compileAs(source: string, options: Omit<CompileOptions, "output">): Compiled {
  return { condition: compileCondition, value: compileValue, template: compileTemplate }[entryOf(options)](source);
}
