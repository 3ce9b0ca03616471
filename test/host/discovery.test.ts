import { chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  brokerUrl,
  findBroker,
  readBroker,
  sameAddress,
  stateFolder,
  withdrawBroker,
  writeBroker,
} from "../../host/discovery.ts";
import { tempFolder } from "../broker/world.ts";

const RUNNING = {
  address: "ws://127.0.0.1:4717",
  pid: process.pid,
  agentToken: "agent-secret",
  clientToken: "client-secret",
};

function home(): { env: NodeJS.ProcessEnv; file: string } {
  const env = { XDG_STATE_HOME: tempFolder() };
  return { env, file: join(stateFolder(env), "broker.json") };
}

describe("finding the broker", () => {
  it("finds the one that was announced, with the token of the role, in a file of the user only", () => {
    const { env, file } = home();
    expect(findBroker("agent", env)).toBeNull();
    writeBroker(RUNNING, env);
    expect(findBroker("agent", env)).toEqual({ address: RUNNING.address, token: "agent-secret" });
    expect(findBroker("client", env)).toEqual({ address: RUNNING.address, token: "client-secret" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(stateFolder(env)).mode & 0o777).toBe(0o700);
    expect(readdirSync(stateFolder(env))).toEqual(["broker.json"]);
  });

  it("takes an announcement back, but not that of a successor", () => {
    const { env } = home();
    writeBroker(RUNNING, env);
    writeBroker({ ...RUNNING, address: "ws://127.0.0.1:5000" }, env);
    withdrawBroker(RUNNING, env);
    expect(readBroker(env)?.address).toBe("ws://127.0.0.1:5000");
    withdrawBroker({ ...RUNNING, address: "ws://127.0.0.1:5000" }, env);
    expect(readBroker(env)).toBeNull();
  });

  it.each<[string, (file: string) => void]>([
    ["has ended", (file) => writeFileSync(file, JSON.stringify({ ...RUNNING, pid: 999_999_999 }))],
    ["others can read", (file) => chmodSync(file, 0o644)],
    ["is not JSON", (file) => writeFileSync(file, "{")],
    ["is something else", (file) => writeFileSync(file, "[]")],
    ["lacks a token", (file) => writeFileSync(file, JSON.stringify({ ...RUNNING, agentToken: undefined }))],
  ])("ignores an announcement that %s", (_, damage) => {
    const { env, file } = home();
    writeBroker(RUNNING, env);
    damage(file);
    expect(findBroker("agent", env)).toBeNull();
  });

  it.each<[string, NodeJS.ProcessEnv, string | null]>([
    ["address and token", { TRACEPOINTDEBUG_BROKER: "ws://far:1", TRACEPOINTDEBUG_TOKEN: "t" }, "ws://far:1 t"],
    ["an unknown address alone", { TRACEPOINTDEBUG_BROKER: "ws://far:1" }, null],
    ["the known address in other words", { TRACEPOINTDEBUG_BROKER: "localhost:4717" }, "localhost:4717 agent-secret"],
    ["a token alone", { TRACEPOINTDEBUG_TOKEN: "t" }, "ws://127.0.0.1:4717 t"],
    ["the client's token", { TRACEPOINTDEBUG_CLIENT_TOKEN: "t" }, "ws://127.0.0.1:4717 agent-secret"],
  ])("lets the environment go first: %s", (_, variables, expected) => {
    const { env } = home();
    writeBroker(RUNNING, env);
    const found = findBroker("agent", { ...env, ...variables });
    expect(found && `${found.address} ${found.token}`).toBe(expected);
  });

  it.each([
    ["127.0.0.1:4717", "ws://127.0.0.1:4717/agent"],
    ["http://h:1/", "ws://h:1/agent"],
    ["https://h", "wss://h/agent"],
    ["wss://h/prefix//", "wss://h/prefix/agent"],
  ])("makes a URL of %s", (address, url) => {
    expect(brokerUrl(address, "/agent")).toBe(url);
  });

  it("knows two spellings of one address", () => {
    expect(sameAddress("localhost:4717", "ws://127.0.0.1:4717/")).toBe(true);
    expect(sameAddress("localhost:4717", "ws://127.0.0.1:4718")).toBe(false);
    expect(sameAddress("wss://h", "ws://h")).toBe(false);
  });

  it.each<[NodeJS.ProcessEnv, string]>([
    [{ XDG_STATE_HOME: "/state" }, "/state/tracepointdebug"],
    [{ HOME: "/home/ann" }, "/home/ann/.local/state/tracepointdebug"],
  ])("keeps the state of a user with %j in %s", (env, folder) => {
    expect(stateFolder(env)).toBe(folder);
  });
});
