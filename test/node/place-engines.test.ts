import { describe, expect, it } from "vitest";
import { runProbed } from "./placing.ts";

const FILES = {
  "hot.cjs":
    "exports.f = function f(a) {\n  const b = a + 1;\n  return b;\n};\nexports.run = (n) => {\n  let sum = 0;\n  for (let i = 0; i < n; i++) sum += exports.f(i);\n  return sum;\n};\n",
  "held.cjs":
    "exports.f = async function f(gate, id) {\n  const before = id;\n  await gate;\n  const after = before + 1;\n  return after;\n};\nexports.g = function* g() {\n  yield 1;\n  const last = 2;\n  yield last;\n};\n",
  "deep.cjs":
    "exports.f = function f(n, inside) {\n  if (n === 0) return inside();\n  const r = f(n - 1, inside);\n  return r;\n};\n",
};

describe("engine inject", () => {
  it("serves a hot loop, several probes on one line, and leaves no trace", async () => {
    const got = await runProbed<Record<string, unknown>>(
      `const m = require("./hot.cjs"); const before = m.run(1000);
       const one = await put("hot.cjs", 3, { test: ["b"], when: (b) => b === 500 });
       const two = await put("hot.cjs", 3, { test: ["a"], when: () => false, capture: [] });
       const three = await put("hot.cjs", 2, { test: [], when: () => { throw new Error("ours"); } });
       const during = m.run(1000);
       await one.remove(); const rest = m.run(10);
       await two.remove(); await three.remove(); const left = leftovers();
       const reached = two.reached; m.run(1000);
       print({ before, during, rest, hits: one.hits, one: one.reached, two: two.reached, three: three.reached, reached, left, stats: placement.stats(), engine: one.state.engine });
       await placement.close();`,
      { files: FILES },
    );
    expect(got).toMatchObject({
      before: 500500,
      during: 500500,
      rest: 55,
      hits: [{ a: 499, b: 500 }],
      one: 1000,
      two: 1010,
      three: 1010,
      reached: 1010,
      left: [],
      engine: "inject",
    });
    expect(got.stats).toMatchObject({ edits: 6, refused: 0 });
  });

  it("is refused for a suspended function, with the reason, when it is forced", async () => {
    const state = await runProbed(
      `const { f } = require("./held.cjs"); void f((globalThis.held = new Promise(() => {})), 1);
       print((await put("held.cjs", 4)).state); await placement.close();`,
      { files: FILES, env: { TRACEPOINTDEBUG_ENGINE: "inject" } },
    );
    expect(state).toMatchObject({ kind: "failed", code: "engine_refused" });
  });

  it("waits until a recursive function has left the stack", async () => {
    const got = await runProbed(
      `const { f } = require("./deep.cjs"); let probe;
       const first = f(5, () => { probe = put("deep.cjs", 4); return 7; });
       probe = await probe; const second = f(3, () => 8);
       print({ first, second, reached: probe.reached, state: probe.state.engine }); await placement.close();`,
      { files: FILES },
    );
    expect(got).toEqual({ first: 7, second: 8, reached: 3, state: "inject" });
  });

  it("throws nothing into a program that is at the end of its stack", async () => {
    const got = await runProbed<number[]>(
      `const { f } = require("./deep.cjs");
       const depth = () => { try { return 1 + depth(); } catch { return 1; } }; depth();
       const probe = await put("deep.cjs", 3, { when: () => false });
       let fine = 0; let errors = 0;
       for (let n = 500; n < 20000; n += 250) { try { f(n, () => 1); fine++; } catch (error) { if (error instanceof RangeError) errors++; else throw error; } }
       print([fine > 0, errors > 0, probe.reached > 0]); await placement.close();`,
      { files: FILES },
    );
    expect(got).toEqual([true, true, true]);
  });

  // 16 edits, of 0.3 s each on Node 24 when nothing else runs.
  it("survives edits of functions that optimised code calls", { timeout: 120_000 }, async () => {
    const body = Array.from(
      { length: 60 },
      (_, i) => `    s = (s * ${i + 3} + a) % 1000003; if (s === ${i}) s += b;`,
    ).join("\n");
    const got = await runProbed<{ hits: number }>(
      `const m = require("./big.cjs"); let stop = false; let junk = [];
       const loop = async () => { while (!stop) { let t = 0; for (let i = 0; i < 400; i++) t += m.big(i, 1); for (let i = 0; i < 300; i++) await m.later(i); for (let i = 0; i < 3000; i++) junk.push([i]); if (junk.length > 50000) junk = []; await wait(1); } };
       const loops = Array.from({ length: 5 }, loop); await wait(300); let hits = 0;
       for (let round = 0; round < 8; round++) {
         const a = await put("big.cjs", 63, { when: () => false }); const b = await put("big.cjs", 69, { when: () => false });
         await wait(60); gc(); await wait(20); await a.remove(); await b.remove(); await wait(30); gc(); hits += a.reached > 0 && b.reached > 0 ? 1 : 0;
       }
       stop = true; await Promise.all(loops); print({ hits }); await placement.close();`,
      {
        files: {
          "big.cjs": `exports.big = function big(a, b) {\n    let s = 0;\n${body}\n    return s;\n};\nexports.later = async (a) => (async () => {\n  const x = a;\n  await null;\n  const y = x + 1;\n  await null;\n  return y;\n})();\n`,
        },
        args: ["--expose-gc"],
      },
    );
    expect(got).toEqual({ hits: 8 });
  });

  it("leaves closures alone that were never called, and calls that are suspended, in the same script", async () => {
    const got = await runProbed(
      `const m = require("./kin.cjs"); m.other(1);
       const sets = [1, 2, 3].map((i) => m.make(i)); const held = sets.map((set) => set.later(5)); await wait(2); const its = sets.map((set) => { const it = set.steps(); it.next(); return it; });
       const probe = await put("kin.cjs", 14, { when: () => false });
       const use = (set) => [set.plain(1), set.arrow(1), new set.Kind().value(), set.got];
       const out = [sets.map(use), sets.map(use), its.map((it) => it.next().value), m.other(1), use(m.make(4)), use(m.make(5))];
       m.open(); out.push(await Promise.all(held)); await probe.remove(); out.push(sets.map(use), probe.reached);
       print(out); await placement.close();`,
      {
        files: {
          "kin.cjs": `let release; const gate = new Promise((done) => { release = done; }); exports.open = () => release();
exports.make = (i) => ({
  plain: function plain(x) { return [1].map((y) => y + x + i)[0]; },
  arrow: (x) => x + i,
  Kind: class Kind { value() { return i; } },
  get got() { return i * 2; },
  async later(x) { await gate; const f = (y) => y + x; return f(i); },
  *steps() { yield i; const g = (y) => y * 10; yield g(i); },
});


exports.other = function other(q) {
  const r = q + 1;
  return r;
};
`,
        },
      },
    );
    const use = (i: number) => [2 + i, 1 + i, i, 2 * i];
    expect(got).toEqual([
      [1, 2, 3].map(use),
      [1, 2, 3].map(use),
      [10, 20, 30],
      2,
      use(4),
      use(5),
      [6, 7, 8],
      [1, 2, 3].map(use),
      1,
    ]);
  });
});

