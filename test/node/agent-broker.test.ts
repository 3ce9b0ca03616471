import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Broker, startBroker } from "../../broker/index.ts";
import { type Client, connectClient } from "../../host/client.ts";
import type { ProbeEvent, ProbeSpec, ProbeStatus } from "../../host/protocol.ts";
import { fixture, Program, REGISTER } from "./program.ts";

/** The line of the fixture that has this text. */
const lineOf = (text: string) =>
  readFileSync(fixture("shop.cjs"), "utf8")
    .split("\n")
    .findIndex((line) => line.includes(text)) + 1;
const LINE = lineOf("return total - discount");
const WAIT = { timeout: 15_000, interval: 20 };

let folder: string;
let brokers: Broker[];
let programs: Program[];
let clients: Client[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-"));
  [brokers, programs, clients] = [[], [], []];
});
afterEach(async () => {
  for (const program of programs) program.kill();
  for (const client of clients) client.close();
  for (const broker of brokers) await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

async function broker(port = 0): Promise<Broker> {
  const made = await startBroker({ data: join(folder, "data"), port, announce: false });
  brokers.push(made);
  return made;
}

/** A person who watches everything. */
async function person({ address, clientToken }: Broker) {
  const events: ProbeEvent[] = [];
  const statuses: ProbeStatus[] = [];
  const client = await connectClient(
    { address, token: clientToken },
    { onEvent: (event) => events.push(event), onStatus: (status) => statuses.push(status) },
  );
  clients.push(client);
  await client.subscribe({ replay: 10_000 });
  return { client, events, statuses, last: () => statuses.at(-1) };
}

async function program(env: NodeJS.ProcessEnv, execArgv: string[] = []): Promise<Program> {
  const made = new Program("shop.cjs", { XDG_STATE_HOME: folder, ...env }, execArgv);
  programs.push(made);
  return made.ready();
}

const settings = ({ address, agentToken }: Broker) => ({
  TRACEPOINTDEBUG_BROKER: address,
  TRACEPOINTDEBUG_TOKEN: agentToken,
});

function probe(spec: Partial<ProbeSpec>): ProbeSpec {
  return {
    id: "p1",
    kind: "logpoint",
    file: "fixtures/agent/shop.cjs",
    line: LINE,
    ...(spec.kind === "tracepoint" ? {} : { template: "cart {{cart.id}} of {{user.name}}: {{total}}" }),
    hitLimit: 5,
    expiresAt: Date.now() + 60_000,
    enabled: true,
    tags: [],
    onError: "skip",
    ...spec,
  };
}

describe("an agent with its broker", () => {
  it("carries a conditional logpoint from a person to the program and its lines back", async () => {
    const running = await broker();
    const { client, events, last } = await person(running);
    const shop = await program(settings(running), ["-r", REGISTER]);
    await client.put(probe({ condition: "user.age >= 21 && total > 10.0" }));
    await vi.waitFor(() => expect(last()).toMatchObject({ state: "expired", cause: { code: "hit_limit" } }), WAIT);
    expect(events).toHaveLength(5);
    for (const { kind, text, hit } of events) {
      expect(kind).toBe("log");
      expect(text).toMatch(/^cart c\d+ of bob: 11$/);
      expect(hit).toBeGreaterThan(0);
    }
    const { reached, notDue, conditionFalse, conditionError, rateLimited, fired } = last()!.counts!;
    expect(notDue + conditionFalse + conditionError + rateLimited + fired).toBe(reached);
    expect([fired, conditionError]).toEqual([5, 0]);
    expect(shop.stderr).toBe("");
  });

  it("knows the special identifiers, and reads no value whose name is redacted", async () => {
    const running = await broker();
    const { client, events } = await person(running);
    await program({ ...settings(running), TRACEPOINTDEBUG_REDACT: "ssn, Loyalty-Card" }, ["-r", REGISTER]);
    const line = lineOf("return token.length");
    const template =
      "{{@class}}.{{@method}}:{{@line}} {{@hits}} {{@thread}} {{@traceId}} {{@args}} {{token}} {{pin ?? 1}}";
    await client.put(
      probe({ line, template, hitLimit: 2, condition: "@args.cart.id == cart.id && @hits < 2 && @now > timestamp(0)" }),
    );
    await vi.waitFor(() => expect(events.length).toBe(2), WAIT);
    const denied = "<error: redacted>";
    expect(events.map(({ text }) => text?.replace(/"c\d+"/, '"c"'))).toEqual(
      [0, 1].map(
        (hit) =>
          `Till.close:${line} ${hit} main null {cart: Object{id: "c"}, pin: ${denied}, name: "bob", extra: 1} ${denied} ${denied}`,
      ),
    );
    await client.put(probe({ id: "p2", line, kind: "tracepoint", hitLimit: 1 }));
    await vi.waitFor(() => expect(events.length).toBe(3), WAIT);
    const variables = new Map(events[2]!.snapshot!.variables);
    expect(variables.get("pin")).toMatchObject({ type: "omitted", omitted: "redacted" });
    expect(variables.get("token")).toMatchObject({ omitted: "redacted" });
    expect(JSON.stringify(events)).not.toContain("1234");
  });

  it("waits for a broker that is not there yet, and finds it by itself", async () => {
    const shop = await program({});
    expect((await shop.ask("status")).status.broker).toMatchObject({ state: "connecting" });
    const running = await startBroker({ data: join(folder, "data"), port: 0, announce: false });
    brokers.push(running);
    const { writeBroker } = await import("../../host/discovery.ts");
    const { address, agentToken, clientToken } = running;
    writeBroker({ address, agentToken, clientToken, pid: process.pid }, { XDG_STATE_HOME: folder });
    const { client, events } = await person(running);
    await client.put(probe({}));
    await vi.waitFor(() => expect(events.length).toBe(5), WAIT);
    expect(shop.stderr).toBe("");
  });

  it("loses nothing acknowledged when the broker dies and comes back, and keeps its probes", async () => {
    const first = await broker();
    const port = Number(new URL(first.address).port);
    const one = await person(first);
    const shop = await program(settings(first));
    await one.client.put(probe({ hitLimit: 1000, rate: 100 }));
    await vi.waitFor(() => expect(one.events.length).toBeGreaterThan(5), WAIT);
    await first.close();
    const before = one.events.length;
    shop.tell("sell", 20);
    await vi.waitFor(async () => expect((await shop.ask("status")).status.broker!.state).toBe("connecting"), WAIT);
    const second = await broker(port);
    const two = await person(second);
    await vi.waitFor(() => expect(two.events.length).toBeGreaterThan(before + 20), WAIT);
    // Every event once, in order, those of the gap included: the hits of what is kept have no holes but refused ones.
    const hits = two.events.map(({ hit }) => hit);
    expect(hits).toEqual([...new Set(hits)].sort((a, b) => a - b));
    expect(two.events.slice(0, before).map(({ eventId }) => eventId)).toEqual(one.events.map(({ eventId }) => eventId));
    const { status, sold } = await shop.ask("status");
    expect(status.dropped).toBe(0);
    expect(status.placement!.edits).toBeLessThanOrEqual(1);
    expect(sold).toBeGreaterThan(20);
    expect(shop.stderr).toBe("");
  });

  it("with a wrong token says so once, and the program runs on", async () => {
    const running = await broker();
    const shop = await program({ ...settings(running), TRACEPOINTDEBUG_TOKEN: "wrong" });
    await vi.waitFor(async () => expect((await shop.ask("status")).status.broker!.state).toBe("refused"), WAIT);
    const { status, sold } = await shop.ask("status");
    expect(status.broker!.cause!.code).toBe("unauthorized");
    await vi.waitFor(async () => expect((await shop.ask("status")).sold).toBeGreaterThan(sold), WAIT);
    expect(shop.stderr.match(/tracepointdebug: /g)).toHaveLength(1);
  });

  it("takes its probes out on stop, and has them again after start", async () => {
    const running = await broker();
    const { client, events } = await person(running);
    const shop = await program(settings(running));
    await client.put(probe({ hitLimit: 1000, rate: 50 }));
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(3), WAIT);
    expect((await shop.ask("stop")).status).toMatchObject({ state: "off", probes: [] });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const stopped = events.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(events.length).toBe(stopped);
    await shop.ask("start");
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(stopped), WAIT);
  });

  it("takes snapshots whose stack begins in the program", async () => {
    const running = await broker();
    const { client, events } = await person(running);
    await program(settings(running));
    await client.put(probe({ kind: "tracepoint", condition: "user.age >= 60", hitLimit: 2 }));
    await vi.waitFor(() => expect(events).toHaveLength(2), WAIT);
    const { kind, file, line, snapshot } = events[0]!;
    expect([kind, file, line]).toEqual(["snapshot", fixture("shop.cjs"), LINE]);
    expect(snapshot!.frames.slice(0, 2).map(({ function: name, file }) => [name, file])).toEqual([
      ["checkout", fixture("shop.cjs")],
      ["Timeout.sell", fixture("shop.cjs")],
    ]);
    expect(snapshot!.frames[0]!.line).toBe(LINE);
    const variables = new Map(snapshot!.variables);
    expect([...variables.keys()]).toEqual(expect.arrayContaining(["cart", "user", "total", "discount"]));
    expect(variables.get("user")).toMatchObject({ type: "object", class: "Object" });
    expect(variables.get("total")!.type).toBe("number");
  });

  it("switches a probe off and on", async () => {
    const running = await broker();
    const { client, events, last } = await person(running);
    await program(settings(running));
    await client.put(probe({ hitLimit: 1000, rate: 50 }));
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(3), WAIT);
    await client.enable("p1", false);
    await vi.waitFor(() => expect(last()!.state).toBe("disabled"), WAIT);
    const off = events.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(events.length).toBe(off);
    await client.enable("p1", true);
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(off), WAIT);
    await client.remove("p1");
    await vi.waitFor(() => expect(last()!.state).toBe("removed"), WAIT);
  });

  it("serves a program in prepared mode just so", async () => {
    const running = await broker();
    const { client, events } = await person(running);
    const env = { ...settings(running), TRACEPOINTDEBUG_PREPARED: "1" };
    const shop = await program(env, ["-r", REGISTER]);
    await client.put(probe({ condition: "total > 10.0" }));
    await vi.waitFor(() => expect(events.length).toBe(5), WAIT);
    expect(events[0]!.line).toBe(LINE);
    expect(shop.stderr).toBe("");
    // The thread of the loader hooks is no second program.
    expect((await client.list()).agents).toHaveLength(1);
  });

  it("lets a probe in its own sending of events live within its limits", async () => {
    const running = await broker();
    const { client, events, last } = await person(running);
    const shop = await program(settings(running));
    const file = "node_modules/ws/lib/sender.js";
    const source = readFileSync(file, "utf8").split("\n");
    const line = source.findIndex((text) => text.includes("sendFrame(list, cb) {")) + 2;
    expect(line).toBeGreaterThan(2);
    await client.put(probe({ file, line, template: "sent", hitLimit: 20 }));
    await vi.waitFor(() => expect(last()).toMatchObject({ state: "expired", cause: { code: "hit_limit" } }), WAIT);
    expect(events).toHaveLength(20);
    expect((await shop.ask("status")).status.state).toBe("running");
  });

  it("says what is wrong with a name, with the names that can be read", async () => {
    const running = await broker();
    const { client, last } = await person(running);
    await program(settings(running));
    await client.put(probe({ condition: "user.age > 1 && nobody > 2" }));
    await vi.waitFor(() => expect(last()).toMatchObject({ state: "error", cause: { code: "undeclared" } }), WAIT);
    const { snippet, details } = last()!.cause!;
    expect(details).toEqual(expect.arrayContaining(["cart", "user", "total", "discount"]));
    expect(snippet!.split("\n").at(-1)!.indexOf("^")).toBe(snippet!.split("\n").at(-2)!.indexOf("nobody"));
  });
});

