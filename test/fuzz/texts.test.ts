// The methods of texts against JavaScript's on arrays of code points, with every text also as the beginning of a longer one:
// what is said of it must then hold for whatever follows.

import { beforeEach, describe, expect, it } from "vitest";
import * as abi from "../../engine/abi.ts";
import { engine, int, list, make, memory, NODE, reset, show, str, view } from "../engine/guest.ts";
import { words } from "./random.ts";

beforeEach(() => reset());

const ALPHABETS = ["ab", "aé", "a😀b", "aA bB\t\u3000\u00a0", "ab,", "\u0085é ", "€aZz0@[`{"].map((letters) => [
  ...letters,
]);

/** A method, its operands behind the text, and what it gives: a text, a number, or null for an error. */
interface Case {
  readonly name: string;
  readonly call: (text: number, operands: readonly number[]) => number;
  readonly reference: (
    text: string,
    texts: readonly string[],
    numbers: readonly number[],
  ) => string | number | string[] | null;
  readonly texts: number;
  readonly numbers: number;
  /** How many of the numbers may be left out. */
  readonly optional: number;
}

const points = (text: string): string[] => [...text];
const indexIn = (text: string, from: number): boolean => from >= 0 && from <= points(text).length;

function firstIndex(text: string, part: string, from: number): number {
  const characters = points(text);
  const wanted = points(part);
  for (let i = from; i + wanted.length <= characters.length; i++)
    if (wanted.every((character, k) => characters[i + k] === character)) return i;
  return -1;
}

function lastIndex(text: string, part: string, from: number): number {
  const characters = points(text);
  const wanted = points(part);
  for (let i = Math.min(from, characters.length - wanted.length); i >= 0; i--)
    if (wanted.every((character, k) => characters[i + k] === character)) return i;
  return -1;
}

function pieces(text: string, separator: string, limit: number): string[] {
  if (limit === 0) return [];
  const all = separator === "" ? points(text) : text.split(separator);
  if (limit < 0 || all.length <= limit) return all;
  return [...all.slice(0, limit - 1), all.slice(limit - 1).join(separator)];
}

function replaced(text: string, old: string, by: string, limit: number): string {
  if (limit < 0) return text.replaceAll(new RegExp(old.replace(/[[\]{}()*+?.\\^$|]/g, "\\$&"), "gu"), () => by);
  let left = limit;
  return text.replaceAll(new RegExp(old.replace(/[[\]{}()*+?.\\^$|]/g, "\\$&"), "gu"), (all) =>
    left-- > 0 ? by : all,
  );
}

const cased = (text: string, letters: RegExp, change: (letter: string) => string): string =>
  text.replace(letters, change);
const optional = (operand: number | undefined): number => operand ?? 0;

const CASES: readonly Case[] = [
  {
    name: "charAt",
    call: (text, [at]) => engine.charAt(text, at as number, NODE),
    reference: (text, _, [at]) => (indexIn(text, at as number) ? (points(text)[at as number] ?? "") : null),
    texts: 0,
    numbers: 1,
    optional: 0,
  },
  {
    name: "substring",
    call: (text, [from, to]) => engine.substring(text, from as number, optional(to), NODE),
    reference: (text, _, [from, to]) => {
      if (!indexIn(text, from as number) || (to !== undefined && (!indexIn(text, to) || to < (from as number))))
        return null;
      return points(text).slice(from, to).join("");
    },
    texts: 0,
    numbers: 2,
    optional: 1,
  },
  {
    name: "indexOf",
    call: (text, [part, from]) => engine.indexOf(text, part as number, optional(from), NODE),
    reference: (text, [part], [from]) =>
      indexIn(text, from ?? 0) ? firstIndex(text, part as string, from ?? 0) : null,
    texts: 1,
    numbers: 1,
    optional: 1,
  },
  {
    name: "lastIndexOf",
    call: (text, [part, from]) => engine.lastIndexOf(text, part as number, optional(from), NODE),
    reference: (text, [part], [from]) => {
      if (!indexIn(text, from ?? 0)) return null;
      return lastIndex(text, part as string, from ?? Number.POSITIVE_INFINITY);
    },
    texts: 1,
    numbers: 1,
    optional: 1,
  },
  {
    name: "trim",
    call: (text) => engine.trim(text, NODE),
    // JavaScript trims a byte order mark and does not trim U+0085; the alphabets have only the latter.
    reference: (text) => text.replace(/^[\s\u0085]+|[\s\u0085]+$/gu, ""),
    texts: 0,
    numbers: 0,
    optional: 0,
  },
  {
    name: "lowerAscii",
    call: (text) => engine.lowerAscii(text, NODE),
    reference: (text) => cased(text, /[A-Z]/g, (letter) => letter.toLowerCase()),
    texts: 0,
    numbers: 0,
    optional: 0,
  },
  {
    name: "upperAscii",
    call: (text) => engine.upperAscii(text, NODE),
    reference: (text) => cased(text, /[a-z]/g, (letter) => letter.toUpperCase()),
    texts: 0,
    numbers: 0,
    optional: 0,
  },
  {
    name: "reverse",
    call: (text) => engine.reverse(text, NODE),
    reference: (text) => points(text).reverse().join(""),
    texts: 0,
    numbers: 0,
    optional: 0,
  },
  {
    name: "split",
    call: (text, [separator, limit]) => engine.split(text, separator as number, optional(limit), NODE),
    reference: (text, [separator], [limit]) => pieces(text, separator as string, limit ?? -1),
    texts: 1,
    numbers: 1,
    optional: 1,
  },
  {
    name: "replace",
    call: (text, [old, by, limit]) => engine.replace(text, old as number, by as number, optional(limit), NODE),
    reference: (text, [old, by], [limit]) => replaced(text, old as string, by as string, limit ?? -1),
    texts: 2,
    numbers: 1,
    optional: 1,
  },
  {
    name: "join",
    call: (text, [separator, ...others]) => {
      const elements = [text, ...others];
      const slot = make(list(elements.map(() => str(""))));
      const at = view.getInt32(slot + abi.SLOT_PAYLOAD, true);
      elements.forEach((element, i) => {
        new Uint8Array(memory.buffer).copyWithin(at + i * 16, element, element + 16);
      });
      return engine.join(slot, separator as number, NODE);
    },
    reference: (text, [separator, ...others]) => [text, ...others].join(separator),
    texts: 3,
    numbers: 0,
    optional: 0,
  },
];

