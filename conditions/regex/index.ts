// From a pattern in RE2's syntax to the data that the engine matches with: parse, build, determine, minimise, write. Needs no regex
// engine, at compile time or later; the time and the size are bounded for every pattern.
import { LIMITS } from "../limits.ts";
import { type ByteClasses, classify } from "./classes.ts";
import { determine, fullWork, type Work } from "./determine.ts";
import { minimise } from "./minimise.ts";
import { parsePattern } from "./parser.ts";
import { PatternError } from "./pattern.ts";
import { makeProgram, type Program } from "./program.ts";
import { encodeProgram, positionsOf } from "./simulate.ts";
import { encodeAutomaton } from "./tables.ts";

export { fullWork, type Work } from "./determine.ts";
export { PatternError } from "./pattern.ts";

/** A pattern as data of a module: a deterministic automaton, or a program that is simulated. `size`: states or instructions. */
export interface Matcher {
  readonly kind: "dfa" | "nfa";
  readonly table: Uint8Array;
  readonly size: number;
}

/** A pattern on its way: its program, and the bytes that it tells apart. */
export interface Prepared {
  readonly program: Program;
  readonly bytes: ByteClasses;
}

/** Compiles a pattern; `work` is shared by all patterns of a compilation. Throws PatternError: `invalid_argument`, `unsupported` or `limit`. */
export function compilePattern(pattern: string, work: Work = fullWork()): Matcher {
  const prepared = prepare(pattern);
  const matcher = deterministic(prepared, work) ?? simulated(prepared);
  if (matcher !== null) return matcher;
  throw new PatternError(
    "limit",
    `the pattern needs more than ${LIMITS.regexStates.toLocaleString("en")} states`,
    "Write smaller repetitions or classes, or split it into several conditions.",
    0,
    pattern.length,
  );
}

/** What both kinds of matcher are made from. Throws PatternError. */
export function prepare(pattern: string): Prepared {
  const program = makeProgram(parsePattern(pattern), pattern.length);
  return { program, bytes: classify(program) };
}

/** The deterministic automaton, if it is small enough. */
export function deterministic({ program, bytes }: Prepared, work?: Work): Matcher | null {
  const made = determine(program, bytes, work);
  const minimal = made === null ? null : minimise(made);
  if (minimal === null || minimal.states - 2 > LIMITS.regexStates) return null;
  const table = encodeAutomaton(minimal);
  return table === null ? null : { kind: "dfa", table, size: minimal.states - 2 };
}

/** The simulation, if it is small enough. */
export function simulated({ program, bytes }: Prepared): Matcher | null {
  const table = encodeProgram(program, bytes);
  return table === null ? null : { kind: "nfa", table, size: positionsOf(table) };
}
