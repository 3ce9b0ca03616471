import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { Encoder } from "cbor-x";
import { describe, expect, it } from "vitest";
import { BROKER_LIMITS } from "../../host/limits.ts";
import { agent, agentInfo, broker, client, event, pause, probe, status, until, wire } from "./world.ts";

const plain = new Encoder({ useRecords: false });
const nested = (levels: number) => Buffer.concat([Buffer.alloc(levels, 0x81), Buffer.from([0])]);

describe("hostile input", () => {
  it.each<[string, Buffer, string]>([
    ["bytes that are not CBOR", Buffer.from("deadbeef", "hex"), "malformed"],
    ["an empty message", Buffer.alloc(0), "malformed"],
    ["a message that is cut off", plain.encode(event("e1")).subarray(0, 40), "malformed"],
    ["bytes after the message", Buffer.concat([plain.encode(event("e1")), Buffer.from([0])]), "malformed"],
    ["100,000 levels", nested(100_000), "limit"],
    ["a list that says it has 2^32 elements", Buffer.from("9affffffff", "hex"), "malformed"],
    ["a map that says it has 2^31 entries", Buffer.from("ba7fffffff", "hex"), "malformed"],
    ["900,000 elements", Buffer.concat([Buffer.from("9a000dbba0", "hex"), Buffer.alloc(900_000)]), "limit"],
    ["a tag", plain.encode({ type: "event", at: new Date() }), "malformed"],
    ["a regular expression", plain.encode({ type: "event", at: /(a+)+$/ }), "malformed"],
    ["a key that is no text", Buffer.from("a10101", "hex"), "malformed"],
    ["a number", plain.encode(7), "invalid_message"],
    ["no type", plain.encode({}), "unknown_type"],
    ["an unknown type", plain.encode({ type: "constructor" }), "unknown_type"],
    ["a type of the other role", plain.encode({ type: "subscribe", requestId: 1 }), "unknown_type"],
    ["an event with a text as line", plain.encode(event("e1", { line: "42" as never })), "invalid_message"],
    ["an event with a fractional count", plain.encode(event("e1", { hit: 1.5 })), "invalid_message"],
    ["an event of another agent", plain.encode(event("e1", { agentId: "a2" })), "wrong_agent"],
    ["an event at no time", plain.encode(event("e1", { at: Number.NaN })), "invalid_message"],
    ["an id with a line break", plain.encode(event("e\n1")), "invalid_message"],
    ["a status of no known state", plain.encode(status("p1", { state: "gone" as never })), "invalid_message"],
    [
      "a snapshot with a wrong part deep inside",
      plain.encode(
        event("e1", {
          snapshot: {
            frames: [],
            captureUs: 1,
            variables: [["x", { type: "array", items: [{ type: "object", fields: [["y", 7 as never]] }] }]],
          },
        }),
      ),
      "invalid_message",
    ],
    ["a second hello", plain.encode({ type: "hello", protocol: 1, agent: agentInfo("a1") }), "out_of_turn"],
  ])("refuses %s, counts it, and goes on", async (_, bytes, code) => {
    const b = await broker();
    const a = await agent(b);
    a.ws.send(bytes);
    await until(() => a.messages.length === 2);
    expect(a.messages[1]).toMatchObject({ type: "refused", cause: { code } });
    expect(b.refused()).toEqual({ [code]: 1 });
    a.send(event("good"));
    await until(() => a.messages.length === 3);
    expect(a.messages[2]).toEqual({ type: "ack", eventId: "good" });
    expect((await (await client(b)).client.list()).refused).toEqual({ [code]: 1 });
  });

  it("refuses a status that is too large once it is encoded anew, and goes on", async () => {
    const b = await broker();
    const c = await client(b);
    await c.client.subscribe();
    const a = await agent(b);
    // Half-precision floats take 3 bytes; the broker writes 9. The event before it makes the status wait.
    const large = plain.encode({ ...status("p1"), more: "y".repeat(700_000), less: [] });
    const floats = Buffer.alloc(3 * 90_000, Buffer.from("f92e66", "hex"));
    a.send(event("e1"));
    a.ws.send(Buffer.concat([large.subarray(0, -1), Buffer.from("9a00015f90", "hex"), floats]));
    await until(() => c.events.length === 1 && a.messages.length === 3);
    expect(a.messages.map(({ type }) => type).sort()).toEqual(["ack", "refused", "welcome"]);
    a.send(status("p1"));
    await until(() => c.statuses.length === 1);
    expect(b.refused()).toEqual({ too_large: 1 });
  });

  it("turns an agent away when what all agents say of themselves does not fit into one message", async () => {
    const b = await broker();
    const c = await client(b);
    const tags = Array.from({ length: 32 }, (_, i) => String(i).padEnd(128, "é"));
    const hello = async (i: number) => {
      const link = await wire(`${b.address}/agent`, b.agentToken);
      link.send({ type: "hello", protocol: 1, agent: { ...agentInfo(`a${i}`), tags } });
      await until(() => link.messages.length > 0);
      return link;
    };
    const links = [];
    for (let i = 0; links.at(-1)?.messages[0].type !== "refused"; i++) links.push(await hello(i));
    expect(links.length).toBeGreaterThan(20);
    const last = links.at(-1)!;
    await until(() => last.closed !== null);
    expect(last.messages[0]).toMatchObject({ cause: { code: "limit" } });
    expect((await c.client.list()).agents).toHaveLength(links.length - 1);
    await links[0]?.close();
    while ((await c.client.list()).agents.length >= links.length - 1) await pause(5);
    expect((await hello(99)).messages[0]).toMatchObject({ type: "welcome" });
  });

  it("ends a connection that it refuses, even if the peer keeps its own side open", async () => {
    const b = await broker();
    const { hostname, port } = new URL(b.address);
    const stream = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13";
    stream.write(
      `GET /agent HTTP/1.1\r\nHost: x\r\n${upgrade}\r\nSec-WebSocket-Key: ${btoa("0123456789abcdef")}\r\n\r\n`,
    );
    let answer = "";
    stream.on("data", (part) => {
      answer += part;
    });
    stream.on("error", () => {});
    await new Promise((resolve) => stream.once("end", resolve));
    expect(answer).toMatch(/^HTTP\/1.1 401 [\s\S]*"unauthorized"/);
    expect(await Promise.race([b.close(), pause(2000).then(() => "hangs")])).toBeUndefined();
    stream.destroy();
  });

  it("names the field that is wrong, and the event it refuses", async () => {
    const a = await agent(await broker());
    a.send(event("e7", { cause: { code: "x", message: 1 as never, remedy: "" } }));
    await until(() => a.messages.length === 2);
    expect(a.messages[1]).toMatchObject({
      eventId: "e7",
      cause: { message: "event.cause.message must be text", remedy: expect.stringContaining("host/protocol.ts") },
    });
  });

  it("answers a request that is wrong to whoever waits for it", async () => {
    const c = await client(await broker());
    await expect(c.client.put(probe("p1", { hitLimit: 0 }))).rejects.toMatchObject({
      code: "invalid_message",
      message: "put.probe.hitLimit must be a whole number from 1 to 1000",
    });
    await expect(c.client.put(probe("p 1"))).rejects.toMatchObject({ code: "invalid_message" });
    await expect(c.client.put({ ...probe("p1"), template: undefined as never })).rejects.toMatchObject({
      code: "no_template",
    });
    expect((await c.client.list()).probes).toEqual([]);
  });

  it("refuses a message before hello", async () => {
    const b = await broker();
    const c = await wire(`${b.address}/client`, b.clientToken);
    c.send({ type: "list", requestId: 1 });
    await until(() => c.messages.length === 1);
    expect(c.messages[0]).toMatchObject({
      type: "refused",
      cause: { code: "out_of_turn", message: "list came before hello" },
    });
  });

  it("closes a connection that sends text", async () => {
    const b = await broker();
    const a = await agent(b);
    a.ws.send("{}");
    await until(() => a.closed);
    expect(a.closed).toEqual({ code: 1003, reason: "send binary messages: one CBOR map each" });
  });

  it.each([1_048_577, 30_000_000])("refuses a payload of %i bytes with the reason and closes", async (size) => {
    const b = await broker();
    const a = await agent(b);
    a.ws.on("error", () => {});
    a.ws.send(Buffer.alloc(size));
    await until(() => a.closed);
    expect(a.closed).toEqual({ code: 1009, reason: "a message is over the limit of 1048576 bytes" });
    expect(a.messages[1]).toMatchObject({ type: "refused", cause: { code: "too_large" } });
    await until(() => b.refused().too_large === 1);
  });

  it("takes a message just below the limit", async () => {
    const b = await broker();
    const a = await agent(b);
    const fill = "x".repeat(500_000);
    a.send({ ...event("e1"), text: fill, unknown: [fill, "x".repeat(48_000)] });
    await until(() => a.messages.at(-1)?.type === "ack");
  });

  it("cuts off a peer that sends rubbish without end, and holds out against random bytes", async () => {
    const b = await broker();
    const a = await agent(b);
    for (let i = 0; i < 1000; i++) a.ws.send(randomBytes(1 + (i % 50)));
    await until(() => a.closed);
    expect(a.closed).toEqual({ code: 1008, reason: "too many messages were refused" });
    expect(Object.values(b.refused()).reduce((x, y) => x + y)).toBe(BROKER_LIMITS.refusals + 1);
    await agent(b, "a2");
  });

  it("survives a connection that breaks off in the middle of a frame", async () => {
    const b = await broker();
    const a = await agent(b);
    // @ts-expect-error The raw socket is private to the library.
    const raw = a.ws._socket as import("node:net").Socket;
    raw.write(Buffer.from([0x82, 0xfe, 0x10]));
    raw.destroy();
    await pause(20);
    await agent(b, "a2");
  });
});
