import { beforeEach, describe, expect, it } from "vitest";
import { ERR_INTERNAL, ERR_NO_SUCH_FIELD, OUT_BASE, OUT_BYTES } from "../../engine/abi.ts";
import {
  big,
  bool,
  bytes,
  CODES,
  constant,
  double,
  duration,
  each,
  engine,
  enumOf,
  failed,
  int,
  list,
  make,
  map,
  memory,
  nil,
  object,
  opaque,
  optional,
  render,
  reset,
  set,
  show,
  str,
  timestamp,
  typeName,
  uint,
  type Value,
} from "./guest.ts";

beforeEach(() => reset());

const deep = (levels: number): Value => (levels === 0 ? int(1) : list([deep(levels - 1)]));
const out = (length: number): string => Buffer.from(memory.buffer, OUT_BASE, length).toString();

describe("rendering", () => {
  it.each<[Value, string]>([
    [nil, "null"],
    [bool(true), "true"],
    [bool(false), "false"],
    [int(-5), "-5"],
    [uint(2n ** 64n - 1n), "18446744073709551615"],
    [double(0.1), "0.1"],
    [double(1e21), "1e+21"],
    [double(-0), "0"],
    [double(NaN), "NaN"],
    [double(-Infinity), "-Infinity"],
    [big("123456789012345678901234567890"), "123456789012345678901234567890"],
    [str('a "b" é'), 'a "b" é'],
    [str(""), ""],
    [str("abc", true), "abc..."],
    [bytes(Buffer.from([0, 97, 34, 92, 10, 127, 255])), 'b"\\x00a\\"\\\\\\x0a\\x7f\\xff"'],
    [bytes("ab", true), 'b"ab..."'],
    [timestamp(1234567890, 5_000_000), "2009-02-13T23:31:30.005Z"],
    [timestamp(0, 0, true), "1970-01-01T00:00:00Z (naive)"],
    [timestamp(-62135596800), "0001-01-01T00:00:00Z"],
    [timestamp(253402300799, 999_999_999), "9999-12-31T23:59:59.999999999Z"],
    [duration(0), "0s"],
    [duration(1_500_000_000), "1.5s"],
    [duration(-1), "-0.000000001s"],
    [duration(-(2n ** 63n)), "-9223372036.854775808s"],
    [duration(3_600_000_000_000), "3600s"],
    [list([]), "[]"],
    [list([int(1), str("a")]), '[1, "a"]'],
    [list([int(1)], 3), "[1, ...]"],
    [list([], 3), "[...]"],
    [set([int(1)]), "[1]"],
    [list([str("ab", true)]), '["ab..."]'],
    [list([str('q" b\\ \b\t\n\f\r \u0001\u001f\u007f é')]), '["q\\" b\\\\ \\b\\t\\n\\f\\r \\u0001\\u001f\u007f é"]'],
    [
      map([
        [str("k"), int(1)],
        [int(2), nil],
        [bool(true), list([])],
      ]),
      '{"k": 1, 2: null, true: []}',
    ],
    [map([[str("k"), int(1)]], 2), '{"k": 1, ...}'],
    [map([], 2), "{...}"],
    [map([]), "{}"],
    [object("Order", { id: int(1), name: str("x") }), 'Order{id: 1, name: "x"}'],
    [object("Order", { id: int(1) }, 4), "Order{id: 1, ...}"],
    [object("", { id: int(1) }), "{id: 1}"],
    [object("A", {}), "A{}"],
    [object("A", { b: object("B", { c: object("C", { d: int(1) }) }) }), "A{b: B{c: C{...}}}"],
    [object("A", { b: object("B", { c: object("C", {}) }) }), "A{b: B{c: C{}}}"],
    [
      list([object("A", { b: map([[str("k"), object("B", { c: list([object("C", { d: nil })]) })]]) })]),
      '[A{b: {"k": B{c: [C{...}]}}}]',
    ],
    [
      object("A", Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${i}`, int(i)]))),
      `A{${Array.from({ length: 10 }, (_, i) => `f${i}: ${i}`).join(", ")}, ...}`,
    ],
    [
      object("A", Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`f${i}`, int(i)]))),
      `A{${Array.from({ length: 10 }, (_, i) => `f${i}: ${i}`).join(", ")}}`,
    ],
    [enumOf("Color", "RED", int(1)), "RED"],
    [list([enumOf("Color", "RED", int(1))]), "[RED]"],
    [opaque("function f", 1), "<function f>"],
    [typeName("list"), "list"],
    [optional(), "optional.none()"],
    [optional(str("a")), 'optional.of("a")'],
    [each(3), "[...]"],
    [each(0), "[]"],
    [failed(ERR_NO_SUCH_FIELD, 5), "<error: no_such_field>"],
    [list([failed(ERR_INTERNAL)]), "[<error: internal>]"],
    [deep(16), `${"[".repeat(16)}1${"]".repeat(16)}`],
    [deep(40), `${"[".repeat(16)}[...]${"]".repeat(16)}`],
  ])("writes %s as %s", (value, want) => {
    expect(render(value)).toBe(want);
  });

  it("does not misstate a time beyond its range", () => {
    for (const seconds of [253402300800, -62135596801, 8.64e12]) {
      expect(render(timestamp(seconds))).toBe("<error: overflow>");
      expect(show(engine.toText(make(timestamp(seconds)), 7))).toBe("overflow@7");
    }
  });

  it("names every error code", () => {
    for (const [code, name] of Object.entries(CODES)) expect(render(failed(Number(code)))).toBe(`<error: ${name}>`);
  });

  it("joins text, values and quoted values", () => {
    engine.outBegin();
    engine.outText(...constant("cart "));
    engine.outValue(make(str("a")));
    engine.outText(...constant(" has "));
    engine.outQuoted(make(str("a")));
    expect(out(engine.outEnd())).toBe('cart a has "a"');
    expect(engine.outCut()).toBe(0);
  });

  it.each([
    ["a", 1],
    ["é", 2],
    ["€", 3],
    ["\u{1f600}", 4],
  ])("cuts at the end of a character: %s", (unit, width) => {
    for (let start = 0; start < 4; start++) {
      reset();
      engine.outBegin();
      engine.outText(...constant("x".repeat(start)));
      engine.outValue(make(str(unit.repeat(OUT_BYTES))));
      engine.outText(...constant("never"));
      const text = out(engine.outEnd());
      expect(text).toBe(`${"x".repeat(start)}${unit.repeat(Math.floor((OUT_BYTES - start) / width))}...`);
      expect(engine.outCut()).toBe(1);
    }
  });

  it("fills the buffer exactly without a cut, and stops a long list early", () => {
    expect(render(str("x".repeat(OUT_BYTES)))).toBe("x".repeat(OUT_BYTES));
    expect(engine.outCut()).toBe(0);
    const slot = make(list(Array.from({ length: 5000 }, (_, i) => int(i))));
    const before = engine.steps.value;
    engine.outBegin();
    engine.outValue(slot);
    const text = out(engine.outEnd());
    expect(text.length).toBe(OUT_BYTES + 3);
    expect(text.startsWith("[0, 1, 2, ")).toBe(true);
    expect(text.endsWith("...")).toBe(true);
    expect(before - engine.steps.value).toBeLessThan(2000);
    engine.outBegin();
    expect(engine.outEnd()).toBe(0);
    expect(engine.outCut()).toBe(0);
  });
});
