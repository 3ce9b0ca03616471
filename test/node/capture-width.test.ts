// biome-ignore-all lint/suspicious/noSparseArray: holes are among the values under test
// The limits on fields of an object and on elements of a list, and what very wide values cost.
import { expect, test } from "vitest";
import { Capturer, captureValue } from "../../bindings/node/capture.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const wide = (count: number) => Object.fromEntries(numbers(count).map((i) => [`f${i}`, i]));

/** Shortest of some runs, ms. */
function shortest(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) {
    const started = performance.now();
    run();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

test("shows the first fields and says how many there are", () => {
  expect(captureValue(wide(20))).not.toHaveProperty("omitted");
  const captured = captureValue(wide(21));
  expect(captured).toMatchObject({ size: 21, omitted: "fields" });
  expect(captured.fields!.map(([name]) => name)).toEqual(Object.keys(wide(20)));
});

test.each([
  ["an array", numbers(101)],
  ["a set", new Set(numbers(101))],
  ["a typed array", Float64Array.from(numbers(101))],
])("shows the first elements of %s and its size", (_what, value) => {
  const captured = captureValue(value);
  expect(captured).toMatchObject({ size: 101, omitted: "items" });
  expect(captured.items!.map((item) => item.value)).toEqual(numbers(100));
});

test("shows the first entries of a map and its size", () => {
  const captured = captureValue(new Map(numbers(101).map((i) => [i, -i])));
  expect(captured).toMatchObject({ size: 101, omitted: "items" });
  expect(captured.entries).toHaveLength(100);
  expect(captured.entries![99]).toEqual([
    { type: "number", value: 99 },
    { type: "number", value: -99 },
  ]);
});

test("counts holes in runs", () => {
  const sparse = new Array(10);
  sparse[3] = "x";
  expect(captureValue(sparse)).toEqual({
    type: "array",
    items: [
      { type: "hole", value: 3 },
      { type: "string", value: "x" },
      { type: "hole", value: 6 },
    ],
  });
});

test("gives up on an endless run of holes, and says so", () => {
  const sparse: number[] = [1];
  sparse[2 ** 32 - 2] = 2;
  const captured = captureValue(sparse);
  expect(captured).toMatchObject({ size: 2 ** 32 - 1, omitted: "items" });
  expect(captured.items![0]).toEqual({ type: "number", value: 1 });
  expect(captured.items![1]!.type).toBe("hole");
  expect(shortest(() => captureValue(sparse))).toBeLessThan(5);
});

test("captures arrays the same way when V8 answers no questions", () => {
  const plain = new Capturer({ facts: { hasFastElements: null, isFlatString: null } });
  const array = [1, "a", { b: 2 }, , null];
  expect(plain.captureValue(array)).toEqual(captureValue(array));
});

test.each([
  ["an array of ten million", () => new Array(10_000_000).fill(7)],
  ["an array of ten million holes", () => new Array(10_000_000)],
  ["a typed array of ten million", () => new Float64Array(10_000_000)],
  ["a buffer of 64 MiB", () => Buffer.alloc(64 * 1024 * 1024)],
  ["a set of a million", () => new Set(numbers(1_000_000))],
  ["a boxed string of 16 MiB", () => Object("x".repeat(16 * 1024 * 1024))],
])("takes no longer for %s than for a small one", (_what, make) => {
  const value = make();
  expect(shortest(() => captureValue(value))).toBeLessThan(1);
});

test("lists an object with very many keys once only", () => {
  const value = wide(200_000);
  const first = captureValue(value);
  expect(first).toMatchObject({ size: 200_000, omitted: "fields" });
  expect(first.fields).toHaveLength(20);
  const again = captureValue(value);
  expect(again.fields).toEqual(first.fields);
  // Counting the keys is what takes long, so the later captures do not say how many there are.
  expect(again).toMatchObject({ omitted: "fields" });
  expect(again).not.toHaveProperty("size");
  expect(shortest(() => captureValue(value))).toBeLessThan(1);
});
