// A small seeded generator of numbers (mulberry32), so that a failure can be repeated.

/** Gives whole numbers from 0 to below a limit. */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Gives fractions from 0 to below 1. */
export function fractions(seed: number): () => number {
  const next = random(seed);
  return () => next(2 ** 32) / 2 ** 32;
}

/** Gives whole numbers of 32 bits, without a sign. */
export function words(seed: number): () => number {
  const next = random(seed);
  return () => next(2 ** 32);
}
