// Evaluation of conditions (a) to (d) over plain objects, reader guards on, against CEL in JavaScript, QuickJS and `new Function`.
import { evaluate as celEvaluate, parse as celParse } from "@marcbachmann/cel-js";
import { getQuickJS, type QuickJSContext, type QuickJSHandle } from "quickjs-emscripten";
import { compileCondition } from "../conditions/index.ts";
import { Guest } from "../host/guest.ts";
import { CASES, type Case } from "./conditions.ts";
import { type BenchOptions, type Contestant, type Row, race } from "./measure.ts";

/** The peers and ourselves on one condition; each is checked to give the expected answer before anything is timed. */
async function contestants(test: Case, guest: Guest, context: QuickJSContext): Promise<Contestant[]> {
  const names = Object.keys(test.vars);
  const values = Object.values(test.vars);
  const [first, second] = values;
  const module = guest.load(compileCondition(test.source));
  const ordered = module.compiled.projection.roots.map((root) => test.vars[root.key as string]);
  const cel = celParse(test.source);
  const js = new Function(...names, `return ${test.js}`) as (...values: unknown[]) => boolean;
  const script = context.unwrapResult(context.evalCode(`((${names.join(", ")}) => ${test.js})`));
  const bare = (value: unknown) => value === true || value === 1;
  const check = (name: string, value: unknown) => {
    if (bare(value) !== test.expected) throw new Error(`${name} gives ${String(value)} for ${test.source}`);
  };
  const quick = () => {
    const handles = values.map((value) => marshal(context, value));
    const result = context.unwrapResult(context.callFunction(script, context.undefined, ...handles));
    const value = context.dump(result) as boolean;
    result.dispose();
    for (const handle of handles) handle.dispose();
    return value;
  };
  check("ours", module.test(...ordered));
  check("cel-js", cel(test.vars as Record<string, never>));
  check("cel-js evaluate", celEvaluate(test.source, test.vars as Record<string, never>));
  check("new Function", js(...values));
  check("quickjs", quick());
  const [a, b] = ordered;
  const loop = (body: () => unknown) => (n: number) => {
    let hits = 0;
    for (let i = 0; i < n; i++) if (bare(body())) hits++;
    return hits;
  };
  return [
    { name: "ours", run: loop(() => module.test(a, b)) },
    { name: "@marcbachmann/cel-js", run: loop(() => cel(test.vars as Record<string, never>)) },
    { name: "quickjs-emscripten", run: loop(quick) },
    { name: "new Function", run: loop(() => js(first, second)) },
  ];
}

/** Projected arguments: what a careful embedder would pass in, not the whole scope. */
function marshal(context: QuickJSContext, value: unknown): QuickJSHandle {
  if (typeof value === "number") return context.newNumber(value);
  if (typeof value === "string") return context.newString(value);
  if (Array.isArray(value)) {
    const array = context.newArray();
    value.forEach((item, i) => {
      const handle = marshal(context, typeof item === "object" ? { price: (item as { price: number }).price } : item);
      context.setProp(array, i, handle);
      handle.dispose();
    });
    return array;
  }
  const object = context.newObject();
  for (const [key, field] of Object.entries(value as object)) {
    if (key === "id") continue;
    const handle = marshal(context, field);
    context.setProp(object, key, handle);
    handle.dispose();
  }
  return object;
}

export async function evaluate({ quick }: BenchOptions): Promise<Row[]> {
  const guest = new Guest();
  const context = (await getQuickJS()).newContext();
  const rows: Row[] = [];
  for (const test of CASES) {
    const timings = race(await contestants(test, guest, context), quick ? 50 : 150, quick ? 3 : 10);
    const ns = (name: string) => timings.find((timing) => timing.name === name)?.ns ?? Number.NaN;
    for (const { name, ns: value } of timings)
      rows.push({ bench: "evaluate", what: `(${test.name}) ${name}`, value, unit: "ns" });
    for (const [peer, bar] of [
      ["@marcbachmann/cel-js", 2],
      ["quickjs-emscripten", 15],
    ] as const) {
      const value = ns(peer) / ns("ours");
      rows.push({
        bench: "evaluate",
        what: `(${test.name}) times faster than ${peer}`,
        value,
        unit: "x",
        bar: `at least ${bar}`,
        holds: value >= bar,
      });
    }
    rows.push({
      bench: "evaluate",
      what: `(${test.name}) times slower than new Function`,
      value: ns("ours") / ns("new Function"),
      unit: "x",
    });
  }
  return rows;
}
