import { describe, expect, it } from "vitest";
import { createPlacement } from "../../bindings/node/place.ts";
import { runProbed } from "./placing.ts";

const FILES = {
  "a/src/cart.cjs": "exports.f = (price, rate) => {\n  const total = price * rate;\n  return total;\n};\n// the end\n",
  "b/src/cart.cjs": "exports.f = (x) => {\n  return x;\n};\n",
  "with.cjs": "exports.f = function (o) {\n  with (o) {\n    return a;\n  }\n};\n",
  "hidden.cjs": "exports.f = (globalThis) => {\n  return globalThis;\n};\n",
  "bad.cjs": "exports.f = () => 1;\n",
};

interface State {
  readonly kind: string;
  readonly code?: string;
  readonly message?: string;
  readonly remedy?: string;
  readonly details?: string[];
  readonly note?: string;
}

const CASES: readonly [name: string, file: string, line: number, test: string[], want: State][] = [
  [
    "an unknown variable, with those that can be read",
    "a/src/cart.cjs",
    3,
    ["totl", "price"],
    {
      kind: "failed",
      code: "undeclared",
      message: '"totl" is not a variable that can be read on line 3.',
      details: ["price", "rate", "total"],
    },
  ],
  [
    "a variable that is declared further down",
    "a/src/cart.cjs",
    2,
    ["total"],
    { kind: "failed", code: "undeclared", details: ["price", "rate"] },
  ],
  ["`arguments`, which is no variable", "with.cjs", 2, ["arguments"], { kind: "failed", code: "undeclared" }],
  ["a global object", "a/src/cart.cjs", 3, ["process"], { kind: "failed", code: "undeclared" }],
  ["a line past the end", "a/src/cart.cjs", 99, [], { kind: "failed", code: "line_out_of_range" }],
  ["a line after the last statement", "a/src/cart.cjs", 5, [], { kind: "failed", code: "line_out_of_range" }],
  ["line 0", "a/src/cart.cjs", 0, [], { kind: "failed", code: "line_out_of_range" }],
  ["half a line", "a/src/cart.cjs", 1.5, [], { kind: "failed", code: "line_out_of_range" }],
  ["an ambiguous file", "src/cart.cjs", 2, [], { kind: "failed", code: "ambiguous_file" }],
  ["a `with` block", "with.cjs", 3, [], { kind: "failed", code: "unsupported_place" }],
  ["a hidden global object", "hidden.cjs", 2, [], { kind: "failed", code: "unsupported_place" }],
  ["a file that is not loaded", "nowhere/cart.cjs", 2, [], { kind: "pending" }],
  ["part of a name", "art.cjs", 2, [], { kind: "pending" }],
];

describe("a probe that cannot be placed", () => {
  let states: Promise<State[]> | null = null;
  const all = () =>
    runProbed<State[]>(
      `for (const file of ${JSON.stringify(Object.keys(FILES))}) require("./" + file);
       const states = [];
       for (const [, file, line, test] of ${JSON.stringify(CASES)}) states.push((await put(file, line, { test })).state);
       print([...states, { kind: String(leftovers().length) }]);
       await placement.close();`,
      { files: FILES },
    );

  for (const [index, [name, , , , want]] of CASES.entries()) {
    it(`is answered for ${name}`, async () => {
      states ??= all();
      const state = (await states)[index]!;
      expect(state).toMatchObject(want);
      if (state.kind === "failed") expect(state.remedy).toMatch(/\.$/);
    });
  }

  it("lists the files that a path may mean", async () => {
    states ??= all();
    const { details } = (await states)[8]!;
    expect(details!.map((path) => path.split("/").slice(-3).join("/"))).toEqual(["a/src/cart.cjs", "b/src/cart.cjs"]);
  });

  it("tells which loaded files have a similar name while it waits", async () => {
    states ??= all();
    expect((await states)[11]!.note).toMatch(/"nowhere\/cart\.cjs".*Nearest: .*a\/src\/cart\.cjs/);
  });

  it("leaves nothing on the global object", async () => {
    states ??= all();
    expect((await states).at(-1)!.kind).toBe("0");
  });

  it("finds a file by its whole path, by a suffix and by a URL", async () => {
    const kinds = await runProbed<string[]>(
      `for (const file of ["a/src/cart.cjs", "b/src/cart.cjs"]) require("./" + file);
       const path = require.resolve("./a/src/cart.cjs");
       const kinds = [];
       for (const file of [path, require("node:url").pathToFileURL(path).href, "./a/src/cart.cjs", "b\\\\src\\\\cart.cjs"]) kinds.push((await put(file, 2)).state.kind);
       print(kinds); await placement.close();`,
      { files: FILES },
    );
    expect(kinds).toEqual(["installed", "installed", "installed", "installed"]);
  });

  it("names the engines there are when asked for another", () => {
    expect(() => createPlacement({ engine: "magic" as never })).toThrowError(/"magic" is not an engine of Node/);
  });
});
