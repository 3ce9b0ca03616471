// `eval`: evaluates an expression or template offline, through the same compiler, reader and guest as a live probe.
import { readFileSync } from "node:fs";
import { isScript } from "../conditions/index.ts";
import {
  evaluate,
  evaluateScript,
  evaluateTagged,
  Guest,
  type Outcome,
  ProtocolError,
  type Source,
  type Tagged,
} from "../host/index.ts";
import type { Command } from "./arguments.ts";
import type { Act, Context } from "./context.ts";
import { jsonLine } from "./print.ts";
import { EXIT } from "./terminal.ts";

interface EvalOptions {
  readonly vars?: string;
  readonly varsFile?: string;
  readonly template?: boolean;
  readonly batch?: string;
}

/** Adds the command. */
export function addEval(program: Command, act: Act): void {
  program
    .command("eval")
    .summary("evaluate a condition or template offline")
    .description(
      "Evaluates an expression offline, as a probe would; `js: ...` as a script condition. A batch has one JSON object a line, with tagged values:\n" +
        '  {"id": "1", "expr": "x > 10", "vars": {"x": {"int": "11"}}}   or "template" in place of "expr"',
    )
    .argument("[expr]", "the expression")
    .option("--vars <JSON>", "variables, as a JSON object of plain values")
    .option("--vars-file <FILE>", "file with the variables")
    .option("--template", "it is a log template")
    .option("--batch <FILE>", "evaluate each line of a file, - for the standard input, and print a JSON line each")
    .action(act(run));
}

async function run(context: Context, source: string | undefined, options: EvalOptions): Promise<number> {
  if (options.batch !== undefined) return runBatch(context, options.batch);
  if (source === undefined) {
    context.terminal.err("error: give an expression, or --batch FILE\n");
    return EXIT.usage;
  }
  const text = options.varsFile === undefined ? (options.vars ?? "{}") : readFileSync(options.varsFile, "utf8");
  const vars = parseObject(text, options.varsFile === undefined ? "--vars" : options.varsFile);
  const outcome =
    isScript(source) && !options.template
      ? await evaluateScript(source, vars)
      : evaluate(new Guest(), options.template ? { template: source } : { expr: source }, vars);
  if (context.json) context.terminal.out(jsonLine(outcome));
  else if ("error" in outcome) context.terminal.err(failureText(outcome));
  else if ("text" in outcome) context.terminal.out(`${outcome.text}${outcome.truncated ? " (cut)" : ""}\n`);
  else context.terminal.out(`${valueText(outcome.value)}\n`);
  return "error" in outcome ? EXIT.failed : EXIT.ok;
}

function failureText({ error, message, snippet, remedy }: Extract<Outcome, { error: string }>): string {
  return `${[message === undefined ? error : `${error}: ${message}`, snippet, remedy].filter(Boolean).join("\n")}\n`;
}

function runBatch(context: Context, file: string): number {
  const guest = new Guest();
  for (const [index, line] of readFileSync(file === "-" ? 0 : file, "utf8")
    .split("\n")
    .entries()) {
    if (line.trim() === "") continue;
    const what = `line ${index + 1} of the batch`;
    const { id, expr, template, vars } = parseObject(line, what);
    try {
      const source = typeof template === "string" ? { template } : { expr };
      if (!isSource(source)) throw new ProtocolError("no_expression", `${what} has no expression`, NO_EXPRESSION);
      const outcome = evaluateTagged(guest, source, (vars ?? {}) as Record<string, unknown>);
      context.terminal.out(jsonLine({ id, ...outcome }));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      context.terminal.out(jsonLine({ id, error: error.code, message: error.message, remedy: error.remedy }));
    }
  }
  return EXIT.ok;
}

const NO_EXPRESSION = 'Give it "expr" or "template", as a text.';
const isSource = (source: { expr: unknown } | { template: string }): source is Source =>
  "template" in source || typeof source.expr === "string";

function parseObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrongJson(`${what} is not JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongJson(`${what} is no JSON object`);
  return value as Record<string, unknown>;
}

function wrongJson(what: string): ProtocolError {
  return new ProtocolError("wrong_json", what, `Give an object, for example '{"x": 11}'.`);
}

/** A value as the language writes it, where it can. */
function valueText(tagged: Tagged): string {
  if ("int" in tagged) return tagged.int;
  if ("uint" in tagged) return `${tagged.uint}u`;
  if ("double" in tagged) {
    const text = String(tagged.double);
    return /^-?\d+$/.test(text) ? `${text}.0` : text;
  }
  if ("bool" in tagged) return String(tagged.bool);
  if ("null" in tagged) return "null";
  if ("string" in tagged) return JSON.stringify(tagged.string);
  if ("list" in tagged) return `[${tagged.list.map(valueText).join(", ")}]`;
  if ("map" in tagged)
    return `{${tagged.map.map(([key, value]) => `${valueText(key)}: ${valueText(value)}`).join(", ")}}`;
  if ("object" in tagged) {
    const fields = Object.entries(tagged.object.fields).map(([name, value]) => `${name}: ${valueText(value)}`);
    return `${tagged.object.class} {${fields.join(", ")}}`;
  }
  return JSON.stringify(tagged);
}
