import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../host/version.ts";
import { broker, tempFolder, until } from "../broker/world.ts";
import { envOf, finished, start } from "./terminal.ts";

describe("the command line", () => {
  it("has the version of the package", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(VERSION).toBe(version);
    expect(await finished(["--version"])).toMatchObject({ code: 0, out: `${version}\n` });
  });

  it("helps with examples and exit codes, and names every command", async () => {
    const { code, out } = await finished(["--help"]);
    expect(code).toBe(0);
    for (const word of [
      "up",
      "log",
      "snap",
      "tail",
      "list",
      "rm",
      "enable",
      "disable",
      "compile",
      "explain",
      "preview",
      "eval",
    ]) {
      expect(out).toMatch(new RegExp(`^ {2}${word} `, "m"));
      expect((await finished([word, "--help"])).code).toBe(0);
    }
    expect(out).toContain("Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no broker or no connection");
  });

  it.each([
    [[], 2],
    [["tial"], 2],
    [["list", "--nonsense"], 2],
  ])("ends %j with code %i", async (argv, code) => {
    expect((await finished(argv)).code).toBe(code);
  });

  it("suggests the command that was meant", async () => {
    expect((await finished(["tial"])).err).toContain("(Did you mean tail?)");
  });

  it("ends with code 3 and a remedy without a broker", async () => {
    expect(await finished(["list"])).toMatchObject({
      code: 3,
      out: "",
      err: "unreachable: no broker runs on this machine\nStart one with `tracepointdebug up`.\n",
    });
    expect(await finished(["list", "--broker", "ws://127.0.0.1:1"])).toMatchObject({ code: 3, err: /^no_token: / });
    const closed = await finished(["list", "--broker", "127.0.0.1:1", "--token", "x"]);
    expect(closed).toMatchObject({ code: 3, err: /^unreachable: no broker answers at ws:\/\/127\.0\.0\.1:1\/client/ });
  });

  it("ends with code 3 when the token is wrong, as JSON if asked", async () => {
    const b = await broker();
    expect(await finished(["tail", "--token", "wrong"], envOf(b))).toMatchObject({
      code: 3,
      err: "unauthorized: The client token is wrong.\nGive the client token that `tracepointdebug up` printed, with --token or TRACEPOINTDEBUG_CLIENT_TOKEN.\n",
    });
    const json = await finished(["list", "--json", "--token", "wrong"], envOf(b));
    expect(json.records()).toMatchObject([{ type: "error", code: "unauthorized" }]);
    expect(json.err).toBe("");
  });
});

describe("up", () => {
  it("announces a broker that commands on the machine find by themselves, and withdraws it at the end", async () => {
    const state = tempFolder();
    const before = process.env.XDG_STATE_HOME;
    process.env.XDG_STATE_HOME = state;
    try {
      const env = { XDG_STATE_HOME: state };
      const running = start(["up", "--port", "0"], env);
      await until(() => running.out.includes("Ctrl-C ends it."));
      const file = join(state, "tracepointdebug", "broker.json");
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const { address, agentToken, clientToken } = JSON.parse(readFileSync(file, "utf8"));
      expect(running.out).toContain(`broker at ${address}\n`);
      expect(running.out).toContain(`TRACEPOINTDEBUG_BROKER=${address}\n  TRACEPOINTDEBUG_TOKEN=${agentToken} `);
      expect(running.out).toContain(`TRACEPOINTDEBUG_CLIENT_TOKEN=${clientToken} `);
      expect(await finished(["list"], env)).toMatchObject({ code: 0, out: "no probes\n\nno programs connected\n" });
      const again = await finished(["up", "--port", "0"], env);
      expect(again).toMatchObject({ code: 3, err: /^data_in_use: a broker already runs on the data folder / });
      running.interrupt();
      expect(await running.done).toBe(130);
      expect((await finished(["list"], env)).code).toBe(3);
    } finally {
      if (before === undefined) delete process.env.XDG_STATE_HOME;
      else process.env.XDG_STATE_HOME = before;
    }
  });
});

