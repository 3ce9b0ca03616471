import { beforeEach, describe, expect, it } from "vitest";
import { ERR_REDACTED, SEGMENTS_END } from "../../engine/abi.ts";
import {
  bytes,
  engine,
  failed,
  int,
  list,
  make,
  NODE,
  nil,
  octets,
  reset,
  showResult,
  str,
  type Value,
  view,
} from "./guest.ts";

beforeEach(() => reset());

type Search = "contains" | "startsWith" | "endsWith";
const run = (name: Search, text: Value, part: Value): string => showResult(engine[name](make(text), make(part), NODE));

describe("contains, startsWith, endsWith", () => {
  it("agree with JavaScript on every pair of short texts and on seeded repetitive ones", () => {
    const texts = [
      "",
      "a",
      "b",
      "ab",
      "ba",
      "aab",
      "abcdefgh",
      "abcdefghi",
      "abcdefghij",
      "xxabcdefghijyy",
      "ééé",
      "\u{10000}é",
    ];
    let seed = 7;
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >>> 8) % below;
    };
    for (let i = 0; i < 40; i++)
      texts.push(Array.from({ length: next(40) }, () => "ab"[next(12) === 0 ? 1 : 0]).join(""));
    for (const text of texts) {
      for (const part of [...texts, text.slice(3, 20), text.slice(-9)]) {
        reset();
        const says = `${text} / ${part}`;
        expect(run("contains", str(text), str(part)), says).toBe(String(text.includes(part)));
        expect(run("startsWith", str(text), str(part)), says).toBe(String(text.startsWith(part)));
        expect(run("endsWith", str(text), str(part)), says).toBe(String(text.endsWith(part)));
      }
    }
  });

  it("finds what a two-way search must find in texts that nearly match everywhere", () => {
    const units = ["a", "ab", "aab", "abaab", "aaaaaaaaab"];
    for (const unit of units) {
      const text = unit.repeat(Math.ceil(4000 / unit.length));
      const half = text.slice(0, 1500);
      for (const part of [
        `${half}b`,
        `${half}c`,
        `c${half}`,
        `b${half}`,
        `${half.slice(0, 700)}c${half.slice(0, 700)}`,
        half,
      ]) {
        for (const hay of [text, text + part, text + part + text, `${text.slice(0, 1999)}c${text}`]) {
          reset();
          expect(run("contains", str(hay), str(part))).toBe(String(hay.includes(part)));
        }
      }
    }
  });

  it("spends steps in proportion to the text, whatever the texts are", () => {
    reset(10_000);
    expect(run("contains", str("a".repeat(4096)), str(`${"a".repeat(2000)}b`))).toBe("false");
    expect(10_000 - engine.steps.value).toBeLessThan(3000);
    reset(10_000);
    expect(run("contains", str("x".repeat(4096)), str("yz"))).toBe("false");
    expect(10_000 - engine.steps.value).toBe(Math.floor(4098 / 16) + 1);
  });

  const T = "truncated@7";
  it.each<[string, boolean, string, boolean, string, string, string]>([
    // text, cut, part, cut, contains, startsWith, endsWith
    ["abc", true, "b", false, "true", "false", T],
    ["abc", true, "x", false, T, "false", T],
    ["abc", true, "ab", false, "true", "true", T],
    ["abc", true, "abcd", false, T, T, T],
    ["abc", true, "", false, "true", "true", "true"],
    ["abc", false, "b", true, T, "false", T],
    ["abc", false, "x", true, "false", "false", T],
    ["abc", false, "ab", true, T, T, T],
    ["abc", false, "abc", true, "false", "false", "false"],
    ["abc", false, "abcd", true, "false", "false", "false"],
    ["abc", false, "", true, T, T, T],
    ["abc", true, "abc", true, T, T, T],
    ["abc", true, "x", true, T, "false", T],
    ["", false, "", true, "false", "false", "false"],
  ])(
    "decide with %j (cut %s) and %j (cut %s) only what is held",
    (text, cut, part, cutPart, contains, starts, ends) => {
      expect(run("contains", str(text, cut), str(part, cutPart))).toBe(contains);
      expect(run("startsWith", str(text, cut), str(part, cutPart))).toBe(starts);
      expect(run("endsWith", str(text, cut), str(part, cutPart))).toBe(ends);
    },
  );

  it("refuse everything but strings; a list contains its elements", () => {
    for (const name of ["contains", "startsWith", "endsWith"] as const) {
      expect(run(name, int(1), str("a"))).toBe("no_such_overload@7");
      expect(run(name, str("a"), nil)).toBe("no_such_overload@7");
      expect(run(name, bytes("a"), bytes("a"))).toBe("no_such_overload@7");
      expect(run(name, failed(ERR_REDACTED, 2), failed(ERR_REDACTED, 3))).toBe("redacted@2");
      expect(run(name, str("a"), failed(ERR_REDACTED))).toBe("redacted@7");
    }
    expect(run("contains", list([int(1)]), int(1))).toBe("true");
    expect(run("contains", list([int(1)], 2), int(3))).toBe(T);
  });

  it("read nothing beyond the end of the memory", () => {
    octets.set(Buffer.from("abcabcxyz"), SEGMENTS_END - 9);
    const text = make(str(""));
    view.setInt32(text + 4, 9, true);
    view.setInt32(text + 8, SEGMENTS_END - 9, true);
    expect(engine.contains(text, make(str("z")), NODE)).toBe(1);
    expect(engine.contains(text, make(str("xyz")), NODE)).toBe(1);
    expect(engine.contains(text, make(str("w")), NODE)).toBe(0);
    expect(engine.contains(make(str("aabcabcxyzb")), text, NODE)).toBe(1);
    expect(engine.endsWith(text, make(str("xyz")), NODE)).toBe(1);
    expect(showResult(engine.equals(text, make(str("abcabcxyz")), NODE))).toBe("true");
  });
});
