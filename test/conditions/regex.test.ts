import { describe, expect, it, test } from "vitest";
import { CompileError, compileCondition, compileTemplate, compileValue, LIMITS } from "../../conditions/index.ts";
import { compilePattern, fullWork, PatternError } from "../../conditions/regex/index.ts";
import { property } from "../../conditions/regex/unicode.ts";
import { both } from "../engine/patterns.ts";

function refusal(pattern: string): PatternError {
  try {
    compilePattern(pattern);
  } catch (error) {
    expect(error, pattern).toBeInstanceOf(PatternError);
    return error as PatternError;
  }
  throw new Error(`compiled: ${pattern}`);
}

describe("a pattern that RE2 refuses is refused at its place", () => {
  test.each<[pattern: string, at: string, message: string]>([
    ["a(b", "(", "the group is not closed"],
    ["a)b", ")", "there is no group that `)` closes"],
    ["(?:a", "(", "the group is not closed"],
    ["a[bc", "[", "the class is not closed"],
    ["[]", "[", "the class is not closed"],
    ["[^]", "[", "the class is not closed"],
    ["[a-\\d]", "a-\\d", "`a-\\d` is not a range of characters"],
    ["x[b-a]", "b-a", "`b-a` is not a range of characters"],
    ["x[a--]", "a--", "`a--` is not a range of characters"],
    ["[[:alhpa:]]", "[:alhpa:]", "there is no class `[:alhpa:]`"],
    ["*a", "*", "there is nothing before `*` to repeat"],
    ["a|+", "+", "there is nothing before `+` to repeat"],
    ["(?:)|(?i){2}", "{2}", "there is nothing before `{2}` to repeat"],
    ["a**", "**", "`**` repeats twice"],
    ["a{2}{3}", "{2}{3}", "`{2}{3}` repeats twice"],
    ["a+?*", "+?*", "`+?*` repeats twice"],
    ["a{3,2}", "{3,2}", "the bounds are in the wrong order"],
    ["\\", "\\", "the pattern ends with a backslash"],
    ["a\\q", "\\q", "`\\q` is not an escape of RE2"],
    ["a\\Z", "\\Z", "`\\Z` is not an escape of RE2"],
    ["\\u0041", "\\u", "`\\u` is not an escape of RE2"],
    ["\\é", "\\é", "`\\é` is not an escape of RE2"],
    ["a\\E", "\\E", "`\\E` is not an escape of RE2"],
    ["[\\b]", "\\b", "`\\b` is not an escape in a class"],
    ["[\\Qa\\E]", "\\Q", "`\\Q` is not an escape in a class"],
    ["\\xg", "\\x", "`\\x` needs two hexadecimal digits, or any number of them in braces"],
    ["\\x{}", "\\x", "`\\x` needs two hexadecimal digits, or any number of them in braces"],
    ["\\x{110000}", "\\x{110000}", "there is no such Unicode character"],
    ["\\p", "\\p", "`\\p` needs the name of a class"],
    ["\\p{Lu", "\\p{", "`\\p` needs the name of a class"],
    ["\\p{}", "\\p{}", "`\\p` needs the name of a class"],
    ["\\p{Grek_}", "\\p{Grek_}", "there is no Unicode class `Grek_`"],
    ["\\pX", "\\pX", "there is no Unicode class `X`"],
    ["\\p{Cn}", "\\p{Cn}", "there is no Unicode class `Cn`"],
    ["\\p{Letter}", "\\p{Letter}", "there is no Unicode class `Letter`"],
    ["\\p{Script=Greek}", "\\p{Script=Greek}", "there is no Unicode class `Script=Greek`"],
    ["a(?", "(?", "`(?` begins no group of RE2"],
    ["(?x)a", "(?", "`(?` begins no group of RE2"],
    ["(?i-)a", "(?", "`(?` begins no group of RE2"],
    ["(?--i)a", "(?", "`(?` begins no group of RE2"],
    ["(?P<a-b>c)", "(?P<a-b>", "the name of a group has letters, digits and `_` only"],
    ["(?<>c)", "(?<>", "the name of a group has letters, digits and `_` only"],
    ["(?P<a", "(?P<a", "the name of a group has letters, digits and `_` only"],
    ["(?<a>b)(?P<a>c)", "(?P<a>", "two groups are named `a`"],
  ])("%s", (pattern, at, message) => {
    const error = refusal(pattern);
    expect(error.message).toBe(message);
    expect(error.code).toBe("invalid_argument");
    expect(pattern.slice(error.from, error.to)).toBe(at);
    expect(error.remedy).toMatch(/^[A-Z`].*\.$/);
  });
});

describe("what other engines have and linear time does not allow is refused at its place", () => {
  test.each<[pattern: string, at: string, message: string]>([
    ["(a)\\1", "\\1", "a back-reference cannot be matched in linear time"],
    ["(a)\\8", "\\8", "a back-reference cannot be matched in linear time"],
    ["(?P<n>a)(?P=n)", "(?P=", "a back-reference cannot be matched in linear time"],
    ["(?<n>a)\\k<n>", "\\k", "a back-reference cannot be matched in linear time"],
    ["a(?=b)", "(?=", "looking ahead or behind cannot be done in linear time"],
    ["a(?!b)", "(?!", "looking ahead or behind cannot be done in linear time"],
    ["(?<=b)a", "(?<=", "looking ahead or behind cannot be done in linear time"],
    ["(?<!b)a", "(?<!", "looking ahead or behind cannot be done in linear time"],
    ["(?>a)", "(?>", "there are no atomic groups"],
    ["x(?#why)", "(?#", "there are no comments in a pattern"],
    ["a(?R)?b", "(?R", "a pattern cannot contain itself"],
    ["a(?1)", "(?1", "a pattern cannot contain itself"],
    ["(a)?(?(1)b|c)", "(?(", "a pattern has no conditions"],
    ["(?|a|b)", "(?|", "there are no branch resets"],
    ["a++", "++", "`++` is a possessive repetition"],
    ["a{2,3}+", "{2,3}+", "`{2,3}+` is a possessive repetition"],
    ["a\\Cb", "\\C", "`\\C` matches a byte, and texts have characters here"],
  ])("%s", (pattern, at, message) => {
    const error = refusal(pattern);
    expect(error.message).toBe(message);
    expect(error.code).toBe("unsupported");
    expect(pattern.slice(error.from, error.to)).toBe(at);
    expect(error.remedy).toMatch(/^[A-Z`].*\.$/);
  });
});

