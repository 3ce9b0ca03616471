// The limit on the time of one capture.
import { expect, test } from "vitest";
import { Capturer } from "../../bindings/node/capture.ts";
import { stopwatch } from "../../bindings/node/stopwatch.ts";
import { CAPTURE_LIMITS } from "../../host/index.ts";

test("stops when the time is over and says so", () => {
  let now = 0;
  // The clock moves on at each look: at the start, then every 64 values.
  const capturer = new Capturer({ clockMs: () => (now += 5) });
  const rows = Array.from({ length: 100 }, () => Array.from({ length: 10 }, (_, i) => i));
  const captured = capturer.captureValue(rows);
  expect(captured.items).toHaveLength(100);
  const cut = captured.items!.filter((item) => item.omitted === "time");
  expect(cut.length).toBeGreaterThan(50);
  expect(cut.at(-1)).toEqual({ type: "array", items: [], size: 10, omitted: "time" });
  expect(captured.items![0]).not.toHaveProperty("omitted");
});

test("leaves out the later variables when the stack and the first ones took all of it", () => {
  let now = 0;
  const capturer = new Capturer({ clockMs: () => (now += 100) });
  const many = Array.from({ length: 200 }, (_, i) => i);
  const { variables } = capturer.captureSnapshot(many.map(String), many);
  expect(variables).toHaveLength(200);
  expect(variables[0]![1]).toEqual({ type: "number", value: 0 });
  expect(variables[199]![1]).toEqual({ type: "omitted", omitted: "time" });
});

test("ends within its time on values made to be slow", () => {
  const capturer = new Capturer();
  const make = (level: number): unknown => (level === 0 ? 1 : Array.from({ length: 100 }, () => make(level - 1)));
  const value = make(3);
  capturer.captureValue(value);
  const took = stopwatch();
  capturer.captureValue(value, { ...CAPTURE_LIMITS, eventBytes: 1e9 });
  expect(took()).toBeLessThan(3 * CAPTURE_LIMITS.timeMs);
});

test("says how long it took", () => {
  let now = 0;
  const capturer = new Capturer({ clockMs: () => (now += 0.25) });
  expect(capturer.captureSnapshot([], []).captureUs).toBe(250);
});
