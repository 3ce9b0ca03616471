// Foresees how V8 compares an edited script with its old text, and so which functions it will recognise. A function that V8
// does not recognise keeps its old code in all closures that exist, for good, although the edit is answered with "Ok".
//
// V8 (src/debug/liveedit.cc) compares line by line; changed lines that it does not see apart form a piece. A piece below 800 UTF-16
// units, old and new, is compared letter by letter; a larger one counts as replaced. A function is recognised if neither its first
// nor its last letter lies in a changed part, and if it is found where both have moved to.
import { bySplitting, byTable, type Change, type Differ } from "./differ.ts";
import { PLACE_LIMITS } from "./limits.ts";

/** The one of this V8. */
export const OWN_DIFFER: Differ = Number.parseInt(process.versions.v8, 10) < 11 ? byTable : bySplitting;

/** What changes from one text to another, in the eyes of V8, in order. */
export function changesOf(oldText: string, newText: string, differ: Differ = OWN_DIFFER): Change[] {
  const changes: Change[] = [];
  const oldLines = splitLines(oldText);
  const newLines = splitLines(newText);
  const limit = Math.min(oldLines.length, newLines.length);
  let head = 0;
  while (head < limit && oldLines[head] === newLines[head]) head++;
  let tail = 0;
  while (tail < limit - head && oldLines.at(-1 - tail) === newLines.at(-1 - tail)) tail++;
  const numbers = new Map<string, number>();
  const numbered = (lines: readonly string[]) =>
    lines.slice(head, lines.length - tail).map((line) => {
      if (!numbers.has(line)) numbers.set(line, numbers.size);
      return numbers.get(line)!;
    });
  const oldStarts = startsOf(oldLines);
  const newStarts = startsOf(newLines);
  for (const piece of differ(numbered(oldLines), numbered(newLines))) {
    const from = oldStarts[head + piece.from]!;
    const to = oldStarts[head + piece.to]!;
    const newFrom = newStarts[head + piece.newFrom]!;
    const newTo = newStarts[head + piece.newTo]!;
    if (to - from >= PLACE_LIMITS.diffChars || newTo - newFrom >= PLACE_LIMITS.diffChars) {
      changes.push({ from, to, newFrom, newTo });
      continue;
    }
    for (const part of differ(lettersOf(oldText, from, to), lettersOf(newText, newFrom, newTo))) {
      changes.push({
        from: from + part.from,
        to: from + part.to,
        newFrom: newFrom + part.newFrom,
        newTo: newFrom + part.newTo,
      });
    }
  }
  return changes;
}

/** The last line is what stands behind the last line break, be it empty. */
function splitLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  for (const { 0: end, index } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) {
    lines.push(text.slice(start, index + end.length));
    start = index + end.length;
  }
  lines.push(text.slice(start));
  return lines;
}

/** Where each line begins, and where the last one ends. */
function startsOf(lines: readonly string[]): number[] {
  const starts = [0];
  for (const line of lines) starts.push(starts.at(-1)! + line.length);
  return starts;
}

function lettersOf(text: string, from: number, to: number): Uint16Array {
  const letters = new Uint16Array(to - from);
  for (let i = 0; i < letters.length; i++) letters[i] = text.charCodeAt(from + i);
  return letters;
}

/** Whether an edit leaves the letters from `from` to `to` alone, and what stands right beside them. */
export function isUntouched(changes: readonly Change[], from: number, to: number): boolean {
  return changes.every((change) => change.to < from || change.from > to);
}

/** Where V8 looks for what stood at an untouched place. */
export function translate(changes: readonly Change[], offset: number): number {
  let by = 0;
  for (const { from, to, newFrom, newTo } of changes) if (to < offset) by += newTo - newFrom - (to - from);
  return offset + by;
}
