import { describe, expect, it } from "vitest";
import type { Broker } from "../../broker/index.ts";
import { statusText } from "../../cli/print.ts";
import type { ProbeSpec, ProbeStatus } from "../../host/protocol.ts";
import { agent, broker, client, event, pause, probe, status, until, type Wire } from "../broker/world.ts";
import { envOf, finished, start } from "./terminal.ts";

/** An agent that answers each probe with the given statuses. */
async function answering(to: Broker, agentId: string, ...answers: Partial<ProbeStatus>[]): Promise<Wire> {
  const made = await agent(to, agentId);
  made.ws.on("message", () => {
    const message = made.messages.at(-1);
    if (message.type === "put")
      for (const answer of answers) made.send(status(message.probe.id, { agentId, ...answer }));
  });
  return made;
}

const masked = (text: string) =>
  text.replace(/\b[a-z2-9]{8}\b(?= {2}(log|snap))/g, "ID").replace(/Probe [a-z2-9]{8}/, "Probe ID");
const NO_COUNTS = {
  reached: 0,
  notDue: 0,
  conditionFalse: 0,
  conditionError: 0,
  rateLimited: 0,
  fired: 0,
  dropped: 0,
};

const INSTALLED = {
  state: "installed",
  file: "/app/src/cart.js",
  line: 43,
  engine: "inject",
  note: "line 42 holds no statement",
} as const;

