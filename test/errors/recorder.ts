// Records every error of ours that is made while something runs, caught or not, with the places in the sources that made it.
import { ProbeError } from "../../conditions/errors.ts";
import { PatternError } from "../../conditions/regex/pattern.ts";

/** The base classes: those whose constructors call that of Error. */
const BASES: readonly object[] = [ProbeError, PatternError];

/** What is made while `run` runs, and `file:line` of each call that led to it. */
export async function recorded(run: () => unknown): Promise<{ errors: ProbeError[]; places: ReadonlySet<string> }> {
  const errors: Error[] = [];
  class Recorded extends Error {
    constructor(message?: string, options?: ErrorOptions) {
      super(message, options);
      errors.push(this);
    }
  }
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  for (const base of BASES) Object.setPrototypeOf(base, Recorded);
  try {
    await run();
  } finally {
    for (const base of BASES) Object.setPrototypeOf(base, Error);
    Error.stackTraceLimit = limit;
  }
  const root = process.cwd().replaceAll("\\", "/");
  const frames = errors.flatMap(({ stack }) => [
    ...(stack ?? "").replaceAll("\\", "/").matchAll(/([^\s()]+):(\d+):\d+\)?$/gm),
  ]);
  const places = frames.flatMap(([, file = "", line]) => {
    const at = file.indexOf(root);
    return at < 0 ? [] : [`${file.slice(at + root.length + 1)}:${line}`];
  });
  return { errors: errors as ProbeError[], places: new Set(places) };
}
