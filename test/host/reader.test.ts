import { afterEach, describe, expect, test } from "vitest";
import { evaluate } from "../../host/evaluate.ts";
import { Guest } from "../../host/guest.ts";
import { UNAVAILABLE } from "../../host/placement.ts";

const guest = new Guest();
const run = (expr: string, values: Record<string, unknown>) => {
  const { steps: _steps, ...outcome } = evaluate(guest, { expr }, values);
  return outcome;
};
const text = (template: string, values: Record<string, unknown>) =>
  (evaluate(guest, { template }, values) as { text: string }).text;

let ran: string[] = [];
const spy = (name: string) => () => {
  ran.push(name);
  return 1;
};
afterEach(() => {
  ran = [];
});

/** A Proxy whose every trap leaves a trace. */
function trapped<T extends object>(target: T): T {
  const real = Reflect as unknown as Record<string, (...args: unknown[]) => unknown>;
  const traps = new Proxy(
    {},
    {
      get:
        (_, trap) =>
        (...args: unknown[]) => {
          ran.push(String(trap));
          return real[String(trap)]?.(...args);
        },
    },
  );
  return new Proxy(target, traps);
}

class Account {
  readonly id = 1n;
  readonly #secret = "s";
  get balance() {
    ran.push("balance");
    return 5;
  }
  get secret() {
    ran.push("secret");
    return this.#secret;
  }
  toString() {
    ran.push("toString");
    return "account";
  }
  toJSON() {
    ran.push("toJSON");
    return {};
  }
  valueOf() {
    ran.push("valueOf");
    return 7;
  }
  [Symbol.toPrimitive]() {
    ran.push("toPrimitive");
    return 7;
  }
}

/** An array whose second element is a hole. */
const HOLED = Object.assign(new Array(3), { 0: 1, 2: 3 });

/** Longer than an i32 can say. */
const SPARSE = Object.assign([] as number[], { 4294967290: 1 });

