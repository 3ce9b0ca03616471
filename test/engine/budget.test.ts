import { beforeEach, describe, expect, it } from "vitest";
import { ARENA_BASE, ARENA_END, ERR_OVERFLOW, OP_LT } from "../../engine/abi.ts";
import {
  bytes,
  constant,
  double,
  engine,
  int,
  list,
  make,
  map,
  NODE,
  object,
  octets,
  reset,
  set,
  show,
  showResult,
  str,
  type Value,
} from "./guest.ts";

beforeEach(() => reset());

const text = "x".repeat(4000);
const numbers = list(Array.from({ length: 256 }, (_, i) => int(i)));
const pairs = map(Array.from({ length: 256 }, (_, i) => [int(i), str(text.slice(0, 100))] as const));
const wide = set(Array.from({ length: 256 }, (_, i) => list([int(i), str(text.slice(0, 50))])));
const nested = (levels: number): Value =>
  levels === 0 ? str(text.slice(0, 64)) : list([nested(levels - 1), nested(levels - 1), nested(levels - 1)]);
const manyDoubles = list(Array.from({ length: 256 }, (_, i) => double(1.1 ** (i * 20 - 2500))));
const record = object(
  "A",
  Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`field${i}`, str(text.slice(0, 90))])),
);

/** Every function that can take long: [name, call on these arguments, arguments, whether it gives a condition's result]. */
const WORK: [string, (...slots: number[]) => number, Value[], "result" | "slot"][] = [
  ["equals, texts", (a, b) => engine.equals(a!, b!, NODE), [str(text), str(text)], "result"],
  ["equals, sets", (a, b) => engine.equals(a!, b!, NODE), [wide, wide], "result"],
  ["equals, maps", (a, b) => engine.equals(a!, b!, NODE), [pairs, pairs], "result"],
  ["equals, objects", (a, b) => engine.equals(a!, b!, NODE), [record, record], "result"],
  ["equals, nested lists", (a, b) => engine.equals(a!, b!, NODE), [nested(6), nested(6)], "result"],
  ["compare", (a, b) => engine.compare(a!, b!, OP_LT, NODE), [str(text), str(text)], "result"],
  ["contains", (a, b) => engine.contains(a!, b!, NODE), [str(text), str(`${text.slice(0, 900)}y`)], "result"],
  ["startsWith", (a, b) => engine.startsWith(a!, b!, NODE), [str(text), str(text)], "result"],
  ["endsWith", (a, b) => engine.endsWith(a!, b!, NODE), [str(text), str(text)], "result"],
  ["in, list", (a, b) => engine.isIn(a!, b!, NODE), [int(-1), numbers], "result"],
  ["in, map", (a, b) => engine.isIn(a!, b!, NODE), [int(-1), pairs], "result"],
  ["in, object", (a, b) => engine.isIn(a!, b!, NODE), [str("fields"), record], "result"],
  ["index, map", (a, b) => engine.index(a!, b!, NODE), [pairs, double(255)], "slot"],
  ["size", (a) => engine.size(a!, NODE), [str(text)], "slot"],
  ["add, texts", (a, b) => engine.add(a!, b!, NODE), [str(text), str(text)], "slot"],
  ["add, lists", (a, b) => engine.add(a!, b!, NODE), [numbers, numbers], "slot"],
  ["each", (a) => engine.each(a!, NODE), [pairs], "slot"],
  ["int(text)", (a) => engine.toInt(a!, NODE), [str("0".repeat(4000))], "slot"],
  ["charAt", (a, b) => engine.charAt(a!, b!, NODE), [str(text), int(3900)], "slot"],
  ["substring", (a, b) => engine.substring(a!, b!, b!, NODE), [str(text), int(3900)], "slot"],
  ["indexOf", (a, b) => engine.indexOf(a!, b!, 0, NODE), [str(text), str(`${text.slice(0, 900)}y`)], "slot"],
  ["lastIndexOf", (a, b) => engine.lastIndexOf(a!, b!, 0, NODE), [str(text), str(`y${text.slice(0, 900)}`)], "slot"],
  ["trim", (a) => engine.trim(a!, NODE), [str(" ".repeat(4000))], "slot"],
  ["lowerAscii", (a) => engine.lowerAscii(a!, NODE), [str(text)], "slot"],
  ["reverse", (a) => engine.reverse(a!, NODE), [str(text)], "slot"],
  ["split", (a, b) => engine.split(a!, b!, 0, NODE), [str(text), str("x")], "slot"],
  ["split, no piece", (a, b) => engine.split(a!, b!, 0, NODE), [str(text), str(`${text.slice(0, 900)}y`)], "slot"],
  ["split, characters", (a, b) => engine.split(a!, b!, 0, NODE), [str(text), str("")], "slot"],
  ["replace", (a, b) => engine.replace(a!, b!, a!, 0, NODE), [str(text.slice(0, 300)), str("x")], "slot"],
  ["replace, with nothing", (a, b, c) => engine.replace(a!, b!, c!, 0, NODE), [str(text), str("x"), str("")], "slot"],
  ["quote", (a) => engine.quote(a!, NODE), [str("\n".repeat(4000))], "slot"],
  ["join", (a, b) => engine.join(a!, b!, NODE), [list(Array(256).fill(str("xyz"))), str(text.slice(0, 90))], "slot"],
  ["join, nothing", (a, b) => engine.join(a!, b!, NODE), [list(Array(256).fill(str(""))), str("")], "slot"],
  ["base64.encode", (a) => engine.base64Encode(a!, NODE), [bytes(text)], "slot"],
  ["base64.decode", (a) => engine.base64Decode(a!, NODE), [str(text)], "slot"],
  [
    "format, texts",
    (a, b) => engine.format(a!, b!, NODE),
    [str("%s%x%s"), list([str(text), str(text), numbers])],
    "slot",
  ],
  ["format, a map", (a, b) => engine.format(a!, b!, NODE), [str("%s"), list([pairs])], "slot"],
  ["format, numbers", (a, b) => engine.format(a!, b!, NODE), [str("%f".repeat(200)), manyDoubles], "slot"],
  ["format, no verbs", (a, b) => engine.format(a!, b!, NODE), [str("%%".repeat(2000)), list([])], "slot"],
  ["double(text)", (a) => engine.toDouble(a!, NODE), [str(`1.${"3".repeat(4000)}`)], "slot"],
];

