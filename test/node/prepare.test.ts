import { describe, expect, it } from "vitest";
import { prepareSource } from "../../bindings/node/shape.ts";
import { runProbed } from "./placing.ts";

/** Source, and what it becomes; null: it stays as it is. */
const SHAPES: readonly [name: string, source: string, want: string | null][] = [
  [
    "an async function",
    "async function f(a) { await a; }",
    "async function f(a) {return(0,{f:async()=>{ await a; }}.f)()}",
  ],
  [
    "an async arrow function with a block",
    "const f = async (a) => { await a; };",
    "const f = async (a) => {return(0,{f:async()=>{ await a; }}.f)()};",
  ],
  [
    "an async arrow function with an expression",
    "const f = async (a) => (await a, 1);",
    "const f = async (a) =>(0,{f:async()=> (await a, 1)}.f)();",
  ],
  [
    "two that end at one place",
    "const f = async (a) => (await a) ? 0 : async (b) => await b;",
    "const f = async (a) =>(0,{f:async()=> (await a) ? 0 : async (b) =>(async()=> await b)()}.f)();",
  ],
  [
    "directives",
    'async function f() { "use strict"\n await 1; }',
    'async function f() { "use strict";return(0,{f:async()=>{\n await 1; }}.f)()}',
  ],
  [
    "a private method",
    "class A { async #m() { await 1; } }",
    "class A { async #m() {return(async()=>{ await 1; })()} }",
  ],
  [
    "an iterator",
    "class A { *[Symbol.iterator]() { yield 1; } }",
    "class A {  [Symbol.iterator]() {return(function*(){ yield 1; }).apply(this,arguments)} }",
  ],
  [
    "an async iterator of an object",
    "x = { async *[Symbol.asyncIterator]() { yield 1; } };",
    "x = {        [Symbol.asyncIterator]() {return(async function*(){ yield 1; }).apply(this,arguments)} };",
  ],
  ["no await of its own", "async function f() { return 1; }", null],
  ["the shape already", "function f() { return (async () => { await 1; })(); }", null],
  ["what runs once", "(async () => { await 1; })();", null],
  ["a parameter declared again", "async function f(a) { var a; await 1; }", null],
  ["a generator function", "function* f() { yield 1; }", null],
  [
    "a generator that uses super",
    "class A extends B { *[Symbol.iterator]() { yield* super[Symbol.iterator](); } }",
    null,
  ],
  ["what is no JavaScript", "async function f(a: number) { await a; }", null],
  [
    "a property that is no plain one",
    "x = { async __proto__() { await 1; } };",
    "x = { async __proto__() {return(async()=>{ await 1; })()} };",
  ],
];

const SEMANTICS = `
class Base { async greet() { await null; return "base"; } }
class Thing extends Base {
  constructor() { super(); this.k = 10; }
  async sum(a, { b }, c = 1, ...rest) { await 1; return a + b + c + this.k + arguments.length + rest.length; }
  async greet() { const outer = await super.greet(); return outer + "!"; }
  async #secret() { await 2; return 5; }
  reveal() { return this.#secret(); }
  static async make() { await null; return new this(); }
  field = async (x) => (await x) + this.k;
  *[Symbol.iterator]() { yield this.k; yield arguments.length; }
  async *[Symbol.asyncIterator]() { yield await this.k; }
  async fails() { await null; throw new TypeError("no"); }
  async loop(xs) { let s = 0; for await (const x of xs) { if (x === 2) continue; s += x; } return s; }
}
async function recursive(n) { await null; return n === 0 ? 0 : 1 + (await recursive(n - 1)); }
async function target() { await null; return new.target; }
module.exports = async () => {
  const it = new Thing(); const out = [];
  out.push(await it.sum(1, { b: 2 }), it.sum.length, it.sum.name, it.sum.constructor.name, Object.prototype.toString.call(it.sum));
  out.push(await it.greet(), await it.reveal(), (await Thing.make()).k, await it.field(1), [...it], await it.loop([1, 2, 3]), await recursive(3), await target());
  for await (const x of it) out.push(x);
  out.push(await it.sum(1, null).catch((error) => "rejected " + error.name), await it.fails().catch((error) => error.message));
  try { new it.sum(); } catch (error) { out.push(error.name); }
  return out;
};
`;

