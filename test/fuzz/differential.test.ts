import { expect, test } from "vitest";
import { compareBoth } from "./differential.ts";

/** More for a longer run: `FUZZ_PAIRS=10000000 FUZZ_SEED=7 npx vitest run test/fuzz/differential`. */
const PAIRS = Number(process.env.FUZZ_PAIRS ?? 200_000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);

test(
  `the guest and the reference interpreter agree on ${PAIRS.toLocaleString("en")} pairs of expression and input`,
  () => {
    const { differences, ...tally } = compareBoth(SEED, PAIRS);
    console.log(JSON.stringify(tally));
    expect(differences).toEqual([]);
    expect(tally.pairs).toBeGreaterThanOrEqual(PAIRS);
    // A generator that only makes nonsense would show nothing.
    expect(tally.values / tally.pairs).toBeGreaterThan(0.25);
    expect(tally.exhausted / tally.pairs).toBeLessThan(0.02);
  },
  20 * 60_000,
);
