import { describe, expect, it } from "vitest";
import { CompileError } from "../../conditions/errors.ts";
import { LIMITS } from "../../conditions/limits.ts";
import { parseCondition } from "../../conditions/parser.ts";
import { printExpr } from "../../conditions/print.ts";
import { parseTemplate } from "../../conditions/template.ts";

function refusal(parse: () => unknown): CompileError {
  try {
    parse();
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error("it parses");
}

const repeat = (text: string, times: number): string => text.repeat(times);
const nested = (open: string, inside: string, close: string, times: number): string =>
  repeat(open, times) + inside + repeat(close, times);

describe("the source limit", () => {
  const full = `'${repeat("x", LIMITS.conditionBytes - 2)}'`;
  it("allows 4096 bytes", () => expect(parseCondition(full).nodes).toBe(1));
  it("refuses one more, before it looks at the text", () => {
    expect(refusal(() => parseCondition(`${full}"`))).toMatchObject({ code: "limit", span: { from: 4096, to: 4097 } });
  });
  it("counts bytes and not characters, and splits none", () => {
    const error = refusal(() => parseCondition(`'${repeat("😀", 1024)}'`));
    expect(error).toMatchObject({
      code: "limit",
      message: "the condition has 4098 bytes; 4096 are allowed",
      span: { from: 2047, to: 2050 },
    });
  });
  it("is 16384 bytes for a template", () => {
    expect(parseTemplate(repeat("x", 16384)).parts).toHaveLength(1);
    expect(refusal(() => parseTemplate(repeat("x", 16385))).code).toBe("limit");
  });
});

describe("the node limit", () => {
  it("allows 2000 nodes", () => expect(parseCondition(`[${Array(1999).fill("0").join()}]`).nodes).toBe(2000));
  it("refuses one more", () => {
    expect(refusal(() => parseCondition(`[${Array(2000).fill("0").join()}]`))).toMatchObject({
      code: "limit",
      message: "the expression has more than 2000 parts",
    });
  });
  it("holds for all holes of a template together", () => {
    expect(parseTemplate(repeat("{{x}}", 2000)).nodes).toBe(2000);
    expect(refusal(() => parseTemplate(repeat("{{x}}", 2001)))).toMatchObject({
      code: "limit",
      span: { from: 10002, to: 10003 },
    });
  });
});

describe("the depth limit", () => {
  it.each<[string, (times: number) => string]>([
    ["parentheses", (n) => nested("(", "x", ")", n)],
    ["lists", (n) => nested("[", "x", "]", n)],
    ["maps", (n) => nested("{x:", "x", "}", n)],
    ["map keys", (n) => nested("{", "x", ":x}", n)],
    ["calls", (n) => nested("f(", "x", ")", n)],
    ["methods", (n) => nested("x.f(", "x", ")", n)],
    ["indexes", (n) => nested("x[", "x", "]", n)],
    ["chained indexes", (n) => `x${repeat("[0]", n)}`],
    ["selects", (n) => `x${repeat(".y", n)}`],
    ["optional selects", (n) => `x${repeat(".?y", n)}`],
    ["exclamation marks", (n) => `${repeat("!", n)}x`],
    ["minus signs", (n) => `${repeat("-", n)}x`],
    ["minus signs in parentheses", (n) => nested("-(", "x", ")", Math.floor(n))],
    ["nots", (n) => `${repeat("not ", n)}x`],
    ["nots with parentheses", (n) => nested("not(", "x", ")", n)],
    ["ternaries", (n) => `${repeat("x ? x : ", n)}x`],
    ["additions", (n) => `x${repeat(" + x", n)}`],
    ["products", (n) => `x${repeat(" * x", n)}`],
    ["relations", (n) => `x${repeat(" == x", n)}`],
    ["defaults", (n) => `x${repeat(" ?? x", n)}`],
    ["not in", (n) => `x${repeat(" not in x", Math.floor(n / 2))}`],
  ])("stops %s between 60 and 65", (_, make) => {
    expect(() => parseCondition(make(60))).not.toThrow();
    expect(refusal(() => parseCondition(make(66))).code).toBe("limit");
  });

  it.each([
    "(",
    "[",
    "{",
    "{x:",
    "!",
    "-",
    "not ",
    "not(",
    "x.",
    "x[",
    "f(",
    "x?x:",
    "x?",
    "-(",
    "!(",
    "[[{x:",
    "xs.map(x,",
    "a{b:",
    "x is not ",
    "'",
    "@",
    "`",
    "{{",
    "x??",
    "1+",
    ".x",
  ])("survives %j without end", (text) => {
    const source = repeat(text, Math.floor(4096 / text.length));
    expect(["syntax", "limit"]).toContain(refusal(() => parseCondition(source)).code);
    expect(["syntax", "limit"]).toContain(refusal(() => parseTemplate(`{{${source}`)).code);
  });
});

describe("chains of && and ||", () => {
  const chain = (op: string, terms: number): string => Array.from({ length: terms }, (_, i) => `x${i}`).join(` ${op} `);
  it("lean to the left up to 32 terms", () => {
    expect(printExpr(parseCondition(chain("||", 4)).expr)).toBe("(|| (|| (|| x0 x1) x2) x3)");
    expect(printExpr(parseCondition(chain("&&", 32)).expr)).toMatch(/^(\(&& ){31}x0 x1\)/);
  });
  it.each(["||", "&&", "or", "and"])("of %s are balanced when longer, in the order of the source", (op) => {
    const parsed = parseCondition(chain(op, 200));
    expect(parsed.nodes).toBe(399);
    expect(printExpr(parsed.expr).match(/x\d+/g)).toEqual(Array.from({ length: 200 }, (_, i) => `x${i}`));
    expect(parsed.expr).toMatchObject({ kind: "binary", from: 0, to: parsed.source.length });
  });
  it("span what they hold", () => {
    const source = chain("||", 33);
    const { expr } = parseCondition(`a && (${source})`);
    expect(expr).toMatchObject({ right: { from: 6, to: 6 + source.length } });
    if (expr.kind !== "binary" || expr.right.kind !== "binary") throw new Error(expr.kind);
    expect(`a && (${source})`.slice(expr.right.left.from, expr.right.left.to)).toBe(chain("||", 17));
  });
});

describe("the macro limit", () => {
  it("allows loops three deep, and has and bind below them", () => {
    expect(() =>
      parseCondition("a.all(x, b.exists(y, c.map(z, has(z.d) && cel.bind(e, z, e.f)).size() > 0))"),
    ).not.toThrow();
  });
  it("does not count loops that follow each other", () => {
    expect(() => parseCondition("a.filter(b, b).map(c, c).filter(d, d).map(e, e).exists(f, f)")).not.toThrow();
  });
  it.each([
    "a.all(x, b.all(x, c.all(x, d.all(x, x))))",
    "a.map(x, b.all(x, c.all(x, d.all(x, x))), x)",
    "a.all(x, b.all(x, c.all(x, d.map(x, x).size() > 0)))",
  ])("refuses %s", (source) => {
    expect(refusal(() => parseCondition(source)).code).toBe("limit");
  });
});

describe("the minimum capacities of CEL", () => {
  it.each([
    ["32 terms of ||", Array(32).fill("false").join(" || ")],
    ["32 terms of &&", Array(32).fill("true").join(" && ")],
    ["32 arguments", `f(${Array(32).fill("0").join()})`],
    ["32 elements", `[${Array(32).fill("0").join()}]`],
    ["32 entries", `{${Array.from({ length: 32 }, (_, i) => `${i}: 0`).join()}}`],
    ["32 signs", `${repeat("!", 32)}true == ${repeat("-", 32)}19`],
    ["32 parentheses", nested("(", "7", ")", 32)],
    ["24 ternaries", `${repeat("true ? true : ", 24)}false`],
    ["24 sums and products", `3${repeat(" - 3 + 3", 12)} == 4${repeat(" * 4 / 4", 12)}`],
    ["24 relations", `a${repeat(" == b", 24)}`],
    ["12 calls", nested("f(", "0", ")", 12)],
    ["12 selects and indexes", `a${repeat(".b", 12)}${repeat("[0]", 12)}`],
    ["12 nested indexes", nested("a[", "0", "]", 12)],
    ["12 nested lists and maps", `[${nested("[", "0", "]", 12)}, ${nested("{0: ", "0", "}", 12)}]`],
  ])("hold for %s", (_, source) => expect(() => parseCondition(source)).not.toThrow());
});
