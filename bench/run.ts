// `npm run bench [-- --quick] [-- NAME ...]`: runs the benchmarks, prints one table with what each must show, and writes the
// figures as JSON under bench/results/. Never fails because of a figure: the machines are shared. It fails on wrong output.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { ROOT } from "../demo/service.ts";
import { async } from "./async.bench.ts";
import { bounds } from "./bounds.bench.ts";
import { compile } from "./compile.bench.ts";
import { evaluate } from "./evaluate.bench.ts";
import { hit } from "./hit.bench.ts";
import { language } from "./language.bench.ts";
import type { BenchOptions, Row } from "./measure.ts";
import { python } from "./python.bench.ts";
import { server } from "./server.bench.ts";
import { snapshot } from "./snapshot.bench.ts";

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<Row[]>>> = {
  compile,
  evaluate,
  language,
  bounds,
  hit,
  snapshot,
  async,
  server,
  python,
};
const USAGE = `usage: npm run bench -- [--quick] [${Object.keys(BENCHES).join("|")} ...]`;

const figure = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(value < 10 ? 2 : 1));

async function main(args: readonly string[]): Promise<void> {
  const quick = args.includes("--quick");
  const names = args.filter((arg) => arg !== "--quick");
  const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
  if (unknown !== undefined) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = unknown === "--help" ? 0 : 2;
    return;
  }
  const chosen = names.length === 0 ? Object.keys(BENCHES) : names;
  const rows: Row[] = [];
  for (const name of chosen) {
    process.stderr.write(`${name} ...\n`);
    const found = (await BENCHES[name]?.({ quick })) ?? [];
    rows.push(...found);
    for (const row of found) process.stdout.write(`${line(row)}\n`);
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const date = new Date().toISOString();
  const folder = join(ROOT, "bench/results");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${date.replaceAll(/[:.]/g, "-")}.json`);
  writeFileSync(file, `${JSON.stringify({ date, machine, quick, rows }, null, 2)}\n`);
  const missed = rows.filter((row) => row.holds === false).length;
  process.stdout.write(
    `\n${machine}\n${missed} of ${rows.filter((row) => row.bar !== undefined).length} bars missed in this run\n`,
  );
}

function line({ bench, what, value, unit, bar, holds }: Row): string {
  const verdict = bar === undefined ? "" : `${holds === true ? "ok" : "MISSED"} (${bar})`;
  return `${bench.padEnd(9)} ${what.padEnd(62)} ${figure(value).padStart(9)} ${unit.padEnd(6)} ${verdict}`.trimEnd();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  process.exitCode = 1;
});
