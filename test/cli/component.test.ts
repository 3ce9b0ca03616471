import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import {
  type Compiled,
  compileCondition,
  compileTemplate,
  compileValue,
  linkComponent,
  WORLDS,
} from "../../conditions/index.ts";
import * as abi from "../../engine/abi.ts";
import { COMPONENT_ENGINE_BASE64 } from "../../engine/component/binary.ts";
import { errorCodeName } from "../../host/codes.ts";
import { evaluateTagged, Guest, type Source, type Tagged, UNAVAILABLE } from "../../host/index.ts";
import { fromTagged } from "../../host/tagged.ts";
import conditions from "../vectors/conditions.json" with { type: "json" };
import templates from "../vectors/templates.json" with { type: "json" };
import { CONDITIONS, int, items, TEMPLATES, text, VALUES, type Vars } from "./component-cases.ts";
import { componentOf, componentWit, failureOf, fromNodes, glueOf, load, toInput } from "./components.ts";
import { finished } from "./terminal.ts";

const guest = new Guest();

/** What the core module gives, in the words of a component's result. */
function core(source: Source, vars: Vars) {
  const { steps, ...outcome } = evaluateTagged(guest, source, vars);
  if ("error" in outcome) return { error: outcome.error, at: outcome.at, steps };
  return { ...outcome, steps };
}

/** The same of a condition, by its own module: that of its value spends other steps. */
function verdict(source: string, vars: Vars) {
  const loaded = guest.load(compileCondition(source));
  try {
    const inputs = loaded.compiled.projection.roots.map(({ key }) =>
      Object.hasOwn(vars, key) ? fromTagged(vars[key as string]) : UNAVAILABLE,
    );
    const found = loaded.test(...inputs);
    const steps = loaded.steps();
    if (found >= 0) return { verdict: found === 1, steps };
    const { from, to } = loaded.spanOf(-found);
    return { error: errorCodeName(-found), at: [from, to], steps };
  } finally {
    loaded.close();
  }
}

describe("a component", () => {
  it.each(CONDITIONS)("of the condition %s tests as its core module does", async (source, inputs) => {
    const { test } = await load(await componentOf(source));
    for (const vars of inputs) {
      const { outcome, steps } = test(toInput(vars));
      const found = outcome.tag === "ok" ? { verdict: outcome.val } : failureOf(outcome.val);
      expect({ vars, ...found, steps }).toEqual({ vars, ...verdict(source, vars) });
    }
  });

  it.each(VALUES)("of the expression %s evaluates as its core module does", async (source, inputs) => {
    const { evaluate } = await load(await componentOf(source, "--value"));
    for (const vars of inputs) {
      const { outcome, steps } = evaluate(toInput(vars));
      const found = outcome.tag === "ok" ? { value: fromNodes(outcome.val) } : failureOf(outcome.val);
      expect({ ...found, steps }).toEqual(core({ expr: source }, vars));
    }
  });

  it.each(TEMPLATES)("of the template %s renders as its core module does", async (source, inputs) => {
    const { render } = await load(await componentOf(source, "--template"));
    for (const vars of inputs) {
      const { text: made, cut, steps } = render(toInput(vars));
      expect({ text: made, ...(cut ? { truncated: true } : {}), steps }).toEqual(core({ template: source }, vars));
    }
  });
});

