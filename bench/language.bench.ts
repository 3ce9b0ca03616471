// Twelve more conditions over plain objects, reader guards on, against the CEL libraries of npm that pass most of CEL's suite. Ours
// must be twice as fast as whichever of them is the fastest on each.
import { parse as bufbuildParse, type CelInput, celEnv, plan } from "@bufbuild/cel";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { parse as celParse } from "@marcbachmann/cel-js";
import { compileCondition } from "../conditions/index.ts";
import { Guest } from "../host/guest.ts";
import { LANGUAGE_CASES } from "./conditions.ts";
import { type BenchOptions, type Contestant, type Row, race } from "./measure.ts";

type LanguageCase = (typeof LANGUAGE_CASES)[number];

const isTrue = (value: unknown) => value === true || value === 1;

function asMaps(value: unknown): CelInput {
  if (value instanceof Date) return timestampFromDate(value);
  if (Array.isArray(value)) return value.map(asMaps);
  if (typeof value !== "object" || value === null) return value as CelInput;
  return new Map(Object.entries(value).map(([key, field]) => [key, asMaps(field)]));
}

/** Ourselves and the peers; each is checked to give the expected answer before anything is timed. A peer that cannot is left out. */
function contestants(test: LanguageCase, guest: Guest): Contestant[] {
  const module = guest.load(compileCondition(test.source));
  const [a, b] = module.compiled.projection.roots.map((root) => test.vars[root.key as string]);
  const bodies: [string, () => unknown][] = [["ours", () => module.test(a, b)]];
  const peers: [string, () => () => unknown][] = [
    [
      "@marcbachmann/cel-js",
      () => {
        const run = celParse(test.source);
        return () => run(test.vars as Record<string, never>);
      },
    ],
    [
      "@bufbuild/cel",
      () => {
        const run = plan(celEnv(), bufbuildParse(test.source));
        // It reads no plain objects: what it reads is made once, before the clock runs.
        const values = Object.fromEntries(Object.entries(test.vars).map(([name, value]) => [name, asMaps(value)]));
        return () => run(values);
      },
    ],
  ];
  for (const [name, make] of peers) {
    try {
      const body = make();
      if (isTrue(body()) === test.expected) bodies.push([name, body]);
      else throw new Error("another answer");
    } catch (error) {
      process.stderr.write(
        `language: ${name} cannot run (${test.name}): ${error instanceof Error ? error.message : error}\n`,
      );
    }
  }
  if (isTrue(bodies[0]?.[1]()) !== test.expected) throw new Error(`ours is wrong on ${test.source}`);
  return bodies.map(([name, body]) => ({
    name,
    run: (n) => {
      let hits = 0;
      for (let i = 0; i < n; i++) if (isTrue(body())) hits++;
      return hits;
    },
  }));
}

export async function language({ quick }: BenchOptions): Promise<Row[]> {
  const guest = new Guest();
  const rows: Row[] = [];
  for (const test of LANGUAGE_CASES) {
    const [ours, ...peers] = race(contestants(test, guest), quick ? 50 : 150, quick ? 3 : 10);
    if (ours === undefined) throw new Error("nothing was timed");
    for (const { name, ns } of [ours, ...peers])
      rows.push({ bench: "language", what: `${test.name}: ${name}`, value: ns, unit: "ns" });
    if (peers.length === 0) continue;
    const fastest = peers.reduce((best, peer) => (peer.ns < best.ns ? peer : best));
    const value = fastest.ns / ours.ns;
    rows.push({
      bench: "language",
      what: `${test.name}: times faster than ${fastest.name}`,
      value,
      unit: "x",
      bar: "at least 2",
      holds: value >= 2,
    });
  }
  return rows;
}
