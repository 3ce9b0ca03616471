import { describe, expect, it } from "vitest";
import { PLACE_LIMITS } from "../../bindings/node/limits.ts";
import { readSettings } from "../../bindings/node/settings.ts";

const codes = (options: unknown, env: NodeJS.ProcessEnv = {}) => {
  const { problems } = readSettings(options, env);
  return problems.map(({ message }) => message.replace(/^The setting (\S+) .*/, "$1"));
};

describe("settings", () => {
  it("have defaults that need no word of a person", () => {
    expect(readSettings(undefined, {})).toMatchObject({
      broker: null,
      token: null,
      tags: [],
      engine: "auto",
      maxEditMs: PLACE_LIMITS.maxEditMs,
      prepared: false,
      scripts: false,
      logLevel: "warn",
      log: null,
      problems: [],
      fatal: null,
    });
  });

  it("come from the environment", () => {
    const env = {
      TRACEPOINTDEBUG_BROKER: " 127.0.0.1:4717 ",
      TRACEPOINTDEBUG_TOKEN: "secret",
      TRACEPOINTDEBUG_ENGINE: "inspector",
      TRACEPOINTDEBUG_MAX_EDIT_MS: "1500",
      TRACEPOINTDEBUG_APP: "shop",
      TRACEPOINTDEBUG_TAGS: "blue, canary,,blue",
      TRACEPOINTDEBUG_PREPARED: "1",
      TRACEPOINTDEBUG_SCRIPTS: "1",
      TRACEPOINTDEBUG_LOG: "debug",
    };
    expect(readSettings(undefined, env)).toMatchObject({
      broker: "127.0.0.1:4717",
      token: "secret",
      engine: "inspector",
      maxEditMs: 1500,
      app: "shop",
      tags: ["blue", "canary"],
      prepared: true,
      scripts: true,
      logLevel: "debug",
      problems: [],
    });
  });

  it("prefer what the program gives over the environment", () => {
    const { app, tags } = readSettings(
      { app: "a", tags: ["x"] },
      { TRACEPOINTDEBUG_APP: "b", TRACEPOINTDEBUG_TAGS: "y" },
    );
    expect([app, tags]).toEqual(["a", ["x"]]);
  });

  it("take an empty variable as none", () => {
    expect(
      codes(undefined, { TRACEPOINTDEBUG_BROKER: "", TRACEPOINTDEBUG_TOKEN: "", TRACEPOINTDEBUG_LOG: "" }),
    ).toEqual([]);
  });

  it.each([["wss://broker.example/path"], ["https://broker.example"], ["ws://[::1]:4717"], ["localhost:4717"]])(
    "accept %s as an address",
    (broker) => {
      expect(readSettings({ broker }, {})).toMatchObject({ broker, problems: [] });
    },
  );

  it.each<[string, unknown, string[]]>([
    ["options that are no object", 7, ["options"]],
    ["a broker that is no text", { broker: 4717 }, ["broker"]],
    ["a broker of another protocol", { broker: "ftp://x" }, ["broker"]],
    ["a token that is empty", { token: " " }, ["token"]],
    ["an unknown engine", { engine: "warp" }, ["engine"]],
    ["a time of edits that is no number", { maxEditMs: "soon" }, ["maxEditMs"]],
    ["a time of edits that is negative", { maxEditMs: -1 }, ["maxEditMs"]],
    ["a time of edits that is a symbol", { maxEditMs: Symbol("ms") }, ["maxEditMs"]],
    ["a time of edits over the limit", { maxEditMs: 60_001 }, ["maxEditMs"]],
    ["tags that are no list", { tags: 5 }, ["tags"]],
    ["a tag that is no text", { tags: ["a", 5] }, ["tags"]],
    ["too many tags", { tags: Array(33).fill("a") }, ["tags"]],
    ["an unknown log level", { log: "loud" }, ["log"]],
    ["a name that is too long", { app: "x".repeat(257) }, ["app"]],
    [
      "a getter that throws",
      {
        get broker() {
          throw new Error("no");
        },
      },
      ["options"],
    ],
  ])("report %s, and do not throw", (_name, options, want) => {
    expect(codes(options)).toEqual(want);
  });

  it("fall back to the environment where an option is wrong", () => {
    const settings = readSettings({ engine: "warp" }, { TRACEPOINTDEBUG_ENGINE: "inject" });
    expect([settings.engine, settings.problems.length]).toEqual(["inject", 1]);
  });

  it("are fatal only where another broker than was meant could be used", () => {
    expect(readSettings({ broker: 1 }, {}).fatal).not.toBeNull();
    expect(readSettings({ token: 1 }, {}).fatal).not.toBeNull();
    expect(readSettings({ engine: 1, tags: 1, app: 1, log: 1 }, {}).fatal).toBeNull();
  });

  it.each(["native", "pytrace", "monitoring", "bytecode"])(
    "take the engine %s of another runtime as auto",
    (engine) => {
      expect(readSettings(undefined, { TRACEPOINTDEBUG_ENGINE: engine })).toMatchObject({
        engine: "auto",
        problems: [],
      });
    },
  );
});
