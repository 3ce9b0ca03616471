// What the checker does not refuse of times, numbers and types, because it may work; test/vectors/errors.json has what it refuses.
import { describe, expect, it } from "vitest";
import { CompileError, compileCondition } from "../../conditions/index.ts";

function compiles(source: string): boolean {
  try {
    compileCondition(source);
    return true;
  } catch (error) {
    if (error instanceof CompileError) return false;
    throw error;
  }
}

describe("what may work is left to the hit", () => {
  it.each([
    "timestamp(x) < y",
    "x > duration(y)",
    "x.getHours(y) > 3",
    "timestamp(x.y).getHours(z.zone) == 3",
    "math.ceil(x) == math.abs(y)",
    "math.greatest(x, 1, 2.5) > 3u",
    "math.bitAnd(x, 4) != 0",
    "math.bitAnd(4.0, x) != 0",
    "type(x) == int || type(x) in [double, uint]",
    "type(x) == google.protobuf.Timestamp",
    "list.size() + map.a + type > int",
    "x == google.protobuf.Any",
  ])("%s", (source) => {
    expect(compiles(source)).toBe(true);
  });

  it("reads what may be a variable, and a type only beside `type()`", () => {
    const roots = (source: string): readonly (string | number)[] =>
      compileCondition(source).projection.roots.map(({ key }) => key);
    expect(roots("type(x) == int")).toEqual(["x"]);
    expect(roots("type(x) in [int, y]")).toEqual(["x", "y"]);
    expect(roots("list == type")).toEqual(["list", "type"]);
    expect(roots("type(list) == list")).toEqual(["list"]);
    expect(roots("x == google.protobuf.Duration")).toEqual(["x"]);
    const declared = new Set(["list", "google"]);
    const known = compileCondition("type(list) == list || int == google.protobuf.Duration", { declared });
    expect(known.projection.roots.map(({ key }) => key)).toEqual(["list", "google"]);
  });
});
