// Where one probe stands: the place in a parsed script, the names it may read there, its open gate and its text. Edits nothing.
import { PlacementError, type PlaceRequest, type Site } from "../../host/index.ts";
import { type Gate, openGate } from "./gate.ts";
import type { LiveScript } from "./inject.ts";
import type { Mark } from "./layout.ts";
import { locate, placesOf } from "./locate.ts";
import { undeclared } from "./notes.ts";
import type { Readable } from "./scope.ts";
import type { Match } from "./scripts.ts";
import { conditionCall } from "./text.ts";

/** A probe that has found its place. */
export interface Seat {
  readonly live: LiveScript;
  readonly match: Match;
  readonly mark: Mark;
  readonly gate: Gate;
  /** What the condition of a breakpoint calls. */
  readonly call: string;
  readonly site: Site;
  readonly notes: readonly string[];
}

/** Resolves line and names, and opens the gate. Throws PlacementError. */
export function takeSeat(live: LiveScript, match: Match, request: PlaceRequest): Seat {
  const { parsed } = live;
  const { start, line, column } = locate(placesOf(parsed, match), request.line, match, parsed.lines.count);
  const found = parsed.functions[start.functionIndex];
  const { listed, further, parameters, hidesGlobal } = live.names(start);
  if (start.isInWith || hidesGlobal) {
    const why = start.isInWith ? "is inside of a `with` block" : "is in a scope that has a `globalThis` of its own";
    throw new PlacementError("unsupported_place", `Line ${line} ${why}.`, "Choose a line outside of it.");
  }
  const names = listed.map(({ name }) => name);
  const readable = new Map([...further, ...listed, parameters].map((entry) => [entry.name, entry]));
  const pick = (wanted: readonly string[]): Readable[] => {
    const unknown = [...new Set(wanted.filter((name) => !readable.has(name)))];
    if (unknown.length > 0) throw undeclared(unknown, names, line);
    return wanted.map((name) => readable.get(name)!);
  };
  const tests = pick(request.testNames);
  const captures = request.captureNames === null ? listed : pick(request.captureNames);
  const gate = openGate(request.handler, tests, captures, found?.name);
  const notes: string[] = [];
  if (line !== request.line) notes.push(`Line ${request.line} holds no statement: the probe stands on line ${line}.`);
  if (match.copies > 1) notes.push(`The file is loaded ${match.copies} times: the probe stands in the newest copy.`);
  if (found === undefined || found.kind === "static") {
    notes.push("This line runs once, while its module loads, and has run already.");
  }
  if (live.isWrapped(start)) notes.push("Calls that were under way when the probe came end without it.");
  return {
    live,
    match,
    gate,
    mark: { gate, start },
    call: conditionCall(gate.id, tests, captures),
    notes,
    site: {
      file: match.path,
      line,
      column,
      functionName: found === undefined ? "" : found.name || "<anonymous>",
      className: found?.className ?? "",
      names,
    },
  };
}
