// Folding: what it computes, what it leaves alone, and that the answer is the engine's own, over seeded random expressions.

import { describe, expect, test } from "vitest";
import { fold } from "../../conditions/fold.ts";
import { CompileError, compileCondition, parseCondition, printExpr } from "../../conditions/index.ts";
import { evaluate, type Outcome } from "../../host/evaluate.ts";
import { Guest } from "../../host/guest.ts";
import { random } from "../fuzz/random.ts";

const guest = new Guest();

function folded(source: string): string {
  const { expr } = parseCondition(source);
  const [root] = fold([expr]);
  return printExpr(root!);
}

const printed = (source: string): string => printExpr(parseCondition(source).expr);

describe("folding computes", () => {
  test.each([
    ["1 + 2 * 3", "7"],
    ["7 / -2", "-3"],
    ["-7 % 3", "-1"],
    ["-9223372036854775808 % -1", "0"],
    ["3u - 2u", "1u"],
    ["2 + 3u", "5"],
    ["1 + 0.5", "1.5"],
    ["1.0 / 0.0 > 5.0", "true"],
    ["0.0 / 0.0 == 0.0 / 0.0", "false"],
    ["5.0 % 3", "2.0"],
    ["-(5)", "-5"],
    ["!true", "false"],
    ["9223372036854775807 == 9223372036854775808.0", "false"],
    ["9223372036854775807 < 9223372036854775808.0", "false"],
    ["9223372036854775808.0 <= 9223372036854775807", "true"],
    ["9223372036854775806 < 9223372036854775808.0", "true"],
    ["1 == 1u && 1u == 1.0", "true"],
    ["'\\uffff' < '\\U00010000'", "true"],
    ["'a' + 'b' + 'c'", "'abc'"],
    ["b'a' + b'\\xff'", "b'a\\xff'"],
    ["[1] + [2, [3]]", "[1, 2, [3]]"],
    ["1 == 'a'", "false"],
    ["null == false", "false"],
    ["false && a.b", "false"],
    ["a.b && false", "false"],
    ["1 / 0 > 1 || true", "true"],
    ["null ?? 1 ?? a", "1"],
    ["1 ?? a", "1"],
    ["a[1 + 1].exists(x, x > 60 * 60)", "a[2].exists(x, x > 3600)"],
    ["[1 + 1, a][-1 + 1]", "[2, a][0]"],
    ["{'a' + 'b': 1 + 1}", "{'ab': 2}"],
    ["f.contains(2 > 1)", "f.contains(true)"],
  ])("%s", (source, wanted) => {
    expect(folded(source)).toBe(printed(wanted));
  });
});

describe("folding leaves alone", () => {
  test.each([
    // Errors are the engine's to make.
    "1 / 0",
    "1 % 0",
    "9223372036854775807 + 1",
    "-9223372036854775808 / -1",
    "-(-9223372036854775808)",
    "1u - 2u",
    "-(1u)",
    "1 - 9223372036854775810u",
    "47.5 % 5.5",
    "5.0 % 0.0",
    "1 + 'a'",
    "null < 1",
    "true + true",
    "!0",
    "0 ? 1 : 2",
    "true && 1",
    "false || 'a'",
    // What may be no bool must be asked.
    "true && a",
    "a || false",
    "a ? 1 : 2",
    "x ?? 1",
    "null ?? x",
    // Not literals.
    "a + 1",
    "[a] + [1]",
    // A pattern or a zone must be written as a literal; what is accepted may not depend on folding.
    "f.contains('a' + 'b')",
    "f.contains(true ? 'a' : 'b')",
    "('a' + 'b').contains(f)",
  ])("%s", (source) => {
    expect(folded(source)).toBe(printed(source));
  });

  test("a tree in which nothing folds: it comes back as it was", () => {
    const source = "a.b[i] + size(c) > 1 ? {'k': [x, 1]} : m.map(y, y && !z)";
    const exprs = [parseCondition(source).expr];
    expect(fold(exprs)).toBe(exprs);
  });
});

