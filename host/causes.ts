// Why a probe is in its state, in words a person can act on: one place for the texts, so that they read alike.
// Makes causes only; decides nothing.
import { type Compiled, CompileError, ProbeError, renderSnippet, type Span, spanOfError } from "../conditions/index.ts";
import { ERR_NODE_MASK, ERR_NODE_SHIFT } from "../engine/abi.ts";
import { PlacementError } from "./errors.ts";
import { HOST_LIMITS } from "./limits.ts";
import type { Cause, ProbeState } from "./protocol.ts";

/** A cause without candidates or snippet. */
export function cause(code: string, message: string, remedy: string): Cause {
  return { code, message, remedy };
}

const STATES: Readonly<Record<ProbeState, Cause>> = {
  received: cause("received", "The agent has the probe and is putting it in place.", "Wait a moment."),
  pending: cause(
    "pending",
    "Nothing that the program has loaded matches the file yet.",
    "Run the program until it loads the file.",
  ),
  installed: cause(
    "waiting",
    "The probe is in place; no hit has fired yet.",
    "Run the program over the line. The counts say what happened to the hits so far.",
  ),
  emitting: cause("emitting", "The probe is in place and has fired.", "Nothing to do."),
  disabled: cause("disabled", "The probe is switched off.", "Enable it to put it back in place."),
  error: cause("internal", "The probe failed.", "Remove it and put it again; report the failure if it stays."),
  expired: cause("time_limit", "The probe reached its expiry time.", "Put it again with a later expiry."),
  removed: cause("removed", "The probe was removed.", "Nothing to do."),
};

/** The cause of a state that needs no words of its own. */
export function stateCause(state: ProbeState): Cause {
  return STATES[state];
}

/** The hit limit ended the probe. */
export function hitLimitCause(hitLimit: number): Cause {
  return cause(
    "hit_limit",
    `The probe fired ${hitLimit} times, its hit limit.`,
    `Put it again, with a hit limit of up to ${HOST_LIMITS.maxHitLimit}.`,
  );
}

/** The condition errs at each hit. */
export function erringCause(last: Cause): Cause {
  return {
    ...last,
    code: "erroring",
    message: `The condition failed ${HOST_LIMITS.consecutiveErrors} times in a row, lastly with ${last.code}: ${last.message}`,
  };
}

/** A guard has switched the probe off. */
export function guardCause(last: Cause): Cause {
  const why =
    last.code === "internal" ? "the guest failed" : `${last.code} errors came ${HOST_LIMITS.budgetErrors} times`;
  return {
    ...last,
    message: `The probe was switched off because ${why}: ${last.message}`,
    remedy: `${last.remedy} Then enable it again, or put it anew.`,
  };
}

/** What each run-time error means and what helps. Codes are those of the language document. */
const RUN_TIME: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  no_such_overload: [
    "The operator or function does not work on values of these types.",
    "Convert a value so that the types fit, for example with int(x), double(x) or string(x).",
  ],
  no_such_field: ["The value has no such field.", "Test with has(x.field) first, or check the spelling."],
  no_such_key: ["The map has no such key.", "Test with 'key' in x first."],
  index: ["The index is outside of the list or text.", "Test with size(x) first."],
  null_deref: ["The value is null or undefined, so nothing can be selected from it.", "Test with x != null first."],
  divide_by_zero: ["Division by zero.", "Test the divisor first."],
  overflow: [
    "The result does not fit into its type.",
    "Compute numbers with double(x); times reach from year 1 to 9999, durations 292 years either way.",
  ],
  invalid_argument: [
    "A function received a value of the right type that it cannot use.",
    "Check the argument: an unknown time zone, an index past the end or a wrong format string, for example.",
  ],
  conversion: ["The text does not convert to the wanted type.", "Test the text first, for example with startsWith."],
  not_bool: ["The expression is not a boolean.", "Compare it with something, for example x != null or x > 0."],
  undeclared: [
    "There is no value of this name here.",
    "Check the spelling; a probe may need a later line, where the variable is initialised.",
  ],
  truncated: ["The answer depends on a part of the value that was not read.", "Ask for less of a large value."],
  budget: ["The evaluation used up its step budget.", "Make the expression cheaper: fewer or shorter lists."],
  memory: ["The evaluation used up its memory.", "Make the expression build less: fewer or shorter texts and lists."],
  redacted: ["The value is redacted and may not be read.", "Use another variable."],
  side_effect: [
    "Reading the value would run the program's code: a getter, a property or a proxy.",
    "Use a plain field instead.",
  ],
  internal: ["The guest failed.", "This is our fault: report it with the expression."],
};

