// One run of the async benchmark, in a process of its own because the shape of the code is decided as it loads: 50 calls in
// flight, a probe put and removed again and again. Prints one line of JSON.
import { createRequire } from "node:module";
import { join } from "node:path";
import { lineOf, ROOT } from "../demo/service.ts";
import { Probed } from "./probed.ts";

const FILE = join(ROOT, "bench/programs/async.cjs");
const IN_FLIGHT = 50;

export interface AsyncFigures {
  readonly attempts: number;
  /** Of them: placed by `inject` when the first answer came. */
  readonly injected: number;
  /** CPU nanoseconds of a call without and with the probe, and how many of the calls with it reached it. */
  readonly callNs: number;
  readonly probedNs: number;
  readonly probedCalls: number;
  readonly hits: number;
  readonly engine: string;
}

async function main(attempts: number, seconds: number): Promise<AsyncFigures> {
  const { handle } = createRequire(import.meta.url)(FILE) as { handle(order: object): Promise<number> };
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
  const measure = async () => {
    const cpu = process.cpuUsage();
    const from = calls;
    await pause(seconds * 1000);
    const { user, system } = process.cpuUsage(cpu);
    return { ns: ((user + system) * 1000) / (calls - from), calls: calls - from };
  };
  await pause(500);
  const plain = await measure();
  const probed = new Probed();
  const wanted = { file: FILE, line: lineOf(FILE, "// probed"), condition: "total > 1e12" };
  let injected = 0;
  for (let i = 0; i < attempts; i++) {
    if ((await probed.put(wanted)).engine === "inject") injected++;
    await probed.remove();
  }
  const status = await probed.put(wanted);
  const before = probed.status()?.counts?.reached ?? 0;
  const during = await measure();
  const hits = (probed.status()?.counts?.reached ?? 0) - before;
  await probed.close();
  running = false;
  await Promise.all(workers);
  return {
    attempts,
    injected,
    callNs: plain.ns,
    probedNs: during.ns,
    probedCalls: during.calls,
    hits,
    engine: status.engine ?? "",
  };
}

main(Number(process.argv[2]), Number(process.argv[3])).then(
  (figures) => process.stdout.write(`${JSON.stringify(figures)}\n`),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  },
);
