import { describe, expect, test } from "vitest";
import { type CompileOptions, compileCondition, compileTemplate } from "../../conditions/index.ts";

/** The lints as `code: the part that they point at`. */
function lints(source: string, options: CompileOptions = {}): string[] {
  const compiled = compileCondition(source, options);
  return compiled.lints.map(({ code, from, to }) => `${code}: ${source.slice(from, to)}`);
}

const python: CompileOptions = { target: "python" };
const known: CompileOptions = { declared: new Set(["x", "items"]) };

describe("a hint", () => {
  test.each<[string, CompileOptions, string[]]>([
    ["x > 1", {}, []],
    ["x + 1", {}, []],
    ["size(x)", {}, ["root_not_bool: size(x)"]],
    ["'a'", {}, ["root_not_bool: 'a'"]],
    ["true", {}, ["constant: true"]],
    ["False", {}, ["constant: False"]],
    ["size(x) == '1'", {}, ["constant: size(x) == '1'"]],
    ["x > 1 && string(x) != 1", {}, ["constant: string(x) != 1"]],
    ["size(x) == 1.0", {}, []],
    ["x == '1' || [x] == x", {}, []],
    ["size(x) == undefined", {}, []],
    ["size(x) == null", {}, ["constant: size(x) == null"]],
    ["x.?a == 1", {}, ["constant: x.?a == 1"]],
    ["x.?a == optional.of(1)", {}, []],
    ["size(x) / 2 > 1", python, ["int_division: size(x) / 2"]],
    ["x / 2 > 1", python, ["int_division: x / 2"]],
    ["x / 2.0 > 1 || x / y > 1 || double(x) / 2 > 1", python, []],
    ["size(x) / 2 > 1", { target: "node" }, []],
    ["items.exists(i, i / 2 == x)", python, ["int_division: i / 2"]],
    ["x > y && z.a == y", known, ["unknown_name: y", "unknown_name: z"]],
    ["items.exists(i, cel.bind(j, i, j > x))", known, []],
    ["optional.of(x).hasValue() && x == None", known, []],
    ["cel.bind(j, z.a, j.b > 1)", known, ["unknown_name: z"]],
  ])("for %s", (source, options, want) => {
    expect(lints(source, options)).toEqual(want);
  });

  test("is given for each hole of a template", () => {
    const { lints: found } = compileTemplate("{{x / 2}} {{size(x)}} {{y}}", { ...python, ...known });
    expect(found.map(({ code, from }) => [code, from])).toEqual([
      ["int_division", 2],
      ["unknown_name", 24],
    ]);
  });
});