describe("a hostile pattern ends soon, as data or as `limit`", () => {
  const many = (count: number, part: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => part(i)).join("");
  test.each<[name: string, pattern: string, refused: boolean]>([
    ["a{1001}", "a{1001}", true],
    ["a{1000}", "a{1000}", false],
    ["a{1000}b", "a{1000}b", true],
    ["nested repetitions", "(((a{1000}){1000}){1000})", true],
    ["nested repetitions of nothing", "((((((){1000}){1000}){1000})){1000})", true],
    ["ten, five times", "(((((a{10}){10}){10}){10}){10})", true],
    ["a class of Unicode, repeated", "\\pL{1000}", true],
    ["many classes of Unicode", "[\\pL]".repeat(680), true],
    ["the same without case", `(?i)${"[\\pL]".repeat(670)}`, true],
    ["many letters without case", `(?i)${"ä".repeat(2000)}`, true],
    ["groups within groups", "(".repeat(2000) + ")".repeat(2000), true],
    ["as many groups as are allowed", `${"(".repeat(250)}a${")".repeat(250)}`, false],
    ["stars within stars", `${"(".repeat(249)}a${")*".repeat(249)}`, false],
    ["a position from the end", "(a|b)*a(a|b){12}", false],
    ["a far position from the end", "(a|b)*a(a|b){300}", true],
    ["many optional parts", "(a?){500}a{500}", true],
    ["many alternatives", many(500, (i) => `w${(i * 7919) % 1000}|`), false],
    ["many empty alternatives", "|".repeat(4000), false],
    ["empty alternatives, repeated", "(|){1000}", false],
    ["repetitions that add up", "x{0,1000}".repeat(400), true],
    ["assertions, repeated", "((^|$|\\b|\\B)*){500}", false],
    ["assertions side by side", many(250, () => "(?:\\b|\\B|^|$)*"), false],
    ["any text, many times", "(.*a){20}", false],
    ["any text of bounded length", "^(.{1,15}\\s?){60}$", true],
    ["different large classes", many(300, (i) => `[\\pL\\x{${(0x2000 + i).toString(16)}}]`), true],
  ])("%s", (_, pattern, refused) => {
    const from = performance.now();
    let table: Uint8Array | null = null;
    try {
      table = compilePattern(pattern).table;
    } catch (error) {
      expect((error as PatternError).code, String(error)).toBe("limit");
    }
    // Far more than any of them takes, on a machine with other things to do.
    expect(performance.now() - from).toBeLessThan(3000);
    expect(table === null).toBe(refused);
    expect(table?.length ?? 0).toBeLessThanOrEqual(LIMITS.regexTableBytes);
  });
});

