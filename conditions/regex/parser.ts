// Reads RE2's syntax into a tree. Refuses what RE2 refuses, at its place. Lazy operators and names of groups change nothing about
// whether a pattern matches: they are read and forgotten.
import { LIMITS } from "../limits.ts";
import { readEscape, refuseReference } from "./escapes.ts";
import {
  EMPTY,
  LINE_END,
  LINE_START,
  type Pattern,
  PatternError,
  refuseLarge,
  TEXT_END,
  TEXT_START,
} from "./pattern.ts";
import { ANY, joined, NO_LINE_FEED, negated, POSIX, type Ranges } from "./ranges.ts";
import { folded } from "./unicode.ts";

interface Flags {
  /** i: case does not matter. */
  readonly fold: boolean;
  /** m: `^` and `$` match at line breaks. */
  readonly lines: boolean;
  /** s: `.` matches a line feed. */
  readonly dot: boolean;
}

const FLAG: Readonly<Record<string, keyof Flags | null>> = { i: "fold", m: "lines", s: "dot", U: null };

/** Groups of other engines: what follows `(?`, what is wrong with it, what to write. A back-reference has words of its own. */
const FOREIGN: readonly (readonly [RegExp, string, string])[] = [
  [
    /^<?[=!]/,
    "looking ahead or behind cannot be done in linear time",
    "Match the text itself, or join two conditions: `a.matches(x) && !a.matches(y)`.",
  ],
  [/^P=/, "", ""],
  [/^>/, "there are no atomic groups", "Write `(?:…)`; nothing is tried twice here."],
  [/^#/, "there are no comments in a pattern", "Remove the group."],
  [/^(?:[R0-9&+]|-\d|P>)/, "a pattern cannot contain itself", "Write it out as deep as it is needed."],
  [/^\(/, "a pattern has no conditions", "Write the two cases as `(?:a|b)`."],
  [/^\|/, "there are no branch resets", "Write `(?:a|b)`."],
];

/** What a class holds so far. */
interface ClassContent {
  /** Pairs that the flag `i` still applies to. */
  readonly plain: number[];
  /** Pairs as they stand. */
  readonly final: number[];
}

/** Ends of ranges that one pattern may read: seventy times the letters of Unicode. */
const MAX_ENDS = 100_000;

class Parser {
  private readonly pattern: string;
  private at = 0;
  private depth = 0;
  private ends = 0;
  private flags: Flags = { fold: false, lines: false, dot: false };
  private readonly names = new Set<string>();

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  parse(): Pattern {
    const parsed = this.alternatives();
    if (this.at < this.pattern.length) this.fail("there is no group that `)` closes", "Remove it, or write `\\)`.", 1);
    return parsed;
  }

  private fail(message: string, remedy: string, length: number, from = this.at): never {
    throw new PatternError("invalid_argument", message, remedy, from, from + length);
  }

  /** Up to the end of the group or of the pattern. */
  private alternatives(): Pattern {
    const parts = [this.sequence()];
    while (this.pattern[this.at] === "|") {
      this.at++;
      parts.push(this.sequence());
    }
    return parts.length === 1 ? parts[0]! : { kind: "any", parts };
  }

  private sequence(): Pattern {
    const parts: Pattern[] = [];
    // Where the operand of a repetition begins, and the operator that it already has.
    let repeated = -1;
    for (;;) {
      const from = this.at;
      const letter = this.pattern[from];
      if (letter === undefined || letter === "|" || letter === ")") break;
      const bounds = this.bounds();
      if (bounds === null) {
        repeated = -1;
        this.one(parts);
        continue;
      }
      const { min, max, to } = bounds;
      const part = parts.pop();
      if (part === undefined)
        this.fail(
          `there is nothing before \`${this.pattern.slice(from, to)}\` to repeat`,
          `Write a character or group first, or \`\\${letter}\` for the character itself.`,
          to - from,
        );
      if (repeated >= 0) this.refuseTwice(repeated, to);
      if (min > LIMITS.regexRepeat || (max > LIMITS.regexRepeat && max !== Number.POSITIVE_INFINITY))
        throw new PatternError(
          "limit",
          `a repetition has at most ${LIMITS.regexRepeat.toLocaleString("en")} rounds`,
          "Write a smaller number, or `*`.",
          from,
          to,
        );
      if (max < min) this.fail("the bounds are in the wrong order", "Write the smaller one first.", to - from);
      this.at = to;
      if (this.pattern[to] === "?") this.at++;
      repeated = from;
      parts.push({ kind: "repeat", part, min, max, from, to: this.at });
    }
    return parts.length === 1 ? parts[0]! : parts.length === 0 ? EMPTY : { kind: "all", parts };
  }

  /** The repetition at the cursor, or null; what only looks like one is text. */
  private bounds(): { min: number; max: number; to: number } | null {
    const { at, pattern } = this;
    const to = at + 1;
    if (pattern[at] === "*") return { min: 0, max: Number.POSITIVE_INFINITY, to };
    if (pattern[at] === "+") return { min: 1, max: Number.POSITIVE_INFINITY, to };
    if (pattern[at] === "?") return { min: 0, max: 1, to };
    if (pattern[at] !== "{") return null;
    const found = /^\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(pattern.slice(at, at + 64));
    if (found === null) return null;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === undefined ? Number.POSITIVE_INFINITY : Number(found[3]);
    return { min, max, to: at + found[0].length };
  }

  private refuseTwice(from: number, to: number): never {
    const both = this.pattern.slice(from, to);
    if (/^(?:[*+?]|\{[\d,]+\})\+$/.test(both))
      throw new PatternError(
        "unsupported",
        `\`${both}\` is a possessive repetition`,
        "Remove the last `+`; nothing is tried twice here.",
        from,
        to,
      );
    this.fail(
      `\`${both}\` repeats twice`,
      "Remove one of the two, or write `(?:…)` around the first.",
      to - from,
      from,
    );
  }

  /** One character, class, assertion or group. Flags for the rest of the group add nothing. */
  private one(parts: Pattern[]): void {
    const { at, pattern } = this;
    const code = pattern.codePointAt(at)!;
    const letter = String.fromCodePoint(code);
    switch (letter) {
      case "(":
        return this.group(parts);
      case "[":
        parts.push({ kind: "set", ranges: this.characterClass() });
        return;
      case ".":
        this.at++;
        parts.push({ kind: "set", ranges: this.flags.dot ? ANY : NO_LINE_FEED });
        return;
      case "^":
        this.at++;
        parts.push({ kind: "assert", holds: this.flags.lines ? LINE_START : TEXT_START });
        return;
      case "$":
        this.at++;
        parts.push({ kind: "assert", holds: this.flags.lines ? LINE_END : TEXT_END });
        return;
      case "\\":
        return this.escape(parts);
    }
    this.at += letter.length;
    parts.push(this.character(code));
  }

  private character(code: number): Pattern {
    // Half of a surrogate pair reads as U+FFFD, as everywhere.
    const scalar = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    return { kind: "set", ranges: this.fold([scalar, scalar]) };
  }

  private fold(ranges: Ranges): Ranges {
    const all = this.flags.fold ? folded(ranges) : ranges;
    this.ends += all.length;
    if (this.ends > MAX_ENDS) refuseLarge(this.pattern.length);
    return all;
  }

  private escape(parts: Pattern[]): void {
    const { at, pattern } = this;
    if (pattern[at + 1] === "Q") {
      const end = pattern.indexOf("\\E", at + 2);
      const text = pattern.slice(at + 2, end < 0 ? undefined : end);
      for (const character of text) parts.push(this.character(character.codePointAt(0)!));
      this.at = end < 0 ? pattern.length : end + 2;
      return;
    }
    const read = readEscape(pattern, at, false);
    this.at = read.to;
    if (read.kind === "assert") parts.push({ kind: "assert", holds: read.holds });
    else if (read.kind === "character") parts.push({ kind: "set", ranges: this.fold([read.code, read.code]) });
    else {
      // Case first, then the negation: `\W` never holds a letter that `\w` folds to.
      const ranges = this.fold(read.ranges);
      parts.push({ kind: "set", ranges: read.negative ? negated(ranges) : ranges });
    }
  }

  private group(parts: Pattern[]): void {
    const from = this.at;
    const outer = this.flags;
    this.at++;
    if (this.pattern[this.at] === "?") {
      this.at++;
      if (!this.opening(from)) return; // flags for the rest of the group around it
    }
    if (++this.depth > LIMITS.regexDepth)
      throw new PatternError(
        "limit",
        `groups within groups, more than ${LIMITS.regexDepth} levels`,
        "Remove the groups that are not needed.",
        from,
        from + 1,
      );
    parts.push(this.alternatives());
    this.depth--;
    if (this.at >= this.pattern.length)
      this.fail("the group is not closed", "Add the missing `)`, or write `\\(`.", 1, from);
    this.at++;
    this.flags = outer;
  }

  /** What follows `(?`; false if it only sets flags. */
  private opening(from: number): boolean {
    const rest = this.pattern.slice(this.at, this.at + 80);
    for (const [opening, message, remedy] of FOREIGN) {
      const found = opening.exec(rest);
      if (found === null) continue;
      const to = this.at + found[0].length;
      if (message === "") refuseReference(from, to);
      throw new PatternError("unsupported", message, remedy, from, to);
    }
    const named = /^P?<([^>]*)(>?)/.exec(rest);
    if (named !== null) {
      this.name(named[1]!, named[2] === "", from, this.at + named[0].length);
      return true;
    }
    const found = /^([imsU]*)(-[imsU]+)?([:)])/.exec(rest);
    if (found === null)
      this.fail(
        "`(?` begins no group of RE2",
        "Write `(?:…)` to group, `(?P<name>…)` to name, or flags of `imsU` as in `(?i)`.",
        2,
        from,
      );
    const flags = { ...this.flags };
    for (const [letters, value] of [
      [found[1]!, true],
      [found[2] ?? "", false],
    ] as const)
      for (const letter of letters) {
        const flag = FLAG[letter];
        if (flag != null) flags[flag] = value;
      }
    this.flags = flags;
    this.at += found[0].length;
    return found[3] === ":";
  }

  private name(name: string, open: boolean, from: number, to: number): void {
    if (open || !/^\w+$/.test(name))
      this.fail(
        "the name of a group has letters, digits and `_` only",
        "Write for example `(?P<name>…)`, or `(?:…)` without a name.",
        to - from,
        from,
      );
    if (this.names.has(name))
      this.fail(`two groups are named \`${name}\``, "Give each group a name of its own, or none.", to - from, from);
    this.names.add(name);
    this.at = to;
  }

  /** `[…]`; the cursor is on the bracket. */
  private characterClass(): Ranges {
    const { pattern } = this;
    const from = this.at++;
    const negative = pattern[this.at] === "^";
    if (negative) this.at++;
    const content: ClassContent = { plain: [], final: [] };
    for (let first = true; first || pattern[this.at] !== "]"; first = false) {
      if (this.at >= pattern.length)
        this.fail("the class is not closed", "Add the missing `]`, or write `\\[`.", 1, from);
      const posix = pattern.startsWith("[:", this.at) ? pattern.indexOf(":]", this.at + 2) : -1;
      if (posix >= 0) this.posixClass(posix + 2, content);
      else this.range(content);
    }
    this.at++;
    const ranges = joined([...this.fold(joined(content.plain)), ...content.final]);
    return negative ? negated(ranges) : ranges;
  }

  /** One character of a class, two with a minus between them, or an escape that is a class itself. */
  private range(content: ClassContent): void {
    const { pattern } = this;
    const from = this.at;
    const low = this.member(content);
    if (low < 0) return;
    let high = low;
    if (pattern[this.at] === "-" && this.at + 1 < pattern.length && pattern[this.at + 1] !== "]") {
      this.at++;
      high = this.member(content);
    }
    if (high < low)
      this.fail(
        `\`${pattern.slice(from, this.at)}\` is not a range of characters`,
        "Write the first character, `-` and the last one; write `\\-` for a minus sign.",
        this.at - from,
        from,
      );
    content.plain.push(low, high);
  }

  /** A character of a class; or -1 for an escape that is a class, which is added. */
  private member(content: ClassContent): number {
    const { at, pattern } = this;
    const code = pattern.codePointAt(at)!;
    if (code !== 92) {
      this.at += code > 0xffff ? 2 : 1;
      return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    }
    const read = readEscape(pattern, at, true);
    this.at = read.to;
    if (read.kind === "character") return read.code;
    if (read.kind === "class") this.addClass(content, read.ranges, read.negative);
    return -1;
  }

  private addClass(content: ClassContent, ranges: Ranges, negative: boolean): void {
    // Case first, then the negation: `[\W]` never holds a letter that `\w` folds to.
    if (negative) content.final.push(...negated(this.fold(ranges)));
    else content.plain.push(...ranges);
  }

  /** `[:name:]` or `[:^name:]`, which ends at `to`. */
  private posixClass(to: number, content: ClassContent): void {
    const from = this.at;
    const written = this.pattern.slice(from + 2, to - 2);
    const inverse = written.startsWith("^");
    const name = inverse ? written.slice(1) : written;
    if (!Object.hasOwn(POSIX, name))
      this.fail(`there is no class \`[:${name}:]\``, `Known: ${Object.keys(POSIX).join(", ")}.`, to - from, from);
    this.at = to;
    this.addClass(content, POSIX[name]!, inverse);
  }
}

/** Parses a pattern. Throws PatternError. */
export function parsePattern(pattern: string): Pattern {
  return new Parser(pattern).parse();
}
