// Writes what Python's evaluation is compared with, one JSON line a module: the source, the module with its positions, and for each
// input the outcome in Node, steps included. `run.mjs` bundles and runs it.
//
//   vectors            every shared vector that has an expression or a template, folded and not
//   gate               every case of the conformance suite with its literals lifted
//   fuzz PAIRS SEED    random expressions over random inputs
//   damage COUNT SEED  damaged modules, and what the verifier says of them
import { readdirSync, readFileSync } from "node:fs";
import {
  type Compiled,
  CompileError,
  compileCondition,
  compileTemplate,
  compileValue,
} from "../../../conditions/index.ts";
import { VerifyError } from "../../../host/errors.ts";
import { type EvaluateOptions, evaluateTagged, type Source } from "../../../host/evaluate.ts";
import { Guest } from "../../../host/guest.ts";
import type { Tagged } from "../../../host/tagged.ts";
import { verifyModule } from "../../../host/verify.ts";
import { lift } from "../../conformance/lift.ts";
import { faultOf, taggedOf } from "../../conformance/match.ts";
import { loadCases } from "../../conformance/suite.ts";
import { tag } from "../../fuzz/differential.ts";
import { Expressions } from "../../fuzz/expressions.ts";
import { Inputs } from "../../fuzz/inputs.ts";
import { random } from "../../fuzz/random.ts";

type Variables = Readonly<Record<string, unknown>>;

const guest = new Guest();

/** The module as the link carries it, its bytes in base64; or the refusal. */
function compiled(source: Source, declared: ReadonlySet<string>, options: EvaluateOptions): object {
  try {
    const { wasm, spans, operands, rootSpans } =
      "expr" in source
        ? compileValue(source.expr, { ...options, declared })
        : compileTemplate(source.template, { ...options, declared, strict: false });
    return {
      wasm: Buffer.from(wasm).toString("base64"),
      spans: Array.from(spans, (span) => [span?.from ?? 0, span?.to ?? 0]).flat(),
      operands: Array.from(operands, (operand) => operand ?? 0),
      rootSpans: Object.fromEntries([...rootSpans].map(([name, { from, to }]) => [name, [from, to]])),
    };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const { code, span, message, remedy, snippet } = error;
    return { fault: { code, at: [span.from, span.to], message, remedy, snippet } };
  }
}

function write(record: object): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

/** One line: a source and what comes of it over each of the inputs, which have the same names. */
function writeCase(name: string, source: Source, options: EvaluateOptions, inputs: readonly Variables[], more = {}) {
  const declared = new Set(Object.keys(inputs[0] as Variables));
  const runs = inputs.map((vars) => ({ vars, outcome: evaluateTagged(guest, source, vars, options) }));
  write({ name, source, options, compiled: compiled(source, declared, options), runs, ...more });
}

interface Vector {
  readonly name: string;
  readonly expr?: string;
  readonly template?: string;
  readonly vars?: Variables;
}

function vectors(): void {
  const folder = "test/vectors";
  for (const file of readdirSync(folder).sort()) {
    const all = JSON.parse(readFileSync(`${folder}/${file}`, "utf8")) as readonly Vector[];
    if (all[0]?.expr === undefined && all[0]?.template === undefined) continue;
    for (const vector of all) {
      const source = vector.expr === undefined ? { template: vector.template as string } : { expr: vector.expr };
      const vars = vector.vars ?? {};
      const declared = new Set(Object.keys(vars));
      const [folded, unfolded] = [true, false].map((fold) => JSON.stringify(compiled(source, declared, { fold })));
      writeCase(`${file}: ${vector.name}`, source, { fold: true }, [vars], { vector });
      // Where nothing is folded the module is the same.
      if (unfolded !== folded)
        writeCase(`${file}: ${vector.name}, unfolded`, source, { fold: false }, [vars], { vector });
    }
  }
}

function gate(): void {
  for (const { id, expr, container, bindings, expected } of loadCases()) {
    const bound = Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, taggedOf(value)]));
    let last = "";
    for (const by of ["element", "whole"] as const) {
      const lifted = lift(expr, by);
      if (lifted.expr === last) continue;
      last = lifted.expr;
      const vars: Record<string, Tagged> = { ...bound, ...lifted.vars };
      const fault = faultOf(evaluateTagged(guest, { expr: lifted.expr }, vars, { container }), expected);
      writeCase(id, { expr: lifted.expr }, { container }, [vars], { fault, isError: expected === null });
    }
  }
}

