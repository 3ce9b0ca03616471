// Sets of code points as sorted ranges, and the classes that RE2 names. Knows nothing of bytes, and of Unicode only its size.

/** Pairs `lo, hi, lo, hi, …`, both inclusive: sorted, and no two of them overlap or touch. */
export type Ranges = readonly number[];

/** The last code point. */
export const LAST = 0x10ffff;

/** Any pairs, put in order and joined. */
export function joined(pairs: readonly number[]): Ranges {
  const order: number[] = [];
  for (let i = 0; i < pairs.length; i += 2) order.push(i);
  order.sort((a, b) => pairs[a]! - pairs[b]!);
  const out: number[] = [];
  for (const i of order) {
    const lo = pairs[i]!;
    const hi = pairs[i + 1]!;
    const last = out.length - 1;
    if (last > 0 && lo <= out[last]! + 1) out[last] = Math.max(out[last]!, hi);
    else out.push(lo, hi);
  }
  return out;
}

/** All other code points. */
export function negated(ranges: Ranges): Ranges {
  const out: number[] = [];
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! > next) out.push(next, ranges[i]! - 1);
    next = ranges[i + 1]! + 1;
  }
  if (next <= LAST) out.push(next, LAST);
  return out;
}

/** The first pair that ends at or after a code point; as an index that may lie behind the last pair. */
export function pairAt(ranges: Ranges, code: number): number {
  let low = 0;
  let high = ranges.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle * 2 + 1]! < code) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}

/** Whether all code points from `lo` to `hi` are in the set. */
export function covers(ranges: Ranges, lo: number, hi: number): boolean {
  const at = pairAt(ranges, lo);
  return at < ranges.length && ranges[at]! <= lo && ranges[at + 1]! >= hi;
}

/** Whether any code point from `lo` to `hi` is in the set. */
export function touches(ranges: Ranges, lo: number, hi: number): boolean {
  const at = pairAt(ranges, lo);
  return at < ranges.length && ranges[at]! <= hi;
}

const spans = (text: string): Ranges => [...text].map((character) => character.codePointAt(0)!);

const DIGIT = spans("09");
const WORD = spans("09AZ__az");
const SPACE = joined(spans("\t\n\f\r  "));

/** `\d`, `\s`, `\w`: ASCII only, as in RE2. */
export const PERL: Readonly<Record<string, Ranges>> = { d: DIGIT, s: SPACE, w: WORD };

/** What stands between `[:` and `:]`. */
export const POSIX: Readonly<Record<string, Ranges>> = {
  alnum: spans("09AZaz"),
  alpha: spans("AZaz"),
  ascii: [0, 0x7f],
  blank: spans("\t\t  "),
  cntrl: [0, 0x1f, 0x7f, 0x7f],
  digit: DIGIT,
  graph: spans("!~"),
  lower: spans("az"),
  print: spans(" ~"),
  punct: spans("!/:@[`{~"),
  space: spans("\t\r  "),
  upper: spans("AZ"),
  word: WORD,
  xdigit: spans("09AFaf"),
};

/** Everything but a line feed: `.` without the flag `s`. */
export const NO_LINE_FEED: Ranges = negated([10, 10]);
/** Everything: `.` with the flag `s`. */
export const ANY: Ranges = [0, LAST];
