import { describe, expect, test } from "vitest";
import {
  CompileError,
  compileCondition,
  compileTemplate,
  compileValue,
  type PathNode,
} from "../../conditions/index.ts";

function refusal(compile: (source: string) => unknown, source: string): string {
  try {
    compile(source);
  } catch (error) {
    expect(error).toBeInstanceOf(CompileError);
    return String(error);
  }
  throw new Error(`compiled: ${source}`);
}

describe("a literal format string is refused where it can never work", () => {
  test.each([
    [
      "'%q'.format([x]) == ''",
      "invalid_argument: `%q` is no verb",
      "^~~~",
      "Verbs are %s %d %f %e %x %X %b %o, and %% for a percent sign; a precision is written as in `%.2f`.",
    ],
    ["'%'.format([x]) == ''", "invalid_argument: `%` at the end has no verb", "^~~", null],
    ["'%.3'.format([x]) == ''", "invalid_argument: `%.3` at the end has no verb", "^~~~~", null],
    ["'%.f'.format([x]) == ''", "invalid_argument: `%.f` has no digits after the point", "^~~~~", null],
    ["'%.101f'.format([x]) == ''", "invalid_argument: the precision of `%.101f` is larger than 100", "^~~~~~~~", null],
    [
      "'%d %d'.format([x]) == ''",
      "invalid_argument: there are 2 verb(s) and 1 value(s)",
      "               ^~~",
      "Write a value for each verb.",
    ],
    [
      "'%s %d'.format([x, 'a']) == ''",
      "no_such_overload: `%d` does not take a string",
      "                   ^~~",
      "Write `%s`, which takes any value.",
    ],
    ["'%x'.format([true]) == ''", "no_such_overload: `%x` does not take a bool", "             ^~~~", null],
    ["'%f'.format([null]) == ''", "no_such_overload: `%f` does not take a null", "             ^~~~", null],
  ])("%s", (source, message, carets, remedy) => {
    const lines = refusal(compileCondition, source).split("\n");
    expect(lines.slice(0, 3)).toEqual([message, source, carets]);
    if (remedy !== null) expect(lines[3]).toBe(remedy);
    // Where it may not matter, as under `||`, it is an error when it is reached.
    expect(compileValue(source).wasm.length).toBeGreaterThan(0);
  });

  test.each([
    "'%s %d%%'.format([x, y]) == ''",
    "'%s'.format([x, y]) == ''",
    "'%s'.format(x) == ''",
    "x.format([y]) == ''",
    "'%b %x %.100e %.0f'.format([true, b'a', 1, 2u]) == ''",
    "'é😀%s%%%s'.format([1, 2]) == ''",
  ])("and nothing else is: %s", (source) => {
    expect(compileCondition(source).wasm.length).toBeGreaterThan(0);
  });
});

describe("a kind that its value can never fit is refused", () => {
  test.each([
    ["{{'a':d}}", "no_such_overload: the kind `d` has no meaning for string", "      ^"],
    ["{{x == 1:>8.2f}}", "no_such_overload: the kind `f` has no meaning for bool", "         ^~~~~"],
    ["{{[x]:x}}", "no_such_overload: the kind `x` has no meaning for list", "      ^"],
    ["{{x.trim():b}}", "no_such_overload: the kind `b` has no meaning for string", "           ^"],
  ])("%s", (template, message, carets) => {
    expect(refusal(compileTemplate, template).split("\n")).toEqual([
      message,
      template,
      carets,
      "Use `s` or no kind; `d`, `f` and their like are for numbers.",
    ]);
    // `eval` shows what it would print.
    expect(compileTemplate(template, { strict: false }).wasm.length).toBeGreaterThan(0);
  });

  test.each(["{{x:d}}", "{{1:d}}", "{{'a':x}}", "{{x == 1:b}}", "{{[x]:j}}", "{{x == 1:>8}}"])(
    "and no other: %s",
    (template) => {
      expect(compileTemplate(template).wasm.length).toBeGreaterThan(0);
    },
  );
});

describe("a hole reads as deep as its format shows", () => {
  const want = (template: string): Partial<PathNode> => {
    const { want, depth } = compileTemplate(template).projection.roots[0] as PathNode;
    return { ...(want === undefined ? {} : { want }), ...(depth === undefined ? {} : { depth }) };
  };
  test.each([
    ["{{x}}", { want: "deep", depth: 2 }],
    ["{{x:>8}}", { want: "deep", depth: 2 }],
    ["{{x:j}}", { want: "deep", depth: 2 }],
    ["{{x:j4}}", { want: "deep", depth: 4 }],
    ["{{x:j1}}", { want: "deep", depth: 1 }],
    ["{{x:j0}}", { want: "scalar" }],
    ["{{x:.2f}}", { want: "scalar" }],
    ["{{x:.2f}} {{x:j3}}", { want: "deep", depth: 3 }],
  ])("%s", (template, wanted) => {
    expect(want(template)).toEqual(wanted);
  });
});
