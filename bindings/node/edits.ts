// Inserts text into a source and keeps the books of positions before and after. The only file that knows magic-string. Only
// inserts, and only text without line breaks: every line keeps its number.
import MagicString from "magic-string";
import type { LineTable } from "./parse.ts";

/** Text that goes in front of the character at `offset`. Those with the same offset keep their order. */
export interface Insertion {
  readonly offset: number;
  readonly text: string;
}

/** The source with all insertions. */
export function insertAll(source: string, insertions: readonly Insertion[]): string {
  if (insertions.length === 0) return source;
  const edited = new MagicString(source);
  for (const { offset, text } of insertions) edited.appendLeft(offset, text);
  return edited.toString();
}

/** Where an offset of the source lies in the edited text; `isBehind`: behind what is inserted right there. */
export function moved(offset: number, insertions: readonly Insertion[], isBehind: boolean): number {
  let by = 0;
  for (const insertion of insertions) {
    if (insertion.offset < offset || (isBehind && insertion.offset === offset)) by += insertion.text.length;
  }
  return offset + by;
}

/** Column in the source of a column in the edited text, all from 0. Inside inserted text: the column in front of which it stands. */
export function columnBefore(line: number, column: number, lines: LineTable, insertions: readonly Insertion[]): number {
  const start = lines.start(line);
  const end = lines.start(line + 1);
  let by = 0;
  for (const { offset, text } of [...insertions].sort((a, b) => a.offset - b.offset)) {
    if (offset < start || offset >= end) continue;
    const from = offset - start + by;
    if (column < from) break;
    if (column < from + text.length) return offset - start;
    by += text.length;
  }
  return column - by;
}
