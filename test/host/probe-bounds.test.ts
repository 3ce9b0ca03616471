// The limits that one probe sets for itself: refused above the host's maximum, kept by reader, guest and engine.
import { describe, expect, test } from "vitest";
import {
  CompileError,
  type CompileOptions,
  compileCondition,
  compileTemplate,
  compileValue,
  LIMITS,
  MAXIMA,
  type ProbeLimits,
} from "../../conditions/index.ts";
import { errorCodeName } from "../../host/codes.ts";
import { Guest } from "../../host/guest.ts";
import { toTagged } from "../../host/tagged.ts";

const guest = new Guest();

/** What an expression gives under these limits: its value or error, and its steps. */
function evaluate(source: string, limits: Partial<ProbeLimits>, ...values: unknown[]) {
  const loaded = guest.load(compileValue(source, { limits }));
  try {
    const slot = loaded.evaluate(...values);
    const error = guest.errorIn(slot);
    return { value: error === 0 ? toTagged(guest.memory, slot) : errorCodeName(error), steps: loaded.steps() };
  } finally {
    loaded.close();
  }
}

function refusal(options: CompileOptions, source = "x > 1"): string {
  try {
    compileCondition(source, options);
  } catch (error) {
    expect(error).toBeInstanceOf(CompileError);
    return `${(error as CompileError).code}: ${(error as CompileError).message}`;
  }
  return "compiled";
}

describe("what a probe may set", () => {
  test.each<[string, CompileOptions, string]>([
    ["nothing", {}, "compiled"],
    ["fewer steps", { limits: { steps: 1 } }, "compiled"],
    ["more steps than a condition has", { limits: { steps: MAXIMA.steps } }, "compiled"],
    [
      "too many steps",
      { limits: { steps: 100_001 } },
      "limit: the limit `steps` is 100001; it can be from 1 to 100,000",
    ],
    ["none", { limits: { items: 0 } }, "limit: the limit `items` is 0; it can be from 1 to 256"],
    ["a part of one", { limits: { items: 1.5 } }, "limit: the limit `items` is 1.5; it can be from 1 to 256"],
    ["no number", { limits: { items: Number.NaN } }, "limit: the limit `items` is NaN; it can be from 1 to 256"],
    [
      "more than this host allows",
      { limits: { steps: 600 }, maxima: { steps: 500 } },
      "limit: the limit `steps` is 600; it can be from 1 to 500",
    ],
    [
      "more than any host allows",
      { limits: { inputBytes: 65_536 }, maxima: { inputBytes: 1e9 } },
      "limit: the limit `inputBytes` is 65536; it can be from 1 to 32,768",
    ],
    ["what there is not", { limits: { colour: 1 } as object }, "limit: there is no limit `colour`"],
    ["a module too small for it", { limits: { moduleBytes: 100 } }, "limit: the module has"],
    ["a cost too low for it", { limits: { cost: 2 } }, "limit: too expensive: 3 steps at worst, 2 are allowed"],
  ])("%s", (_, options, want) => {
    expect(refusal(options).slice(0, want.length)).toBe(want);
  });

  test("is what stands in its module", () => {
    const { limits } = compileCondition("x > 1", { limits: { items: 10 }, maxima: { inputBytes: 1000 } });
    expect(limits).toEqual({ ...MAXIMA, steps: LIMITS.conditionSteps, items: 10, inputBytes: 1000 });
    expect(compileTemplate("{{x}}").limits.steps).toBe(LIMITS.templateSteps);
  });

  test("lowers its worst case", () => {
    const cost = (limits: Partial<ProbeLimits>) => compileCondition("l.exists(x, x == y)", { limits }).cost;
    expect(cost({ items: 10, inputBytes: 1024 })).toBeLessThan(cost({}) / 10);
  });
});

describe("a limit of one probe is kept", () => {
  const list = Array.from({ length: 100 }, (_, i) => i);

  test("in steps", () => {
    expect(evaluate("l.exists(x, x == 99.0)", { steps: 99 }, list).value).toBe("budget");
    expect(evaluate("l.exists(x, x == 99.0)", { steps: 100 }, list)).toEqual({ value: { bool: true }, steps: 100 });
  });

  test("in elements", () => {
    expect(evaluate("l.exists(x, x == 9.0)", { items: 10 }, list).value).toEqual({ bool: true });
    expect(evaluate("l.exists(x, x == 10.0)", { items: 10 }, list).value).toBe("truncated");
    expect(evaluate("m.exists(k, v, v == 10.0)", { items: 10 }, new Map(list.map((i) => [i, i]))).value).toBe(
      "truncated",
    );
    expect(evaluate("l", { items: 2 }, list).value).toEqual({ list: [{ double: 0 }, { double: 1 }], truncated: true });
    expect(evaluate("l.size()", { items: 2 }, list).value).toEqual({ int: "100" });
  });

  test("in bytes of one text", () => {
    expect(evaluate("s", { stringBytes: 3 }, "abcdef").value).toEqual({ string: "abc", truncated: true });
    expect(evaluate("s == 'abcdef'", { stringBytes: 3 }, "abcdef").value).toBe("truncated");
    expect(evaluate("s == 'xbcdef'", { stringBytes: 3 }, "abcdef").value).toEqual({ bool: false });
    expect(evaluate("m.exists(k, v, k == 'abcdef')", { stringBytes: 3 }, { abcdef: 1 }).value).toBe("truncated");
  });

  test("in bytes that are copied", () => {
    expect(evaluate("l", { inputBytes: 48 }, list).value).toMatchObject({ truncated: true, list: { length: 3 } });
    expect(evaluate("l.exists(x, x == 3.0)", { inputBytes: 48 }, list).value).toBe("truncated");
    expect(evaluate("a + b == a + 'y'", { inputBytes: 8 }, "12345678", "x").value).toBe("truncated");
  });

  test("in bytes of the arena", () => {
    expect(evaluate("s + s", { arenaBytes: 1024 }, "x".repeat(200)).value).toEqual({ string: "x".repeat(400) });
    expect(evaluate("s + s", { arenaBytes: 512 }, "x".repeat(200)).value).toBe("memory");
    // What does not fit is not copied either.
    expect(evaluate("l", { arenaBytes: 64 }, list).value).toMatchObject({ truncated: true });
  });

  test("in bytes of output", () => {
    const render = (limits: Partial<ProbeLimits>) => {
      const loaded = guest.load(compileTemplate("value {{s}}", { limits }));
      const text = loaded.render("abcdefgh");
      return [text, loaded.truncated];
    };
    expect(render({ outputBytes: 14 })).toEqual(["value abcdefgh", false]);
    expect(render({ outputBytes: 10 })).toEqual(["value abcd...", true]);
    expect(render({})).toEqual(["value abcdefgh", false]);
  });

  test("and forgotten by the next probe", () => {
    evaluate("s + s", { arenaBytes: 64, inputBytes: 8, items: 1, stringBytes: 1 }, "x".repeat(200));
    expect(evaluate("s + s", {}, "x".repeat(200)).value).toEqual({ string: "x".repeat(400) });
    expect(evaluate("l.size() == 100 && l.all(x, x < 100.0)", {}, list).value).toEqual({ bool: true });
  });
});
