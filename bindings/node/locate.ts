// From a line as a person means it to the place in the script where a probe can stand. Reads source maps and tables; knows
// nothing of variables and edits nothing.
import { PlacementError } from "../../host/index.ts";
import type { Parsed, Start } from "./parse.ts";
import type { Match } from "./scripts.ts";

/** A place, with its position for people: line and column from 1, original where there is a source map. */
export interface Located {
  readonly start: Start;
  readonly line: number;
  readonly column: number;
}

/** All places of a file, in the order of their lines. */
export function placesOf(parsed: Parsed, match: Match): readonly Located[] {
  const places: Located[] = [];
  for (const start of parsed.starts) {
    const position = parsed.lines.position(start.at);
    if (match.source === null) {
      places.push({ start, line: position.line + 1, column: position.column + 1 });
      continue;
    }
    const original = match.map!.original(position.line, position.column);
    if (original === null || original.source !== match.source) continue;
    places.push({ start, line: original.line + 1, column: original.column + 1 });
  }
  return match.source === null ? places : places.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** The first place on a line, or on the next line that has one. Throws PlacementError `line_out_of_range`. */
export function locate(places: readonly Located[], line: number, match: Match, lineCount: number): Located {
  const remedy = "Look at the file as it is deployed, and choose a line with a statement.";
  if (!Number.isInteger(line) || line < 1) {
    throw new PlacementError("line_out_of_range", `Lines are counted from 1; ${line} is not a line.`, remedy);
  }
  const found = places.find((place) => place.line >= line);
  if (found !== undefined) return found;
  const last = places.at(-1);
  const past = match.source === null && line > lineCount;
  throw new PlacementError(
    "line_out_of_range",
    past
      ? `${match.path} has ${lineCount} lines; ${line} is past its end.`
      : `There is no statement on line ${line} of ${match.path} or after it.`,
    last === undefined ? remedy : `${remedy} The last one is on line ${last.line}.`,
  );
}
