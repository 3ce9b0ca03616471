// The errors that have no source, made for real: what is said then is in the table of errors, word for word.
import { describe, expect, it } from "vitest";
import { readSettings } from "../../bindings/node/settings.ts";
import { compileCondition } from "../../conditions/index.ts";
import { stateCause } from "../../host/causes.ts";
import { encodeMessage } from "../../host/codec.ts";
import { Guest } from "../../host/guest.ts";
import { HOST_LIMITS } from "../../host/limits.ts";
import { fromTagged } from "../../host/tagged.ts";
import { readFromAgent } from "../../host/validate.ts";
import { verifyModule } from "../../host/verify.ts";
import { finished } from "../cli/terminal.ts";
import { random } from "../fuzz/random.ts";
import { fakeHost, probe, tick } from "../host/fakes.ts";
import { GOOD } from "../host/modules.ts";
import { recorded } from "./recorder.ts";
import { findSites, HOLE } from "./sites.ts";
import { hasWords } from "./table.ts";

interface Words {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const pattern = (text: string) => new RegExp(`^${text.split(HOLE).map(escaped).join("[^]*")}$`);
const literal = (text: string) => text.replaceAll(HOLE, "").length;
/** The rows with words of their own, those that say most first. */
const rows = findSites()
  .filter(({ code, message, remedy }) => code !== HOLE && hasWords({ message, remedy }))
  .sort((a, b) => literal(b.message) - literal(a.message))
  .map(({ code, message, remedy }) => [code, message, remedy].map(pattern) as [RegExp, RegExp, RegExp]);

/** Which row of the table says it; -1 if none does. */
const rowOf = ({ code, message, remedy }: Words) =>
  rows.findIndex(([c, m, r]) => c.test(code) && m.test(message) && r.test(remedy));

/** Makes errors, and says how many different rows of the table they are. */
async function kindsOf(make: () => unknown): Promise<number> {
  const { errors } = await recorded(make);
  return rowsIn(errors);
}

function rowsIn(all: readonly Words[]): number {
  const words = [
    ...new Map(all.map((error) => [`${error.code} ${error.message.replaceAll(/\d+/g, "0")}`, error])).values(),
  ];
  expect(words.filter((error) => rowOf(error) < 0)).toEqual([]);
  return new Set(words.map(rowOf)).size;
}

const ignoring = (run: () => unknown) => {
  try {
    run();
  } catch {}
};

/** Copies of these bytes with one to three of them changed. */
function damaged(bytes: Uint8Array, times: number, seed: number): Uint8Array[] {
  const next = random(seed);
  return Array.from({ length: times }, () => {
    const copy = [...bytes];
    for (let changes = 1 + next(3); changes > 0; changes--) {
      const at = next(copy.length);
      if (next(4) === 0) copy.splice(at, 1);
      else copy[at] = next(256);
    }
    return Uint8Array.from(copy);
  });
}

describe("what is said is in the table", () => {
  it("of modules that are not ours", async () => {
    const kinds = await kindsOf(() => {
      for (const [i, { wasm }] of GOOD.entries())
        for (const bytes of damaged(wasm, 400, i)) ignoring(() => verifyModule(bytes));
    });
    expect(kinds).toBeGreaterThan(35);
  });

  it("of messages that are none", async () => {
    const sent = encodeMessage({
      type: "ping",
      list: [1, "a", null, { a: 1.5, b: [true] }],
      bytes: Uint8Array.of(1, 2),
    } as never);
    const kinds = await kindsOf(() => {
      for (const bytes of damaged(sent, 1500, 5)) ignoring(() => readFromAgent(bytes));
      for (const message of [null, {}, { type: "nosuch" }, { type: "event" }])
        ignoring(() => readFromAgent(encodeMessage(message as never)));
    });
    expect(kinds).toBeGreaterThan(12);
  });

  it("of values that are not tagged", async () => {
    const WRONG = [
      1,
      null,
      {},
      { a: 1, b: 1 },
      { int: 1 },
      { int: "9".repeat(20) },
      { double: "a" },
      { bool: 1 },
      { string: 1 },
    ];
    const MORE = [
      { bytes: "%" },
      { list: 1 },
      { map: [[1]] },
      { timestamp: "a" },
      { duration: "a" },
      { error: "a" },
      { object: 1 },
      { x: 1 },
    ];
    const kinds = await kindsOf(() => {
      for (const wrong of [...WRONG, ...MORE]) ignoring(() => fromTagged(wrong));
    });
    expect(kinds).toBeGreaterThan(12);
  });

  it("of a guest that is full", async () => {
    const guest = new Guest();
    const compiled = compileCondition(`x == '${"y".repeat(4000)}'`);
    const kinds = await kindsOf(() => {
      for (let i = 0; i < 1000; i++) ignoring(() => guest.load(compiled));
    });
    expect(kinds).toBe(1);
  });

  it("of probes that break a rule", async () => {
    const now = Date.now();
    const wrong = [
      { hitLimit: 0 },
      { expireAt: now + 1e12 },
      { rateLimit: -1 },
      { line: 0 },
      { kind: "logpoint" },
      { template: "x" },
    ];
    const { errors } = await recorded(async () => {
      const { host } = fakeHost();
      for (const [i, part] of wrong.entries()) host.put(probe({ id: `p${i}`, ...(part as object) }));
      for (let i = 0; i < HOST_LIMITS.probes + 10; i++) host.put(probe({ id: `q${i}` }));
      await tick();
    });
    expect(rowsIn(errors)).toBeGreaterThanOrEqual(4);
  });

  it("of settings that are wrong, and of the states of a probe", () => {
    const all = { broker: 1, token: 1, app: 1, tags: 1, engine: "x", prepared: "x", log: "x" };
    const thrower = Object.defineProperty({}, "app", { enumerable: true, get: () => { throw new Error("no"); } }); // biome-ignore format: one row
    const problems = [all, thrower, 1].flatMap((options) => readSettings(options, {}).problems);
    expect(rowsIn(problems)).toBe(9);
    const states = ["received", "pending", "installed", "emitting", "disabled", "error", "expired", "removed"] as const;
    expect(rowsIn(states.map(stateCause))).toBe(states.length);
  });

  it("of commands", async () => {
    const COMMANDS = [
      ["eval", "x", "--vars", "{"],
      ["eval", "x", "--vars", "1"],
      ["eval", "x", "--vars-file", "nosuch.json"],
      ["preview", "x"],
      ["preview", "x", "--events", "package.json"],
      ["preview", "x", "--probe", "y"],
      ["list"],
      ["rm", "x"],
      ["list", "--broker", "not an address"],
      ["list", "--broker", "127.0.0.1:1", "--token", "t"],
      ["list", "--broker", "127.0.0.1:1"],
    ];
    const kinds = await kindsOf(async () => {
      for (const argv of COMMANDS) expect((await finished(argv)).code).toBeGreaterThan(0);
    });
    expect(kinds).toBeGreaterThanOrEqual(7);
  });
});
