// What people try in order to get out of a sandbox, or to bring down what it runs in. Each must end with a verdict or an error.
import { afterAll, describe, expect, it } from "vitest";
import { HOST_LIMITS } from "../../host/limits.ts";
import { opened, type Ran, ran, renewed, result } from "./scripts.ts";

/** Milliseconds within which any run ends, on a machine that others use too. */
const MUCH_MS = 1000;
const holder = { plain: 1, list: [1, 2], at: new Date(0), map: new Map([["a", 1]]), bytes: Uint8Array.of(1), f() {} };
const program = { touched: 0 };
(globalThis as Record<string, unknown>).touchProgram = () => {
  program.touched++;
};
afterAll(() => {
  expect(program.touched).toBe(0);
  delete (globalThis as Record<string, unknown>).touchProgram;
});

/** Runs a script twice, the second time in a new sandbox where it has lost the first, and gives both results with the longest time. */
async function twice(source: string): Promise<{ first: Ran; second: Ran; ms: number }> {
  const script = await opened(source);
  const timed = () => {
    const started = performance.now();
    const made = ran(script, { v: holder });
    return [made, performance.now() - started] as const;
  };
  const [first, a] = timed();
  await renewed(script);
  const [second, b] = timed();
  script.close();
  return { first, second, ms: Math.max(a, b) };
}

describe("what leads to the program", () => {
  it.each([
    "typeof globalThis.process === 'undefined' && typeof globalThis.require === 'undefined'",
    "typeof globalThis.console === 'undefined' && typeof globalThis.setTimeout === 'undefined' && typeof globalThis.fetch === 'undefined'",
    "v.constructor.constructor('return typeof process')() === 'undefined'",
    "v.f.constructor('return typeof touchProgram')() === 'undefined'",
    "v.list.constructor.constructor('return this')() === globalThis && typeof globalThis.touchProgram === 'undefined'",
    "v.at.constructor.constructor('return typeof process')() === 'undefined'",
    "v.map.get.constructor('return typeof process')() === 'undefined'",
    "v.bytes.constructor.constructor('return typeof process')() === 'undefined'",
    "(function* () {}).constructor('return typeof process')().next().value === 'undefined'",
    "let p = v; while (Object.getPrototypeOf(p)) p = Object.getPrototypeOf(p); p === Object.prototype && p.constructor === Object",
    "eval('typeof process') === 'undefined' && (0, eval)('typeof process') === 'undefined'",
    "eval('1 + 1') === 2 && new Function('a', 'return a * 2')(2) === 4",
    "(() => { try { null.x } catch (e) { return e.constructor.constructor('return typeof process')() } })() === 'undefined'",
    "let e; try { v.f() } catch (x) { e = x } e.constructor.constructor('return typeof process')() === 'undefined'",
    "(function () { return this })() === undefined && typeof arguments === 'object' && arguments.length === 0",
    "(() => { try { return (function f() { return f.caller })() === null } catch { return true } })()",
    "(() => { try { return arguments.callee && false } catch { return true } })()",
    "(() => { Error.prepareStackTrace; try { Error.prepareStackTrace = (_, f) => f; return false } catch { return true } })()",
    "Object.getOwnPropertyNames(globalThis).every(k => !/^(QTS|host|__|std|os|bjson|scriptArgs|print)/.test(k))",
    "Reflect.ownKeys(globalThis).every(k => { const d = Object.getOwnPropertyDescriptor(globalThis, k); return !d.configurable && !d.writable })",
  ])("%s", async (source) => {
    expect(await result(`js: ${source}`, { v: holder })).toBe(true);
  });

  it.each([
    ["import('node:fs')", "not_bool"],
    ["import('node:fs').then(fs => fs.writeFileSync('/tmp/out', ''))", "not_bool"],
    ["(async () => true)()", "not_bool"],
    ["(async () => { await null; return true })()", "not_bool"],
    ["Promise.resolve(true)", "not_bool"],
    ["({ then(f) { f(true) } })", "not_bool"],
    ["new Boolean(true)", "not_bool"],
    ["1", "not_bool"],
    ["'true'", "not_bool"],
    ["null", "not_bool"],
    ["undefined", "not_bool"],
    ["Symbol('true')", "not_bool"],
    ["({ valueOf() { return true }, [Symbol.toPrimitive]() { return true } })", "not_bool"],
    ["new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })", "not_bool|script_threw"],
    ["new Proxy(function () {}, { apply() { return true } })", "not_bool"],
    ["(() => { throw new Proxy({}, { get() { throw 1 }, has() { throw 2 } }) })()", "script_threw"],
    [
      "(() => { throw { get name() { throw 1 }, get message() { throw 2 }, get stack() { throw 3 } } })()",
      "script_threw",
    ],
    ["(() => { throw { name: 'InternalError', message: 'interrupted' } })()", "script_threw"],
    ["(() => { throw undefined })()", "script_threw"],
    ["(() => { throw Symbol('s') })()", "script_threw"],
    ["(() => { throw 'x'.repeat(1e5) })()", "script_threw"],
    [
      "(() => { throw { name: { toString() { return 'a'.repeat(1e4) } }, message: '\\u001b[31mred' } })()",
      "script_threw",
    ],
  ])("%s is no answer", async (source, code) => {
    const { first, second } = await twice(`js: ${source}`);
    for (const made of [first, second]) {
      expect(made).toMatchObject({ code: expect.stringMatching(new RegExp(`^(${code})$`)) });
      expect((made as { message: string }).message.length).toBeLessThan(500);
    }
  });
});

