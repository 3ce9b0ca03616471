// Captured values, frames and snapshots as indented text for people. Says of everything that is missing why, escapes whatever a
// terminal would obey, and never fails on a shape that it does not know: the text may come from another version's agent.
import type { Captured, Frame, Omitted, Snapshot } from "./captured.ts";

/** Marks a piece of text for the eye. */
export type Style = (style: "bold" | "dim" | "red" | "green" | "yellow", text: string) => string;

/** Characters of a value that stays on one line. */
const LINE_LENGTH = 88;
/** Levels shown; a snapshot has far fewer, but text from the wire may not end the terminal's process. */
const MAX_LEVELS = 64;
/** Bytes shown of a buffer. */
const SHOWN_BYTES = 32;

const plain: Style = (_, text) => text;

const REASONS: Record<Omitted, string> = {
  depth: "not opened: too deep",
  items: "more",
  fields: "more",
  length: "cut",
  bytes: "left out: the event is full",
  time: "left out: the time is over",
  redacted: "redacted",
  getter: "getter, not run",
  proxy: "proxy, not read",
  unavailable: "not available",
};

/** A snapshot: a line or more for each variable, then a line for each frame. */
export function renderSnapshot(snapshot: Snapshot, style: Style = plain): string {
  const lines = snapshot.variables.map(([name, value]) => `${key(name, style)} = ${renderValue(value, style)}`);
  lines.push(...renderFrames(snapshot.frames, style));
  if (snapshot.framesOmitted === true) lines.push(style("dim", "… more frames"));
  return lines.join("\n");
}

/** The lines of a stack, innermost first. */
export function renderFrames(frames: readonly Frame[], style: Style = plain): string[] {
  return frames.map((frame) => {
    const place = frame.line > 0 ? `${frame.file}:${frame.line}:${frame.column}` : frame.file;
    return `${style("dim", frame.async === true ? "at async" : "at")} ${visible(frame.function)} ${style("dim", `(${visible(place)})`)}`;
  });
}

/** A value, on one line if it fits, else on indented lines. */
export function renderValue(value: Captured, style: Style = plain): string {
  return lines(value, style, "", 0);
}

function lines(value: Captured, style: Style, indent: string, level: number): string {
  const parts = partsOf(value);
  if (parts === null) return leaf(value, style);
  const flat = oneLine(value, plain, LINE_LENGTH - indent.length, level);
  if (flat !== null) return oneLine(value, style, Number.POSITIVE_INFINITY, level) ?? flat;
  const inner = `${indent}  `;
  if (level >= MAX_LEVELS) return `${parts.open}${style("dim", "…")}${parts.close}`;
  const rows = parts.rows.map(
    ([label, row]) => `${inner}${labelText(label, parts, style)}${lines(row, style, inner, level + 1)}`,
  );
  const rest = restOf(value, parts);
  if (rest !== null) rows.push(`${inner}${style("dim", rest)}`);
  return `${heading(value, parts, style)}${parts.open}\n${rows.join("\n")}\n${indent}${parts.close}`;
}

/** The value on one line, or null if it is longer than that. */
function oneLine(value: Captured, style: Style, room: number, level: number): string | null {
  const parts = partsOf(value);
  if (parts === null) return fits(leaf(value, style), room);
  if (level >= MAX_LEVELS) return `${parts.open}…${parts.close}`;
  const texts: string[] = [];
  let left = room;
  for (const [label, row] of parts.rows) {
    const text = oneLine(row, style, left, level + 1);
    if (text === null) return null;
    const whole = `${labelText(label, parts, style)}${text}`;
    texts.push(whole);
    left -= whole.length;
    if (left < 0) return null;
  }
  const rest = restOf(value, parts);
  if (rest !== null) texts.push(style("dim", rest));
  return fits(`${heading(value, parts, style)}${parts.open}${texts.join(", ")}${parts.close}`, room);
}

const fits = (text: string, room: number): string | null => (text.length <= room && !text.includes("\n") ? text : null);

type Label = string | Captured | null;

interface Parts {
  readonly title: string;
  readonly open: string;
  readonly close: string;
  readonly rows: readonly (readonly [label: Label, value: Captured])[];
}

