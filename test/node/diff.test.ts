import { describe, expect, it } from "vitest";
import { changedParts, isUntouched } from "../../bindings/node/diff.ts";

describe("what V8 takes for changed", () => {
  const long = "x".repeat(800);
  const CASES: readonly [name: string, before: string, after: string, parts: [number, number][]][] = [
    ["nothing", "a\nb", "a\nb", []],
    ["an insertion, where the letters first differ", "{b}", "{ab}", [[1, 1]]],
    ["an insertion whose letters fit what follows, as far to the right as they fit", "f}", "f}}", [[2, 2]]],
    ["a long line, as a whole", `a\n${long}\nc`, `a\n!${long}\nc`, [[2, 803]]],
    ["a line that becomes long, as a whole", "a\nb\nc", `a\n${long}\nc`, [[2, 4]]],
    [
      "neighbouring lines together",
      `a\nb${"y".repeat(500)}\nc`,
      `a!\nb!${"y".repeat(500)}\nc`,
      [
        [1, 1],
        [3, 3],
      ],
    ],
    ["another number of lines, for anything at all", "a\nb", "a\n\nb", [[0, 3]]],
  ];

  it.each(CASES)("is %s", (_name, before, after, parts) => {
    const found = changedParts(before, after).filter(
      (part, index, all) => all.findIndex((other) => other.join() === part.join()) === index,
    );
    expect(found).toEqual(parts);
  });

  it("touches a place from both sides", () => {
    expect(isUntouched([[3, 5]], 0, 2)).toBe(true);
    expect(isUntouched([[3, 5]], 6, 9)).toBe(true);
    expect(isUntouched([[3, 3]], 2, 3)).toBe(false);
    expect(isUntouched([[3, 5]], 5, 9)).toBe(false);
  });
});