function transferred(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

const own = (object: object, name: string, descriptor: PropertyDescriptor) =>
  Object.defineProperty(object, name, { enumerable: true, configurable: true, ...descriptor });
const inProto = (proto: object | null, object: object) => Object.setPrototypeOf(object, proto) as object;

describe("runs nothing of the program and says so", () => {
  const cases: readonly (readonly [
    name: string,
    expr: string,
    values: () => Record<string, unknown>,
    error: string,
    at: string,
  ])[] = [
    ["an own getter", "o.a", () => ({ o: own({}, "a", { get: spy("a") }) }), "side_effect", "o.a"],
    ["an own getter in a comparison", "o.a > 3", () => ({ o: own({}, "a", { get: spy("a") }) }), "side_effect", "o.a"],
    ["a setter without a getter", "o.a", () => ({ o: own({}, "a", { set: spy("a") }) }), "side_effect", "o.a"],
    ["a getter on the way", "o.a.b", () => ({ o: own({}, "a", { get: spy("a") }) }), "side_effect", "o.a"],
    [
      "a getter of the class, which is no own property",
      "o.balance",
      () => ({ o: new Account() }),
      "no_such_field",
      "o.balance",
    ],
    ["a Proxy", "p.a", () => ({ p: trapped({ a: 1 }) }), "side_effect", "p.a"],
    ["a Proxy on the way", "o.p.a", () => ({ o: { p: trapped({ a: 1 }) } }), "side_effect", "o.p.a"],
    ["a Proxy of an array", "p[0]", () => ({ p: trapped([1]) }), "side_effect", "p[0]"],
    ["the size of a Proxy", "size(p)", () => ({ p: trapped([1]) }), "side_effect", "p"],
    ["the length of a Proxy", "p.length", () => ({ p: trapped([1]) }), "side_effect", "p.length"],
    ["a macro over a Proxy", "p.exists(x, x == 1)", () => ({ p: trapped([1]) }), "side_effect", "p"],
    ["has on a Proxy", "has(p.a)", () => ({ p: trapped({ a: 1 }) }), "side_effect", "p.a"],
    ["a Proxy as the element of a list", "l.map(x, x.a)", () => ({ l: [trapped({ a: 1 })] }), "side_effect", "x.a"],
    [
      "a revoked Proxy",
      "p.a",
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return { p: proxy };
      },
      "side_effect",
      "p.a",
    ],
    ["a getter as an element", "l[1]", () => ({ l: own([1, 2], "1", { get: spy("1") }) }), "side_effect", "l[1]"],
    [
      "a getter as an element of a macro",
      "l.all(x, x > 0)",
      () => ({ l: own([1, 2], "1", { get: spy("1") }) }),
      "side_effect",
      "x",
    ],
    [
      "a getter named length",
      "o.length",
      () => ({ o: own({}, "length", { get: spy("length") }) }),
      "side_effect",
      "o.length",
    ],
    ["an object with its own conversions", "o == 7", () => ({ o: new Account() }), "", ""],
    ["an object with its own conversions in a sum", "o + 1", () => ({ o: new Account() }), "no_such_overload", "o + 1"],
    ["a prototype that is a Proxy", "o.a", () => ({ o: inProto(trapped({ a: 1 }), {}) }), "no_such_field", "o.a"],
    ["a prototype that is a Proxy, as a whole", "size(o)", () => ({ o: inProto(trapped({ a: 1 }), { b: 1 }) }), "", ""],
    ["an invalid Date", "d", () => ({ d: new Date(Number.NaN) }), "conversion", "d"],
    ["a variable in its dead zone", "x + 1", () => ({ x: UNAVAILABLE }), "undeclared", "x"],
    ["a bigint too long to print", "x", () => ({ x: 1n << 100_000n }), "truncated", "x"],
    ["the element of a Set by index", "s[0]", () => ({ s: new Set([1]) }), "no_such_overload", "s[0]"],
    ["an element of bytes", "b[0]", () => ({ b: Buffer.from("a") }), "no_such_overload", "b[0]"],
    ["a macro over bytes", "b.all(x, true)", () => ({ b: Buffer.from("a") }), "no_such_overload", "b"],
    ["a macro over a Date", "d.all(x, true)", () => ({ d: new Date(0) }), "no_such_overload", "d"],
    ["a field of a Date", "d.a", () => ({ d: new Date(0) }), "no_such_overload", "d.a"],
    ["the size of a Promise", "size(p)", () => ({ p: Promise.resolve() }), "no_such_overload", "size(p)"],
    ["a field of a function", "f.name", () => ({ f: () => 1 }), "no_such_overload", "f.name"],
    ["the length of null", "n.length", () => ({ n: null }), "null_deref", "n.length"],
    ["an index of undefined", "u[0]", () => ({ u: undefined }), "null_deref", "u[0]"],
  ];
  test.each(cases)("%s", (_, expr, values, error, at) => {
    const outcome = run(expr, values());
    expect(ran).toEqual([]);
    if (error === "") return expect(outcome).not.toHaveProperty("error");
    expect(outcome).toMatchObject({ error });
    const [from, to] = (outcome as { at: readonly [number, number] }).at;
    expect(expr.slice(from, to)).toBe(at);
  });

  test("of a Proxy or getter inside a value that is shown whole", () => {
    const o = own({ a: 1, p: trapped({ b: 1 }), f: new Account() }, "g", { get: spy("g") });
    expect(text("{{o}}", { o })).toBe("Object{a: 1, p: <Proxy>, f: Account{id: 1}, g: <error: side_effect>}");
    expect(ran).toEqual([]);
  });

  test("of a class with its own iterator, size or has", () => {
    class Odd extends Map<unknown, unknown> {
      override get size() {
        return spy("size")();
      }
      override get(key: unknown) {
        ran.push("get");
        return super.get(key);
      }
      override has(key: unknown) {
        ran.push("has");
        return super.has(key);
      }
      override [Symbol.iterator]() {
        ran.push("iterator");
        return super[Symbol.iterator]();
      }
    }
    const m = new Odd();
    Map.prototype.set.call(m, "a", 1n);
    expect(run("m.a + size(m)", { m })).toEqual({ value: { int: "2" } });
    expect(run("m.exists(k, m[k] == 1)", { m })).toEqual({ value: { bool: true } });
    expect(ran).toEqual([]);
  });

  test("of the class, for an element whose siblings have a field of that index", () => {
    class Row {
      readonly a = 1;
    }
    Object.defineProperty(Row.prototype, "0", { get: spy("0") });
    const row = (index: string) => own(new Row(), index, { value: 5, writable: true });
    expect(run('l.exists(x, x["0"] > 100.0)', { l: [row("0"), row("1")] })).toMatchObject({ error: "no_such_field" });
    expect(ran).toEqual([]);
  });
});