describe("folded code", () => {
  test.each([
    ["x + 1 / 0 > 2 && 1 < 2", "divide_by_zero", "1 / 0"],
    ["(1 < 2 ? x : 1).y.z == 1 + 1", "no_such_field", "(1 < 2 ? x : 1).y"],
    ["[1 + 1, x.a][0 + 1]", "no_such_field", "x.a"],
    ["-(2 - 3) + (x ?? 1)", "no_such_overload", "-(2 - 3) + (x ?? 1)"],
    ["1 + 1 && x", "not_bool", "1 + 1"],
  ])("puts the error of %s where it was written", (expr, code, place) => {
    const options = [true, false].map((fold) => evaluate(guest, { expr }, { x: {} }, { fold }));
    for (const outcome of options) {
      expect(outcome).toMatchObject({ error: code });
      const { at } = outcome as unknown as { at: [number, number] };
      expect(expr.slice(...at)).toBe(place);
    }
  });

  test("is refused of a probe where the unfolded code is", () => {
    for (const source of ["true || nothing()", "false && 1 + 'a' == 2", "true ? x > 1 : -'a' == 1"]) {
      for (const fold of [true, false]) expect(() => compileCondition(source, { fold }), source).toThrow(CompileError);
    }
  });

  test("reads nothing that it does not need", () => {
    expect(compileCondition("1 > 2 && a.b > 1 || c").projection.roots.map(({ key }) => key)).toEqual(["c"]);
    expect(compileCondition("1 > 2 && a.b > 1 || c", { fold: false }).projection.roots).toHaveLength(2);
  });

  test("says of a condition that it is always true", () => {
    expect(compileCondition("1 + 1 == 2").lints).toMatchObject([{ code: "constant" }]);
  });

  test("hides no hint about what was written", () => {
    const codes = (source: string) => compileCondition(source, { target: "python" }).lints.map(({ code }) => code);
    expect(codes("x > 7 / 2")).toEqual(["int_division"]);
    expect(codes("1 == 'a'")).toEqual(["constant"]);
    expect(codes("1 == 'a' || 2 > 1")).toEqual(["constant", "constant"]);
  });

  test("joins halves of a surrogate pair as the guest does", () => {
    const expr = "'\ud83d' + '\ude00'";
    expect(evaluate(guest, { expr }, {})).toMatchObject({ value: { string: "\ufffd\ufffd" } });
    expect(evaluate(guest, { expr }, {}, { fold: false })).toMatchObject({ value: { string: "\ufffd\ufffd" } });
  });
});

const LITERALS = (
  "0 1 2 -1 3 7 9223372036854775807 -9223372036854775808 9007199254740993 4294967296 0u 1u 2u 9223372036854775808u " +
  "18446744073709551615u 0.0 -0.0 1.0 2.5 -3.0 9007199254740992.0 9223372036854775808.0 1e308 5e-324 true false null " +
  "'' 'a' 'ab' '\\uffff' '\\U00010000' 'é' b'' b'a' b'\\xff' [] [1] ['a',2.0] {} {'a':1}"
).split(" ");
const OPERATORS = "+ - * / % == != < <= > >= && || ?? in + - * / % == < && ||".split(" ");
const VARS = { t: true, n: null, i: 3n, s: "ab", d: 0.5, l: [1n, 2n], o: { a: true } };
const NAMES = [...Object.keys(VARS), "o.a", "o.zz", "missing", "l[5]"];
const ROUNDS = 1000;

/** `names`: variables among the literals, so that folded and unfolded parts meet. */
function make(next: (below: number) => number, depth: number, names: boolean): string {
  const pick = (choices: readonly string[]): string => choices[next(choices.length)]!;
  if (depth === 0 || next(8) === 0) return pick(names && next(4) === 0 ? NAMES : LITERALS);
  const part = () => make(next, depth - 1, names);
  switch (next(10)) {
    case 0:
      return `(${part()} ? ${part()} : ${part()})`;
    case 1:
      return `${pick(["!", "-"])}(${part()})`;
    case 2:
      return `[${part()}, ${part()}][${part()}]`;
    case 3:
      return `dyn(${part()})`;
    case 4:
      return `[${part()}].${pick(["exists", "all", "map"])}(x, ${part()} ${pick(OPERATORS)} x)`;
    case 5:
      return pick([
        `cel.bind(x, ${part()}, ${part()} ${pick(OPERATORS)} x)`,
        `(${part()}).${pick(["?a.orValue", "?a.b.orValue"])}(${part()})`,
        `optional.of(${part()}).optMap(x, ${part()} ${pick(OPERATORS)} x)`,
        `[?optional.of(${part()}), ${part()}]`,
        `(${part()} ? optional.of(${part()}) : ${part()}).a`,
        `has((${part()}).a)`,
      ]);
    default:
      return `(${part()} ${pick(OPERATORS)} ${part()})`;
  }
}

/** What must be the same; steps may not be. */
function essence(outcome: Outcome): unknown {
  const { steps, ...rest } = outcome;
  return rest;
}

describe("an expression means the same folded and unfolded", () => {
  test.each([
    ["of literals", false, 1],
    ["of literals and variables", true, 2],
  ] as const)("%s", (_, names, seed) => {
    const next = random(seed);
    const seen = { values: 0, errors: 0, folded: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const expr = make(next, 1 + next(4), names);
      const unfolded = evaluate(guest, { expr }, VARS, { fold: false });
      const outcome = evaluate(guest, { expr }, VARS);
      expect(essence(outcome), expr).toEqual(essence(unfolded));
      if ("error" in outcome) seen.errors++;
      else seen.values++;
      if (folded(expr) !== printed(expr)) seen.folded++;
    }
    expect(Math.min(seen.values, seen.errors, seen.folded)).toBeGreaterThan(ROUNDS / 10);
  });
});