/** Message and remedy of a run-time error. */
export function runTimeWords(code: string): readonly [message: string, remedy: string] {
  return RUN_TIME[code] ?? [`The evaluation failed: ${code}.`, "Check the expression."];
}

/** A run-time error of an expression, `packed` as the guest reports it, drawn with a caret where its node is known. */
export function runTimeCause(code: string, packed: number, compiled: Compiled): Cause {
  const [message, remedy] = runTimeWords(code);
  const made = cause(code, message, remedy);
  if (((packed >>> ERR_NODE_SHIFT) & ERR_NODE_MASK) === 0) return made;
  return { ...made, snippet: renderSnippet(compiled.source, spanOfError(compiled, packed)) };
}

/** Why a script condition gave no answer. `text`: what it threw or answered; of an unreadable value the error code. */
export interface ScriptFailure {
  readonly kind: "time" | "steps" | "stack" | "memory" | "not_bool" | "threw" | "unreadable" | "internal";
  readonly text: string;
}

/** A failed run of a script, drawn with a caret where its place is known. */
export function scriptCause(failure: ScriptFailure, source: string, at: Span | null): Cause {
  const made = scriptFailureCause(failure);
  return at === null ? made : { ...made, snippet: renderSnippet(source, at) };
}

function scriptFailureCause({ kind, text }: ScriptFailure): Cause {
  const cheaper = "Make it cheaper: shorter lists and texts, fewer loops within loops.";
  switch (kind) {
    case "time":
      return cause("budget", `The script ran longer than ${HOST_LIMITS.scriptMs} ms.`, cheaper);
    case "steps":
      return cause("budget", `The script used up its ${HOST_LIMITS.scriptSteps} steps.`, cheaper);
    case "stack":
      return cause("budget", "The script called itself too deeply.", "Use a loop instead.");
    case "memory":
      return cause("memory", "The script used up its memory.", "Make it build less: shorter lists and texts.");
    case "not_bool":
      return cause(
        "not_bool",
        `The script answered ${text}, not true or false.`,
        text === "a promise"
          ? "A script cannot wait for anything: let it answer at once."
          : "Compare it with something, for example x != null or x > 0.",
      );
    case "threw":
      return cause(
        "script_threw",
        `The script threw ${text}`,
        "Test the value first, for example with a?.b or typeof.",
      );
    case "unreadable": {
      const [message, remedy] = RUN_TIME[text] ?? [`A value cannot be read: ${text}.`, "Use another variable."];
      return cause(text, message, remedy);
    }
    case "internal":
      return cause(
        "internal",
        `The interpreter failed. ${text}`.trim(),
        "This is our fault: report it with the script.",
      );
  }
}

/** A probe that does not stand at a line, in a program that has only those. */
export function atLinesOnly(at: string): PlacementError {
  return new PlacementError(
    "lines_only",
    `The probe asks for the ${at} of a function, and Node programs have probes at lines only.`,
    "Put it at a line of the function, without `--at`.",
  );
}

/** So many candidates travel with a cause, and so many UTF-16 units of its message: it is for a person to read. */
const MAX_DETAILS = 200;
const MAX_MESSAGE = 2000;

/** Any thrown value as a cause: ours carry their own words, others are our fault. */
export function failureCause(error: unknown): Cause {
  if (!(error instanceof ProbeError)) {
    return cause("internal", `Unexpected failure: ${describe(error)}`, "This is our fault: report it.");
  }
  const made = cause(error.code, error.message.slice(0, MAX_MESSAGE), error.remedy.slice(0, MAX_MESSAGE));
  if (error instanceof CompileError) return { ...made, snippet: error.snippet };
  if (error instanceof PlacementError && error.details.length > 0) {
    return { ...made, details: error.details.slice(0, MAX_DETAILS) };
  }
  return made;
}

/** What is known of an expression or script: its text, and where it first uses each variable. */
export type Source = Pick<Compiled, "source" | "rootSpans">;

/** A refused placement. A name that cannot be read there is shown in the expression that uses it. */
export function placementCause(error: PlacementError, expressions: readonly (Source | null)[]): Cause {
  const made = failureCause(error);
  if (error.code !== "undeclared") return made;
  const readable = new Set(error.details);
  for (const expression of expressions) {
    for (const [name, span] of expression?.rootSpans ?? []) {
      // A special identifier is no variable of the program.
      if (expression !== null && !readable.has(name) && !name.startsWith("@")) {
        return { ...made, snippet: renderSnippet(expression.source, span) };
      }
    }
  }
  return made;
}

/** A thrown value in one line. Never runs the code of a hostile one. */
export function describe(error: unknown): string {
  try {
    return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, MAX_MESSAGE);
  } catch {
    return "a value that cannot be shown";
  }
}
