import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { AgentStatus } from "../../bindings/node/index.ts";
import { fixture, REGISTER, run } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** No broker is announced in an empty state folder. */
const ALONE = { XDG_STATE_HOME: folder };

describe("an agent without a broker", () => {
  it("starts once, says so, and does not keep the program alive", async () => {
    const { lines, stderr, code, ms } = await run([fixture("brief.cjs")], ALONE);
    const { first, second, status } = JSON.parse(lines[0]!) as Record<string, AgentStatus>;
    expect([code, stderr]).toEqual([0, ""]);
    expect(first).toMatchObject({
      state: "running",
      probes: [],
      dropped: 0,
      agent: { app: "brief", threadId: 0, tags: [] },
    });
    expect(second!.agent).toEqual(first!.agent);
    expect(status!.broker).toMatchObject({ state: "connecting", cause: { code: "unreachable" } });
    expect(ms).toBeLessThan(5000);
  });

  it("can be stopped and started again, any number of times, and leaves no name behind", async () => {
    const { lines, stderr, code } = await run([fixture("lives.cjs")], ALONE);
    const seen = JSON.parse(lines[0]!);
    expect([code, stderr]).toEqual([0, ""]);
    expect(seen).toMatchObject({ before: "off", between: "off", after: "off", globals: [] });
    expect(seen.first.agent.agentId).not.toBe(seen.second.agent.agentId);
  });

  it("is one for ES modules, CommonJS and a second copy of the package", async () => {
    const copy = join(folder, "copy");
    mkdirSync(copy);
    cpSync("dist/cjs", join(copy, "cjs"), { recursive: true });
    symlinkSync(resolve("node_modules"), join(copy, "node_modules"), "junction");
    const { lines, stderr } = await run([fixture("copies.mjs")], {
      ...ALONE,
      AGENT_COPY: join(copy, "cjs/bindings/node/index.js"),
    });
    expect(stderr).toBe("");
    expect(JSON.parse(lines[0]!)).toEqual({ same: true, distinct: true });
    expect(lines[1]).toBe("off");
  });

  it("is one of its own in a worker thread", async () => {
    const { lines, stderr } = await run([fixture("threads.cjs")], ALONE);
    expect(stderr).toBe("");
    const { main, worker } = JSON.parse(lines[0]!);
    expect([main.threadId, worker.threadId]).toEqual([0, 1]);
    expect(worker.agentId).not.toBe(main.agentId);
    expect(JSON.parse(lines[1]!)).toEqual({ code: 0 });
  });
});

describe("wrong settings", () => {
  it("of a broker leave the agent disabled, said once, and the program unharmed", async () => {
    const { lines, stderr, code } = await run([fixture("brief.cjs")], { ...ALONE, AGENT_OPTIONS: '{"broker":5}' });
    const { first } = JSON.parse(lines[0]!);
    expect(code).toBe(0);
    expect(first).toMatchObject({ state: "disabled", cause: { code: "bad_setting" } });
    expect(stderr).toBe(
      "tracepointdebug: The setting broker must be an address such as 127.0.0.1:4717 or wss://broker.example. Correct broker, or leave it out.\n",
    );
  });

  it("of lesser weight are left out and reported", async () => {
    const options = JSON.stringify({ engine: "warp", tags: 7, log: "off" });
    const { lines, stderr } = await run([fixture("brief.cjs")], { ...ALONE, AGENT_OPTIONS: options });
    const { first } = JSON.parse(lines[0]!);
    expect(first.state).toBe("running");
    expect(first.problems.map(({ code }: { code: string }) => code)).toEqual(["bad_setting", "bad_setting"]);
    expect(stderr).toBe("");
  });

  it.each(["-r", "--import"])("in the environment do not stop a program that is started with %s", async (flag) => {
    const env = {
      ...ALONE,
      TRACEPOINTDEBUG_BROKER: "ftp://x",
      TRACEPOINTDEBUG_ENGINE: "warp",
      TRACEPOINTDEBUG_LOG: "loud",
    };
    const { lines, stderr, code } = await run([flag, REGISTER, fixture("plain.cjs")], env);
    expect([code, lines]).toEqual([0, ["done function"]]);
    expect(stderr.split("\n").filter((line) => line !== "")).toHaveLength(3);
  });
});

describe("a process without WebAssembly", () => {
  it("is told so once, and start does nothing", async () => {
    const { lines, stderr, code } = await run(["--jitless", fixture("brief.cjs")], ALONE);
    const { first, second } = JSON.parse(lines[0]!);
    expect(code).toBe(0);
    expect(first).toMatchObject({ state: "disabled", cause: { code: "no_webassembly" }, probes: [] });
    expect(second).toEqual(first);
    expect(stderr.match(/WebAssembly/g)).toHaveLength(1);
    expect(stderr).toMatch(/^tracepointdebug: This process has no WebAssembly.*--jitless\.$/m);
  });

  it("runs as ever when the agent is registered before it", async () => {
    const { lines, stderr, code } = await run(["--jitless", "-r", REGISTER, fixture("plain.cjs")], ALONE);
    expect([code, lines]).toEqual([0, ["done function"]]);
    expect(stderr.match(/WebAssembly/g)).toHaveLength(1);
  });
});
