// The limit on text and on numbers that print as long text.
import { expect, test } from "vitest";
import { Capturer, captureValue } from "../../bindings/node/capture.ts";
import { stopwatch } from "../../bindings/node/stopwatch.ts";
import { CAPTURE_LIMITS } from "../../host/index.ts";

const plain = new Capturer({ facts: { hasFastElements: null, isFlatString: null } });
const asking = new Capturer({ facts: { hasFastElements: null, isFlatString: () => true } });
const MIB = 1024 * 1024;

test("keeps text up to the limit and cuts longer text, with its size", () => {
  expect(captureValue("x".repeat(256))).toEqual({ type: "string", value: "x".repeat(256) });
  expect(captureValue("x".repeat(257))).toEqual({
    type: "string",
    value: "x".repeat(256),
    size: 257,
    omitted: "length",
  });
});

test("never cuts a character in half", () => {
  const limits = { ...CAPTURE_LIMITS, stringLength: 4 };
  expect(captureValue("abc😀d", limits)).toEqual({ type: "string", value: "abc", size: 6, omitted: "length" });
  expect(captureValue("ab😀d", limits)).toEqual({ type: "string", value: "ab😀", size: 5, omitted: "length" });
});

test("leaves out text beyond 64 Ki that it cannot tell from a rope", () => {
  const rope = ["a", "b"].map((letter) => letter.repeat(32 * MIB)).reduce((left, right) => left + right);
  const took = stopwatch();
  const captured = plain.captureValue(rope);
  expect(took()).toBeLessThan(5);
  expect(captured).toEqual({ type: "string", value: "", size: 64 * MIB, omitted: "length" });
});

test("cuts the longest text where V8 says that it is in one piece", () => {
  const flat = Buffer.alloc(64 * MIB, "x").toString("latin1");
  expect(asking.captureValue(flat)).toEqual({
    type: "string",
    value: "x".repeat(256),
    size: 64 * MIB,
    omitted: "length",
  });
});

test("takes less than 50 µs more for 64 MiB of text than for a short one", () => {
  const flat = Buffer.alloc(64 * MIB, "x").toString("latin1");
  const time = (text: string) => {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 200; i++) {
      const started = performance.now();
      captureValue(text);
      best = Math.min(best, performance.now() - started);
    }
    return best * 1000;
  };
  expect(time(flat) - time("x".repeat(300))).toBeLessThan(50);
});

test("prints a bigint up to the limit of text and no longer one", () => {
  expect(captureValue(10n ** 250n).value).toBe(`1${"0".repeat(250)}`);
  expect(captureValue(10n ** 300n)).toEqual({ type: "bigint", value: "", omitted: "length" });
  const huge = 1n << 8_000_000n;
  const took = stopwatch();
  expect(captureValue(huge)).toEqual({ type: "bigint", value: "", omitted: "length" });
  expect(took()).toBeLessThan(20);
});

test.each([
  ["a symbol", Symbol("x".repeat(300)), { type: "symbol", value: "x".repeat(256), size: 300, omitted: "length" }],
  [
    "a regular expression",
    new RegExp("x".repeat(300), "g"),
    { type: "regexp", value: `/${"x".repeat(256)}`, size: 300, omitted: "length" },
  ],
  [
    "bytes",
    new Uint8Array(300),
    { type: "bytes", class: "Uint8Array", value: new Uint8Array(256), size: 300, omitted: "length" },
  ],
])("cuts %s", (_what, value, captured) => {
  expect(captureValue(value)).toEqual(captured);
});
