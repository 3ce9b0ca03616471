import { describe, expect, it } from "vitest";
import { prepareSource } from "../../bindings/node/shape.ts";
import { type RunOptions, runProbed } from "./placing.ts";

/** An edit may take as long as it likes here: it is not what these tests are about. */
const run = <T>(body: string, options: RunOptions): Promise<T> =>
  runProbed(body, { ...options, env: { TRACEPOINTDEBUG_MAX_EDIT_MS: "60000" } });

/** The inner function of a generator, which is kept until the next edit. */
const kept = (cell: string, literal: string) =>
  `(${cell}&&${cell}[0]===globalThis.__tpdEpoch?${cell}:${cell}=[globalThis.__tpdEpoch,${literal}])[1].apply(this,arguments)`;

/** Source, and what it becomes; null: it stays as it is. */
const SHAPES: readonly [name: string, source: string, want: string | null][] = [
  [
    "an async function",
    "async function f(a) { await a; }",
    "      function f(a) {return(0,{f:async()=>{ await a; }}.f)()}",
  ],
  [
    "one that somebody can look at",
    "async function f() { await 1; } x(f);",
    "globalThis.__tpdAsync?.(f);      function f() {return(0,{f:async()=>{ await 1; }}.f)()} x(f);",
  ],
  [
    "an async arrow function with a block",
    "const f = async (a) => { await a; };",
    "const f =      (__tpdp0)=>(0,{f:async (a) => { await a; }}.f)(__tpdp0);",
  ],
  [
    "an async arrow function with an expression, given away",
    "x(async a => (await a, 1));",
    'x((globalThis.__tpdAsync??Object)(     (__tpdp0)=>(0,{"":async a => (await a, 1)}[""])(__tpdp0)));',
  ],
  [
    "one that is only called by what it is given to",
    "a.map(async (b) => await b);",
    'a.map(     (__tpdp0)=>(0,{"":async (b) => await b}[""])(__tpdp0));',
  ],
  [
    "a function expression, which keeps its name and gets no `prototype`",
    "exports.g = f; const f = async function (a) { await a; };",
    "exports.g = f; const f = (globalThis.__tpdAsync??Object)({f               (a) {return(0,{f:async()=>{ await a; }}.f)()}}.f);",
  ],
  [
    "two that end at one place",
    "const f = async (a) => async (b) => (await a) + (await b) + await (async (c) => await c);",
    'const f = async (a) => (globalThis.__tpdAsync??Object)(     (__tpdp0)=>(0,{"":async (b) => (await a) + (await b) + await ((globalThis.__tpdAsync??Object)(     (__tpdp0)=>(0,{"":async (c) => await c}[""])(__tpdp0)))}[""])(__tpdp0));',
  ],
  [
    "directives",
    'async function f() { "use strict"\n await 1; }',
    '      function f() { "use strict";return(0,{f:async()=>{\n await 1; }}.f)()}',
  ],
  [
    "parameters in which something can throw: they go along",
    "async function f(a, { b }, c = d(), ...e) { await a; }",
    "      function f(__tpdp0,__tpdp1,__tpdp2=void 0,...__tpdp3){return(0,{f:async(a, { b }, c = d(), ...e)=> { await a; }}.f)(__tpdp0,__tpdp1,__tpdp2,...__tpdp3)}",
  ],
  [
    "a parameter declared again",
    "async function f(a) { var a; await 1; }",
    "      function f(__tpdp0){return(0,{f:async(a)=> { var a; await 1; }}.f)(__tpdp0)}",
  ],
  [
    "methods of a class",
    "class A { async m() { await 1; } static async s() { await 1; } }",
    'class A {static{globalThis.__tpdAsync?.of(this.prototype,"m");globalThis.__tpdAsync?.of(this,"s");}       m() {return(0,{m:async()=>{ await 1; }}.m)()} static       s() {return(0,{s:async()=>{ await 1; }}.s)()} }',
  ],
  [
    "a private method",
    "class A { async #m() { await this.#m(); } }",
    'class A {       #m() {return(0,{"#m":async()=>{ await this.#m(); }}["#m"])()} }',
  ],
  [
    "a method of an object",
    "x = { async m() { await 1; } };",
    'x = { m:(globalThis.__tpdAsync??Object)({      m() {return(0,{m:async()=>{ await 1; }}.m)()}}["m"]) };',
  ],
  [
    "a generator",
    "function* f(a) { yield a; }",
    `var __tpdc0;function  f(__tpdp0){return${kept("__tpdc0", "{f:function*(a) { yield a; }}.f")}}`,
  ],
  [
    "an iterator",
    "class A { *[Symbol.iterator]() { yield 1; } }",
    `var __tpdc0;class A { ;[Symbol.iterator](){return${kept("__tpdc0", '{"":function*() { yield 1; }}[""]')}} }`,
  ],
  [
    "an async iterator of an object, in a block",
    "if (a) { x = { async *[Symbol.asyncIterator]() { yield 1; } }; }",
    `if (a) {let __tpdc0; x = {        [Symbol.asyncIterator](){return${kept("__tpdc0", '{"":async function*() { yield 1; }}[""]')}} }; }`,
  ],
  ["no await of its own", "async function f() { return 1; }", null],
  ["the shape already", "function f() { return (async () => { await 1; })(); }", null],
  ["what runs once", "(async () => { await 1; })();", null],
  ["a generator of which one is made in each round", "for (const a of b) c.push(function* () { yield a; });", null],
  ["a generator whose `prototype` is used", "function* f() { yield 1; } f.prototype.a = 1;", null],
  ["a generator that uses super", "class A extends B { *f() { yield* super.f(); } }", null],
  ["a program with a `globalThis` of its own", "async function f(globalThis) { await 1; }", null],
  ["what is no JavaScript", "async function f(a: number) { await a; }", null],
];

