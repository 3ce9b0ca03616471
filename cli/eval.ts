// `eval`: evaluates an expression or template offline, through the same compiler, reader and guest as a live probe.
import { readFileSync } from "node:fs";
import { isScript } from "../conditions/index.ts";
import {
  Evaluator,
  evaluate,
  evaluateScript,
  Guest,
  type Outcome,
  ProtocolError,
  type Source,
  type Tagged,
} from "../host/index.ts";
import type { Command } from "./arguments.ts";
import { type Line, linesOf, MAX_LINE } from "./batch.ts";
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
        '  {"id": "1", "expr": "x > 10", "vars": {"x": {"int": "11"}}}   or "template" in place of "expr"\n' +
        'Each line is answered by one, in order: {"id": "1", "value": {"bool": true}, "steps": 0}, or "text", or "error" and "at".',
    )
    .argument("[expr]", "the expression")
    .option("--vars <JSON>", "variables, as a JSON object of plain values")
    .option("--vars-file <FILE>", "file with the variables")
    .option("--template", "it is a log template")
    .option("--batch <FILE>", "evaluate each line of a file, - for the standard input, and print a JSON line each")
    .action(act(run));
}

async function run(context: Context, source: string | undefined, options: EvalOptions): Promise<number> {
  if (options.batch !== undefined) {
    const { vars, varsFile, template } = options;
    if (source === undefined && vars === undefined && varsFile === undefined && !template)
      return runBatch(context, options.batch);
    context.terminal.err("error: the lines of a batch have the expressions and variables; give nothing else\n");
    return EXIT.usage;
  }
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
  return `${error}: ${message}\n${snippet}\n${remedy}\n`;
}

/** Answers each line with one. An error of an expression is an answer; a line that is no case makes the command fail at its end. */
async function runBatch({ terminal }: Context, file: string): Promise<number> {
  const evaluator = new Evaluator(new Guest());
  let code: number = EXIT.ok;
  let interrupted = 0;
  void terminal.interrupted.then((given) => {
    interrupted = given;
  });
  let number = 0;
  for await (const lines of linesOf(file)) {
    for (const line of lines) {
      number++;
      if (line !== null && line.trim() === "") continue;
      const answered = answer(evaluator, line, `line ${number} of the batch`);
      if (!answered.ok) code = EXIT.failed;
      terminal.out(jsonLine(answered.record));
    }
    await terminal.taken?.();
    if (interrupted !== 0) return interrupted;
  }
  return code;
}

interface Answer {
  readonly record: object;
  readonly ok: boolean;
}

function answer(evaluator: Evaluator, line: Line, what: string): Answer {
  let id: unknown = null;
  try {
    if (line === null) throw wrongCase(`${what} is longer than ${MAX_LINE} characters`, "Split the case.");
    const given = parseObject(line, what);
    id = given.id ?? null;
    const { source, vars, container } = caseOf(given, what);
    const { snippet: _, ...outcome } = { snippet: "", ...evaluator.evaluateTagged(source, vars, { container }) };
    return { record: { id, ...outcome }, ok: true };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { record: { id, error: error.code, message: error.message, remedy: error.remedy, steps: 0 }, ok: false };
  }
}

interface BatchCase {
  readonly source: Source;
  readonly vars: Record<string, unknown>;
  readonly container: string;
}

function caseOf({ expr, template, vars = {}, container = "" }: Record<string, unknown>, what: string): BatchCase {
  if ((expr === undefined) === (template === undefined))
    throw wrongCase(`${what} has no expression, or two`, 'Give it either "expr" or "template".');
  const text = expr ?? template;
  if (typeof text !== "string" || typeof container !== "string")
    throw wrongCase(`${what} has something else than a text`, '"expr", "template" and "container" are texts.');
  if (!isObject(vars))
    throw wrongCase(`the variables of ${what} are no object`, 'Write for example "vars": {"x": {"int": "1"}}.');
  return { source: expr === undefined ? { template: text } : { expr: text }, vars, container };
}

const wrongCase = (what: string, remedy: string): ProtocolError => new ProtocolError("wrong_case", what, remedy);

function parseObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrongJson(`${what} is not JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
  if (!isObject(value)) throw wrongJson(`${what} is no JSON object`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
