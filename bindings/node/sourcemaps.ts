// Source maps of the program, inline and in files: from generated to original positions. The only file that knows trace-mapping.
// Reads files, never URLs of a network, and treats every broken map as none.
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AnyMap, LEAST_UPPER_BOUND, originalPositionFor, type TraceMap } from "@jridgewell/trace-mapping";
import { PLACE_LIMITS } from "./limits.ts";

/** A position for people: line and column from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The map of one script. */
export class SourceMap {
  readonly #map: TraceMap;
  /** Paths of the original files, by index. */
  readonly sources: readonly string[];

  constructor(text: string, mapPath: string) {
    this.#map = new AnyMap(text, mapPath) as TraceMap;
    this.sources = this.#map.resolvedSources.map((source, index) =>
      sourcePath(source || this.#map.sources[index] || ""),
    );
  }

  /** Lines and columns from 0. */
  original(
    line: number,
    column: number,
  ): { readonly source: number; readonly line: number; readonly column: number } | null {
    let found = originalPositionFor(this.#map, { line: line + 1, column });
    // In front of the first mapping of the line.
    if (found.source === null)
      found = originalPositionFor(this.#map, { line: line + 1, column, bias: LEAST_UPPER_BOUND });
    if (found.source === null) return null;
    const source = this.#map.resolvedSources.indexOf(found.source);
    return {
      source: source < 0 ? this.#map.sources.indexOf(found.source) : source,
      line: found.line - 1,
      column: found.column,
    };
  }
}

/** The text of a script's source map and the path that its sources are relative to; null where there is none. */
export function readMap(
  sourceMapUrl: string,
  scriptPath: string,
): { readonly text: string; readonly path: string } | null {
  if (sourceMapUrl === "") return null;
  try {
    if (sourceMapUrl.startsWith("data:")) {
      const comma = sourceMapUrl.indexOf(",");
      const data = sourceMapUrl.slice(comma + 1);
      const isBase64 = /;base64$/i.test(sourceMapUrl.slice(0, comma));
      return {
        text: isBase64 ? Buffer.from(data, "base64").toString("utf8") : decodeURIComponent(data),
        path: scriptPath,
      };
    }
    if (/^(https?|wss?):/i.test(sourceMapUrl)) return null;
    const path = sourceMapUrl.startsWith("file:")
      ? fileURLToPath(sourceMapUrl)
      : resolve(dirname(scriptPath), decodeURIComponent(sourceMapUrl));
    if (statSync(path).size > PLACE_LIMITS.mapBytes) return null;
    return { text: readFileSync(path, "utf8"), path };
  } catch {
    return null;
  }
}

/** The map of a script, or null; `wanted`: only if a source with this name can be in it, which saves most of the work. */
export function loadMap(sourceMapUrl: string, scriptPath: string, wanted?: string): SourceMap | null {
  const found = readMap(sourceMapUrl, scriptPath);
  if (found === null || (wanted !== undefined && !found.text.includes(basename(wanted)))) return null;
  try {
    return new SourceMap(found.text, found.path);
  } catch {
    return null;
  }
}

/** A source as maps name it, as a path: `file:///a/b.ts`, `/a/b.ts`, `webpack://name/./src/b.ts`. */
function sourcePath(source: string): string {
  try {
    if (source.startsWith("file:")) return fileURLToPath(source);
  } catch {}
  return source.replace(/^[a-z-]+:\/\/(?:[^/]*\/)?(?:\.\/)?/i, "").replace(/\?.*$/, "");
}

const MAX_CACHED = 500;
/** Bytes at the end of a file in which its `sourceMappingURL` is looked for, when the map is not inline. */
const TAIL_BYTES = 4096;
const cached = new Map<string, SourceMap | null>();
const undo = new Map<string, (line: number, column: number) => number>();

/** Tells which column a position of an edited script had before; all from 0. Null: the script is as it was. */
export function setUndo(path: string, back: ((line: number, column: number) => number) | null): void {
  if (back === null) undo.delete(path);
  else undo.set(path, back);
}

/** Remembers the map of a script that is known already. */
export function rememberMap(path: string, map: SourceMap | null): void {
  if (cached.size >= MAX_CACHED) cached.clear();
  cached.set(path, map);
}

/**
 * The original position of a generated one in a file; columns that probes have shifted are put right. Null where nothing changes.
 * Reads files the first time: not for the program's hot path.
 */
export function originalPosition(file: string, line: number, column: number): SourcePosition | null {
  const back = undo.get(file);
  const before = back === undefined ? column - 1 : back(line - 1, column - 1);
  let map = cached.get(file);
  if (map === undefined) {
    map = loadMap(urlInFile(file), file);
    rememberMap(file, map);
  }
  const found = map?.original(line - 1, before) ?? null;
  if (found !== null)
    return { file: map!.sources[found.source] ?? file, line: found.line + 1, column: found.column + 1 };
  return before === column - 1 ? null : { file, line, column: before + 1 };
}

function urlInFile(file: string): string {
  if (!/^([a-zA-Z]:)?[\\/]/.test(file)) return "";
  let descriptor: number | null = null;
  try {
    const { size } = statSync(file);
    if (size > PLACE_LIMITS.mapBytes) return "";
    descriptor = openSync(file, "r");
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    const found = lastUrl(tail.toString("utf8"));
    // An inline map is longer than the tail, and its beginning is not in it.
    return found !== "" || !/^[\w+/=]{200,}/.test(tail.toString("latin1").trimEnd().slice(-400))
      ? found
      : lastUrl(readFileSync(file, "utf8"));
  } catch {
    return "";
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function lastUrl(text: string): string {
  const matches = [...text.matchAll(/^\s*\/\/[#@]\s*sourceMappingURL=(\S+)\s*$/gm)];
  return matches.at(-1)?.[1] ?? "";
}
