// Takes the stack as data, through an Error of a private realm: neither the program's Error.prepareStackTrace nor its
// Error.stackTraceLimit, patched or frozen, takes part. Never formats text and never keeps a call site after it returns.
import { createContext, runInContext } from "node:vm";
import { type Frame, natives } from "../../host/index.ts";
import { MAX_FLATTEN } from "./kind.ts";

const { blank, charCode, indexOfText, mapClear, mapGet, mapSet, min, sliceText, uncurry } = natives;

/** A function that is on the stack. */
// biome-ignore lint/complexity/noBannedTypes: any function may mark a place in the stack; it is never called
export type Marker = Function;

/** Original position of a generated one; null when there is none. */
export type ResolvePosition = (
  file: string,
  line: number,
  column: number,
) => { readonly file: string; readonly line: number; readonly column: number } | null;

/** File of frames that have none: built-in functions such as Array.map, and code of eval. */
export const NATIVE_FILE = "native";
export const EVAL_FILE = "eval";
/** What V8 calls a function that has no name. */
export const ANONYMOUS = "<anonymous>";
/** UTF-16 units of a function's label and of a file's name. */
const MAX_LABEL = 256;
const MAX_FILE = 1024;
/** Script names remembered. */
const MAX_PATHS = 1000;
const decode = decodeURIComponent;

type Read = (site: unknown) => unknown;

interface Realm {
  readonly grab: (below: Marker | undefined, limit: number) => unknown[];
  readonly functionName: Read;
  readonly typeName: Read;
  readonly fileName: Read;
  readonly scriptName: Read;
  readonly line: Read;
  readonly column: Read;
  readonly isAsync: Read;
  readonly isToplevel: Read;
  readonly isConstructor: Read;
  readonly isEval: Read;
}

const REALM_SOURCE = `"use strict";
Error.prepareStackTrace = (error, sites) => sites;
const capture = Error.captureStackTrace;
let current = -1;
(below, limit) => {
  if (limit !== current) Error.stackTraceLimit = current = limit;
  const holder = {};
  capture(holder, below);
  return holder.stack;
}`;

/** Costs about 1.2 ms and 300 KB, once a thread: make it when a probe is placed, not at its first hit. */
function createRealm(): Realm {
  const grab = runInContext(REALM_SOURCE, createContext(Object.create(null))) as Realm["grab"];
  const site = grab(undefined, 1)[0] as Record<string, () => unknown>;
  // Kept now: the program can reach this prototype through its own prepareStackTrace and patch it.
  const read = (method: string): Read => uncurry(site[method] as (this: unknown) => unknown);
  return {
    grab,
    functionName: read("getFunctionName"),
    typeName: read("getTypeName"),
    fileName: read("getFileName"),
    scriptName: read("getScriptNameOrSourceURL"),
    line: read("getLineNumber"),
    column: read("getColumnNumber"),
    isAsync: read("isAsync"),
    isToplevel: read("isToplevel"),
    isConstructor: read("isConstructor"),
    isEval: read("isEval"),
  };
}

/** Reads the stack of the thread it is used on. */
export class StackReader {
  readonly #realm = createRealm();
  /** Paths of the script names met; names are few and come again with each hit. */
  readonly #paths = new Map<string, string>();
  #pathCount = 0;

  /**
   * Frames below the function `below` (the caller of `read` without one), innermost first, without the first `skip`.
   * A `below` that is not on the stack counts as none.
   */
  read(limit: number, below?: Marker, skip = 0): { readonly frames: Frame[]; readonly omitted: boolean } {
    const wanted = limit + skip + 1;
    let sites = this.#realm.grab(below ?? this.read, wanted);
    if (sites.length === 0 && below !== undefined) sites = this.#realm.grab(this.read, wanted);
    const count = sites.length - skip;
    const frames = blank(count < 0 ? 0 : min(count, limit)) as Frame[];
    for (let i = 0; i < frames.length; i++) frames[i] = this.#frame(sites[skip + i]);
    return { frames, omitted: count > limit };
  }

  #frame(site: unknown): Frame {
    const realm = this.#realm;
    const isAsync = realm.isAsync(site) === true;
    const file = realm.fileName(site) ?? realm.scriptName(site);
    const line = realm.line(site);
    const column = realm.column(site);
    const place = {
      function: this.#label(site, isAsync),
      file: typeof file === "string" ? this.#path(file) : realm.isEval(site) === true ? EVAL_FILE : NATIVE_FILE,
      line: typeof line === "number" ? line : 0,
      column: typeof column === "number" ? column : 0,
    };
    return isAsync ? { ...place, async: true } : place;
  }

  #path(name: string): string {
    const known = mapGet(this.#paths, name) as string | undefined;
    if (known !== undefined) return known;
    // Evaluated code may bring new names for ever.
    if (this.#pathCount++ >= MAX_PATHS) {
      mapClear(this.#paths);
      this.#pathCount = 1;
    }
    const path = pathOf(name);
    mapSet(this.#paths, name, path);
    return path;
  }

  /** As V8 labels it: `Cart.total`, `new Cart`, `total`. */
  #label(site: unknown, isAsync: boolean): string {
    const realm = this.#realm;
    const found = realm.functionName(site);
    const name = typeof found === "string" && found !== "" ? found : ANONYMOUS;
    let label = name;
    if (realm.isConstructor(site) === true) label = `new ${name}`;
    else if (!isAsync && realm.isToplevel(site) !== true) {
      const type = realm.typeName(site);
      if (typeof type === "string" && type !== "" && indexOfText(name, `${type}.`) !== 0) label = `${type}.${name}`;
    }
    return cut(label, MAX_LABEL);
  }
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : text.length > MAX_FLATTEN ? "" : sliceText(text, 0, limit);
}

/** A file URL as a path; anything else as it is. No URL class: its getters can be patched. */
function pathOf(name: string): string {
  if (indexOfText(name, "file:///") !== 0) return cut(name, MAX_FILE);
  // file:///C:/a on Windows
  const path = sliceText(name, charCode(name, 9) === 58 && charCode(name, 10) === 47 ? 8 : 7);
  if (indexOfText(path, "%") < 0) return cut(path, MAX_FILE);
  try {
    return cut(decode(path), MAX_FILE);
  } catch {
    return cut(path, MAX_FILE);
  }
}

/** Replaces generated positions by original ones. Slow (source maps): meant for the time an event is sent, not for the hit. */
export function resolveFrames(frames: readonly Frame[], resolve: ResolvePosition): Frame[] {
  const resolved: Frame[] = [];
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i]!;
    let original: ReturnType<ResolvePosition> = null;
    try {
      if (frame.line > 0) original = resolve(frame.file, frame.line, frame.column);
    } catch {
      // A source map that cannot be read leaves the generated position, which is true as well.
    }
    resolved[i] = original === null ? frame : { ...frame, ...original };
  }
  return resolved;
}
