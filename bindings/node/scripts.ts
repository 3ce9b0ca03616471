// Which scripts are loaded, and which of them a person means by a path. Originals behind source maps count like scripts. Knows
// the old copies that V8 keeps of edited scripts, and never offers one.
import { realpathSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { PlacementError } from "../../host/index.ts";
import { PLACE_LIMITS } from "./limits.ts";
import type { DebugSession, ScriptEvent } from "./session.ts";
import { loadMap, rememberMap, type SourceMap } from "./sourcemaps.ts";

/** A loaded script. */
export interface ScriptRecord extends ScriptEvent {
  readonly path: string;
}

/** What a path means: a script, or one of the sources behind it. */
export interface Match {
  readonly script: ScriptRecord;
  readonly map: SourceMap | null;
  /** Index among the sources of `map`; null: the script itself is meant, in its own lines. */
  readonly source: number | null;
  /** What is shown to people. */
  readonly path: string;
  /** How many copies of the file are loaded. The newest is meant. */
  readonly copies: number;
}

/** Nothing matches yet. */
export interface NoMatch {
  readonly near: readonly string[];
  readonly searched: number;
  /** Source maps that there was no time to look at. */
  readonly unread: number;
}

/** Entries of a cache of misses. */
const MAX_LACKING = 20_000;
const isWindows = process.platform === "win32";

/** A path as a person writes it, in the form in which paths are compared. */
export function normalPath(file: string): string {
  let path = file.trim();
  try {
    if (path.startsWith("file:")) path = fileURLToPath(path);
  } catch {}
  path = path.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
  return isWindows ? path.toLowerCase() : path;
}

/** Whether a path ends with another, at a separator. */
export function matches(path: string, wanted: string): boolean {
  const whole = normalPath(path);
  return whole === wanted || (!isAbsolute(wanted) && whole.endsWith(`/${wanted}`));
}

function isAbsolute(path: string): boolean {
  return path.startsWith("/") || /^[a-zA-Z]:\//.test(path);
}

/** The scripts of this thread. */
export class Library {
  readonly #scripts = new Map<string, ScriptRecord>();
  readonly #maps = new Map<string, SourceMap | null>();
  /** Scripts whose map does not hold a name. */
  readonly #lacking = new Set<string>();
  /** Ids that V8 gave to old copies, as ranges without their first number. */
  readonly #old: [number, number][] = [];

  /** Reads the list of an enabled session. */
  refresh(session: DebugSession): void {
    for (const id of this.#scripts.keys()) if (!session.scripts.has(id)) this.#forget(id);
    if (this.#lacking.size > MAX_LACKING) this.#lacking.clear();
    for (const event of session.scripts.values()) {
      if (this.#scripts.has(event.scriptId) || this.#isOld(Number(event.scriptId))) continue;
      this.#scripts.set(event.scriptId, { ...event, path: pathOf(event.url) });
    }
  }

  /** Scripts with an id above `from`, up to `to`, are old copies made by edits. */
  noteCopies(from: number, to: number): void {
    const last = this.#old.at(-1);
    // One number further is the mark itself: so ranges of edits in a row become one.
    if (last !== undefined && from <= last[1] + 1) last[1] = to;
    else this.#old.push([from, to]);
  }

  has(scriptId: string): boolean {
    return this.#scripts.has(scriptId);
  }

  /** Finds what a path means. Throws PlacementError `ambiguous_file`. */
  find(file: string): Match | NoMatch {
    const wanted = normalPath(file);
    let unread = 0;
    const found = this.#candidates(wanted, (count) => {
      unread = count;
    });
    if (found.size === 0 && isAbsolute(wanted)) {
      try {
        const real = normalPath(realpathSync(wanted));
        if (real !== wanted) return this.find(real);
      } catch {}
    }
    if (found.size > 1) {
      throw new PlacementError(
        "ambiguous_file",
        `"${file}" matches ${found.size} loaded files.`,
        "Write more of the path, or the whole path, so that it means one of them.",
        [...found.keys()].sort().slice(0, PLACE_LIMITS.maxDetails),
      );
    }
    const [matching] = found.values();
    if (matching === undefined) return { near: this.#near(wanted), searched: this.#scripts.size, unread };
    const newest = matching.reduce((a, b) => (Number(b.script.scriptId) > Number(a.script.scriptId) ? b : a));
    rememberMap(newest.script.path, newest.map);
    return { ...newest, copies: matching.length };
  }

  #candidates(wanted: string, onUnread: (count: number) => void): Map<string, Match[]> {
    const found = new Map<string, Match[]>();
    const add = (match: Match) => found.set(match.path, [...(found.get(match.path) ?? []), match]);
    const startedMs = performance.now();
    let unread = 0;
    for (const script of this.#scripts.values()) {
      const isMeant = matches(script.path, wanted);
      const isDependency = script.path.includes("node_modules") && !wanted.includes("node_modules") && !isMeant;
      let map: SourceMap | null = null;
      if (script.sourceMapUrl !== "" && !isDependency) {
        if (isMeant || performance.now() - startedMs < PLACE_LIMITS.mapSearchMs)
          map = this.#map(script, isMeant ? undefined : wanted);
        else unread++;
      }
      const sources = (map?.sources ?? []).flatMap((path, index) => (matches(path, wanted) ? [index] : []));
      for (const source of sources) add({ script, map, source, path: map!.sources[source]!, copies: 1 });
      if (isMeant && sources.length === 0) add({ script, map, source: null, path: script.path, copies: 1 });
    }
    onUnread(unread);
    return found;
  }

  #map(script: ScriptRecord, wanted: string | undefined): SourceMap | null {
    const known = this.#maps.get(script.scriptId);
    if (known !== undefined) return known;
    const lacking = `${script.scriptId} ${wanted === undefined ? "" : basename(wanted)}`;
    if (this.#lacking.has(lacking)) return null;
    const map = loadMap(script.sourceMapUrl, script.path, wanted);
    // Without the name in it, it was not parsed: another search may want it.
    if (map !== null || wanted === undefined) this.#maps.set(script.scriptId, map);
    else this.#lacking.add(lacking);
    return map;
  }

  #near(wanted: string): string[] {
    const name = basename(wanted);
    const stem = name.replace(/\.[^.]*$/, "");
    const paths = [...new Set([...this.#scripts.values()].map(({ path }) => path))];
    const same = paths.filter((path) => basename(normalPath(path)) === name);
    const alike = paths.filter((path) => basename(normalPath(path)).replace(/\.[^.]*$/, "") === stem);
    return [...new Set([...same, ...alike])].slice(0, 3);
  }

  #isOld(id: number): boolean {
    return this.#old.some(([from, to]) => from < id && id <= to);
  }

  #forget(id: string): void {
    this.#scripts.delete(id);
    this.#maps.delete(id);
  }
}

function pathOf(url: string): string {
  try {
    return url.startsWith("file:") ? fileURLToPath(url.replace(/[?#].*$/, "")) : url;
  } catch {
    return url;
  }
}
