// Nothing of ours reaches a program at the very end of its stack: it is run again and again with a few bytes more or less left, and
// what it throws must come from itself.
import { describe, expect, it } from "vitest";
import { runProbed } from "./placing.ts";

interface Sweep {
  /** Calls that ended well, and those that ended with an error although the function itself had been entered. */
  readonly fine: number;
  readonly between: number;
  /** The same, where at least so many calls more would have fitted on the stack. */
  readonly early: number;
}

/** `enter` runs first in each function and `leave` last, so that an error between the two is ours. */
const FILE = `exports.statement = (o, n) => {
  o.entered = n;
  o.left = n;
};
exports.branch = (o, n) => {
  o.entered = n;
  if (n)
    o.left = n;
};
exports.other = (o, n) => {
  o.entered = n;
  if (!n) return;
  else o.left = n;
};
exports.arrow = (o, n, _ = (o.entered = n)) =>
  (o.left = n);
`;

/** Calls that are kept back: about a kilobyte of some 984. */
const RESERVE = 12;

const body = (name: string, line: number) => `
  const leaf = require("./p.cjs").${name}; const o = {};
  const down = (depth, pads) => depth === 0 ? leaf(o, ++o.n, undefined, ...pads) : down(depth - 1, pads);
  const sweep = () => {
    o.n = 0; let fine = 0; let between = 0; let early = 0; let low = 0; let high = 60000;
    while (low < high - 1) { const middle = (low + high) >> 1; try { down(middle, []); low = middle; } catch { high = middle; } }
    for (let depth = low - 30; depth <= low + 2; depth++) for (let pad = 0; pad < 20; pad++) {
      try { down(depth, Array(pad)); fine++; } catch { if (o.entered === o.n && o.left !== o.n) { between++; if (depth < low - ${RESERVE}) early++; } }
    }
    return { fine, between, early };
  };
  sweep(); const before = sweep();
  const probe = await put("p.cjs", ${line}, { test: ["n"], when: () => false }); sweep(); const during = sweep();
  print({ before, during, engine: probe.state.engine, reached: probe.reached > 0 }); await placement.close();`;

describe("at the end of the stack", () => {
  it.each([
    ["statement", 3],
    ["branch", 8],
    ["other", 13],
  ] as const)("a probe in front of a %s throws nothing into the program", async (name, line) => {
    const got = await runProbed<{ before: Sweep; during: Sweep }>(body(name, line), { files: { "p.cjs": FILE } });
    expect(got).toMatchObject({ before: { between: 0 }, during: { between: 0 }, engine: "inject", reached: true });
    expect(got.during.fine).toBeGreaterThan(0);
  });

  // No text in front of an expression can catch; what is left of the stack there is less than any call of the program needs.
  it("a probe in front of an arrow function's expression needs no more than one more call would", async () => {
    const got = await runProbed<{ before: Sweep; during: Sweep }>(body("arrow", 16), { files: { "p.cjs": FILE } });
    expect(got).toMatchObject({ before: { between: 0 }, during: { early: 0 }, engine: "inject", reached: true });
    expect(got.during.fine).toBeGreaterThan(0);
  });
});
