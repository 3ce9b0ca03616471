// Programs that a careless edit would hurt.
import { describe, expect, it } from "vitest";
import { runProbed } from "./placing.ts";

interface Got {
  readonly results: unknown[];
  readonly hits: object[];
  readonly engine: string;
  readonly note: string;
}

const PRINT = "print({ results, hits: probe.hits, engine: probe.state.engine, note: probe.state.note });";

describe("a probe", () => {
  it("reads no parameter before it has a value", async () => {
    const got = await runProbed<Got>(
      `const m = require("./p.cjs"); const probe = await put("p.cjs", 2); const results = [m.f(0), m.f(0, 5)]; ${PRINT} await placement.close();`,
      { files: { "p.cjs": "exports.f = (a, b = (() =>\n  a ? c : 7)(), c = 3) => b;" } },
    );
    expect(got).toMatchObject({ results: [7, 5], engine: "inject" });
    expect(got.hits).toHaveLength(1);
  });

  it("is parted from an `else` that its statement touches", async () => {
    const got = await runProbed<Got>(
      `const m = require("./p.cjs"); const probe = await put("p.cjs", 4); const results = [m.f(0), m.f(1)]; ${PRINT} await placement.close();`,
      { files: { "p.cjs": "exports.f = (a) => {\n  let r = 0;\n  if (a) r = 1;\n  else(r = 2);\n  return r;\n};" } },
    );
    expect(got).toMatchObject({ results: [2, 1], engine: "inject" });
    expect(got.hits).toHaveLength(1);
  });

  it("leaves the breakpoints of a person alone who debugs the program", async () => {
    const got = await runProbed<Got>(
      `const m = require("./p.cjs"); const probe = await put("p.cjs", 2); const results = [m.f(1)]; ${PRINT} await placement.close();`,
      { files: { "p.cjs": "exports.f = (a) => {\n  return a;\n};" }, args: ["--inspect=127.0.0.1:0"] },
    );
    expect(got).toMatchObject({ results: [1], engine: "inspector", note: expect.stringContaining("--inspect") });
    expect(got.hits).toHaveLength(1);
  });

  it("does not hold up a program with a large heap", async () => {
    const got = await runProbed<Got>(
      `globalThis.heap = Array.from({ length: 3_000_000 }, (_, i) => ({ i, j: [i] }));
       const m = require("./p.cjs"); const probe = await put("p.cjs", 2); const results = [m.f(1)]; ${PRINT} await placement.close();`,
      { files: { "p.cjs": "exports.f = (a) => {\n  return a;\n};" }, args: ["--max-old-space-size=2000"] },
    );
    expect(got).toMatchObject({ results: [1], engine: "inspector", note: expect.stringContaining("256 MiB") });
    expect(got.hits).toHaveLength(1);
  });
});
