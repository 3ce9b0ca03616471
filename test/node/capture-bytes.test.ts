// The limit on the bytes of one event: outer levels are kept, and what is left out says so.
import { expect, test } from "vitest";
import { captureSnapshot, captureValue } from "../../bindings/node/capture.ts";
import { CAPTURE_LIMITS, type Captured, encodeMessage } from "../../host/index.ts";

/** A tree of `width` children a level. */
function tree(width: number, levels: number, text: string): unknown {
  if (levels === 0) return text;
  return Object.fromEntries(Array.from({ length: width }, (_, i) => [`child${i}`, tree(width, levels - 1, text)]));
}

function* walk(node: Captured, level = 0): Generator<readonly [node: Captured, level: number]> {
  yield [node, level];
  for (const [, child] of node.fields ?? []) yield* walk(child, level + 1);
  for (const child of node.items ?? []) yield* walk(child, level + 1);
}

test("keeps an event near its limit whatever the variables hold", () => {
  const value = Array.from({ length: 100 }, () => tree(20, 2, "x".repeat(1000)));
  const snapshot = captureSnapshot(["a", "b"], [value, value.slice()]);
  const bytes = encodeMessage({
    type: "event",
    eventId: "e",
    probeId: "p",
    agentId: "a",
    at: 0,
    kind: "snapshot",
    file: "f",
    line: 1,
    hit: 1,
    dropped: 0,
    snapshot,
  }).byteLength;
  expect(bytes).toBeGreaterThan(CAPTURE_LIMITS.eventBytes / 2);
  expect(bytes).toBeLessThan(CAPTURE_LIMITS.eventBytes * 1.5);
});

test("keeps the outer levels first", () => {
  const captured = captureValue(tree(20, 3, "text"), { ...CAPTURE_LIMITS, eventBytes: 5000 });
  const cut = [...walk(captured)].filter(([node]) => node.omitted === "bytes");
  expect(cut.length).toBeGreaterThan(0);
  // All of the first level is there; only objects of the second and third are cut.
  expect(captured.fields).toHaveLength(20);
  expect(Math.min(...cut.map(([, level]) => level))).toBe(1);
  const opened = captured.fields!.filter(([, child]) => child.omitted === undefined);
  expect(opened.length).toBeGreaterThan(0);
});

test("says of each variable that did not fit why it is not there", () => {
  const { variables } = captureSnapshot(["a", "b", "c"], ["x".repeat(200), "y".repeat(200), "z"], {
    limits: { ...CAPTURE_LIMITS, frames: 0, eventBytes: 300 },
  });
  expect(variables[0]![1].value).toBe("x".repeat(200));
  expect(variables[2]![1]).toEqual({ type: "omitted", omitted: "bytes" });
});

test("cuts a list in the middle and says its size", () => {
  const captured = captureValue(
    Array.from({ length: 90 }, () => "x".repeat(100)),
    {
      ...CAPTURE_LIMITS,
      eventBytes: 2000,
    },
  );
  expect(captured).toMatchObject({ size: 90, omitted: "bytes" });
  expect(captured.items!.length).toBeGreaterThan(10);
  expect(captured.items!.length).toBeLessThan(30);
});
