// Programs whose lines are crowded, and numbers for choosing among them at random, the same for the same seed.

/** A file of CommonJS with `f`, and the lines in its functions on which a probe may stand. */
export interface Crowded {
  readonly name: string;
  readonly source: string;
  readonly lines: readonly number[];
  /** Lines on which `variablea` can be read. */
  readonly few: readonly number[];
}

/** So many names that a snapshot of all of them takes some 300 characters. */
const PARAMS = Array.from({ length: 24 }, (_, i) => `variable${String.fromCharCode(97 + i)}`).join(", ");
/** Fewer, for a function that has them on its only line. */
const FEW_PARAMS = PARAMS.split(", ").slice(0, 18).join(", ");

export const CROWDED: readonly Crowded[] = [
  {
    name: "statements on the lines of both braces",
    source: `exports.f =
  function (${PARAMS}) { let r = 0;
  r += variablea;
  r += variableb;
  r += variablec;
  return r; };
`,
    lines: [2, 3, 4, 5, 6],
    few: [2, 3, 4, 5, 6],
  },
  {
    name: "a function on one line",
    source: `exports.f =
  (${FEW_PARAMS}) => { return variablea; };
`,
    lines: [2],
    few: [2],
  },
  {
    name: "functions inside of it",
    source: `exports.f = function (${PARAMS}) { let r = 0;
  [1, 2].forEach((item) => { r += item;
    r += variablea;
    if (r) r += variableb;
    else r -= variablec; });
  r += [3].map((item) => item + variabled)[0];
  return r + exports.g(variablea, variableb); };
exports.g =
  (${FEW_PARAMS}) => variablea + variableb;
`,
    lines: [2, 3, 4, 6, 7, 9],
    few: [2, 3, 4, 6, 7, 9],
  },
  {
    name: "an async function that is created and called at once",
    source: `exports.f = function (${PARAMS}) { let r = 0;
  r += 1;
  return (async () => { r += variablea;
    await null;
    r += variableb;
    return r; })(); };
`,
    lines: [2, 3, 4, 5, 6],
    few: [2, 3, 4, 5, 6],
  },
];

/** Numbers from 0 to 1. */
export function random(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}
