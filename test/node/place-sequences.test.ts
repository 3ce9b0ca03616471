// The sequences of inject-sequences.test.ts with a real V8: probes come and go together, every one that is in is hit, none that is
// out, and in the end the closures that existed all along run the text that they were loaded with.
import { describe, expect, it } from "vitest";
import { runProbed } from "./placing.ts";
import { CROWDED, random } from "./sequences.ts";

const SEQUENCES = 6;
const STEPS = 4;

describe.each(CROWDED)("$name", ({ source, lines, few }) => {
  it(`runs its own text after ${SEQUENCES} random sequences of probes`, async () => {
    const got = await runProbed<string[]>(
      `const m = require("./f.cjs"); const args = Array.from({ length: 24 }, (_, i) => i + 1); const random = ${random};
       const lines = ${JSON.stringify(lines)}; const few = ${JSON.stringify(few)}; const told = [];
       const texts = () => [m.f, m.g].map(String).join(); const text = texts(); const want = await m.f(...args);
       for (let seed = 1; seed <= ${SEQUENCES}; seed++) {
         const next = random(seed); const pick = (below) => Math.floor(next() * below); const inside = []; const outside = [];
         for (let step = 0; step <= ${STEPS}; step++) {
           const isLast = step === ${STEPS};
           const leaving = isLast ? inside.splice(0) : Array.from({ length: Math.min(pick(3), inside.length) }, () => inside.splice(pick(inside.length), 1)[0]);
           const coming = isLast ? [] : Array.from({ length: 1 + pick(3) }, () => lines[pick(lines.length)])
             .map((line) => put("f.cjs", line, few.includes(line) && next() < 0.3 ? { test: ["variablea"], capture: ["variablea"] } : {}));
           await Promise.all(leaving.map((probe) => probe.remove()));
           outside.push(...leaving); inside.push(...await Promise.all(coming));
           const before = [...inside, ...outside].map((probe) => probe.reached);
           const result = await m.f(...args);
           if (result !== want) told.push(seed + ": " + result + " in place of " + want);
           inside.forEach((probe, index) => {
             if (probe.state.engine !== "inject") told.push(seed + ": " + JSON.stringify(probe.state));
             if (probe.reached === before[index]) told.push(seed + ": no hit on line " + probe.state.site.line);
             if (Object.keys(probe.hits.at(-1) ?? {}).length === 0) told.push(seed + ": nothing of line " + probe.state.site.line);
           });
           outside.forEach((probe, index) => { if (probe.reached !== before[inside.length + index]) told.push(seed + ": a hit after removal"); });
         }
         if (texts() !== text) told.push(seed + ": the text is " + texts());
         if (leftovers().length > 0) told.push(seed + ": " + leftovers());
       }
       print(told); await placement.close();`,
      { files: { "f.cjs": source } },
    );
    expect(got.slice(0, 5)).toEqual([]);
  }, 120_000);
});
