// `LoadedModule.run`: an object of variables in, an ordinary value or an error with its words out.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { constants, runInThisContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { compileCondition, compileTemplate, compileValue } from "../../conditions/index.ts";
import { Carrier } from "../../host/carrier.ts";
import { ERROR_CODES } from "../../host/codes.ts";
import { Guest } from "../../host/guest.ts";
import { RUN_TIME_CASES, runTimeFault } from "../errors/run-time.ts";

const guest = new Guest();
const evaluated = (source: string, variables: Record<string, unknown> = {}) =>
  guest.load(compileValue(source)).run(variables);

describe("a loaded module runs over variables by name", () => {
  it("whatever their order is, and reads no others", () => {
    const condition = guest.load(compileCondition("a > b && c == 'x'"));
    expect(condition.run({ c: "x", b: 1, a: 2, d: 0 })).toEqual({ value: true });
    expect(condition.run({ a: 1, b: 2, c: "x" })).toEqual({ value: false });
  });

  it("and says where it fails, why, and what to do", () => {
    expect(guest.load(compileCondition("x > 0 && user.age > 1")).run({ x: 1, user: {} })).toEqual({
      error: "no_such_field",
      at: [9, 17],
      message: "The value has no such field.",
      remedy: "Test with has(x.field) first, or check the spelling.",
      snippet: "x > 0 && user.age > 1\n         ^~~~~~~~",
    });
  });

  it("and a variable that is not its own is not there", () => {
    for (const variables of [{}, { y: 1 }, Object.create({ x: 1 }) as Record<string, unknown>]) {
      expect(guest.load(compileCondition("x > 0")).run(variables)).toMatchObject({ error: "undeclared", at: [0, 1] });
    }
    expect(guest.load(compileCondition("toString == 1")).run({})).toMatchObject({ error: "undeclared" });
  });

  it("and a template gives its text, and says when that was cut", () => {
    const template = guest.load(compileTemplate("{{x}} {{y}}"));
    expect(template.run({ x: 1, y: "a" })).toEqual({ value: "1 a" });
    expect(template.run({ x: 1 })).toEqual({ value: "1 <error: undeclared>" });
    const { value, truncated } = template.run({ x: "x".repeat(4000), y: "y".repeat(4000) });
    expect([value?.length, truncated]).toEqual([4096 + "...".length, true]);
  });

  it("and may run again, and be closed", () => {
    const before = guest.segmentBytes();
    const condition = guest.load(compileCondition("x == 'a long text of which the module holds a copy'"));
    for (let i = 0; i < 100; i++) expect(condition.run({ x: i }).value).toBe(false);
    condition.close();
    expect(guest.segmentBytes()).toBe(before);
  });
});

describe("a value is an ordinary one", () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ["1 + 1", {}, 2],
    ["9007199254740991", {}, 9007199254740991],
    ["9007199254740993", {}, 9007199254740993n],
    ["18446744073709551615u", {}, 18446744073709551615n],
    ["x", { x: 10n ** 30n }, 10n ** 30n],
    ["1.5", {}, 1.5],
    ["x", { x: -0 }, -0],
    ["x", { x: Number.NaN }, Number.NaN],
    ["x", { x: Number.NEGATIVE_INFINITY }, Number.NEGATIVE_INFINITY],
    ["true", {}, true],
    ["null", {}, null],
    ["x", { x: undefined }, null],
    ["'a' + 'ü'", {}, "aü"],
    ["b'\\xff\\x00'", {}, Uint8Array.of(255, 0)],
    ["timestamp('2024-05-17T13:45:30.5Z')", {}, new Date("2024-05-17T13:45:30.500Z")],
    ["duration('1h1.001s')", {}, 3601001],
    ["duration('-1.1s')", {}, -1100],
    ["[1, 'a', [true]]", {}, [1, "a", [true]]],
    ["x", { x: new Set([1, 2]) }, new Set([1, 2])],
    ["{'a': 1, 2: [null]}", {}, new Map<unknown, unknown>([["a", 1], [2, [null]]])], // biome-ignore format: one row
    ["x", { x: { a: { b: 1 } } }, { a: { b: 1 } }],
    ["x", { x: JSON.parse('{"__proto__": 1}') }, JSON.parse('{"__proto__": 1}')],
    ["optional.of(1)", {}, 1],
    ["optional.none()", {}, undefined],
    ["type(1)", {}, "int"],
    ["x", { x: () => 1 }, "function x"],
    ["x", { x: Object.defineProperty({}, "a", { get: () => 1, enumerable: true }) }, { a: { error: "side_effect" } }],
  ])("%s of %o", (source, variables, wanted) => {
    const answer = evaluated(source, variables);
    expect(answer).toEqual({ value: wanted });
    expect(Object.is(answer.value, wanted) || typeof wanted === "object").toBe(true);
  });

  it("and says when a part of it was cut", () => {
    const { value, truncated } = evaluated("[x]", { x: "x".repeat(5000) });
    expect([(value as string[])[0]?.length, truncated]).toEqual([4096, true]);
    expect(evaluated("x", { x: { a: Array.from({ length: 300 }, () => 0) } }).truncated).toBe(true);
    expect(evaluated("x", { x: [0] }).truncated).toBe(undefined);
  });
});

