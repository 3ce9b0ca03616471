import { beforeEach, describe, expect, it } from "vitest";
import { ERR_NO_SUCH_KEY, ERR_REDACTED, OP_GE, OP_GT, OP_LE, OP_LT } from "../../engine/abi.ts";
import {
  big,
  bool,
  bytes,
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
  NODE,
  nil,
  object,
  opaque,
  optional,
  reset,
  set,
  showResult,
  str,
  timestamp,
  typeName,
  uint,
  type Value,
} from "./guest.ts";

beforeEach(() => reset());

const equals = (a: Value, b: Value): string => showResult(engine.equals(make(a), make(b), NODE));
const compare = (a: Value, b: Value, op: number): string => showResult(engine.compare(make(a), make(b), op, NODE));

const MAX = 2n ** 63n - 1n;
const WHOLE = [
  0n,
  1n,
  -1n,
  255n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  MAX,
  MAX - 1n,
  MAX - 511n,
  -MAX - 1n,
  -MAX,
  2n ** 63n,
  2n ** 63n + 1n,
  2n ** 64n - 1n,
  2n ** 64n - 2048n,
  2n ** 64n,
  -(2n ** 63n) - 1n,
  10n ** 30n,
  -(10n ** 30n),
];
const DOUBLES = [
  0,
  -0,
  0.5,
  -0.5,
  1,
  1.5,
  -1,
  255,
  254.99999999999997,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  2 ** 63 - 1024,
  -(2 ** 63),
  -(2 ** 63) - 2048,
  2 ** 64,
  2 ** 64 - 2048,
  1e30,
  -1e30,
  5e-324,
  1.7976931348623157e308,
  Infinity,
  -Infinity,
  NaN,
];

/** Every slot that a whole number can stand in. */
function wholes(value: bigint): Value[] {
  const kinds: Value[] = [];
  if (BigInt.asIntN(64, value) === value) kinds.push(int(value));
  if (BigInt.asUintN(64, value) === value) kinds.push(uint(value));
  return kinds.length > 0 ? kinds : [big(String(value))];
}

function expectOrder(a: Value, b: Value, x: bigint | number, y: bigint | number): void {
  reset();
  const text = `${x} against ${y}`;
  // biome-ignore lint/suspicious/noDoubleEquals: JavaScript compares a bigint with a number exactly only so.
  expect(equals(a, b), text).toBe(String(x == y));
  expect(compare(a, b, OP_LT), text).toBe(String(x < y));
  expect(compare(a, b, OP_LE), text).toBe(String(x <= y));
  expect(compare(a, b, OP_GT), text).toBe(String(x > y));
  expect(compare(a, b, OP_GE), text).toBe(String(x >= y));
}

describe("numbers stand on one exact line", () => {
  it("orders whole numbers of every type, also beyond 64 bits", () => {
    for (const x of WHOLE)
      for (const y of WHOLE) for (const a of wholes(x)) for (const b of wholes(y)) expectOrder(a, b, x, y);
  });

  it("orders doubles, with NaN equal to nothing and -0 equal to 0", () => {
    for (const x of DOUBLES) for (const y of DOUBLES) expectOrder(double(x), double(y), x, y);
  });

  it("ranks the greatest int with the double above it, as CEL's suite wants, and still tells them apart", () => {
    reset();
    const a = int(2n ** 63n - 1n);
    const b = double(2 ** 63);
    expect([equals(a, b), equals(b, a)]).toEqual(["false", "false"]);
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      expect([OP_LT, OP_LE, OP_GT, OP_GE].map((op) => compare(x, y, op))).toEqual(["false", "true", "false", "true"]);
    }
  });

  it("orders ints and uints with doubles exactly, and big numbers by their nearest double", () => {
    for (const x of WHOLE) {
      for (const y of DOUBLES) {
        for (const [i, a] of wholes(x).entries()) {
          if (x === 2n ** 63n - 1n && y === 2 ** 63 && i === 0) continue; // ranked as one, see below
          const fits = BigInt.asIntN(64, x) === x || BigInt.asUintN(64, x) === x;
          expectOrder(a, double(y), fits ? x : Number(x), y);
          expectOrder(double(y), a, y, fits ? x : Number(x));
        }
      }
    }
  });

  it.each([
    ["1.5", "1.50", "true", "false"],
    ["-1.5", "-1.25", "false", "true"],
    ["12.5", "9.75", "false", "false"],
    ["1e30", "1000000000000000000000000000000", "true", "false"],
    ["0.001", "1e-3", "true", "false"],
    ["-0", "0", "true", "false"],
    ["0.0999", "0.1", "false", "true"],
    ["100", "1e2", "true", "false"],
    ["123456789012345678901", "123456789012345678902", "false", "true"],
  ])("orders decimals by value: %s with %s", (a, b, equal, less) => {
    expect(equals(big(a), big(b))).toBe(equal);
    expect(compare(big(a), big(b), OP_LT)).toBe(less);
    expect(compare(big(b), big(a), OP_GT)).toBe(less);
  });

  it("orders a big decimal with an int by text", () => {
    expect(compare(int(1), big("1.5"), OP_LT)).toBe("true");
    expect(compare(big("-1.5"), int(-1), OP_LT)).toBe("true");
    expect(equals(uint(2n ** 64n - 1n), big("18446744073709551615.0"))).toBe("true");
  });
});

