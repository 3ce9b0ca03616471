// Every limit on compiling and evaluating one expression: unit, default and reason. Nothing else sets a number.

import * as abi from "../engine/abi.ts";

export const LIMITS = Object.freeze({
  /** UTF-8 bytes of a condition. Longer ones belong to a script condition. */
  conditionBytes: 4096,
  /** UTF-8 bytes of a template. */
  templateBytes: 16384,
  /** Syntax nodes of one compilation. Also keeps node ids within 11 bits. */
  nodes: 2000,
  /** Nesting of syntax nodes: bounds the recursion of every stage. */
  depth: 64,
  /** Macros inside macros: the cost grows with the product of the list sizes. */
  macroNesting: 3,
  /** Columns that a template hole can be padded to: the output has 4 KiB in all. */
  formatWidth: 1024,
  /** Digits after the point, or characters of a string, that a format can ask for: what JavaScript prints of a double. */
  formatPrecision: 100,
  /** Worst-case cost in steps that a compilation may have. */
  cost: 1_000_000,
  /** Steps of one evaluation of a condition. */
  conditionSteps: 10_000,
  /** Steps of one rendering of a template. */
  templateSteps: 100_000,
  /** Input slots of one projection: 8 KiB of the arena. */
  slots: 512,
  /** Elements copied of one list or map. */
  items: 256,
  /** Fields of an object whose names are listed: 2 ms. Listing cannot be interrupted and takes half a second for a million. */
  listedFields: 10_000,
  /** Entries of a map that are looked at, those with invisible keys included. */
  visitedEntries: 1024,
  /** UTF-8 bytes copied of one string. */
  stringBytes: 4096,
  /** Levels copied below a value that is read whole. */
  valueDepth: 4,
  /** Bytes copied for one hit, all values together. */
  inputBytes: 32_768,
  /** Bytes of the arena: what was copied, and what the evaluation makes of it. */
  arenaBytes: abi.ARENA_END - abi.ARENA_BASE,
  /** Bytes of a rendered template; what is longer ends in "...". */
  outputBytes: abi.OUT_BYTES,
  /** States of the automaton of one pattern. Past them the pattern is simulated. */
  regexStates: 1000,
  /** Bytes of the table of one automaton: leaves room for the rest of its module. */
  regexTableBytes: 49_152,
  /** Instructions of a pattern that is simulated: what one byte of a text can cost. */
  regexInstructions: 256,
  /** Rounds of a repetition in a pattern, and of repetitions inside one another: as in RE2. */
  regexRepeat: 1000,
  /** Groups within groups of a pattern. */
  regexDepth: 250,
  /** Positions of a pattern after its repetitions are written out: bounds the time of the compiler. */
  regexPositions: 10_000,
  /** Bytes of one probe module. */
  moduleBytes: 65_536,
});

export type Limits = typeof LIMITS;

/** What a probe may set for itself. They stand in its module, so every host keeps them. */
export interface ProbeLimits {
  readonly steps: number;
  readonly cost: number;
  readonly arenaBytes: number;
  readonly inputBytes: number;
  readonly items: number;
  readonly stringBytes: number;
  readonly outputBytes: number;
  readonly moduleBytes: number;
}

/** The most that any host can allow. All but the steps of a condition are what a probe has by default. */
export const MAXIMA: ProbeLimits = Object.freeze({
  steps: LIMITS.templateSteps,
  cost: LIMITS.cost,
  arenaBytes: LIMITS.arenaBytes,
  inputBytes: LIMITS.inputBytes,
  items: LIMITS.items,
  stringBytes: LIMITS.stringBytes,
  outputBytes: LIMITS.outputBytes,
  moduleBytes: LIMITS.moduleBytes,
});
