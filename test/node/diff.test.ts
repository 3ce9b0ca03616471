import { describe, expect, it } from "vitest";
import { changesOf, isUntouched, translate } from "../../bindings/node/diff.ts";
import { bySplitting, byTable, type Change } from "../../bindings/node/differ.ts";

const long = "x".repeat(800);
const change = ([from, to, newFrom, newTo]: readonly number[]): Change => ({
  from: from!,
  to: to!,
  newFrom: newFrom!,
  newTo: newTo!,
});

describe.each([
  ["Node 18", byTable],
  ["Node 20 and later", bySplitting],
] as const)("what V8 of %s takes for changed", (_version, differ) => {
  const CASES: readonly [name: string, before: string, after: string, changes: number[][]][] = [
    ["nothing", "a\nb", "a\nb", []],
    ["an insertion, where the letters first differ", "{b}", "{ab}", [[1, 1, 1, 2]]],
    ["a long line, as a whole", `a\n${long}\nc`, `a\n!${long}\nc`, [[2, 803, 2, 804]]],
    ["a line that becomes long, as a whole", "a\nb\nc", `a\n${long}\nc`, [[2, 4, 2, 803]]],
    [
      "neighbouring lines together",
      `a\nb${"y".repeat(500)}\nc`,
      `a!\nb!${"y".repeat(500)}\nc`,
      [
        [1, 1, 1, 2],
        [3, 3, 4, 5],
      ],
    ],
    ["another number of lines", "a\nb\nc", "a\nx\nb\nc", [[2, 2, 2, 4]]],
  ];

  it.each(CASES)("is %s", (_name, before, after, changes) => {
    expect(changesOf(before, after, differ)).toEqual(changes.map(change));
  });
});

describe("the versions of V8", () => {
  const compare = (before: number[], after: number[]) =>
    [byTable, bySplitting].map((differ) => differ(before, after).map(({ from, to }) => [from, to]));

  it("do not all see that a line between two others is equal", () => {
    const [table, splitting] = compare([10, 1, 20, 2, 3, 30, 4, 40], [11, 1, 21, 2, 3, 31, 4, 41]);
    expect(table).toEqual(["0,1", "2,3", "5,6", "7,8"].map((pair) => pair.split(",").map(Number)));
    expect(splitting).toEqual(["0,1", "2,3", "5,8"].map((pair) => pair.split(",").map(Number)));
  });

  it("give up on a table that is too large, and take everything for changed", () => {
    const [before, after] = [1, 2].map((first) => Array.from({ length: 2100 }, (_, i) => (i % 3 === 0 ? -first : i)));
    expect(byTable(before!, after!)).toHaveLength(1);
    expect(bySplitting(before!, after!).length).toBeGreaterThan(1);
  });
});

describe("a place", () => {
  it("is touched from both sides", () => {
    const parts = [change([3, 5, 3, 3])];
    expect(isUntouched(parts, 0, 2)).toBe(true);
    expect(isUntouched(parts, 6, 9)).toBe(true);
    expect(isUntouched([change([3, 3, 3, 4])], 2, 3)).toBe(false);
    expect(isUntouched(parts, 5, 9)).toBe(false);
  });

  it("moves with what changes in front of it", () => {
    const parts = [change([3, 5, 3, 3]), change([8, 8, 6, 10])];
    expect([2, 6, 9].map((offset) => translate(parts, offset))).toEqual([2, 4, 11]);
  });
});