describe("the words of a run-time error", () => {
  it.each(Object.entries(RUN_TIME_CASES))("%s", (code, [source, at]) => {
    const fault = runTimeFault(code);
    expect(fault).toMatchObject({ error: code, message: /./, remedy: /./, snippet: /\^/ });
    expect(source.slice(...fault.at)).toBe(at);
  });

  it("are there for every code but that of our own failure", () => {
    expect(Object.keys(RUN_TIME_CASES).sort()).toEqual(ERROR_CODES.filter((code) => code !== "internal").sort());
  });
});

describe("variables that are not as they should be", () => {
  it.each([null, undefined, {}])("%s holds no variable", (variables) => {
    expect(guest.load(compileValue("x")).run(variables as unknown as Record<string, unknown>)).toMatchObject({
      error: "undeclared",
      at: [0, 1],
    });
  });

  it("run no getter of theirs", () => {
    let ran = false;
    const variables = {
      get x() {
        ran = true;
        throw new Error("x");
      },
    };
    expect(guest.load(compileValue("x")).run(variables)).toMatchObject({ error: "side_effect" });
    expect(ran).toBe(false);
  });
});

describe("a collection of which a part was cut away", () => {
  const cut = (value: object, size: number) => new Carrier({ kind: "cut", value, size });
  it.each<[string, unknown, unknown]>([
    ["x.exists(i, v, v == 2.0)", cut([1, 2], 9), { value: true }],
    ["x.all(i, v, v == 1.0)", cut([1, 2], 9), { value: false }],
    ["x.exists(i, v, v == 7.0)", cut([1, 2], 9), { error: "truncated" }],
    ["x.exists(k, v, k == 'b' && v == 2.0)", cut({ a: 1, b: 2 }, 9), { value: true }],
    ["x.exists(k, v, k == 'b' && v == 2.0)", cut(new Map([["b", 2]]), 9), { value: true }],
    ["x.transformList(k, v, v)", cut({ a: 1 }, 9), { error: "truncated" }],
  ])("decides what the rest cannot change: %s", (source, x, wanted) => {
    expect(evaluated(source, { x })).toMatchObject(wanted as object);
  });
});

describe("a variable of a module namespace that is not initialised yet", () => {
  it.each([
    ["ns.later", { error: "no_such_field" }],
    ["has(ns.later)", { value: false }],
    ["(ns.later ?? 'none') == 'none'", { value: true }],
    ["l.map(n, n.later)", { error: "no_such_field" }],
    ["ns.ready", { value: 2 }],
  ])("is not there: %s", async (source, wanted) => {
    const folder = mkdtempSync(join(tmpdir(), "namespace-"));
    try {
      const file = join(folder, "early.mjs");
      // It asks while it is still being evaluated.
      const code = `import * as me from "./early.mjs"; export var ready; ready = 2; globalThis.ask(me); export let later = 3;`;
      writeFileSync(file, code);
      let answer: unknown;
      Object.assign(globalThis, {
        ask: (ns: object) => {
          answer = evaluated(source, { ns, l: [ns, ns] });
        },
      });
      // The test runner's own import makes objects that only look like namespaces.
      const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
      await runInThisContext("(url) => import(url)", { importModuleDynamically })(pathToFileURL(file).href);
      expect(answer).toMatchObject(wanted);
    } finally {
      Reflect.deleteProperty(globalThis, "ask");
      rmSync(folder, { recursive: true });
    }
  });
});