describe("events that wait when the program ends", () => {
  const COUNT = 60;

  it.each([
    ["by itself", "finish", 0],
    ["with process.exit()", "exit", 3],
    ["with an uncaught exception", "crash", 1],
  ])("%s arrive within the limit", async (_name, command, exitCode) => {
    const running = await broker();
    const { client, events, last } = await person(running);
    const shop = await program(settings(running));
    await client.put(probe({ hitLimit: 1000, condition: "total > 5.0", template: "{{cart.id}}" }));
    await vi.waitFor(() => expect(last()?.state).toMatch(/installed|emitting/), WAIT);
    const before = events.length;
    const told = performance.now();
    shop.tell(command, COUNT);
    expect(await shop.ended()).toBe(exitCode);
    expect(performance.now() - told).toBeLessThan(3000);
    // 60 % of the totals are over 5.
    await vi.waitFor(() => expect(events.length - before).toBeGreaterThanOrEqual(COUNT * 0.6), WAIT);
  });

  it("hold a program whose broker is gone for no longer than the limit", async () => {
    const running = await broker();
    const { client, last } = await person(running);
    const shop = await program(settings(running));
    await client.put(probe({ hitLimit: 1000 }));
    await vi.waitFor(() => expect(last()?.state).toMatch(/installed|emitting/), WAIT);
    await running.close();
    const told = performance.now();
    shop.tell("finish", 50);
    expect(await shop.ended()).toBe(0);
    expect(performance.now() - told).toBeLessThan(2500);
  });
});