describe("log and snap", () => {
  it("puts a logpoint with all options and prints where it stands", async () => {
    const b = await broker();
    const a = await answering(b, "a1", { state: "received" }, INSTALLED);
    const { code, out, err } = await finished(
      [
        "log",
        "src/cart.js:42",
        "cart {{cart.id}}",
        "--if",
        "user.age >= 21",
        "--hits",
        "7",
        "--expire",
        "1h30m",
        "--rate",
        "5",
        "--on-error",
        "fire",
      ],
      envOf(b),
    );
    expect([code, err]).toEqual([0, ""]);
    expect(masked(out)).toBe(
      [
        'ID  log  src/cart.js:42 "cart {{cart.id}}" if user.age >= 21',
        "  installed at /app/src/cart.js:43 by inject in shop (pid 1 on box)",
        "    line 42 holds no statement",
        "",
      ].join("\n"),
    );
    const spec: ProbeSpec = a.messages.find((message) => message.type === "put").probe;
    expect(spec).toMatchObject({
      kind: "logpoint",
      file: "src/cart.js",
      line: 42,
      template: "cart {{cart.id}}",
      condition: "user.age >= 21",
      hitLimit: 7,
      rate: 5,
      onError: "fire",
      enabled: true,
      tags: [],
    });
    expect(Math.abs(spec.expiresAt - Date.now() - 5_400_000)).toBeLessThan(10_000);
  });

  it("puts a tracepoint and answers as JSON", async () => {
    const b = await broker();
    await answering(b, "a1", INSTALLED);
    const { code, records } = await finished(["--json", "snap", "a.ts:1"], envOf(b));
    expect(code).toBe(0);
    expect(records()).toMatchObject([
      {
        type: "probe",
        failed: false,
        probe: { kind: "tracepoint", file: "a.ts", hitLimit: 50 },
        statuses: [{ state: "installed" }],
      },
    ]);
  });

  it("says that no program is connected, and leaves the probe for one", async () => {
    const b = await broker();
    const { code, out } = await finished(["log", "a.js:1", "x"], envOf(b));
    expect(code).toBe(0);
    expect(masked(out)).toBe(
      'ID  log  a.js:1 "x"\n  No program is connected that it is meant for; it waits for one.\n',
    );
    expect((await (await client(b)).client.list()).probes).toHaveLength(1);
  });

  it("prints why a program refuses the probe, removes it and fails", async () => {
    const b = await broker();
    await answering(b, "a1", {
      state: "error",
      cause: {
        code: "undeclared",
        message: "there is no variable carts here",
        remedy: "Use one of these.",
        details: ["cart", "user"],
        snippet: "carts.total > 1\n^^^^^",
      },
    });
    const { code, out, err } = await finished(["snap", "a.js:1", "--if", "carts.total > 1"], envOf(b));
    expect(code).toBe(1);
    expect(masked(out)).toBe("ID  snap a.js:1 if carts.total > 1\n");
    expect(masked(err)).toBe(
      [
        "  error in shop (pid 1 on box)",
        "    undeclared: there is no variable carts here",
        "    carts.total > 1",
        "    ^^^^^",
        "      cart",
        "      user",
        "    Use one of these.",
        "Probe ID was removed again; --keep leaves it.",
        "",
      ].join("\n"),
    );
    const listing = async () => (await (await client(b)).client.list()).probes.length;
    expect(await listing()).toBe(0);
    expect((await finished(["snap", "a.js:1", "--keep"], envOf(b))).code).toBe(1);
    expect(await listing()).toBe(1);
  });

  it("succeeds when one of several programs takes the probe, and waits only for those with its tag", async () => {
    const b = await broker();
    await answering(b, "a1", { state: "error", cause: { code: "x", message: "m", remedy: "r" } });
    await answering(b, "a2", INSTALLED);
    const some = await finished(["log", "a.js:1", "x"], envOf(b));
    expect(some.code).toBe(0);
    const none = await finished(["log", "a.js:1", "x", "--tag", "blue"], envOf(b));
    expect(none.out).toContain("No program is connected that it is meant for");
  });

  it("does not wait longer than it was told for a program that is silent", async () => {
    const b = await broker();
    await agent(b);
    const started = Date.now();
    const { code, out } = await finished(["log", "a.js:1", "x", "--wait", "0.1s"], envOf(b));
    expect(Date.now() - started).toBeLessThan(2000);
    expect([code, out.split("\n")[1]]).toEqual([0, "  no answer yet from shop (pid 1 on box)"]);
  });

  it.each([
    [["log", "a.js:1", "x", "--if", "user.age >= "], 1, /^syntax: .*\nuser\.age >= ?\n +\^/],
    [["log", "a.js:1", "cart {{cart.id"], 1, /\n *\^/],
    [["snap", "a.js"], 2, /value 'a.js' is invalid for argument 'place'\. Give it as FILE:LINE/],
    [["snap", "a.js:0"], 2, /Lines count from 1/],
    [["log", "a.js:1"], 2, /missing required argument 'template'/],
    [["snap", "a.js:1", "--expire", "5"], 2, /Give it with its unit: 90s, 30m, 24h or 1h30m\./],
    [["snap", "a.js:1", "--hits", "1001"], 2, /Give a whole number from 1 to 1000\./],
    [["snap", "a.js:1", "--on-error", "explode"], 2, /Allowed choices are skip, fire\./],
    [["snap", "a.js:1", "--expire", "25h"], 1, /^limit: The expiry is more than 24 hours ahead\./],
  ])("ends %j with code %i and says why", async (argv, code, text) => {
    const result = await finished(argv, envOf(await broker()));
    expect([result.code, result.out]).toEqual([code, ""]);
    expect(result.err).toMatch(text);
  });

  it.each(["error", "expired", "disabled"] as const)("says why a probe is %s", (state) => {
    const cause = { code: "internal", message: "The guest failed.", remedy: "Tell us." };
    const spoken = statusText(status("p1", { state, cause }), undefined, (_, text) => text);
    expect(spoken).toContain("The guest failed.");
    expect(spoken).toContain("Tell us.");
  });

  it("follows the events of its probe until it ends", async () => {
    const b = await broker();
    const a = await answering(b, "a1", INSTALLED);
    const running = start(["log", "a.js:1", "hello", "--follow"], envOf(b));
    await until(() => running.out.includes("installed"));
    const probeId = a.messages.find((message) => message.type === "put").probe.id;
    a.send(event("e1", { probeId, text: "hello\u001b[31m you\n12:00:00 fake" }));
    a.send(event("e2", { probeId: "other", text: "not this" }));
    a.send(status(probeId, { state: "expired", cause: { code: "hit_limit", message: "50 times.", remedy: "Again." } }));
    expect(await running.done).toBe(0);
    expect(running.out).toContain("  src/cart.js:42  hello\\x1b[31m you\n    12:00:00 fake\n");
    expect(running.out).not.toContain("not this");
    expect(running.err).toContain("expired in shop (pid 1 on box)\n  hit_limit: 50 times.");
  });
});

