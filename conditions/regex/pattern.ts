// The syntax tree of a pattern, and the error that refuses one. No logic. Groups capture nothing: only whether a pattern matches is asked.
import type { CompileCode } from "../errors.ts";
import type { Ranges } from "./ranges.ts";

/** `all`: one after the other; without parts, the empty text. `any`: one of them. `repeat`: its range is that of the operator. */
export type Pattern =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "assert"; readonly holds: number }
  | { readonly kind: "all"; readonly parts: readonly Pattern[] }
  | { readonly kind: "any"; readonly parts: readonly Pattern[] }
  | {
      readonly kind: "repeat";
      readonly part: Pattern;
      readonly min: number;
      /** Infinity: no upper bound. */
      readonly max: number;
      readonly from: number;
      readonly to: number;
    };

/** Assertions, as bits. */
export const TEXT_START = 1;
export const TEXT_END = 2;
export const LINE_START = 4;
export const LINE_END = 8;
export const WORD_EDGE = 16;
export const NO_WORD_EDGE = 32;

/** The empty text. */
export const EMPTY: Pattern = { kind: "all", parts: [] };

/** A refused pattern: what is wrong, at which UTF-16 offsets of the pattern, and what to write instead. */
export class PatternError extends Error {
  readonly code: CompileCode;
  readonly remedy: string;
  readonly from: number;
  readonly to: number;

  constructor(code: CompileCode, message: string, remedy: string, from: number, to: number) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.from = from;
    this.to = to;
  }
}

/** Refuses a pattern of `length` UTF-16 units as a whole. */
export function refuseLarge(length: number): never {
  throw new PatternError(
    "limit",
    "the pattern is too large",
    "Write smaller repetitions or classes, or split it into several conditions.",
    0,
    length,
  );
}
