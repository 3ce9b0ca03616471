// A line of an async handler with 50 calls in flight, ordinary and prepared: how often `inject` gets in, what a hit costs, and
// what the prepared shape costs a service that has no probe.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { drive, type Load } from "../demo/load.ts";
import { REGISTER, ROOT, startService } from "../demo/service.ts";
import type { AsyncFigures } from "./async.child.ts";
import { type BenchOptions, median, type Row } from "./measure.ts";

const run = promisify(execFile);

async function child(prepared: boolean, attempts: number, seconds: number): Promise<AsyncFigures> {
  const script = join(ROOT, "dist/esm/bench/async.child.js");
  const env = { ...process.env, TRACEPOINTDEBUG_PREPARED: prepared ? "1" : "0", TRACEPOINTDEBUG_LOG: "off" };
  const args = [...(prepared ? ["-r", REGISTER] : []), script, String(attempts), String(seconds)];
  const { stdout } = await run(process.execPath, args, { env });
  return JSON.parse(stdout) as AsyncFigures;
}

function rows(mode: string, figures: AsyncFigures): Row[] {
  // What calls cost more with the probe in, shared out among the hits.
  const cost = ((figures.probedNs - figures.callNs) * figures.probedCalls) / Math.max(1, figures.hits);
  return [
    {
      bench: "async",
      what: `${mode}: share of ${figures.attempts} attempts that inject succeeds in`,
      value: (100 * figures.injected) / figures.attempts,
      unit: "%",
    },
    { bench: "async", what: `${mode}: cost a hit, condition false [${figures.engine}]`, value: cost, unit: "ns" },
    {
      bench: "async",
      what: `${mode}: share of calls that the probe saw`,
      value: (100 * figures.hits) / figures.probedCalls,
      unit: "%",
    },
  ];
}

/** Requests/s of the demo's async route, prepared against ordinary, no probe in either. */
async function preparedCost(quick: boolean): Promise<Row[]> {
  const env = { TRACEPOINTDEBUG_LOG: "off", TRACEPOINTDEBUG_BROKER: "127.0.0.1:9", TRACEPOINTDEBUG_TOKEN: "none" };
  const ordinary = await startService(env);
  const prepared = await startService({ ...env, TRACEPOINTDEBUG_PREPARED: "1" });
  try {
    const loads: [Load, Load][] = [];
    const seconds = quick ? 2 : 4;
    for (const service of [ordinary, prepared]) await drive(service.url, "/order", 2, 50);
    for (let pair = 0; pair < (quick ? 3 : 7); pair++) {
      loads.push([await drive(ordinary.url, "/order", seconds, 50), await drive(prepared.url, "/order", seconds, 50)]);
    }
    const ratio = median(loads.map(([a, b]) => b.requestsPerSecond / a.requestsPerSecond));
    const cpu = median(loads.map(([a, b]) => b.cpuUs / a.cpuUs));
    return [
      {
        bench: "async",
        what: "prepared without a probe: requests/s, ratio",
        value: ratio,
        unit: "x",
        bar: "at least 0.98",
        holds: ratio >= 0.98,
      },
      { bench: "async", what: "prepared without a probe: CPU time a request, ratio", value: cpu, unit: "x" },
    ];
  } finally {
    await ordinary.stop();
    await prepared.stop();
  }
}

export async function async({ quick }: BenchOptions): Promise<Row[]> {
  const attempts = quick ? 5 : 20;
  const seconds = quick ? 2 : 5;
  return [
    ...rows("ordinary", await child(false, attempts, seconds)),
    ...rows("prepared", await child(true, attempts, seconds)),
    ...(await preparedCost(quick)),
  ];
}
