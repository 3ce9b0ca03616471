// The text of a probe in the program's code. One line; it may stand in an old copy of a function for ever, so it does nothing
// once the probe's function has left the global object, and nothing it does can throw there.
import type { Start } from "./parse.ts";
import type { Readable } from "./scope.ts";

/** `guarded` catches everything; `bare` has no braces, which V8 could mistake for the end of a function on the same line. */
export type TextForm = "guarded" | "bare";

/** Name of the global property of a probe. Numbers are never used again. */
export function gateName(gate: number): string {
  return `__tpd${gate}`;
}

/** The call from the condition of a breakpoint. */
export function conditionCall(gate: number, tests: readonly Readable[], captures: readonly Readable[]): string {
  const thunks = (readables: readonly Readable[]) => readables.map(({ name }) => `()=>${name}`).join();
  return `globalThis.${gateName(gate)}?.i([${thunks(tests)}],[${thunks(captures)}])`;
}

/** An expression whose value is false: values for the test, and all others only when it is true. */
function probeCall(gate: number, tests: readonly Readable[], captures: readonly Readable[]): string {
  const name = gateName(gate);
  return `globalThis.${name}?.(${tests.map(operand).join()})&&${name}.f([${captures.map(operand).join()}])`;
}

/** The text that goes in at a place. */
export function probeText(
  start: Start,
  gate: number,
  tests: readonly Readable[],
  captures: readonly Readable[],
  form: TextForm,
): string {
  const call = probeCall(gate, tests, captures);
  // Only text in front, never behind: V8 would take a brace behind for that of the function around.
  // The comment parts `if` from an `else` that stands right before it.
  if (start.kind === "branch") return `/**/if(${call});else `;
  // Here it keeps the first letter from being one that an expression can end with.
  if (start.kind === "arrow") return `/**/${call}?0:`;
  return form === "guarded" ? `try{${call}}catch{}` : `if(${call});`;
}

/** A variable that may not be initialised is read by our side, which catches. Only ones that closures reach anyway. */
function operand({ name, isGuarded }: Readable): string {
  return isGuarded ? `()=>${name}` : name;
}
