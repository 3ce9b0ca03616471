import { expect, test } from "vitest";
import { LIMITS } from "../../conditions/index.ts";
import { runHostile } from "./hostile.ts";

/** More for a longer run: `HOSTILE=100000 FUZZ_SEED=7 npx vitest run test/fuzz/hostile`. */
const EXPRESSIONS = Number(process.env.HOSTILE ?? 1500);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);

test(
  "no expression that compiles runs longer than its budget, whatever the input",
  () => {
    const { overruns, worst, ...outcome } = runHostile(SEED, EXPRESSIONS);
    console.log(`${JSON.stringify(outcome)}\nlongest: ${worst.slice(0, 300)}`);
    expect(overruns).toEqual([]);
    expect(outcome.evaluations).toBeGreaterThan(EXPRESSIONS);
    // The generator is hostile enough to reach the end of the budget.
    expect(outcome.exhausted).toBeGreaterThan(outcome.evaluations / 20);
    expect(outcome.refused.limit ?? 0).toBeGreaterThan(0);
    // A machine that does something else at the same moment is forgiven; the benchmark holds it to 1 ms.
    expect(outcome.worstMs).toBeLessThan(20);
    expect(LIMITS.conditionSteps).toBe(10_000);
  },
  20 * 60_000,
);
