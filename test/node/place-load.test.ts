import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runProbed, SAMPLES } from "./placing.ts";

const LATE = "exports.f = (a) => {\n  const b = a + 1;\n  return b;\n};\n";
const LATE_MODULE =
  "let used = 1;\nexport const f = (a) => {\n  const b = a + used;\n  return b;\n};\nexport class C { m(x) {\n    return x + used;\n  } }\n";

describe("a file that is not loaded yet", () => {
  it("is probed as soon as require loads it, and nothing of ours stays in the loader", async () => {
    const got = await runProbed<unknown>(
      `const { prototype } = require("node:module"); const compile = prototype._compile;
       const probe = await put("late.cjs", 3, { test: ["b"] }); const hooked = prototype._compile !== compile;
       const { f } = require("./late.cjs"); const installed = await probe.until(({ kind }) => kind === "installed", 3000); f(1); await wait(20);
       print({ kinds: probe.states.map(({ kind }) => kind), hooked, installed, hits: probe.hits, restored: prototype._compile === compile }); await placement.close();`,
      { files: { "late.cjs": LATE } },
    );
    expect(got).toEqual({
      kinds: ["pending", "installed"],
      hooked: true,
      installed: true,
      hits: [{ a: 1, b: 2 }],
      restored: true,
    });
  });

  it("is probed when import loads it", async () => {
    const got = await runProbed<{ kinds: string[]; hits: object[] }>(
      `const probe = await put("late.mjs", 4); const { f } = await import("./late.mjs");
       await probe.until(({ kind }) => kind === "installed", 10000); f(1);
       print({ kinds: probe.states.map(({ kind }) => kind), hits: probe.hits }); await placement.close();`,
      { files: { "late.mjs": LATE_MODULE }, isModule: true },
    );
    expect(got).toEqual({ kinds: ["pending", "installed"], hits: [{ a: 1, b: 2, used: 1 }] });
  });

  it("is probed when it is a source behind the map of what is loaded", async () => {
    const got = await runProbed<{ installed: boolean; hits: object[] }>(
      `const probe = await put("src/cart.ts", 24); const { Cart } = require(${JSON.stringify(join(SAMPLES, "mapped", "cart.js"))});
       const installed = await probe.until(({ kind }) => kind === "installed", 20000); const it = new Cart(); it.total(3);
       print({ installed, hits: probe.hits }); await placement.close();`,
    );
    expect(got).toEqual({ installed: true, hits: [{ this: "object Cart", rate: 3, sum: 0 }] });
  }, 60_000);

  it("may be removed while it waits", async () => {
    const got = await runProbed(
      `const probe = await put("late.cjs", 3); await probe.remove(); require("./late.cjs").f(1); await wait(100);
       print([probe.states.length, probe.reached, leftovers()]); await placement.close();`,
      { files: { "late.cjs": LATE } },
    );
    expect(got).toEqual([1, 0, []]);
  });
});

describe("ES modules", () => {
  it("are probed in functions and methods, with variables of the module", async () => {
    const got = await runProbed<Record<string, unknown>>(
      `const { f, C } = await import("./late.mjs"); const c = new C();
       const a = await put("late.mjs", 4, { test: ["used"] }); const b = await put("late.mjs", 7);
       const results = [f(1), c.m(2)]; print({ engines: [a.state.engine, b.state.engine], hits: [a.hits, b.hits], results }); await placement.close();`,
      { files: { "late.mjs": LATE_MODULE }, isModule: true },
    );
    expect(got).toEqual({
      engines: ["inject", "inject"],
      hits: [[{ a: 1, b: 2, used: 1 }], [{ this: "object C", x: 2, used: 1 }]],
      results: [2, 3],
    });
  });

  it("have top-level code that only a breakpoint can serve", async () => {
    const got = await runProbed<{ engine: string; note: string; hits: unknown[] }>(
      `globalThis.open = null; const gate = new Promise((done) => { globalThis.open = done; }); globalThis.gate = gate;
       const begun = new Promise((done) => { globalThis.begin = done; }); const loading = import("./top.mjs"); await begun; const probe = await put("top.mjs", 3, { test: ["a"] }); globalThis.open(5); await loading;
       print({ engine: probe.state.engine, note: probe.state.note, hits: probe.hits }); await placement.close();`,
      {
        files: {
          "top.mjs": "const a = 1; globalThis.begin();\nconst b = await globalThis.gate;\nexport const c = a + b;\n",
        },
        isModule: true,
      },
    );
    expect(got).toMatchObject({
      engine: "inspector",
      note: expect.stringContaining("top-level code of an ES module"),
      hits: [{ a: 1, b: 5 }],
    });
  });
});

describe("worker threads", () => {
  it("have placements of their own", async () => {
    const got = await runProbed<unknown>(
      `const { Worker } = require("node:worker_threads"); require("./late.cjs").f(1);
       const here = await put("late.cjs", 3);
       const worker = new Worker(require.resolve("./worker.cjs"), { env: process.env }); const there = await new Promise((done, fail) => { worker.on("message", done); worker.on("error", fail); });
       require("./late.cjs").f(7); print({ here: here.hits, there }); await placement.close();`,
      {
        files: {
          "late.cjs": LATE,
          "worker.cjs": `const { parentPort } = require("node:worker_threads"); const { put, placement } = require(process.env.DRIVER);
            const { f } = require("./late.cjs"); put("late.cjs", 3).then(async (probe) => { f(40); await placement.close(); f(41); parentPort.postMessage([probe.state.engine, probe.hits]); });`,
        },
        env: { DRIVER: join(SAMPLES, "driver.cjs") },
      },
    );
    expect(got).toEqual({ here: [{ a: 7, b: 8 }], there: ["inject", [{ a: 40, b: 41 }]] });
  });
});

describe("what comes with a probe", () => {
  it("is loaded with the first probe only", async () => {
    const got = await runProbed<[string[], string[]]>(
      `const parts = () => Object.keys(require.cache).filter((path) => /acorn|eslint-scope|magic-string|trace-mapping|placing\\.js/.test(path)).map((path) => path.replace(/.*[\\\\/]/, ""));
       const before = parts(); await put("nothing.cjs", 1); print([before, parts()]); await placement.close();`,
    );
    expect(got[0]).toEqual([]);
    expect(got[1]).toContain("placing.js");
  });

  it("names the inspector in one file alone", () => {
    expect(readFileSync("bindings/node/session.ts", "utf8")).toContain("node:inspector");
  });
});
