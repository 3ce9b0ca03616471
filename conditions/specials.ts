// The special identifiers of the language: what each is called, its type where that is certain, and where it has a meaning.
import type { StaticType } from "./catalogue/index.ts";

/** Where a probe stands: at a line, or at the exit of a method. */
export type Place = "line" | "exit";

interface Special {
  readonly type: StaticType;
  /** Has a meaning only at the exit of a method. */
  readonly exitOnly?: true;
}

/** By name, without the `@`. */
const SPECIALS: ReadonlyMap<string, Special> = new Map<string, Special>([
  ["return", { type: "dyn", exitOnly: true }],
  ["exception", { type: "dyn", exitOnly: true }],
  ["duration", { type: "duration", exitOnly: true }],
  ["hits", { type: "int" }],
  ["thread", { type: "string" }],
  ["threadId", { type: "dyn" }],
  ["now", { type: "timestamp" }],
  ["method", { type: "string" }],
  ["class", { type: "string" }],
  ["file", { type: "string" }],
  ["line", { type: "int" }],
  ["args", { type: "dyn" }],
  ["this", { type: "dyn" }],
  ["traceId", { type: "dyn" }],
  ["spanId", { type: "dyn" }],
]);

/** A special identifier, or undefined for a name that is none. */
export function specialOf(name: string): Special | undefined {
  return SPECIALS.get(name);
}

/** All of them as they are written, for messages. */
export const SPECIAL_NAMES: readonly string[] = [...SPECIALS.keys()].map((name) => `@${name}`);

/** The variable that a binding is asked for. `@this` is `this`, which a person may write as well. */
export function variableOf(name: string): string {
  return name === "this" ? "this" : `@${name}`;
}