describe("steps", () => {
  it.each(WORK)("%s: no function goes past its budget, and each says so", (_, call, values, kind) => {
    const slots = values.map(make);
    const top = engine.top.value;
    engine.steps.value = 1_000_000;
    call(...slots);
    const cost = 1_000_000 - engine.steps.value;
    expect(cost).toBeGreaterThan(0);
    for (const share of [1, 0.5, 0]) {
      engine.top.value = top;
      // A little less than it needs: the last steps may be those of the result.
      engine.steps.value = Math.floor((cost - 2) * share);
      const got = call(...slots);
      expect(kind === "slot" ? show(got) : showResult(got)).toBe("budget@7");
      // What was overdrawn is one single charge, never a whole loop.
      expect(engine.steps.value).toBeGreaterThan(-1100);
    }
  });

  it.each(WORK)("%s: spends the same steps every time", (_, call, values) => {
    const slots = values.map(make);
    const top = engine.top.value;
    const costs = [1, 2, 3].map(() => {
      engine.top.value = top;
      engine.steps.value = 500_000;
      call(...slots);
      return 500_000 - engine.steps.value;
    });
    expect(new Set(costs).size).toBe(1);
  });

  it("stay spent: nothing works, nothing wraps, nothing takes long", () => {
    const slots = WORK.map(([, , values]) => values.map(make));
    engine.steps.value = -1;
    const started = performance.now();
    for (let i = 0; i < 200; i++) for (const [k, [, call]] of WORK.entries()) call(...slots[k]!);
    expect(performance.now() - started).toBeLessThan(500);
    expect(engine.steps.value).toBe(-1);
    expect(engine.alloc(16)).toBe(0);
    expect(show(engine.fail(3))).toBe("budget@3");
    expect(show(engine.number(1))).toBe("budget@0");
    expect(show(engine.newList(3))).toBe("budget@0");
  });

  it("bound rendering: a spent budget cuts the text", () => {
    const slot = make(numbers);
    engine.steps.value = 20;
    engine.outBegin();
    engine.outValue(slot);
    const length = engine.outEnd();
    expect(length).toBeLessThan(100);
    expect(Buffer.from(octets.subarray(0x10000, 0x10000 + length)).toString()).toMatch(/^\[0, 1, 2, .*\.\.\.$/);
    expect(engine.outCut()).toBe(1);
  });

  it("are charged for exact conversions, which are the slow ones", () => {
    const slot = make(double(1 / 3));
    engine.steps.value = 1000;
    engine.toText(slot, NODE);
    expect(engine.steps.value).toBe(1000 - 50 - 2 - 1);
  });
});

describe("arena", () => {
  it("gives 16-byte aligned room at one step for 16 bytes", () => {
    engine.steps.value = 100;
    expect([engine.alloc(1), engine.alloc(16), engine.alloc(17), engine.alloc(0)]).toEqual(
      [0, 16, 32, 64].map((n) => ARENA_BASE + n),
    );
    expect(engine.steps.value).toBe(96);
  });

  it("ends at its end, and a failure is `memory`", () => {
    engine.top.value = ARENA_END - 32;
    expect(engine.alloc(33)).toBe(0);
    expect(engine.alloc(32)).toBe(ARENA_END - 32);
    expect(engine.alloc(1)).toBe(0);
    expect(show(engine.fail(3))).toBe("memory@3");
    expect(show(engine.number(1))).toBe("memory@0");
  });

  it("refuses absurd sizes", () => {
    for (const bytes of [-1, -16, 0x7fffffff, ARENA_END, 0x80000000 | 0]) expect(engine.alloc(bytes)).toBe(0);
    for (const count of [-1, 0x7fffffff, 0x10000000, 0x08000000, 0x10000]) {
      expect(show(engine.newList(count))).toBe("memory@0");
      expect(show(engine.newMap(count))).toBe("memory@0");
    }
  });

  it("can always make an error, also many of them, and writes nothing beyond the arena", () => {
    const guard = octets.slice(ARENA_END, ARENA_END + 256);
    const a = make(str("abc"));
    const zero = make(int(0));
    const empty = make(str(""));
    engine.top.value = ARENA_END;
    expect(show(engine.add(a, empty, NODE))).toBe('"abc"');
    const errors = Array.from({ length: 40 }, (_, i) => engine.error(ERR_OVERFLOW, i + 1));
    errors.forEach((slot, i) => {
      expect(show(slot)).toBe(`overflow@${i + 1}`);
    });
    expect(show(engine.div(zero, zero, NODE))).toBe("divide_by_zero@7");
    expect(show(engine.add(a, a, NODE))).toBe("memory@7");
    expect(show(engine.add(zero, zero, NODE))).toBe("memory@7");
    expect(show(engine.toText(zero, NODE))).toBe("memory@7");
    expect(engine.top.value).toBe(ARENA_END);
    expect(octets.slice(ARENA_END, ARENA_END + 256)).toEqual(guard);
  });

  it("is not touched by what conditions do most", () => {
    const name = make(str("bob"));
    const age = make(int(30));
    const top = engine.top.value;
    engine.textIs(name, ...constant("bob"), NODE);
    const after = engine.top.value;
    engine.textIs(name, top, 3, NODE);
    engine.compare(age, age, OP_LT, NODE);
    engine.equals(name, name, NODE);
    engine.startsWith(name, name, NODE);
    engine.contains(name, name, NODE);
    engine.fromBool(1);
    engine.truth(engine.fromBool(0), NODE);
    expect(engine.top.value).toBe(after);
  });
});