describe("texts", () => {
  const TEXTS = [
    "",
    "a",
    "ab",
    "abc",
    "abcdefgh",
    "abcdefghi",
    "abcdefghj",
    "zzzzzzzzzzzzzzzzz",
    "\u{ffff}",
    "\u{10000}",
    "é",
    "e\u0301",
  ];
  it("orders strings by code point, and bytes alike", () => {
    for (const x of TEXTS) {
      for (const y of TEXTS) {
        const order = Math.sign(Buffer.compare(Buffer.from(x), Buffer.from(y)));
        for (const kind of [str, bytes]) {
          expect(compare(kind(x), kind(y), OP_LT)).toBe(String(order < 0));
          expect(compare(kind(x), kind(y), OP_LE)).toBe(String(order <= 0));
          expect(compare(kind(x), kind(y), OP_GT)).toBe(String(order > 0));
          expect(compare(kind(x), kind(y), OP_GE)).toBe(String(order >= 0));
          expect(equals(kind(x), kind(y))).toBe(String(order === 0));
        }
        expect(showResult(engine.textIs(make(str(x)), ...constant(y), NODE))).toBe(String(order === 0));
      }
    }
  });

  const T = "truncated@7";
  it.each([
    // a, cut, b, cut, ==, <
    ["abc", true, "abd", false, "false", "true"],
    ["abc", true, "abc", false, "false", "false"],
    ["abc", false, "abc", true, "false", "true"],
    ["abc", true, "abc", true, T, T],
    ["ab", true, "abc", false, T, T],
    ["abc", false, "ab", true, T, T],
    ["abc", true, "ab", false, "false", "false"],
    ["ab", false, "abc", true, "false", "true"],
    ["ab", true, "abc", true, T, T],
    ["b", true, "a", true, "false", "false"],
    ["", true, "a", false, T, T],
    ["", true, "", false, "false", "false"],
  ])("decides what the held beginning decides: %j (cut %s) with %j (cut %s)", (a, cutA, b, cutB, equal, less) => {
    expect(equals(str(a, cutA), str(b, cutB))).toBe(equal);
    expect(compare(str(a, cutA), str(b, cutB), OP_LT)).toBe(less);
    expect(equals(bytes(a, cutA), bytes(b, cutB))).toBe(equal);
    if (!cutB) expect(showResult(engine.textIs(make(str(a, cutA)), ...constant(b), NODE))).toBe(equal);
  });

  it("compares anything with a constant text", () => {
    const is = (value: Value): string => showResult(engine.textIs(make(value), ...constant("RED"), NODE));
    expect([nil, int(1), list([]), bytes("RED")].map(is)).toEqual(["false", "false", "false", "false"]);
    expect(is(enumOf("Color", "RED", int(1)))).toBe("true");
    expect(is(failed(ERR_REDACTED))).toBe("redacted@7");
    expect(is(failed(ERR_REDACTED, 3))).toBe("redacted@3");
  });
});

describe("other types", () => {
  it("orders booleans, timestamps and durations", () => {
    expect(compare(bool(false), bool(true), OP_LT)).toBe("true");
    expect(compare(bool(true), bool(true), OP_GE)).toBe("true");
    expect(compare(timestamp(5, 1), timestamp(5, 2), OP_LT)).toBe("true");
    expect(compare(timestamp(-5, 9), timestamp(4, 0), OP_LT)).toBe("true");
    expect(compare(timestamp(5, 1, true), timestamp(5, 1), OP_GE)).toBe("true");
    expect(compare(duration(-1), duration(1), OP_GT)).toBe("false");
  });

  it("has no order for other types, nor between types", () => {
    const values = [nil, list([]), map([]), object("A", {}), opaque("f", 1), typeName("int"), each(1), optional()];
    for (const value of values) expect(compare(value, value, OP_LT)).toBe("no_such_overload@7");
    for (const value of [...values, str("1"), bool(true), bytes("1"), timestamp(1), duration(1)]) {
      expect(compare(value, int(1), OP_LT)).toBe("no_such_overload@7");
      expect(compare(int(1), value, OP_LT)).toBe("no_such_overload@7");
    }
  });

  it("finds values of different types different", () => {
    const values = [
      nil,
      bool(true),
      int(1),
      str("1"),
      bytes("1"),
      timestamp(1),
      duration(1),
      list([]),
      map([]),
      opaque("f", 1),
      typeName("int"),
      optional(),
    ];
    values.forEach((a, i) => {
      values.forEach((b, j) => {
        expect(equals(a, b)).toBe(String(i === j));
      });
    });
  });

  it("compares opaque values by identity, optionals and enums by content", () => {
    expect(equals(opaque("f", 1), opaque("f", 2))).toBe("false");
    expect(equals(optional(int(1)), optional(double(1)))).toBe("true");
    expect(equals(optional(int(1)), optional())).toBe("false");
    const red = enumOf("Color", "RED", int(1));
    expect(
      [red, enumOf("Color", "BLUE", int(1)), enumOf("Wine", "RED", int(1)), str("RED"), double(1), int(2), nil].map(
        (b) => equals(red, b),
      ),
    ).toEqual(["true", "false", "false", "true", "true", "false", "false"]);
    expect(equals(str("RED"), red)).toBe("true");
  });

  it("lets the left error win, and blames an error without a node on the expression", () => {
    expect(equals(failed(ERR_REDACTED, 3), failed(ERR_NO_SUCH_KEY, 4))).toBe("redacted@3");
    expect(equals(int(1), failed(ERR_NO_SUCH_KEY, 4))).toBe("no_such_key@4");
    expect(compare(failed(ERR_REDACTED), failed(ERR_NO_SUCH_KEY, 4), OP_LT)).toBe("redacted@7");
    expect(compare(nil, failed(ERR_NO_SUCH_KEY, 4), OP_LT)).toBe("no_such_key@4");
  });
});

