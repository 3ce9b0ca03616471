// The text of a probe in the program's code. One line; it may stand in an old copy of a function for ever, so it does nothing
// once the probe's function has left the global object, and nothing it does can throw there.
import type { Start } from "./parse.ts";
import type { Readable } from "./scope.ts";

/** `guarded` catches everything; `bare` has no braces, which V8 could mistake for the end of a function on the same line. */
export type TextForm = "guarded" | "bare";

/** What goes in front of a place, and behind what stands there. */
export interface ProbeText {
  readonly front: string;
  readonly behind: string;
}

/** Name of the global property of a probe. Numbers are never used again. */
export function gateName(gate: number): string {
  return `__tpd${gate}`;
}

/** The call from the condition of a breakpoint. */
export function conditionCall(gate: number, tests: readonly Readable[], captures: readonly Readable[]): string {
  const thunks = (readables: readonly Readable[]) => readables.map((readable) => `()=>${textOf(readable)}`).join();
  return `globalThis.${gateName(gate)}?.i([${thunks(tests)}],[${thunks(captures)}])`;
}

/** An expression whose value is false: values for the test, and all others only when it is true. */
export function probeCall(gate: number, tests: readonly Readable[], captures: readonly Readable[]): string {
  const name = gateName(gate);
  return `globalThis.${name}?.(${operands(tests)})&&${name}.f([${operands(captures)}])`;
}

/** The same for several probes of one place: all values at once, so that each name stands there once only. */
export function joinedCall(gate: number, readables: readonly Readable[]): string {
  return `globalThis.${gateName(gate)}?.s([${operands(readables)}])`;
}

/** The text around a call that goes in at a place. */
export function probeText({ kind }: Start, call: string, form: TextForm): ProbeText {
  // No statement can stand in front of the body of an arrow function, and V8 would take a brace behind it for that of a function
  // around it. The comment keeps the first letter from being one that an expression can end with.
  if (kind === "arrow") return { front: `/**/${call}?0:`, behind: "" };
  if (form === "guarded") {
    const guarded = `try{${call}}catch{}`;
    return kind === "branch" ? { front: `{${guarded}`, behind: "}" } : { front: guarded, behind: "" };
  }
  // The comment parts `if` from an `else` that stands right before it.
  return { front: kind === "branch" ? `/**/if(${call});else ` : `if(${call});`, behind: "" };
}

/** A variable that may not be initialised is read by our side, which catches. Only ones that closures reach anyway. */
function operands(readables: readonly Readable[]): string {
  return readables.map((readable) => (readable.isGuarded ? `()=>${textOf(readable)}` : textOf(readable))).join();
}

const textOf = ({ name, text }: Readable): string => text ?? name;
