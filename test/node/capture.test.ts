// Kinds of values: one row a kind, as Captured.
import { describe, expect, test } from "vitest";
import { captureSnapshot, captureValue } from "../../bindings/node/capture.ts";
import { UNAVAILABLE } from "../../host/index.ts";

class Order {
  id = 7;
  #hidden = 1;
  get total(): number {
    throw new Error(`never read, nor ${this.#hidden}`);
  }
}
class Cache extends Map<string, number> {}
class Stack extends Array<number> {}

const kinds: [what: string, value: unknown, captured: unknown][] = [
  ["null", null, { type: "null" }],
  ["undefined", undefined, { type: "undefined" }],
  ["true", true, { type: "boolean", value: true }],
  ["a number", 1.5, { type: "number", value: 1.5 }],
  ["NaN", Number.NaN, { type: "number", value: "NaN" }],
  ["minus Infinity", Number.NEGATIVE_INFINITY, { type: "number", value: "-Infinity" }],
  ["minus zero", -0, { type: "number", value: "-0" }],
  ["a bigint", -(10n ** 30n), { type: "bigint", value: "-1000000000000000000000000000000" }],
  ["a string", "text", { type: "string", value: "text" }],
  ["a symbol", Symbol("mark"), { type: "symbol", value: "mark" }],
  ["a symbol without a description", Symbol(), { type: "symbol", value: "" }],
  ["a function", function total() {}, { type: "function", value: "total", class: "Function" }],
  [
    "an arrow function",
    (
      () => () =>
        1
    )(),
    { type: "function", value: "", class: "Function" },
  ],
  ["an async function", async function load() {}, { type: "function", value: "load", class: "AsyncFunction" }],
  ["a generator function", function* walk() {}, { type: "function", value: "walk", class: "GeneratorFunction" }],
  [
    "an async generator function",
    async function* feed() {},
    { type: "function", value: "feed", class: "AsyncGeneratorFunction" },
  ],
  ["a class", Order, { type: "function", value: "Order", class: "class" }],
  ["a built-in constructor", Map, { type: "function", value: "Map", class: "Function" }],
  ["a date", new Date(0), { type: "date", value: "1970-01-01T00:00:00.000Z" }],
  ["an invalid date", new Date(Number.NaN), { type: "date", value: "Invalid Date" }],
  ["a regular expression", /a\/b/giu, { type: "regexp", value: "/a\\/b/giu" }],
  ["a buffer", Buffer.from("hi"), { type: "bytes", class: "Buffer", value: Uint8Array.of(104, 105) }],
  ["bytes", Uint8Array.of(1, 2), { type: "bytes", class: "Uint8Array", value: Uint8Array.of(1, 2) }],
  ["an array buffer", new ArrayBuffer(2), { type: "bytes", class: "ArrayBuffer", value: new Uint8Array(2) }],
  [
    "a shared array buffer",
    new SharedArrayBuffer(2),
    { type: "bytes", class: "SharedArrayBuffer", value: new Uint8Array(2) },
  ],
  [
    "a data view",
    new DataView(Uint8Array.of(9, 8, 7).buffer, 1),
    { type: "bytes", class: "DataView", value: Uint8Array.of(8, 7) },
  ],
  [
    "a typed array",
    Float64Array.of(1, Number.NaN),
    {
      type: "typedarray",
      class: "Float64Array",
      items: [
        { type: "number", value: 1 },
        { type: "number", value: "NaN" },
      ],
    },
  ],
  [
    "a typed array of bigints",
    BigInt64Array.of(-5n),
    { type: "typedarray", class: "BigInt64Array", items: [{ type: "bigint", value: "-5" }] },
  ],
  ["an array", [1], { type: "array", items: [{ type: "number", value: 1 }] }],
  ["a subclass of Array", Stack.of(1), { type: "array", class: "Stack", items: [{ type: "number", value: 1 }] }],
  ["a set", new Set(["a"]), { type: "set", items: [{ type: "string", value: "a" }] }],
  [
    "a map",
    new Map([["a", 1]]),
    {
      type: "map",
      entries: [
        [
          { type: "string", value: "a" },
          { type: "number", value: 1 },
        ],
      ],
    },
  ],
  ["a subclass of Map", new Cache(), { type: "map", class: "Cache", entries: [] }],
  [
    "arguments",
    (
      function () {
        // biome-ignore lint/complexity/noArguments: the value under test
        return arguments;
      } as (...values: number[]) => IArguments
    )(1),
    { type: "array", class: "Arguments", items: [{ type: "number", value: 1 }] },
  ],
  [
    "an object",
    { a: 1, b: null },
    {
      type: "object",
      class: "Object",
      fields: [
        ["a", { type: "number", value: 1 }],
        ["b", { type: "null" }],
      ],
    },
  ],
  [
    "an instance of a class, without getters of the class and private fields",
    new Order(),
    { type: "object", class: "Order", fields: [["id", { type: "number", value: 7 }]] },
  ],
  [
    "an object without a prototype",
    Object.assign(Object.create(null), { a: 1 }),
    { type: "object", class: null, fields: [["a", { type: "number", value: 1 }]] },
  ],
  [
    "a key named __proto__",
    JSON.parse('{"__proto__": 1}'),
    { type: "object", class: "Object", fields: [["__proto__", { type: "number", value: 1 }]] },
  ],
  [
    "symbol keys after text keys",
    { [Symbol("s")]: 1, b: 2 },
    {
      type: "object",
      class: "Object",
      fields: [
        ["b", { type: "number", value: 2 }],
        ["Symbol(s)", { type: "number", value: 1 }],
      ],
    },
  ],
  [
    "no fields that are not enumerable",
    Object.defineProperty({ a: 1 }, "b", { value: 2 }),
    { type: "object", class: "Object", fields: [["a", { type: "number", value: 1 }]] },
  ],
  [
    "a boxed string",
    Object("text"),
    { type: "object", class: "String", fields: [["[[value]]", { type: "string", value: "text" }]] },
  ],
  [
    "a boxed bigint",
    Object(5n),
    { type: "object", class: "BigInt", fields: [["[[value]]", { type: "bigint", value: "5" }]] },
  ],
  ["a promise", Promise.resolve(1), { type: "promise", class: "Promise" }],
  ["a weak map", new WeakMap(), { type: "weakmap", class: "WeakMap" }],
  ["a weak set", new WeakSet(), { type: "weakset", class: "WeakSet" }],
  ["a weak reference", new WeakRef({}), { type: "weakref", class: "WeakRef" }],
  ["a generator", (function* () {})(), { type: "iterator", class: "Generator" }],
  ["an array iterator", [1].values(), { type: "iterator", class: "Array Iterator" }],
  ["a map iterator", new Map().keys(), { type: "iterator", class: "Map Iterator" }],
  ["a string iterator", "a"[Symbol.iterator](), { type: "iterator", class: "String Iterator" }],
  [
    "a getter",
    {
      get a() {
        throw new Error("ran");
      },
    },
    { type: "object", class: "Object", fields: [["a", { type: "omitted", omitted: "getter" }]] },
  ],
  [
    "a setter",
    { set a(_: number) {} },
    { type: "object", class: "Object", fields: [["a", { type: "omitted", omitted: "getter" }]] },
  ],
  ["a proxy", new Proxy({}, {}), { type: "omitted", omitted: "proxy" }],
  ["a proxy of a function", new Proxy(() => 1, {}), { type: "omitted", omitted: "proxy" }],
  [
    "a field named stack",
    { stack: 1 },
    { type: "object", class: "Object", fields: [["stack", { type: "number", value: 1 }]] },
  ],
];

