// The Python agent: cost of a hit, conditions, snapshots, a server under load, memory and start; beside ddtrace, `sys.settrace`, `eval` and two
// implementations of CEL, on the interpreter of each placement engine. The parts stand in bench/python/.
import type { BenchOptions, Row } from "./measure.ts";
import { environments } from "./python/environment.ts";
import { evaluate } from "./python/evaluate.ts";
import { footprint } from "./python/footprint.ts";
import { hit } from "./python/hit.ts";
import { server } from "./python/server.ts";
import { snapshot } from "./python/snapshot.ts";

/** The engine that serves an interpreter. */
const engineOf = (version: string) => (Number(version.split(".")[1]) >= 12 ? "monitoring" : "bytecode");

export async function python({ quick }: BenchOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [version, interpreter] of environments()) {
    const bench = `py${version}`;
    rows.push(...(await hit(bench, interpreter, engineOf(version), quick)));
    rows.push(...(await evaluate(bench, interpreter, quick)));
    rows.push(...(await snapshot(bench, interpreter, quick)));
    rows.push(...(await footprint(bench, interpreter, quick)));
  }
  // The demo's service runs on the interpreter of .venv.
  rows.push(...(await server("python", quick)));
  return rows;
}
