import { afterEach, describe, expect, test } from "vitest";
import { compileCondition, compileTemplate } from "../../conditions/index.ts";
import { errorCodeName } from "../../host/codes.ts";
import { Guest } from "../../host/guest.ts";

const guest = new Guest();

let ran: string[] = [];
const spy = (name: string) => () => {
  ran.push(name);
  return 1;
};
afterEach(() => {
  ran = [];
});

const own = (object: object, name: string, descriptor: PropertyDescriptor) =>
  Object.defineProperty(object, name, { enumerable: true, configurable: true, ...descriptor });

describe("reading runs nothing of the program", () => {
  test("when the program has put members of descriptors on Object.prototype", () => {
    const o = own({ b: 1 }, "a", { get: spy("a") });
    const loaded = ["o.a > 1", "l.exists(x, x.a > 1)", "o == l", "o.b == 1"].map((expr) =>
      guest.load(compileCondition(expr)),
    );
    const names = ["get", "set", "value", "writable"];
    for (const name of names) {
      const get = spy(name);
      Reflect.defineProperty(Object.prototype, name, Object.assign(Object.create(null), { get, configurable: true }));
    }
    let results: number[];
    try {
      results = loaded.map((module) =>
        module.compiled.projection.roots.length === 2
          ? module.test(o, [o])
          : module.test(module.compiled.projection.roots[0]?.key === "o" ? o : [o]),
      );
    } finally {
      for (const name of names) Reflect.deleteProperty(Object.prototype, name);
    }
    for (const module of loaded) module.close();
    expect(ran).toEqual([]);
    expect(results.map((result) => (result < 0 ? errorCodeName(-result) : result))).toEqual([
      "side_effect",
      "side_effect",
      0,
      1,
    ]);
  });

  test("when the program has changed every method that reading could use", () => {
    const long = "é".repeat(5000);
    const values: Record<string, unknown> = {
      s: "abc",
      long,
      n: 2n ** 80n,
      i: 5n,
      d: new Date(5),
      b: new Uint8Array([1]).buffer,
      o: { a: [1, { b: 2 }] },
      m: new Map([[1n, "a"]]),
      f: function named() {},
      l: [{ a: 1 }, { a: 2 }],
    };
    const sources = [
      "[s, long, n, i, d, b, o, m, f] == []",
      "l.exists(x, x.a == 2)",
      "size(s) + size(m) > 9",
      "m[1] == s",
    ];
    const loaded = [
      ...sources.map((source) => guest.load(compileCondition(source))),
      guest.load(compileTemplate("{{s}} {{long}} {{n}} {{d}} {{o}}")),
    ].map((module) => [module, module.compiled.projection.roots.map(({ key }) => values[key])] as const);
    const holders = [
      Array.prototype,
      String.prototype,
      BigInt.prototype,
      TextEncoder.prototype,
      TextDecoder.prototype,
      Object.getPrototypeOf(Uint8Array.prototype) as object,
      Object.getPrototypeOf([][Symbol.iterator]()) as object,
      WeakSet.prototype,
      Math,
      Number,
      BigInt,
      Object,
      Reflect,
    ];
    const { apply, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
    let watching = false;
    const undo: (() => void)[] = [];
    for (const holder of holders) {
      for (const key of ownKeys(holder)) {
        const was = getOwnPropertyDescriptor(holder, key) as PropertyDescriptor;
        const method: unknown = was.value ?? was.get;
        if (typeof method !== "function" || was.configurable !== true || key === "constructor" || key === "prototype")
          continue;
        const patched = function (this: unknown, ...args: unknown[]) {
          if (watching) ran[ran.length] = String(key);
          return apply(method as () => unknown, this, args);
        };
        defineProperty(holder, key, was.get === undefined ? { ...was, value: patched } : { ...was, get: patched });
        undo[undo.length] = () => defineProperty(holder, key, was);
      }
    }
    try {
      for (let i = 0; i < loaded.length; i++) {
        const [module, inputs] = loaded[i] as (typeof loaded)[number];
        const call = module.compiled.entry === "template" ? module.render : module.test;
        watching = true;
        apply(call as (...values: unknown[]) => unknown, module, inputs);
        watching = false;
      }
    } finally {
      for (let i = 0; i < undo.length; i++) (undo[i] as () => void)();
    }
    for (const [module] of loaded) module.close();
    expect(ran).toEqual([]);
  });

  test("when the program has changed the built-ins", () => {
    const loaded = guest.load(compileCondition("d == d && m.a == 1"));
    const { get, has } = Map.prototype;
    const { getTime } = Date.prototype;
    try {
      Map.prototype.get = function (key: unknown) {
        ran.push("get");
        return get.call(this, key);
      };
      Map.prototype.has = function (key: unknown) {
        ran.push("has");
        return has.call(this, key);
      };
      Date.prototype.getTime = function () {
        ran.push("getTime");
        return getTime.call(this);
      };
      expect(loaded.test(new Date(5), new Map([["a", 1]]))).toBe(1);
    } finally {
      loaded.close();
      Object.assign(Map.prototype, { get, has });
      Date.prototype.getTime = getTime;
    }
    expect(ran).toEqual([]);
  });
});
