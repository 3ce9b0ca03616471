// Conditions over recorded snapshots of Python programs: they answer as they would have in the program.
import { describe, expect, test } from "vitest";
import { compileValue } from "../../conditions/index.ts";
import type { Captured } from "../../host/captured.ts";
import { Guest } from "../../host/guest.ts";
import { UNAVAILABLE } from "../../host/placement.ts";
import { recordedValues } from "../../host/recorded.ts";
import { toTagged } from "../../host/tagged.ts";

const guest = new Guest();
const int = (value: number | string): Captured => ({ type: "int", value });
const text = (value: string): Captured => ({ type: "string", value });

const variables: [string, Captured][] = [
  ["n", int(7)],
  ["exact", int("9007199254740993")],
  ["long", { type: "int", value: "", size: 40_000, omitted: "length" }],
  ["big", int("36893488147419103232")],
  ["price", { type: "decimal", class: "Decimal", value: "1.10" }],
  ["whole", { type: "decimal", class: "Decimal", value: "5" }],
  ["share", { type: "decimal", class: "Fraction", value: "3/4" }],
  ["point", { type: "tuple", items: [int(1), int(2)] }],
  ["steps", { type: "range", value: "range(1, 10, 2)" }],
  ["down", { type: "range", value: "range(5, 0, -2)" }],
  ["endless", { type: "range", value: "range(0, 1000000)" }],
  ["naive", { type: "date", value: "2026-11-22T10:20:30" }],
  ["fine", { type: "date", value: "2026-11-22T10:20:30.000001Z" }],
  ["day", { type: "date", class: "date", value: "2026-11-22" }],
  ["noon", { type: "time", class: "time", value: "12:05:00.25" }],
  ["took", { type: "duration", value: "-1.5s" }],
  ["color", { type: "enum", class: "Shop.Color", value: "RED", fields: [["value", int(1)]] }],
  ["z", { type: "complex", value: "(1-2.5j)" }],
  ["user", { type: "object", class: "Shop.User", fields: [["age", int(33)]] }],
  ["counts", { type: "map", class: "Counter", entries: [[text("a"), int(1)], [int(2), text("b")]] }],
  ["id", { type: "string", class: "UUID", value: "00-1" }],
  ["stream", { type: "opaque", class: "generator" }],
  ["error", { type: "error", class: "app.ValueError", value: "bad", fields: [] }],
  ["odd", { type: "duration", value: "soon" }],
]; // biome-ignore format: one variable a line

function resultOf(source: string) {
  const values = recordedValues(variables);
  const loaded = guest.load(compileValue(source));
  try {
    const inputs = loaded.compiled.projection.roots.map(({ key }) =>
      values.has(String(key)) ? values.get(String(key)) : UNAVAILABLE,
    );
    return toTagged(guest.memory, loaded.evaluate(...inputs));
  } finally {
    loaded.close();
  }
}

describe("a recorded value of Python", () => {
  test.each<[source: string, result: object]>([
    ["n", { int: "7" }],
    ["n / 2", { int: "3" }],
    ["exact", { int: "9007199254740993" }],
    ["long > 5", { error: "truncated" }],
    ["big > 5", { bool: true }],
    ["price > 1.05", { bool: true }],
    ["whole == 5", { bool: true }],
    ["share == 0.75", { bool: true }],
    ["point[1]", { int: "2" }],
    ["size(point)", { int: "2" }],
    ["steps.exists(s, s == 9)", { bool: true }],
    ["steps.exists(s, s == 2)", { bool: false }],
    ["size(steps)", { int: "5" }],
    ["down[2]", { int: "1" }],
    ["size(down)", { int: "3" }],
    ["size(endless)", { int: "1000000" }],
    ["endless[500000]", { error: "truncated" }],
    ["naive == timestamp('2026-11-22T10:20:30Z')", { bool: true }],
    ["fine > timestamp('2026-11-22T10:20:30Z')", { bool: true }],
    ["day < naive", { bool: true }],
    ["noon.hour", { int: "12" }],
    ["noon.microsecond", { int: "250000" }],
    ["took < duration('0s')", { bool: true }],
    ["took", { duration: "-1.5s" }],
    ["color", { enum: { class: "Color", name: "RED", value: { int: "1" } } }],
    ["z.imag", { double: -2.5 }],
    ["className(user)", { string: "User" }],
    ["user.age >= 21", { bool: true }],
    ["counts['a']", { int: "1" }],
    ["counts[2]", { string: "b" }],
    ["id.startsWith('00')", { bool: true }],
    ["stream != null", { bool: true }],
    ["error.message", { string: "bad" }],
    ["odd > duration('0s')", { error: "conversion" }],
  ])("%s", (source, result) => {
    expect(resultOf(source)).toEqual(result);
  });
});