/** Inputs that each expression runs over, and of how many. */
const INPUTS_EACH = 12;
const INPUTS = 100;

/** Without keys that Python holds for the same: `True == 1`, and a dict has one of them. */
function distinct(value: Tagged): Tagged {
  if ("list" in value) return { list: value.list.map(distinct) };
  if ("object" in value) {
    const fields = Object.entries(value.object.fields).map(([name, held]) => [name, distinct(held)]);
    return { object: { class: value.object.class, fields: Object.fromEntries(fields) } };
  }
  if (!("map" in value)) return value;
  const numbers = value.map.flatMap(([key]) => ("int" in key ? [key.int] : "uint" in key ? [key.uint] : []));
  const kept = value.map.filter(([key]) => !("bool" in key) || !numbers.includes(key.bool ? "1" : "0"));
  return { map: kept.map(([key, held]) => [key, distinct(held)] as const) };
}

function fuzz(pairs: number, seed: number): void {
  const expressions = new Expressions(seed);
  const made = new Inputs(seed ^ 0x5eed);
  const inputs = Array.from({ length: INPUTS }, () =>
    Object.fromEntries([...made.next()].map(([name, value]) => [name, distinct(tag(value))])),
  );
  for (let i = 0; i * INPUTS_EACH < pairs; i++) {
    const chosen = Array.from({ length: INPUTS_EACH }, (_, j) => inputs[(i * 7 + j * 13) % INPUTS] as Variables);
    const expr = expressions.next();
    const source = i % 8 === 7 ? { template: `{{${expr}}} and {{${expressions.next()}:>12}}` } : { expr };
    writeCase(`${seed}.${i}`, source, { fold: i % 2 === 0 }, chosen);
  }
}

const SOURCES: readonly (() => Compiled)[] = [
  () => compileCondition("x > 10"),
  () => compileCondition('user.age >= 21 && user.name == "bob"'),
  () => compileCondition("items.exists(i, i.price > 100.0)"),
  () => compileCondition("items.filter(i, i.price > 1.0 || i.tags.exists(t, t == 'a')).map(i, i.id)[0] == 3"),
  () => compileCondition("items.exists_one(i, i.all(j, j == 1)) && s.matches('a+(b|c)*d')"),
  () => compileValue("{'a': [1, 2u, 3.5, b'x', null], 'b': x ?? 'none'}"),
  () => compileTemplate("cart {{cart.id}} has {{size(cart.items)=}} \\{{ {{x:>10}}"),
];

function damage(count: number, seed: number): void {
  const below = random(seed);
  const good = SOURCES.map((make) => make().wasm);
  const judge = (wasm: Uint8Array): void => {
    let verdict: readonly [code: string, message: string] = ["accepted", ""];
    try {
      verifyModule(wasm);
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      verdict = [error.code, error.message];
    }
    write({ wasm: Buffer.from(wasm).toString("base64"), code: verdict[0], message: verdict[1] });
  };
  for (const wasm of good) judge(wasm);
  for (let length = 0; length < 600; length++) judge((good[1] as Uint8Array).subarray(0, length));
  for (let round = 0; round < count; round++) {
    const bytes = [...(good[below(good.length)] as Uint8Array)];
    for (let changes = 1 + below(3); changes > 0; changes--) {
      const at = below(bytes.length);
      const kind = below(6);
      if (kind < 2) bytes.splice(at, 1);
      else if (kind === 2) bytes.splice(at, 0, below(256));
      else bytes[at] = below(2) === 0 ? below(256) : (bytes[at] as number) ^ (1 << below(8));
    }
    judge(Uint8Array.from(bytes));
  }
}

const [what, count, seed] = process.argv.slice(2);
if (what === "vectors") vectors();
else if (what === "gate") gate();
else if (what === "fuzz") fuzz(Number(count), Number(seed));
else if (what === "damage") damage(Number(count), Number(seed));
else throw new Error(`no such cases: ${what}`);
