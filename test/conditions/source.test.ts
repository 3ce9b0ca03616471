import { describe, expect, it } from "vitest";
import { renderSnippet, utf8Length } from "../../conditions/source.ts";

describe("renderSnippet", () => {
  const long = `${"a".repeat(50)}${"b".repeat(50)}${"c".repeat(50)}`;
  it.each([
    ["one character", "x = 1", 2, 3, "x = 1\n  ^"],
    ["a range", "x + yyy", 4, 7, "x + yyy\n    ^~~"],
    ["the end", "x +", 3, 3, "x +\n   ^"],
    ["an empty source", "", 0, 0, "\n^"],
    ["one line of several", "a\r\nbc d\ne", 6, 7, "bc d\n   ^"],
    ["a range over a line break as far as the line", "a bc\nd", 2, 6, "a bc\n  ^~"],
    ["a line break itself", "ab\ncd", 2, 3, "ab\n  ^"],
    ["a tab as one space", "\tx\ty", 3, 4, " x y\n   ^"],
    ["wide characters as two columns", "名前 = '東京'", 5, 9, "名前 = '東京'\n       ^~~~~~"],
    ["an emoji as two columns", "'😀' x", 5, 6, "'😀' x\n     ^"],
    ["combining marks as none", "'e\u0301' x", 5, 6, "'e\u0301' x\n    ^"],
    ["control characters as U+FFFD", "a\u001b[31m x\u202ey", 7, 8, "a\ufffd[31m x\ufffdy\n       ^"],
    ["the start of a long line", long, 0, 3, `${"a".repeat(50)}${"b".repeat(29)}…\n^~~`],
    ["the middle of a long line", long, 75, 76, middle(75)],
    ["the end of a long line", long, 149, 150, `…${"b".repeat(29)}${"c".repeat(50)}\n${" ".repeat(79)}^`],
    [
      "a range cut at the right",
      long,
      40,
      150,
      `…${"a".repeat(41)}${"b".repeat(37)}…\n${" ".repeat(32)}^${"~".repeat(46)}`,
    ],
    ["a span beyond the source", "ab", 5, 9, "ab\n  ^"],
  ])("draws %s", (_, source, from, to, want) => {
    expect(renderSnippet(source, { from, to })).toBe(want);
  });

  /** 32 columns before the caret, the mark among them; 80 in all. */
  function middle(at: number): string {
    return `…${long.slice(at - 31, at + 47)}…\n${" ".repeat(32)}^`;
  }

  it("puts the caret under the character, wherever the line is cut", () => {
    const source = Array.from({ length: 300 }, (_, i) => String.fromCharCode(0x100 + i)).join("");
    for (let at = 0; at < source.length; at++) {
      const [line, caret] = renderSnippet(source, { from: at, to: at + 1 }).split("\n") as [string, string];
      expect(line.length).toBeLessThanOrEqual(80);
      expect(line[caret.length - 1]).toBe(source[at]);
    }
  });
});

describe("utf8Length", () => {
  it.each([
    ["", 0],
    ["abc", 3],
    ["é", 2],
    ["€", 3],
    ["😀", 4],
    ["\ud800", 3],
    ["\ud800a\udc00", 7],
    ["a\u0000b", 3],
  ])("counts %j", (text, bytes) => {
    expect(utf8Length(text)).toBe(bytes);
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
  });
});
