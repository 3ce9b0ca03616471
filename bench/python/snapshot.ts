// Time that the program's own thread loses to a snapshot with default limits: ours and ddtrace's, of the same values under the same stack.
import { join } from "node:path";
import { lineOf } from "../../demo/service.ts";
import type { Captured } from "../../host/index.ts";
import { median, type Row } from "../measure.ts";
import { Ground } from "./agent.ts";
import { Child, PROGRAMS } from "./child.ts";
import { Intake } from "./ddtrace.ts";

const FILE = join(PROGRAMS, "shop.py");
const ORDER = lineOf(FILE, "# order");
const TEXT = lineOf(FILE, "# text");
/** So that our 10 snapshots a second leave no call without one. All wait alike. */
const PAUSE_MS = 110;

/** `name=value` of every value that is no object. */
function leaves(node: Captured, path: string): string[] {
  if (node.fields === undefined) return [`${path}=${String(node.value)}`];
  return node.fields.flatMap(([name, value]) => leaves(value, `${path}.${name}`));
}

export async function snapshot(bench: string, python: string, quick: boolean): Promise<Row[]> {
  const ground = await Ground.open();
  const intake = await Intake.open();
  const children: Child[] = [];
  try {
    const start = async (name: string, env: Record<string, string>) => {
      const child = new Child(python, "snapshot.py", [name], env);
      children.push(child);
      await child.answer();
      return child;
    };
    const ours = await start("tracepointdebug", ground.env);
    const rival = await start("ddtrace", intake.env({ file: FILE, line: ORDER, snapshot: true }));
    const plain = await start("plain", {});
    await ground.agents(1);
    await ground.put({ id: "order", kind: "tracepoint", file: FILE, line: ORDER });
    await ground.put({ id: "text", kind: "tracepoint", file: FILE, line: TEXT });
    const seen = (id: string) => ground.watch.seen.get(id) ?? [];
    const took = async (child: Child, call: string, times: number, idle = false) =>
      (await child.ask<{ ns: number[] }>({ call, times, pauseMs: PAUSE_MS, idle })).ns;
    // What both have captured, before anything is timed.
    await took(ours, "order", 1);
    await took(rival, "order", 1);
    await ground.watch.until("our snapshot", () => seen("order").length === 1);
    await ground.watch.until("ddtrace's snapshot", () => intake.received.length === 1);
    const [first] = seen("order");
    const captured = first?.snapshot?.variables.flatMap(([name, value]) => leaves(value, name)) ?? [];
    for (const want of ["order.field0=text 0 of 3", "order.last.field1=2", "order.last.last.last=0.5"])
      if (!captured.includes(want)) throw new Error(`our snapshot has no ${want}: ${captured.join(", ")}`);
    // It does not tell the last level but one apart from what lies below it.
    for (const want of ["text 0 of 3", "text 0 of 2"])
      if (!intake.received[0]?.includes(want)) throw new Error(`ddtrace's snapshot has no ${want}`);
    const rounds = quick ? 3 : 10;
    const times = 10;
    const samples = { ours: [] as number[], rival: [] as number[], plain: [] as number[] };
    const idle = { ours: [] as number[], rival: [] as number[] };
    const texts = { short: [] as number[], long: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      samples.ours.push(...(await took(ours, "order", times)));
      samples.rival.push(...(await took(rival, "order", times)));
      samples.plain.push(...(await took(plain, "order", times)));
      idle.ours.push(...(await took(ours, "order", times, true)));
      idle.rival.push(...(await took(rival, "order", times, true)));
      for (const call of ["short", "long"] as const) texts[call].push(...(await took(ours, call, times)));
    }
    const count = rounds * times;
    await ground.watch.until("all our snapshots", () => seen("order").length === 2 * count + 1);
    await ground.watch.until("all snapshots of the text", () => seen("text").length === 2 * count);
    await ground.watch.until("all snapshots of ddtrace", () => intake.received.length === 2 * count + 1);
    const base = median(samples.plain);
    const us = (values: readonly number[]) => (median(values) - base) / 1000;
    const [a, b] = [us(samples.ours), us(samples.rival)];
    const longer = (median(texts.long) - median(texts.short)) / 1000;
    return [
      { bench, what: `snapshot of 3 x 20 fields, ${captured.length} values, 20 frames: ours`, value: a, unit: "µs" },
      { bench, what: "snapshot of the same: ddtrace", value: b, unit: "µs" },
      {
        bench,
        what: "snapshot: times faster than ddtrace",
        value: b / a,
        unit: "x",
        bar: "at least 8",
        holds: b / a >= 8,
      },
      { bench, what: "snapshot in a program that was idle: ours", value: us(idle.ours), unit: "µs" },
      { bench, what: "snapshot in a program that was idle: ddtrace", value: us(idle.rival), unit: "µs" },
      {
        bench,
        what: "snapshot with a text of 64 MiB over one with a short text",
        value: longer,
        unit: "µs",
        bar: "under 50",
        holds: longer < 50,
      },
    ];
  } finally {
    for (const child of children) await child.close();
    await ground.close();
    await intake.close();
  }
}
