// The gate of the language: every case of CEL's conformance suite that needs no protobuf, three ways. Also that the harness itself
// can fail.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../conditions/index.ts";
import { type Judged, loadKnown, MODES, runCase, runGate, shrink, violations } from "./gate.ts";
import { lift } from "./lift.ts";
import { faultOf } from "./match.ts";
import { DOCUMENT, documentText } from "./report.ts";
import { type Case, FILES, loadCases } from "./suite.ts";

const cases = loadCases();
const known = loadKnown();
const results = runGate(cases, known);

describe("the gate", () => {
  test("has 1,600 cases, 181 of which are errors, with names of their own", () => {
    expect(cases).toHaveLength(1600);
    expect(cases.filter(({ expected }) => expected === null)).toHaveLength(181);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(1600);
  });

  describe.each(FILES)("%s", (file) => {
    test.each(MODES)("passes: %s", (mode) => {
      const own = results.filter((result) => result.case.file === file && result.mode === mode);
      expect(own.length).toBeGreaterThan(0);
      expect(violations(own).join("\n")).toBe("");
    });
  });

  test("has known failures that are cases of it, each with a reason", () => {
    const ids = new Set(cases.map(({ id }) => id));
    for (const { cases: listed, modes, reason } of known) {
      expect(reason).not.toBe("");
      for (const mode of modes) expect(MODES).toContain(mode);
      for (const id of listed) expect(ids).toContain(id);
    }
    const all = known.flatMap((entry) => entry.modes.flatMap((mode) => entry.cases.map((id) => `${id} ${mode}`)));
    expect(new Set(all).size).toBe(all.length);
  });

  test("stays within what a condition may spend by default", () => {
    const dearest = results.reduce((a, b) => (b.steps > a.steps ? b : a));
    expect(dearest.steps, dearest.case.id).toBeLessThan(LIMITS.conditionSteps);
  });

  test("is documented: run `npm run conformance` and commit docs/conformance.md", () => {
    expect(readFileSync(DOCUMENT, "utf8")).toBe(documentText(results));
  });
});

