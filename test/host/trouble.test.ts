import { describe, expect, it, vi } from "vitest";
import { HOST_LIMITS } from "../../host/limits.ts";
import type { Placement } from "../../host/placement.ts";
import type { ProbeSpec } from "../../host/protocol.ts";
import { FakeLoader, FakePlacement, FakeTransport, fakeHost, hit, probe, tick } from "./fakes.ts";

const NO_SUCH_FIELD = -((1 << 8) | 3);
const BUDGET = -((1 << 8) | 14);
const INTERNAL = -18;

async function erring(spec: Partial<ProbeSpec> = {}) {
  const made = fakeHost();
  made.host.put(probe({ condition: "x", ...spec }));
  await tick();
  return made;
}

describe("a condition that fails", () => {
  it("does not fire, and is reported once for each code and place", async () => {
    const { placement, transport, clock } = await erring();
    for (let i = 0; i < 5; i++) expect(placement.hit("p1", { x: NO_SUCH_FIELD })).toBe(false);
    expect(transport.events).toMatchObject([{ kind: "error", hit: 1, cause: { code: "no_such_field" } }]);
    expect(transport.events[0]!.cause!.snippet).toContain("^");
    placement.hit("p1", { x: -((1 << 8) | 7) });
    expect(transport.events.map(({ cause }) => cause!.code)).toEqual(["no_such_field", "divide_by_zero"]);
    clock.advance(HOST_LIMITS.statusMs);
    expect(transport.last("p1")).toMatchObject({
      state: "installed",
      counts: { reached: 6, conditionError: 6, fired: 0 },
    });
  });

  it("marks the probe after many in a row, and the mark goes when it works again", async () => {
    const { placement, transport, clock } = await erring();
    for (let i = 0; i < HOST_LIMITS.consecutiveErrors - 1; i++) placement.hit("p1", { x: NO_SUCH_FIELD });
    placement.hit("p1", { x: 0 });
    for (let i = 0; i < HOST_LIMITS.consecutiveErrors - 1; i++) placement.hit("p1", { x: NO_SUCH_FIELD });
    clock.advance(HOST_LIMITS.statusMs);
    expect(transport.last("p1")!.state).toBe("installed");
    placement.hit("p1", { x: NO_SUCH_FIELD });
    clock.settle();
    expect(transport.last("p1")).toMatchObject({ state: "error", cause: { code: "erroring" } });
    expect(transport.last("p1")!.cause!.message).toContain("no_such_field");
    expect(placement.hit("p1", { x: 1 })).toBe(true);
    clock.advance(HOST_LIMITS.statusMs);
    expect(transport.last("p1")!.state).toBe("emitting");
  });

  it.each([
    ["budget", BUDGET],
    ["memory", -((1 << 8) | 15)],
  ])("with %s ten times switches the probe off", async (code, verdict) => {
    const { placement, transport, clock } = await erring();
    for (let i = 0; i < HOST_LIMITS.budgetErrors - 1; i++) {
      placement.hit("p1", { x: verdict });
      placement.hit("p1", { x: 0 });
    }
    clock.settle();
    expect(transport.last("p1")!.state).toBe("installed");
    placement.hit("p1", { x: verdict });
    clock.settle();
    expect(transport.last("p1")).toMatchObject({ state: "disabled", cause: { code } });
    expect(placement.placed.size).toBe(0);
  });

  it.each<[string, unknown]>([
    ["says so itself", INTERNAL],
    ["traps", { valueOf: 1 }],
  ])("because the guest %s switches the probe off at once", async (name, x) => {
    const loader = new FakeLoader();
    if (name === "traps") {
      const { load } = loader;
      loader.load = (compiled) => ({
        ...load.call(loader, compiled),
        test: () => {
          throw new WebAssembly.RuntimeError("unreachable");
        },
      });
    }
    const { host, placement, transport, clock } = fakeHost({ guest: () => loader });
    host.put(probe({ condition: "x" }));
    await tick();
    const { handler } = placement.request("p1")!;
    expect(handler.test(x)).toBe(false);
    expect(handler.test(x)).toBe(false);
    clock.settle();
    expect(transport.last("p1")).toMatchObject({
      state: "disabled",
      cause: { code: "internal" },
      counts: { reached: 2, conditionError: 1, notDue: 1 },
    });
    host.enable("p1", true);
    await tick();
    expect(host.statuses()[0]!.state).toBe("installed");
  });

  it("fires all the same if the person wants that, within every limit, and says why", async () => {
    const { placement, transport, clock } = await erring({ onError: "fire", hitLimit: 3 });
    const request = placement.request("p1")!;
    for (let i = 0; i < 5; i++) hit(request, { x: NO_SUCH_FIELD });
    clock.settle();
    expect(transport.events.map(({ kind }) => kind)).toEqual(["error", "snapshot", "snapshot", "snapshot"]);
    expect(transport.events[1]).toMatchObject({ hit: 1, cause: { code: "no_such_field" } });
    clock.settle();
    expect(transport.last("p1")).toMatchObject({
      state: "expired",
      counts: { reached: 5, fired: 3, conditionError: 0, notDue: 2 },
    });
  });

  it("does not lend its cause to a later hit that is true", async () => {
    const { placement, transport } = await erring({ onError: "fire" });
    placement.hit("p1", { x: NO_SUCH_FIELD });
    placement.hit("p1", { x: 1 });
    expect(transport.events.at(-1)!.cause).toBeUndefined();
  });
});

