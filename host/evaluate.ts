// Evaluates one expression or template away from any program: what `eval` and the shared vectors run. The same compiler output,
// reader and guest as a live probe; never throws on an expression or a value, an error is an outcome.
import {
  type Compiled,
  CompileError,
  compileTemplate,
  compileValue,
  renderSnippet,
  type Span,
} from "../conditions/index.ts";
import type { Guest, LoadedModule } from "./guest.ts";
import { UNAVAILABLE } from "./placement.ts";
import { BUDGETS } from "./section.ts";
import { fromTagged, type Tagged, toTagged } from "./tagged.ts";

/** What to evaluate. */
export type Source = { readonly expr: string } | { readonly template: string };

/** An error: of the compiler, with its message and remedy, or of the evaluation. */
export interface Failure {
  readonly error: string;
  /** UTF-16 offsets in the source. */
  readonly at: readonly [from: number, to: number];
  /** The source line with a caret line below it. */
  readonly snippet: string;
  readonly message?: string;
  readonly remedy?: string;
}

/** What came out, and the steps that it took. `truncated`: the text was cut. */
export type Outcome = ({ readonly value: Tagged } | { readonly text: string; readonly truncated?: true } | Failure) & {
  readonly steps: number;
};

/** Evaluates with natural JavaScript values as variables; a variable that is not there is `undeclared`. */
export function evaluate(guest: Guest, source: Source, values: Readonly<Record<string, unknown>>): Outcome {
  const text = "expr" in source ? source.expr : source.template;
  const declared = new Set(Object.keys(values));
  let compiled: Compiled;
  try {
    compiled = "expr" in source ? compileValue(text, { declared }) : compileTemplate(text, { declared, strict: false });
  } catch (error) {
    return refusal(error);
  }
  const loaded = guest.load(compiled);
  try {
    const inputs = compiled.projection.roots.map(({ key }) => (Object.hasOwn(values, key) ? values[key] : UNAVAILABLE));
    return { ...run(guest, loaded, inputs), steps: loaded.steps(BUDGETS[compiled.entry]) };
  } finally {
    loaded.close();
  }
}

function refusal(error: unknown): Outcome {
  if (!(error instanceof CompileError)) throw error;
  const { code, span, snippet, message, remedy } = error;
  return { error: code, at: [span.from, span.to], snippet, message, remedy, steps: 0 };
}

function run(guest: Guest, loaded: LoadedModule, inputs: readonly unknown[]) {
  const { source, entry } = loaded.compiled;
  const whole = { from: 0, to: source.length };
  try {
    if (entry === "template") {
      const text = loaded.render(...inputs);
      return loaded.truncated ? { text, truncated: true as const } : { text };
    }
    const slot = loaded.evaluate(...inputs);
    const packed = guest.errorIn(slot);
    return packed === 0
      ? { value: toTagged(guest.memory, slot) }
      : failure(toTagged(guest.memory, slot), source, loaded.spanOf(packed));
  } catch (error) {
    // A trap is our fault, whatever the expression.
    if (error instanceof WebAssembly.RuntimeError) return failure({ error: "internal" }, source, whole);
    throw error;
  }
}

function failure(tagged: Tagged, source: string, span: Span): Failure {
  const { error } = tagged as { error: string };
  return { error, at: [span.from, span.to], snippet: renderSnippet(source, span) };
}

/** Evaluates a script condition (`js: ...`). Throws nothing either. */
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
    const span = loaded.span() ?? { from: 0, to: source.length };
    return { ...failure({ error: code }, source, span), message, remedy, steps };
  } finally {
    loaded.close();
  }
}

/** Variables of the program that a script uses. Throws CompileError where it is no JavaScript. */
export async function scriptNames(source: string): Promise<readonly string[]> {
  const { readScript } = await import("./script-text.ts");
  return readScript(source).names;
}

/** Evaluates with tagged values as variables. Throws ProtocolError for a variable that is no tagged value. */
export function evaluateTagged(guest: Guest, source: Source, vars: Readonly<Record<string, unknown>>): Outcome {
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, tagged] of Object.entries(vars)) values[name] = fromTagged(tagged);
  return evaluate(guest, source, values);
}
