import { beforeEach, describe, expect, it } from "vitest";
import { ERR_OVERFLOW, ERR_REDACTED } from "../../engine/abi.ts";
import {
  big,
  bool,
  bytes,
  double,
  duration,
  engine,
  enumOf,
  failed,
  int,
  list,
  make,
  NODE,
  nil,
  opaque,
  reset,
  show,
  str,
  timestamp,
  uint,
  type Value,
} from "./guest.ts";

beforeEach(() => reset());

const N = "no_such_overload@7";
const O = "overflow@7";
const C = "conversion@7";
const MAX = 2n ** 63n - 1n;

describe("conversions", () => {
  type Name = "toInt" | "toUint" | "toDouble" | "toText" | "toBool";
  it.each<[Name, Value, string]>([
    ["toInt", int(-5), "-5"],
    ["toInt", uint(5), "5"],
    ["toInt", uint(MAX + 1n), O],
    ["toInt", double(1.9), "1"],
    ["toInt", double(-1.9), "-1"],
    ["toInt", double(2 ** 63), O],
    ["toInt", double(2 ** 63 - 1024), "9223372036854774784"],
    ["toInt", double(-(2 ** 63)), O],
    ["toInt", double(NaN), O],
    ["toInt", double(Infinity), O],
    ["toInt", big("1e30"), O],
    ["toInt", str("-42"), "-42"],
    ["toInt", str("+42"), "42"],
    ["toInt", str("9223372036854775807"), String(MAX)],
    ["toInt", str("-9223372036854775808"), String(-MAX - 1n)],
    ["toInt", str("9223372036854775808"), O],
    ["toInt", str("-9223372036854775809"), O],
    ["toInt", str("99999999999999999999999999"), O],
    ["toInt", str("000000000000000000000000007"), "7"],
    ["toInt", str(""), C],
    ["toInt", str("-"), C],
    ["toInt", str("1.0"), C],
    ["toInt", str(" 1"), C],
    ["toInt", str("0x1"), C],
    ["toInt", str("99999999999999999999x"), C],
    ["toInt", str("1", true), "truncated@7"],
    ["toInt", timestamp(-3, 5), "-3"],
    ["toInt", enumOf("C", "RED", int(4)), "4"],
    ["toInt", bool(true), N],
    ["toInt", nil, N],
    ["toInt", list([]), N],
    ["toUint", uint(5), "5u"],
    ["toUint", int(5), "5u"],
    ["toUint", int(-1), O],
    ["toUint", double(1.9), "1u"],
    ["toUint", double(-0.5), O],
    ["toUint", double(2 ** 64), O],
    ["toUint", double(2 ** 64 - 2048), "18446744073709549568u"],
    ["toUint", double(NaN), O],
    ["toUint", str("18446744073709551615"), "18446744073709551615u"],
    ["toUint", str("18446744073709551616"), O],
    ["toUint", str("-1"), C],
    ["toUint", str("+1"), C],
    ["toUint", bool(true), N],
    ["toUint", big("-1e30"), O],
    ["toDouble", double(1.5), "1.5d"],
    ["toDouble", int(MAX), "9223372036854776000d"],
    ["toDouble", uint(2n ** 64n - 1n), "18446744073709552000d"],
    ["toDouble", big("1e30"), "1e+30d"],
    ["toDouble", str("1.5"), "1.5d"],
    ["toDouble", str("1", true), "truncated@7"],
    ["toDouble", bool(true), N],
    ["toDouble", nil, N],
    ["toText", str("a"), '"a"'],
    ["toText", int(-5), '"-5"'],
    ["toText", int(-MAX - 1n), '"-9223372036854775808"'],
    ["toText", uint(2n ** 64n - 1n), '"18446744073709551615"'],
    ["toText", double(1e21), '"1e+21"'],
    ["toText", double(100), '"100"'],
    ["toText", bool(true), '"true"'],
    ["toText", bool(false), '"false"'],
    ["toText", big("12345678901234567890123"), '"12345678901234567890123"'],
    ["toText", bytes("é€\u{1f600}"), '"é€\u{1f600}"'],
    ["toText", bytes("a", true), "truncated@7"],
    ["toText", timestamp(1234567890), '"2009-02-13T23:31:30Z"'],
    ["toText", timestamp(0, 120_000_000, true), '"1970-01-01T00:00:00.12Z"'],
    ["toText", duration(1_500_000_000), '"1.5s"'],
    ["toText", opaque("function f", 1), '"function f"'],
    ["toText", enumOf("C", "RED", int(4)), '"RED"'],
    ["toText", nil, N],
    ["toText", list([]), N],
    ["toBool", bool(true), "true"],
    ["toBool", int(1), N],
    ["toBool", nil, N],
    ["toBool", str("true", true), "truncated@7"],
    ...["1", "t", "T", "true", "True", "TRUE"].map((text): [Name, Value, string] => ["toBool", str(text), "true"]),
    ...["0", "f", "F", "false", "False", "FALSE"].map((text): [Name, Value, string] => ["toBool", str(text), "false"]),
    ...["", "tRuE", "yes", " ", "t T", "tru", "rue", "truee", "false "].map((text): [Name, Value, string] => [
      "toBool",
      str(text),
      C,
    ]),
  ])("%s(%s) gives %s", (name, value, want) => {
    expect(show(engine[name](make(value), NODE))).toBe(want);
  });

  it("pass errors through", () => {
    for (const name of ["toInt", "toUint", "toDouble", "toText", "toBool"] as const) {
      expect(show(engine[name](make(failed(ERR_REDACTED, 3)), NODE))).toBe("redacted@3");
      expect(show(engine[name](make(failed(ERR_REDACTED)), NODE))).toBe("redacted@7");
    }
  });

  it("turn only well-formed UTF-8 into text", () => {
    const bad = [
      "80",
      "c0af",
      "c3",
      "c328",
      "e282",
      "e28228",
      "eda080",
      "e08080",
      "f0808080",
      "f4908080",
      "f5808080",
      "f09f98",
      "ff",
      "6180",
    ];
    for (const hex of bad) expect(show(engine.toText(make(bytes(Buffer.from(hex, "hex"))), NODE)), hex).toBe(C);
    for (const hex of ["", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "f0908080", "f48fbfbf", "61c3a962"]) {
      expect(show(engine.toText(make(bytes(Buffer.from(hex, "hex"))), NODE)), hex).toBe(`"${Buffer.from(hex, "hex")}"`);
    }
  });

  it("write every day as JavaScript's Date does", () => {
    const days = [
      -719162, -719161, -718797, -718796, -718795, -718433, -1, 0, 58, 59, 60, 364, 365, 11016, 11017, 19782, 47540,
      47541, 2932896,
    ];
    for (let day = -719162; day < 2932896; day += 997) days.push(day);
    for (const day of days) {
      reset();
      const seconds = day * 86400 + 86399;
      const want = new Date(seconds * 1000).toISOString().replace(".000", "");
      expect(show(engine.toText(make(timestamp(seconds)), NODE))).toBe(`"${want}"`);
    }
  });
});

