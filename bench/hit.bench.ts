// Cost of a hit whose condition is false, on a line of a hot loop: not probed, probed by `inject`, after removal, and with a V8
// breakpoint whose condition is the word `false`, which is the least that any inspector-based debugger pays.
import { Session } from "node:inspector";
import { createRequire } from "node:module";
import { join } from "node:path";
import { lineOf, ROOT } from "../demo/service.ts";
import { type BenchOptions, median, type Row, sink } from "./measure.ts";
import { Probed } from "./probed.ts";

const FILE = join(ROOT, "bench/programs/hot.cjs");

interface Hot {
  work(n: number): number;
  control(n: number): number;
}

/** Nanoseconds a round of the loop, median of `rounds`. Checks the sum. */
function perRound(loop: (n: number) => number, n: number, rounds: number): number {
  let expected = 0;
  for (let i = 0; i < n; i++) expected += i & 7;
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = process.hrtime.bigint();
    sink.value = loop(n);
    samples.push(Number(process.hrtime.bigint() - started) / n);
    if (sink.value !== expected) throw new Error("the loop gives a wrong sum");
  }
  return median(samples);
}

/** The same line with V8's own conditional breakpoint. */
async function breakpoint(hot: Hot, line: number, n: number, rounds: number): Promise<number> {
  const session = new Session();
  session.connect();
  const post = (method: string, params: object) =>
    new Promise<void>((resolve, reject) =>
      session.post(method, params, (error) => (error === null ? resolve() : reject(new Error(error.message)))),
    );
  await post("Debugger.enable", {});
  await post("Debugger.setBreakpointByUrl", { lineNumber: line - 1, urlRegex: ".*hot\\.cjs$", condition: "false" });
  const ns = perRound(hot.work, n, rounds);
  await post("Debugger.disable", {});
  session.disconnect();
  return ns;
}

export async function hit({ quick }: BenchOptions): Promise<Row[]> {
  const hot = createRequire(import.meta.url)(FILE) as Hot;
  const line = lineOf(FILE, "// probed");
  const n = quick ? 2_000_000 : 10_000_000;
  const rounds = quick ? 7 : 15;
  const probed = new Probed("inject");
  const before = perRound(hot.work, n, rounds);
  const control = perRound(hot.control, n, rounds);
  const status = await probed.put({ file: FILE, line, condition: "total > 1e12" });
  if (status.engine !== "inject") throw new Error(`placed by ${status.engine}`);
  const during = perRound(hot.work, n, rounds);
  const counts = probed.status()?.counts;
  // A probe that the program does not reach would be very fast.
  if (counts?.conditionFalse !== n * rounds)
    throw new Error(`${n * rounds} rounds, but counted ${JSON.stringify(counts)}`);
  await probed.remove();
  perRound(hot.work, n, 2);
  const after = perRound(hot.work, n, rounds);
  await probed.close();
  const slow = await breakpoint(hot, line, quick ? 500 : 2000, 5);
  const cost = during - before;
  const noise = Math.max(1, Math.abs(control - before) * 2);
  return [
    { bench: "hit", what: "un-probed loop, a round", value: before, unit: "ns" },
    {
      bench: "hit",
      what: "inject, condition false: over the un-probed loop",
      value: cost,
      unit: "ns",
      bar: "at most 40",
      holds: cost <= 40,
    },
    { bench: "hit", what: "V8 breakpoint with the condition `false`", value: slow - before, unit: "ns" },
    {
      bench: "hit",
      what: "inject times faster than the breakpoint",
      value: (slow - before) / cost,
      unit: "x",
      bar: "at least 1,000",
      holds: (slow - before) / cost >= 1000,
    },
    {
      bench: "hit",
      what: "after removal: over the un-probed loop",
      value: after - before,
      unit: "ns",
      bar: `within noise (${noise.toFixed(1)})`,
      holds: after - before <= noise,
    },
  ];
}
