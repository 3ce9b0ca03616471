import { describe, expect, it } from "vitest";
import { HOST_LIMITS } from "../../host/limits.ts";
import { UNAVAILABLE } from "../../host/placement.ts";
import type { Use } from "../../host/script-text.ts";
import { ScriptValues } from "../../host/script-values.ts";
import { opened, ran, result } from "./scripts.ts";

class Order {
  id = 7;
  #secret = 1;
  get total(): never {
    throw new Error("a getter of the program ran");
  }
  secret() {
    return this.#secret;
  }
}
const never = () => {
  throw new Error("code of the program ran");
};
const trap = new Proxy(
  {},
  { get: never, has: never, ownKeys: never, getOwnPropertyDescriptor: never, getPrototypeOf: never },
);
const withGetter = Object.defineProperty({ plain: 1 }, "risky", { get: never, enumerable: true });
const cyclic: Record<string, unknown> = { name: "a" };
cyclic.self = cyclic;
const deep = { a: { a: { a: { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } } } } };

describe("a script reads", () => {
  it.each<[string, unknown]>([
    ["v === 1.5", 1.5],
    ["Number.isNaN(v)", Number.NaN],
    ["v === Infinity", Infinity],
    ["v === -Infinity", -Infinity],
    ["Object.is(v, -0)", -0],
    ["v === 1e300", 1e300],
    ["v === 2n ** 64n", 2n ** 64n],
    ["v === -5n", -5n],
    ["v === undefined", undefined],
    ["v === null", null],
    ["v === 'a\\u0000\\ud800\"b\\u2028é😀'", 'a\u0000\ud800"b\u2028é😀'],
    ["v === true", true],
    ["v instanceof Date && v.getTime() === 5", new Date(5)],
    ["Number.isNaN(v.getTime())", new Date(Number.NaN)],
    [
      "v instanceof Map && v.get('a').b === 1 && v.get(2n) === undefined && v.size === 2",
      new Map<unknown, unknown>([
        ["a", { b: 1 }],
        [2n, undefined],
      ]),
    ],
    ["v instanceof Set && v.has(3) && v.size === 2", new Set([1, 3])],
    ["v instanceof Uint8Array && v.length === 2 && v[1] === 255", Uint8Array.of(0, 255)],
    ["v instanceof Uint8Array && v[0] === 9", Buffer.from([9])],
    ["v instanceof Uint8Array && v[0] === 1", Uint8Array.of(1).buffer],
    ["Array.isArray(v) && v[1] === 0.5", Float64Array.of(1, 0.5)],
    ["v.length === 3 && v[1] === undefined && v[2].x === 1", Object.assign(new Array(3), { 0: 0, 2: { x: 1 } })],
    ["v === 'boxed'", new String("boxed")],
    [
      "v.name === 'TypeError' && v.message === 'bad' && v.extra === 1",
      Object.assign(new TypeError("bad"), { extra: 1 }),
    ],
    ["typeof v === 'function' && v.name === 'never'", never],
    ["v.id === 7 && Object.keys(v).join() === 'id' && v.secret === undefined && v.nothing === undefined", new Order()],
    ["v.plain === 1 && 'risky' in v", withGetter],
    ["v.self.self.name === 'a'", cyclic],
    ["v.a.a.a.a.a.a !== undefined", deep],
    [
      "Object.keys(v).join() === '__proto__,constructor' && v.constructor === 2 && ({}).x === undefined",
      JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}'),
    ],
    ["Object.getPrototypeOf(v) === Object.prototype && v.y === 1", Object.assign(Object.create(null), { y: 1 })],
    ["v.filter(i => i.price > 100).length === 2", [{ price: 50 }, { price: 101 }, { price: 200 }]],
    ["v.length === 4096", "x".repeat(4096)],
    ["v.filter(() => true).length === 256", new Array(256).fill(0)],
    ["v.length === 100000 && v[99999] === 1 && v[100000] === undefined", new Array(100_000).fill(1)],
    ["v[0].a === 1 && v[1].b.c === 2 && v.length === 2 && Array.isArray(v)", [{ a: 1 }, { b: { c: 2 }, a: trap }]],
    [
      "v.url === '/x' && v.headers.host === 'h' && v.headers['x-y'] === 'z'",
      { socket: trap, big: deep, url: "/x", headers: { host: "h", "x-y": "z", other: trap } },
    ],
    [
      "v.inherited === 1 && typeof v.secret === 'function'",
      Object.setPrototypeOf({}, Object.setPrototypeOf({ inherited: 1 }, Order.prototype)),
    ],
    ["v.some(o => o.id === 7) && !('total' in Object.keys(v[0]))", [new Order()]],
    ["v.toString() === '[object Object]' && v.constructor === Object", { a: 1 }],
    ["v.missing === undefined && v?.missing?.x === undefined", { a: 1 }],
  ])("%s", async (expression, v) => {
    expect(await result(`js: ${expression}`, { v })).toBe(true);
  });

  it("what is `this` in the frame, and many variables at once", async () => {
    expect(await result("js: this.a + b + c === 6 && (() => this.a)() === 1", { this: { a: 1 }, b: 2, c: 3 })).toBe(
      true,
    );
  });

  it("copies: what it changes is not changed in the program", async () => {
    const v = { list: [1], name: "a" };
    expect(await result("js: v.list.push(2); v.name = 'b'; v.more = 1; v.list.length === 2", { v })).toBe(true);
    expect(v).toEqual({ list: [1], name: "a" });
  });
});