describe("an automaton", () => {
  it.each<[pattern: string, states: number]>([
    ["abc", 3],
    [".*abc.*", 3],
    ["(?:a|b|c)x", 2],
    ["[a-c]x", 2],
    ["^a*$", 1],
    ["^(a|aa|aaa)*$", 1],
    ["^(?:(?:a?)+)*$", 1],
    ["", 0],
    ["$", 0],
    ["(?:\\b|\\B)", 0],
    ["[^\\x00-\\x{10FFFF}]", 0],
    ["^.{300}$", 301],
    ["[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", 36],
  ])("of %s is minimal: %i states", (pattern, states) => {
    expect(both(pattern).dfa?.size).toBe(states);
  });

  it("is kept small for large classes, and gives way to a simulation past its cap", () => {
    expect(compilePattern("^\\pL+$").table.length).toBeLessThan(7000);
    expect(compilePattern("(\\pL|\\pN)+ (\\pL|\\pN)+").table.length).toBeLessThan(20_000);
    expect(compilePattern("(a|b)*a(a|b){8}").kind).toBe("dfa");
    expect(compilePattern("(a|b)*a(a|b){20}").kind).toBe("nfa");
    expect(compilePattern("(a|b)*a(a|b){20}").size).toBeLessThan(LIMITS.regexInstructions);
    // Many patterns of one compilation cannot add up.
    const work = fullWork();
    const kinds = new Set<string>();
    for (let i = 0; i < 400 && !kinds.has("nfa"); i++) kinds.add(compilePattern("(a|b)*a(a|b){8}", work).kind);
    expect([...kinds]).toEqual(["dfa", "nfa"]);
  });

  it("is the same whenever it is made", () => {
    for (const pattern of ["^\\pL+$", "(?i)straße|weiß", "(a|b)*a(a|b){20}", "\\bfoo\\b"])
      expect(compilePattern(pattern).table).toEqual(compilePattern(pattern).table);
  });
});

describe("the classes of Unicode", () => {
  test.each(["L", "Lu", "Nd", "Zs", "Co", "So", "Greek", "Han", "Common"])("%s is what JavaScript says", (name) => {
    const native = new RegExp(`^\\p{${name.length < 3 ? name : `Script=${name}`}}$`, "u");
    const ranges = property(name) as readonly number[];
    for (let i = 0; i < ranges.length; i += 2) {
      for (const code of [ranges[i]!, ranges[i + 1]!]) expect(native.test(String.fromCodePoint(code))).toBe(true);
      for (const code of [ranges[i]! - 1, ranges[i + 1]! + 1])
        if (code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff))
          expect(native.test(String.fromCodePoint(code)), code.toString(16)).toBe(false);
    }
  });

  it("have no category of what is not assigned", () => {
    expect(property("Cn")).toBeNull();
    expect(property("C")).toContain(0xd800);
    expect(property("Any")).toEqual([0, 0x10ffff]);
    expect(property("NoSuchScript")).toBeNull();
  });
});

