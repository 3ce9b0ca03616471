import { describe, expect, test } from "vitest";
import { CompileError, compileCondition, compileTemplate, compileValue } from "../../conditions/index.ts";

/** Source, and the part of it that the error points at. */
type Case = readonly [source: string, at: string];

const CASES: readonly Case[] = [
  // Special identifiers
  ...[
    "return",
    "exception",
    "duration",
    "hits",
    "thread",
    "threadId",
    "now",
    "method",
    "class",
    "file",
    "line",
    "args",
    "this",
    "traceId",
    "spanId",
  ].map((special): Case => [`x == @${special}`, `@${special}`]),
  ["@args.a == 1", "@args"],
  // Never in the language
  ["Point{x: 1} == y", "Point{x: 1}"],
];

function refusal(compile: (source: string) => unknown, source: string): CompileError {
  try {
    compile(source);
  } catch (error) {
    expect(error, source).toBeInstanceOf(CompileError);
    return error as CompileError;
  }
  throw new Error(`compiled: ${source}`);
}

describe("what is not generated yet is refused at its place", () => {
  test.each(CASES)("%s", (source, at) => {
    const from = source.indexOf(at);
    for (const compile of [compileCondition, compileValue]) {
      const error = refusal(compile, source);
      expect(error.code, error.message).toBe("unsupported");
      expect(source.slice(error.span.from, error.span.to)).toBe(at);
      expect(error.span.from).toBe(from);
      expect(error.remedy).not.toBe("");
      expect(error.snippet).toContain("^");
    }
  });

  test.each(CASES)("in a template: %s", (source, at) => {
    const template = `a {{${source}}} b`;
    const error = refusal(compileTemplate, template);
    expect(error.code).toBe("unsupported");
    expect(error.span.from).toBe(4 + source.indexOf(at));
  });

  test.each(CASES)("even where it would not matter: true || %s", (source, at) => {
    const guarded = `true || (${source})`;
    const error = refusal(compileValue, guarded);
    expect(error.code).toBe("unsupported");
    expect(error.span.from).toBe(9 + source.indexOf(at));
  });
});

describe("a name that only looks like one of these is none", () => {
  test.each([
    "math > 1",
    "strings.quote == 'a'",
    "x.trim == 1",
    "x.exists == true",
    "optional ?? 1 == 1",
    "cel == 1",
    "duration > 5",
    "x.matches == true",
    "type == 'a'",
  ])("%s", (source) => {
    expect(compileValue(source).wasm.length).toBeGreaterThan(0);
  });
});
