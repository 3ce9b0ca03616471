// Memory that the agent with one probe takes, and the time that its import and start take, each in new processes; ddtrace's beside it.
import { join } from "node:path";
import { lineOf } from "../../demo/service.ts";
import { median, type Row } from "../measure.ts";
import { Ground } from "./agent.ts";
import { Child, PROGRAMS } from "./child.ts";
import { Intake } from "./ddtrace.ts";

const FILE = join(PROGRAMS, "hot.py");
const LINE = lineOf(FILE, "# probed");
const NAMES = ["plain", "tracepointdebug", "ddtrace"] as const;
type Name = (typeof NAMES)[number];

interface Memory {
  readonly VmRSS: number;
  readonly VmSize: number;
}

export async function footprint(bench: string, python: string, quick: boolean): Promise<Row[]> {
  const ground = await Ground.open();
  const intake = await Intake.open();
  // A program that keeps the host up, so that no start waits for it.
  const keeper = new Child(python, "footprint.py", ["tracepointdebug"], ground.env);
  try {
    await keeper.answer();
    await ground.agents(1);
    await ground.put({ id: "one", kind: "tracepoint", file: FILE, line: LINE, condition: "total > 1e12" });
    const condition: [string, object] = ["total > 1e12", { gt: [{ ref: "total" }, 1e12] }];
    const rival = intake.env({ file: FILE, line: LINE, condition, snapshot: true });
    const starts = new Map<Name, number[]>();
    const memories = new Map<Name, Memory[]>();
    for (let round = 0; round < (quick ? 5 : 15); round++) {
      for (const name of NAMES) {
        const env = name === "tracepointdebug" ? ground.env : name === "ddtrace" ? rival : {};
        const child = new Child(python, "footprint.py", [name], env);
        try {
          const { startMs } = await child.answer<{ startMs: number }>();
          starts.set(name, [...(starts.get(name) ?? []), startMs]);
          if (name === "tracepointdebug")
            await ground.watch.until("the probe", () => ground.watch.settled("one", 2 + round));
          const memory = await child.ask<Memory>({ n: 20_000 });
          memories.set(name, [...(memories.get(name) ?? []), memory]);
        } finally {
          await child.close();
        }
      }
    }
    const more = (name: Name, of: keyof Memory) => {
      const typical = (which: Name) => median((memories.get(which) ?? []).map((memory) => memory[of]));
      return typical(name) - typical("plain");
    };
    const start = (name: Name) => median(starts.get(name) ?? []);
    const mebibytes = (what: string, value: number, most?: number): Row =>
      most === undefined
        ? { bench, what, value, unit: "MiB" }
        : { bench, what, value, unit: "MiB", bar: `under ${most}`, holds: value < most };
    return [
      mebibytes("memory with one probe: RSS more", more("tracepointdebug", "VmRSS"), 40),
      mebibytes("memory with one probe: virtual size more", more("tracepointdebug", "VmSize"), 300),
      mebibytes("memory with one probe of ddtrace: RSS more", more("ddtrace", "VmRSS")),
      mebibytes("memory with one probe of ddtrace: virtual size more", more("ddtrace", "VmSize")),
      {
        bench,
        what: "import and start",
        value: start("tracepointdebug"),
        unit: "ms",
        bar: "under 80",
        holds: start("tracepointdebug") < 80,
      },
      { bench, what: "import of ddtrace.auto", value: start("ddtrace"), unit: "ms" },
    ];
  } finally {
    await keeper.close();
    await ground.close();
    await intake.close();
  }
}
