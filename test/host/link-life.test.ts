// How linked programs come and go: many at once, forks, lost connections, a host that is killed, a broker that is away; nothing is lost
// that is not counted.
import { describe, expect, it } from "vitest";
import { broker, client, probe, tempFolder, until } from "../broker/world.ts";
import { linked, linkHost, PlayedBinding } from "./link-world.ts";

async function scene(options: Parameters<typeof linkHost>[1] = {}) {
  const at = await broker();
  const world = await linkHost(at, options);
  const person = await client(at);
  await person.client.subscribe({});
  const last = (probeId: string, agentId = "a1") =>
    person.statuses.filter((status) => status.probeId === probeId && status.agentId === agentId).at(-1);
  return { broker: at, world, person, last };
}

describe("programs", () => {
  it("are served side by side, each with its own probes, events and counts", async () => {
    const { world, person, last } = await scene();
    const programs = await Promise.all(["a1", "a2", "a3"].map((agentId) => linked(world, agentId)));
    await until(() => person.client.agents.length === 3, "three agents");
    await person.client.put(probe("p1"));
    const places = await Promise.all(programs.map((program) => program.next("place")));
    for (const [i, program] of programs.entries()) {
      const { placementId } = places[i]!;
      program.installed(placementId);
      for (let n = 0; n <= i; n++) program.event(placementId);
      program.counts(placementId, { fired: i + 1, conditionFalse: 10 * i });
    }
    await until(() => person.events.length === 6, "six events");
    for (const [i, { agent }] of programs.entries()) {
      expect(person.events.filter(({ agentId }) => agentId === agent.agentId)).toHaveLength(i + 1);
      await until(() => last("p1", agent.agentId)?.counts?.reached === 11 * i + 1, "counts");
    }
    expect(world.host.agents).toBe(3);
  });

  it("that fork are agents of their own, and the parent's goes on", async () => {
    const { world, person } = await scene();
    const parent = await linked(world, "parent");
    const child = await linked(world, "child", { ppid: parent.agent.pid });
    await until(() => person.client.agents.length === 2, "two agents");
    await person.client.put(probe("p1"));
    const { placementId } = await child.next("place");
    child.event(placementId);
    await until(() => person.events.length === 1, "the event");
    child.socket.destroy();
    await until(() => person.client.agents.length === 1, "the child's end");
    parent.event((await parent.next("place")).placementId);
    await until(() => person.events.length === 2, "the parent's event");
  });

  it("that say bye are gone at once, and what they sent has arrived", async () => {
    const { world, person, last } = await scene();
    const program = await linked(world);
    await person.client.put(probe("p1"));
    const { placementId } = await program.next("place");
    program.installed(placementId);
    for (let n = 0; n < 20; n++) program.event(placementId);
    program.counts(placementId, { fired: 20 });
    program.send({ type: "bye" });
    await until(() => program.closed, "the end");
    await until(() => person.client.agents.length === 0, "the agent's end");
    expect(person.events).toHaveLength(20);
    expect(last("p1")?.counts).toMatchObject({ reached: 20, fired: 20 });
    expect(world.host.agents).toBe(0);
  });

  it("that come with placements, tell what they have and are gone in one breath, lose none of it", async () => {
    const { world, person, last } = await scene();
    const parent = await linked(world, "parent");
    await person.client.put(probe("p1"));
    const { placementId } = await parent.next("place");
    const children = Array.from({ length: 6 }, (_, i) => new PlayedBinding(world.path, `child${i}`));
    for (const [i, child] of children.entries()) {
      child.hello({ placements: [{ placementId, probeId: "p1" }] });
      child.installed(placementId);
      child.event(placementId);
      child.counts(placementId, { fired: 1, conditionFalse: i });
      // In order, or killed.
      if (i % 2 === 0) child.send({ type: "bye" });
      child.socket.end();
    }
    await until(() => person.events.length === 6, "all events");
    expect(new Set(person.events.map(({ agentId }) => agentId)).size).toBe(6);
    await until(() => world.host.agents === 1, "the end of the children");
    for (const [i, { agent }] of children.entries())
      expect(last("p1", agent.agentId)?.counts?.reached, agent.agentId).toBe(1 + i);
  });

  it("are refused beyond the limit, and let in when there is room", async () => {
    const { world } = await scene({ processes: 1 });
    const first = await linked(world, "a1");
    const second = new PlayedBinding(world.path, "a2");
    second.hello();
    expect(await second.next("refused")).toMatchObject({ fatal: true, cause: { code: "too_many_processes" } });
    first.send({ type: "bye" });
    await until(() => world.host.agents === 0, "room");
    await linked(world, "a3");
  });

  it("without an agent get expressions compiled, and are no agents", async () => {
    const { world, person } = await scene();
    const program = new PlayedBinding(world.path, "none");
    program.send({ type: "hello", link: 1, abi: 1, redact: [] });
    await program.next("welcome");
    program.send({ type: "compile", requestId: 7, kind: "value", source: "a.b + 1", declared: ["a"] });
    const compiled = await program.next("compiled");
    expect(compiled).toMatchObject({ requestId: 7, rootSpans: { a: [0, 1] } });
    program.send({ type: "compile", requestId: 8, kind: "condition", source: "1 +" });
    expect(await program.next("compiled", 2)).toMatchObject({
      requestId: 8,
      fault: { code: "syntax", at: [3, 3], snippet: "1 +\n   ^" },
    });
    program.counts("p1~00000000~1");
    expect(await program.next("refused")).toMatchObject({ fatal: false, cause: { code: "out_of_turn" } });
    expect(person.client.agents).toEqual([]);
  });
});