describe("every vector that reads variables", () => {
  interface Vector {
    readonly name: string;
    readonly expr?: string;
    readonly template?: string;
    readonly vars?: Vars;
    readonly value?: Tagged;
    readonly text?: string;
    readonly truncated?: true;
    readonly error?: string;
    readonly at?: readonly [number, number];
  }
  const reading = (vectors: unknown) =>
    (vectors as readonly Vector[]).filter(({ vars }) => Object.keys(vars ?? {}).length > 0);
  const engine = Buffer.from(COMPONENT_ENGINE_BASE64, "base64");

  it("gives the same value or error as a component", async () => {
    const instance = await glueOf(await componentOf("x", "--value"));
    const vectors = reading(conditions);
    expect(vectors.length).toBeGreaterThan(300);
    for (const { name, expr, vars, value, error, at } of vectors) {
      let compiled: Compiled;
      try {
        compiled = compileValue(expr as string, { declared: new Set(Object.keys(vars as Vars)) });
      } catch (refused) {
        expect(refused).toMatchObject({ code: error });
        continue;
      }
      const { evaluate } = instance(linkComponent(compiled, engine));
      const { outcome } = evaluate(toInput(vars as Vars));
      const found = outcome.tag === "ok" ? { value: fromNodes(outcome.val) } : failureOf(outcome.val);
      expect({ name, ...found }).toEqual({ name, ...(error === undefined ? { value } : { error, at }) });
    }
  });

  it("gives the same text as a component", async () => {
    const instance = await glueOf(await componentOf("{{x}}", "--template"));
    for (const { name, template, vars, text: wanted, truncated, error } of reading(templates)) {
      if (error !== undefined) continue; // Refused by the compiler.
      const { render } = instance(linkComponent(compileTemplate(template as string, { strict: false }), engine));
      const { text: found, cut } = render(toInput(vars as Vars));
      expect({ name, text: found, cut }).toEqual({ name, text: wanted, cut: truncated === true });
    }
  });
});

describe("many calls", () => {
  it("leave nothing behind: the thousandth gives what the first gave, with any input between", async () => {
    const { evaluate } = await load(await componentOf("[x, x.size()]", "--value"));
    const first = evaluate(toInput({ x: items }));
    for (let i = 0; i < 1000; i++) evaluate(toInput({ x: i % 3 === 0 ? text("x".repeat(50_000)) : int(i) }));
    expect(evaluate(toInput({ x: items }))).toEqual(first);
  });
});

describe("a hostile input", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    [
      "a position that is not there",
      [{ tag: "items", val: Uint32Array.of(7) }],
      '{"list":[{"error":"invalid_argument"}]}',
    ],
    ["a list that holds itself", [{ tag: "items", val: Uint32Array.of(0, 0) }], "list"],
    ["a map that holds itself", [{ tag: "map", val: [[0, 0]] }], "map"],
    ["an object that holds itself", [{ tag: "object", val: { class: "", fields: [["a", 0]] } }], "object"],
    ["an option that holds itself", [{ tag: "optional", val: 0 }], "optional"],
    ["an enum that holds itself", [{ tag: "enumeration", val: { class: "", name: "", value: 0 } }], "enum"],
    ["a part of itself", [{ tag: "partial", val: { value: 0, size: 3 } }], "invalid_argument"],
    [
      "a part of a part",
      [
        { tag: "partial", val: { value: 1, size: 3 } },
        { tag: "partial", val: { value: 0, size: 3 } },
      ],
      "invalid_argument",
    ],
    ["a big that is no number", [{ tag: "big", val: "12x" }], "conversion"],
    [
      "a time beyond the calendar",
      [{ tag: "timestamp", val: { seconds: 2n ** 62n, nanoseconds: 0, naive: false } }],
      "overflow",
    ],
    [
      "nanoseconds beyond a second",
      [{ tag: "timestamp", val: { seconds: 0n, nanoseconds: 2e9, naive: false } }],
      "conversion",
    ],
  ];
  it.each(cases)("%s ends in a value or an error", async (_, nodes, expected) => {
    const { evaluate } = await load(await componentOf("x", "--value"));
    const { outcome } = evaluate({ nodes: nodes as never, variables: [{ name: "x", value: 0 }] });
    const found = outcome.tag === "ok" ? fromNodes(outcome.val) : failureOf(outcome.val);
    expect(JSON.stringify(found)).toContain(expected);
  });

  it("a part of a list or text never gives a wrong answer", async () => {
    const { test } = await load(await componentOf("l.all(x, x > 0) || s == 'abc' || l[5] == 1 || size(l) == 9"));
    const part = (value: number, size: number) => ({ tag: "partial", val: { value, size } });
    const nodes = [
      part(1, 9),
      { tag: "items", val: Uint32Array.of(2) },
      { tag: "int", val: 1n },
      part(4, 0),
      { tag: "text", val: "abc" },
    ];
    const variables = [
      { name: "l", value: 0 },
      { name: "s", value: 3 },
    ];
    expect(test({ nodes, variables }).outcome).toEqual({ tag: "ok", val: true });
    const { test: all } = await load(await componentOf("l.all(x, x > 0)"));
    expect(all({ nodes, variables }).outcome).toMatchObject({ tag: "err", val: { code: "truncated" } });
  });

  it("that has no room traps, and only that", async () => {
    const { test } = await load(await componentOf("size(x) > 1"));
    expect(() => test(toInput({ x: text("x".repeat(3_000_000)) }))).toThrow();
  });
});

