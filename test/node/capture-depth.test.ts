// The limit on levels of objects below a variable.
import { expect, test } from "vitest";
import { captureValue } from "../../bindings/node/capture.ts";
import { CAPTURE_LIMITS } from "../../host/index.ts";

test("opens so many levels and says what the next ones are", () => {
  const value = { a: { b: { c: { d: 1 } } } };
  const levels = [0, 1].reduce((at, _) => at.fields![0]![1], captureValue(value));
  expect(levels).toEqual({
    type: "object",
    class: "Object",
    fields: [["c", { type: "object", class: "Object", fields: [], omitted: "depth" }]],
  });
});

test.each([
  ["an array", [1, 2], { type: "array", items: [], size: 2, omitted: "depth" }],
  ["an empty array, which is complete", [], { type: "array", items: [], size: 0 }],
  ["a set", new Set([1]), { type: "set", items: [], size: 1, omitted: "depth" }],
  ["a map", new Map([[1, 2]]), { type: "map", entries: [], size: 1, omitted: "depth" }],
  ["a typed array", new Int8Array(3), { type: "typedarray", class: "Int8Array", items: [], size: 3, omitted: "depth" }],
  ["an error", new TypeError("x"), { type: "error", class: "TypeError", value: "x", fields: [], omitted: "depth" }],
  ["a date, which has no contents", new Date(0), { type: "date", value: "1970-01-01T00:00:00.000Z" }],
])("says the size of %s that it does not open", (_what, value, captured) => {
  expect(captureValue(value, { ...CAPTURE_LIMITS, depth: 0 })).toEqual(captured);
});

test("does not count an object that it did not open as shown", () => {
  const shared = { x: 1 };
  const captured = captureValue({ far: { far: shared }, near: shared }, { ...CAPTURE_LIMITS, depth: 2 });
  expect(captured.fields![1]![1]).toMatchObject({ fields: [["x", { value: 1 }]], id: 1 });
  expect(captured.fields![0]![1].fields![0]![1]).toEqual({ type: "ref", value: 1 });
});

test("walks a list of a million links at no cost", () => {
  let list: object = {};
  for (let i = 0; i < 1_000_000; i++) list = { list };
  expect(captureValue(list, { ...CAPTURE_LIMITS, depth: 200, eventBytes: 1e6 })).toMatchObject({ type: "object" });
});
