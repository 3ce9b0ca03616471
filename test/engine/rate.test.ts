import { beforeEach, describe, expect, it } from "vitest";
import { BUCKET_BURST, BUCKET_LAST, BUCKET_RATE, SEGMENTS_BASE } from "../../engine/abi.ts";
import { engine, view } from "./guest.ts";

const bucket = SEGMENTS_BASE;
function fill(tokens: number, perMs: number, burst: number, last = 0): void {
  view.setFloat64(bucket, tokens, true);
  view.setFloat64(bucket + BUCKET_LAST, last, true);
  view.setFloat64(bucket + BUCKET_RATE, perMs, true);
  view.setFloat64(bucket + BUCKET_BURST, burst, true);
}
const takes = (...times: number[]): number[] => times.map((now) => engine.take(bucket, now));

beforeEach(() => fill(3, 0.01, 3));

describe("token bucket", () => {
  it("skips the hit when the bucket is empty", () => {
    expect(takes(0, 0, 0, 0, 0)).toEqual([1, 1, 1, 0, 0]);
  });

  it("refills at its rate, and never above its burst", () => {
    expect(takes(0, 0, 0, 50, 99, 100, 100, 150, 200)).toEqual([1, 1, 1, 0, 0, 1, 0, 0, 1]);
    expect(takes(1e9, 1e9, 1e9, 1e9)).toEqual([1, 1, 1, 0]);
  });

  it("adds nothing when the clock goes back, and goes on from there", () => {
    fill(0, 0.01, 3, 10_000);
    expect(takes(0, 50, 99)).toEqual([0, 0, 0]);
    expect(takes(100, 150)).toEqual([1, 0]);
  });

  it("survives a clock that is not a number, and never fires without a rate", () => {
    expect(takes(NaN, NaN, NaN, NaN)).toEqual([1, 1, 1, 0]);
    expect(takes(100)).toEqual([1]);
    fill(0, 0, 5);
    expect(takes(1, 1e6, 1e12)).toEqual([0, 0, 0]);
  });
});
