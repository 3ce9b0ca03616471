import { describe, expect, it } from "vitest";
import { runProbed } from "./placing.ts";

const LINES = 100;
const SOURCE = `exports.f = (a) => {\n${"  a = (a + 1) % 1000;\n".repeat(LINES)}  return a;\n};\n`;

describe("ten thousand cycles of put and remove", () => {
  it("leave neither memory nor handles nor globals behind", async () => {
    const got = await runProbed<{
      early: number;
      late: number;
      handles: [number, number];
      left: string[];
      works: number;
      edits: number;
    }>(
      `const { f } = require("./lines.cjs"); f(1);
       const cycle = async () => { const probes = await Promise.all(Array.from({ length: ${LINES} }, (_, at) => put("lines.cjs", at + 2, { when: () => false, capture: [] }))); f(1); await Promise.all(probes.map((probe) => probe.remove())); return probes; };
       const heap = async () => { for (let i = 0; i < 3; i++) { gc(); await wait(5); } return process.memoryUsage().heapUsed; };
       const handles = () => process.getActiveResourcesInfo().length;
       for (let i = 0; i < 20; i++) await cycle();
       const before = [await heap(), handles()]; let seen = 0;
       for (let i = 0; i < 80; i++) seen += (await cycle()).filter((probe) => probe.reached === 1).length;
       const after = [await heap(), handles()];
       print({ early: before[0], late: after[0], handles: [before[1], after[1]], left: leftovers(), works: seen, edits: placement.stats().edits }); await placement.close();`,
      { files: { "lines.cjs": SOURCE }, args: ["--expose-gc"] },
    );
    expect(got.works).toBe(80 * LINES);
    expect(got.left).toEqual([]);
    expect(got.handles[1]).toBe(got.handles[0]);
    // 8,000 probes later. What V8 keeps of an edit is gone with the next collection of garbage.
    expect(got.late - got.early).toBeLessThan(2 * 1024 * 1024);
  }, 180_000);
});
