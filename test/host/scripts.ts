// Runs a script condition over values, in a sandbox of its own.
import { errorCodeName } from "../../host/codes.ts";
import { ScriptCondition } from "../../host/script.ts";

/** What a run gave: a verdict, or the code and words of a failure. */
export type Ran = boolean | { readonly code: string; readonly message: string; readonly snippet?: string };

export const opened = (source: string) => ScriptCondition.open(source);

/** One run. `vars`: the variables of the frame; one that is missing is undefined. */
export function ran(script: ScriptCondition, vars: Readonly<Record<string, unknown>> = {}): Ran {
  const verdict = script.test(...script.script.names.map((name) => vars[name]));
  if (verdict === 0 || verdict === 1) return verdict === 1;
  const { code, message, snippet } = script.explain();
  // What the hit path acts on and what a person reads must be the same.
  const packed = errorCodeName(-verdict);
  if (packed !== code && code !== "script_threw") throw new Error(`${packed} is explained as ${code}`);
  return { code, message, ...(snippet === undefined ? {} : { snippet }) };
}

/** The result of a script, once. */
export async function result(source: string, vars: Readonly<Record<string, unknown>> = {}): Promise<Ran> {
  const script = await opened(source);
  try {
    return ran(script, vars);
  } finally {
    script.close();
  }
}

/** Waits until a script has a new sandbox. */
export async function renewed(script: ScriptCondition): Promise<void> {
  for (let i = 0; i < 400 && !script.isReady; i++) await new Promise((resolve) => setTimeout(resolve, 10));
}
