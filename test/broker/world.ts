// A broker in a temporary folder, agents and clients around it, and what tests need to wait for. Everything is closed at the end
// of each test.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import WebSocket from "ws";
import { type Broker, type BrokerOptions, startBroker } from "../../broker/index.ts";
import { type Client, connectClient } from "../../host/client.ts";
import { decodeMessage, encodeMessage } from "../../host/codec.ts";
import type { AgentInfo, ProbeEvent, ProbeSpec, ProbeStatus } from "../../host/protocol.ts";

const cleanups: (() => unknown)[] = [];

/** Runs after the test, last registered first. */
export function cleanUp(work: () => unknown): void {
  cleanups.push(work);
}

afterEach(async () => {
  for (const work of cleanups.splice(0).reverse()) await work();
});

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tracepointdebug-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function broker(options: BrokerOptions = {}): Promise<Broker> {
  const started = await startBroker({ port: 0, announce: false, data: tempFolder(), ...options });
  cleanUp(() => started.close());
  return started;
}

/** Polls until the condition holds. */
export async function until(condition: () => unknown, what = "the condition"): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end; ) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`${what} did not come about: ${condition}`);
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export interface Wire {
  readonly ws: WebSocket;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of any type
  readonly messages: any[];
  closed: { code: number; reason: string } | null;
  send(message: object): void;
  close(): Promise<void>;
}

/** A bare WebSocket connection; resolves when it is open, rejects with the HTTP status and cause. */
export function wire(url: string, token: string | null, headers: Record<string, string> = {}): Promise<Wire> {
  const ws = new WebSocket(url, {
    headers: { ...(token === null ? {} : { Authorization: `Bearer ${token}` }), ...headers },
    perMessageDeflate: false,
  });
  const made: Wire = {
    ws,
    messages: [],
    closed: null,
    send: (message) => ws.send(encodeMessage(message)),
    async close() {
      if (ws.readyState !== WebSocket.CLOSED) {
        ws.terminate();
        await until(() => made.closed, "close");
      }
    },
  };
  ws.on("message", (data) => made.messages.push(decodeMessage(data as Buffer)));
  ws.on("close", (code, reason) => {
    made.closed = { code, reason: reason.toString() };
  });
  cleanUp(() => made.close());
  return new Promise((resolve, reject) => {
    ws.on("open", () => resolve(made));
    ws.on("error", reject);
    ws.on("unexpected-response", (request, response) => {
      let body = "";
      response.on("data", (part) => {
        body += part;
      });
      response.on("end", () => {
        request.destroy();
        reject(Object.assign(new Error("refused"), { status: response.statusCode, cause: JSON.parse(body) }));
      });
    });
  });
}

export function agentInfo(agentId: string): AgentInfo {
  return {
    agentId,
    app: "shop",
    runtime: "node 20",
    agentVersion: "0.1.0",
    pid: 1,
    threadId: 0,
    host: "box",
    tags: [],
  };
}

/** An agent that answers nothing by itself. */
export async function agent(to: Broker, agentId = "a1"): Promise<Wire> {
  const made = await wire(`${to.address}/agent`, to.agentToken);
  made.send({ type: "hello", protocol: 1, agent: agentInfo(agentId) });
  await until(() => made.messages.some((message) => message.type === "welcome"), "welcome");
  return made;
}

export interface TestClient {
  readonly client: Client;
  readonly events: ProbeEvent[];
  readonly statuses: ProbeStatus[];
}

export async function client(to: Broker): Promise<TestClient> {
  const events: ProbeEvent[] = [];
  const statuses: ProbeStatus[] = [];
  const made = await connectClient(
    { address: to.address, token: to.clientToken },
    { onEvent: (event) => events.push(event), onStatus: (status) => statuses.push(status) },
  );
  cleanUp(() => made.close());
  return { client: made, events, statuses };
}

export function probe(id: string, changes: Partial<ProbeSpec> = {}): ProbeSpec {
  return {
    id,
    kind: "logpoint",
    file: "src/cart.js",
    line: 42,
    template: "hi",
    hitLimit: 50,
    expiresAt: Date.now() + 60_000,
    enabled: true,
    tags: [],
    onError: "skip",
    ...changes,
  };
}

export function event(eventId: string, changes: Partial<ProbeEvent> = {}): ProbeEvent {
  return {
    type: "event",
    eventId,
    probeId: "p1",
    agentId: "a1",
    at: 1.5,
    kind: "log",
    file: "src/cart.js",
    line: 42,
    hit: 1,
    text: `text of ${eventId}`,
    dropped: 0,
    ...changes,
  };
}

export function status(probeId: string, changes: Partial<ProbeStatus> = {}): ProbeStatus {
  return { type: "status", probeId, agentId: "a1", at: 1.5, state: "installed", ...changes };
}