describe("what takes for ever, or everything", () => {
  it.each([
    // The interrupt ends these.
    ["for (;;); true", "budget"],
    ["while (true) { try { for (;;); } catch {} finally { continue } } true", "budget"],
    ["(() => { try { for (;;); } finally { return true } })()", "budget"],
    ["const g = (function* () { for (;;) yield 1 })(); for (const x of g); true", "budget"],
    ["/^(a+)+$/.test('a'.repeat(60) + 'b')", "budget"],
    ["/(.*)*x/.test('a'.repeat(3000))", "budget"],
    ["'a'.repeat(5000).replace(/(a*)*b/g, '') === ''", "budget"],
    ["let s = 0; for (const a of Array(3000).keys()) for (const b of Array(3000).keys()) s += a * b; s > 0", "budget"],
    ["const p = new Proxy({}, { has() { for (;;); } }); 'x' in p", "budget"],
    ["[3, 1, 2].sort(() => { for (;;); }).length === 3", "budget"],
    ["JSON.stringify({ toJSON() { for (;;); } }) === ''", "budget"],
    // These run in the interpreter's own loops, where it asks nobody: the step counter ends them.
    ["[].indexOf.call({ length: 2 ** 53 - 1 }, 1) === -1", "budget"],
    ["[].lastIndexOf.call({ length: 2 ** 53 - 1 }, 1) === -1", "budget"],
    ["[].includes.call({ length: 2 ** 53 - 1 }, 1)", "budget"],
    ["[].reverse.call({ length: 2 ** 53 - 1 }) === 1", "budget"],
    ["[].fill.call(new Proxy({ length: 2 ** 53 - 1 }, {}), 0) === 1", "budget"],
    ["Array.from({ length: 1e8 }).length > 0", "budget|memory|script_threw"],
    ["'a'.repeat(2e6).indexOf('a'.repeat(1e6) + 'b') === -1", "budget|memory"],
    ["'a'.repeat(2e6).split('').length > 0", "budget|memory"],
    ["'ab'.repeat(1e6).replaceAll('a', 'b').length > 0", "budget|memory"],
    ["let b = []; for (let i = 0; i < 60; i++) b = [b, b]; b.flat(Infinity).length === 0", "budget"],
    ["let b = 1; for (let i = 0; i < 60; i++) b = [b, b]; JSON.stringify(b).length > 0", "budget|memory|script_threw"],
    ["let b = 1; for (let i = 0; i < 60; i++) b = [b, b]; String(b).length > 0", "budget|memory|script_threw"],
    ["(7n ** 200000n) ** 3n > 1n", "budget|memory|script_threw"],
    ["String(3n ** 300000n).length > 1", "budget|memory"],
    ["new Array(5e5).fill('x'.repeat(1e6)).sort().length > 1", "budget|memory"],
    // Memory.
    ["let a = []; for (;;) a.push('x' + a.length); true", "memory|budget"],
    ["let a = []; for (;;) a.push(new Array(1000)); true", "memory|budget"],
    ["let s = 'x'; for (;;) s += s; true", "memory|budget|script_threw"],
    ["let s = 'ab'; for (;;) s = s.replace(/./g, '$&$&'); true", "memory|budget"],
    ["new Uint8Array(1e9).length > 0", "memory"],
    ["new ArrayBuffer(2 ** 31).byteLength > 0", "memory|script_threw"],
    ["let a = []; for (;;) a.push(new Uint8Array(1e5)); true", "memory|budget"],
    ["let m = new Map(); for (let i = 0; ; i++) m.set(i, {}); true", "memory|budget"],
    ["'x'.repeat(2 ** 29).length > 0", "memory|budget|script_threw"],
    ["'x'.padEnd(1e9).length > 0", "memory|budget|script_threw"],
    ["let o = {}; for (let i = 0; ; i++) o['k' + i] = i; true", "memory|budget"],
    // The stack.
    ["const f = () => f() + 1; f() > 1", "budget"],
    ["const f = (a, ...b) => [...b].map(() => f(a, ...b, 1)); f(1, 2) > 1", "budget"],
    ["let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; JSON.stringify(o).length > 1", "budget|memory"],
    ["let p = {}; for (let i = 0; i < 20000; i++) p = new Proxy(p, {}); p.x === 1", "budget|memory"],
    ["let f = () => 1; for (let i = 0; i < 20000; i++) f = f.bind(null); f() === 1", "budget|memory"],
    ["const o = { get x() { return this.x } }; o.x === 1", "budget"],
    ["eval('('.repeat(20000)) === 1", "budget|memory|script_threw"],
    ["new RegExp('('.repeat(20000) + ')'.repeat(20000)).test('')", "budget|memory|script_threw"],
    ["JSON.parse('['.repeat(50000)) === 1", "budget|memory|script_threw"],
    ["const t = { toString() { return String(t) } }; String(t) === ''", "budget"],
  ])("%s ends", async (source, codes) => {
    const { first, second, ms } = await twice(`js: ${source}`);
    const code = expect.stringMatching(new RegExp(`^(${codes})$`));
    expect([first, second]).toMatchObject([{ code }, { code }]);
    expect(ms).toBeLessThan(MUCH_MS);
  });

  it("takes no memory beyond its own", async () => {
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 5; i++) await result("js: let a = []; for (;;) a.push('x'.repeat(999) + a.length); true");
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(10 * (HOST_LIMITS.scriptMemoryBytes / 2 ** 20));
  });

  it("ends also where the program's own stack is nearly full", async () => {
    const script = await opened("js: [1, 2, 3].map(x => x * 2).includes(6)");
    const results: Ran[] = [];
    const deeper = (): void => {
      try {
        deeper();
      } catch {}
      if (results.length < 50 && script.isReady) {
        try {
          results.push(ran(script));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
    };
    deeper();
    for (const made of results)
      if (made !== true) expect(made).toMatchObject({ code: expect.stringMatching(/^(budget|internal)$/) });
    await renewed(script);
    expect(ran(script)).toBe(true);
  });
});

describe("what would be left behind", () => {
  const attempts = [
    "globalThis.leak = 1",
    "Object.prototype.leak = 1",
    "Array.prototype.push = () => 1",
    "Array.prototype.leak = 1",
    "Function.prototype.leak = 1",
    "(function* () {}).constructor.prototype.leak = 1",
    "Object.getPrototypeOf(Object.getPrototypeOf((function* () {})())).leak = 1",
    "Object.getPrototypeOf(async function () {}).leak = 1",
    "Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})())).leak = 1",
    "Object.getPrototypeOf([].values()).leak = 1",
    "Object.getPrototypeOf(new Map().entries()).leak = 1",
    "Object.getPrototypeOf(''.matchAll(/a/g)).leak = 1",
    "Object.getPrototypeOf(''[Symbol.iterator]()).leak = 1",
    "Object.getPrototypeOf(Int8Array).leak = 1",
    "Object.getPrototypeOf([].values().map(x => x)).leak = 1",
    "Error.stackTraceLimit = 0",
    "JSON.leak = 1",
    "Math.random = () => 1",
    "Symbol.prototype.leak = 1",
    "RegExp.prototype.leak = 1",
    "Reflect.leak = 1",
    "Promise.prototype.then = () => 1",
    "Object.defineProperty(globalThis, 'leak', { value: 1 })",
    "Object.setPrototypeOf(Object.prototype, null).leak = 1",
    "Object.setPrototypeOf(globalThis, {})",
    "(0, eval)('var leak = 1')",
    "(0, eval)('function leak() {}')",
    "new Function('\"use strict\"; leak = 1')()",
    "delete globalThis.JSON",
    "delete Array.prototype.map",
    "globalThis.v = 1",
    "v = 1",
  ];
  it.each(attempts)("%s changes nothing", async (attempt) => {
    const script = await opened(
      `js: let refused = false; try { ${attempt} } catch { refused = true } refused && v.plain === 1 && typeof leak === 'undefined'`.replace(
        "typeof leak",
        "eval('typeof leak')",
      ),
    );
    for (let i = 0; i < 3; i++) expect(ran(script, { v: holder })).toBe(true);
    script.close();
  });

  it("is not there at the next hit: no binding, no state of a generator, no property of the script itself", async () => {
    for (const source of [
      "(0, eval)(\"let kept = (typeof kept2 === 'undefined'); kept\")",
      "(0, eval)('let q = 1; q === 1')",
      "(0, eval)('class Q {}; typeof Q') === 'function'",
      "let fresh = true; try { fresh = !globalThis.seen; globalThis.seen = 1 } catch {} fresh",
      "const f = () => {}; const fresh = !f.seen; f.seen = 1; fresh",
      "const t = s => s; const same = t`a`; Object.isFrozen(same)",
      "const r = /a/g; r.lastIndex === 0 && r.test('a') && r.lastIndex === 1",
      "v.mark === undefined && (v.mark = 1) === 1",
    ]) {
      const script = await opened(`js: ${source}`);
      for (let i = 0; i < 3; i++) expect([source, ran(script, { v: holder })]).toEqual([source, true]);
      script.close();
    }
    const lexical = await opened('js: (0, eval)("let sticky = 1"); (0, eval)("typeof sticky") === \'undefined\'');
    for (let i = 0; i < 2; i++) expect(ran(lexical)).toBe(true);
  });

  it("is not there for another script", async () => {
    const first = await opened("js: v.list.push(3); (0, eval)('let other = 1'); true");
    const second = await opened("js: v.list.length === 2 && (0, eval)('typeof other') === 'undefined'");
    expect([ran(first, { v: holder }), ran(second, { v: holder })]).toEqual([true, true]);
  });

  it("of promises is thrown away with the sandbox", async () => {
    const script = await opened("js: Promise.resolve().then(() => { for (;;); }); true");
    expect(ran(script)).toBe(true);
    expect(script.isReady).toBe(false);
    await renewed(script);
    expect(ran(script)).toBe(true);
  });
});

describe("what is not the same each time", () => {
  it("is the clock and Math.random, which are the machine's", async () => {
    expect(await result("js: Math.abs(Date.now() - now.getTime()) < 60000", { now: new Date() })).toBe(true);
    expect(await result("js: Math.random() !== Math.random()")).toBe(true);
  });
});