describe("kinds of values", () => {
  test.each(kinds)("captures %s", (_what, value, captured) => {
    expect(captureValue(value)).toEqual(captured);
  });

  test("captures a revoked proxy as a proxy", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(captureValue(proxy)).toEqual({ type: "omitted", omitted: "proxy" });
  });

  test("captures a detached buffer as empty, and a view into it as unavailable", () => {
    const buffer = new ArrayBuffer(8);
    const view = new DataView(buffer);
    const floats = new Float64Array(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    expect(captureValue(buffer)).toEqual({ type: "bytes", class: "ArrayBuffer", value: new Uint8Array(0) });
    expect(captureValue(view)).toEqual({ type: "omitted", omitted: "unavailable", class: "DataView" });
    expect(captureValue(floats)).toEqual({ type: "typedarray", class: "Float64Array", items: [] });
  });

  test("captures the environment and the global object without an error", () => {
    process.env.CAPTURE_TEST = "yes";
    const limits = { depth: 1, fields: 1000, items: 1, stringLength: 10, frames: 1, eventBytes: 1e6, timeMs: 1000 };
    expect(captureValue(process.env, limits).fields).toContainEqual(["CAPTURE_TEST", { type: "string", value: "yes" }]);
    expect(captureValue(globalThis, limits).fields).toContainEqual([
      "global",
      expect.objectContaining({ type: "ref" }),
    ]);
  });

  test("refers to shared objects and cycles by the id of their first appearance", () => {
    const shared = { x: 1 };
    const root: Record<string, unknown> = { first: shared, second: [shared] };
    root.self = root;
    expect(captureValue(root)).toEqual({
      type: "object",
      class: "Object",
      id: 1,
      fields: [
        ["first", { type: "object", class: "Object", fields: [["x", { type: "number", value: 1 }]], id: 2 }],
        ["second", { type: "array", items: [{ type: "ref", value: 2 }] }],
        ["self", { type: "ref", value: 1 }],
      ],
    });
  });

  test("finds shared objects among many", () => {
    const all = Array.from({ length: 90 }, (_, i) => ({ i }));
    const captured = captureValue([...all.slice(0, 50), ...all.slice(0, 50)]);
    expect(captured.items!.slice(50)).toEqual(all.slice(0, 50).map((_, i) => ({ type: "ref", value: i + 1 })));
    expect(captured.items!.slice(0, 50).map((item) => item.id)).toEqual(all.slice(0, 50).map((_, i) => i + 1));
  });

  test("counts ids anew in each capture", () => {
    const shared = {};
    expect(captureValue([shared, shared]).items![1]).toEqual({ type: "ref", value: 1 });
    expect(captureValue([shared, shared]).items![1]).toEqual({ type: "ref", value: 1 });
  });

  test("shares references between the variables of one snapshot", () => {
    const shared = {};
    const { variables } = captureSnapshot(["a", "b", "c"], [shared, shared, UNAVAILABLE]);
    expect(variables).toEqual([
      ["a", { type: "object", class: "Object", fields: [], id: 1 }],
      ["b", { type: "ref", value: 1 }],
      ["c", { type: "omitted", omitted: "unavailable" }],
    ]);
  });
});

test("a capture does not change when the program goes on", () => {
  const list = [1, 2];
  const bytes = Buffer.from("abc");
  const value = { list, bytes, text: "old", inner: new Map([["a", 1]]), when: new Date(0) };
  const captured = captureValue(value);
  const before = structuredClone(captured);
  list[0] = 9;
  list.push(3);
  bytes[0] = 0;
  value.text = "new";
  value.inner.set("a", 2);
  value.when.setTime(1e12);
  expect(captured).toEqual(before);
});
