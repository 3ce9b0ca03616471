import { describe, expect, test } from "vitest";
import { Carrier } from "../../host/carrier.ts";
import { ProtocolError } from "../../host/errors.ts";
import { evaluate, evaluateTagged } from "../../host/evaluate.ts";
import { Guest } from "../../host/guest.ts";
import { fromTagged } from "../../host/tagged.ts";

const guest = new Guest();

describe("a tagged value becomes JavaScript's natural value", () => {
  test.each<[object, unknown]>([
    [{ int: "5" }, 5n],
    [{ int: "-9223372036854775808" }, -(2n ** 63n)],
    [{ uint: "18446744073709551615" }, 2n ** 64n - 1n],
    [{ double: 5 }, 5],
    [{ double: "NaN" }, Number.NaN],
    [{ double: "-0" }, -0],
    [{ bool: true }, true],
    [{ null: null }, null],
    [{ string: "s" }, "s"],
    [{ bytes: "AP8=" }, Uint8Array.of(0, 255)],
    [{ list: [{ int: "1" }] }, [1n]],
    [
      {
        map: [
          [{ string: "a" }, { double: 1 }],
          [{ uint: "2" }, { null: null }],
        ],
      },
      new Map<unknown, unknown>([
        ["a", 1],
        [2n, null],
      ]),
    ],
    [{ timestamp: "1970-01-01T00:00:01.500Z" }, new Date(1500)],
    [{ timestamp: "1970-01-01T01:00:00+01:00" }, new Date(0)],
  ])("%j", (tagged, value) => {
    expect(fromTagged(tagged)).toEqual(value);
  });

  test.each<[object, object]>([
    [{ uint: "5" }, { kind: "uint", value: 5n }],
    [{ duration: "1h34m5.5s" }, { kind: "duration", nanoseconds: 5_645_500_000_000n }],
    [{ duration: "-1.5ms" }, { kind: "duration", nanoseconds: -1_500_000n }],
    [{ type: "int" }, { kind: "type", name: "int" }],
    [{ timestamp: "1970-01-01T00:00:00.000000001Z" }, { kind: "timestamp", seconds: 0n, nanoseconds: 1 }],
    [{ error: "redacted" }, { kind: "error", code: 16 }],
  ])("or, where there is none, a carrier: %j", (tagged, carried) => {
    expect(Carrier.of(fromTagged(tagged) as object)).toEqual(carried);
  });

  test("an object gets a class of its name, and no field of it runs anything", () => {
    const made = fromTagged({
      object: { class: "Order", fields: { id: { int: "1" }, constructor: { int: "2" } } },
    }) as object;
    expect(Object.getPrototypeOf(made).constructor.name).toBe("Order");
    expect(Object.getOwnPropertyDescriptor(made, "constructor")).toMatchObject({ value: 2n });
    const proto = fromTagged(JSON.parse('{"object":{"class":"A","fields":{"__proto__":{"int":"1"}}}}')) as object;
    expect(Object.keys(proto)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(fromTagged({ object: { class: "", fields: {} } }))).toBeNull();
  });
});

describe("what is no tagged value is refused", () => {
  test.each<[unknown]>([
    [5],
    [null],
    ["a"],
    [{}],
    [{ int: 5 }],
    [{ int: "5.0" }],
    [{ int: "9223372036854775808" }],
    [{ uint: "-1" }],
    [{ int: "1", uint: "1" }],
    [{ double: "1" }],
    [{ bool: 1 }],
    [{ string: 1 }],
    [{ bytes: "%" }],
    [{ list: {} }],
    [{ map: [[{ int: "1" }]] }],
    [{ nosuch: 1 }],
    [{ toString: 1 }],
    [{ timestamp: "2024-13-01T00:00:00Z" }],
    [{ timestamp: "today" }],
    [{ duration: "1" }],
    [{ duration: "300000000h" }],
    [{ error: "nosuch" }],
    [{ object: { class: 1 } }],
    [JSON.parse(`${'{"list":['.repeat(100)}${"]}".repeat(100)}`)],
  ])("%j", (tagged) => {
    expect(() => fromTagged(tagged)).toThrow(ProtocolError);
  });
});

describe("evaluates", () => {
  test("plain JSON, whose numbers are doubles", () => {
    expect(evaluate(guest, { expr: "user.age / 2" }, JSON.parse('{"user":{"age":33}}'))).toMatchObject({
      value: { double: 16.5 },
    });
    expect(evaluate(guest, { template: "{{user}}" }, JSON.parse('{"user":{"age":33}}'))).toMatchObject({
      text: "Object{age: 33}",
    });
  });

  test("an error with its place drawn", () => {
    expect(evaluate(guest, { expr: "a + b.c" }, { a: 1, b: {} })).toMatchObject({
      error: "no_such_field",
      at: [4, 7],
      snippet: "a + b.c\n    ^~~",
    });
    expect(evaluate(guest, { expr: "a +" }, {})).toMatchObject({
      error: "syntax",
      at: [3, 3],
      steps: 0,
      remedy: expect.any(String),
    });
  });

  test("and counts the steps, the same for the same values", () => {
    const l = { list: [{ int: "1" }, { int: "2" }, { int: "3" }] };
    const { steps } = evaluateTagged(guest, { expr: "l.all(x, x > 0)" }, { l });
    expect(steps).toBeGreaterThanOrEqual(4);
    expect(evaluateTagged(guest, { expr: "l.all(x, x > 0)" }, { l }).steps).toBe(steps);
    expect(evaluateTagged(guest, { expr: "1 + 1" }, {}).steps).toBeLessThan(steps);
  });

  test("until the budget or the memory is spent, and is as good as new after it", () => {
    const l = Array.from({ length: 256 }, (_, i) => i);
    const outcome = evaluate(guest, { expr: "l.exists(x, l.exists(y, y > 1e6) || l.exists(z, z > 1e6))" }, { l });
    expect(outcome).toMatchObject({ error: "budget" });
    expect(evaluate(guest, { expr: "size(l)" }, { l })).toMatchObject({ value: { int: "256" } });
  });

  test("five hundred expressions without keeping memory of the guest", () => {
    const before = guest.segmentBytes();
    for (let i = 0; i < 500; i++) evaluate(guest, { expr: `x == 'text ${i}'` }, { x: "text 7" });
    expect(guest.segmentBytes()).toBe(before);
  });
});