describe("a failure of ours never reaches the program", () => {
  const boom = () => {
    throw new Error("boom");
  };

  it("from the capture: the hit says so and the probe is switched off", async () => {
    const { host, placement, transport, clock } = fakeHost({ capture: () => boom });
    host.put(probe());
    await tick();
    expect(() => placement.hit("p1")).not.toThrow();
    expect(transport.events).toMatchObject([{ kind: "error", hit: 1, cause: { code: "internal" } }]);
    clock.settle();
    expect(transport.last("p1")).toMatchObject({ state: "disabled", counts: { fired: 1 } });
  });

  it("from a placement that throws or rejects", async () => {
    const placement: Placement = { place: boom, remove: boom, stats: boom, close: boom };
    const { host, logged } = fakeHost({ placement });
    host.put(probe());
    expect(host.statuses()[0]).toMatchObject({ state: "error", cause: { code: "internal" } });
    host.remove("p1");
    await host.close();
    expect(logged.join("\n")).toContain("boom");

    const late = new FakePlacement();
    late.remove = async () => boom();
    const other = fakeHost({ placement: late });
    other.host.put(probe());
    await tick();
    other.host.remove("p1");
    await tick();
    expect(other.logged.join("\n")).toContain("boom");
  });

  it("from a transport that throws", async () => {
    const transport = new FakeTransport();
    const { host, placement, logged } = fakeHost({ connect: () => transport });
    host.put(probe());
    await tick();
    transport.send = boom;
    Object.defineProperty(transport, "dropped", { get: boom });
    transport.flush = boom;
    transport.close = boom;
    expect(() => placement.hit("p1")).not.toThrow();
    expect(host.statuses()[0]!.counts).toMatchObject({ fired: 1, dropped: 1 });
    await host.flush(10);
    await host.close();
    expect(logged.filter((line) => line.includes("boom")).length).toBeGreaterThan(0);
  });

  it("from a guest that cannot be made", () => {
    const { host } = fakeHost({ guest: boom });
    host.put(probe({ condition: "x" }));
    expect(host.statuses()[0]).toMatchObject({ state: "error", cause: { code: "internal", message: /boom/ } });
  });

  it("from a message that is not what it says", () => {
    const { deliver, logged } = fakeHost();
    for (const message of [null, 1, {}, { type: "put" }, { type: "welcome", probes: [null] }, { type: "other" }]) {
      expect(() => deliver(message as never)).not.toThrow();
    }
    expect(logged.length).toBeGreaterThan(0);
  });

  it("from a log that throws", () => {
    const { host } = fakeHost({ log: boom, placement: { place: boom, remove: boom, stats: boom, close: boom } });
    host.put(probe());
    expect(() => host.remove("p1")).not.toThrow();
  });

  it("from a guest with no room for the template: the condition is not left behind", () => {
    const loader = new FakeLoader();
    const load = loader.load.bind(loader);
    loader.load = (compiled) => (compiled.entry === "template" ? boom() : load(compiled));
    const { host } = fakeHost({ guest: () => loader });
    host.put(probe({ kind: "logpoint", condition: "x", template: "y" }));
    expect([host.statuses()[0]!.state, loader.open]).toEqual(["error", 0]);
  });
});

describe("closing", () => {
  it("takes everything out, sends what waits, and then ends the connection", async () => {
    const { host, placement, transport, loader, clock } = fakeHost();
    host.put(probe({ condition: "x" }));
    await tick();
    const { handler } = placement.request("p1")!;
    await host.close();
    expect([placement.closed, transport.flushed, transport.closed, loader.open]).toEqual([true, 1, true, 0]);
    expect(handler.test(1)).toBe(false);
    expect(clock.timers).toBe(0);
    host.put(probe());
    expect(host.statuses()).toEqual([]);
    await host.close();
  });

  it("reports the end of a probe whose last hit has just happened", async () => {
    const { host, placement, transport } = fakeHost();
    host.put(probe({ hitLimit: 1 }));
    await tick();
    placement.hit("p1");
    await host.flush(10);
    expect(transport.last("p1")).toMatchObject({ state: "expired", cause: { code: "hit_limit" } });
  });

  it("leaves no module behind after thousands of probes", async () => {
    const { host, loader, placement } = fakeHost();
    for (let i = 0; i < 3000; i++) {
      host.put(probe({ id: `p${i}`, kind: "logpoint", condition: "x", template: "y" }));
      host.remove(`p${i}`);
    }
    await vi.waitFor(() => expect(loader.open).toBe(0));
    expect([placement.placed.size, host.statuses().length]).toEqual([0, 0]);
  });
});
