// Foresees how V8 compares an edited script with its old text, and so which functions it will recognise. A function that V8
// does not recognise keeps its old code in all closures that exist, for good, although the edit is answered with "Ok".
//
// V8 (src/debug/liveedit.cc, liveedit-diff.cc) compares line by line; neighbouring changed lines form a chunk. A chunk below 800
// UTF-16 units, old and new, is compared letter by letter, each letter with the first that fits; a larger one counts as replaced.
// A function is recognised if its first and last letter lie in no changed part and it is found where they have moved to.
import { PLACE_LIMITS } from "./limits.ts";

/** The changed parts of the old text, as [from, to] offsets; an insertion has from = to. */
export function changedParts(oldText: string, newText: string): [number, number][] {
  const parts: [number, number][] = [];
  const oldLines = splitLines(oldText);
  const newLines = splitLines(newText);
  // Edits keep the number of lines. Should that fail, nothing is promised.
  if (oldLines.length !== newLines.length) return [[0, oldText.length]];
  let offset = 0;
  for (let line = 0; line < oldLines.length; ) {
    if (oldLines[line] === newLines[line]) {
      offset += oldLines[line++]!.length;
      continue;
    }
    let before = "";
    let after = "";
    while (line < oldLines.length && oldLines[line] !== newLines[line]) {
      before += oldLines[line];
      after += newLines[line++];
    }
    if (before.length >= PLACE_LIMITS.diffChars || after.length >= PLACE_LIMITS.diffChars) {
      parts.push([offset, offset + before.length]);
    } else {
      // Newer versions leave out equal beginnings and ends first; both answers must do.
      for (const [from, to] of [...changedLetters(before, after), ...changedWithin(before, after)]) {
        parts.push([offset + from, offset + to]);
      }
    }
    offset += before.length;
  }
  return parts;
}

function splitLines(text: string): string[] {
  return text.match(/[^\n\r\u2028\u2029]*(?:\r\n|[\n\r\u2028\u2029]|$)/g) ?? [];
}

function changedWithin(before: string, after: string): [number, number][] {
  const limit = Math.min(before.length, after.length);
  let head = 0;
  while (head < limit && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < limit - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const inner = changedLetters(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return inner.map(([from, to]) => [from + head, to + head]);
}

/** The shortest difference, found as V8 finds it: equal letters are always paired at once. */
function changedLetters(before: string, after: string): [number, number][] {
  const rows = before.length;
  const columns = after.length;
  const width = columns + 1;
  const cost = new Uint16Array((rows + 1) * width);
  for (let i = rows; i >= 0; i--) {
    for (let j = columns; j >= 0; j--) {
      const at = i * width + j;
      if (i === rows) cost[at] = columns - j;
      else if (j === columns) cost[at] = rows - i;
      else if (before.charCodeAt(i) === after.charCodeAt(j)) cost[at] = cost[at + width + 1]!;
      else cost[at] = 1 + Math.min(cost[at + width]!, cost[at + 1]!);
    }
  }
  const parts: [number, number][] = [];
  let i = 0;
  let j = 0;
  let from = -1;
  const end = () => {
    if (from >= 0) parts.push([from, i]);
    from = -1;
  };
  while (i < rows || j < columns) {
    const at = i * width + j;
    if (i < rows && j < columns && before.charCodeAt(i) === after.charCodeAt(j)) {
      end();
      i++;
      j++;
      continue;
    }
    if (from < 0) from = i;
    if (j === columns || (i < rows && cost[at + width]! < cost[at + 1]!)) i++;
    else j++;
  }
  end();
  return parts;
}

/** Whether an edit leaves the letters from `from` to `to` alone, and what stands right beside them. */
export function isUntouched(parts: readonly (readonly [number, number])[], from: number, to: number): boolean {
  return parts.every(([start, end]) => end < from || start > to);
}
