// What natural JavaScript values look like to expressions: exceptions, names that are not what they seem, pairs.
import { describe, expect, test } from "vitest";
import { evaluate } from "../../host/evaluate.ts";
import { Guest } from "../../host/guest.ts";

const guest = new Guest();

/** The value in tagged form, or the error's code and place. */
function outcome(expr: string, vars: Record<string, unknown>): string {
  const result = evaluate(guest, { expr }, vars);
  if ("error" in result) return `${result.error}: ${expr.slice(...result.at)}`;
  return JSON.stringify((result as { value: unknown }).value);
}

class OrderError extends Error {
  readonly code = "E1";
}
class NamedError extends Error {
  override name = "Named";
}
const failed = new OrderError("boom", { cause: new TypeError("inner") });

describe("an exception", () => {
  test.each([
    ["e.type", { e: failed }, '{"string":"Error"}'],
    ["e.type", { e: new RangeError("r") }, '{"string":"RangeError"}'],
    ["e.type", { e: new NamedError("n") }, '{"string":"Named"}'],
    ["e.message", { e: failed }, '{"string":"boom"}'],
    ["e.message", { e: new Error() }, '{"string":""}'],
    ["e.cause.type + e.cause.message", { e: failed }, '{"string":"TypeErrorinner"}'],
    ["e.cause", { e: new Error("m") }, '{"null":null}'],
    ["e.code", { e: failed }, '{"string":"E1"}'],
    ["e.name", { e: failed }, "no_such_field: e.name"],
    ["e.type", { e: Object.assign(new Error("m"), { type: "own" }) }, '{"string":"own"}'],
    ["(c ? e : e).type", { e: failed, c: true }, '{"string":"Error"}'],
    ["e.exists(f, f == 'message') && e.size() == 4", { e: failed }, '{"bool":true}'],
    ["e.exists(f, v, f == 'message' && v == 'boom')", { e: failed }, '{"bool":true}'],
    ["l.map(e, e.type)", { l: [failed, new TypeError("t")] }, '{"list":[{"string":"Error"},{"string":"TypeError"}]}'],
    ["has(e.message) && has(e.cause) && !has(e.other)", { e: failed }, '{"bool":true}'],
  ])("%s is read without running its code", (expr, vars, want) => {
    expect(outcome(expr, vars)).toBe(want);
  });

  test("whose class computes its name is called by its class", () => {
    let ran = 0;
    class Computed extends Error {
      override get name(): string {
        ran++;
        return "x";
      }
    }
    expect(outcome("e.type", { e: new Computed("m") })).toBe('{"string":"Computed"}');
    expect(ran).toBe(0);
  });
});

describe("a stack trace", () => {
  const prepare = Error.prepareStackTrace;

  test.each([
    ["e.stack", "side_effect: e.stack"],
    ["(true ? [e] : [])[0].stack", "no_such_field: (true ? [e] : [])[0].stack"],
    ["l.exists(x, x.stack == 'a')", "side_effect: x.stack"],
    ["marked.stack", "side_effect: marked.stack"],
    ["has(e.stack) && e.?stack.hasValue()", '{"bool":true}'],
    ["plain.stack", '{"string":"a pile"}'],
    ["none.stack", "no_such_field: none.stack"],
  ])("is not formatted by %s", (expr, want) => {
    let ran = 0;
    const marked = {};
    Error.captureStackTrace(marked);
    const vars = { e: new Error("m"), l: [new Error("n")], marked, plain: { stack: "a pile" }, none: {} };
    Error.prepareStackTrace = () => {
      ran++;
      return "formatted";
    };
    try {
      expect(outcome(expr, vars)).toBe(want);
      expect(ran).toBe(0);
    } finally {
      Error.prepareStackTrace = prepare;
    }
  });
});

describe("a list", () => {
  test.each([
    ["l['length']", { l: [1] }, "no_such_overload: l['length']"],
    ["l['0']", { l: [1] }, "no_such_overload: l['0']"],
    ["l.?length.hasValue()", { l: [1] }, "no_such_overload: l.?length"],
    ["l['0']", { l: new Float64Array(2) }, "no_such_overload: l['0']"],
    ["l.length", { l: [1] }, '{"int":"1"}'],
    ["ls.map(l, l['length'])", { ls: [[1], [2]] }, "no_such_overload: l['length']"],
    ["o['0'] + o['length']", { o: { 0: 1, length: 2 } }, '{"double":3}'],
    ["m['0']", { m: new Map([["0", 1]]) }, '{"double":1}'],
  ])("has no fields: %s", (expr, vars, want) => {
    expect(outcome(expr, vars)).toBe(want);
  });
});

