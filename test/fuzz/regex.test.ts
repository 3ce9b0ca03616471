// Patterns in the syntax that RE2 and JavaScript share, against JavaScript's own regex engine. Seeded: SEED and ROUNDS in the
// environment run it elsewhere and for longer.
import { describe, expect, test } from "vitest";
import { both, match, place } from "../engine/patterns.ts";

const SEED = Number(process.env.SEED ?? 20_240_501);
const ROUNDS = Number(process.env.ROUNDS ?? 1000);

let seed = SEED >>> 0;
const below = (bound: number): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * bound);
};
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

// Left out: what the two engines differ in. `\s` beyond ASCII, `.` at U+2028, and `\B`, which JavaScript finds inside of
// surrogate pairs: it goes with characters of the first plane only.
const CHARACTERS = ["a", "b", "c", "x", "1", "_", " ", "-", "é", "ß", "λ", "Σ", "😀", "\\n", "\\.", "\\x41", "K", "s"];
const CLASSES = (
  "[abc] [^abc] [a-z] [^a-z] \\d \\w \\s \\D \\W \\S [\\w-] [^\\n] [à-ü] [α-ω] [^é] [a-cx-z1-3] . [^\\w] [\\d\\s] [😀-😃] " +
  "[\\x00]"
).split(" ");
/** Rare, because they take most of the time. */
const PROPERTIES = ["\\p{L}", "\\p{Lu}", "[^\\p{L}]", "\\P{N}"];
const ASSERTIONS = ["^", "$", "\\b", "\\B"];
const QUANTIFIERS = ["*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "*", "?"];
const TEXT = [
  "a",
  "b",
  "c",
  "x",
  "1",
  "_",
  " ",
  "-",
  "é",
  "ß",
  "λ",
  "Σ",
  "\n",
  ".",
  "A",
  "K",
  "k",
  "s",
  "ü",
  "σ",
  "ς",
  "Z",
];
const ASTRAL = ["😀", "😁", "\u{10400}"];

function atom(depth: number): string {
  const kind = below(20);
  if (kind < 9 || depth <= 0) return pick(CHARACTERS);
  if (kind < 13) return pick(below(60) === 0 ? PROPERTIES : CLASSES);
  if (kind < 15) return pick(ASSERTIONS);
  return `(${below(2) === 0 ? "?:" : ""}${alternatives(depth - 1)})`;
}

function repeated(depth: number): string {
  const part = atom(depth);
  const kind = below(14);
  // JavaScript repeats no assertions, and takes forever for some nested repetitions.
  if (ASSERTIONS.includes(part) || kind > 8 || part.length > 18) return part;
  return `${part}${QUANTIFIERS[kind]}${below(5) === 0 ? "?" : ""}`;
}

function sequence(depth: number): string {
  return Array.from({ length: below(5) }, () => repeated(depth)).join("");
}

function alternatives(depth: number): string {
  let text = sequence(depth);
  while (below(3) === 0) text += `|${sequence(depth)}`;
  return text;
}

function textOf(letters: readonly string[]): string {
  return Array.from({ length: below(below(3) === 0 ? 8 : 20) }, () => pick(letters)).join("");
}

describe(`random patterns (seed ${SEED})`, () => {
  test("match what JavaScript matches, and a cut text is only answered where its rest cannot matter", () => {
    let kept = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const flags = pick(["", "", "i", "s", "m", "im"]);
      const body = alternatives(3);
      const pattern = flags === "" ? body : `(?${flags})${body}`;
      const native = new RegExp(body, `u${flags}`);
      const letters = body.includes("\\B") ? TEXT : [...TEXT, ...ASTRAL];
      const { dfa, nfa } = both(pattern);
      const matchers = [dfa, nfa].filter((matcher) => matcher !== null);
      kept += matchers.length;
      for (const text of ["", ...Array.from({ length: 6 }, () => textOf(letters))]) {
        const says = (what: string) => `${pattern} on ${JSON.stringify(text)}, ${what}`;
        const wanted = native.test(text);
        for (const matcher of matchers) {
          place(text);
          expect(match(matcher), says(matcher.kind)).toBe(String(wanted));
          place(text, true);
          const prefix = match(matcher);
          if (prefix !== "true" && prefix !== "false") continue;
          for (const rest of ["", "a", "b ", "\n", "é", "aaxx\n", "1-1"])
            expect(String(native.test(text + rest)), says(`cut, then ${JSON.stringify(rest)}`)).toBe(prefix);
        }
      }
    }
    // Nearly all of them fit both ways; a pattern with `\p{L}` is too large for a simulation.
    expect(kept).toBeGreaterThan(ROUNDS * 1.7);
  }, 120_000);
});
