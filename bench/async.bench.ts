// A line of an async handler with 50 calls in flight, ordinary and prepared: how often `inject` gets in, what a hit costs, and
// what the prepared shape costs a program that has no probe.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { REGISTER, ROOT, startService } from "../demo/service.ts";
import type { AsyncFigures } from "./async.child.ts";
import { type BenchOptions, median, type Row } from "./measure.ts";
import { Driver, inTurn, type Slice } from "./slices.ts";

const run = promisify(execFile);
const IN_FLIGHT = 50;

async function child<T>(prepared: boolean, ...what: readonly (string | number)[]): Promise<T> {
  const script = join(ROOT, "dist/esm/bench/async.child.js");
  const env = { ...process.env, TRACEPOINTDEBUG_PREPARED: prepared ? "1" : "0", TRACEPOINTDEBUG_LOG: "off" };
  const args = [...(prepared ? ["-r", REGISTER] : []), script, ...what.map(String)];
  const { stdout } = await run(process.execPath, args, { env });
  return JSON.parse(stdout) as T;
}

const row = (what: string, value: number, unit: string): Row => ({ bench: "async", what, value, unit });

function rows(mode: string, figures: AsyncFigures, servedNs: number): Row[] {
  const { attempts, injected, callNs, extraNs, seen, engine, enableMs, enableMsPerS } = figures;
  const served =
    engine === "inject"
      ? [row(`${mode}: cost a hit, condition false [inject]`, extraNs / seen, "ns")]
      : [
          row(`${mode}: cost of a hit that the breakpoint serves [${engine}]`, servedNs, "ns"),
          row(`${mode}: enabling the debugger, each time`, enableMs, "ms"),
          row(`${mode}: enabling the debugger, of each second`, enableMsPerS, "ms"),
        ];
  return [
    row(`${mode}: share of ${attempts} attempts that inject succeeds in`, (100 * injected) / attempts, "%"),
    ...served,
    row(`${mode}: share of calls that the probe saw`, 100 * seen, "%"),
    row(`${mode}: CPU time of a call with the probe, ratio`, 1 + extraNs / callNs, "x"),
  ];
}

/**
 * The demo's async route: a prepared service against an ordinary one, no probe in either, and two ordinary ones against each
 * other, which shows how far such a figure can be trusted. Anew several times: each process has its luck.
 */
async function preparedCost(quick: boolean): Promise<Row[]> {
  const env = { TRACEPOINTDEBUG_LOG: "off", TRACEPOINTDEBUG_BROKER: "127.0.0.1:9", TRACEPOINTDEBUG_TOKEN: "none" };
  const pairs: { readonly same: [Slice, Slice]; readonly prepared: [Slice, Slice] }[] = [];
  for (let set = 0; set < (quick ? 2 : 5); set++) {
    const services = await Promise.all(
      [env, env, { ...env, TRACEPOINTDEBUG_PREPARED: "1" }].map((settings) => startService(settings)),
    );
    const drivers = services.map(({ url }) => new Driver(url, "/order", IN_FLIGHT));
    try {
      await inTurn(drivers, 4, 1000);
      const [one, other, prepared] = (await inTurn(drivers, quick ? 12 : 24, 500)) as [Slice[], Slice[], Slice[]];
      // Both ordinary services take part in both comparisons alike.
      one.forEach((slice, i) => {
        const base = i % 2 === 0 ? slice : other[i]!;
        pairs.push({ same: [slice, other[i]!], prepared: [base, prepared[i]!] });
      });
    } finally {
      for (const driver of drivers) driver.close();
      await Promise.all(services.map((service) => service.stop()));
    }
  }
  const ratio = (which: "same" | "prepared", of: (slice: Slice) => number) =>
    median(pairs.map((pair) => of(pair[which][1]) / of(pair[which][0])));
  const rate = (slice: Slice) => slice.requestsPerSecond;
  const cpu = (slice: Slice) => slice.cpuUs;
  const found = ratio("prepared", rate);
  return [
    {
      ...row("prepared without a probe: requests/s, ratio", found, "x"),
      bar: "at least 0.98",
      holds: found >= 0.98,
    },
    row("prepared without a probe: CPU time a request, ratio", ratio("prepared", cpu), "x"),
    row("noise, two ordinary services: requests/s, ratio", ratio("same", rate), "x"),
    row("noise, two ordinary services: CPU time a request, ratio", ratio("same", cpu), "x"),
  ];
}

export async function async({ quick }: BenchOptions): Promise<Row[]> {
  const attempts = quick ? 5 : 20;
  const seconds = quick ? 3 : 9;
  const servedNs = await child<number>(false, "served");
  const ordinary = await child<AsyncFigures>(false, attempts, seconds);
  const prepared = await child<AsyncFigures>(true, attempts, seconds);
  return [
    ...rows("ordinary", ordinary, servedNs),
    ...rows("prepared", prepared, servedNs),
    row("prepared without a probe: CPU time of a call, ratio", prepared.callNs / ordinary.callNs, "x"),
    ...(await preparedCost(quick)),
  ];
}
