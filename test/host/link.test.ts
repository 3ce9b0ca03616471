// Probes in a linked program, over a real socket and the real broker: placed, hit, counted, erring, over.
import { describe, expect, it } from "vitest";
import { compileCondition } from "../../conditions/index.ts";
import { ERR_BUDGET } from "../../engine/abi.ts";
import type { Captured, Snapshot } from "../../host/captured.ts";
import { Guest } from "../../host/embedded.ts";
import { HOST_LIMITS } from "../../host/limits.ts";
import type { ProbeSpec } from "../../host/protocol.ts";
import { broker, client, probe, until } from "../broker/world.ts";
import { linked, linkHost } from "./link-world.ts";

async function scene() {
  const at = await broker();
  const world = await linkHost(at);
  const person = await client(at);
  await person.client.subscribe({});
  const program = await linked(world);
  await until(() => person.client.agents.length === 1, "the agent");
  const last = (probeId: string) => person.statuses.filter((status) => status.probeId === probeId).at(-1);
  return { broker: at, world, person, program, last };
}

describe("a linked program", () => {
  it("is an agent of its own, told its limits", async () => {
    const { person, program } = await scene();
    expect(person.client.agents).toEqual([program.agent]);
    expect(program.of("welcome")[0]).toMatchObject({
      link: 1,
      statusMs: HOST_LIMITS.statusMs,
      limits: { processRate: 500 },
    });
  });

  it("gets probes compiled, and its events and counts arrive", async () => {
    const { person, program, last } = await scene();
    await person.client.put(
      probe("p1", { file: "views.py", condition: "total > 100.0", template: "user {{user.name}}" }),
    );
    const place = await program.next("place");
    expect(place.probe).toMatchObject({
      id: "p1",
      kind: "logpoint",
      file: "views.py",
      line: 42,
      at: "line",
      hitLimit: 50,
      rate: 100,
    });
    expect(Buffer.from(place.condition!)).toEqual(Buffer.from(compileCondition("total > 100.0").wasm));
    program.installed(place.placementId);
    await until(() => last("p1")?.state === "installed", "installed");
    expect(last("p1")).toMatchObject({ engine: "bytecode", file: "/srv/views.py", line: 43 });
    const seq = program.event(place.placementId, { hit: 7, text: "user Ada", truncated: true });
    await until(() => person.events.length === 1, "the event");
    expect(person.events[0]).toMatchObject({
      probeId: "p1",
      agentId: "a1",
      kind: "log",
      file: "/srv/views.py",
      line: 43,
      hit: 7,
      text: "user Ada",
      truncated: true,
    });
    expect((await program.next("ack")).seq).toBe(seq);
    await until(() => last("p1")?.state === "emitting", "emitting");
    program.counts(place.placementId, { conditionFalse: 6, fired: 1 });
    await until(() => last("p1")?.counts?.reached === 7, "counts");
    expect(last("p1")?.counts).toMatchObject({ reached: 7, conditionFalse: 6, fired: 1, dropped: 0 });
  });

  it("hears why a condition failed with a caret under the place", async () => {
    const { person, program, last } = await scene();
    await person.client.put(probe("p1", { condition: "1 < 2 && user.age > 3" }));
    const { placementId } = await program.next("place");
    program.installed(placementId);
    // The guest itself says how it fails on such a value.
    const verdict = new Guest().load(compileCondition("1 < 2 && user.age > 3", { place: "line" })).test({});
    program.event(placementId, { kind: "error", fault: { of: "condition", packed: -verdict } });
    await until(() => person.events.length === 1, "the event");
    expect(person.events[0]!.cause).toMatchObject({
      code: "no_such_field",
      snippet: "1 < 2 && user.age > 3\n         ^~~~~~~~",
    });
    program.counts(placementId, { conditionError: 100, streak: 100 });
    await until(() => last("p1")?.state === "error", "the mark");
    expect(last("p1")?.cause).toMatchObject({ code: "erroring" });
    program.counts(placementId, { conditionError: 100, conditionFalse: 1, streak: 0 });
    await until(() => last("p1")?.state === "installed", "the recovery");
  });

  it("goes on counting where a probe was switched off and on again", async () => {
    const { person, program, last } = await scene();
    await person.client.put(probe("p1", { hitLimit: 10 }));
    const first = await program.next("place");
    program.installed(first.placementId);
    program.counts(first.placementId, { fired: 3, conditionFalse: 1 });
    await until(() => last("p1")?.counts?.reached === 4, "counts");
    await person.client.enable("p1", false);
    expect((await program.next("remove")).placementId).toBe(first.placementId);
    program.send({ type: "removed", placementId: first.placementId });
    await person.client.enable("p1", true);
    const second = await program.next("place", 2);
    expect(second.placementId).not.toBe(first.placementId);
    expect(second.probe.hitLimit).toBe(7);
    program.installed(second.placementId);
    program.counts(second.placementId, { fired: 1 });
    await until(() => last("p1")?.counts?.reached === 5, "counts");
    program.event(second.placementId, { hit: 1 });
    await until(() => person.events.length === 1, "the event");
    expect(person.events[0]!.hit).toBe(5);
  });

  it("may send what it had until it says that the probe is out", async () => {
    const { person, program } = await scene();
    await person.client.put(probe("p1"));
    const { placementId } = await program.next("place");
    await person.client.remove("p1");
    await program.next("remove");
    program.event(placementId);
    await until(() => person.events.length === 1, "the event");
    program.send({ type: "removed", placementId });
    const seq = program.event(placementId);
    await until(() => program.of("ack").at(-1)?.seq === seq, "the ack of what is lost");
    expect(person.events).toHaveLength(1);
  });

  it("ends a probe by its hit limit, its time or a guard, and the host says why", async () => {
    const { person, program, last } = await scene();
    for (const id of ["p1", "p2", "p3", "p4"]) await person.client.put(probe(id, { condition: "x > 1", hitLimit: 5 }));
    const places = await Promise.all([1, 2, 3, 4].map((n) => program.next("place", n)));
    const of = (id: string) => places.find((place) => place.probe.id === id)!.placementId;
    for (const { placementId } of places) program.installed(placementId);
    program.send({ type: "closed", placementId: of("p1"), why: "spent" });
    program.send({ type: "closed", placementId: of("p2"), why: "expired" });
    const packed = (1 << 8) | ERR_BUDGET;
    program.send({ type: "closed", placementId: of("p3"), why: "guard", fault: { of: "condition", packed } });
    program.send({ type: "closed", placementId: of("p4"), why: "guard" });
    await until(() => program.of("remove").length === 4, "the removals");
    await until(() => last("p4")?.state === "disabled", "the last status");
    expect(last("p1")).toMatchObject({ state: "expired", cause: { code: "hit_limit" } });
    expect(last("p2")).toMatchObject({ state: "expired", cause: { code: "time_limit" } });
    expect(last("p3")).toMatchObject({ state: "disabled", cause: { code: "budget" } });
    expect(last("p3")?.cause?.snippet).toContain("^");
    expect(last("p4")).toMatchObject({ state: "disabled", cause: { code: "internal" } });
  });

  it("is told of exits and of the file that the person sees, and @return has a meaning there", async () => {
    const { person, program } = await scene();
    const fileHash = "0".repeat(64);
    await person.client.put(probe("p1", { at: "exit", fileHash, template: "{{@return}} in {{@duration}}" }));
    expect((await program.next("place")).probe).toMatchObject({ at: "exit", fileHash });
  });

  it.each<[string, Partial<ProbeSpec>, string]>([
    ["a script", { condition: "js: x > 1" }, "scripts_off"],
    ["a wrong condition", { condition: "x >" }, "syntax"],
    ["@return at a line", { condition: "@return > 1" }, "wrong_place"],
    ["a limit beyond what is allowed", { condition: "x > 1", limits: { steps: 10_000_000 } }, "limit"],
  ])("never sees %s", async (_, spec, code) => {
    const { person, program, last } = await scene();
    await person.client.put(probe("p1", spec));
    await until(() => last("p1")?.state === "error", "the refusal");
    expect(last("p1")?.cause?.code).toBe(code);
    expect(program.of("place")).toEqual([]);
  });

  it("hears of a name that is not there with a caret under it", async () => {
    const { person, program, last } = await scene();
    await person.client.put(probe("p1", { condition: "total > 1 && totl > 2" }));
    const { placementId } = await program.next("place");
    program.send({
      type: "placed",
      placementId,
      state: "failed",
      cause: { code: "undeclared", message: "no `totl`", remedy: "Use another.", details: ["total"] },
    });
    await until(() => last("p1")?.state === "error", "the refusal");
    expect(last("p1")?.cause).toMatchObject({
      details: ["total"],
      snippet: "total > 1 && totl > 2\n             ^~~~",
    });
  });

  it("has what it should not have sent redacted", async () => {
    const { person, program } = await scene();
    const text = (value: string): Captured => ({ type: "string", value });
    await person.client.put(probe("p1", { kind: "tracepoint", template: undefined as never }));
    const { placementId } = await program.next("place");
    const kept: Captured = { type: "object", class: "User", fields: [["name", text("Ada")]] };
    const variables: Snapshot["variables"] = [
      ["password", text("hunter2")],
      ["iban", text("DE00")],
      ["user", { type: "object", class: "User", fields: [["Api-Key", text("k")]] }],
      ["rows", { type: "array", items: [kept, { type: "map", entries: [[text("token"), text("t")]] }] }],
      ["fine", kept],
    ];
    const snapshot = { frames: [], variables, captureUs: 1 };
    program.event(placementId, { kind: "snapshot", snapshot });
    await until(() => person.events.length === 1, "the event");
    const redacted = { type: "omitted", omitted: "redacted" };
    expect(person.events[0]!.snapshot!.variables).toEqual([
      ["password", redacted],
      ["iban", text("DE00")],
      ["user", { type: "object", class: "User", fields: [["Api-Key", redacted]] }],
      ["rows", { type: "array", items: [kept, { type: "map", entries: [[text("token"), redacted]] }] }],
      ["fine", kept],
    ]);
    const adds = await linked(await linkHost(), "a2", { redact: ["iban"] });
    expect(adds.closed).toBe(false);
  });
});