describe("a connection that is lost", () => {
  it("leaves probes in place, which are adopted with what they told meanwhile", async () => {
    const { world, person, last } = await scene();
    const before = await linked(world);
    await person.client.put(probe("p1", { condition: "x > 1" }));
    await person.client.put(probe("p2"));
    const [one, two] = [await before.next("place"), await before.next("place", 2)];
    before.installed(one.placementId);
    before.event(one.placementId);
    await before.next("ack");
    before.socket.destroy();
    await until(() => world.host.agents === 0, "the end");
    await person.client.remove("p2");
    const placements = [
      { placementId: one.placementId, probeId: "p1" },
      { placementId: two.placementId, probeId: "p2" },
    ];
    const after = await linked(world, "a1", { placements });
    after.installed(one.placementId);
    after.event(one.placementId, { seq: 2 });
    after.event(two.placementId, { seq: 3 });
    after.counts(one.placementId, { fired: 2, conditionFalse: 5 });
    expect(await after.next("remove")).toEqual({ type: "remove", placementId: two.placementId });
    await until(() => person.events.length === 2, "the event");
    await until(() => last("p1")?.counts?.reached === 7, "counts");
    await until(() => after.of("ack").at(-1)?.seq === 3, "acks, of the event that nobody wants, too");
    expect(after.of("place")).toEqual([]);
    expect(person.events.map(({ probeId }) => probeId)).toEqual(["p1", "p1"]);
  });

  it("is followed by new placements where the program has none left, or the probe is another one by now", async () => {
    const { world, person } = await scene();
    const before = await linked(world);
    await person.client.put(probe("p1", { condition: "x > 1" }));
    const { placementId } = await before.next("place");
    before.socket.destroy();
    await until(() => world.host.agents === 0, "the end");
    await person.client.put(probe("p1", { condition: "x > 2" }));
    const after = await linked(world, "a1", { placements: [{ placementId, probeId: "p1" }] });
    expect((await after.next("place")).placementId).not.toBe(placementId);
    expect(await after.next("remove")).toEqual({ type: "remove", placementId });
  });

  it("is replaced by the same agent's next one, even while it stands", async () => {
    const { world, person } = await scene();
    const before = await linked(world);
    const after = await linked(world);
    expect(await before.next("refused")).toMatchObject({ fatal: true, cause: { code: "replaced" } });
    await person.client.put(probe("p1"));
    after.event((await after.next("place")).placementId);
    await until(() => person.events.length === 1, "the event");
    expect(world.host.agents).toBe(1);
  });

  it("to a host that is killed costs no event: what is not acknowledged is sent again, and stored once", async () => {
    const { broker: at, world, person } = await scene();
    const before = await linked(world);
    await person.client.put(probe("p1"));
    const { placementId } = await before.next("place");
    for (let n = 0; n < 10; n++) before.event(placementId);
    await until(() => before.of("ack").at(-1)?.seq === 10, "acks");
    await world.host.close();
    // The last five acks are lost, as it were.
    const second = await linkHost(at);
    const after = await linked(second, "a1", { placements: [{ placementId, probeId: "p1" }] });
    for (let seq = 6; seq <= 12; seq++) after.event(placementId, { seq });
    await until(() => after.of("ack").at(-1)?.seq === 12, "acks");
    expect(person.events.map(({ text }) => text)).toEqual(Array.from({ length: 12 }, (_, i) => `text ${i + 1}`));
  });
});

describe("a broker that is away", () => {
  it("is waited for: programs are welcomed, expressions compiled, and events acknowledged once they are stored", async () => {
    const data = tempFolder();
    const first = await broker({ data });
    const person = await client(first);
    const world = await linkHost(first);
    const program = await linked(world);
    await person.client.put(probe("p1"));
    const { placementId } = await program.next("place");
    await first.close();
    program.event(placementId);
    program.send({ type: "compile", requestId: 1, kind: "condition", source: "x > 1" });
    await program.next("compiled");
    expect(program.of("ack")).toEqual([]);
    const again = await broker({ data, port: Number(new URL(first.address).port) });
    await until(() => program.of("ack").length === 1, "the ack");
    const later = await client(again);
    await later.client.subscribe({ replay: 10 });
    await until(() => later.events.length === 1, "the event");
  });

  it("makes programs lose events, which the data and the counts say", async () => {
    const { world, person, last } = await scene();
    const program = await linked(world);
    await person.client.put(probe("p1"));
    const { placementId } = await program.next("place");
    program.installed(placementId);
    program.counts(placementId, { fired: 9, rateLimited: 3, dropped: 4 }, 4);
    program.event(placementId);
    await until(() => person.events.length === 1, "the event");
    expect(person.events[0]!.dropped).toBe(4);
    await until(() => last("p1")?.counts?.reached === 12, "counts");
    expect(last("p1")?.counts).toMatchObject({ fired: 9, dropped: 4, rateLimited: 3 });
  });
});

describe("what a host says", () => {
  it("is one line where the broker refuses its programs, however often they try", async () => {
    const at = await broker();
    const env = { XDG_STATE_HOME: tempFolder(), TRACEPOINTDEBUG_BROKER: at.address, TRACEPOINTDEBUG_TOKEN: "wrong" };
    const world = await linkHost(at, { env });
    for (let n = 0; n < 3; n++) {
      const program = await linked(world);
      await until(() => world.logged.length > 0, "the line");
      program.send({ type: "bye" });
      await until(() => world.host.agents === 0, "the end");
    }
    const warned = world.logged.filter((line) => !line.startsWith("shop (4711): "));
    expect(warned).toEqual([expect.stringMatching(/^The broker refuses shop \(4711\): .*token/)]);
  });
});
