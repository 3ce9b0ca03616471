// The command `host`: where it listens, that there is one, and how it ends.
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { broker, client, tempFolder, until } from "../broker/world.ts";
import { PlayedBinding } from "../host/link-world.ts";
import { finished, start } from "./terminal.ts";

const state = () => ({ XDG_STATE_HOME: tempFolder() });
const usual = ({ XDG_STATE_HOME }: { XDG_STATE_HOME: string }) => join(XDG_STATE_HOME, "tracepointdebug", "host.sock");

describe("host", () => {
  it("listens at a socket that only its user may use, and takes it away at its end", async () => {
    const env = state();
    const running = start(["host"], env);
    await until(() => running.out !== "", "the line");
    expect(running.out).toBe(`host at ${usual(env)}, for the Python and Java programs of this user; Ctrl-C ends it.\n`);
    expect(statSync(usual(env)).mode & 0o777).toBe(0o600);
    expect(statSync(join(usual(env), "..")).mode & 0o777).toBe(0o700);
    running.interrupt();
    expect(await running.done).toBe(130);
    expect(existsSync(usual(env))).toBe(false);
    expect(existsSync(`${usual(env)}.lock`)).toBe(false);
  });

  it("ends by itself when no program has been there for a while", async () => {
    const env = state();
    const began = Date.now();
    const { code } = await finished(["host", "--idle", "1"], env);
    expect(code).toBe(0);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1000);
  });

  it("stays as long as there is a program", async () => {
    const env = state();
    const running = start(["host", "--idle", "1"], env);
    await until(() => running.out !== "", "the line");
    const program = new PlayedBinding(usual(env), "a1");
    program.hello();
    await program.next("welcome");
    let ended = false;
    void running.done.then(() => {
      ended = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(ended).toBe(false);
    program.send({ type: "bye" });
    expect(await running.done).toBe(0);
  });

  it("is alone at its socket, also when several start at once", async () => {
    const env = state();
    const all = Array.from({ length: 5 }, () => start(["--json", "host"], env));
    await until(() => all.filter(({ out }) => out.includes("already_running")).length === 4, "four refusals");
    const first = all.find(({ out }) => out.includes('"type":"host"'));
    expect(all.filter(({ out }) => out.includes('"type":"host"'))).toHaveLength(1);
    first?.interrupt();
    expect((await Promise.all(all.map(({ done }) => done))).sort()).toEqual([1, 1, 1, 1, 130]);
  });

  it("takes over from one that was killed", async () => {
    const env = state();
    mkdirSync(join(usual(env), ".."), { recursive: true, mode: 0o700 });
    writeFileSync(usual(env), "");
    // No process has this number: Linux has 4,194,304 at most.
    writeFileSync(`${usual(env)}.lock`, "5000000 1\n");
    const running = start(["host", "--idle", "1"], env);
    await until(() => running.out !== "", "the line");
    running.interrupt();
    await running.done;
  });

  it("says what is wrong", async () => {
    const env = state();
    const cases: [argv: string[], more: object, code: number, message: RegExp][] = [
      [["host", "--socket", `/tmp/${"x".repeat(120)}/s`], {}, 1, /bad_address.*more than 100 bytes/s],
      [["host", "--port", "0"], {}, 1, /no_token.*TRACEPOINTDEBUG_HOST_TOKEN/s],
      [["host"], { TRACEPOINTDEBUG_HOST: "tcp://10.0.0.1:1" }, 1, /bad_address/],
      [["host", "--idle", "soon"], {}, 2, /unit/],
      [["host", "--port", "70000"], {}, 2, /65535/],
    ];
    for (const [argv, more, code, message] of cases) {
      const ended = await finished(argv, { ...env, ...more });
      expect([ended.code, ended.err], argv.join(" ")).toEqual([code, expect.stringMatching(message)]);
    }
  });

  it("refuses a folder that others may write to", async () => {
    const folder = join(tempFolder(), "open");
    mkdirSync(folder, { mode: 0o700 });
    const { chmodSync } = await import("node:fs");
    chmodSync(folder, 0o777);
    const { code, err } = await finished(["host", "--socket", join(folder, "s")], state());
    expect([code, err]).toEqual([1, expect.stringContaining("not_private")]);
  });

  it("uses a short path where the state folder's is too long for a socket", async () => {
    const XDG_STATE_HOME = join(tempFolder(), "x".repeat(100));
    const TMPDIR = tempFolder();
    const running = start(["--json", "host"], { XDG_STATE_HOME, TMPDIR });
    await until(() => running.out !== "", "the line");
    const { address } = running.records()[0];
    expect(address).toMatch(new RegExp(`^${TMPDIR}/tracepointdebug-\\d+/[0-9a-f]{16}\\.sock$`));
    expect(statSync(join(address, "..")).mode & 0o777).toBe(0o700);
    running.interrupt();
    await running.done;
  });

  it("at a port lets in who shows its token, and links to the broker that is named", async () => {
    const b = await broker();
    const person = await client(b);
    const env = {
      ...state(),
      TRACEPOINTDEBUG_HOST_TOKEN: "s3cret",
      TRACEPOINTDEBUG_BROKER: b.address,
      TRACEPOINTDEBUG_TOKEN: b.agentToken,
    };
    const running = start(["--json", "host", "--port", "0"], env);
    await until(() => running.out !== "", "the line");
    const port = Number(running.records()[0].address.split(":").at(-1));
    const stranger = new PlayedBinding(port, "a1");
    stranger.hello({ token: "guess" });
    expect(await stranger.next("refused")).toMatchObject({ fatal: true, cause: { code: "unauthorized" } });
    await until(() => stranger.closed, "the end");
    const program = new PlayedBinding(port, "a2");
    program.hello({ token: "s3cret" });
    await program.next("welcome");
    await until(() => person.client.agents.length === 1, "the agent");
    running.interrupt(143);
    expect(await running.done).toBe(143);
  });
});
