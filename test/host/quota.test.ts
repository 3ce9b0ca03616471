import { describe, expect, it } from "vitest";
import { Bucket, ProcessQuota } from "../../host/quota.ts";

function passed(bucket: Bucket, timesMs: readonly number[]): number {
  return timesMs.filter((at) => {
    const ready = bucket.ready(at);
    if (ready) bucket.spend(at);
    return ready;
  }).length;
}

const every = (stepMs: number, untilMs: number) => Array.from({ length: untilMs / stepMs }, (_, i) => i * stepMs);

describe("a bucket", () => {
  it.each([
    ["lets a burst of one second through", 10, every(0.001, 0.1), 10],
    ["lets its rate through after the burst", 10, every(1, 10_000), 10 + 99],
    ["lets a rate below one through, slowly", 0.5, every(100, 10_000), 1 + 4],
    ["lets everything through below its rate", 100, every(20, 2_000), 100],
  ])("%s", (_name, rate, times, want) => {
    expect(passed(new Bucket(rate), times)).toBe(want);
  });

  it("does not gain from a clock that stands still or runs backwards", () => {
    expect(passed(new Bucket(5), [100, 100, 100, 50, 100, 0, 100, 100])).toBe(5);
  });

  it("does not save more than its burst", () => {
    const bucket = new Bucket(5);
    expect(passed(bucket, [0, 0, 0, 0, 0])).toBe(5);
    expect(passed(bucket, Array(20).fill(3_600_000))).toBe(5);
  });
});

describe("the quota of a process", () => {
  function run(hot: number, hotRate: number, seconds: number) {
    const quota = new ProcessQuota(500);
    const busy = Array.from({ length: hot }, () => new Bucket(hotRate));
    const quiet = new Bucket(100);
    const counts = { hot: 0, quiet: 0 };
    for (let ms = 0; ms < seconds * 1000; ms++) {
      for (const bucket of busy) if (quota.admit(bucket, ms)) counts.hot++;
      if (ms % 1100 === 1099 && quota.admit(quiet, ms)) counts.quiet++;
    }
    return counts;
  }

  it("keeps one hot probe to its own rate", () => {
    const { hot, quiet } = run(1, 100, 11);
    expect(hot).toBe(100 + 1099);
    expect(quiet).toBe(10);
  });

  it("lets a quiet probe through beside twenty hot ones", () => {
    const { hot, quiet } = run(20, 100, 11);
    expect(quiet).toBe(10);
    expect(hot).toBeLessThanOrEqual(500 + 500 * 11);
    expect(hot).toBeGreaterThan(500 * 10);
  });

  it("takes nothing from a probe that the process refuses", () => {
    const quota = new ProcessQuota(10);
    const own = new Bucket(100);
    let admitted = 0;
    for (let i = 0; i < 50; i++) if (quota.admit(own, 0)) admitted++;
    // The last tenth is for probes that have been quiet.
    expect(admitted).toBe(9);
    let left = 0;
    while (own.ready(0)) {
      own.spend(0);
      left++;
    }
    expect(left).toBe(91);
  });
});