describe("engine inspector", () => {
  it("serves suspended functions at once, says why, and gives way to inject later", async () => {
    const got = await runProbed<Record<string, unknown>>(
      `const { f, g } = require("./held.cjs");
       const release = []; const hold = () => new Promise((done) => release.push(done));
       const calls = [f(hold(), 1)]; let it = g(); it.next();
       const a = await put("held.cjs", 4, { test: ["before"] }); const b = await put("held.cjs", 9);
       const first = [a.state, b.state];
       for (const done of release.splice(0)) done();
       const results = await Promise.all(calls.splice(0)); it.next(); it = null;
       const early = [a.reached, b.reached];
       const end = Date.now() + 12000;
       while (Date.now() < end && (a.state.engine !== "inject" || b.state.engine !== "inject")) { await wait(200); gc(); }
       const second = [a.state.engine, b.state.engine]; await f(null, 5); [...g()];
       print({ first, early, results, second, late: [a.reached, b.reached], hits: a.hits, stats: placement.stats() });
       await placement.close();`,
      { files: FILES, args: ["--expose-gc"] },
    );
    expect(got.first).toMatchObject([
      { kind: "installed", engine: "inspector", note: expect.stringContaining("suspended") },
      { kind: "installed", engine: "inspector" },
    ]);
    expect(got).toMatchObject({
      early: [1, 1],
      results: [2],
      second: ["inject", "inject"],
      late: [2, 2],
      hits: [
        { gate: expect.anything(), id: 1, before: 1 },
        { gate: null, id: 5, before: 5 },
      ],
    });
  });

  it("takes no more than its share of a core in a hot loop, says so, and comes back", async () => {
    const got = await runProbed<{ ms: number; reached: number; later: number; notes: string[] }>(
      `const m = require("./hot.cjs"); const probe = await put("hot.cjs", 3, { when: () => false });
       const started = performance.now(); m.run(200000); const ms = performance.now() - started;
       const reached = probe.reached; for (let i = 0; i < 100 && probe.reached === reached; i++) { await wait(100); m.run(1000); }
       print({ ms, reached, later: probe.reached - reached, notes: probe.states.map((state) => state.note) }); await placement.close();`,
      { files: FILES, env: { TRACEPOINTDEBUG_ENGINE: "inspector" } },
    );
    expect(got.reached).toBeGreaterThan(10);
    expect(got.reached).toBeLessThan(20_000);
    expect(got.ms).toBeLessThan(1500);
    expect(got.later).toBeGreaterThan(0);
    expect(got.notes.at(-1)).toContain("hits in between are not seen");
  });

  it("lets two probes share a line, and none stop at a debugger statement", async () => {
    const got = await runProbed(
      `const { f } = require("./stop.cjs"); const a = await put("stop.cjs", 3, { test: ["b"] }); const b = await put("stop.cjs", 3);
       const result = f(1); await a.remove(); f(1); await b.remove(); f(1);
       print([result, a.reached, b.reached, leftovers()]); await placement.close();`,
      {
        files: { "stop.cjs": "exports.f = (a) => {\n  debugger; const b = a + 1;\n  return b;\n};\n" },
        env: { TRACEPOINTDEBUG_ENGINE: "inspector" },
      },
    );
    expect(got).toEqual([2, 1, 2, []]);
  });

  it("serves where the program collects coverage under a V8 whose edits would spoil it", async () => {
    const state = await runProbed<{ engine: string }>(
      `const m = require("./hot.cjs"); m.run(10); const probe = await put("hot.cjs", 3); m.run(1);
       print({ engine: probe.state.engine, reached: probe.reached, major: Number(process.versions.node.split(".")[0]) }); await placement.close();`,
      { files: FILES, env: { NODE_V8_COVERAGE: "coverage" } },
    );
    expect(state).toMatchObject({ reached: 1 });
    expect(state.engine).toBe((state as unknown as { major: number }).major > 22 ? "inspector" : "inject");
  });
});

describe("the end", () => {
  it("lets the program end while probes are in place, and with none", async () => {
    const got = await runProbed<string>(
      `const { f } = require("./held.cjs"); void f((globalThis.held = new Promise(() => {})), 1); require("./hot.cjs");
       await put("held.cjs", 4); await put("hot.cjs", 3); await put("not-there.cjs", 3); print("done");`,
      { files: FILES },
    );
    expect(got).toBe("done");
  });
});