describe("prepared mode", () => {
  it.each(SHAPES)("shapes %s", (_name, source, want) => {
    expect(prepareSource(source)).toBe(want);
  });

  it("changes no line and finds nothing to do in what it made", () => {
    const prepared = prepareSource(SEMANTICS)!;
    expect(prepared.split("\n")).toHaveLength(SEMANTICS.split("\n").length);
    expect(prepareSource(prepared)).toBeNull();
  });

  it("leaves programs as they are: results, names, kinds, rejections", async () => {
    const got = await runProbed<[unknown[], unknown[], boolean]>(
      `const plain = await require("./plain.cjs")(); require(process.env.PREPARE_MODULE).prepare();
       const same = require("./prepared.cjs"); print([plain, await same(), same.toString().includes("(0,{")]);`,
      { files: { "plain.cjs": SEMANTICS, "prepared.cjs": SEMANTICS } },
    );
    expect(got[1]).toEqual(got[0]);
    expect(got[2]).toBe(true);
  });

  it("keeps lines and names in stacks, through await too", async () => {
    // Within one microtask of the call the caller is not known yet: the price of an outer function that is never suspended.
    const got = await runProbed<string[][]>(
      `require(process.env.PREPARE_MODULE).prepare(); const { outer } = require("./deep.cjs");
       print(await outer().catch((error) => error.stack.split("\\n").filter((line) => line.includes("deep.cjs")).map((line) => line.replace(/\\(?\\/.*\\//, ""))));`,
      {
        files: {
          "deep.cjs":
            "async function inner() {\n  await null; await null;\n  throw new Error('x');\n}\nexports.outer = async function outer() {\n  await 1;\n  return await inner();\n};\n",
        },
      },
    );
    expect(got).toEqual([
      expect.stringMatching(/at inner deep\.cjs:3:9/),
      expect.stringMatching(/at async outer deep\.cjs:7:10/),
    ]);
  });

  const SERVICE = (isModule: boolean) =>
    `const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
class Service {
  async handle(a, b) {
    const x = a * 2;
    await sleep(2);
    const total = x + b;
    return total;
  }
}
${isModule ? "export const service =" : "exports.service ="} new Service();
`;
  const DRIVE = (load: string) => `
    const { service } = ${load};
    let stop = false; let wrong = 0;
    const loops = Array.from({ length: 50 }, async () => { while (!stop) if ((await service.handle(1, 2)) !== 4) wrong++; });
    await wait(100);
    const engines = []; let unseen = 0; let late = 0;
    for (let round = 0; round < 6; round++) {
      const probe = await put(/service\\.[cm]js/.exec(${JSON.stringify(load)})[0], 6 + (round % 2), { test: ["x"], when: () => false });
      const second = await put(/service\\.[cm]js/.exec(${JSON.stringify(load)})[0], 5, { test: [], when: () => false });
      engines.push(probe.state.engine, second.state.engine); await wait(60);
      if (probe.reached === 0 || second.reached === 0) unseen++;
      await probe.remove(); const reached = probe.reached; await wait(20); if (probe.reached !== reached) late++;
      await second.remove();
    }
    stop = true; await Promise.all(loops);
    print({ engines: [...new Set(engines)], unseen, late, wrong, refused: placement.stats().refused }); await placement.close();`;

  it("lets inject succeed always under 50 calls in flight, in CommonJS", async () => {
    const got = await runProbed(`require(process.env.PREPARE_MODULE).prepare(); ${DRIVE('require("./service.cjs")')}`, {
      files: { "service.cjs": SERVICE(false) },
    });
    expect(got).toEqual({ engines: ["inject"], unseen: 0, late: 0, wrong: 0, refused: 0 });
  });

  it("lets inject succeed always under 50 calls in flight, in ES modules", async () => {
    const got = await runProbed(
      `require(process.env.PREPARE_MODULE).prepare(); ${DRIVE('await import("./service.mjs")')}`,
      {
        files: { "service.mjs": SERVICE(true) },
        isModule: true,
      },
    );
    expect(got).toEqual({ engines: ["inject"], unseen: 0, late: 0, wrong: 0, refused: 0 });
  });

  it("is needed: without it, inject is refused there", async () => {
    const got = await runProbed<{ engines: string[]; late: number; wrong: number }>(DRIVE('require("./service.cjs")'), {
      files: { "service.cjs": SERVICE(false) },
    });
    expect(got).toMatchObject({ engines: ["inspector"], late: 0, wrong: 0 });
  });

  it("leaves dependencies alone when asked to", async () => {
    const got = await runProbed<boolean[]>(
      `require(process.env.PREPARE_MODULE).prepare({ dependencies: false });
       print([require("./node_modules/x/index.cjs"), require("./own.cjs")].map((f) => f.toString().includes("return(0,")));`,
      {
        files: {
          "node_modules/x/index.cjs": "module.exports = async function f() { await 1; };",
          "own.cjs": "module.exports = async function f() { await 1; };",
        },
      },
    );
    expect(got).toEqual([false, true]);
  });
});
