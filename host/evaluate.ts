// Evaluates one expression or template away from any program: what `eval` and the shared vectors run. The same compiler output,
// reader and guest as a live probe; never throws on an expression or a value, an error is an outcome.
import {
  type Compiled,
  CompileError,
  type CompileOptions,
  compileTemplate,
  compileValue,
} from "../conditions/index.ts";
import { type Fault, guarded, rendered, resultOf } from "./answer.ts";
import { GuestError } from "./errors.ts";
import type { Guest, LoadedModule } from "./guest.ts";
import { UNAVAILABLE } from "./placement.ts";
import { fromTagged, type Tagged, toTagged } from "./tagged.ts";

/** What to evaluate. */
export type Source = { readonly expr: string } | { readonly template: string };

/** What came out, and the steps that it took. `truncated`: the text was cut. */
export type Outcome = ({ readonly value: Tagged } | { readonly text: string; readonly truncated?: true } | Fault) & {
  readonly steps: number;
};

/** How to compile: within a container, without folding. */
export type EvaluateOptions = Pick<CompileOptions, "container" | "fold">;

/** Evaluates with natural JavaScript values as variables; a variable that is not there is `undeclared`. */
export function evaluate(
  guest: Guest,
  source: Source,
  values: Readonly<Record<string, unknown>>,
  options: EvaluateOptions = {},
): Outcome {
  const compiled = compile(source, Object.keys(values), options);
  if (!("wasm" in compiled)) return compiled;
  const loaded = guest.load(compiled);
  try {
    return outcome(loaded, values);
  } finally {
    loaded.close();
  }
}

/** What the compiler's refusal is as an outcome. */
export function refusal(error: unknown): Outcome {
  if (!(error instanceof CompileError)) throw error;
  const { code, span, snippet, message, remedy } = error;
  return { error: code, at: [span.from, span.to], snippet, message, remedy, steps: 0 };
}

/** The module, or why there is none. */
function compile(source: Source, names: readonly string[], options: EvaluateOptions): Compiled | Outcome {
  const declared = new Set(names);
  try {
    return "expr" in source
      ? compileValue(source.expr, { ...options, declared })
      : compileTemplate(source.template, { ...options, declared, strict: false });
  } catch (error) {
    return refusal(error);
  }
}

function outcome(loaded: LoadedModule, values: Readonly<Record<string, unknown>>): Outcome {
  const { projection } = loaded.compiled;
  const inputs = projection.roots.map(({ key }) => (Object.hasOwn(values, key) ? values[key] : UNAVAILABLE));
  return { ...run(loaded, inputs), steps: loaded.steps() };
}

function run(loaded: LoadedModule, inputs: readonly unknown[]) {
  if (loaded.compiled.entry !== "template") {
    return guarded(loaded, () => resultOf(loaded, inputs, (memory, slot) => ({ value: toTagged(memory, slot) })));
  }
  const made = guarded(loaded, () => rendered(loaded, inputs));
  if (made.error !== undefined) return made;
  const { value: text, ...cut } = made;
  return { text, ...cut };
}

/** Evaluates with tagged values as variables. Throws ProtocolError for a variable that is no tagged value. */
export function evaluateTagged(
  guest: Guest,
  source: Source,
  vars: Readonly<Record<string, unknown>>,
  options: EvaluateOptions = {},
): Outcome {
  return evaluate(guest, source, naturalValues(vars), options);
}

function naturalValues(vars: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, tagged] of Object.entries(vars)) values[name] = fromTagged(tagged);
  return values;
}

/** Modules that an evaluator keeps. */
const KEPT = 64;

/** Evaluates one after another and keeps the modules of the last expressions: a batch asks few of them of many values. */
export class Evaluator {
  private readonly guest: Guest;
  private readonly kept = new Map<string, LoadedModule>();

  constructor(guest: Guest) {
    this.guest = guest;
  }

  /** As the function of this name. */
  evaluateTagged(source: Source, vars: Readonly<Record<string, unknown>>, options: EvaluateOptions = {}): Outcome {
    const values = naturalValues(vars);
    const names = Object.keys(values).sort();
    const key = JSON.stringify([source, options, names]);
    let loaded = this.kept.get(key);
    if (loaded === undefined) {
      const compiled = compile(source, names, options);
      if (!("wasm" in compiled)) return compiled;
      loaded = this.load(compiled);
    } else this.kept.delete(key);
    this.kept.set(key, loaded); // the last one used is the last one to go
    return outcome(loaded, values);
  }

  /** Makes room where too many are kept, or where their data fill the guest. */
  private load(compiled: Compiled): LoadedModule {
    for (;;) {
      if (this.kept.size < KEPT) {
        try {
          return this.guest.load(compiled);
        } catch (error) {
          if (!(error instanceof GuestError) || this.kept.size === 0) throw error;
        }
      }
      const [oldest, module] = this.kept.entries().next().value as [string, LoadedModule];
      module.close();
      this.kept.delete(oldest);
    }
  }

  /** Gives the guest's memory back. */
  close(): void {
    for (const module of this.kept.values()) module.close();
    this.kept.clear();
  }
}