describe("containers", () => {
  const T = "truncated@7";
  const one = list([int(1), str("a")]);
  const error = failed(ERR_REDACTED);
  const deep = (levels: number): Value => (levels === 0 ? int(1) : list([deep(levels - 1)]));
  it.each<[string, Value, Value, string]>([
    ["equal lists across number types", one, list([double(1), str("a")]), "true"],
    ["another order", one, list([str("a"), int(1)]), "false"],
    ["another length", one, list([int(1)]), "false"],
    ["NaN in lists", list([double(NaN)]), list([double(NaN)]), "false"],
    ["a cut list alike so far", list([int(1)], 3), list([int(1), int(2), int(3)]), T],
    ["a cut list that differs", list([int(1)], 3), list([int(2), int(2), int(3)]), "false"],
    ["a cut list of another true size", list([int(1)], 3), list([int(1), int(2)]), "false"],
    ["a header without elements", list([], 2), one, T],
    ["an error before a difference", list([error, int(1)]), list([int(0), int(2)]), "false"],
    ["an error without a difference", list([error, int(1)]), list([int(0), int(1)]), "redacted@7"],
    ["sets in another order", set([int(1), str("a")]), set([str("a"), int(1)]), "true"],
    ["sets that differ", set([int(1), str("b")]), set([str("a"), int(1)]), "false"],
    ["a set and a list", set([int(1)]), list([int(1)]), "false"],
    ["a cut set", set([int(1)], 2), set([int(2), int(1)]), T],
    ["a cut set with a foreign element", set([int(3)], 2), set([int(2), int(1)]), "false"],
    ["against a cut set", set([int(2), int(1)]), set([int(1)], 2), T],
    [
      "maps in another order",
      map([
        [str("a"), int(1)],
        [int(2), nil],
      ]),
      map([
        [uint(2), nil],
        [str("a"), uint(1)],
      ]),
      "true",
    ],
    ["maps with another value", map([[str("a"), int(1)]]), map([[str("a"), int(2)]]), "false"],
    ["maps with another key", map([[str("a"), int(1)]]), map([[str("b"), int(1)]]), "false"],
    ["maps with keys of other types", map([[int(1), int(1)]]), map([[bool(true), int(1)]]), "false"],
    [
      "a cut map",
      map([[str("a"), int(1)]], 2),
      map([
        [str("a"), int(1)],
        [str("b"), int(1)],
      ]),
      T,
    ],
    [
      "a cut map that differs",
      map([[str("a"), int(2)]], 2),
      map([
        [str("a"), int(1)],
        [str("b"), int(1)],
      ]),
      "false",
    ],
    [
      "a cut map with a foreign key",
      map([[str("c"), int(2)]], 2),
      map([
        [str("a"), int(1)],
        [str("b"), int(1)],
      ]),
      "false",
    ],
    [
      "against a cut map",
      map([
        [str("c"), int(1)],
        [str("b"), int(1)],
      ]),
      map([[str("a"), int(1)]], 2),
      T,
    ],
    ["objects", object("A", { x: int(1) }), object("A", { x: double(1) }), "true"],
    ["objects of other classes", object("A", { x: int(1) }), object("B", { x: int(1) }), "false"],
    ["an object and a map", object("A", { x: int(1) }), map([[str("x"), int(1)]]), "true"],
    ["a map and an object", map([[str("x"), int(2)]]), object("A", { x: int(1) }), "false"],
    ["cut objects", object("A", { x: int(1) }, 2), object("A", { x: int(1) }, 2), T],
    ["nested containers", list([map([[str("k"), one]])]), list([map([[str("k"), one]])]), "true"],
    ["sixty levels", deep(60), deep(60), "true"],
    ["more levels than any reader makes", deep(200), deep(200), "budget@7"],
  ])("%s", (_, a, b, want) => {
    expect(equals(a, b)).toBe(want);
  });

  it("finds an object equal to itself, even if it is cut or holds NaN", () => {
    const slot = make(object("A", { x: double(NaN) }, 3));
    expect(engine.equals(slot, engine.copy(slot), NODE)).toBe(1);
  });
});
