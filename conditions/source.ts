// Source text for people: the snippet with a caret, and byte lengths. Knows nothing about tokens or trees.
import type { Span } from "./ast.ts";

/** What the source of a script condition begins with. No expression of the language begins so. */
export const SCRIPT_PREFIX = "js:";

/** Whether a condition is a script, which the host runs in JavaScript and this compiler does not know. */
export function isScript(source: string): boolean {
  return /^\s*js:/.test(source);
}

/** Columns of a snippet: fits a terminal and a log line. */
const WIDTH = 80;
/** Columns kept in front of the caret when a long line is cut. */
const LEAD = 32;

/**
 * Draws the source line that holds the start of the span, and below it a line with `^` under that place and `~` under the
 * rest of the span. A long line is cut around the caret, with `…` where text is missing. Tabs become one space; characters
 * that would steer a terminal become U+FFFD.
 */
export function renderSnippet(source: string, span: Span): string {
  const at = Math.min(Math.max(span.from, 0), source.length);
  let start = at;
  while (start > 0 && !isLineEnd(source.charCodeAt(start - 1))) start--;
  let end = at;
  while (end < source.length && !isLineEnd(source.charCodeAt(end))) end++;

  // One cell a code point, so that a cut never splits one.
  const texts: string[] = [];
  const columns: number[] = [0];
  let caretCell = -1;
  let tailCell = -1;
  for (let i = start; i < end; ) {
    const code = source.codePointAt(i)!;
    const next = i + (code > 0xffff ? 2 : 1);
    if (caretCell < 0 && next > at) caretCell = texts.length;
    if (tailCell < 0 && next > span.to) tailCell = i < span.to ? texts.length + 1 : texts.length;
    texts.push(printable(code, source.slice(i, next)));
    columns.push(columns[texts.length - 1]! + columnsOf(code));
    i = next;
  }
  if (caretCell < 0) caretCell = texts.length;
  if (tailCell < 0) tailCell = texts.length;

  const total = columns[texts.length]!;
  let first = 0;
  let last = texts.length;
  if (total > WIDTH) {
    const from = Math.max(0, Math.min(columns[caretCell]! - LEAD, total - WIDTH));
    while (columns[first]! < from) first++;
    if (first > 0) first++;
    const used = first > 0 ? 1 : 0;
    const room = columns[first]! + WIDTH - used;
    if (total > room) while (columns[last]! > room - 1) last--;
  }
  const prefix = first > 0 ? "…" : "";
  const line = prefix + texts.slice(first, last).join("") + (last < texts.length ? "…" : "");
  const indent = prefix.length + columns[Math.min(caretCell, last)]! - columns[first]!;
  const width = Math.max(
    1,
    columns[Math.min(Math.max(tailCell, caretCell), last)]! - columns[Math.min(caretCell, last)]!,
  );
  return `${line}\n${" ".repeat(indent)}^${"~".repeat(width - 1)}`;
}

/** The length in UTF-8 bytes; a lone surrogate counts as the three bytes of U+FFFD. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes++;
    else {
      bytes += 2;
      // A pair is two units and four bytes.
      if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
    }
  }
  return bytes;
}

function isLineEnd(unit: number): boolean {
  return unit === 10 || unit === 13;
}

function printable(code: number, text: string): string {
  if (code === 9) return " ";
  const control = code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code < 0xe000);
  const steering =
    code === 0x2028 || code === 0x2029 || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return control || steering ? "\ufffd" : text;
}

const COMBINING = /^[\p{Mn}\p{Me}\u200b-\u200f\u2060\ufeff]$/u;

/** Columns of a terminal: 2 for East Asian wide characters and emoji, 0 for what combines with the character before. */
function columnsOf(code: number): number {
  if (code < 0x300) return 1;
  if (code >= 0x1100 && code <= 0x115f) return 2;
  if (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) return 2;
  if (code >= 0xac00 && code <= 0xd7a3) return 2;
  if ((code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f)) return 2;
  if ((code >= 0xff00 && code <= 0xff60) || (code >= 0xffe0 && code <= 0xffe6)) return 2;
  if ((code >= 0x1f300 && code <= 0x1faff) || (code >= 0x20000 && code <= 0x3fffd)) return 2;
  return COMBINING.test(String.fromCodePoint(code)) ? 0 : 1;
}
