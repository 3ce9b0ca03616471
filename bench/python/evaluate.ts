// Conditions (a) to (d) over Python values: the guest call with the reader, beside unsandboxed `eval` and two implementations of CEL.
import { compileCondition } from "../../conditions/index.ts";
import { CASES } from "../conditions.ts";
import type { Row } from "../measure.ts";
import { Child } from "./child.ts";

const OURS = "ours";
const DICTS = "ours, dicts";
/** Times of `eval` that we may take. */
const BARS: Readonly<Record<string, number>> = { a: 6, c: 2 };
const CEL = ["cel-python", "common-expression-language"];

export async function evaluate(bench: string, python: string, quick: boolean): Promise<Row[]> {
  const child = new Child(python, "evaluate.py", []);
  try {
    const by = (of: (source: string) => string) =>
      Object.fromEntries(CASES.map(({ name, source }) => [name, of(source)]));
    const wasm = by((source) => Buffer.from(compileCondition(source).wasm).toString("hex"));
    const sources = by((source) => source);
    const found = await child.ask<Record<string, Record<string, number>>>({
      sources,
      wasm,
      rounds: quick ? 7 : 21,
      roundMs: quick ? 20 : 50,
    });
    return Object.entries(found).flatMap(([name, times]) => rows(bench, name, times));
  } finally {
    await child.close();
  }
}

function rows(bench: string, name: string, times: Readonly<Record<string, number>>): Row[] {
  const ns = (contestant: string) => times[contestant] ?? Number.NaN;
  const made: Row[] = Object.entries(times).map(([contestant, value]) => ({
    bench,
    what: `(${name}) ${contestant}`,
    value,
    unit: "ns",
  }));
  const slower = ns(OURS) / ns("eval");
  const most = BARS[name];
  const what = `(${name}) times of eval`;
  if (most === undefined) made.push({ bench, what, value: slower, unit: "x" });
  else made.push({ bench, what, value: slower, unit: "x", bar: `at most ${most}`, holds: slower <= most });
  for (const peer of CEL) {
    const value = ns(peer) / ns(DICTS);
    made.push({
      bench,
      what: `(${name}) times faster than ${peer}`,
      value,
      unit: "x",
      bar: "above 1",
      holds: value > 1,
    });
  }
  return made;
}
