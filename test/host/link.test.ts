// Probes in a linked program, over a real socket and the real broker: placed, hit, counted, erring, over.
import { describe, expect, it } from "vitest";
import { compileCondition } from "../../conditions/index.ts";
import { Guest } from "../../host/embedded.ts";
import { HOST_LIMITS } from "../../host/limits.ts";
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
});
