// What the worst of inputs costs: the longest evaluation that generated expressions reach on hostile data, and patterns on long
// texts, whose time must grow as the text does.
import { type BenchOptions, median, type Row, race } from "./measure.ts";

const KIB = 1024;
const SIZES = [256, 512, 1024];

/** Patterns that take exponential time where they are tried one way after the other, on a text that never matches. */
const PATTERNS = ["(a|aa)+$", "(a*)*c", "a.*b.*c"];

export async function bounds({ quick }: BenchOptions): Promise<Row[]> {
  const { runHostile } = await import("../test/fuzz/hostile.ts");
  const expressions = quick ? 300 : 3000;
  const { worstMs, overruns, evaluations } = runHostile(20_261_122, expressions);
  if (overruns.length > 0) throw new Error(`more steps than priced: ${overruns[0]}`);
  return [
    {
      bench: "bounds",
      what: `longest of ${evaluations} hostile evaluations`,
      value: worstMs,
      unit: "ms",
      bar: "under 1",
      holds: worstMs < 1,
    },
    ...(await linear(quick)),
  ];
}

async function linear(quick: boolean): Promise<Row[]> {
  const { both, match, place } = await import("../test/engine/patterns.ts");
  const rows: Row[] = [];
  for (const pattern of PATTERNS) {
    for (const matcher of Object.values(both(pattern))) {
      if (matcher === null) continue;
      const times = SIZES.map((size) => {
        place(`${"a".repeat(size * KIB - 1)}-`);
        const contestant = {
          name: pattern,
          run: (n: number) => {
            for (let i = 0; i < n; i++)
              if (match(matcher, 1 << 30) !== "false") throw new Error(`${pattern} matches, or is cut short`);
          },
        };
        return median(race([contestant], quick ? 3 : 9, quick ? 10 : 40).map(({ ns }) => ns / 1e6));
      });
      const name = `${pattern}, ${matcher.kind}`;
      for (const [i, value] of times.entries())
        rows.push({ bench: "bounds", what: `${name}, ${SIZES[i]} KiB`, value, unit: "ms" });
      const value = (times.at(-1) as number) / (times[0] as number);
      rows.push({
        bench: "bounds",
        what: `${name}: 1024 KiB in times of 256 KiB`,
        value,
        unit: "x",
        bar: "under 6",
        holds: value < 6,
      });
    }
  }
  return rows;
}