describe("the end of a followed probe", () => {
  it("waits for events that are told after it: a broker tells what it has stored", async () => {
    const b = await broker();
    const a = await answering(b, "a1", INSTALLED);
    const running = start(["log", "a.js:1", "hello", "--follow", "--hits", "1"], envOf(b));
    await until(() => running.out.includes("installed"));
    const probeId = a.messages.find((message) => message.type === "put").probe.id;
    const counts = { ...NO_COUNTS, reached: 1, fired: 1 };
    a.send(status(probeId, { state: "expired", counts }));
    await until(() => running.err.includes("expired"));
    a.send(event("e1", { probeId, text: "the last one" }));
    expect(await running.done).toBe(0);
    expect(running.out).toContain("the last one");
  });

  it("is refused at once when it may fire more often than any program allows", async () => {
    const { code, err } = await finished(["log", "a.js:1", "hello", "--rate", "1000"], envOf(await broker()));
    expect(code).toBe(1);
    expect(err).toContain(
      "limit: The rate 1000 is not above 0 and up to 100 events a second, the most for a logpoint.",
    );
  });
});

describe("list, rm, enable, disable", () => {
  it("lists probes, their states and counts, programs and refusals", async () => {
    const b = await broker();
    const { client: c } = await client(b);
    await c.put(probe("p1", { condition: "x > 1", tags: ["t"] }));
    await c.put(probe("p2", { kind: "tracepoint", template: undefined as never, enabled: false }));
    const a = await agent(b);
    const counts = {
      reached: 10,
      notDue: 1,
      conditionFalse: 5,
      conditionError: 0,
      rateLimited: 1,
      fired: 3,
      dropped: 0,
    };
    a.send(status("p1", { ...INSTALLED, note: "", state: "emitting", counts }));
    a.send({ type: "nonsense" });
    await until(() => a.messages.length === 2);
    const { code, out } = await finished(["list"], envOf(b));
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'p1  log  src/cart.js:42 "hi" if x > 1 #t  (ends in 60s)',
        "    emitting at /app/src/cart.js:43 by inject in shop (pid 1 on box)",
        "      reached 10, fired 3 of 50, 5 condition false, 1 over the rate, 1 not due",
        "p2  snap src/cart.js:42  (off, ends in 60s)",
        "    in no program yet",
        "",
        "1 connected:",
        "    shop (pid 1 on box), node 20",
        "refused by the broker since it started: 1 unknown_type",
        "",
      ].join("\n"),
    );
    expect((await finished(["list", "--json"], envOf(b))).records()).toMatchObject([
      { type: "probe", probe: { id: "p1" }, statuses: [{ counts }] },
      { type: "probe", probe: { id: "p2" } },
      { type: "agent", app: "shop" },
      { type: "broker", refused: { unknown_type: 1 } },
    ]);
  });

  it("changes probes by id, by the beginning of one, by tag, and all", async () => {
    const b = await broker();
    const { client: c } = await client(b);
    for (const id of ["abc", "abd", "xyz"]) await c.put(probe(id, { tags: id === "xyz" ? ["t"] : [] }));
    const env = envOf(b);
    expect(await finished(["disable", "x", "abc"], env)).toMatchObject({
      code: 0,
      out: "disabled xyz\ndisabled abc\n",
    });
    expect((await c.list()).probes.filter((p) => p.probe.enabled)).toHaveLength(1);
    expect(await finished(["enable", "--tag", "t"], env)).toMatchObject({ code: 0, out: "enabled xyz\n" });
    expect(await finished(["rm", "ab"], env)).toMatchObject({
      code: 1,
      out: "",
      err: "ambiguous: ab may be any of abc, abd\nGive more of the id.\n",
    });
    expect(await finished(["rm", "nope", "xyz"], env)).toMatchObject({
      code: 1,
      out: "removed xyz\n",
      err: "no_such_probe: there is no probe nope\nSee `tracepointdebug list`; a probe that has expired is gone.\n",
    });
    expect(await finished(["rm", "--json", "--all"], env)).toMatchObject({
      code: 0,
      out: '{"type":"removed","probeId":"abc"}\n{"type":"removed","probeId":"abd"}\n',
    });
    expect(await finished(["rm", "--all"], env)).toMatchObject({ code: 0, out: "", err: "no such probes\n" });
    expect((await finished(["rm"], env)).code).toBe(2);
  });
});

