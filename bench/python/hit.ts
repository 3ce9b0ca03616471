// Cost of a hit whose condition is false, on a line of a hot loop in Python: with our probe, ddtrace's, `sys.settrace`, and `eval` of
// compiled code written into the loop. Each contestant is a process of its own; all are measured in turn.
import { join } from "node:path";
import { lineOf } from "../../demo/service.ts";
import { median, type Row } from "../measure.ts";
import { Ground } from "./agent.ts";
import { Child, PROGRAMS } from "./child.ts";
import { Intake } from "./ddtrace.ts";

const FILE = join(PROGRAMS, "hot.py");
const LINE = lineOf(FILE, "# probed");
const CONDITION = "total > 1e12";
const NAMES = ["plain", "tracepointdebug", "ddtrace", "settrace", "eval"] as const;
type Name = (typeof NAMES)[number];
/** A total at which the condition holds. */
const HIGH = 1e13;
const BAR_NS = 2500;

interface Answer {
  readonly ns: number;
  readonly fired: number | null;
}

export async function hit(bench: string, python: string, engine: string, quick: boolean): Promise<Row[]> {
  const ground = await Ground.open();
  const intake = await Intake.open();
  const children = new Map<Name, Child>();
  try {
    const rival = intake.env({
      file: FILE,
      line: LINE,
      condition: [CONDITION, { gt: [{ ref: "total" }, 1e12] }],
      snapshot: false,
    });
    for (const name of NAMES) {
      const env = name === "tracepointdebug" ? ground.env : name === "ddtrace" ? rival : {};
      const child = new Child(python, "hit.py", [name, `${LINE}`], env);
      children.set(name, child);
      await child.answer();
    }
    const loop = (name: Name, which: "work" | "control", n: number, total = 0) =>
      (children.get(name) as Child).ask<Answer>({ loop: which, n, total });
    const before = (await loop("tracepointdebug", "control", 100_000)).ns;
    await ground.agents(1);
    const placed = await ground.put({
      id: "hit",
      kind: "logpoint",
      file: FILE,
      line: LINE,
      condition: CONDITION,
      template: "{{total}}",
    });
    if (placed !== engine) throw new Error(`placed by ${placed}, not by ${engine}`);
    if (!(before > 0)) throw new Error("the loop takes no time");
    // Each contestant must see a total that is high.
    for (const name of NAMES) {
      const { fired } = await loop(name, "work", 1, HIGH);
      if ((name === "settrace" || name === "eval") && fired !== 1) throw new Error(`${name} does not see the hit`);
    }
    const until = ground.watch.until.bind(ground.watch);
    await until("our event", () => (ground.watch.seen.get("hit")?.length ?? 0) === 1);
    await until("ddtrace's event", () => intake.received.length === 1);
    const n = quick ? 40_000 : 100_000;
    const rounds = quick ? 9 : 25;
    const samples = new Map<string, number[]>();
    const sample = async (name: Name, which: "work" | "control") => {
      const { ns } = await loop(name, which, n);
      const key = `${name} ${which}`;
      samples.set(key, [...(samples.get(key) ?? []), ns / n]);
    };
    for (const name of NAMES) await loop(name, "work", n);
    for (let round = 0; round < rounds; round++) {
      for (const name of NAMES) await sample(name, "work");
      for (const name of ["plain", "tracepointdebug", "ddtrace"] as const) await sample(name, "control");
    }
    const hits = n * (rounds + 1);
    // A probe that the program does not reach would be very fast.
    await until(`${hits} hits counted`, () => ground.watch.count("hit", "conditionFalse") === hits);
    await ground.remove("hit");
    for (let round = 0; round < rounds; round++) {
      for (const name of ["plain", "tracepointdebug"] as const) {
        const { ns } = await loop(name, "work", n);
        samples.set(`${name} removed`, [...(samples.get(`${name} removed`) ?? []), ns / n]);
      }
    }
    return rows(bench, engine, (key) => median(samples.get(key) ?? []));
  } finally {
    for (const child of children.values()) await child.close();
    await ground.close();
    await intake.close();
  }
}

function rows(bench: string, engine: string, ns: (key: string) => number): Row[] {
  const base = ns("plain work");
  const cost = (name: Name) => ns(`${name} work`) - base;
  const ours = cost("tracepointdebug");
  const row = (what: string, value: number, unit = "ns", bar?: string, holds?: boolean): Row =>
    bar === undefined ? { bench, what, value, unit } : { bench, what, value, unit, bar, holds: holds === true };
  const removed = ns("tracepointdebug removed") / ns("plain removed");
  const beside = ns("tracepointdebug control") / ns("plain control");
  // What another process of the same loop shows by chance, at least a tenth.
  const noise = Math.max(0.1, 2 * Math.abs(ns("ddtrace control") / ns("plain control") - 1));
  const within = `at most 1 + noise (${noise.toFixed(2)})`;
  return [
    row("un-probed loop, a round", base),
    row(`${engine}, condition false: over the un-probed loop`, ours, "ns", "at most 2,500", ours <= BAR_NS),
    row("ddtrace, the same", cost("ddtrace")),
    row("sys.settrace, the same", cost("settrace")),
    row("eval of compiled code, written into the loop", cost("eval")),
    row("times less than ddtrace", cost("ddtrace") / ours, "x", "at least 5", cost("ddtrace") / ours >= 5),
    row("times less than sys.settrace", cost("settrace") / ours, "x"),
    row("times of eval", ours / cost("eval"), "x"),
    row("a function beside the probed one, ratio", beside, "x", within, beside <= 1 + noise),
    row("a function beside ddtrace's, ratio", ns("ddtrace control") / ns("plain control"), "x"),
    row("after removal, ratio", removed, "x", within, removed <= 1 + noise),
  ];
}