describe("the harness", () => {
  const made = (expr: string, expected: Case["expected"], more: Partial<Case> = {}): Case => {
    return { id: "basic/made/made", file: "basic", expr, container: "", bindings: {}, expected, ...more };
  };
  const judged = (fault: string | null, reason: string | null): Judged => {
    return { case: made("1", null), mode: "on", fault, steps: 0, known: reason };
  };

  test.each([
    ["1", { int64Value: "2" }],
    ["1", { uint64Value: "1" }],
    ["1", { doubleValue: 1 }],
    ["1", null],
    ["0.0", { doubleValue: -0 }],
    ["-0.0", { doubleValue: 0 }],
    ["1 / 0", { int64Value: "1" }],
    ["[1, 2]", { listValue: { values: [{ int64Value: "2" }, { int64Value: "1" }] } }],
    ["{1: 2}", { mapValue: { entries: [{ key: { int64Value: "1" }, value: { int64Value: "3" } }] } }],
    ["{1: 2}", { mapValue: {} }],
    ["b'a'", { stringValue: "a" }],
    // What is not understood, or runs out of something, is no error of the language.
    ["1 +", null],
    ["Point{x: 1}", null],
    [`[${"1, ".repeat(2000)}]`, null],
  ])("finds %s wrong", (expr, expected) => {
    for (const mode of MODES) expect(runCase(made(expr, expected), mode).fault, mode).not.toBeNull();
  });

  const RIGHT: readonly (readonly [string, Case["expected"], Partial<Case>?])[] = [
    ["0.0 / 0.0", { doubleValue: "NaN" }],
    ["1.0 / 0.0", { doubleValue: "Infinity" }],
    ["-0.0", { doubleValue: -0 }],
    [
      "{'b': 1, 'a': 2}",
      {
        mapValue: {
          entries: [
            { key: { stringValue: "a" }, value: { int64Value: "2" } },
            { key: { stringValue: "b" }, value: { int64Value: "1" } },
          ],
        },
      },
    ],
    ["1 / 0", null],
    ["x.y.z", { boolValue: true }, { bindings: { "x.y": { mapValue: { entries: [entry("z")] } } } }],
    ["z", { boolValue: true }, { container: "x.y", bindings: { "x.z": { boolValue: true }, z: { boolValue: false } } }],
    [".z", { boolValue: true }, { container: "x", bindings: { "x.z": { boolValue: false }, z: { boolValue: true } } }],
    ["x.all(y, y.z)", { boolValue: true }, { bindings: { x: list(map("z")), "y.z": { boolValue: false } } }],
    ["has(x.y)", { boolValue: false }, { bindings: { x: map("z"), "x.y": { boolValue: true } } }],
    [
      "x > y",
      { boolValue: true },
      {
        bindings: {
          x: object("Timestamp", "2024-01-01T00:00:00Z"),
          y: object("Timestamp", "2023-12-31T23:59:59.999999999Z"),
        },
      },
    ],
    ["x > y", { boolValue: true }, { bindings: { x: object("Duration", "1.5s"), y: object("Duration", "-3600s") } }],
  ];

  test.each(RIGHT.map(([expr, expected, more = {}]) => [expr, made(expr, expected, more)] as const))(
    "finds %s right",
    (_, one) => {
      for (const mode of MODES) expect(runCase(one, mode).fault, mode).toBeNull();
    },
  );

  test("fails for an unknown failure and for a known one that passes", () => {
    expect(violations([judged("wrong", null)])).toHaveLength(1);
    expect(violations([judged(null, "reason")])).toHaveLength(1);
    expect(violations([judged(null, null), judged("wrong", "reason")])).toEqual([]);
  });

  test("takes off the list what passes, and nothing else", () => {
    const entry = { runtime: "node", modes: MODES, reason: "r", cases: ["basic/made/made", "basic/made/other"] };
    const python = { ...entry, runtime: "python" };
    const failing = [judged("wrong", "r"), { ...judged(null, "r"), mode: "off" as const }];
    expect(shrink([entry, python], failing)).toEqual([{ ...entry, modes: ["on"], cases: ["basic/made/made"] }, python]);
    expect(shrink([entry], [judged(null, "r")])).toEqual([]);
  });

  test("takes no text and no truncated value for an answer", () => {
    expect(faultOf({ text: "true", steps: 0 }, { boolValue: true })).not.toBeNull();
    const cut = { value: { list: [], truncated: true }, steps: 0 } as const;
    expect(faultOf(cut, { listValue: {} })).not.toBeNull();
  });

  test.each([
    ["1in[1]", " lifted0 in[ lifted1 ]", " lifted0 in lifted1 "],
    ["{'a': -1}.a == 0x1F", "{ lifted0 :  lifted1 }.a ==  lifted2 ", " lifted0 .a ==  lifted1 "],
    ["{0: 1, 0: 2}", "{ lifted0 :  lifted1 ,  lifted2 :  lifted3 }", "{ lifted0 :  lifted1 ,  lifted2 :  lifted3 }"],
    ["{1u: 1}", "{ lifted0 :  lifted1 }", "{ lifted0 :  lifted1 }"],
    ["[[[[[1]]]]]", "[[[[[ lifted0 ]]]]]", "[ lifted0 ]"],
    ["'a'.matches('a') && matches(\"b\", 'b')", " lifted0 .matches('a') && matches( lifted1 , 'b')", null],
    ["t.getHours('UTC') + t.getHours('+01:00')", "t.getHours('UTC') + t.getHours( lifted0 )", null],
  ])("lifts the literals of %s", (source, byElement, whole) => {
    expect(lift(source, "element").expr).toBe(byElement);
    expect(lift(source, "whole").expr).toBe(whole ?? byElement);
  });

  test("lifts nearly every case, and most lists and maps as a whole", () => {
    const lifted = cases.filter(({ expr }) => Object.keys(lift(expr, "element").vars).length > 0);
    const whole = cases.filter(({ expr }) => lift(expr, "whole").expr !== lift(expr, "element").expr);
    expect(lifted.length).toBeGreaterThan(1500);
    expect(whole.length).toBeGreaterThan(200);
  });
});

function entry(key: string) {
  return { key: { stringValue: key }, value: { boolValue: true } };
}

function map(key: string) {
  return { mapValue: { entries: [entry(key)] } };
}

function list(value: object) {
  return { listValue: { values: [value] } };
}

function object(type: string, value: string) {
  return { objectValue: { "@type": `type.googleapis.com/google.protobuf.${type}`, value } };
}