describe("a script that reads what it may not", () => {
  it.each<[string, unknown, string]>([
    ["v.risky > 1", withGetter, "side_effect"],
    ["v.total > 1", new Order(), "side_effect"],
    ["v.x > 1", Object.setPrototypeOf({}, trap), "side_effect"],
    ["v.some(o => o.total > 1)", [new Order()], "side_effect"],
    ["v.x", trap, "side_effect"],
    ["v === undefined", trap, "side_effect"],
    ["v.inner.x", { inner: trap }, "side_effect"],
    ["v[0] === 1", [trap], "side_effect"],
    ["v.size === 1", new Map([["a", trap]]), "side_effect"],
    ["v.size === 1", new Set([trap]), "side_effect"],
    ["v.size === 1", new Map([[{}, 1]]), "no_such_overload"],
    ["v === undefined", UNAVAILABLE, "undeclared"],
    ["v === undefined", Symbol("s"), "no_such_overload"],
    ["v === undefined", Promise.resolve(1), "no_such_overload"],
    ["v === undefined", new WeakMap(), "no_such_overload"],
    ["v.length > 1", "x".repeat(4097), "truncated"],
    ["v.some(x => x > 0)", new Array(257).fill(0), "truncated"],
    ["v.byteLength > 1", new Uint8Array(5000), "truncated"],
    ["v.size > 1", new Set(Array.from({ length: 300 }, (_, i) => i)), "truncated"],
    ["Object.keys(v).length > 1", Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, 1])), "truncated"],
    ["v > 1n", 2n ** 5000n, "truncated"],
    ["v.a.a.a.a.a.a.a.a.a.a === 1", deep, "truncated"],
    ["JSON.stringify(v) === ''", cyclic, "truncated"],
    ["v.every(t => t.length > 1)", new Array(100).fill("x".repeat(2000)), "truncated"],
    ["this.x", trap, "side_effect"],
  ])("%s fails with its code", async (expression, v, code) => {
    expect(await result(`js: ${expression}`, { v, this: v })).toMatchObject({ code });
  });

  it("is not failed by what it does not read, and may handle the failure", async () => {
    expect(await result("js: v.plain === 1", { v: withGetter })).toBe(true);
    expect(await result("js: true || v", { v: trap })).toBe(true);
    expect(await result("js: try { v.risky } catch { return true } return false", { v: withGetter })).toBe(true);
  });

  it("is shown the place", async () => {
    expect(await result("js: v.plain > 1 || v.risky > 1", { v: withGetter })).toMatchObject({
      message: "Reading the value would run the program's code: a getter, a property or a proxy.",
      snippet: expect.stringMatching(/^js: v\.plain > 1 \|\| v\.risky > 1\n +\^$/),
    });
  });

  it("cannot call a function of the program", async () => {
    expect(await result("js: v() === 1", { v: never })).toMatchObject({
      code: "script_threw",
      message: "The script threw TypeError: a function of the program cannot be called",
    });
  });
});

