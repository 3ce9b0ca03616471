// Small programs with and without prepared mode: what they print must be the same. Among it: names and kinds of functions, the order
// in which promises settle, stacks beyond an await, and, through a source map, the lines of a program in TypeScript.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { prepareSource } from "../../bindings/node/shape.ts";
import { run } from "./program.ts";

const FOLDER = resolve("test/fixtures/prepare");
const MODULE = resolve("dist/cjs/bindings/node/prepare.js");

/** The program, and how many functions of it there are at least to be prepared. */
const PROGRAMS: readonly [file: string, prepared: number][] = [
  ["kinds.cjs", 49],
  ["order.cjs", 10],
  ["stacks.cjs", 14],
  ["params.cjs", 23],
  ["generators.cjs", 17],
  ["classes.cjs", 27],
  ["scoping.cjs", 38],
  ["modules.mjs", 7],
  ["typed.cjs", 5],
];

const print = async (file: string, isPrepared: boolean) => {
  const args = ["--enable-source-maps", resolve(FOLDER, "runner.cjs"), file];
  const { code, stdout, stderr } = await run(args, { PREPARE_MODULE: MODULE, PREPARE: isPrepared ? "1" : "0" });
  return { code, stdout, stderr };
};

describe("a prepared program", () => {
  it.each(PROGRAMS)("prints what it would print else: %s", async (file, least) => {
    const source = readFileSync(resolve(FOLDER, file), "utf8");
    const prepared = prepareSource(source)!;
    expect(prepared.match(/\(0,\{|\]===globalThis/g)!.length).toBeGreaterThanOrEqual(least);
    expect(prepared.split("\n")).toHaveLength(source.split("\n").length);
    // What comes out of it needs nothing more.
    expect(prepareSource(prepared)).toBeNull();
    const [plain, same] = await Promise.all([print(file, false), print(file, true)]);
    expect(plain.code).toBe(0);
    expect(plain.stdout.length).toBeGreaterThan(20);
    expect(same).toEqual(plain);
  });

  it("stays as it is where it has variables by the names that prepared text uses", async () => {
    const [plain, same] = await Promise.all([print("hidden.cjs", false), print("hidden.cjs", true)]);
    expect(plain.stdout).toBe("abc\n");
    expect(same).toEqual(plain);
  });
});
