import { beforeEach, describe, expect, it, test } from "vitest";
import { compilePattern } from "../../conditions/regex/index.ts";
import { DFA_GAP, DFA_ROWS, ERR_REDACTED, SEGMENTS_END } from "../../engine/abi.ts";
import { random } from "../fuzz/random.ts";
import { bytes, engine, failed, int, make, NODE, nil, octets, reset, showResult, str, view } from "./guest.ts";
import { both, match, matches, place } from "./patterns.ts";

/** Pattern, texts that match, texts that do not. */
type Case = readonly [pattern: string, yes: readonly string[], no: readonly string[]];

const CASES: readonly Case[] = [
  // Anywhere in the text, unless anchored
  ["b", ["abc", "b"], ["", "ac"]],
  ["", ["", "a"], []],
  ["^b", ["bc"], ["ab", "a\nb"]],
  ["b$", ["ab"], ["ba", "b\n"]],
  ["^$", [""], ["a", "\n"]],
  ["\\Ab\\z", ["b"], ["b\n", "ab"]],
  ["a|^b|c$", ["xa", "b", "xc"], ["xb", "cx"]],
  ["^a|b", ["ax", "xb"], ["xa"]],
  ["(^|,)a(,|$)", ["a", "b,a", "a,b", "b,a,b"], ["ab", "ba", "b,ab"]],
  // Lines
  ["(?m)^b$", ["a\nb\nc", "b", "b\n"], ["ab\n", "b\r\n"]],
  ["(?m)\\Ab", ["b\na"], ["a\nb"]],
  ["(?m)b\\z", ["a\nb"], ["b\n"]],
  ["(?m)^$", ["a\n\nb", "", "a\n"], ["a"]],
  ["a.b", ["axb", "aéb", "a😀b", "a\rb", "a\u2028b"], ["a\nb", "ab", "axxb"]],
  ["(?s)a.b", ["a\nb"], ["ab"]],
  ["[^a]", ["\n", "b"], ["a", ""]],
  // Words: ASCII only, and never inside a character
  ["\\bfoo\\b", ["foo", "a foo b", "éfooé", "-foo-"], ["foob", "_foo", "foo1"]],
  ["\\Bo", ["foo"], ["o", "é o"]],
  ["\\B", ["", "--", "ab"], ["a", "aéb"]],
  ["\\b", ["a"], ["", "é", "-"]],
  ["a\\b.", ["a b", "aé"], ["ab", "a"]],
  ["(?:\\b|a)+c", ["c", "aac"], ["é"]],
  // Repetitions
  ["^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]],
  ["^a{2}$", ["aa"], ["aaa"]],
  ["^a{2,}$", ["aa", "aaaaa"], ["a"]],
  ["^a{0}$", [""], ["a"]],
  ["^(?:a|bc){1,2}d", ["ad", "bcad"], ["d", "aaad"]],
  ["^a*?b", ["b", "aab"], ["ac"]],
  ["^(?U)a+b", ["aab"], ["b"]],
  ["^(a*)*$", ["", "aaa"], ["b"]],
  ["^(|a)+$", ["", "aaa"], ["b"]],
  ["^(?:a?){3}a{3}$", ["aaa", "aaaaaa"], ["aa", "aaaaaaa"]],
  ["^*a", ["a", "ba"], ["b"]],
  ["a{,2}", ["a{,2}"], ["aa"]],
  ["a{01}", ["a{01}"], ["aa"]],
  ["a{", ["a{"], ["a"]],
  ["^.{3}$", ["abc", "äöü", "😀é1"], ["ab", "äöüß"]],
  // Classes
  ["^[a-c]+$", ["abc"], ["abd"]],
  ["^[]a]+$", ["a]"], ["b"]],
  ["^[^]a]+$", ["bc["], ["a", "]"]],
  ["^[a-]+$", ["a-"], ["b"]],
  ["^[-a]+$", ["-a"], ["b"]],
  ["^[a-c-e]+$", ["b-e"], ["d"]],
  ["^[+--]+$", ["+,-"], ["."]],
  ["^[\\]\\-\\\\]+$", ["]-\\"], ["a"]],
  ["^[\\d.]+$", ["1.2"], ["a"]],
  ["^[^\\d\\s]+$", ["ab"], ["a1", "a b"]],
  ["^[\\D]+$", ["ab"], ["1"]],
  ["^[[:alpha:]_]+$", ["aZ_"], ["1", "é"]],
  ["^[[:^digit:]]+$", ["aé"], ["1"]],
  ["^[[:word:]]+$", ["a_1"], ["-"]],
  ["^[[:x]+$", ["[:x"], ["y"]],
  ["[^\\x00-\\x{10FFFF}]", [], ["", "a", "é"]],
  ["^\\s+$", [" \t\n\f\r"], ["\v", "\u00a0"]],
  ["^[[:space:]]+$", [" \t\n\v\f\r"], ["\u00a0"]],
  ["^[a&&b]+$", ["a&b"], ["c"]],
  // Escapes
  ["^\\x41\\x{e9}\\101\\t\\_\\.$", ["AéA\t_."], ["AéA\t_x"]],
  ["^\\Qa.b*\\E+$", ["a.b***"], ["axb"]],
  ["\\Q(", ["("], [")"]],
  ["^\\0a$", ["\0a"], ["a"]],
  ["^\\/\\-\\ \\~$", ["/- ~"], [""]],
  // Unicode
  ["^\\pL+$", ["aé字ß"], ["a1"]],
  ["^\\p{Lu}\\p{Ll}+$", ["Éa", "Ωμ"], ["aa"]],
  ["^\\PL+$", ["1-"], ["a"]],
  ["^\\p{^L}+$", ["1-"], ["a"]],
  ["^\\P{^L}+$", ["aé"], ["1"]],
  ["^\\p{Greek}+$", ["αβγ"], ["a"]],
  ["^[\\p{Nd}x]+$", ["1٣x"], ["y"]],
  ["^\\p{Any}$", ["a", "\n", "😀"], [""]],
  ["^[α-ω]+$", ["αλω"], ["Α", "a"]],
  ["^[^α]+$", ["aβ字😀"], ["α"]],
  ["^[😀-😎]$", ["😀", "😄"], ["🚀"]],
  ["[\\x{D800}-\\x{DFFF}]", [], ["a", "\ufffd"]],
  ["\ufffd", ["\ufffd"], ["a"]],
  // Case
  ["(?i)straße", ["STRASSE straße", "STRAẞE"], ["STRASSE"]],
  ["^(?i)k$", ["k", "K", "\u212a"], ["c"]],
  ["^(?i)[^k]$", ["c"], ["k", "K", "\u212a"]],
  ["^(?i)\\w$", ["\u017f", "S"], ["é"]],
  ["^(?i)\\W$", ["é"], ["\u017f", "s"]],
  ["^(?i)[\\W]$", ["é"], ["\u017f", "s"]],
  ["^(?i)[[:^lower:]]$", ["1"], ["a", "A", "\u017f"]],
  ["^(?i)σ$", ["σ", "ς", "Σ"], ["s"]],
  ["^(?i)i$", ["i", "I"], ["İ", "ı"]],
  ["^(?i)\\p{Lu}$", ["a", "A"], ["1"]],
  ["^(?i:a)b$", ["Ab"], ["AB"]],
  ["^a(?i)b$", ["aB"], ["AB"]],
  ["^(?:a(?i)b|c)d$", ["aBd", "Cd"], ["cD"]],
  ["^(?i)a(?-i)b$", ["Ab"], ["AB"]],
  ["^(?i-s:a.)$", ["Ab"], ["a\n"]],
  // Groups
  ["^(?P<year>\\d{4})-(?<month>\\d\\d)$", ["2024-05"], ["24-05"]],
  ["^(?:a|b)(c|d)$", ["ac", "bd"], ["ab"]],
  ["^()$", [""], ["a"]],
  ["^(?i)(?)A$", ["a"], ["b"]],
];

beforeEach(() => reset());

describe("a pattern", () => {
  test.each(CASES)("%s", (pattern, yes, no) => {
    const compiled = both(pattern);
    for (const text of yes) expect(matches(compiled, text), `matches ${JSON.stringify(text)}`).toBe("true");
    for (const text of no) expect(matches(compiled, text), `matches ${JSON.stringify(text)}`).toBe("false");
  });
});

describe("a cut text", () => {
  const T = `truncated@${NODE}`;
  // Where an automaton knows more of what can come than a simulation, the last column is what that one says.
  it.each<[pattern: string, text: string, answer: string, simulated?: string]>([
    ["b", "abc", "true"],
    ["b", "ac", T],
    ["^b", "bc", "true"],
    ["^b", "ac", "false"],
    ["^b", "", T],
    ["c$", "abc", T],
    ["^abc$", "abc", T],
    ["^abc$", "abd", "false"],
    ["^abc$", "abcd", "false"],
    ["", "", "true"],
    ["^", "", "true"],
    ["$", "", "true", T],
    ["foo\\b", "a foo", T],
    ["foo\\b", "a foo ", "true"],
    ["\\bfoo", "a foo", "true"],
    ["(?m)^b", "a\nb", "true"],
    ["(?m)^", "a", "true"],
    ["(?m)a$", "a", T],
    ["(?m)a$", "a\n", "true"],
    ["(?s)^a.*$", "ab", "true", T],
    ["(?s)^a.*", "ab", "true"],
    ["^[a-z]{2}$", "abc", "false"],
    ["[^\\x00-\\x{10FFFF}]", "a", "false"],
    ["^a[^\\x00-\\x{10FFFF}]", "a", "false"],
    ["^a\\bb", "a", "false", T],
  ])("%s on %j... is %s", (pattern, text, answer, simulated = answer) => {
    const { dfa, nfa } = both(pattern);
    place(text, true);
    expect(match(dfa!)).toBe(answer);
    expect(match(nfa!)).toBe(simulated);
  });
});

/** Patterns that a backtracking engine takes forever for, and a part of the text that it would not stop at. */
const CATASTROPHES: readonly (readonly [pattern: string, unit: string, end: string])[] = [
  ["^(a+)+$", "a", "!"],
  ["(a|aa)+$", "a", "!"],
  ["(a|aa)+b", "a", ""],
  ["^(([a-z])+.)+[A-Z]([a-z])+$", "a", ""],
  ["(x+x+)+y", "x", ""],
  ["(.*a){20}$", "ab", "b"],
  ["(?:a?){30}a{30}b", "a", ""],
  ["^(?:.*?,){11}P", "1,2,3,4,5,6,7,8,9,10,11,12,13", ""],
  ["(a|b)*a(a|b){20}c", "abba", ""],
  ["\\b(?:\\w+\\s*)+$", "word ", "!"],
];

describe("a catastrophic pattern", () => {
  const MEBIBYTE = 1 << 20;

  it.each(CATASTROPHES)(
    "%s takes time in proportion to the text",
    (pattern, unit, end) => {
      const encoded = new TextEncoder().encode(unit);
      const text = new Uint8Array(MEBIBYTE).map((_, i) => encoded[i % encoded.length] as number);
      text.set(new TextEncoder().encode(end), MEBIBYTE - end.length);
      const { dfa, nfa } = both(pattern);
      for (const matcher of [dfa, nfa]) {
        if (matcher === null) continue;
        const spend = (length: number): number => {
          place(text.subarray(MEBIBYTE - length));
          const budget = 1_000_000_000;
          expect(match(matcher, budget)).toBe("false");
          return budget - engine.steps.value;
        };
        const quarter = spend(MEBIBYTE / 4);
        const whole = spend(MEBIBYTE);
        const bound = matcher.kind === "dfa" ? 1 / 16 : 1 + matcher.size / 16;
        expect(whole).toBeLessThanOrEqual(MEBIBYTE * bound);
        expect(whole / quarter, `${matcher.kind}: ${quarter}, then ${whole} steps`).toBeLessThan(4.01);
      }
    },
    20_000,
  );

  it("ends with the budget", () => {
    for (const [pattern, unit] of CATASTROPHES) {
      const { dfa, nfa } = both(pattern);
      for (const matcher of [dfa, nfa]) {
        if (matcher === null) continue;
        place(unit.repeat(400_000 / unit.length));
        expect(match(matcher, 10_000), pattern).toBe(matcher.size === 0 ? "false" : `budget@${NODE}`);
        expect(engine.steps.value).toBeLessThan(0);
      }
    }
  });
});

describe("the steps of a match", () => {
  const spent = (pattern: string, text: string, kind: "dfa" | "nfa" = "dfa"): number => {
    place(text);
    match(both(pattern)[kind]!, 1000);
    return 1000 - engine.steps.value;
  };

  it.each<[pattern: string, text: string, steps: number]>([
    ["b", "a".repeat(15), 0],
    ["b", "a".repeat(16), 1],
    ["b", "a".repeat(4096), 256],
    ["^b", "a".repeat(4096), 0],
    ["b", `${"a".repeat(63)}b${"a".repeat(4000)}`, 4],
    ["", "a".repeat(4096), 0],
  ])("%s on a text, as an automaton", (pattern, text, steps) => {
    expect(spent(pattern, text)).toBe(steps);
  });

  it("are one a byte in a simulation, and one more a 16 positions", () => {
    expect(spent("^b", "a".repeat(500), "nfa")).toBe(0);
    expect(spent("b", "a".repeat(500), "nfa")).toBe(500);
    expect(spent("^(?:a?){40}b", "a".repeat(40), "nfa")).toBe(74);
  });

  it("may be all that is left, and not one more", () => {
    place("a".repeat(64));
    const { dfa } = both("b");
    expect(match(dfa!, 4)).toBe("false");
    expect(match(dfa!, 3)).toBe(`budget@${NODE}`);
    expect(engine.steps.value).toBeLessThan(0);
    expect(match(dfa!, -1)).toBe(`budget@${NODE}`);
    // What is decided within the budget is an answer.
    place(`b${"a".repeat(64)}`);
    expect(match(dfa!, 0)).toBe("true");
  });
});

describe("the engine", () => {
  const table = (pattern: string) => {
    const at = SEGMENTS_END - 0x10000;
    octets.set(compilePattern(pattern).table, at);
    return at;
  };

  it("refuses everything but strings, passes errors on, and knows no pattern at 0", () => {
    const at = table("a");
    for (const name of ["matchDfa", "matchNfa"] as const) {
      const run = (value: Parameters<typeof make>[0], pattern = at) =>
        showResult(engine[name](make(value), pattern, NODE));
      for (const value of [int(1), nil, bytes("a")]) expect(run(value)).toBe(`no_such_overload@${NODE}`);
      expect(run(failed(ERR_REDACTED, 2))).toBe("redacted@2");
      expect(run(failed(ERR_REDACTED))).toBe(`redacted@${NODE}`);
      expect(run(str("a"), 0)).toBe(`invalid_argument@${NODE}`);
      expect(run(failed(ERR_REDACTED, 2), 0)).toBe("redacted@2");
    }
  });

  it("reads nothing beyond the end of the memory", () => {
    const at = table("z$");
    octets.set(Buffer.from("abcabcxyz"), SEGMENTS_END - 9);
    const text = make(str(""));
    view.setInt32(text + 4, 9, true);
    view.setInt32(text + 8, SEGMENTS_END - 9, true);
    expect(engine.matchDfa(text, at, NODE)).toBe(1);
  });

  it("goes through no list without an end", () => {
    // Row 2 is a list of nothing but zeros, which no byte ends.
    const hollow = new Uint8Array(1000);
    hollow.set([2, 0, 0, 0, 0, 0, 2, 0]);
    place("zzzz");
    expect(match({ kind: "dfa", table: hollow, size: 1 })).toBe("false");
    // The same with a list that leads to itself: no more than 64 entries a byte.
    const circle = hollow.map((byte, i) => (i >= DFA_ROWS && (i - DFA_ROWS) % 3 === 1 ? 2 : byte));
    place("z".repeat(1_000_000));
    expect(match({ kind: "dfa", table: circle, size: 1 }, 10_000)).toBe(`budget@${NODE}`);
  });

  it("passes over what begins like a match only where nothing comes of it", () => {
    const patterns = [
      "ERROR|FATAL",
      "EF|FE",
      "EE",
      "EF$",
      "EF|E$",
      "E$|FE",
      "E(F|$)",
      "EE?F",
      "(EF)+$",
      "EéF",
      "(?m)E$",
      "E\\b",
      "E.",
    ];
    const pair = (pattern: string) => new DataView(compilePattern(pattern).table.buffer).getUint16(DFA_GAP, true);
    expect(["ERROR|FATAL", "EE", "EF|FE", "E."].map(pair)).toEqual([1, 1, 1, 0]);
    expect(["EF|E$", "E(F|$)", "E\\b"].map(pair)).toEqual([0, 0, 0]);
    const next = random(7);
    for (const pattern of patterns) {
      const compiled = both(pattern);
      const expected = new RegExp(pattern.replace("(?m)", ""), pattern.startsWith("(?m)") ? "mu" : "u");
      for (let i = 0; i < 300; i++) {
        const letters = i % 2 === 0 ? "EF" : "xxxxxxéE F\n";
        const text = Array.from({ length: next(40) }, () => [...letters][next([...letters].length)]).join("");
        place(text);
        expect([pattern, text, match(compiled.dfa!)]).toEqual([pattern, text, String(expected.test(text))]);
      }
    }
  });

  it("stays within the table on bytes that are no UTF-8", () => {
    const patterns = ["^[α-ω]+$", "\\pL", "^.{2,5}é", "(?i)[^é]ß", "\\b\\pN+\\b"];
    let seed = 3;
    for (const pattern of patterns) {
      const compiled = both(pattern);
      for (let i = 0; i < 200; i++) {
        const text = Uint8Array.from({ length: 24 }, () => {
          seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
          return seed >>> 16;
        });
        place(text);
        for (const matcher of [compiled.dfa, compiled.nfa])
          if (matcher !== null) expect(match(matcher)).toMatch(/^(true|false)$/);
      }
    }
  });
});
