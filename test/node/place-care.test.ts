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

  it("knows what its function is called when V8 has forgotten it", async () => {
    const got = await runProbed<string[]>(
      `const m = require("./p.cjs"); const put1 = await put("p.cjs", 2); const put2 = await put("p.cjs", 5); m.f(1); m.g(2);
       print([put1.functionName, put2.functionName]); await placement.close();`,
      { files: { "p.cjs": "exports.f = (a) => {\n  return a;\n};\nexports.g = [(a) => {\n  return a;\n}][0];" } },
    );
    expect(got).toEqual(["f", ""]);
  });

  it.each(["inject", "inspector"])(
    "runs no iterator and no method that the program has put on arrays, by %s",
    async (engine) => {
      const got = await runProbed<{ hits: unknown[]; ran: number }>(
        `const m = require("./p.cjs"); const hits = []; let ran = 0;
       const request = (probeId) => new Promise((onChange) => placement.place({ probeId, file: "p.cjs", line: 2, testNames: ["a", "b"], captureNames: ["b"], onChange,
         handler: { test: (a, b) => a === 1 && b === 2, fire: (names, values) => { hits[hits.length] = names[0] + values[0]; } } }));
       await request("1"); await request("2");
       const own = {}; for (const key of [Symbol.iterator, "map", "push", "forEach"]) { const method = Array.prototype[key]; own[key] = method; Array.prototype[key] = function (...rest) { ran++; return method.apply(this, rest); }; }
       m.f(1, 2); const counted = ran; for (const key of Reflect.ownKeys(own)) Array.prototype[key] = own[key];
       print({ hits, ran: counted }); await placement.close();`,
        {
          files: { "p.cjs": "exports.f = (a, b) => {\n  return a + b;\n};" },
          env: { TRACEPOINTDEBUG_ENGINE: engine },
        },
      );
      expect(got).toEqual({ hits: ["b2", "b2"], ran: 0 });
    },
  );

  it("leaves the breakpoints of a person alone who debugs the program", async () => {
    const got = await runProbed<Got>(
      `const m = require("./p.cjs"); const probe = await put("p.cjs", 2); const results = [m.f(1)]; ${PRINT} await placement.close();`,
      { files: { "p.cjs": "exports.f = (a) => {\n  return a;\n};" }, args: ["--inspect=127.0.0.1:0"] },
    );
    expect(got).toMatchObject({ results: [1], engine: "inspector", note: expect.stringContaining("--inspect") });
    expect(got.hits).toHaveLength(1);
  });

  it("does not hold up a program with a large heap, unless a person allows it", async () => {
    const engines: [string, string][] = [];
    for (const maxEditMs of ["", "60000"]) {
      const got = await runProbed<Got>(
        `globalThis.heap = Array.from({ length: 900_000 }, (_, i) => ({ i, j: [i] }));
         const m = require("./p.cjs"); const probe = await put("p.cjs", 2); const results = [m.f(1)]; ${PRINT} await placement.close();`,
        {
          files: { "p.cjs": "exports.f = (a) => {\n  return a;\n};" },
          env: { TRACEPOINTDEBUG_MAX_EDIT_MS: maxEditMs },
        },
      );
      expect(got).toMatchObject({ results: [1], hits: [{ a: 1 }] });
      engines.push([got.engine, /TRACEPOINTDEBUG_MAX_EDIT_MS/.exec(got.note)?.[0] ?? ""]);
    }
    expect(engines).toEqual([
      ["inspector", "TRACEPOINTDEBUG_MAX_EDIT_MS"],
      ["inject", ""],
    ]);
  });

  it("lets the program run between edits that would hold it up for too long together", async () => {
    const got = await runProbed<{ engines: string[]; turns: number }>(
      `const names = Array.from({ length: 20 }, (_, i) => "p" + i + ".cjs"); for (const name of names) require("./" + name);
       let turn = 0; let isOver = false; const count = () => { turn++; if (!isOver) setImmediate(count); }; count();
       const probes = await Promise.all(names.map((name) => put(name, 2).then((probe) => ({ engine: probe.state.engine, turn })))); isOver = true;
       print({ engines: probes.map(({ engine }) => engine), turns: new Set(probes.map(({ turn }) => turn)).size }); await placement.close();`,
      {
        files: Object.fromEntries(
          Array.from({ length: 20 }, (_, i) => [`p${i}.cjs`, `exports.f = (a) => {\n  return a + ${i};\n};`]),
        ),
        // More than one edit takes on a slow machine and less than all of them on a fast one.
        env: { TRACEPOINTDEBUG_MAX_EDIT_MS: "400" },
      },
    );
    expect(new Set(got.engines)).toEqual(new Set(["inject"]));
    expect(got.turns).toBeGreaterThan(1);
  });
});
