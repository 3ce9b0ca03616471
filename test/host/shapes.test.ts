// The intrinsics of V8 that guard the fast ways of reading: that they answer, and that losing them is noticed and mended.
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { hasFastProperties, hasPlainElements, hasShapes, isPacked, sameShape } from "../../host/shapes.ts";

const NODE = process.env.AGENT_NODE ?? process.execPath;

/** A condition over a list, evaluated before and after V8 has thrown away the code of idle functions. */
const PROGRAM = `
const { compileCondition } = require(${JSON.stringify(resolve("dist/cjs/conditions/index.js"))});
const { Guest } = require(${JSON.stringify(resolve("dist/cjs/host/index.js"))});
const shapes = require(${JSON.stringify(resolve("dist/cjs/host/shapes.js"))});
const module = new Guest().load(compileCondition("items.exists(i, i.price > 100.0)"));
const items = [1, 50, 101].map((price) => ({ price }));
const say = () => console.log(module.test(items), shapes.hasPlainElements([1]));
(async () => {
  say();
  for (let i = 0; i < 20; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 1)); }
  say();
  await new Promise((resolve) => setTimeout(resolve, 5));
  say();
  try { eval("%HasFastProperties({})"); console.log("natives"); } catch (error) { console.log(error.name); }
})();`;

describe("the shapes of objects", () => {
  test("are told apart", () => {
    expect(hasShapes).toBe(true);
    expect(sameShape({ a: 1 }, { a: 2 })).toBe(true);
    expect(sameShape({ a: 1 }, { b: 2 })).toBe(false);
    expect(sameShape({ a: 1 }, new Proxy({ a: 1 }, {}))).toBe(false);
    expect(hasFastProperties({ a: 1 })).toBe(true);
    expect(hasPlainElements([1, 2])).toBe(true);
    expect(hasPlainElements(Object.defineProperty([1], 0, { get: () => 1 }))).toBe(false);
    expect(isPacked([1])).toBe(true);
    expect(isPacked(new Array(3))).toBe(false);
  });

  test("are still told after V8 has flushed idle code, and no value is wrong meanwhile", () => {
    const flags = ["--expose-gc", "--stress-flush-code", "--flush-bytecode"];
    const lines = execFileSync(NODE, [...flags, "-e", PROGRAM], { encoding: "utf8" })
      .trim()
      .split("\n");
    expect(lines[0]).toBe("1 true");
    // The code may or may not be gone here: the verdict is right in both cases.
    expect(lines[1]).toMatch(/^1 (true|false)$/);
    expect(lines[2]).toBe("1 true");
    expect(lines[3]).toBe("SyntaxError");
  });
});
