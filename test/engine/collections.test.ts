import { beforeEach, describe, expect, it } from "vitest";
import { ERR_NO_SUCH_FIELD, ERR_REDACTED, ERR_TRUNCATED } from "../../engine/abi.ts";
import {
  big,
  bool,
  bytes,
  constant,
  double,
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
  reset,
  set,
  show,
  showResult,
  str,
  timestamp,
  uint,
  type Value,
  view,
  walked,
} from "./guest.ts";

beforeEach(() => reset());

const N = "no_such_overload@7";
const T = "truncated@7";
const K = "no_such_key@7";
const order = object("Order", {
  id: int(1),
  length: str("long"),
  bad: failed(ERR_REDACTED),
  gone: failed(ERR_NO_SUCH_FIELD),
});
const keys = map([
  [str("a"), int(1)],
  [int(2), str("two")],
  [uint(3), str("three")],
  [bool(true), nil],
]);

describe("select and has", () => {
  it.each<[Value, string, string, string]>([
    // value, name, select, has
    [order, "id", "1", "true"],
    [order, "nope", "no_such_field@7", "false"],
    [keys, "a", "1", "true"],
    [keys, "b", K, "false"],
    [order, "bad", "redacted@7", "true"],
    [order, "gone", "no_such_field@7", "false"],
    [object("A", { a: int(1) }, 5), "a", "1", "true"],
    [object("A", { a: int(1) }, 5), "b", T, T],
    [map([], 2), "b", T, T],
    [map([[str("ab", true), int(1)]]), "abc", T, T],
    [map([[str("ab", true), int(1)]]), "ab", K, "false"],
    [map([[str("ab", true), int(1)]]), "ac", K, "false"],
    [nil, "a", "null_deref@7", "null_deref@7"],
    [int(1), "a", N, N],
    [str("a"), "a", N, N],
    [list([]), "a", N, N],
    [failed(ERR_REDACTED, 3), "a", "redacted@3", "redacted@3"],
    [failed(ERR_REDACTED), "a", "redacted@7", "redacted@7"],
  ])("%s.%s is %s, has says %s", (value, name, selected, has) => {
    expect(show(engine.select(make(value), ...constant(name), NODE))).toBe(selected);
    expect(showResult(engine.hasField(make(value), ...constant(name), NODE))).toBe(has);
  });
});

