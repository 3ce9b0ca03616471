// The gate: runs every case of the suite three ways through the compiler, the reader and the guest, and compares what fails with
// the list of known failures. Prints nothing.
import { readFileSync } from "node:fs";
import { evaluateTagged, type Outcome } from "../../host/evaluate.ts";
import { Guest } from "../../host/guest.ts";
import type { Tagged } from "../../host/tagged.ts";
import { lift } from "./lift.ts";
import { faultOf, taggedOf } from "./match.ts";
import type { Case } from "./suite.ts";

/** `off` and `on`: constant folding. `lifted`: each literal is a variable. */
export const MODES = ["off", "on", "lifted"] as const;
export type Mode = (typeof MODES)[number];

/** Cases that are known to fail in a runtime, and why. */
export interface KnownFailures {
  readonly runtime: string;
  readonly modes: readonly Mode[];
  readonly reason: string;
  readonly cases: readonly string[];
}

export const KNOWN_FAILURES = "test/vectors/known-failures.json";

/** Whose failures this harness knows. */
export const RUNTIME = "node";

/** The known failures, of one runtime or of all. */
export function loadKnown(runtime: string | null = RUNTIME): readonly KnownFailures[] {
  const all = JSON.parse(readFileSync(KNOWN_FAILURES, "utf8")) as KnownFailures[];
  return runtime === null ? all : all.filter((entry) => entry.runtime === runtime);
}

/** The known failures without those that pass in every mode that their entry names. Other runtimes' stay. */
export function shrink(known: readonly KnownFailures[], results: readonly Judged[]): readonly KnownFailures[] {
  const failing = new Set(
    results.filter(({ fault }) => fault !== null).map((result) => `${result.case.id} ${result.mode}`),
  );
  return known
    .map((entry) => {
      if (entry.runtime !== RUNTIME) return entry;
      const modes = entry.modes.filter((mode) => entry.cases.some((id) => failing.has(`${id} ${mode}`)));
      return { ...entry, modes, cases: entry.cases.filter((id) => modes.some((mode) => failing.has(`${id} ${mode}`))) };
    })
    .filter((entry) => entry.cases.length > 0);
}

/** What came of one case in one mode. `fault`: what is wrong with it, or null. */
export interface Result {
  readonly case: Case;
  readonly mode: Mode;
  readonly fault: string | null;
  /** Of the dearest run of the case in this mode. */
  readonly steps: number;
}

const guest = new Guest();

/** Runs one case in one mode. */
export function runCase(one: Case, mode: Mode): Result {
  const vars = Object.fromEntries(Object.entries(one.bindings).map(([name, value]) => [name, taggedOf(value)]));
  let steps = 0;
  const run = (expr: string, values: Readonly<Record<string, Tagged>>, fold: boolean): string | null => {
    let outcome: Outcome;
    try {
      outcome = evaluateTagged(guest, { expr }, values, { fold, container: one.container });
    } catch (error) {
      // The verifier, the reader and the compiler throw nothing; if one does, the other cases still run.
      return `thrown: ${error}`;
    }
    steps = Math.max(steps, outcome.steps);
    return faultOf(outcome, one.expected);
  };
  if (mode !== "lifted") return { case: one, mode, fault: run(one.expr, vars, mode === "on"), steps };
  let last = "";
  for (const by of ["element", "whole"] as const) {
    let lifted: ReturnType<typeof lift>;
    try {
      lifted = lift(one.expr, by);
    } catch (error) {
      return { case: one, mode, fault: `not parsed: ${error}`, steps };
    }
    if (lifted.expr === last) continue;
    last = lifted.expr;
    const fault = run(lifted.expr, { ...vars, ...lifted.vars }, true);
    if (fault !== null) return { case: one, mode, fault: `${fault}, as ${lifted.expr}`, steps };
  }
  return { case: one, mode, fault: null, steps };
}

/** A result beside what was known. */
export interface Judged extends Result {
  /** Why it was known to fail, or null. */
  readonly known: string | null;
}

/** Runs the cases, all modes or one. */
export function runGate(
  cases: readonly Case[],
  known: readonly KnownFailures[],
  modes: readonly Mode[] = MODES,
): readonly Judged[] {
  return modes.flatMap((mode) => {
    const reasons = new Map(
      known
        .filter((entry) => entry.modes.includes(mode))
        .flatMap((entry) => entry.cases.map((id) => [id, entry.reason])),
    );
    return cases.map((one) => ({ ...runCase(one, mode), known: reasons.get(one.id) ?? null }));
  });
}

/** What makes the gate fail: cases that fail and were not known to, and cases that were known to fail and pass. */
export function violations(results: readonly Judged[]): string[] {
  return results.flatMap(({ case: { id, expr }, mode, fault, known }) => {
    if (fault !== null && known === null) return [`${id} (${mode}): ${fault}\n    ${expr}`];
    if (fault === null && known !== null) return [`${id} (${mode}) passes: take it off the list of known failures`];
    return [];
  });
}