describe("pairs", () => {
  const getter = {
    a: 1,
    get b(): number {
      throw new Error("ran");
    },
  };
  const sparse = [1, undefined, 3];
  delete sparse[1];

  test.each([
    [
      "x.transformList(i, v, [i, v])",
      { x: [5, "a"] },
      '[{"int":"0"},{"double":5}]},{"list":[{"int":"1"},{"string":"a"}]',
    ],
    ["x.transformList(i, v, v == null)", { x: sparse }, '{"bool":false},{"bool":true},{"bool":false}'],
    ["x.transformList(i, v, v + i)", { x: new Float32Array([1, 2]) }, '{"double":1},{"double":3}'],
    [
      "x.transformMap(k, v, v)",
      {
        x: new Map<unknown, unknown>([
          [1, "a"],
          [true, "b"],
        ]),
      },
      '[{"double":1},{"string":"a"}],[{"bool":true},{"string":"b"}]',
    ],
    [
      "x.transformList(k, v, k)",
      {
        x: new Map<unknown, unknown>([
          [{}, 1],
          ["a", 2],
        ]),
      },
      '[{"string":"a"}]',
    ],
    ["x.exists(k, v, k == 'a' && v == 1)", { x: getter }, '{"bool":true}'],
    ["x.exists(k, v, v == 2)", { x: getter }, "side_effect: v"],
    ["x.exists(k, v, k == 'b')", { x: getter }, '{"bool":true}'],
    ["x.all(k, v, true)", { x: new Set([1]) }, "no_such_overload: x"],
    ["x.all(k, v, true)", { x: new Proxy([], {}) }, "side_effect: x"],
    ["x.all(k, v, true)", { x: new Date(0) }, "no_such_overload: x"],
    ["x.all(k, v, true)", { x: new Uint8Array(2) }, "no_such_overload: x"],
    ["x.all(k, v, true)", { x: null }, "no_such_overload: x"],
    ["x.all(i, v, v > 0)", { x: Array.from({ length: 300 }, () => 1) }, "truncated: x.all(i, v, v > 0)"],
    ["x.exists(i, v, i == 255)", { x: Array.from({ length: 300 }, () => 1) }, '{"bool":true}'],
    ["x.exists(i, v, v.a.b == 2 && v.c == 3)", { x: [{}, { a: { b: 2 }, c: 3 }] }, '{"bool":true}'],
    [
      "x.y.exists(i, v, v.z.exists(j, w, i == 1 && j == 0 && w == 7))",
      { x: { y: [{ z: [] }, { z: [7] }] } },
      '{"bool":true}',
    ],
    ["x.y.exists(i, v, true)", { x: {} }, "no_such_field: x.y"],
    ["x.y.exists(i, v, true)", { x: null }, "null_deref: x.y"],
  ])("%s", (expr, vars, want) => {
    expect(outcome(expr, vars)).toContain(want);
  });
});

describe("the keys of a map and the values beside them", () => {
  const large = new Map(Array.from({ length: 256 }, (_, i) => [`key ${i}`, i]));

  test("are met in one go, however large the map is", () => {
    const result = evaluate(guest, { expr: "m.exists(k, m[k] == 255.0)" }, { m: large });
    expect(result).toMatchObject({ value: { bool: true } });
    expect(result.steps).toBeLessThan(3 * large.size);
  });

  test.each([
    ["m.exists(k, m[k] > 1)", { m: { a: 1, b: 2 } }, '{"bool":true}'],
    [
      "m.filter(k, m[k] == 'x')",
      {
        m: new Map<unknown, unknown>([
          [1, "x"],
          [true, "y"],
        ]),
      },
      '{"list":[{"double":1}]}',
    ],
    ["m.exists(k, n.exists(j, m[k] == n[j]))", { m: { a: 1 }, n: new Map([["z", 1]]) }, '{"bool":true}'],
    ["m.exists(k, m[k].ok)", { m: { a: { ok: false }, b: { ok: true } } }, '{"bool":true}'],
    ["o.m.map(k, o.m[k])", { o: { m: { a: 1 } } }, '{"list":[{"double":1}]}'],
    ["m.map(k, m[k])", { m: [1, 0] }, '{"list":[{"double":0},{"double":1}]}'],
    ["m.map(k, m[k])", { m: null }, "no_such_overload: m"],
  ])("%s", (expr, vars, want) => {
    expect(outcome(expr, vars)).toBe(want);
  });
});