function word(next: () => number, letters: readonly string[], length: number): string {
  return Array.from({ length }, () => letters[next() % letters.length]).join("");
}

describe("a method of texts", () => {
  it.each(CASES.map((row) => [row.name, row] as const))("%s is what JavaScript makes of code points", (_, row) => {
    const next = words(row.name.length * 7919);
    let errors = 0;
    let undecided = 0;
    for (let i = 0; i < 1500; i++) {
      reset();
      const letters = ALPHABETS[next() % ALPHABETS.length] as string[];
      const text = word(next, letters, next() % (next() % 8 === 0 ? 200 : 12));
      const rest = word(next, letters, 1 + (next() % 6));
      const texts = Array.from({ length: row.texts }, () => {
        const from = next() % (points(text).length + 1);
        const part = points(text)
          .slice(from, from + (next() % 4))
          .join("");
        return next() % 2 === 0 ? part : word(next, letters, next() % 4);
      });
      const count = row.numbers - (row.optional > 0 ? next() % (row.optional + 1) : 0);
      const numbers = Array.from({ length: count }, () => (next() % (points(text).length + 4)) - 2);
      const operands = () => [...texts.map((part) => make(str(part))), ...numbers.map((number) => make(int(number)))];
      const wanted = row.reference(text, texts, numbers);
      const title = `${JSON.stringify(text)}.${row.name}(${JSON.stringify([...texts, ...numbers])})`;

      const whole = show(row.call(make(str(text)), operands()));
      if (wanted === null) errors++;
      expect(whole, title).toBe(shown(wanted));

      // Only the beginning is held.
      const held = show(row.call(make(str(text, true)), operands()));
      const longer = row.reference(text + rest, texts, numbers);
      if (held === "truncated@7") undecided++;
      else if (held.endsWith('..."')) {
        // A text that is cut has more than what is held of it.
        const beginning = held.slice(1, -4);
        const isBeginning = longer === null || (longer !== beginning && String(longer).startsWith(beginning));
        expect(isBeginning, `${title} + ${JSON.stringify(rest)} gives ${held}`).toBe(true);
      } else expect(held, `${title} + ${JSON.stringify(rest)}`).toBe(shown(longer));
    }
    if (row.numbers > 0 && !["split", "replace"].includes(row.name)) expect(errors).toBeGreaterThan(10);
    if (["reverse", "split", "replace"].includes(row.name)) expect(undecided).toBe(1500);
  });

  function shown(value: string | number | string[] | null): string {
    if (value === null) return "index@7";
    if (Array.isArray(value)) return `[${value.map((piece) => `"${piece}"`).join(", ")}]`;
    return typeof value === "string" ? `"${value}"` : String(value);
  }
});

describe("base64", () => {
  it("is what Node makes of any bytes, there and back", () => {
    const next = words(9);
    for (let length = 0; length < 300; length++) {
      reset();
      const raw = Buffer.from(Array.from({ length }, () => next() & 255));
      const text = raw.toString("base64");
      const decoded = engine.base64Decode(make(str(text)), NODE);
      expect(show(decoded)).toBe(`b${raw.toString("hex")}`);
      expect(show(engine.base64Encode(decoded, NODE))).toBe(`"${text}"`);
      expect(show(engine.base64Decode(make(str(text.replace(/=+$/, ""))), NODE))).toBe(`b${raw.toString("hex")}`);
    }
  });
});
