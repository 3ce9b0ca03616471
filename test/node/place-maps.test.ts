import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { originalPosition } from "../../bindings/node/sourcemaps.ts";
import { runProbed, SAMPLES } from "./placing.ts";

interface Answer {
  readonly state: {
    readonly kind: string;
    readonly engine: string;
    readonly note: string;
    readonly site: Record<string, unknown>;
  };
  readonly hits: Record<string, unknown>[];
  readonly frames: string[][];
  readonly result: unknown;
}

describe.each(["mapped", "inlined", "awaiter"])("TypeScript, compiled as %s", (kind) => {
  const cart = JSON.stringify(join(SAMPLES, kind, "cart.js"));

  it("is probed by the lines of its source", async () => {
    const got = await runProbed<Answer>(
      `const { Cart } = require(${cart}); const it = new Cart((t) => t - 1); it.add(2, 3); it.total(1);
       const probe = await put("src/cart.ts", 24, { test: ["sum"] }); const result = it.total(2);
       print({ state: probe.state, hits: probe.hits, frames: probe.frames, result }); await placement.close();`,
    );
    expect(got.state).toMatchObject({
      kind: "installed",
      engine: "inject",
      note: "",
      site: {
        file: join(SAMPLES, "src", "cart.ts"),
        line: 24,
        column: 5,
        functionName: "total",
        names: ["this", "rate", "sum"],
      },
    });
    expect(got.hits).toEqual([{ this: "object Cart", rate: 2, sum: 6 }]);
    expect(got.result).toBe(11);
  });

  it("moves from a line without a statement to the next, in lines of the source", async () => {
    const { state } = await runProbed<Answer>(
      `const { Cart } = require(${cart}); const probe = await put("cart.ts", 20); print({ state: probe.state }); await placement.close();`,
    );
    expect(state.site.line).toBe(21);
    expect(state.note).toContain("Line 20 holds no statement: the probe stands on line 21.");
  });

  it("is probed in the lines of the output when that is what is named", async () => {
    const { state } = await runProbed<Answer>(
      `const { Cart } = require(${cart}); const probe = await put("${kind}/cart.js", 1); print({ state: probe.state }); await placement.close();`,
    );
    expect(state).toMatchObject({ kind: "installed", site: { file: join(SAMPLES, kind, "cart.js") } });
  });

  it("is probed in an async method while calls are suspended", async () => {
    const got = await runProbed<Answer & { results: number[] }>(
      `const { Cart } = require(${cart}); const it = new Cart(); it.add(2, 3);
       let open; const gate = new Promise((done) => { open = done; });
       const calls = [it.checkout(gate, 1), it.checkout(gate, 1)]; await wait(5);
       const probe = await put("src/cart.ts", 32, { test: ["rounded"] });
       calls.push(it.checkout(gate, 2)); open(); const results = await Promise.all(calls);
       print({ state: probe.state, hits: probe.hits, results }); await placement.close();`,
    );
    expect(got.results).toEqual([6, 6, 12]);
    if (kind === "awaiter") {
      // The generator is created and called at once, so calls that begin later run the probe.
      expect(got.state).toMatchObject({ engine: "inject", note: expect.stringContaining("end without it") });
      expect(got.hits).toMatchObject([{ rate: 2, total: 12, rounded: 12 }]);
    } else {
      expect(got.state).toMatchObject({ engine: "inspector" });
      expect(got.hits).toHaveLength(3);
    }
  });
});

describe("original positions", () => {
  it("are found for files with a map beside them, with an inline map and with none", () => {
    const source = join(SAMPLES, "src", "cart.ts");
    expect(originalPosition(join(SAMPLES, "mapped", "cart.js"), 16, 13)).toEqual({ file: source, line: 22, column: 7 });
    expect(originalPosition(join(SAMPLES, "inlined", "cart.js"), 16, 1)).toEqual({ file: source, line: 22, column: 7 });
    expect(originalPosition(join(SAMPLES, "driver.cjs"), 3, 1)).toBeNull();
    expect(originalPosition("node:fs", 3, 1)).toBeNull();
    expect(originalPosition(join(SAMPLES, "no-such-file.js"), 3, 1)).toBeNull();
  });

  it("undo the shift of columns that probes cause", async () => {
    const got = await runProbed<[number, number][]>(
      `const path = require("node:path"); const { originalPosition } = require(path.join(path.dirname(process.env.PLACE_MODULE), "sourcemaps.js"));
       const { f } = require("./col.cjs"); const column = () => { const [, line, at] = /col.cjs:(\\d+):(\\d+)/.exec(f().stack); const found = originalPosition(require.resolve("./col.cjs"), Number(line), Number(at)); return [Number(line), found?.column ?? Number(at)]; };
       const before = column(); const a = await put("col.cjs", 2, { when: () => false }); const during = column(); const b = await put("col.cjs", 2, { when: () => false }); const both = column();
       await a.remove(); await b.remove(); print([before, during, both, column()]); await placement.close();`,
      { files: { "col.cjs": "exports.f = () => {\n  return new Error('here');\n};\n" } },
    );
    expect(got).toEqual([
      [2, 10],
      [2, 10],
      [2, 10],
      [2, 10],
    ]);
  });
});
