// What one evaluation gave, as a value or as an error with its words. For callers that are away from any program; nothing of it
// runs on a hit. Never throws, whatever the expression and the values are.
import { type Entry, renderSnippet, type Span } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import { Carrier } from "./carrier.ts";
import { runTimeWords } from "./causes.ts";
import { errorCodeName } from "./codes.ts";
import type { LoadedModule } from "./guest.ts";
import { UNAVAILABLE } from "./placement.ts";
import { toPlain } from "./plain.ts";

/** Why there is no value. */
export interface Fault {
  /** The code, such as `no_such_field`. */
  readonly error: string;
  /** UTF-16 offsets in the source. */
  readonly at: readonly [from: number, to: number];
  readonly message: string;
  /** What a person can do. */
  readonly remedy: string;
  /** The source line with a caret line below it. */
  readonly snippet: string;
}

/** A value. `truncated`: the text or a part of the value was cut. */
export interface Value<T> {
  readonly value: T;
  readonly truncated?: true;
}

type Without<T> = { readonly [name in keyof T]?: undefined };

/** The value, or why there is none: either `value` or `error` is there, so that `error` tells the two apart. */
export type Answer<T> = (Value<T> & Without<Fault>) | (Fault & Without<Value<T>>);

/** What an expression gives, by what it was compiled as. */
export interface Results {
  readonly condition: boolean;
  readonly value: unknown;
  readonly template: string;
}

function faultOf(error: string, source: string, { from, to }: Span): Fault {
  const [message, remedy] = runTimeWords(error);
  return { error, at: [from, to], message, remedy, snippet: renderSnippet(source, { from, to }) };
}

/** Evaluates over variables by name, as `LoadedModule.run` says. */
export function answer<E extends Entry>(
  loaded: LoadedModule<E>,
  variables: Readonly<Record<string, unknown>>,
): Answer<Results[E]> {
  const { projection } = loaded.compiled;
  const inputs = projection.roots.map(({ key }) => variableOf(variables, key as string));
  return guarded(loaded, () => evaluated(loaded, inputs)) as Answer<Results[E]>;
}

/** The value of a variable; a getter is not run, as none is anywhere. */
function variableOf(variables: Readonly<Record<string, unknown>> | null | undefined, name: string): unknown {
  const found =
    variables === null || variables === undefined ? undefined : Object.getOwnPropertyDescriptor(variables, name);
  if (found === undefined) return UNAVAILABLE;
  return "value" in found ? found.value : new Carrier({ kind: "error", code: abi.ERR_SIDE_EFFECT });
}

function evaluated(loaded: LoadedModule, inputs: readonly unknown[]): Answer<unknown> {
  if (loaded.compiled.entry === "template") return rendered(loaded, inputs);
  if (loaded.compiled.entry === "value") return resultOf(loaded, inputs, toPlain);
  const verdict = loaded.test(...inputs);
  return verdict < 0 ? faultAt(loaded, -verdict) : { value: verdict === 1 };
}

/** The text of a template. */
export function rendered(loaded: LoadedModule, inputs: readonly unknown[]): Answer<string> {
  const value = loaded.render(...inputs);
  return loaded.truncated ? { value, truncated: true } : { value };
}

/** The result of a value module as `read` turns it from its slot. */
export function resultOf<T>(
  loaded: LoadedModule,
  inputs: readonly unknown[],
  read: (memory: WebAssembly.Memory, slot: number) => Answer<T>,
): Answer<T> {
  const slot = loaded.evaluate(...inputs);
  const packed = loaded.guest.errorIn(slot);
  return packed === 0 ? read(loaded.guest.memory, slot) : faultAt(loaded, packed);
}

/** A trap is our fault, whatever the expression. */
export function guarded<T>(loaded: LoadedModule, evaluate: () => Answer<T>): Answer<T> {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    const { source } = loaded.compiled;
    return faultOf("internal", source, { from: 0, to: source.length });
  }
}

/** An error of an evaluation, as the guest gave it. */
export function faultAt(loaded: LoadedModule, packed: number): Fault {
  return faultOf(errorCodeName(packed), loaded.compiled.source, loaded.spanOf(packed));
}