describe("index and in", () => {
  const letters = list([str("a"), str("b"), str("c")]);
  it.each<[Value, Value, string]>([
    [letters, int(0), '"a"'],
    [letters, uint(2), '"c"'],
    [letters, double(1), '"b"'],
    [letters, double(-0), '"a"'],
    [letters, int(3), "index@7"],
    [letters, int(-1), "index@7"],
    [letters, double(0.5), "index@7"],
    [letters, double(NaN), "index@7"],
    [letters, double(Infinity), "index@7"],
    [letters, uint(2n ** 64n - 1n), "index@7"],
    [letters, int(2n ** 32n), "index@7"],
    [letters, big("1e30"), "index@7"],
    [letters, str("0"), N],
    [letters, bool(true), N],
    [letters, nil, N],
    [list([int(1)], 5), int(0), "1"],
    [list([int(1)], 5), int(3), T],
    [list([int(1)], 5), int(5), "index@7"],
    [list([], 2), double(1), T],
    [list([failed(ERR_REDACTED)]), int(0), "redacted@7"],
    [set([int(1)]), int(0), N],
    [keys, str("a"), "1"],
    [keys, uint(2), '"two"'],
    [keys, double(2), '"two"'],
    [keys, int(3), '"three"'],
    [keys, bool(true), "null"],
    [keys, int(1), K],
    [keys, bool(false), K],
    [keys, double(2.5), K],
    [keys, double(NaN), K],
    [keys, big("1e30"), K],
    [keys, nil, N],
    [keys, list([]), N],
    [keys, timestamp(1), N],
    [map([[str("a"), int(1)]], 2), str("b"), T],
    [map([[str("a"), int(1)]], 2), str("a"), "1"],
    [keys, str("a", true), K],
    [map([[str("abc"), nil]]), str("ab", true), T],
    [map([[str("b"), int(1)]]), str("c", true), K],
    [map([[double(2), int(1)]]), int(2), "1"],
    [map([[str("RED"), int(1)]]), enumOf("C", "RED", int(5)), "1"],
    [order, str("id"), "1"],
    [order, str("x"), "no_such_field@7"],
    [order, int(1), "no_such_field@7"],
    [nil, int(0), "null_deref@7"],
    [str("abc"), int(0), N],
    [int(1), int(0), N],
    [each(3), int(0), N],
    [failed(ERR_REDACTED, 2), failed(ERR_TRUNCATED, 3), "redacted@2"],
    [nil, failed(ERR_TRUNCATED, 3), "truncated@3"],
    [letters, failed(ERR_TRUNCATED), T],
  ])("%s[%s] is %s", (value, key, want) => {
    expect(show(engine.index(make(value), make(key), NODE))).toBe(want);
  });

  it.each<[Value, Value, string]>([
    [int(1), list([double(1)]), "true"],
    [int(2), list([int(1)]), "false"],
    [int(2), list([int(1)], 3), T],
    [int(1), list([int(1)], 3), "true"],
    [int(1), list([failed(ERR_REDACTED), int(1)]), "true"],
    [int(2), list([failed(ERR_REDACTED), int(1)]), "redacted@7"],
    [str("a"), set([str("a")]), "true"],
    [list([int(1)]), list([list([uint(1)])]), "true"],
    [str("abc", true), list([str("abd"), str("abcd")]), T],
    [nil, list([nil]), "true"],
    [str("a"), keys, "true"],
    [double(3), keys, "true"],
    [double(1), keys, "false"],
    [nil, keys, "false"],
    [list([]), keys, "false"],
    [str("z"), map([[str("a"), nil]], 2), T],
    [str("id"), order, "true"],
    [str("x"), order, "false"],
    [int(1), order, "false"],
    [str("x"), object("A", {}, 1), T],
    [str("a"), str("abc"), N],
    [int(1), nil, N],
    [int(1), int(1), N],
    [failed(ERR_REDACTED, 2), failed(ERR_REDACTED, 3), "redacted@2"],
    [int(1), failed(ERR_REDACTED, 3), "redacted@3"],
  ])("%s in %s is %s", (value, collection, want) => {
    expect(showResult(engine.isIn(make(value), make(collection), NODE))).toBe(want);
  });
});

describe("size and length", () => {
  it.each<[Value, string, string]>([
    [str("héllo \u{1f600} wörld"), "13", "13"],
    [str(""), "0", "0"],
    [str("abc", true), T, T],
    [bytes("é"), "2", "2"],
    [bytes("é", true), T, T],
    [list([int(1)]), "1", "1"],
    [list([int(1)], 10), "10", "10"],
    [keys, "4", "4"],
    [map([], 9), "9", T],
    [order, "4", '"long"'],
    [object("A", { b: nil }), "1", "1"],
    [map([[str("length"), int(5)]]), "1", "5"],
    [each(12), "12", "12"],
    [nil, N, "null_deref@7"],
    [int(1), N, N],
    [bool(true), N, N],
    [failed(ERR_REDACTED, 2), "redacted@2", "redacted@2"],
  ])("size of %s is %s, length %s", (value, size, length) => {
    expect(show(engine.size(make(value), NODE))).toBe(size);
    expect(show(engine.lengthOf(make(value), NODE))).toBe(length);
  });

  it("counts code points of every length and alignment", () => {
    for (let i = 0; i < 40; i++) {
      for (const unit of ["a", "é", "€", "\u{1f600}"]) {
        reset();
        const text = "x".repeat(i % 9) + unit.repeat(i);
        expect(show(engine.size(make(str(text)), NODE))).toBe(String([...text].length));
      }
    }
  });
});