/** What a value with contents is made of; null for one without. */
function partsOf(value: Captured): Parts | null {
  switch (value.type) {
    case "array":
    case "set":
    case "typedarray": {
      const title = value.class ?? (value.type === "set" ? "Set" : "");
      return { title, open: "[", close: "]", rows: (value.items ?? []).map((item) => [null, item] as const) };
    }
    case "map":
      return { title: value.class ?? "Map", open: "{", close: "}", rows: value.entries ?? [] };
    case "object":
    case "error": {
      const name = value.class === null ? "[no prototype]" : value.class === "Object" ? "" : (value.class ?? "");
      const rows: (readonly [Label, Captured])[] = [...(value.fields ?? [])];
      if (value.cause !== undefined) rows.push(["cause", value.cause]);
      if (value.stack !== undefined) rows.push(["stack", { type: "stack", value: value.stack }]);
      const title = value.type === "error" ? `${name}: ${String(value.value ?? "")}` : name;
      return { title, open: "{", close: "}", rows };
    }
    default:
      return null;
  }
}

function heading(value: Captured, parts: Parts, style: Style): string {
  const id = value.id === undefined ? "" : style("yellow", `#${value.id} `);
  const title = visible(parts.title);
  if (title === "") return id;
  return `${value.type === "error" ? style("red", title) : style("bold", title)} ${id}`;
}

function labelText(label: Label, parts: Parts, style: Style): string {
  if (label === null) return "";
  if (typeof label === "string") return `${key(label, style)}: `;
  const text = oneLine(label, style, Number.POSITIVE_INFINITY, 0) ?? parts.title;
  return `${text} => `;
}

/** What is not among the shown rows, and why; null if nothing is missing. */
function restOf(value: Captured, parts: Parts): string | null {
  if (value.omitted === undefined) return null;
  let shown = 0;
  // A run of holes is one row and many elements.
  for (const [, row] of parts.rows) shown += row.type === "hole" && typeof row.value === "number" ? row.value : 1;
  const missing = value.size === undefined ? null : value.size - shown;
  if (value.omitted === "items" || value.omitted === "fields") {
    return missing === null || missing <= 0 ? "… more" : `… ${count(missing)} more`;
  }
  const reason = reasonText(value.omitted);
  return missing === null || missing <= 0 ? `… ${reason}` : `… ${count(missing)} ${reason}`;
}

function leaf(value: Captured, style: Style): string {
  const text = typeof value.value === "string" ? value.value : String(value.value ?? "");
  const cut =
    value.omitted === "length"
      ? style("dim", ` … ${value.size === undefined ? "" : `${count(value.size)} `}in all, cut`)
      : "";
  switch (value.type) {
    case "null":
    case "undefined":
      return style("yellow", value.type);
    case "string":
      return style("green", quote(text)) + cut;
    case "boolean":
    case "number":
      return style("yellow", visible(text));
    case "bigint":
      return value.omitted === undefined ? style("yellow", `${visible(text)}n`) : style("dim", "bigint … too long");
    case "symbol":
      return `Symbol(${visible(text)})${cut}`;
    case "function":
      return style("dim", `[${value.class === "class" ? "class" : "function"} ${visible(text) || "without a name"}]`);
    case "date":
    case "regexp":
      return style("yellow", visible(text)) + cut;
    case "bytes":
      return bytes(value) + cut;
    case "stack":
      return style("dim", text.split("\n").map(visible).join("\n"));
    case "ref":
      return style("yellow", `→ #${visible(text)}`);
    case "hole":
      return style("dim", text === "1" ? "hole" : `${visible(text)} holes`);
    case "omitted": {
      const about = value.class ? `${visible(value.class)}, ` : "";
      return style("dim", `<${about}${value.omitted === undefined ? "left out" : reasonText(value.omitted)}>`);
    }
    default:
      // promise, weakmap, weakset, weakref, iterator, and what later versions add
      return style("dim", `[${visible(value.class ?? value.type)}]`);
  }
}

function bytes(value: Captured): string {
  const shown = value.value instanceof Uint8Array ? value.value : new Uint8Array(0);
  const hex = Array.from(shown.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, "0"));
  const size = value.size ?? shown.length;
  const more = shown.length > SHOWN_BYTES ? " …" : "";
  return `${visible(value.class ?? "bytes")}(${count(size)}) <${hex.join(" ")}${more}>`;
}

function reasonText(omitted: Omitted): string {
  return REASONS[omitted] ?? visible(String(omitted));
}

/** `1,234,567`, the same in every locale. */
function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

function key(name: string, style: Style): string {
  return style("bold", /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : quote(name));
}

function quote(text: string): string {
  return visible(JSON.stringify(text));
}

/** Control characters and those that reverse text, as escapes: a terminal must not obey a program's values. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}
