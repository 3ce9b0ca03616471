import { describe, expect, it } from "vitest";
import { agent, broker, client, event, probe, status, until } from "./world.ts";

describe("the relay", () => {
  it("gives a new agent all live probes, and tells connected ones of changes", async () => {
    const b = await broker();
    const c = await client(b);
    await c.client.put(probe("p1"));
    const a = await agent(b);
    expect(a.messages[0]).toMatchObject({ type: "welcome", protocol: 1, probes: [{ id: "p1", line: 42 }] });
    await c.client.put(probe("p2"));
    await c.client.enable("p2", false);
    await c.client.remove("p1");
    await until(() => a.messages.length === 4);
    expect(a.messages.slice(1)).toMatchObject([
      { type: "put", probe: { id: "p2", enabled: true } },
      { type: "enable", probeId: "p2", enabled: false },
      { type: "remove", probeId: "p1" },
    ]);
    expect((await c.client.list()).probes).toMatchObject([{ probe: { id: "p2", enabled: false }, statuses: [] }]);
  });

  it("numbers events from 1 without gaps over several agents, and sends them to all subscribers in order", async () => {
    const b = await broker();
    const [c1, c2] = [await client(b), await client(b)];
    const [a1, a2] = [await agent(b, "a1"), await agent(b, "a2")];
    await c1.client.subscribe();
    await c2.client.subscribe({ probeId: "p2" });
    for (let i = 1; i <= 20; i++) {
      a1.send(event(`x${i}`, { agentId: "a1", probeId: "p1" }));
      a2.send(event(`y${i}`, { agentId: "a2", probeId: "p2" }));
    }
    await until(() => c1.events.length === 40 && c2.events.length === 20);
    expect(c1.events.map((e) => e.seq)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(c2.events.map((e) => e.eventId)).toEqual(Array.from({ length: 20 }, (_, i) => `y${i + 1}`));
  });

  it("acknowledges stored events, and a repeated one again without storing it twice", async () => {
    const b = await broker();
    const c = await client(b);
    const a = await agent(b);
    await c.client.subscribe();
    a.send(event("e1"));
    a.send(event("e2"));
    await until(() => a.messages.at(-1)?.eventId === "e2");
    a.send(event("e1"));
    a.send(event("e2"));
    a.send(event("e3"));
    await until(() => a.messages.at(-1)?.eventId === "e3");
    expect(a.messages.slice(1).every((message) => message.type === "ack")).toBe(true);
    await until(() => c.events.length === 3);
    expect(c.events.map((e) => [e.seq, e.eventId])).toEqual([
      [1, "e1"],
      [2, "e2"],
      [3, "e3"],
    ]);
  });

  it("replays the last events, those of one probe, or those after a known one", async () => {
    const b = await broker();
    const a = await agent(b);
    for (let i = 1; i <= 10; i++) a.send(event(`e${i}`, { probeId: i % 2 === 0 ? "even" : "odd" }));
    await until(() => a.messages.at(-1)?.eventId === "e10");
    const seen = async (subscription: object, count: number) => {
      const c = await client(b);
      await c.client.subscribe(subscription);
      await until(() => c.events.length >= count);
      a.send(status("p1"));
      await until(() => c.statuses.length === 1 || "probeId" in subscription);
      return c.events.map((e) => e.seq);
    };
    expect(await seen({ replay: 3 }, 3)).toEqual([8, 9, 10]);
    expect(await seen({ replay: 2, probeId: "even" }, 2)).toEqual([8, 10]);
    expect(await seen({ replay: 100 }, 10)).toHaveLength(10);
    expect(await seen({ afterSeq: 7 }, 3)).toEqual([8, 9, 10]);
    expect(await seen({ afterSeq: 99 }, 0)).toEqual([]);
    expect(await seen({}, 0)).toEqual([]);
  });

  it("keeps the newest status of each agent, relays statuses, and forgets those of an agent that is gone", async () => {
    const b = await broker();
    const c = await client(b);
    await c.client.put(probe("p1"));
    const [a1, a2] = [await agent(b, "a1"), await agent(b, "a2")];
    await c.client.subscribe();
    a1.send(status("p1", { state: "pending" }));
    a1.send(status("p1", { state: "installed" }));
    a2.send(status("p1", { agentId: "a2", state: "error" }));
    await until(() => c.statuses.length === 3);
    const states = async () => (await c.client.list()).probes[0]!.statuses.map((s) => `${s.agentId} ${s.state}`);
    expect(await states()).toEqual(["a1 installed", "a2 error"]);
    await a1.close();
    await until(() => c.client.agents.length === 1);
    expect(await states()).toEqual(["a2 error"]);
  });

  it("ends a probe at its expiry, tells agents and clients, and refuses one that has expired or would live too long", async () => {
    const b = await broker();
    const c = await client(b);
    const a = await agent(b);
    await c.client.subscribe();
    await c.client.put(probe("p1", { expiresAt: Date.now() + 150 }));
    await until(() => c.statuses.length === 1);
    expect(c.statuses[0]).toMatchObject({ agentId: "broker", state: "expired", cause: { code: "time_limit" } });
    await until(() => a.messages.at(-1)?.type === "remove");
    expect((await c.client.list()).probes).toEqual([]);
    await expect(c.client.put(probe("p2", { expiresAt: Date.now() - 1 }))).rejects.toMatchObject({
      code: "time_limit",
      message: "probe p2 has expired already",
    });
    await expect(c.client.put(probe("p3", { expiresAt: Date.now() + 25 * 3_600_000 }))).rejects.toMatchObject({
      code: "limit",
      message: "probe p3 would live longer than 24 hours",
    });
  });

  it("ends a probe whose hit limit is reached in every connected agent", async () => {
    const b = await broker();
    const c = await client(b);
    await c.client.put(probe("p1"));
    const [a1, a2] = [await agent(b, "a1"), await agent(b, "a2")];
    await c.client.subscribe();
    a1.send(status("p1", { state: "expired" }));
    await until(() => c.statuses.length === 1);
    expect((await c.client.list()).probes).toHaveLength(1);
    a2.send(status("p1", { agentId: "a2", state: "expired" }));
    await until(() => c.statuses.length === 2);
    expect((await c.client.list()).probes).toEqual([]);
  });

  it("answers a request about an unknown probe with a cause", async () => {
    const c = await client(await broker());
    await expect(c.client.remove("nope")).rejects.toMatchObject({
      code: "no_such_probe",
      message: "there is no probe nope",
    });
    await expect(c.client.enable("nope", true)).rejects.toMatchObject({ code: "no_such_probe" });
  });

  it("limits probes by number and by bytes, so that a welcome fits into one message", async () => {
    const b = await broker();
    const c = await client(b);
    const condition = "x".repeat(8000);
    const put = async (count: number, changes: object) => {
      for (let i = 0; i < count; i++) await c.client.put(probe(`p${i}`, changes));
    };
    await expect(put(500, { condition })).rejects.toMatchObject({
      code: "limit",
      message: "there are already 786432 bytes of probes, the limit",
    });
    const { probes } = await c.client.list();
    expect(probes.length).toBeGreaterThan(90);
    for (const {
      probe: { id },
    } of probes)
      await c.client.remove(id);
    await expect(put(501, {})).rejects.toMatchObject({ message: "there are already 500 probes, the limit" });
    expect((await agent(b)).messages[0].probes).toHaveLength(500);
  });

  it("leaves out statuses that have no room in a listing and says how many", async () => {
    const b = await broker();
    const c = await client(b);
    await c.client.put(probe("p1"));
    await c.client.put(probe("p2"));
    const note = "n".repeat(8000);
    for (let i = 0; i < 75; i++) {
      const a = await agent(b, `a${i}`);
      for (const id of ["p1", "p2"]) a.send(status(id, { agentId: `a${i}`, note }));
    }
    await until(() => c.client.agents.length === 75);
    const listing = await c.client.list();
    const kept = listing.probes.reduce((sum, { statuses }) => sum + statuses.length, 0);
    expect(kept).toBeGreaterThan(100);
    expect(kept + listing.statusesOmitted).toBe(150);
    expect(listing.statusesOmitted).toBeGreaterThan(10);
  });

  it("does not let the end of a probe overtake its last events", async () => {
    const b = await broker();
    const c = await client(b);
    await c.client.put(probe("p1"));
    const a = await agent(b);
    await c.client.subscribe({ probeId: "p1" });
    const order: string[] = [];
    c.events.push = (e) => order.push(e.eventId);
    c.statuses.push = (s) => order.push(s.state);
    for (let i = 1; i <= 3; i++) a.send(event(`e${i}`));
    a.send(status("p1", { state: "expired" }));
    await until(() => order.length === 4);
    expect(order).toEqual(["e1", "e2", "e3", "expired"]);
  });

  it("lets the newer of two connections of one agent win", async () => {
    const b = await broker();
    const c = await client(b);
    const first = await agent(b);
    const second = await agent(b);
    await until(() => first.closed);
    expect(first.closed).toEqual({ code: 1008, reason: "the agent has connected anew" });
    expect((await c.client.list()).agents).toHaveLength(1);
    second.send(event("e1"));
    await until(() => second.messages.at(-1)?.type === "ack");
  });
});