describe("tail", () => {
  it("replays and follows, and ends with 130 when it is interrupted", async () => {
    const b = await broker();
    const a = await agent(b);
    a.send(event("e1"));
    a.send(event("e2", { truncated: true }));
    await until(() => a.messages.at(-1)?.eventId === "e2");
    const running = start(["tail", "--replay", "1"], envOf(b));
    await until(() => running.out !== "");
    a.send(
      event("e3", {
        kind: "error",
        text: undefined as never,
        hit: 9,
        cause: { code: "null_deref", message: "null.", remedy: "Test it.", snippet: "a.b\n ^" },
      }),
    );
    await until(() => running.out.includes("null_deref"));
    running.interrupt();
    expect(await running.done).toBe(130);
    expect(running.out.replaceAll(/\d\d:\d\d:\d\d\.\d\d\d/g, "TIME")).toBe(
      [
        "TIME  src/cart.js:42  text of e2 (cut)",
        "TIME  src/cart.js:42  error at hit 9",
        "  null_deref: null.",
        "  a.b",
        "   ^",
        "  Test it.",
        "",
      ].join("\n"),
    );
  });

  it("prints JSON lines, ends after a count, and picks one probe", async () => {
    const b = await broker();
    const a = await agent(b);
    for (let i = 1; i <= 4; i++) a.send(event(`e${i}`, { probeId: `p${i % 2}` }));
    await until(() => a.messages.at(-1)?.eventId === "e4");
    const { code, records } = await finished(
      ["tail", "--json", "--probe", "p1", "--replay", "10", "-n", "2"],
      envOf(b),
    );
    expect(code).toBe(0);
    expect(records()).toEqual([
      { ...event("e1"), probeId: "p1", seq: 1 },
      { ...event("e3"), probeId: "p1", seq: 3 },
    ]);
  });

  it("waits for a broker that goes away and goes on where it was", async () => {
    const first = await broker();
    const running = start(["tail", "--json"], envOf(first));
    const one = await agent(first);
    await pause(50);
    one.send(event("e1"));
    await until(() => running.out !== "");
    await first.close();
    const second = await broker({ data: first.data, port: Number(new URL(first.address).port) });
    const two = await agent(second);
    two.send(event("e2"));
    await until(() => running.records().length === 2);
    running.interrupt();
    expect(await running.done).toBe(130);
    expect(running.records().map((record) => record.seq)).toEqual([1, 2]);
  });
});

describe("preview of stored snapshots", () => {
  it("takes those of the probe, up to the newest, and no other events", async () => {
    const b = await broker();
    const c = await client(b);
    await c.client.put(probe("p1"));
    await c.client.put(probe("p2"));
    await c.client.subscribe();
    const a = await agent(b);
    for (let i = 1; i <= 20; i++) {
      const snapshot = { frames: [], captureUs: 1, variables: [["n", { type: "number", value: i }]] };
      a.send({ ...event(`s${i}`), probeId: i % 2 === 0 ? "p1" : "p2", kind: "snapshot", text: undefined, snapshot });
    }
    await until(() => c.events.length === 20, "the events");
    const all = await finished(["preview", "n > 10.0", "--probe", "p1", "--json"], envOf(b));
    expect(all.records()).toMatchObject([{ type: "previewed", snapshots: 10, fired: 5, notFired: 5 }]);
    const last = await finished(["preview", "n > 10.0", "--probe", "p1", "--last", "3"], envOf(b));
    expect(last.out).toContain("fired on 3 of 3 snapshots\n");
    expect(await finished(["preview", "n > 10.0", "--probe", "p3"], envOf(b))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^no_snapshots: .*\nRecord some/),
    });
  });
});
