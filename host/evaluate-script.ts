// Evaluates a script condition away from any program, for `eval`. The sandbox is loaded when it is first needed.
import { renderSnippet } from "../conditions/index.ts";
import { type Outcome, refusal } from "./evaluate.ts";
import { UNAVAILABLE } from "./placement.ts";

/** Evaluates a script condition (`js: ...`). Never throws on a script or a value: an error is an outcome. */
export async function evaluateScript(source: string, values: Readonly<Record<string, unknown>>): Promise<Outcome> {
  const { ScriptCondition } = await import("./script.ts");
  let loaded: Awaited<ReturnType<typeof ScriptCondition.open>>;
  try {
    loaded = await ScriptCondition.open(source);
  } catch (error) {
    return refusal(error);
  }
  try {
    const inputs = loaded.script.names.map((name) => (Object.hasOwn(values, name) ? values[name] : UNAVAILABLE));
    const verdict = loaded.test(...inputs);
    const { steps } = loaded;
    if (verdict >= 0) return { value: { bool: verdict === 1 }, steps };
    const { code, message, remedy } = loaded.explain();
    const { from, to } = loaded.span() ?? { from: 0, to: source.length };
    return { error: code, at: [from, to], snippet: renderSnippet(source, { from, to }), message, remedy, steps };
  } finally {
    loaded.close();
  }
}

/** Variables of the program that a script uses. Throws CompileError where it is no JavaScript. */
export async function scriptNames(source: string): Promise<readonly string[]> {
  const { readScript } = await import("./script-text.ts");
  return readScript(source).names;
}
