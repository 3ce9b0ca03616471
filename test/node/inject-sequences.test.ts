// Many probes on the same and on neighbouring lines, put in and taken out in any order: the text of the script must come back,
// and none of them may push another one to the inspector. V8 is played by a fake that takes any text that parses, or refuses;
// place-sequences.test.ts does the same in real programs.
import { afterEach, describe, expect, it } from "vitest";
import { bySplitting, byTable, type Differ } from "../../bindings/node/differ.ts";
import { LiveScript } from "../../bindings/node/inject.ts";
import { parseScript } from "../../bindings/node/parse.ts";
import type { Match } from "../../bindings/node/scripts.ts";
import { type Seat, takeSeat } from "../../bindings/node/seat.ts";
import type { DebugSession } from "../../bindings/node/session.ts";
import type { Outcome } from "../../bindings/node/steps.ts";
import { CROWDED, type Crowded, random } from "./sequences.ts";

const SEQUENCES = 125;
const STEPS = 12;

const open = new Set<Seat>();
function closeAll(): void {
  for (const { gate } of open) gate.close();
  open.clear();
}
afterEach(closeAll);

const gates = () => Object.getOwnPropertyNames(globalThis).filter((name) => /^__tpd\d/.test(name));

class FakeV8 {
  text: string;
  /** What is answered to the next edits. */
  status: Outcome = "ok";

  constructor(text: string) {
    this.text = text;
  }

  readonly session = {
    edit: (_id: string, text: string) => {
      if (this.status !== "ok") return this.status;
      parseScript(text, false);
      this.text = text;
      return "ok";
    },
  } as unknown as DebugSession;
}

function sit(live: LiveScript, line: number, few: boolean): Seat {
  const match = { path: "f.cjs", source: null, map: null, copies: 1, script: {} } as unknown as Match;
  const seat = takeSeat(live, match, {
    probeId: "p",
    file: "f.cjs",
    line,
    testNames: few ? ["variablea"] : [],
    captureNames: few ? ["variablea"] : null,
    handler: { test: () => true, fire: () => {} },
    onChange: () => {},
  });
  open.add(seat);
  return seat;
}

const count = { edits: 0, refused: 0 };

/** One sequence; answers what went wrong. */
function play({ source, lines, few }: Crowded, differ: Differ, seed: number): string[] {
  const told: string[] = [];
  const next = random(seed);
  const pick = (below: number) => Math.floor(next() * below);
  const v8 = new FakeV8(source);
  const live = new LiveScript("1", parseScript(source, false), differ);
  const inside: Seat[] = [];
  const leaving: Seat[] = [];
  const batch = (adds: readonly Seat[], removes: readonly Seat[]) => {
    const marks = adds.map(({ mark }) => mark);
    for (const { gate } of removes) gate.close();
    const outcomes = live.change(
      v8.session,
      marks,
      removes.map(({ gate }) => gate.id),
      count,
    );
    for (const seat of adds) {
      const outcome = outcomes.get(seat.gate.id);
      if (outcome === "ok") inside.push(seat);
      else if (outcome !== v8.status) told.push(`seed ${seed}: line ${seat.site.line} ${outcome}`);
      else seat.gate.close();
    }
    for (const seat of removes) {
      if (outcomes.get(seat.gate.id) === "ok") leaving.splice(leaving.indexOf(seat), 1);
      else if (v8.status === "ok") told.push(`seed ${seed}: line ${seat.site.line} stays`);
    }
  };
  for (let step = 0; step < STEPS; step++) {
    v8.status = next() < 0.2 ? "generator" : "ok";
    const adds = Array.from({ length: pick(4) }, () => {
      const line = lines[pick(lines.length)]!;
      return sit(live, line, few.includes(line) && next() < 0.3);
    });
    for (let n = pick(3); n > 0 && inside.length > 0; n--) leaving.push(...inside.splice(pick(inside.length), 1));
    batch(adds, [...leaving]);
  }
  v8.status = "ok";
  leaving.push(...inside.splice(0));
  if (next() < 0.5) batch([], [...leaving]);
  while (leaving.length > 0 && told.length === 0) batch([], [leaving[pick(leaving.length)]!]);
  if (v8.text !== source) told.push(`seed ${seed}: the text is not as it was`);
  closeAll();
  // What joins the gates of several probes goes with the last of them.
  const left = gates();
  if (left.length > 0) told.push(`seed ${seed}: ${left} are left`);
  return told;
}

const VERSIONS: readonly (readonly [version: string, differ: Differ])[] = [
  ["Node 18", byTable],
  ["Node 20 and later", bySplitting],
];

describe.each(CROWDED)("$name", (crowded) => {
  const { source, lines } = crowded;

  it.each(lines)("takes a snapshot on line %i", (line) => {
    for (const [, differ] of VERSIONS) {
      const live = new LiveScript("1", parseScript(source, false), differ);
      const { mark, site } = sit(live, line, false);
      expect(site.line).toBe(line);
      expect(live.change(new FakeV8(source).session, [mark], [], count).get(mark.gate.id)).toBe("ok");
    }
  });

  it.each(VERSIONS)(
    `is as it was after ${SEQUENCES} random sequences on %s, in which no probe stood in the way of another`,
    (_version, differ) => {
      const told: string[] = [];
      for (let seed = 1; seed <= SEQUENCES; seed++) told.push(...play(crowded, differ, seed));
      expect(told.slice(0, 10)).toEqual([]);
    },
    60_000,
  );
});