describe("copying", () => {
  it("runs no code of a program that has patched what built-ins look up", async () => {
    const script = await opened("js: (v => v.a[0] === 1n && v.m.get('x') === 1 && v.s.has(2))(v)");
    const holders: [object, string][] = [
      [Object.prototype, "toJSON"],
      [Array.prototype, "toJSON"],
      [String.prototype, "toJSON"],
      [BigInt.prototype, "toJSON"],
    ];
    for (const [holder, key] of holders) Object.defineProperty(holder, key, { get: never, configurable: true });
    const patched = [Map.prototype, Set.prototype].map(
      (holder) => [holder, Object.getOwnPropertyDescriptor(holder, Symbol.iterator)!] as const,
    );
    for (const [holder] of patched) Object.defineProperty(holder, Symbol.iterator, { get: never, configurable: true });
    try {
      expect(ran(script, { v: { a: [1n], m: new Map([["x", 1]]), s: new Set([2]) } })).toBe(true);
    } finally {
      for (const [holder, key] of holders) Reflect.deleteProperty(holder, key);
      for (const [holder, found] of patched) Object.defineProperty(holder, Symbol.iterator, found);
    }
  });

  it("formats no stack trace, which the program may do by code of its own", async () => {
    const traced = {};
    const old = Error.prepareStackTrace;
    const script = await opened("js: v.message === 'm' && v.code === 3 && t.a === 1");
    const reads = await Promise.all(
      ["v.stack", "t.stack", "d.stack", "d.some(x => x.stack)"].map((path) => opened(`js: ${path}`)),
    );
    Error.prepareStackTrace = never;
    try {
      Error.captureStackTrace(traced);
      const v = Object.assign(new Error("m"), { code: 3 });
      const d = Object.create(new Error("inherited"), { own: { value: 1, enumerable: true } });
      const t = Object.assign(traced, { a: 1 });
      expect(ran(script, { v, t })).toBe(true);
      for (const read of reads) {
        expect(ran(read, { v, t, d: read.script.source.includes("some") ? [d] : d })).toMatchObject({
          code: "side_effect",
        });
      }
    } finally {
      Error.prepareStackTrace = old;
    }
  });

  it("of a large value stays within its caps and its time", async () => {
    const leaf = { text: "x".repeat(50), n: 1 };
    let v: unknown = leaf;
    for (let i = 0; i < 7; i++) v = new Array(200).fill(v);
    v = { v, w: 1, x: { v, y: 2 } };
    for (const uses of [[true], [[{ key: "v", use: true }]]] as const) {
      const started = performance.now();
      const text = new ScriptValues().write([v], { names: ["v"], uses: uses as readonly Use[] });
      expect(performance.now() - started).toBeLessThan(200);
      expect(text.length).toBeLessThan(1.1 * HOST_LIMITS.scriptInputBytes);
    }
    expect(await result("js: typeof v === 'object'", { v })).toBe(true);
    expect(await result("js: (v => v.w)(v) === 1", { v })).toMatchObject({ code: "truncated" });
    expect(await result("js: v.w === 1 && v.x.y === 2", { v })).toBe(true);
  });
});
