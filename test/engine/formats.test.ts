// Formats of values that have no tag of their own in the vectors: big numbers, optionals, opaque things, naive times.
import { beforeEach, describe, expect, it } from "vitest";
import * as abi from "../../engine/abi.ts";
import {
  big,
  bytes,
  each,
  engine,
  failed,
  int,
  list,
  make,
  map,
  memory,
  NODE,
  object,
  opaque,
  optional,
  reset,
  set,
  show,
  str,
  timestamp,
  typeName,
  type Value,
} from "./guest.ts";

beforeEach(() => reset());

/** Renders with a format as a template writes it: [width], [precision], kind. */
function rendered(value: Value, format: string, extra = 0): string {
  const [, width, precision, kind, depth] = /^(\d*)(?:\.(\d+))?(\D?)(\d?)$/.exec(format) as unknown as string[];
  const slot = make(value);
  engine.outBegin();
  const sizes =
    Number(width) |
    ((precision === undefined ? 0 : Number(precision) + 1) << abi.FORMAT_PRECISION_SHIFT) |
    (Number(depth === "" ? 2 : depth) << abi.FORMAT_DEPTH_SHIFT) |
    ((kind === "" ? 0 : (kind as string).charCodeAt(0)) << abi.FORMAT_KIND_SHIFT);
  engine.outFormatted(slot, 32 | extra, sizes);
  return Buffer.from(memory.buffer, abi.OUT_BASE, engine.outEnd()).toString();
}

const formatted = (text: string, ...values: Value[]): string =>
  show(engine.format(make(str(text)), make(list(values)), NODE));

const GOOGOL = `1${"0".repeat(100)}`;
const COMMA = 1 << abi.FORMAT_GROUP_SHIFT;

describe("a big number", () => {
  it.each<[string, string, string]>([
    ["123456789012345678901234567890", "d", "123456789012345678901234567890"],
    ["-123456789012345678901234567890", "35", "    -123456789012345678901234567890"],
    ["123456789012345678901234567890", ".2f", "123456789012345678901234567890.00"],
    ["123456789012345678901234567890", ".3e", "1.235e+29"],
    ["123456789012345678901234567890", ".3", "1.23e+29"],
    ["1234567890.125", ".2f", "1234567890.12"],
    ["1234567890.125000000000000000001", ".2f", "1234567890.13"],
    ["0.5", ".0%", "50%"],
    ["12.50", "d", "12.5"],
    ["-0.00", "d", "-0"],
    ["1E+3", "d", "1000"],
    ["1E-3", "f", "0.001000"],
    ["99.95", ".1f", "100.0"],
    [GOOGOL, "d", GOOGOL],
    ["1E+5000", "d", "<error: overflow>"],
    ["1E+5000", "g", "1e+5000"],
    ["123456789012345678901234567890", "x", "<error: overflow>"],
    ["123456789012345678901234567890", "j", "123456789012345678901234567890"],
  ])("%s as %s is %s", (text, format, wanted) => {
    expect(rendered(big(text), format)).toBe(wanted);
  });

  it("is grouped", () => {
    expect(rendered(big("-1234567890123456789012.50"), "", COMMA)).toBe("-1,234,567,890,123,456,789,012.50");
    expect(rendered(big("9".repeat(1234)), "d", COMMA)).toBe(`9${",999".repeat(411)}`);
    // Longer than any that a reader copies.
    expect(rendered(big("9".repeat(2000)), "", COMMA)).toBe("9".repeat(2000));
    expect(rendered(big("9".repeat(2000)), "d", COMMA)).toBe("<error: overflow>");
    expect(rendered(big(`1.${"9".repeat(2000)}`), ".2f")).toBe("2.00");
  });

  it("is formatted by its text", () => {
    expect(formatted("%s %d %.1f", ...Array(3).fill(big("123456789012345678901.25")))).toBe(
      '"123456789012345678901.25 123456789012345678901.25 123456789012345678901.2"',
    );
  });
});

