// Captured values, frames and snapshots as indented text for people. Says of everything that is missing why, escapes whatever a
// terminal would obey, and never fails on a shape that it does not know: the text may come from another version's agent.
import type { Captured, Frame, Snapshot } from "./captured.ts";
import { javascript } from "./render-javascript.ts";
import { python } from "./render-python.ts";
import { count, type Label, type Parts, reasonText, type Style, visible, type Writing } from "./render-text.ts";

export type { Style } from "./render-text.ts";

/** Characters of a value that stays on one line. */
const LINE_LENGTH = 88;
/** Levels shown; a snapshot has far fewer, but text from the wire may not end the terminal's process. */
const MAX_LEVELS = 64;

const plain: Style = (_, text) => text;
const writingOf = (language: string | undefined): Writing => (language === "python" ? python : javascript);

/** A snapshot: a line or more for each variable, then a line for each frame. */
export function renderSnapshot(snapshot: Snapshot, style: Style = plain): string {
  const writing = writingOf(snapshot.language);
  const lines = snapshot.variables.map(
    ([name, value]) => `${writing.name(name, style)} = ${text(value, writing, style, "", 0)}`,
  );
  lines.push(...renderFrames(snapshot.frames, style));
  if (snapshot.framesOmitted === true) lines.push(style("dim", "… more frames"));
  return lines.join("\n");
}

/** The lines of a stack, innermost first. */
export function renderFrames(frames: readonly Frame[], style: Style = plain): string[] {
  return frames.map((frame) => {
    const column = frame.column > 0 ? `:${frame.column}` : "";
    const place = frame.line > 0 ? `${frame.file}:${frame.line}${column}` : frame.file;
    return `${style("dim", frame.async === true ? "at async" : "at")} ${visible(frame.function)} ${style("dim", `(${visible(place)})`)}`;
  });
}

/** A value, on one line if it fits, else on indented lines, as `language` writes it. */
export function renderValue(value: Captured, style: Style = plain, language?: string): string {
  return text(value, writingOf(language), style, "", 0);
}

function text(value: Captured, writing: Writing, style: Style, indent: string, level: number): string {
  const parts = writing.parts(value);
  if (parts === null) return writing.leaf(value, style);
  const flat = oneLine(value, writing, plain, LINE_LENGTH - indent.length, level);
  if (flat !== null) return oneLine(value, writing, style, Number.POSITIVE_INFINITY, level) ?? flat;
  const inner = `${indent}  `;
  if (level >= MAX_LEVELS) return `${parts.open}${style("dim", "…")}${parts.close}`;
  const rows = parts.rows.map(
    ([label, row]) =>
      `${inner}${labelText(label, parts, writing, style)}${text(row, writing, style, inner, level + 1)}`,
  );
  const rest = restOf(value, parts);
  if (rest !== null) rows.push(`${inner}${style("dim", rest)}`);
  return `${heading(value, parts, writing, style)}${parts.open}\n${rows.join("\n")}\n${indent}${parts.close}`;
}

/** The value on one line, or null if it is longer than that. */
function oneLine(value: Captured, writing: Writing, style: Style, room: number, level: number): string | null {
  const parts = writing.parts(value);
  if (parts === null) return fits(writing.leaf(value, style), room);
  if (level >= MAX_LEVELS) return `${parts.open}…${parts.close}`;
  const texts: string[] = [];
  let left = room;
  for (const [label, row] of parts.rows) {
    const shown = oneLine(row, writing, style, left, level + 1);
    if (shown === null) return null;
    const whole = `${labelText(label, parts, writing, style)}${shown}`;
    texts.push(whole);
    left -= whole.length;
    if (left < 0) return null;
  }
  const rest = restOf(value, parts);
  if (rest !== null) texts.push(style("dim", rest));
  return fits(`${heading(value, parts, writing, style)}${parts.open}${texts.join(", ")}${parts.close}`, room);
}

const fits = (text: string, room: number): string | null => (text.length <= room && !text.includes("\n") ? text : null);

function heading(value: Captured, parts: Parts, writing: Writing, style: Style): string {
  const id = value.id === undefined ? "" : style("yellow", `#${value.id} `);
  const title = visible(parts.title);
  return writing.head(title === "" ? "" : style(value.type === "error" ? "red" : "bold", title), id);
}

function labelText(label: Label, parts: Parts, writing: Writing, style: Style): string {
  if (label === null) return "";
  if (typeof label === "string") return `${writing.name(label, style)}${writing.separator}`;
  return writing.key(oneLine(label, writing, style, Number.POSITIVE_INFINITY, 0) ?? parts.title);
}

/** What is not among the shown rows, and why; null if nothing is missing. */
function restOf(value: Captured, parts: Parts): string | null {
  if (value.omitted === undefined) return null;
  let shown = -(parts.besides ?? 0);
  // A run of holes is one row and many elements.
  for (const [, row] of parts.rows) shown += row.type === "hole" && typeof row.value === "number" ? row.value : 1;
  const missing = value.size === undefined ? null : value.size - shown;
  if (value.omitted === "items" || value.omitted === "fields") {
    return missing === null || missing <= 0 ? "… more" : `… ${count(missing)} more`;
  }
  const reason = reasonText(value.omitted);
  return missing === null || missing <= 0 ? `… ${reason}` : `… ${count(missing)} ${reason}`;
}
