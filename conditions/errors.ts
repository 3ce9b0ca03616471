// The errors of the compiler, and the base of every error in the project. Texts say what is wrong, where, and what to do.
import type { Span } from "./ast.ts";
import { renderSnippet } from "./source.ts";

/** Base of all errors. `code` is stable and the same string in every language; `remedy` tells a person what to do next. */
export class ProbeError extends Error {
  override name = "ProbeError";
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}

/** Codes that a compilation can fail with: the compile-time codes, and the run-time ones where they are provable. */
export type CompileCode =
  | "syntax"
  | "unsupported"
  | "wrong_place"
  | "limit"
  | "undeclared"
  | "no_such_overload"
  | "invalid_argument"
  | "conversion"
  | "overflow";

/** A refused expression or template: where in the source, drawn with a caret. */
export class CompileError extends ProbeError {
  override name = "CompileError";
  readonly span: Span;
  /** The source line with a caret line below it, for people. */
  readonly snippet: string;

  constructor(code: CompileCode, message: string, remedy: string, source: string, span: Span) {
    super(code, message, remedy);
    this.span = span;
    this.snippet = renderSnippet(source, span);
  }

  /** The whole message as tools print it: `code: message`, the snippet, the remedy. */
  override toString(): string {
    return `${this.code}: ${this.message}\n${this.snippet}\n${this.remedy}`;
  }
}
