// The Python agent: cost of a hit, conditions, snapshots, a server under load, memory and start; beside ddtrace, `sys.settrace`, `eval` and two
// implementations of CEL, on the interpreter of each placement engine. The parts stand in bench/python/.
import type { BenchOptions, Row } from "./measure.ts";
import { environments } from "./python/environment.ts";
import { hit } from "./python/hit.ts";

/** The engine that serves an interpreter. */
const engineOf = (version: string) => (Number(version.split(".")[1]) >= 12 ? "monitoring" : "bytecode");

export async function python({ quick }: BenchOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [version, interpreter] of environments()) {
    const bench = `py${version}`;
    rows.push(...(await hit(bench, interpreter, engineOf(version), quick)));
  }
  return rows;
}
