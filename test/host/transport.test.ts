import { createServer, type Server, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import type { Broker } from "../../broker/index.ts";
import type { BrokerToAgent, Cause } from "../../host/protocol.ts";
import { Outbox, type Transport, type TransportState } from "../../host/transport.ts";
import { connectTransport, type TransportOptions } from "../../host/websocket.ts";
import { agentInfo, broker, cleanUp, client, event, pause, probe, status, tempFolder, until } from "../broker/world.ts";

interface Agent {
  readonly transport: Transport;
  readonly messages: BrokerToAgent[];
  readonly states: [TransportState, string | undefined][];
  readonly causes: Cause[];
}

const QUICK = { reconnectMs: 10, maxReconnectMs: 40, refusedRetryMs: 100 };

function connect(address: string, token: string, options: Partial<TransportOptions> = {}): Agent {
  const made = { messages: [] as BrokerToAgent[], states: [] as Agent["states"], causes: [] as Cause[] };
  const transport = connectTransport({
    address,
    token,
    agent: agentInfo("a1"),
    onMessage: (message) => made.messages.push(message),
    onState: (state, cause) => {
      made.states.push([state, cause?.code]);
      if (cause !== undefined) made.causes.push(cause);
    },
    ...options,
    limits: { ...QUICK, ...options.limits },
  });
  cleanUp(() => transport.close());
  return { transport, ...made };
}

const to = (b: Broker, options: Partial<TransportOptions> = {}) => connect(b.address, b.agentToken, options);

/** A TCP proxy that can cut everything off, and swallow what comes back. */
async function proxy(b: Broker): Promise<{ address: string; cut(): void; swallowAnswers: boolean }> {
  const { connect: dial } = await import("node:net");
  const open = new Set<Socket>();
  const made = { address: "", cut: () => {}, swallowAnswers: false };
  const server: Server = createServer((inner) => {
    const outer = dial(Number(new URL(b.address).port), "127.0.0.1");
    for (const socket of [inner, outer]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        inner.destroy();
        outer.destroy();
      });
    }
    inner.on("data", (data) => outer.write(data));
    outer.on("data", (data) => {
      if (!made.swallowAnswers) inner.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  made.address = `ws://127.0.0.1:${(server.address() as { port: number }).port}`;
  made.cut = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  cleanUp(() => {
    made.cut();
    server.close();
  });
  return made;
}

describe("the agent's transport", () => {
  it("receives the probes, passes messages on, and sends events and statuses", async () => {
    const b = await broker();
    const c = await client(b);
    await c.client.put(probe("p1"));
    await c.client.subscribe();
    const a = to(b);
    expect(a.transport.connected).toBe(false);
    expect(a.transport.send(event("e1"))).toBe(true);
    await until(() => a.transport.connected);
    a.transport.send(status("p1"));
    await c.client.put(probe("p2"));
    await until(() => c.events.length === 1 && c.statuses.length === 1 && a.messages.length >= 3);
    expect(a.messages.filter(({ type }) => type !== "ack")).toMatchObject([
      { type: "welcome", probes: [{ id: "p1" }] },
      { type: "put", probe: { id: "p2" } },
    ]);
    await a.transport.flush(1000);
    await a.transport.close();
    expect(a.states).toEqual([
      ["connected", undefined],
      ["closed", undefined],
    ]);
    await until(() => c.client.agents.length === 0);
    expect(a.transport.send(event("e2"))).toBe(false);
  });

  it("waits for a broker that is absent, says why, and delivers what it queued when one comes", async () => {
    const first = await broker();
    await first.close();
    const a = connect(first.address, first.agentToken);
    for (let i = 1; i <= 5; i++) a.transport.send(event(`e${i}`));
    await until(() => a.states.length >= 3);
    expect(a.states[0]).toEqual(["connecting", "unreachable"]);
    expect(a.causes[0]!.message).toMatch(/^no broker answers at ws:\/\/127\.0\.0\.1:\d+\/agent: connect ECONNREFUSED/);
    expect(a.causes[0]!.remedy).toBe("Start one with `tracepointdebug up`, or check the address.");
    const second = await broker({ port: Number(new URL(first.address).port), data: first.data });
    const c = await client(second);
    await c.client.subscribe({ replay: 10 });
    await until(() => c.events.length === 5);
    expect(a.transport.dropped).toBe(0);
  });

  it("asks where the broker is before each attempt, so that one on another port is found", async () => {
    let where: { address: string; token: string } | null = null;
    const a = connect("ws://127.0.0.1:1", "none", { find: () => where });
    await until(() => a.states.length >= 2);
    expect(a.causes[0]!.message).toBe("no broker runs on this machine");
    const b = await broker();
    where = { address: b.address, token: b.agentToken };
    await until(() => a.transport.connected);
  });

  it("says that its token is refused, tries again slowly, and gets in when the token is right", async () => {
    const b = await broker();
    let token = "wrong";
    const a = connect(b.address, token, { find: () => ({ address: b.address, token }) });
    await until(() => a.states.length === 1);
    expect(a.states).toEqual([["refused", "unauthorized"]]);
    expect(a.causes[0]).toEqual({
      code: "unauthorized",
      message: "The agent token is wrong.",
      remedy: "Set TRACEPOINTDEBUG_TOKEN to the agent token that `tracepointdebug up` printed.",
    });
    await pause(40);
    expect(a.states).toHaveLength(1);
    token = b.agentToken;
    await until(() => a.transport.connected);
  });

  it.each([
    ["not an address", "not a url at all"],
    ["another protocol", "ftp://127.0.0.1"],
  ])("reports %s as refused and does not throw", async (_, address) => {
    const a = connect(address, "t");
    await until(() => a.states.length === 1);
    expect(a.states).toEqual([["refused", "bad_address"]]);
  });

  it("recognises something that is no broker", async () => {
    const { createServer: http } = await import("node:http");
    const server = http((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanUp(() => server.close());
    const a = connect(`http://127.0.0.1:${(server.address() as { port: number }).port}`, "t");
    await until(() => a.causes.length >= 1);
    expect(a.causes[0]!.code).toBe("not_a_broker");
    await a.transport.close();
    server.closeAllConnections();
  });

  it("loses and doubles nothing when the broker dies while events flow and comes back", async () => {
    const data = tempFolder();
    let b = await broker({ data });
    const port = Number(new URL(b.address).port);
    const a = connect(b.address, b.agentToken);
    await (await client(b)).client.put(probe("p1"));
    let sent = 0;
    const flow = setInterval(() => {
      for (let i = 0; i < 5; i++) a.transport.send(event(`e${++sent}`, { hit: sent }));
    }, 1);
    cleanUp(() => clearInterval(flow));
    for (let round = 0; round < 3; round++) {
      const before = sent;
      await until(() => a.transport.connected && sent > before + 50);
      await b.close();
      await pause(30);
      b = await broker({ data, port });
    }
    await until(() => a.transport.connected);
    clearInterval(flow);
    await a.transport.flush(3000);
    const c = await client(b);
    await c.client.subscribe({ replay: 10_000 });
    await until(() => c.events.length >= sent);
    expect(a.transport.dropped).toBe(0);
    expect(c.events.map((e) => e.eventId)).toEqual(Array.from({ length: sent }, (_, i) => `e${i + 1}`));
    expect(c.events.map((e) => e.seq)).toEqual(Array.from({ length: sent }, (_, i) => i + 1));
    expect(a.messages.filter(({ type }) => type === "welcome")).toHaveLength(4);
    expect(a.messages.findLast(({ type }) => type === "welcome")).toMatchObject({ probes: [{ id: "p1" }] });
  });

  it("doubles nothing when events arrived but their acknowledgements did not", async () => {
    const b = await broker();
    const via = await proxy(b);
    const a = connect(via.address, b.agentToken);
    await until(() => a.transport.connected);
    const c = await client(b);
    await c.client.subscribe();
    via.swallowAnswers = true;
    for (let i = 1; i <= 10; i++) a.transport.send(event(`e${i}`));
    await until(() => c.events.length === 10);
    expect(a.messages.some(({ type }) => type === "ack")).toBe(false);
    via.swallowAnswers = false;
    via.cut();
    await until(() => a.messages.some((message) => message.type === "ack" && message.eventId === "e10"));
    a.transport.send(event("e11"));
    await until(() => c.events.length === 11);
    expect(c.events.map((e) => e.eventId)).toEqual(Array.from({ length: 11 }, (_, i) => `e${i + 1}`));
  });

  it("tells the broker the newest statuses again after a reconnect, but none of probes that are gone", async () => {
    const b = await broker();
    const via = await proxy(b);
    const c = await client(b);
    await c.client.put(probe("p1"));
    await c.client.put(probe("p2"));
    const a = connect(via.address, b.agentToken);
    await until(() => a.transport.connected);
    for (const id of ["p1", "p2"]) a.transport.send(status(id, { note: `of ${id}` }));
    await a.transport.flush(1000);
    via.cut();
    await until(() => !a.transport.connected);
    await c.client.remove("p2");
    await until(() => a.transport.connected);
    await c.client.subscribe();
    await a.transport.flush(1000);
    await pause(20);
    const { probes } = await c.client.list();
    expect(probes).toMatchObject([{ probe: { id: "p1" }, statuses: [{ note: "of p1" }] }]);
    expect(c.statuses.some(({ probeId }) => probeId === "p2")).toBe(false);
  });

  it("refuses an event over 1 MiB before it is sent, with the reason, and goes on", async () => {
    const a = to(await broker());
    await until(() => a.transport.connected);
    expect(a.transport.send(event("big", { text: "x".repeat(1024 * 1024) }))).toBe(false);
    expect(a.transport.dropped).toBe(1);
    await until(() => a.messages.length === 2);
    expect(a.messages[1]).toMatchObject({ type: "refused", eventId: "big", cause: { code: "too_large" } });
    a.transport.send(event("e1"));
    await a.transport.flush(1000);
    expect(a.messages.at(-1)).toEqual({ type: "ack", eventId: "e1" });
  });

  it("lets go of an event that the broker refuses, and counts it", async () => {
    const a = to(await broker());
    a.transport.send(event("bad", { agentId: "somebody else" }));
    a.transport.send(event("good"));
    await until(() => a.transport.connected);
    await a.transport.flush(1000);
    expect(a.transport.dropped).toBe(1);
    expect(a.messages.slice(1)).toMatchObject([
      { type: "refused", eventId: "bad" },
      { type: "ack", eventId: "good" },
    ]);
  });

  it("flushes what is queued, within its time when the broker is silent, and at once when there is none", async () => {
    const b = await broker();
    const via = await proxy(b);
    const a = connect(via.address, b.agentToken);
    await until(() => a.transport.connected);
    via.swallowAnswers = true;
    a.transport.send(event("e1"));
    const timed = async (work: Promise<void>) => {
      const started = performance.now();
      await work;
      return performance.now() - started;
    };
    const silent = await timed(a.transport.flush(100));
    expect(silent).toBeGreaterThan(95);
    expect(silent).toBeLessThan(400);
    const lonely = connect("ws://127.0.0.1:1", "t");
    lonely.transport.send(event("e1"));
    expect(await timed(lonely.transport.flush(2000))).toBeLessThan(500);
    expect(await timed(to(b).transport.flush(1000))).toBeLessThan(20);
  });

  it("keeps nothing alive: neither a connection, nor a timer, nor an attempt", async () => {
    const active = () =>
      process
        .getActiveResourcesInfo()
        .filter((name) => /TCP|Timeout|Immediate|TLS/.test(name))
        .sort();
    const b = await broker();
    await pause(10);
    const before = active();
    const a = to(b);
    const lonely = connect("ws://127.0.0.1:1", "t", { limits: { reconnectMs: 60_000, maxReconnectMs: 60_000 } });
    await until(() => a.transport.connected && lonely.states.length > 0);
    a.transport.send(event("e1"));
    await a.transport.flush(1000);
    await pause(10);
    // The broker's own end of the connection is all that was added; a timer of the test runner may have ended meanwhile.
    const known = [...before, "TCPSocketWrap"];
    const added = active().filter((name) => {
      const at = known.indexOf(name);
      if (at >= 0) known.splice(at, 1);
      return at < 0;
    });
    expect(added).toEqual([]);
  });

  it("survives listeners that throw and messages that make no sense", async () => {
    const { WebSocketServer } = await import("ws");
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    cleanUp(() => server.close());
    await new Promise((resolve) => server.on("listening", resolve));
    let received = 0;
    server.on("connection", (ws) => {
      ws.on("message", () => received++);
      ws.send(Buffer.from("c000", "hex"));
      ws.send(Buffer.from("a0", "hex"));
      ws.on("error", () => {});
      setTimeout(() => ws.send(Buffer.alloc(2 * 1024 * 1024)), 20);
    });
    const a = connect(`ws://127.0.0.1:${(server.address() as { port: number }).port}`, "t", {
      onMessage: () => {
        throw new Error("from the host");
      },
    });
    await until(() => a.states.length >= 2 && received >= 2);
    expect(a.transport.connected).toBe(false);
    for (const ws of server.clients) ws.terminate();
  });
});

describe("the queue", () => {
  it("drops the newest event beyond its number and counts it, keeping the order of the others", () => {
    const outbox = new Outbox({ queueEvents: 3, queueBytes: 1e6 });
    expect(["e1", "e2", "e3", "e4", "e5"].map((id) => outbox.pushEvent(event(id)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(outbox.drops).toEqual({ full: 2, too_large: 0, refused: 0 });
    outbox.next();
    outbox.next();
    expect(outbox.pushEvent(event("e6"))).toBe(false);
    outbox.acknowledge("e2");
    expect(outbox.pushEvent(event("e7"))).toBe(true);
    expect(outbox.pushEvent(event("e8"))).toBe(true);
    expect(outbox.pushEvent(event("e9"))).toBe(false);
    expect(outbox.dropped).toBe(4);
  });

  it("drops beyond its bytes", () => {
    const outbox = new Outbox({ queueEvents: 1000, queueBytes: 10_000 });
    let taken = 0;
    while (outbox.pushEvent(event(`e${taken}`, { text: "x".repeat(1000) }))) taken++;
    expect(taken).toBeGreaterThan(7);
    expect(taken).toBeLessThan(10);
    while (outbox.next() !== null);
    outbox.acknowledge(`e${taken - 1}`);
    expect(outbox.settled).toBe(true);
    expect(outbox.pushEvent(event("more"))).toBe(true);
  });

  it("ignores an acknowledgement of something it never sent", () => {
    const outbox = new Outbox({ queueEvents: 10, queueBytes: 1e6 });
    outbox.pushEvent(event("e1"));
    outbox.acknowledge("e1");
    outbox.acknowledge("nonsense");
    expect(outbox.settled).toBe(false);
    expect(outbox.next()).not.toBeNull();
  });

  it("keeps only the newest status of a probe while it waits", () => {
    const outbox = new Outbox({ queueEvents: 10, queueBytes: 1e6 });
    for (let i = 0; i < 1000; i++) outbox.pushStatus(status("p1", { note: `${i}` }));
    const bytes = outbox.next();
    expect(Buffer.from(bytes!).includes("999")).toBe(true);
    expect(outbox.next()).toBeNull();
  });
});
