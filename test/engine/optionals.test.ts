import { beforeEach, describe, expect, it } from "vitest";
import * as abi from "../../engine/abi.ts";
import {
  big,
  bool,
  bytes,
  constant,
  double,
  duration,
  engine,
  failed,
  int,
  list,
  make,
  map,
  NODE,
  nil,
  object,
  optional,
  reset,
  set,
  show,
  showResult,
  str,
  timestamp,
  uint,
  type Value,
} from "./guest.ts";

beforeEach(() => reset());

const N = "no_such_overload@7";
const none = optional();
const gone = failed(abi.ERR_NO_SUCH_FIELD);
const order = object("Order", { id: int(1), bad: failed(abi.ERR_REDACTED), gone });

describe("making an optional", () => {
  it.each<[Value, string]>([
    [int(1), "of 1"],
    [nil, "of null"],
    [none, "of none"],
    [gone, "no_such_field@7"],
    [failed(abi.ERR_REDACTED, 2), "redacted@2"],
  ])("of %s gives %s", (value, want) => {
    expect(show(engine.optionalOf(make(value), NODE))).toBe(want);
  });

  it.each<[Value]>([
    [nil],
    [bool(false)],
    [int(0)],
    [uint(0)],
    [double(0)],
    [double(-0)],
    [str("")],
    [bytes("")],
    [list([])],
    [set([])],
    [map([])],
    [object("A", {})],
    [duration(0)],
    [timestamp(0)],
  ])("takes %s as a zero value", (value) => {
    expect(show(engine.optionalNonZero(make(value), NODE))).toBe("none");
  });

  it.each<[Value]>([
    [bool(true)],
    [int(-1)],
    [uint(1)],
    [double(Number.NaN)],
    [big("1e30")],
    [str("a")],
    [str("", true)],
    [bytes("a")],
    [list([nil])],
    [list([], 3)],
    [map([[str("a"), nil]])],
    [order],
    [duration(1)],
    [timestamp(0, 1)],
    [none],
  ])("takes %s as a value", (value) => {
    expect(show(engine.optionalNonZero(make(value), NODE))).toMatch(/^of /);
  });
});

describe("the slot of a path", () => {
  const up = (code: number, steps: number): Value => failed((steps << abi.ERR_UP_SHIFT) | code);

  it.each<[Value, number, string]>([
    [int(1), 1, "of 1"],
    [nil, 1, "of null"],
    [gone, 1, "none"],
    [failed(abi.ERR_NO_SUCH_KEY), 1, "none"],
    [failed(abi.ERR_INDEX), 2, "none"],
    [up(abi.ERR_NO_SUCH_FIELD, 1), 2, "none"],
    [up(abi.ERR_NO_SUCH_FIELD, 1), 1, `no_such_field@${NODE + (1 << (abi.ERR_UP_SHIFT - abi.ERR_NODE_SHIFT))}`],
    [failed(abi.ERR_NULL_DEREF), 1, "null_deref@7"],
    [failed(abi.ERR_SIDE_EFFECT), 1, "side_effect@7"],
    [failed(abi.ERR_UNDECLARED), 1, "undeclared@7"],
    [failed(abi.ERR_TRUNCATED), 1, "truncated@7"],
  ])("%s of whose last %d steps may find nothing gives %s", (value, steps, want) => {
    expect(show(engine.optionalAt(make(value), steps, NODE))).toBe(want);
  });
});

describe("looking into an optional", () => {
  it.each<[Value, string, string]>([
    [order, "id", "of 1"],
    [order, "other", "none"],
    [order, "gone", "none"],
    [order, "bad", "redacted@7"],
    [optional(order), "id", "of 1"],
    [optional(order), "other", "none"],
    [none, "id", "none"],
    [nil, "id", "null_deref@7"],
    [optional(nil), "id", "null_deref@7"],
    [int(1), "id", N],
    [optional(optional(order)), "id", N],
    [failed(abi.ERR_INDEX, 2), "id", "index@2"],
    [map([], 2), "id", "truncated@7"],
  ])("%s.?%s is %s", (value, name, want) => {
    expect(show(engine.optionalSelect(make(value), ...constant(name), NODE))).toBe(want);
  });

  it.each<[Value, Value, string]>([
    [list([int(5)]), int(0), "of 5"],
    [list([int(5)]), double(0), "of 5"],
    [list([int(5)]), int(1), "none"],
    [list([int(5)]), str("a"), N],
    [list([int(5)], 3), int(1), "truncated@7"],
    [set([int(5)]), int(0), N],
    [map([[uint(3), str("c")]]), double(3), 'of "c"'],
    [map([]), bool(true), "none"],
    [map([]), nil, N],
    [optional(list([int(5)])), int(0), "of 5"],
    [none, failed(abi.ERR_INDEX, 2), "index@2"],
    [list([]), failed(abi.ERR_INDEX, 2), "index@2"],
    [failed(abi.ERR_INDEX, 2), int(0), "index@2"],
    [nil, int(0), "null_deref@7"],
  ])("%s[?%s] is %s", (value, key, want) => {
    expect(show(engine.optionalIndex(make(value), make(key), NODE))).toBe(want);
  });

  it("selects, indexes and tests as if each step after it had a `?`", () => {
    const held = make(optional(order));
    const empty = make(none);
    expect(show(engine.select(held, ...constant("id"), NODE))).toBe("of 1");
    expect(show(engine.lengthOf(held, NODE))).toBe("none");
    expect(show(engine.index(empty, make(int(0)), NODE))).toBe("none");
    expect(showResult(engine.hasField(held, ...constant("id"), NODE))).toBe("true");
    expect(showResult(engine.hasField(held, ...constant("gone"), NODE))).toBe("false");
    expect(showResult(engine.hasField(empty, ...constant("id"), NODE))).toBe("false");
  });
});

describe("opening an optional", () => {
  it.each<[Value, string, string, string]>([
    [optional(int(1)), "1", "1", "true"],
    [none, "nothing", "no_such_key@7", "false"],
    [int(1), N, N, N],
    [nil, N, N, N],
    [failed(abi.ERR_INDEX, 2), "index@2", "index@2", "index@2"],
    [gone, "no_such_field@7", "no_such_field@7", "no_such_field@7"],
  ])("%s holds %s, its value is %s, it has one: %s", (value, held, opened, has) => {
    const slot = make(value);
    const inner = engine.unwrap(slot, NODE);
    expect(inner === 0 ? "nothing" : show(inner)).toBe(held);
    expect(show(engine.optionalValue(slot, NODE))).toBe(opened);
    expect(showResult(engine.hasValue(slot, NODE))).toBe(has);
  });

  it("lets only optionals pass where one is wanted", () => {
    const slot = make(none);
    expect(engine.asOptional(slot, NODE)).toBe(slot);
    expect(show(engine.asOptional(make(int(1)), NODE))).toBe(N);
  });
});
