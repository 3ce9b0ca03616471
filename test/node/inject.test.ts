// How one script is edited: in how many steps, in which form, and what is said of it. V8 is played by a fake that takes any text.
import { afterEach, describe, expect, it } from "vitest";
import { bySplitting } from "../../bindings/node/differ.ts";
import { LiveScript } from "../../bindings/node/inject.ts";
import { parseScript } from "../../bindings/node/parse.ts";
import type { Match } from "../../bindings/node/scripts.ts";
import { type Seat, takeSeat } from "../../bindings/node/seat.ts";
import type { DebugSession } from "../../bindings/node/session.ts";
import type { EditCount } from "../../bindings/node/steps.ts";
import { CROWDED } from "./sequences.ts";

const seats: Seat[] = [];
afterEach(() => {
  for (const { gate } of seats.splice(0)) gate.close();
});

function open(source: string) {
  const live = new LiveScript("1", parseScript(source, false), bySplitting);
  const v8 = { text: source, status: "ok" };
  const session = {
    edit: (_id: string, text: string) => {
      if (v8.status === "ok") v8.text = text;
      return v8.status;
    },
  } as unknown as DebugSession;
  const count: EditCount = { edits: 0, refused: 0 };
  const match = { path: "f.cjs", source: null, map: null, copies: 1, script: {} } as unknown as Match;
  const hits: [id: string, values: readonly unknown[]][] = [];
  const sit = (line: number, testNames: readonly string[] = [], captureNames: readonly string[] | null = null) => {
    const probeId = `p${seats.length}`;
    const seat = takeSeat(live, match, {
      probeId,
      file: "f.cjs",
      line,
      testNames,
      captureNames,
      handler: {
        test: (value) => testNames.length === 0 || value === 1,
        fire: (_names, values) => void hits.push([probeId, [...values]]),
      },
      onChange: () => {},
    });
    seats.push(seat);
    return seat;
  };
  const change = (adds: readonly Seat[], removes: readonly Seat[], mayGoOn?: () => boolean) =>
    live.change(
      session,
      adds.map(({ mark }) => mark),
      removes.map(({ gate }) => gate.id),
      count,
      mayGoOn,
    );
  const run = (...args: unknown[]) => {
    const exports: { f?: (...values: unknown[]) => unknown } = {};
    new Function("exports", v8.text)(exports);
    return exports.f!(...args);
  };
  return { live, v8, count, hits, sit, change, run };
}

const [braces, oneLine] = CROWDED.map(({ source }) => source);

describe("neighbouring long lines", () => {
  it("are taken out in more than one edit, and the program may run between two", () => {
    const { v8, count, sit, change } = open(braces!);
    const all = [2, 3, 4, 5, 6].map((line) => sit(line));
    change(all, []);
    for (const seat of all) expect(v8.text).toContain(`__tpd${seat.gate.id}.f(`);
    count.edits = 0;
    const first = change([], all, () => false);
    expect(count.edits).toBe(1);
    expect([...first.values()]).toEqual(Array(first.size).fill("ok"));
    expect(first.size).toBeLessThan(all.length);
    const rest = all.filter(({ gate }) => !first.has(gate.id));
    expect([...change([], rest).values()]).toEqual(Array(rest.length).fill("ok"));
    expect(v8.text).toBe(braces);
  });

  it("are asked for once where V8 refuses the function, and stay as they are", () => {
    const { v8, count, sit, change } = open(braces!);
    const all = [2, 3, 4, 5, 6].map((line) => sit(line));
    change(all, []);
    const before = v8.text;
    count.edits = 0;
    v8.status = "generator";
    expect([...change([], all).values()]).toEqual(Array(all.length).fill("generator"));
    expect(count).toMatchObject({ edits: 1, refused: 1 });
    expect(v8.text).toBe(before);
  });
});

describe("probes that share a text, because they would not fit side by side", () => {
  const args = Array.from({ length: 18 }, (_, i) => i + 1);

  it("see their own values, each by its own condition, and stop one by one", () => {
    const { v8, hits, sit, change, run } = open(oneLine!);
    const wide = sit(2);
    const other = sit(2, ["variableb"]);
    const narrow = sit(2, ["variablea"], ["variablec", "variablea"]);
    const never = sit(2, ["variablec"]);
    change([wide, other, narrow, never], []);
    expect(v8.text).toMatch(/\.s\(\[/);
    expect(run(...args)).toBe(1);
    // The conditions of the others are false.
    expect(hits).toEqual([
      ["p0", args],
      ["p2", [3, 1]],
    ]);
    narrow.gate.close();
    run(...args);
    expect(hits.slice(2)).toEqual([["p0", args]]);
    const joined = /__tpd(\d+)\?\.s/.exec(v8.text)![0].slice(0, -3);
    expect(joined in globalThis).toBe(true);
    wide.gate.close();
    other.gate.close();
    never.gate.close();
    expect(joined in globalThis).toBe(false);
    expect(run(...args)).toBe(1);
    expect(hits).toHaveLength(3);
  });

  it("have texts of their own again as soon as these fit", () => {
    const { v8, sit, change } = open(oneLine!);
    const all = [sit(2), sit(2), sit(2)];
    change(all, []);
    expect(v8.text).toMatch(/\.s\(\[/);
    change([], all.slice(1));
    expect(v8.text).not.toMatch(/\.s\(\[/);
    expect(v8.text).toContain(`__tpd${all[0]!.gate.id}.f(`);
    change([], all.slice(0, 1));
    expect(v8.text).toBe(oneLine);
  });
});

describe("a function whose head stands on a line that became too long", () => {
  const names = Array.from({ length: 90 }, (_, i) => `variable${i}`);
  const source = `exports.f = function (${names.join(", ")}) {\n  return [1].map((item) => {\n    return item + variable0;\n  });\n};\n`;

  it("is known as one whose closures an edit may not reach", () => {
    const { live, sit, change } = open(source);
    const inner = sit(3, [], []);
    expect(live.isDetached(inner.mark.start)).toBe(false);
    const outer = sit(2);
    expect(change([outer], []).get(outer.gate.id)).toBe("ok");
    expect(live.isDetached(inner.mark.start)).toBe(true);
    expect(live.isDetached(outer.mark.start)).toBe(false);
  });
});