/** Where the kind cannot be told, an async function stays one and starts another. */
const STAYING: readonly [name: string, source: string][] = [
  ["a declaration in an inner block", "{ async function f() { await 1; } }"],
  ["a computed key", "class A { async [k]() { await 1; } }"],
  ["a private method that is given away", "class A { async #m() { await 1; } n() { x(this.#m); } }"],
  ["a method of an object that uses super", "x = { async m() { await super.m(); } };"],
  ["a property that is no plain one", "x = { async __proto__() { await 1; } };"],
  ["a comment among the words", "async /* ( */ function f() { await 1; }"],
  ["an export without a name", "export default async function () { await 1; }"],
  ["the beginning of a statement", "a\nasync () => { await 1; }"],
];

describe("prepared mode", () => {
  it.each(SHAPES)("shapes %s", (_name, source, want) => {
    expect(prepareSource(source)).toBe(want);
  });

  it.each(STAYING)("keeps the word where it can tell nobody: %s", (_name, source) => {
    const prepared = prepareSource(source)!;
    expect(prepared).toContain("(0,{");
    expect(prepared.match(/async/g)).toHaveLength(2);
  });

  it("leaves long lines of a source map alone, where columns count", () => {
    const long = `async function f() { await 1; }${" ".repeat(500)}`;
    expect(prepareSource(`${long}\n//# sourceMappingURL=a.js.map`)).toBeNull();
    expect(prepareSource(long)).not.toBeNull();
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
    const got = await run(`require(process.env.PREPARE_MODULE).prepare(); ${DRIVE('require("./service.cjs")')}`, {
      files: { "service.cjs": SERVICE(false) },
    });
    expect(got).toEqual({ engines: ["inject"], unseen: 0, late: 0, wrong: 0, refused: 0 });
  });

  it("lets inject succeed always under 50 calls in flight, in ES modules", async () => {
    const got = await run(`require(process.env.PREPARE_MODULE).prepare(); ${DRIVE('await import("./service.mjs")')}`, {
      files: { "service.mjs": SERVICE(true) },
      isModule: true,
    });
    expect(got).toEqual({ engines: ["inject"], unseen: 0, late: 0, wrong: 0, refused: 0 });
  });

  it("is needed: without it, inject is refused there", async () => {
    const got = await run<{ engines: string[]; late: number; wrong: number }>(DRIVE('require("./service.cjs")'), {
      files: { "service.cjs": SERVICE(false) },
    });
    expect(got).toMatchObject({ engines: ["inspector"], late: 0, wrong: 0 });
  });

  it("lets inject succeed in generators that are suspended, which end as they began", async () => {
    const got = await run(
      `require(process.env.PREPARE_MODULE).prepare(); const { Pages, walk } = require("./pages.cjs");
       const old = [walk(3), new Pages(3).all(), new Pages(3).later()]; for (const it of old) await it.next();
       const probes = []; for (const line of [4, 11, 18]) probes.push(await put("pages.cjs", line, { test: ["i"], when: (i) => i === 2 }));
       const rest = []; for (const it of old) for await (const x of it) rest.push(x);
       const before = probes.map(({ reached }) => reached);
       const fresh = []; for (const it of [walk(3), new Pages(3).all(), new Pages(3).later()]) for await (const x of it) fresh.push(x);
       const after = probes.map(({ reached }) => reached); for (const probe of probes) await probe.remove();
       for (const it of [walk(3), new Pages(3).all(), new Pages(3).later()]) for await (const x of it) x;
       print([probes.map(({ state }) => [state.engine, state.site.functionName, state.site.names]), rest, before, fresh, after,
         probes.map(({ reached }) => reached), probes.map(({ hits }) => hits.length), placement.stats().refused]);`,
      {
        files: {
          "pages.cjs": `exports.walk = walk;
function* walk(n) {
  for (let i = 1; i <= n; i++) {
    yield i;
  }
}
class Pages {
  constructor(n) { this.n = n; }
  *all(step = 1, { from = 1 } = {}) {
    for (let i = from; i <= this.n; i += step) {
      yield i * 10;
    }
  }
  async *later() {
    const n = await this.n;
    for (let i = 1; i <= n; i++) {
      await null;
      yield i * 100;
    }
  }
}
exports.Pages = Pages;
`,
        },
      },
    );
    expect(got).toEqual([
      [
        ["inject", "walk", ["i", "n"]],
        ["inject", "all", ["this", "i", "step", "from"]],
        ["inject", "later", ["this", "i", "n"]],
      ],
      [2, 3, 20, 30, 200, 300],
      [0, 0, 0],
      [1, 2, 3, 10, 20, 30, 100, 200, 300],
      [3, 3, 3],
      [3, 3, 3],
      [1, 1, 1],
      0,
    ]);
  });

  it("puts probes on the same lines, with the same names, as without it", async () => {
    const sites = (isPrepared: boolean) =>
      run<{ line: number; names: string[] }[]>(
        `if (${isPrepared}) require(process.env.PREPARE_MODULE).prepare(); require("./lines.cjs"); const sites = [];
         for (let line = 1; line < 15; line++) { const { state } = await put("lines.cjs", line); sites.push(state.site ?? state); }
         print(sites.map(({ line, names }) => ({ line, names: names.sort() })));`,
        {
          files: {
            "lines.cjs": `exports.f = async (
  { a }, b = 2) => await a + b;
exports.g = g; class A {
  async m(x) { await x; }
}
async function g(x) {
  await x;
}
function outer() {
  async function inner(y) { await this.y; }
  return inner;
}
outer(); function* h(z = 1) {
  yield z;
}
`,
          },
        },
      );
    const plain = await sites(false);
    expect(plain[1]).toEqual({ line: 2, names: ["a", "b"] });
    expect(await sites(true)).toEqual(plain);
  });

  it("leaves dependencies alone when asked to", async () => {
    const got = await run<boolean[]>(
      `require(process.env.PREPARE_MODULE).prepare({ dependencies: false });
       print([require("./node_modules/x/index.cjs"), require("./own.cjs")].map((f) => f.toString().includes("(0,{")));`,
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
