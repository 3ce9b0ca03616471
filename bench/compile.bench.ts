// Compilation of conditions once warm, from source to validated bytes, and the size of the modules.
import { CompileError, compileCondition, compileValue } from "../conditions/index.ts";
import { CASES } from "./conditions.ts";
import { type BenchOptions, median, type Row, race } from "./measure.ts";

/** Beside the four of the table: one for each thing people write. */
const MORE = [
  'order.status in ["paid", "sent"] && order.total * 1.19 > 100.0',
  "has(request.user) && request.user.roles.exists(r, r == 'admin')",
  "(order.discount ?? 0.0) > 0.2 and not order.tested",
  "items.filter(i, i.price > 10.0).map(i, i.quantity).size() >= 3",
  'size(name) > 3 ? name.endsWith("son") : id % 2 == 0',
  "retries >= 3 || (error is not null && error.code != 404)",
];

export async function compile({ quick }: BenchOptions): Promise<Row[]> {
  const sources = [...CASES.map(({ source }) => source), ...MORE];
  for (const source of sources) {
    if (!WebAssembly.validate(compileCondition(source).wasm as Uint8Array<ArrayBuffer>))
      throw new Error(`invalid module for ${source}`);
  }
  const timings = race(
    sources.map((source) => ({
      name: source,
      run: (n: number) => {
        let valid = 0;
        for (let i = 0; i < n; i++) {
          const { wasm } = compileCondition(source);
          if (WebAssembly.validate(wasm as Uint8Array<ArrayBuffer>)) valid++;
        }
        if (valid !== n) throw new Error(`invalid module for ${source}`);
        return valid;
      },
    })),
    quick ? 5 : 11,
    quick ? 10 : 40,
  );
  const us = median(timings.map(({ ns }) => ns)) / 1000;
  const rows: Row[] = [
    {
      bench: "compile",
      what: `median of ${sources.length} conditions, source to validated bytes`,
      value: us,
      unit: "µs",
      bar: "under 200",
      holds: us < 200,
    },
    { bench: "compile", what: "slowest of them", value: Math.max(...timings.map(({ ns }) => ns)) / 1000, unit: "µs" },
  ];
  rows.push(await corpus(quick));
  for (const { name, source } of CASES) {
    const bytes = compileCondition(source).wasm.length;
    rows.push({
      bench: "compile",
      what: `module of (${name})`,
      value: bytes,
      unit: "bytes",
      bar: "under 1,024",
      holds: bytes < 1024,
    });
  }
  return rows;
}

/** Every source of CEL's suite, whether a condition or not, once warm. Those that must be refused are timed as well. */
async function corpus(quick: boolean): Promise<Row> {
  const { loadCases } = await import("../test/conformance/suite.ts");
  const cases = loadCases();
  const samples = cases.map((): number[] => []);
  for (let round = 0; round < (quick ? 5 : 15); round++) {
    for (const [i, { expr, container }] of cases.entries()) {
      const start = process.hrtime.bigint();
      try {
        WebAssembly.validate(compileValue(expr, { container }).wasm as Uint8Array<ArrayBuffer>);
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
      }
      samples[i]?.push(Number(process.hrtime.bigint() - start));
    }
  }
  const us = median(samples.map(median)) / 1000;
  const what = `median of the conformance corpus (${cases.length} sources)`;
  return { bench: "compile", what, value: us, unit: "µs", bar: "under 300", holds: us < 300 };
}