describe("booleans and errors as slots and results", () => {
  it("truth takes only booleans", () => {
    const truth = (value: Value): number => engine.truth(make(value), NODE);
    expect([truth(bool(true)), truth(bool(false))]).toEqual([1, 0]);
    for (const value of [int(1), nil, str("true"), double(0)])
      expect(show(engine.fromBool(truth(value)))).toBe("not_bool@7");
    expect(show(engine.fromBool(truth(failed(ERR_REDACTED, 3))))).toBe("redacted@3");
    expect(show(engine.fromBool(truth(failed(ERR_REDACTED))))).toBe("redacted@7");
  });

  it("fromBool, number, integer, error, copy and locate make the slots they name", () => {
    expect([0, 1].map((result) => show(engine.fromBool(result)))).toEqual(["false", "true"]);
    expect(show(engine.number(-0.5))).toBe("-0.5d");
    expect(show(engine.integer(-5n))).toBe("-5");
    const slot = engine.error(ERR_OVERFLOW, 0);
    expect(show(slot)).toBe("overflow@0");
    expect(show(engine.locate(slot, 9))).toBe("overflow@9");
    expect(show(slot)).toBe("overflow@0");
    expect(show(engine.locate(engine.error(ERR_OVERFLOW, 4), 9))).toBe("overflow@4");
    const whole = make(int(3));
    expect(engine.locate(whole, 9)).toBe(whole);
    expect(show(engine.copy(make(list([int(1), str("a")], 4))))).toBe('[1, "a"...]/4');
    expect(show(engine.error(ERR_OVERFLOW, 2000))).toBe("overflow@2000");
  });
});