describe("the world of a component", () => {
  it.each([
    [["x > 1"], "test: func(input: input) -> verdict"],
    [["x", "--value"], "evaluate: func(input: input) -> evaluation"],
    [["{{x}}", "--template"], "render: func(input: input) -> rendering"],
  ])("of %j is that of its kind, and it imports nothing but types", async ([source, ...options], signature) => {
    const wit = await componentWit(await componentOf(source!, ...options));
    expect(wit).toContain(`export ${signature}`);
    expect(wit.match(/^ {2}import .*$/gm)).toEqual(["  import tracepointdebug:probe/values@1.0.0;"]);
  });

  it("names the error codes in the order of their numbers", () => {
    const wit = readFileSync(join("engine", "wit", "probe.wit"), "utf8");
    const [, body] = /enum error-code \{([^}]*)\}/.exec(wit)!;
    const codes = body!
      .split(",")
      .map((code) => code.trim().replaceAll("-", "_"))
      .filter(Boolean);
    const all = Array.from({ length: abi.ERR_INTERNAL - 1 }, (_, i) => errorCodeName(i + 2));
    expect(codes).toEqual(all);
  });

  it("exists for each kind of module", () => {
    const wit = readFileSync(join("engine", "wit", "probe.wit"), "utf8");
    for (const { entry } of [compileCondition("x > 1"), compileValue("x"), compileTemplate("{{x}}")]) {
      const { world, name } = WORLDS[entry];
      expect(wit).toMatch(new RegExp(`world ${world} \\{\\s+use [^;]+;\\s+export ${name}:`));
    }
  });
});

describe("compile --component", () => {
  it("says what it has made", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "component-")), "c.component.wasm");
    const { out, code } = await finished(["compile", "x > 10", "--component", "-o", file]);
    expect(code).toBe(0);
    expect(out).toMatch(/c\.component\.wasm: condition component, \d+ bytes, at most \d+ steps, reads x\n/);
    expect(statSync(file).size).toBeGreaterThan(1000);
  });

  it("says what to install where jco is not there", async () => {
    const [, script] = process.argv;
    const cwd = vi.spyOn(process, "cwd").mockReturnValue(tmpdir());
    process.argv[1] = join(tmpdir(), "nothing.js");
    try {
      const { code, err } = await finished(["compile", "x > 10", "--component", "-o", join(tmpdir(), "never.wasm")]);
      expect([code, err]).toEqual([
        1,
        "no_jco: components are made with jco, which is not installed here\n" +
          "Install it where you run this, with `npm install --save-dev @bytecodealliance/jco@1.35.0`.\n",
      ]);
    } finally {
      cwd.mockRestore();
      process.argv[1] = script as string;
    }
    const { peerDependencies, devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
    expect([peerDependencies, devDependencies]).toMatchObject([
      { "@bytecodealliance/jco": "1.35.0" },
      { "@bytecodealliance/jco": "1.35.0" },
    ]);
  });
});
