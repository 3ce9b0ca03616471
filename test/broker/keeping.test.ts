import { describe, expect, it } from "vitest";
import { Store } from "../../broker/store.ts";
import { decodeMessage } from "../../host/codec.ts";
import { agent, broker, cleanUp, client, event, pause, probe, tempFolder, until, wire } from "./world.ts";

describe("what the broker keeps", () => {
  it("loses neither probes nor events in a restart, and knows repeated events after it", async () => {
    const data = tempFolder();
    const first = await broker({ data });
    const c1 = await client(first);
    await c1.client.put(probe("p1", { condition: "x > 1", tags: ["t"] }));
    await c1.client.put(probe("p2"));
    await c1.client.remove("p2");
    await c1.client.put(probe("p3"));
    await c1.client.enable("p3", false);
    const a1 = await agent(first);
    for (let i = 1; i <= 5; i++) a1.send(event(`e${i}`));
    await until(() => a1.messages.at(-1)?.eventId === "e5");
    await first.close();

    const second = await broker({ data });
    const a2 = await agent(second);
    expect(a2.messages[0].probes).toEqual([
      expect.objectContaining({ id: "p1", condition: "x > 1", tags: ["t"] }),
      expect.objectContaining({ id: "p3", enabled: false }),
    ]);
    a2.send(event("e5"));
    a2.send(event("e6"));
    const c2 = await client(second);
    await c2.client.subscribe({ replay: 100 });
    await until(() => c2.events.length >= 6);
    await pause(20);
    expect(c2.events.map((e) => [e.seq, e.eventId])).toEqual([1, 2, 3, 4, 5, 6].map((i) => [i, `e${i}`]));
    expect(c2.events[2]).toEqual({ ...event("e3"), seq: 3 });
  });

  it("drops probes that expired while it was away", async () => {
    const data = tempFolder();
    const first = await broker({ data });
    await (await client(first)).client.put(probe("p1", { expiresAt: Date.now() + 100 }));
    await first.close();
    await pause(120);
    const second = await broker({ data });
    expect((await (await client(second)).client.list()).probes).toEqual([]);
  });

  it("keeps a bounded number of events, and says how many of those asked for are gone", async () => {
    const b = await broker({ limits: { events: 10 } });
    const a = await agent(b);
    for (let i = 1; i <= 25; i++) a.send(event(`e${i}`));
    await until(() => a.messages.at(-1)?.eventId === "e25");
    const c = await client(b);
    expect(await c.client.subscribe({ afterSeq: 3 })).toEqual({ missed: 12, replaying: 0 });
    await until(() => c.events.length === 10);
    expect(c.events.map((e) => e.seq)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
  });

  it("keeps a bounded number of bytes, over a restart too", async () => {
    const folder = tempFolder();
    const limits = { events: 10_000, eventBytes: 50_000 };
    let store = new Store(folder, limits);
    for (let i = 1; i <= 3000; i++) await store.append(event(`e${i}`, { text: "x".repeat(1000) })).stored;
    const kept = () => store.lastSeq - store.firstSeq + 1;
    expect(kept()).toBeGreaterThan(40);
    expect(kept()).toBeLessThan(50);
    await store.close();
    store = new Store(folder, limits);
    cleanUp(() => store.close());
    expect([store.lastSeq, kept() > 40, store.seqOf("e3000"), store.seqOf("e1")]).toEqual([
      3000,
      true,
      3000,
      undefined,
    ]);
    expect(decodeMessage(store.read(store.firstSeq)!)).toMatchObject({ seq: store.firstSeq });
    expect(store.read(store.firstSeq - 1)).toBeUndefined();
    expect(store.append(event("e3001")).seq).toBe(3001);
  });

  it("cuts off a client that does not read, once what it misses is gone, and nobody else notices", async () => {
    const b = await broker({ limits: { events: 50 } });
    const a = await agent(b);
    const good = await client(b);
    await good.client.subscribe();
    const bad = await wire(`${b.address}/client`, b.clientToken);
    bad.send({ type: "hello", protocol: 1 });
    bad.send({ type: "subscribe", requestId: 1 });
    await until(() => bad.messages.length === 2);
    bad.ws.pause();
    const text = "x".repeat(100_000);
    for (let i = 1; i <= 200; i++) {
      a.send(event(`e${i}`, { text }));
      // The good client reads as fast as events come.
      if (i % 20 === 0) await until(() => good.events.length === i);
    }
    bad.ws.resume();
    await until(() => bad.closed);
    expect(bad.messages.length).toBeLessThan(202);
    expect(bad.messages.slice(2).map((e) => e.seq)).toEqual(bad.messages.slice(2).map((_, i) => i + 1));
    expect(b.refused()).toEqual({ slow_client: 1 });
    expect(bad.closed!.reason === "" || bad.closed!.reason.startsWith("the client is too slow")).toBe(true);
  });

  it("takes a flood of 20,000 events without loss and without growing a backlog in memory", async () => {
    const b = await broker({ limits: { events: 1000 } });
    const a = await agent(b);
    const started = Date.now();
    for (let i = 1; i <= 20_000; i++) {
      a.send(event(`e${i}`));
      if (i % 500 === 0) await pause(0);
    }
    await until(() => a.messages.at(-1)?.eventId === "e20000");
    const acks = a.messages.filter((message) => message.type === "ack").length;
    expect(acks).toBeLessThan(5000);
    const c = await client(b);
    await c.client.subscribe({ replay: 100_000 });
    await until(() => c.events.length === 1000);
    expect(c.events.at(-1)).toMatchObject({ seq: 20_000 });
    console.info(`20,000 events stored in ${Date.now() - started} ms with ${acks} acknowledgements`);
  });
});
