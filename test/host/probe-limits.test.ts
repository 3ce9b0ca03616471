import { describe, expect, it } from "vitest";
import { HOST_LIMITS } from "../../host/limits.ts";
import type { ProbeSpec } from "../../host/protocol.ts";
import { fakeHost, probe, START_MS, tick } from "./fakes.ts";

async function installed(spec: Partial<ProbeSpec> = {}) {
  const made = fakeHost();
  made.host.put(probe(spec));
  await tick();
  return made;
}

describe("limits on a probe", () => {
  it.each([1, 2, 50])("end it after exactly %i events", async (hitLimit) => {
    const { placement, transport, clock } = await installed({ kind: "logpoint", hitLimit });
    const request = placement.request("p1")!;
    for (let i = 0; i < hitLimit + 20; i++) if (request.handler.test()) request.handler.fire([], []);
    // Not from within the hit: an edit of the program on its own stack would be refused, and slow.
    expect(placement.removed).toEqual([]);
    clock.settle();
    expect(transport.events).toHaveLength(hitLimit);
    expect(placement.removed).toHaveLength(1);
    expect(transport.last("p1")).toMatchObject({
      state: "expired",
      cause: { code: "hit_limit" },
      counts: { fired: hitLimit, notDue: 20 },
    });
  });

  it("count no hit whose condition is false or that a rate refuses", async () => {
    const { placement, transport, clock } = await installed({ hitLimit: 12, condition: "x" });
    for (let i = 0; i < 100; i++) placement.hit("p1", { x: i % 2 });
    expect(transport.events).toHaveLength(HOST_LIMITS.tracepointRate);
    clock.advance(1000);
    for (let i = 0; i < 100; i++) placement.hit("p1", { x: i % 2 });
    expect(transport.events).toHaveLength(12);
    clock.settle();
    expect(transport.last("p1")!.cause!.code).toBe("hit_limit");
  });

  it("end it when its time is over, in use or not", async () => {
    const { placement, transport, clock, loader } = await installed({ condition: "x", expiresAt: START_MS + 5000 });
    clock.advance(4999);
    expect(placement.hit("p1", { x: 1 })).toBe(true);
    const { test } = placement.request("p1")!.handler;
    clock.advance(1);
    expect(transport.last("p1")).toMatchObject({ state: "expired", cause: { code: "time_limit" } });
    expect(test(1)).toBe(false);
    await tick();
    expect([placement.placed.size, loader.open]).toEqual([0, 0]);
  });

  it("do not trust a timer that fires early", async () => {
    const { transport, clock } = await installed({ expiresAt: START_MS + 5000 });
    clock.wallMs = () => clock.nowMs - 3000;
    clock.advance(5000);
    expect(transport.last("p1")!.state).toBe("installed");
    clock.advance(3000);
    expect(transport.last("p1")!.state).toBe("expired");
  });

  it.each<[string, Partial<ProbeSpec>, string, RegExp]>([
    ["a hit limit over the maximum", { hitLimit: 1001 }, "limit", /1000/],
    ["a hit limit of none", { hitLimit: 0 }, "limit", /1000/],
    ["an expiry beyond a day", { expiresAt: START_MS + 25 * 3_600_000 }, "limit", /24 hours/],
    ["an expiry that is no number", { expiresAt: Number.NaN }, "limit", /24 hours/],
    ["a tracepoint rate over the maximum", { rate: 11 }, "limit", /10 events a second/],
    ["a logpoint rate over the maximum", { kind: "logpoint", rate: 101 }, "limit", /100 events a second/],
    ["a rate of none", { rate: 0 }, "limit", /above 0/],
    ["a line before the first", { line: 0 }, "invalid_probe", /from 1/],
    ["a tracepoint with a template", { template: "1" }, "invalid_probe", /no template/],
  ])("refuse %s and say the maximum", async (_name, spec, code, message) => {
    const { host, placement } = await installed(spec);
    expect(host.statuses()[0]).toMatchObject({ state: "error", cause: { code } });
    expect(host.statuses()[0]!.cause!.message).toMatch(message);
    expect(placement.places).toBe(0);
  });

  it("expire at once when the time was over before it came", async () => {
    const { host, placement } = await installed({ expiresAt: START_MS - 1 });
    expect(host.statuses()[0]).toMatchObject({ state: "expired", cause: { code: "time_limit" } });
    expect(placement.places).toBe(0);
  });

  it("keep a lower rate than the default", async () => {
    const { placement, clock } = await installed({ kind: "logpoint", rate: 2, hitLimit: 1000 });
    let fired = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      if (placement.hit("p1")) fired++;
      clock.advance(10);
    }
    expect(fired).toBe(2 + 19);
  });

  it("keep the program to so many probes, and free the place of one that is over", async () => {
    const { host } = fakeHost();
    for (let i = 0; i < HOST_LIMITS.probes; i++) host.put(probe({ id: `p${i}` }));
    host.put(probe({ id: "late" }));
    const late = () => host.statuses().find((status) => status.probeId === "late")!;
    expect(late()).toMatchObject({ state: "error", cause: { code: "limit" } });
    host.remove("p7");
    host.put(probe({ id: "late" }));
    await tick();
    expect(late().state).toBe("installed");
  });
});

describe("counts", () => {
  it("add up at every moment of a long random life", async () => {
    let seed = 42;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let round = 0; round < 20; round++) {
      const onError = round % 2 === 0 ? "skip" : "fire";
      const { host, placement, transport, clock } = await installed({
        condition: "x",
        onError,
        hitLimit: 1 + random(200),
        rate: 1 + random(10),
      });
      transport.room = random(300);
      const { handler } = placement.request("p1")!;
      let hits = 0;
      for (let i = 0; i < 2000; i++) {
        const action = random(100);
        if (action < 95) {
          hits++;
          const verdict = [0, 0, 1, 1, -((1 << 8) | 3), -((1 << 8) | 14)][random(6)];
          if (handler.test(verdict)) handler.fire([], []);
        } else clock.advance(random(300));
        clock.settle();
        const { reached, notDue, conditionFalse, conditionError, rateLimited, fired, dropped } =
          host.statuses()[0]!.counts!;
        expect(reached).toBe(hits);
        expect(notDue + conditionFalse + conditionError + rateLimited + fired).toBe(reached);
        expect(transport.events.filter(({ kind }) => kind !== "error").length).toBe(fired - dropped);
      }
    }
  });
});