describe("compile, explain and eval", () => {
  it("writes a module that WebAssembly accepts", async () => {
    const file = join(tempFolder(), "c.wasm");
    const { code, out } = await finished(["compile", "x > 10", "-o", file]);
    const wasm = readFileSync(file);
    expect(WebAssembly.validate(wasm)).toBe(true);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${file}: condition, ${wasm.length} bytes, at most \\d+ steps, reads x\n$`));
  });

  it.each([
    [["compile", "x > 1", "-o", join("no", "such", "c.wasm")]],
    [["eval", "x", "--vars-file", "nosuch.json"]],
    [["eval", "--batch", "nosuch.jsonl"]],
  ])("says which file cannot be used: %j", async (argv) => {
    const { code, err } = await finished(argv);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^file: \S*(c\.wasm|nosuch\.jsonl?) cannot be used: ENOENT.*\nCheck the path and its permissions\.\n$/,
    );
  });

  it("explains what is read and what it costs", async () => {
    const { code, out } = await finished(["explain", "user.age >= 21 && items.exists(i, i.price > 100.0)"]);
    expect(code).toBe(0);
    expect(out).toContain(
      "reads           user.age (its value) -> slot 0\n                items[*] (records of 1) -> slot 1\n",
    );
    expect(out).toContain("items[*].price (its value) -> slot 0 of a record\n");
    expect(out).toContain("types           &&: bool");
    expect(out).toContain('  (import "env" "memory"');
    expect((await finished(["explain", "--no-wat", "x > 1"])).out).not.toContain("(module");
    expect(out).toMatch(/costs {11}at most \d+ steps/);
  });

  it("previews a condition over events in a file", async () => {
    const file = join(tempFolder(), "events.jsonl");
    const event = (total: number) => ({
      type: "event",
      kind: "snapshot",
      snapshot: { frames: [], captureUs: 1, variables: [["total", { type: "number", value: total }]] },
    });
    writeFileSync(file, `${[5, 50, 500].map((total) => JSON.stringify(event(total))).join("\n")}\n{"type":"status"}\n`);
    const shown = await finished(["preview", "total > 10.0 && user.age > 1", "--events", file]);
    expect([shown.code, shown.err]).toEqual([0, ""]);
    expect(shown.out).toMatch(
      /^fired on 0 of 3 snapshots\nsteps {4}median \d+, at most \d+\nundeclared on 2 of 3: There is no value of this name here\.\n {2}total > 10.0 && user.age > 1\n +\^~*\n {2}Check the spelling;.*\nnot recorded: user \(no such variable\) in 3 of 3\n$/,
    );
    const json = await finished(["preview", "total > 10.0", "--events", file, "--json"]);
    expect(json.records()).toMatchObject([{ type: "previewed", snapshots: 3, fired: 2, notFired: 1, errors: [] }]);
    const template = await finished(["preview", "t {{total}}", "--template", "--events", file]);
    expect(template.out).toContain("\n  t 5\n  t 50\n  t 500\n");
  });

  it.each([
    [[], /^no_events: .*\nGive either --events/],
    [["--events", "x", "--probe", "y"], /^no_events: /],
    [["--events", "nosuch.jsonl"], /^file: nosuch.jsonl cannot be used/],
    [["--events", "package.json"], /^wrong_json: line 1 of the events is not JSON/],
    [["--probe", "y"], /^unreachable: /],
  ])("refuses a preview with %j", async (argv, err) => {
    const result = await finished(["preview", "x > 1", ...argv]);
    expect(result.code).toBeGreaterThan(0);
    expect(result.err).toMatch(err);
  });

  it.each<[string[], number, string, RegExp]>([
    [["x > 10", "--vars", '{"x": 11}'], 0, "true\n", /^$/],
    [["[x, 'a', 1.0, null]", "--vars", '{"x": 1}'], 0, '[1.0, "a", 1.0, null]\n', /^$/],
    [["x {{x}}!", "--template", "--vars", '{"x": "y"}'], 0, "x y!\n", /^$/],
    [["x > 10"], 1, "", /^undeclared/],
    [["x >"], 1, "", /^syntax: .*\n.*\n *\^/],
    [
      ["x.y.z", "--vars", '{"x": {"y": null}}'],
      1,
      "",
      /^null_deref: The value is null .*\nx\.y\.z\n\^~~~~\nTest with x != null first\.\n$/,
    ],
    [["x", "--vars", "{"], 1, "", /^wrong_json: --vars is not JSON/],
  ])("evaluates %j", async (argv, code, out, err) => {
    const result = await finished(["eval", ...argv]);
    expect([result.code, result.out]).toEqual([code, out]);
    expect(result.err).toMatch(err);
  });
});