describe("reads JavaScript's own kinds of value", () => {
  const f = () => 1;
  const g = () => 1;
  const shared = Symbol("s");
  const cyclic: Record<string, unknown> = { a: 1 };
  cyclic.self = cyclic;
  const cases: readonly (readonly [name: string, expr: string, values: Record<string, unknown>, value: object])[] = [
    ["undefined is null", "x", { x: undefined }, { null: null }],
    ["an array hole is null", "l[1]", { l: HOLED }, { null: null }],
    [
      "array holes in a macro",
      "l.map(x, x == null)",
      { l: HOLED },
      { list: [{ bool: false }, { bool: true }, { bool: false }] },
    ],
    ["a number is a double", "x", { x: 3 }, { double: 3 }],
    ["a small bigint is an int", "x", { x: 3n }, { int: "3" }],
    ["a large bigint is a uint", "x", { x: 2n ** 63n }, { uint: "9223372036854775808" }],
    ["a larger bigint is big", "x", { x: 2n ** 64n }, { big: "18446744073709551616" }],
    ["a large negative bigint is big", "x", { x: -(2n ** 64n) }, { big: "-18446744073709551616" }],
    [
      "big compares exactly",
      "x > 18446744073709551615u && x != 18446744073709551615u",
      { x: 2n ** 64n },
      { bool: true },
    ],
    ["a String object", "x", { x: Object("abc") }, { string: "abc" }],
    ["a Number object", "x + 1", { x: Object(2) }, { double: 3 }],
    ["a lone surrogate is replaced", "x", { x: "a\ud800b" }, { string: "a\ufffdb" }],
    ["a lone surrogate in a long text", "size(x)", { x: `${"a".repeat(50)}\ud800` }, { int: "51" }],
    ["a Buffer", "x", { x: Buffer.from("ab") }, { bytes: "YWI=" }],
    ["an ArrayBuffer", "x", { x: new Uint8Array([1, 2]).buffer }, { bytes: "AQI=" }],
    ["a part of a buffer", "x", { x: Buffer.from("abcdef").subarray(2, 4) }, { bytes: "Y2Q=" }],
    ["a typed array is a list", "x", { x: Float64Array.of(1.5, 2) }, { list: [{ double: 1.5 }, { double: 2 }] }],
    ["an element of a typed array", "x[1]", { x: Int16Array.of(1, -2) }, { double: -2 }],
    ["a typed array in a macro", "x.exists(e, e > 1)", { x: BigInt64Array.of(1n, 2n) }, { bool: true }],
    ["a Set is a list without order", "x", { x: new Set([1n, 2n]) }, { set: [{ int: "1" }, { int: "2" }] }],
    ["Sets in another order", "a == b", { a: new Set([1, 2]), b: new Set([2, 1]) }, { bool: true }],
    ["a Set and a list", "a == b", { a: new Set([1]), b: [1] }, { bool: false }],
    ["an element of a Set", "2.0 in s", { s: new Set([1, 2]) }, { bool: true }],
    ["a macro over a Set", "s.all(x, x > 0.0)", { s: new Set([1, 2]) }, { bool: true }],
    ["a Map with a bigint key", "m[1]", { m: new Map([[1n, "a"]]) }, { string: "a" }],
    ["a Map with a number key", "m[1]", { m: new Map([[1, "a"]]) }, { string: "a" }],
    ["a Map with a number key by a variable", "m[k]", { m: new Map([[1, "a"]]), k: 1n }, { string: "a" }],
    [
      "keys of other kinds are counted",
      "size(m)",
      {
        m: new Map<unknown, unknown>([
          [{}, 1],
          ["a", 2],
        ]),
      },
      { int: "2" },
    ],
    [
      "keys of other kinds are not seen",
      "m",
      {
        m: new Map<unknown, unknown>([
          [{}, 1],
          ["a", 2],
        ]),
      },
      { map: [[{ string: "a" }, { double: 2 }]] },
    ],
    ...(
      [
        ["in a macro", 'm.map(k, k == "a")', { list: [{ bool: true }] }],
        ["by a macro that counts", "m.exists_one(k, true)", { bool: true }],
        ["by a look-up that fails", "k in m", { bool: false }],
        ["by a macro over the copied map", "[m][0].map(k, k)", { list: [{ string: "a" }] }],
      ] as const
    ).map(
      ([name, expr, value]) =>
        [
          `keys of other kinds are not seen ${name}`,
          expr,
          {
            m: new Map<unknown, unknown>([
              [{}, 1],
              ["a", 2],
              [1.5, 3],
            ]),
            k: "zz",
          },
          value,
        ] as const,
    ),
    ["a buffer that was transferred away", "x == b'' && size(x) == 0", { x: transferred() }, { bool: true }],
    ["a sparse array longer than an i32", "size([l][0]) > 0 && l[4294967290] == 1.0", { l: SPARSE }, { bool: true }],
    ["an object of a class", "o", { o: new Account() }, { object: { class: "Account", fields: { id: { int: "1" } } } }],
    [
      "an object without a prototype",
      "o",
      { o: Object.assign(Object.create(null), { a: true }) },
      { object: { class: "", fields: { a: { bool: true } } } },
    ],
    [
      "a key named __proto__",
      "o",
      { o: JSON.parse('{"__proto__": 1}') },
      { object: { class: "Object", fields: { ["__proto__"]: { double: 1 } } } },
    ],
    ["an array with fields of its own", "size(l)", { l: Object.assign([1], { extra: 1 }) }, { int: "1" }],
    ["a function equals itself", "f == f2", { f, f2: f }, { bool: true }],
    ["functions that look alike differ", "f == g", { f, g }, { bool: false }],
    ["a symbol equals itself", "a == b", { a: shared, b: shared }, { bool: true }],
    ["symbols that look alike differ", "a == b", { a: Symbol("s"), b: Symbol("s") }, { bool: false }],
    ["a function", "f", { f }, { opaque: "function f" }],
    ["a Promise", "p", { p: Promise.resolve(1) }, { opaque: "Promise" }],
    ["a Date", "d", { d: new Date(1500) }, { timestamp: "1970-01-01T00:00:01.5Z" }],
    ["a Date before 1970", "d", { d: new Date(-1) }, { timestamp: "1969-12-31T23:59:59.999Z" }],
    ["a cycle, as far as it is asked for", "c.self.self.self.a", { c: cyclic }, { double: 1 }],
    [
      "an array of ten million elements",
      "size(l) == 10000000 && l[9999999] == 0.0",
      { l: new Float64Array(10_000_000) },
      { bool: true },
    ],
    [
      "a sparse array of a thousand million",
      "size(l)",
      { l: Object.assign([], { length: 1_000_000_000 }) },
      { int: "1000000000" },
    ],
    ["a text of 64 MiB", "s.startsWith('aa') && s != 'aa'", { s: "a".repeat(64 * 1024 * 1024) }, { bool: true }],
  ];
  test.each(cases)("%s", (_, expr, values, value) => {
    expect(run(expr, values)).toEqual({ value });
  });

  test("one class of elements after another, each by what it has now", () => {
    const values = {
      l: [
        { a: 1, b: 1 },
        { b: 2, a: 2 },
        own({ b: 3 }, "a", { get: spy("a") }),
        { a: 4, b: 4 },
        null,
        trapped({ a: 6 }),
      ],
    };
    expect(run("l.exists(x, x.a == 4.0)", values)).toEqual({ value: { bool: true } });
    expect(run("l.exists(x, x.a == 9.0)", values)).toMatchObject({ error: "side_effect" });
    expect(ran).toEqual([]);
  });

  test("an element that becomes an accessor between two hits", () => {
    const l = [{ a: 1 }, { a: 2 }];
    expect(run("l.all(x, x.a > 0.0)", { l })).toEqual({ value: { bool: true } });
    own(l[1] as object, "a", { get: spy("a") });
    expect(run("l.all(x, x.a > 0.0)", { l })).toMatchObject({ error: "side_effect" });
    expect(ran).toEqual([]);
  });

  test("and keeps none of the program's values", () => {
    const { opaques } = guest.writer as unknown as { opaques: unknown[] };
    expect(run("f == g", { f: () => 1, g: () => 1 })).toEqual({ value: { bool: false } });
    expect(opaques).toEqual([]);
  });

  test("a value of forty thousand parts under the cap on bytes", () => {
    const wide = Array.from({ length: 200 }, (_, i) => ({
      i,
      list: Array.from({ length: 200 }, () => "x".repeat(50)),
    }));
    const { value } = run("w", { w: wide }) as { value: { list: unknown[] } };
    expect(value.list.length).toBeLessThanOrEqual(200);
    expect(JSON.stringify(value)).toContain('"truncated":true');
  });
});
