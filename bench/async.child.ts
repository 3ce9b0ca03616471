// One run of the async benchmark, in a process of its own because the shape of the code is decided as it loads: 50 calls in
// flight, a probe put and removed again and again; or, with the argument `served`, what a hit of a breakpoint costs. Prints one
// line of JSON.
import { Session } from "node:inspector";
import { createRequire } from "node:module";
import { join } from "node:path";
import { lineOf, ROOT } from "../demo/service.ts";
import { median } from "./measure.ts";
import { Probed } from "./probed.ts";

const FILE = join(ROOT, "bench/programs/async.cjs");
const IN_FLIGHT = 50;

export interface AsyncFigures {
  readonly attempts: number;
  /** Of them: placed by `inject` when the first answer came. */
  readonly injected: number;
  /** CPU nanoseconds of a call without the probe, and what a call with it costs more: medians of windows in turn. */
  readonly callNs: number;
  readonly extraNs: number;
  /** Of the calls with the probe in: the share that reached it. */
  readonly seen: number;
  readonly engine: string;
  /** Milliseconds a second that enabling the debugger took while the probe was in, and for once. */
  readonly enableMsPerS: number;
  readonly enableMs: number;
}

type Handle = (order: object) => Promise<number>;

/** How long the program was held up by `Debugger.enable`. */
function watchEnabling(): { ms: number; times: number } {
  const spent = { ms: 0, times: 0 };
  const { prototype } = Session as unknown as { prototype: { post: (method: string, ...rest: unknown[]) => void } };
  const { post } = prototype;
  prototype.post = function (this: unknown, method, ...rest) {
    const from = performance.now();
    post.call(this, method, ...rest);
    if (method !== "Debugger.enable") return;
    spent.ms += performance.now() - from;
    spent.times++;
  };
  return spent;
}

async function main(attempts: number, seconds: number): Promise<AsyncFigures> {
  const enabling = watchEnabling();
  const { handle } = createRequire(import.meta.url)(FILE) as { handle: Handle };
  let running = true;
  let calls = 0;
  const worker = async () => {
    while (running) {
      if ((await handle({ price: 10, quantity: 3 })) !== 33) throw new Error("the handler gives a wrong sum");
      calls++;
    }
  };
  const workers = Array.from({ length: IN_FLIGHT }, worker);
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const rounds = 6;
  const measure = async () => {
    const cpu = process.cpuUsage();
    const from = calls;
    await pause((seconds * 1000) / rounds);
    const { user, system } = process.cpuUsage(cpu);
    return { ns: ((user + system) * 1000) / (calls - from), calls: calls - from };
  };
  await pause(1000);
  const probed = new Probed();
  const wanted = { file: FILE, line: lineOf(FILE, "// probed"), condition: "total > 1e12" };
  let injected = 0;
  for (let i = 0; i < attempts; i++) {
    if ((await probed.put(wanted)).engine === "inject") injected++;
    await probed.remove();
  }
  const plain: number[] = [];
  const extra: number[] = [];
  let engine = "";
  let seen = 0;
  let total = 0;
  let inMs = 0;
  const kept = { ms: 0, times: 0 };
  for (let round = 0; round < rounds; round++) {
    const without = await measure();
    engine = (await probed.put(wanted)).engine ?? "";
    const before = probed.status()?.counts?.reached ?? 0;
    const from = performance.now();
    const { ms, times } = enabling;
    const during = await measure();
    inMs += performance.now() - from;
    // Putting a probe and removing it enable the debugger as well; that is not what a hit costs.
    kept.ms += enabling.ms - ms;
    kept.times += enabling.times - times;
    seen += (probed.status()?.counts?.reached ?? 0) - before;
    total += during.calls;
    await probed.remove();
    plain.push(without.ns);
    extra.push(during.ns - without.ns);
  }
  await probed.close();
  running = false;
  await Promise.all(workers);
  return {
    attempts,
    injected,
    callNs: median(plain),
    extraNs: median(extra),
    seen: seen / total,
    engine,
    enableMsPerS: (kept.ms * 1000) / inMs,
    enableMs: kept.times === 0 ? 0 : kept.ms / kept.times,
  };
}

/** Nanoseconds of a breakpoint's hit by itself: on a line in front of the first `await`, in one go, before it is taken out. */
async function servedHit(): Promise<number> {
  const { handle } = createRequire(import.meta.url)(FILE) as { handle: Handle };
  const probed = new Probed("inspector");
  await probed.put({ file: FILE, line: lineOf(FILE, "const total"), condition: "order.price > 1e12" });
  const reached = () => probed.status()?.counts?.reached ?? 0;
  const samples: number[] = [];
  for (let round = 0; round < 5; round++) {
    const before = reached();
    const from = process.hrtime.bigint();
    const calls = Array.from({ length: 20 }, () => handle({ price: 10, quantity: 3 }));
    const ns = Number(process.hrtime.bigint() - from);
    if (reached() > before) samples.push(ns / (reached() - before));
    await Promise.all(calls);
    // Time in which it saves up what it may take.
    await new Promise((resolve) => setTimeout(resolve, 2500));
  }
  await probed.close();
  if (samples.length === 0) throw new Error("the breakpoint was never hit");
  return median(samples);
}

const [, , what, seconds] = process.argv;
(what === "served" ? servedHit() : main(Number(what), Number(seconds))).then(
  (figures) => process.stdout.write(`${JSON.stringify(figures)}\n`),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  },
);