describe("each", () => {
  it.each<[Value, string]>([
    [list([int(1), nil]), "1, null"],
    [list([int(1)], 2), "1, ..."],
    [keys, '"a", 2, 3u, true'],
    [map([[str("a"), nil]], 3), '"a", ...'],
    [object("A", { x: nil, y: nil }), '"x", "y"'],
    [map([]), ""],
    [each(3), N],
    [nil, N],
    [str("abc"), N],
    [failed(ERR_REDACTED, 2), "redacted@2"],
  ])("walks over %s as %s", (value, want) => {
    expect(walked(engine.each(make(value), NODE))).toBe(want);
  });
});

describe("pairs", () => {
  const second = (slot: number): string => {
    const copy = engine.copy(slot);
    view.setInt32(copy + 8, view.getInt32(slot + 8, true) + 16, true);
    return walked(copy);
  };

  it.each<[Value, string, string]>([
    [list([str("a"), nil]), "0, 1", '"a", null'],
    [list([str("a")], 2), "0, ...", '"a", ...'],
    [map([[str("a"), int(5)]]), '"a"', "5"],
    [map([[str("a"), nil]], 3), '"a", ...', "null, ..."],
    [object("A", { x: int(1), y: nil }), '"x", "y"', "1, null"],
    [list([]), "", ""],
  ])("walks over %s as %s and %s", (value, keys, values) => {
    const slot = engine.pairs(make(value), NODE);
    expect(walked(slot)).toBe(keys);
    expect(second(slot)).toBe(values);
  });

  it.each<[Value, string]>([
    [set([int(1)]), N],
    [nil, N],
    [str("abc"), N],
    [failed(ERR_REDACTED, 2), "redacted@2"],
  ])("refuses %s", (value, want) => {
    expect(show(engine.pairs(make(value), NODE))).toBe(want);
  });
});

describe("building", () => {
  it("fills a list up to its room and no further", () => {
    const slot = engine.newList(2);
    expect(show(slot)).toBe("[]");
    expect([int(1), str("a"), nil].map((value) => engine.push(slot, make(value)))).toEqual([1, 1, 0]);
    expect(show(slot)).toBe('[1, "a"]');
    expect(engine.push(make(int(1)), slot)).toBe(0);
    expect(engine.push(engine.newList(0), slot)).toBe(0);
  });

  it("keeps several open containers apart", () => {
    const [a, m, b] = [engine.newList(2), engine.newMap(1), engine.newList(1)];
    engine.push(b, a);
    engine.put(m, make(str("k")), b, NODE);
    engine.push(a, make(int(1)));
    engine.push(a, m);
    expect(show(a)).toBe('[1, {"k":[[]];}]');
  });

  it.each<[Value, Value, string]>([
    [str("b"), nil, "true"],
    [int(2), nil, "true"],
    [bool(false), nil, "true"],
    [uint(2), nil, "true"],
    [str("a"), nil, "invalid_argument@7"],
    [uint(1), nil, "invalid_argument@7"],
    [int(1), nil, "invalid_argument@7"],
    [bool(true), nil, "invalid_argument@7"],
    [double(5), nil, N],
    [nil, nil, N],
    [list([]), nil, N],
    [big("1e30"), nil, N],
    [bytes("a"), nil, N],
    [str("zz", true), nil, T],
    [failed(ERR_REDACTED, 2), failed(ERR_TRUNCATED, 3), "redacted@2"],
    [str("b"), failed(ERR_REDACTED, 2), "redacted@2"],
  ])("puts a key: %s gives %s", (key, value, want) => {
    const slot = engine.newMap(4);
    for (const first of [str("a"), int(1), bool(true)])
      expect(engine.put(slot, make(first), make(int(0)), NODE)).toBe(1);
    expect(showResult(engine.put(slot, make(key), make(value), NODE))).toBe(want);
    expect(show(slot).startsWith('{"a":0;1:0;true:0;')).toBe(true);
  });

  it("refuses a pair too many, and a target that is no map", () => {
    const slot = engine.newMap(1);
    engine.put(slot, make(int(1)), make(nil), NODE);
    expect(showResult(engine.put(slot, make(int(2)), make(nil), NODE))).toBe("internal@7");
    expect(showResult(engine.put(make(int(1)), make(int(2)), make(nil), NODE))).toBe(N);
  });
});
