import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Broker, startBroker } from "../../broker/index.ts";
import { type Client, connectClient } from "../../host/client.ts";
import type { ProbeEvent, ProbeStatus } from "../../host/protocol.ts";
import { fixture, Program, REGISTER } from "./program.ts";

const WAIT = { timeout: 20_000, interval: 20 };
const LINE =
  readFileSync(fixture("shop.cjs"), "utf8")
    .split("\n")
    .findIndex((line) => line.includes("return total - discount")) + 1;

let folder: string;
let broker: Broker;
let client: Client;
let program: Program | null;
let events: ProbeEvent[];
let statuses: ProbeStatus[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "scripts-"));
  broker = await startBroker({ data: join(folder, "data"), port: 0, announce: false });
  [events, statuses, program] = [[], [], null];
  client = await connectClient(
    { address: broker.address, token: broker.clientToken },
    { onEvent: (event) => events.push(event), onStatus: (status) => statuses.push(status) },
  );
  await client.subscribe({});
});
afterEach(async () => {
  program?.kill();
  client.close();
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

async function shop(env: NodeJS.ProcessEnv): Promise<Program> {
  const settings = { TRACEPOINTDEBUG_BROKER: broker.address, TRACEPOINTDEBUG_TOKEN: broker.agentToken };
  program = await new Program("shop.cjs", { XDG_STATE_HOME: folder, ...settings, ...env }, ["-r", REGISTER]).ready();
  return program;
}

const put = (condition: string) =>
  client.put({
    id: "p1",
    kind: "logpoint",
    file: "fixtures/agent/shop.cjs",
    line: LINE,
    template: "{{cart.id}}: {{total}}",
    condition,
    hitLimit: 3,
    expiresAt: Date.now() + 60_000,
    enabled: true,
    tags: [],
    onError: "skip",
  });

describe("a program that allows scripts", () => {
  it("runs them at its hits over what the frame has, and says so in events and status", async () => {
    const running = await shop({ TRACEPOINTDEBUG_SCRIPTS: "1" });
    await put(
      "js: cart.items.map(i => i.price).reduce((a, b) => a + b, 0) === total && user.name.startsWith('b') && total > 9",
    );
    await vi.waitFor(() => expect(statuses.at(-1)).toMatchObject({ state: "expired", script: true }), WAIT);
    expect(events.map(({ kind, script }) => [kind, script])).toEqual(new Array(3).fill(["log", true]));
    for (const { text } of events) expect(text).toMatch(/^c\d+: 1\d$/);
    const { reached, notDue, conditionFalse, conditionError, rateLimited, fired } = statuses.at(-1)!.counts!;
    expect([notDue + conditionFalse + conditionError + rateLimited + fired, conditionError, fired]).toEqual([
      reached,
      0,
      3,
    ]);
    expect(running.stderr).toBe("");
  });

  it("refuses a name that the frame does not have, and says which it has", async () => {
    await shop({ TRACEPOINTDEBUG_SCRIPTS: "1" });
    await put("js: process.exit(1)");
    await vi.waitFor(() => expect(statuses.at(-1)?.state).toBe("error"), WAIT);
    expect(statuses.at(-1)).toMatchObject({
      cause: {
        code: "undeclared",
        snippet: "js: process.exit(1)\n    ^~~~~~~",
        details: expect.arrayContaining(["cart", "total"]),
      },
    });
  });
});

describe("a program that was not told to allow scripts", () => {
  it("refuses them at once", async () => {
    const running = await shop({});
    await put("js: total > 1");
    await vi.waitFor(
      () => expect(statuses.at(-1)).toMatchObject({ state: "error", cause: { code: "scripts_off" } }),
      WAIT,
    );
    expect((await running.ask("status")).sold).toBeGreaterThan(0);
  });
});
