// What people are told about a placement: texts only.
import { PlacementError } from "../../host/index.ts";
import { PLACE_LIMITS } from "./limits.ts";
import type { NoMatch } from "./scripts.ts";
import type { Outcome } from "./steps.ts";

const REASONS: Record<Exclude<Outcome, "ok">, string> = {
  generator: "calls of this function are suspended at an `await` or `yield`, and V8 does not edit it while they are",
  function: "the function is running, and V8 does not edit it while it is",
  module: "it is top-level code of an ES module, which V8 does not edit",
  layout: "the line is very long or holds several functions, and V8 would mistake the edit",
  large: `the script is larger than ${PLACE_LIMITS.editChars / 1024} Ki characters or ${PLACE_LIMITS.editFunctions} functions, and editing it would hold up the program`,
  slow: "V8 looks through the whole heap at each edit, and would hold the program up for longer than an edit may (TRACEPOINTDEBUG_MAX_EDIT_MS allows more)",
  debugger:
    "the program was started with --inspect, and an edit would take out the breakpoints of a person who debugs it",
  gone: "this version of Node cannot edit running code: V8 has given it up",
  vanished: "none of its code is alive any more",
  unsafe: "the functions of the script cannot be made ready for an edit",
  coverage: "the program collects coverage (NODE_V8_COVERAGE), which an edit would spoil",
  syntax: "V8 did not accept the edited text",
  refused: "V8 refused it for a reason we do not know",
};

/** Refusals that end by themselves. */
export function isTransient(outcome: Outcome): boolean {
  return outcome === "generator" || outcome === "function" || outcome === "slow";
}

/** Said while a breakpoint serves. */
export function fallbackNote(outcome: Exclude<Outcome, "ok">, hitMs: number): string {
  const again = isTransient(outcome) ? " The edit is tried again at idle moments." : "";
  const prepared =
    outcome === "generator"
      ? " Prepared mode (TRACEPOINTDEBUG_PREPARED=1) avoids this for async functions and generators."
      : "";
  return `A V8 breakpoint serves, at about ${Math.round(hitMs * 1000)} µs a hit, because ${REASONS[outcome]}.${again}${prepared}`;
}

/** Said of a function that V8 lost sight of when a neighbour on its line was edited. */
export const DETACHED_NOTE =
  "Closures of this function that existed when its line was edited for another probe run without this one.";

/** Said when hits are left out to save time. */
export function limitedNote(hitMs: number): string {
  const rate = Math.max(1, Math.floor((1000 * PLACE_LIMITS.breakpointShare) / hitMs));
  return `Breakpoints may take ${PLACE_LIMITS.breakpointShare * 100} % of a core, about ${rate} hits a second here: the breakpoint is taken out and put back, and hits in between are not seen.`;
}

/** A forced engine that cannot do it. */
export function engineRefused(outcome: Exclude<Outcome, "ok">): PlacementError {
  return new PlacementError(
    "engine_refused",
    `The code cannot be edited now: ${REASONS[outcome]}.`,
    isTransient(outcome)
      ? "Set TRACEPOINTDEBUG_ENGINE to auto, which uses a breakpoint meanwhile, or start the program in prepared mode."
      : "Set TRACEPOINTDEBUG_ENGINE to auto, which uses a breakpoint here.",
  );
}

/** Said while no loaded file matches. */
export function pendingNote(file: string, { near, searched, unread }: NoMatch): string {
  const similar = near.length > 0 ? ` Nearest: ${near.join(", ")}.` : "";
  const rest = unread > 0 ? ` ${unread} source maps are still to be looked at.` : "";
  return `None of the ${searched} loaded scripts matches "${file}"; the probe is installed when one is loaded.${similar}${rest}`;
}

/** Said when V8 has thrown the script away. */
export function vanishedNote(path: string): string {
  return `${path} was loaded, but nothing of its code is alive any more; the probe is installed when it is loaded again.`;
}

/** A variable that cannot be read at the place. */
export function undeclared(names: readonly string[], readable: readonly string[], line: number): PlacementError {
  const quoted = names.map((name) => `"${name}"`).join(", ");
  const verb = names.length === 1 ? "is not a variable that" : "are not variables that";
  return new PlacementError(
    "undeclared",
    `${quoted} ${verb} can be read on line ${line}.`,
    readable.length > 0
      ? "Use one of the names listed, or a line on which the variable is set already and its function uses it."
      : "No variable can be read there: choose a line inside of a function.",
    readable.slice(0, PLACE_LIMITS.maxDetails * 5),
  );
}
