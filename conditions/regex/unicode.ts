// What Unicode says of code points: categories, scripts, and which letters differ by case only. The data are JavaScript's own,
// asked for when a pattern first needs them, so that none are shipped.
import { covers, joined, LAST, type Ranges } from "./ranges.ts";

/** The categories that RE2 knows; `Any` is one of them there. `Cn`, what is not assigned, is none. */
const CATEGORY = /^(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfos]?)$/;
const SCRIPT = /^[A-Z][A-Za-z_]+$/;

/** Above the planes that are written to, code points are alike but for these ends of planes, which are no characters. */
const SCANNED = 0x40000;
const PRIVATE: Ranges = [0xf0000, 0xffffd, 0x100000, 0x10fffd];
/** Tags and variation selectors: all of plane 14 that is assigned. */
const TAGS = 0xe0000;
const TAGS_END = 0xe1000;
/** No letter with a case stands above. */
const CASED = 0x20000;
const SURROGATES: Ranges = [0xd800, 0xdfff];

const known = new Map<string, Ranges>();

/** The code points of a category or script, or null if Unicode has none of that name. */
export function property(name: string): Ranges | null {
  const before = known.get(name);
  if (before !== undefined) return before;
  const ranges = find(name);
  // What does not exist is not kept: there is no end of such names.
  if (ranges !== null) known.set(name, ranges);
  return ranges;
}

function find(name: string): Ranges | null {
  if (name === "Any") return [0, LAST];
  // JavaScript counts what is not assigned as C, RE2 does not.
  if (name === "C") return joined(["Cc", "Cf", "Co", "Cs"].flatMap((part) => property(part) as Ranges));
  if (name === "Cs") return SURROGATES;
  if (name === "Co") return joined([...scan("\\p{Co}"), ...PRIVATE]);
  if (CATEGORY.test(name)) return scan(`\\p{${name}}`);
  if (!SCRIPT.test(name)) return null;
  try {
    return scan(`\\p{Script=${name}}`);
  } catch {
    return null; // no such script
  }
}

/** Runs of what a class holds, found by the regex engine in a text of all code points: 10 ms, against 40 for one question each. */
function scan(content: string, end = SCANNED): Ranges {
  const inside = new RegExp(`[${content}]*`, "uy");
  const outside = new RegExp(`[^${content}]*`, "uy");
  const out: number[] = [];
  for (const [from, to] of [
    [0, SURROGATES[0]!],
    [SURROGATES[1]! + 1, end],
    [TAGS, end < SCANNED ? TAGS : TAGS_END],
  ] as const) {
    const text = textOf(from, to);
    // One pass over both: offsets in UTF-16 units become code points by counting pairs, which only planes above 0 have.
    const codeAt = (at: number) =>
      from >= 0x10000 ? from + at / 2 : at <= 0x10000 - from ? from + at : 0x10000 + (at - (0x10000 - from)) / 2;
    for (let at = 0; ; ) {
      outside.lastIndex = at;
      outside.test(text);
      const first = outside.lastIndex;
      if (first >= text.length) break;
      inside.lastIndex = first;
      inside.test(text);
      at = inside.lastIndex;
      out.push(codeAt(first), codeAt(at) - 1);
    }
  }
  return joined(out);
}

function textOf(from: number, to: number): string {
  const units = new Uint16Array((to - from) * 2);
  let length = 0;
  for (let code = from; code < to; code++) {
    if (code < 0x10000) units[length++] = code;
    else {
      units[length++] = 0xd7c0 + (code >> 10);
      units[length++] = 0xdc00 | (code & 0x3ff);
    }
  }
  return new TextDecoder("utf-16le", { ignoreBOM: true }).decode(units.subarray(0, length));
}

/** Letters that are equal without their case: each list sorted, under each of its members. */
let orbits: ReadonlyMap<number, readonly number[]> | null = null;
/** A set of fewer code points is folded one by one. */
const FEW = 64;

/** The ASCII letters that have a third form: long s and the Kelvin sign. */
const THIRD: Readonly<Record<string, number>> = { s: 0x17f, k: 0x212a };

/** The set with every letter that equals one of it by simple case folding, as RE2 does it. */
export function folded(ranges: Ranges): Ranges {
  const out = [...ranges];
  if (ranges.length > 0 && ranges[ranges.length - 1]! < 0x80) {
    for (let code = 97; code <= 122; code++) {
      if (!covers(ranges, code, code) && !covers(ranges, code - 32, code - 32)) continue;
      out.push(code, code, code - 32, code - 32);
      const third = THIRD[String.fromCharCode(code)];
      if (third !== undefined) out.push(third, third);
    }
    return joined(out);
  }
  orbits ??= findOrbits();
  let size = 0;
  for (let i = 0; i < ranges.length; i += 2) size += ranges[i + 1]! - ranges[i]! + 1;
  if (size < FEW) {
    for (let i = 0; i < ranges.length; i += 2)
      for (let code = ranges[i]!; code <= ranges[i + 1]!; code++)
        for (const other of orbits.get(code) ?? []) out.push(other, other);
  } else
    for (const [code, orbit] of orbits)
      if (covers(ranges, code, code)) for (const other of orbit) out.push(other, other);
  return joined(out);
}

const isCapitalOf = (a: number, b: number): boolean => {
  const [first, second] = [String.fromCodePoint(a), String.fromCodePoint(b)];
  return first.toLowerCase() === second || second.toLowerCase() === first;
};

/** Candidates that map to the same text through full case mapping, split by what the flag `i` holds for equal. */
function findOrbits(): ReadonlyMap<number, readonly number[]> {
  const alike = new Map<string, number[]>();
  const candidates = scan("\\p{Changes_When_Casemapped}\\p{Changes_When_Casefolded}", CASED);
  for (let i = 0; i < candidates.length; i += 2) {
    for (let code = candidates[i]!; code <= candidates[i + 1]!; code++) {
      const key = String.fromCodePoint(code).toLowerCase().toUpperCase().toLowerCase();
      const list = alike.get(key);
      if (list === undefined) alike.set(key, [code]);
      else list.push(code);
    }
  }
  const found: number[][] = [];
  for (const list of alike.values()) {
    let rest = list;
    // Nearly all of them are a capital and its small letter, which need no question.
    if (list.length === 2 && isCapitalOf(list[0]!, list[1]!)) {
      found.push(list);
      continue;
    }
    while (rest.length > 1) {
      const same = new RegExp(`^\\u{${rest[0]!.toString(16)}}$`, "iu");
      const orbit = rest.filter((code) => same.test(String.fromCodePoint(code)));
      if (orbit.length > 1) found.push(orbit);
      rest = rest.filter((code) => !orbit.includes(code));
    }
  }
  return new Map(found.flatMap((orbit) => orbit.map((code) => [code, orbit] as const)));
}
