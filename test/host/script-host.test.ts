import { describe, expect, it } from "vitest";
import { HOST_LIMITS } from "../../host/limits.ts";
import type { ProbeSpec } from "../../host/protocol.ts";
import { fakeHost, probe } from "./fakes.ts";

const settled = async (done: () => boolean) => {
  for (let i = 0; i < 500 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** A host that allows scripts, with one probe in place. */
async function placed(condition: string, spec: Partial<ProbeSpec> = {}) {
  const world = fakeHost({ scripts: true });
  world.host.put(probe({ condition, ...spec }));
  await settled(() => !["received", undefined].includes(world.transport.last("p1")?.state) || !isLoading(world));
  await settled(() => world.transport.last("p1")?.state !== "received");
  return world;
}
const isLoading = ({ host }: ReturnType<typeof fakeHost>) => host.statuses()[0]?.state === "received";

describe("a script condition", () => {
  it("is refused where the program does not allow scripts, with what to do", () => {
    const { host, transport, placement } = fakeHost();
    host.put(probe({ condition: "js: x > 1" }));
    expect(transport.last("p1")).toMatchObject({
      state: "error",
      script: true,
      cause: {
        code: "scripts_off",
        message: "The condition is a script, and this program does not run scripts.",
        remedy: "Write it without `js:`, or start the program with TRACEPOINTDEBUG_SCRIPTS=1.",
      },
    });
    expect(placement.places).toBe(0);
  });

  it("decides over the values of the hit, and its events and status say that it is a script", async () => {
    const { placement, transport, host } = await placed("js: items.filter(i => i.price > limit).length > 1");
    expect(placement.request("p1")!.testNames).toEqual(["items", "limit"]);
    const items = [{ price: 5 }, { price: 6 }];
    expect(placement.hit("p1", { items, limit: 5 })).toBe(false);
    expect(placement.hit("p1", { items, limit: 4 })).toBe(true);
    expect(transport.events).toMatchObject([{ kind: "snapshot", script: true, hit: 2 }]);
    expect(host.statuses()[0]).toMatchObject({
      script: true,
      counts: { reached: 2, conditionFalse: 1, fired: 1, conditionError: 0, rateLimited: 0, notAsked: 0 },
    });
  });

  it("leaves the events and counts of other probes as they were", async () => {
    const { host, placement, transport } = fakeHost({ scripts: true });
    host.put(probe({ condition: "x > 1" }));
    await settled(() => transport.last("p1")?.state === "installed");
    placement.hit("p1", { x: 2 });
    expect(transport.events[0]).not.toHaveProperty("script");
    expect(transport.last("p1")).not.toHaveProperty("script");
    expect(host.statuses()[0]!.counts).not.toHaveProperty("notAsked");
  });

  it("is asked at so many hits a second, and the others are counted", async () => {
    const { clock, placement, host } = await placed("js: x > 1");
    const hits = HOST_LIMITS.scriptsPerSecond + 50;
    for (let i = 0; i < hits; i++) placement.hit("p1", { x: 1 });
    expect(host.statuses()[0]!.counts).toMatchObject({
      reached: hits,
      conditionFalse: HOST_LIMITS.scriptsPerSecond,
      rateLimited: 50,
      notAsked: 50,
    });
    clock.advance(100);
    for (let i = 0; i < 50; i++) placement.hit("p1", { x: 1 });
    expect(host.statuses()[0]!.counts).toMatchObject({
      conditionFalse: HOST_LIMITS.scriptsPerSecond + 10,
      notAsked: 90,
    });
  });

  it("that fails is told once with a caret, and counted", async () => {
    const { placement, transport, host } = await placed("js: a.b.c > 1");
    for (let i = 0; i < 3; i++) expect(placement.hit("p1", { a: {} })).toBe(false);
    expect(transport.events).toMatchObject([
      {
        kind: "error",
        script: true,
        cause: {
          code: "script_threw",
          message: "The script threw TypeError: cannot read property 'c' of undefined",
          snippet: "js: a.b.c > 1\n       ^",
        },
      },
    ]);
    expect(host.statuses()[0]!.counts).toMatchObject({ reached: 3, conditionError: 3 });
  });

  it("that fails fires all the same where that is asked for", async () => {
    const { placement, transport } = await placed("js: a.b.c > 1", { onError: "fire" });
    expect(placement.hit("p1", { a: {} })).toBe(true);
    expect(transport.events.at(-1)).toMatchObject({ kind: "snapshot", cause: { code: "script_threw" } });
  });

  it.each([
    ["js: for (;;); true", "budget"],
    ["js: [].indexOf.call({ length: 2 ** 53 - 1 }, 1) > 0", "budget"],
    ["js: new Uint8Array(1e9).length > 0", "memory"],
  ])("%s costs its interpreter; until there is another one, hits are passed over", async (condition, code) => {
    const { clock, placement, transport, host } = await placed(condition);
    for (let i = 0; i < 2; i++) {
      const { conditionError } = host.statuses()[0]!.counts!;
      await settled(() => {
        clock.advance(10_000);
        placement.hit("p1");
        return host.statuses()[0]!.counts!.conditionError > conditionError;
      });
    }
    expect(transport.events[0]).toMatchObject({ kind: "error", cause: { code } });
    const { reached, conditionError, rateLimited, notAsked } = host.statuses()[0]!.counts!;
    expect([conditionError, rateLimited]).toEqual([2, notAsked]);
    expect(reached).toBe(2 + rateLimited);
  });

  it.each([
    ["js: x >", "syntax"],
    ["js: if (x) y()", "syntax"],
    [`js: ${"x".repeat(9000)}`, "limit"],
  ])("%s is refused", async (condition, code) => {
    const { transport } = await placed(condition);
    expect(transport.last("p1")).toMatchObject({
      state: "error",
      cause: { code, snippet: expect.stringContaining("^") },
    });
  });

  it("with a name that cannot be read there is refused with a caret under it", async () => {
    const world = fakeHost({ scripts: true });
    world.placement.answers = false;
    world.host.put(probe({ condition: "js: x > 1 && nope.y" }));
    await settled(() => world.placement.request("p1") !== undefined);
    const { PlacementError } = await import("../../host/errors.ts");
    world.placement.request("p1")!.onChange({
      kind: "failed",
      error: new PlacementError("undeclared", "no", "use another", ["x"]),
    });
    expect(world.transport.last("p1")).toMatchObject({
      state: "error",
      cause: { code: "undeclared", snippet: "js: x > 1 && nope.y\n             ^~~~" },
    });
  });

  it("that is removed, replaced or switched off while it is loaded is never placed", async () => {
    const { host, placement } = fakeHost({ scripts: true });
    host.put(probe({ id: "a", condition: "js: x > 1" }));
    host.put(probe({ id: "b", condition: "js: x > 1" }));
    host.put(probe({ id: "c", condition: "js: x > 1" }));
    host.remove("a");
    host.put(probe({ id: "b", condition: "js: x > 2" }));
    host.enable("c", false);
    await settled(() => placement.request("b") !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([...placement.placed.keys()].map((id) => id.split("~")[0])).toEqual(["b"]);
    expect(placement.hit("b", { x: 2 })).toBe(false);
    host.enable("c", true);
    await settled(() => placement.request("c") !== undefined);
    expect(placement.hit("c", { x: 2 })).toBe(true);
    await host.close();
  });

  it("is one of so many in a program", async () => {
    const { host, transport } = fakeHost({ scripts: true });
    for (let i = 0; i <= HOST_LIMITS.scripts; i++) host.put(probe({ id: `s${i}`, condition: "js: x > 1" }));
    expect(transport.last(`s${HOST_LIMITS.scripts}`)).toMatchObject({ state: "error", cause: { code: "limit" } });
    expect(transport.last("s0")?.state).not.toBe("error");
    await host.close();
  });

  it("does not run within an event that is being made, nor within itself", async () => {
    const world = fakeHost({ scripts: true });
    world.host.put(probe({ id: "p1", condition: "js: x.y === 1" }));
    await settled(() => world.transport.last("p1")?.state === "installed");
    let inner: boolean | null = null;
    // The reader runs nothing of a value, so this stands for what the interpreter's own code may call.
    const old = Array.prototype.map;
    Array.prototype.map = function (this: unknown[], ...rest: Parameters<typeof old>) {
      if (inner === null) {
        inner = true;
        inner = world.placement.request("p1")!.handler.test({ y: 1 });
      }
      return Reflect.apply(old, this, rest);
    } as typeof old;
    try {
      expect(world.placement.request("p1")!.handler.test({ y: 1 })).toBe(true);
    } finally {
      Array.prototype.map = old;
    }
    expect(inner).toBe(false);
  });
});
