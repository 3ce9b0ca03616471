// How much of the library a page loads: the sizes that are promised, and that what is not imported is not there.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bundle } from "./bundle.ts";

const KIB = 1024;
const reporting = process.env.PRINT_SIZES === "1";
const print = (what: string, bytes: number) => {
  if (reporting) console.log(`${what}: ${bytes} bytes gzipped`);
};

test("the whole compiler, that of patterns included, is below 60 KiB, compressed", async () => {
  const { gzipped, imports } = await bundle('export * from "tracepointdebug-node/conditions";');
  print("conditions", gzipped);
  expect(imports).toEqual([]);
  expect(gzipped).toBeLessThan(60 * KIB);
});

test("who only compiles conditions loads neither the explaining nor the printing nor templates", async () => {
  const whole = await bundle('export * from "tracepointdebug-node/conditions";');
  const { gzipped, modules } = await bundle('export { compileCondition } from "tracepointdebug-node/conditions";');
  print("compileCondition", gzipped);
  for (const unused of ["explain", "wat", "print", "template", "format"]) {
    expect(whole.modules).toContain(`conditions/${unused}.js`);
    expect(modules).not.toContain(`conditions/${unused}.js`);
  }
  expect(gzipped).toBeLessThan(whole.gzipped - 2 * KIB);
  expect(modules.filter((path) => !path.startsWith("conditions/"))).toEqual(["engine/abi.js"]);
});

test("who only evaluates loads no compiler, no recorded snapshots and no tagged input", async () => {
  const { gzipped, modules } = await bundle('export { Guest } from "tracepointdebug-node/guest";');
  print("Guest", gzipped);
  expect(modules).not.toContain("conditions/parser.js");
  expect(modules).not.toContain("host/recorded.js");
  expect(modules).not.toContain("host/evaluate.js");
  // Half of it is the engine. The verifier knows the functions of the language, and with them what compiles their calls.
  expect(gzipped).toBeLessThan(64 * KIB);
});

test("the engine is below 48 KiB", () => {
  expect(readFileSync("dist/engine.wasm").length).toBeLessThan(48 * KIB);
});