describe("a condition with a pattern", () => {
  function refused(source: string, compile: (source: string) => unknown = compileCondition): CompileError {
    try {
      compile(source);
    } catch (error) {
      expect(error, source).toBeInstanceOf(CompileError);
      return error as CompileError;
    }
    throw new Error(`compiled: ${source}`);
  }

  it.each<[name: string, source: string, text: string]>([
    [
      "an invalid pattern",
      "x.matches('a(b')",
      "invalid_argument: the group is not closed\nx.matches('a(b')\n            ^\nAdd the missing `)`, or write `\\(`.",
    ],
    [
      "a place behind escapes",
      "x.matches('\\\\d\\u00e9\\\\q')",
      "invalid_argument: `\\q` is not an escape of RE2\nx.matches('\\\\d\\u00e9\\\\q')\n                    ^~~\n" +
        "Write `q` for the character itself, or `\\\\` for a backslash.",
    ],
    [
      "a place in a raw string",
      "x.matches(r'\\d(?=y)')",
      "unsupported: looking ahead or behind cannot be done in linear time\nx.matches(r'\\d(?=y)')\n              ^~~\n" +
        "Match the text itself, or join two conditions: `a.matches(x) && !a.matches(y)`.",
    ],
    [
      "a place on a later line",
      "x.matches('''a\n😀b{3,1}''')",
      "invalid_argument: the bounds are in the wrong order\n😀b{3,1}''')\n   ^~~~~\nWrite the smaller one first.",
    ],
    [
      "the end of a pattern",
      "matches(x, 'a\\\\')",
      "invalid_argument: the pattern ends with a backslash\nmatches(x, 'a\\\\')\n             ^~\nWrite `\\\\` for a backslash.",
    ],
    [
      "a pattern that is no string",
      "x.matches(1)",
      "no_such_overload: `matches` needs a string as its pattern, not int\nx.matches(1)\n          ^\nWrite the pattern in quotes.",
    ],
    [
      "a pattern that is computed",
      "x.matches('a' + y)",
      "unsupported: the pattern of `matches` must be a literal string\nx.matches('a' + y)\n          ^~~~~~~\n" +
        "Write the pattern as a string, or use a script condition: `js: …`.",
    ],
    [
      "a repetition past the limit",
      "x.matches('a{1001}')",
      "limit: a repetition has at most 1,000 rounds\nx.matches('a{1001}')\n            ^~~~~~\nWrite a smaller number, or `*`.",
    ],
    [
      "copies past the limit",
      "x.matches('(a{100}){100}')",
      "limit: repetitions within repetitions make 10,000 copies; 1,000 are allowed\nx.matches('(a{100}){100}')\n" +
        "             ^~~~~\nWrite smaller numbers, or `*`.",
    ],
    [
      "states past the limit",
      "x.matches('a{999}bc')",
      "limit: the pattern needs more than 1,000 states\nx.matches('a{999}bc')\n           ^~~~~~~~\n" +
        "Write smaller repetitions or classes, or split it into several conditions.",
    ],
  ])("explains %s", (_, source, text) => {
    expect(refused(source).toString()).toBe(text);
  });

  it("is refused in a template at the same place", () => {
    const error = refused("a {{x.matches('b(')}} c", compileTemplate);
    expect([error.code, error.span]).toEqual(["invalid_argument", { from: 16, to: 17 }]);
  });

  it("yields its error where errors are values, but never runs what is not supported", () => {
    expect(compileValue("true || x.matches('(')").wasm.length).toBeGreaterThan(0);
    expect(compileValue("true || x.matches(1)").wasm.length).toBeGreaterThan(0);
    for (const pattern of ["y", "'(?=a)'", "'a{1001}'"])
      expect(["unsupported", "limit"]).toContain(refused(`true || x.matches(${pattern})`, compileValue).code);
  });

  it("costs what its matcher can spend, so that a macro over an automaton is fine", () => {
    // Beside the matcher: the path, the call and the result.
    expect(compileCondition("x.matches('^a+$')").cost).toBe(256 + 3);
    expect(compileCondition("xs.exists(x, x.matches('^a+$'))").cost).toBeLessThan(LIMITS.cost / 10);
    expect(compileCondition("x.matches('(a|b)*a(a|b){20}c')").cost).toBe(4096 * (1 + 2) + 3);
  });

  it("reads the text and nothing else", () => {
    expect(compileCondition("user.name.matches('^a')").projection.roots).toEqual([
      { key: "user", fields: [{ key: "name", slot: 0, want: "scalar" }] },
    ]);
  });

  it("holds each pattern once", () => {
    const once = compileCondition("x.matches('^a+$')").dataBytes;
    expect(compileCondition("x.matches('^a+$') || y.matches('^a+$')").dataBytes).toBe(once);
    expect(compileCondition("x.matches('^a+$') || y.matches('^b+$')").dataBytes).toBeGreaterThan(once);
  });
});
