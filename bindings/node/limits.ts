// Every limit of placing probes in Node: unit and reason. Those of a hit and of an event are in host/limits.ts.

export const PLACE_LIMITS = Object.freeze({
  /** UTF-16 units of a script that is edited: V8 parses all of it again, and compares it with the old text. */
  editChars: 512 * 1024,
  /** Functions of a script that is edited: the cost grows with their square (400 ms at 4,000). */
  editFunctions: 3000,
  /**
   * Milliseconds of the program's thread that the edits of one turn of the event loop may take, as foreseen from those before; one
   * that would take more is not made. V8 looks through the whole heap at each: 30 to 60 ms in a small program, 1 s in 200 MiB of
   * small objects. A person may allow more or less: TRACEPOINTDEBUG_MAX_EDIT_MS, up to `maxEditMsAllowed`.
   */
  maxEditMs: 300,
  maxEditMsAllowed: 60_000,
  /** Milliseconds a MiB of heap that an edit is thought to take before one was measured: what small objects take. */
  editMsPerMiB: 5,
  /** How many times longer than enabling the debugger an edit takes at most: 5 to 20 times, measured. */
  editPerEnable: 25,
  /** How many times longer both are on Node 23 to 25, where every closure of the script is searched for and compiled first. */
  editByTableRatio: 3.5,
  /** UTF-16 units of a script that is parsed at all: acorn takes about 100 ms a megabyte on the program's thread. */
  parseChars: 4 * 1024 * 1024,
  /** V8 compares neighbouring changed lines letter by letter only below this many UTF-16 units, old or new; see diff.ts. */
  diffChars: 800,
  /** Bytes of one source map that is read. */
  mapBytes: 32 * 1024 * 1024,
  /** Milliseconds that one search may spend on reading source maps; the rest is looked at in the next search. */
  mapSearchMs: 150,
  /** Milliseconds before a refused edit is tried again: at first, and at most (it doubles). */
  retryMs: 1000,
  maxRetryMs: 60_000,
  /** Milliseconds of the program's thread that repeated attempts may take in a minute: half a percent. */
  retryBudgetMs: 300,
  /** Share of time above which the event loop counts as busy, and how often an attempt is put off for it. */
  idleUtilization: 0.7,
  maxPutOff: 3,
  /** Share of one core that all V8 breakpoints together may take. */
  breakpointShare: 0.01,
  /** Milliseconds of credit that breakpoints may save up and use at once. */
  breakpointBurstMs: 20,
  /** Milliseconds of credit with which a breakpoint that was taken out is put back. */
  breakpointResumeMs: 5,
  /** Hits with which the cost of a breakpoint is measured, before it is used. */
  calibrationHits: 12,
  /** Milliseconds between two looks for scripts that are not loaded yet, where the runtime cannot tell: at least, and as a multiple of what a look costs. */
  pollMs: 1000,
  pollCostFactor: 100,
  /** Names in one error. */
  maxDetails: 20,
});

/** The limit of an edit in milliseconds, as a person gives it: a number or a text. Null for what cannot be meant. */
export function editMs(value: unknown): number | null {
  if (typeof value !== "number" && (typeof value !== "string" || value.trim() === "")) return null;
  const ms = Number(value);
  return ms >= 0 && ms <= PLACE_LIMITS.maxEditMsAllowed ? ms : null;
}