describe("in a hole", () => {
  it.each<[Value, string, string]>([
    [optional(), "j", "null"],
    [optional(int(5)), "j", "5"],
    [optional(list([int(1)])), "j", "[1]"],
    [optional(int(5)), "20", "optional.of(5)      "],
    [opaque('f"', 1), "j", '"<f\\">"'],
    [opaque("f", 1), "8", "<f>     "],
    [typeName("int"), "j", '"int"'],
    [timestamp(0, 0, true), "j", '"1970-01-01T00:00:00Z (naive)"'],
    [timestamp(0, 0, true), "30", "1970-01-01T00:00:00Z (naive)  "],
    [timestamp(1e15), "j", '"<error: overflow>"'],
    [each(3), "j", '"[...]"'],
    [each(0), "j", "[]"],
    [set([int(1)]), "j", "[1]"],
    [list([int(1)], 3), "j", '[1, "..."]'],
    [list([], 3), "j", '["..."]'],
    [list([], 3), "j0", '"[...]"'],
    [map([[str("a"), int(1)]], 2), "j", '{"a": 1, "...": "..."}'],
    [map([[str("a", true), str("b", true)]]), "j", '{"a...": "b..."}'],
    [object("A", { a: object("B", { c: int(1) }) }), "j1", '{"a": "{...}"}'],
    [bytes("abcd", true), "j", '"YWJjZA==..."'],
    [str("abc", true), "q", '"abc..."'],
    [str("abc", true), ".2", "ab"],
    [str("abc", true), ".3", "abc"],
    [str("abc", true), ".4", "abc..."],
    [str("abc", true), "8x", "616263..."],
    [failed(abi.ERR_REDACTED), "25.3d", "<error: redacted>        "],
    [failed(abi.ERR_REDACTED), "j", "<error: redacted>"],
  ])("%s as %s is %s", (value, format, wanted) => {
    expect(rendered(value, format)).toBe(wanted);
  });

  it("that holds an error with a node, shows its code", () => {
    expect(rendered(failed(abi.ERR_INDEX, 5), "5d")).toBe("<error: index>");
  });
});

describe("in `format`", () => {
  it.each<[string, Value[], string]>([
    ["%s", [optional()], "no_such_overload@7"],
    ["%s", [each(3)], "no_such_overload@7"],
    ["%s", [opaque("f", 1)], '"f"'],
    ["%s", [list([int(1)], 3)], "truncated@7"],
    ["%s", [map([], 3)], "truncated@7"],
    ["%s", [object("A", { a: int(1) }, 3)], "truncated@7"],
    ["%s", [list([str("a", true), int(1)])], '"[a..."'],
    ["%s", [bytes("a", true)], "truncated@7"],
    ["%x", [bytes("a", true)], '"61..."'],
    ["%s%s", [str("a", true), failed(abi.ERR_REDACTED, 3)], "redacted@3"],
    [
      "%s",
      [
        map([
          [int(2), int(1)],
          [int(10), int(2)],
          [str("1"), int(3)],
        ]),
      ],
      '"{1: 3, 10: 2, 2: 1}"',
    ],
    [
      "%s",
      [
        map([
          [str("1"), int(3)],
          [int(1), int(2)],
        ]),
      ],
      '"{1: 2, 1: 3}"',
    ],
    ["%s", [timestamp(1e15)], '"<error: overflow>"'],
  ])("%s of %s is %s", (text, values, wanted) => {
    expect(formatted(text, ...values)).toBe(wanted);
  });

  it("sorts any number of keys", () => {
    const keys = Array.from({ length: 200 }, (_, i) => (i * 7919) % 1009);
    const wanted = keys
      .map(String)
      .sort()
      .map((key) => `${key}: 0`)
      .join(", ");
    expect(formatted("%s", map(keys.map((key) => [int(key), int(0)] as const)))).toBe(`"{${wanted}}"`);
  });

  it("takes more values than are held for what is not known", () => {
    const slot = make(list([int(1)], 3));
    expect(show(engine.format(make(str("%d")), slot, NODE))).toBe('"1"');
    expect(show(engine.format(make(str("%d%d")), slot, NODE))).toBe("truncated@7");
  });
});
