import { describe, expect, it } from "vitest";
import { PlacementError } from "../../host/errors.ts";
import { HOST_LIMITS } from "../../host/limits.ts";
import type { ProbeSpec } from "../../host/protocol.ts";
import { FakePlacement, fakeHost, hit, probe, SITE, tick } from "./fakes.ts";

async function installed(spec: Partial<ProbeSpec> = {}) {
  const made = fakeHost();
  made.host.put(probe(spec));
  await tick();
  return made;
}

describe("a hit", () => {
  it("takes a snapshot, and says where and which hit it was", async () => {
    const { placement, transport, clock } = await installed({ condition: "x > 1" });
    expect(placement.hit("p1", { x: 1 })).toBe(false);
    expect(placement.hit("p1", { x: 2 })).toBe(true);
    expect(transport.events).toMatchObject([
      { kind: "snapshot", probeId: "p1", agentId: "agent-1", file: SITE.file, line: SITE.line, hit: 2, dropped: 0 },
    ]);
    expect(transport.events[0]!.at).toBe(clock.nowMs);
    expect(transport.events[0]!.snapshot).toBeDefined();
  });

  it("renders a template with its own variables, whatever the condition reads", async () => {
    const { placement, transport } = await installed({
      kind: "logpoint",
      condition: "b > a",
      template: "'c=' + c + ' a=' + a",
    });
    placement.hit("p1", { a: 1, b: 2, c: 3 });
    expect(transport.events).toMatchObject([{ kind: "log", text: "c=3 a=1" }]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])("passes %i variables to the condition in order", async (count) => {
    const names = [..."abcdef"].slice(0, count);
    const condition = names.map((name, i) => `${name} === ${i}`).join(" && ") || "true";
    const { placement } = await installed({ condition });
    const values = Object.fromEntries(names.map((name, i) => [name, i]));
    expect(placement.hit("p1", values)).toBe(true);
    if (count > 0) expect(placement.hit("p1", { ...values, a: 9 })).toBe(false);
  });

  it("is counted and otherwise ignored in what the host itself runs", async () => {
    const placement = new FakePlacement();
    const { host, transport, clock } = fakeHost({
      placement,
      capture: () => () => {
        placement.hit("p1");
        return { frames: [], variables: [], captureUs: 0 };
      },
    });
    host.put(probe());
    await tick();
    placement.hit("p1");
    clock.settle();
    expect(transport.events).toHaveLength(1);
    expect(host.statuses()[0]!.counts).toMatchObject({ reached: 2, notDue: 1, fired: 1 });
  });

  it("that a full queue drops is counted as fired and dropped", async () => {
    const { host, placement, transport } = await installed();
    transport.room = 2;
    for (let i = 0; i < 5; i++) placement.hit("p1");
    expect(host.statuses()[0]!.counts).toMatchObject({ reached: 5, fired: 5, dropped: 3 });
    transport.room = 10;
    placement.hit("p1");
    expect(transport.events.at(-1)!.dropped).toBe(3);
  });

  it("with a false condition is cheap", async () => {
    const { placement, transport, host } = await installed({ condition: "x > 1" });
    const { test } = placement.request("p1")!.handler;
    const started = performance.now();
    for (let i = 0; i < 100_000; i++) test(0);
    // Some nanoseconds each; the bar only catches an accident such as a clock or an allocation on this path.
    expect(performance.now() - started).toBeLessThan(100);
    expect(transport.events).toHaveLength(0);
    expect(host.statuses()[0]!.counts).toMatchObject({ reached: 100_000, conditionFalse: 100_000 });
  });
});

describe("events", () => {
  it("are sent when the program's stack is gone, before the status that speaks of them", async () => {
    const { placement, transport, clock } = await installed({ hitLimit: 1 });
    const sent = transport.sent.length;
    hit(placement.request("p1")!);
    expect(transport.sent).toHaveLength(sent);
    clock.settle();
    expect(transport.sent.slice(sent).map((message) => message.type)).toEqual(["event", "status"]);
  });

  it("come before the status of a probe that is switched off after them", async () => {
    const { host, placement, transport } = await installed();
    const sent = transport.sent.length;
    hit(placement.request("p1")!);
    host.enable("p1", false);
    expect(transport.sent.slice(sent).map((message) => message.type)).toEqual(["event", "status"]);
  });

  it("do not pile up in a program that never comes back to its event loop", async () => {
    const { placement, transport, clock } = await installed({ kind: "logpoint", hitLimit: 1000 });
    const request = placement.request("p1")!;
    for (let i = 0; i < HOST_LIMITS.heldEvents + 3; i++) {
      hit(request);
      clock.nowMs += 1000 / HOST_LIMITS.logpointRate;
    }
    // One for one: no hit pays for more than the oldest event.
    expect(transport.events).toHaveLength(3);
    clock.settle();
    const all = Array.from({ length: HOST_LIMITS.heldEvents + 3 }, (_, i) => i + 1);
    expect(transport.events.map(({ hit }) => hit)).toEqual(all);
  });

  it("are finished off the hit", async () => {
    const { host, placement, transport } = fakeHost({ finish: (snapshot) => ({ ...snapshot, framesOmitted: true }) });
    host.put(probe());
    await tick();
    placement.hit("p1");
    expect(transport.events[0]!.snapshot!.framesOmitted).toBe(true);
  });
});

describe("a placement's answer", () => {
  it("shows as state, engine, place and note", async () => {
    const { host, placement, transport } = fakeHost();
    placement.answers = false;
    host.put(probe());
    const { onChange } = placement.request("p1")!;
    expect(transport.last("p1")!.state).toBe("received");
    onChange({ kind: "pending", note: "cart.js is not loaded" });
    expect(transport.last("p1")).toMatchObject({ state: "pending", note: "cart.js is not loaded" });
    onChange({ kind: "installed", engine: "inspector", site: SITE, note: "suspended" });
    expect(transport.last("p1")).toMatchObject({
      state: "installed",
      engine: "inspector",
      line: 43,
      note: "suspended",
    });
    onChange({ kind: "installed", engine: "inject", site: SITE, note: "" });
    expect(transport.last("p1")).toMatchObject({ state: "installed", engine: "inject" });
  });

  it("that a name cannot be read is drawn into the expression that uses it", async () => {
    const { host, placement, transport, loader } = fakeHost();
    placement.answers = false;
    host.put(probe({ condition: "a > 1 && z > 2" }));
    const error = new PlacementError("undeclared", "z cannot be read here.", "Use a name of the list.", ["a", "b"]);
    placement.request("p1")!.onChange({ kind: "failed", error });
    const { state, cause } = transport.last("p1")!;
    expect(state).toBe("error");
    expect(cause).toMatchObject({ code: "undeclared", message: "z cannot be read here.", details: ["a", "b"] });
    expect(cause!.snippet).toContain("a > 1 && z > 2");
    expect(cause!.snippet!.split("\n").at(-1)!.indexOf("^")).toBe(cause!.snippet!.split("\n")[0]!.indexOf("z"));
    await tick();
    expect(loader.open).toBe(0);
  });

  it("about an older placement of the probe is ignored", async () => {
    const { host, placement, transport } = fakeHost();
    placement.answers = false;
    host.put(probe());
    const old = placement.request("p1")!;
    host.put(probe({ line: 50 }));
    old.onChange({ kind: "failed", error: new PlacementError("file_unknown", "No.", "None.") });
    expect(transport.last("p1")!.state).toBe("received");
  });
});

describe("a person", () => {
  it("switches a probe off and on; off is out of the program", async () => {
    const { host, placement, transport } = await installed();
    const { test } = placement.request("p1")!.handler;
    host.enable("p1", false);
    expect(test()).toBe(false);
    expect(transport.last("p1")).toMatchObject({ state: "disabled", cause: { code: "disabled" } });
    expect(host.statuses()[0]!.counts).toMatchObject({ reached: 1, notDue: 1 });
    expect(placement.placed.size).toBe(0);
    host.enable("p1", true);
    await tick();
    expect(transport.last("p1")!.state).toBe("installed");
    expect(placement.hit("p1")).toBe(true);
    expect(host.statuses()[0]!.counts).toMatchObject({ reached: 2, notDue: 1, fired: 1 });
  });

  it("puts a disabled probe, which is not placed before it is enabled", async () => {
    const { host, placement } = await installed({ enabled: false });
    expect([host.statuses()[0]!.state, placement.places]).toEqual(["disabled", 0]);
    host.enable("p1", true);
    await tick();
    expect([host.statuses()[0]!.state, placement.places]).toEqual(["installed", 1]);
  });

  it("replaces a probe by putting its id again", async () => {
    const { host, placement, transport } = await installed({ condition: "x > 1" });
    placement.hit("p1", { x: 2 });
    host.put(probe({ condition: "x > 5" }));
    await tick();
    expect(placement.placed.size).toBe(1);
    expect(placement.hit("p1", { x: 2 })).toBe(false);
    expect(host.statuses()).toMatchObject([{ state: "installed", counts: { reached: 1, fired: 0 } }]);
    expect(transport.statuses("p1").map(({ state }) => state)).not.toContain("removed");
  });

  it("does not have an unchanged probe placed anew, but one that is over", async () => {
    const { host, placement, clock } = await installed({ hitLimit: 1 });
    host.put(probe({ hitLimit: 1 }));
    expect(placement.places).toBe(1);
    placement.hit("p1");
    clock.settle();
    expect(host.statuses()[0]!.state).toBe("expired");
    host.put(probe({ hitLimit: 1 }));
    await tick();
    expect([host.statuses()[0]!.state, placement.places]).toEqual(["installed", 2]);
  });

  it("removes a probe, and is told its last counts", async () => {
    const { host, placement, transport } = await installed();
    placement.hit("p1");
    host.remove("p1");
    expect(transport.last("p1")).toMatchObject({ state: "removed", counts: { fired: 1 } });
    expect([placement.placed.size, host.statuses()]).toEqual([0, []]);
  });

  it("reads the compiler's own words when an expression is wrong", async () => {
    const { host } = fakeHost({
      compiler: {
        compileCondition: () => {
          throw new PlacementError("syntax", "No.", "Look.");
        },
        compileTemplate: () => {
          throw new Error("unused");
        },
      },
    });
    host.put(probe({ condition: "x >" }));
    expect(host.statuses()[0]).toMatchObject({
      state: "error",
      cause: { code: "syntax", message: "No.", remedy: "Look." },
    });
  });
});

describe("tags", () => {
  it.each([
    ["without tags reaches every agent", [], true],
    ["with a tag of the agent reaches it", ["red", "blue"], true],
    ["with other tags does not", ["red"], false],
  ])("a probe %s", async (_name, tags, there) => {
    const { host } = await installed({ tags });
    expect(host.statuses().length === 1).toBe(there);
  });

  it("take a probe out when they change to others", async () => {
    const { host, transport } = await installed({ tags: ["blue"] });
    host.put(probe({ tags: ["red"] }));
    expect([host.statuses(), transport.last("p1")!.state]).toEqual([[], "removed"]);
  });
});

describe("a welcome", () => {
  it("removes what is gone, installs what is new, and leaves alone what is unchanged", async () => {
    const { host, placement, deliver } = fakeHost();
    const welcome = (...probes: ProbeSpec[]) => deliver({ type: "welcome", protocol: 1, probes });
    welcome(probe({ id: "a" }), probe({ id: "b" }), probe({ id: "c" }));
    await tick();
    const [a, b] = [placement.request("a"), placement.request("b")];
    welcome(probe({ id: "a" }), probe({ id: "b", line: 7 }), probe({ id: "d" }), probe({ id: "e", tags: ["red"] }));
    await tick();
    expect(placement.request("a")).toBe(a);
    expect(placement.request("b")).not.toBe(b);
    expect(
      host
        .statuses()
        .map(({ probeId }) => probeId)
        .sort(),
    ).toEqual(["a", "b", "d"]);
    expect(placement.places).toBe(5);
  });

  it("does not bring back a probe that has expired here", async () => {
    const { host, placement, clock, deliver } = await installed({ hitLimit: 1 });
    placement.hit("p1");
    clock.settle();
    deliver({ type: "welcome", protocol: 1, probes: [probe({ hitLimit: 1 })] });
    expect([host.statuses()[0]!.state, placement.places]).toEqual(["expired", 1]);
  });

  it("carries a change of enabled", async () => {
    const { host, deliver } = await installed();
    deliver({ type: "welcome", protocol: 1, probes: [probe({ enabled: false })] });
    expect(host.statuses()[0]!.state).toBe("disabled");
    deliver({ type: "welcome", protocol: 1, probes: [probe()] });
    await tick();
    expect(host.statuses()[0]!.state).toBe("installed");
  });

  it("of many probes that are over does not grow without end", () => {
    const { host } = fakeHost();
    for (let i = 0; i < 3000; i++) host.put(probe({ id: `p${i}`, hitLimit: 0 }));
    expect(host.statuses().length).toBeLessThanOrEqual(2 * HOST_LIMITS.probes);
  });
});

describe("reports", () => {
  it("come with the first event and then with the heartbeat, if anything was reached", async () => {
    const { placement, transport, clock } = await installed({ condition: "x" });
    const before = transport.sent.length;
    placement.hit("p1", { x: 1 });
    clock.settle();
    expect(transport.last("p1")).toMatchObject({ state: "emitting", counts: { fired: 1 } });
    placement.hit("p1", { x: 0 });
    clock.advance(HOST_LIMITS.statusMs);
    expect(transport.last("p1")).toMatchObject({ counts: { reached: 2, conditionFalse: 1 } });
    const after = transport.sent.length;
    expect(after - before).toBe(3);
    clock.advance(10 * HOST_LIMITS.statusMs);
    expect(transport.sent.length).toBe(after);
  });

  it("cost nothing without probes", async () => {
    const { host, clock } = fakeHost();
    expect(clock.timers).toBe(0);
    host.put(probe());
    expect(clock.timers).toBeGreaterThan(0);
    host.remove("p1");
    clock.advance(HOST_LIMITS.statusMs);
    expect(clock.timers).toBe(0);
  });
});
