// The built command as real processes: `npm test` builds it first.
import { type ChildProcess, spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { connectClient } from "../../host/client.ts";
import { findBroker } from "../../host/discovery.ts";
import { connectTransport } from "../../host/websocket.ts";
import { agentInfo, cleanUp, event, probe, tempFolder, until } from "../broker/world.ts";

interface Process {
  readonly child: ChildProcess;
  out: string;
  readonly exit: Promise<number | string | null>;
}

function command(state: string, ...argv: string[]): Process {
  const child = spawn(process.execPath, ["dist/cjs/cli/index.js", ...argv], {
    env: { PATH: process.env.PATH, XDG_STATE_HOME: state },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const made: Process = {
    child,
    out: "",
    exit: new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal))),
  };
  child.stdout!.on("data", (data) => {
    made.out += data;
  });
  cleanUp(() => child.kill("SIGKILL"));
  return made;
}

async function up(state: string): Promise<Process> {
  const started = command(state, "up", "--port", "0");
  await until(() => started.out.includes("Ctrl-C ends it."), "the broker");
  return started;
}

describe("the command as a process", () => {
  it("loses no acknowledged event and no probe when the broker is killed, and agents find its successor by themselves", async () => {
    const state = tempFolder();
    const env = { XDG_STATE_HOME: state };
    const first = await up(state);
    const transport = connectTransport({
      ...findBroker("agent", env)!,
      find: () => findBroker("agent", env),
      agent: agentInfo("a1"),
      onMessage: () => {},
      limits: { reconnectMs: 20, maxReconnectMs: 50 },
    });
    cleanUp(() => transport.close());
    const before = await connectClient(findBroker("client", env)!);
    await before.put(probe("p1"));
    for (let i = 1; i <= 300; i++) transport.send(event(`e${i}`));
    await transport.flush(3000);
    for (let i = 301; i <= 600; i++) transport.send(event(`e${i}`));
    first.child.kill("SIGKILL");
    expect(await first.exit).toBe("SIGKILL");

    const second = await up(state);
    await until(() => transport.connected, "the reconnect");
    await transport.flush(3000);
    const tail = command(state, "tail", "--json", "--replay", "1000", "-n", "600");
    expect(await tail.exit).toBe(0);
    const ids = tail.out
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).eventId);
    expect(ids).toEqual(Array.from({ length: 600 }, (_, i) => `e${i + 1}`));
    const list = command(state, "list");
    expect(await list.exit).toBe(0);
    expect(list.out).toContain('p1  log  src/cart.js:42 "hi"');
    second.child.kill("SIGINT");
    expect(await second.exit).toBe(130);
    const none = command(state, "list", "--json");
    expect(await none.exit).toBe(3);
    expect(JSON.parse(none.out)).toMatchObject({ type: "error", code: "unreachable" });
  });
});
