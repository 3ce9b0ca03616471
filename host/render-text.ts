// What the ways of writing values have in common: pieces of text that are safe to show, and how a way of writing is described.
import type { Captured, Omitted } from "./captured.ts";

/** Marks a piece of text for the eye. */
export type Style = (style: "bold" | "dim" | "red" | "green" | "yellow", text: string) => string;

/** What stands before a row: a name, the key of a map, or nothing. */
export type Label = string | Captured | null;

/** What a value with contents is made of. */
export interface Parts {
  readonly title: string;
  readonly open: string;
  readonly close: string;
  readonly rows: readonly (readonly [label: Label, value: Captured])[];
  /** How many of the rows are no elements of the value. */
  readonly besides?: number;
}

/** The way in which one language writes values. */
export interface Writing {
  /** What a value with contents is made of; null for one without. */
  parts(value: Captured): Parts | null;
  /** A value without contents. */
  leaf(value: Captured, style: Style): string;
  /** A name, quoted where it is none of the language's, and what stands between a field's name and its value. */
  name(name: string, style: Style): string;
  readonly separator: string;
  /** The key of a map, written already, before its value. */
  key(text: string): string;
  /** What stands before the bracket: the title, and `#1 ` of a value that is referred to; each may be empty. */
  head(title: string, id: string): string;
}

/** Bytes shown of a buffer. */
export const SHOWN_BYTES = 32;

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

export function reasonText(omitted: Omitted): string {
  return REASONS[omitted] ?? visible(String(omitted));
}

/** `1,234,567`, the same in every locale. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Control characters and those that reverse text, as escapes: a terminal must not obey a program's values. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

export function quote(text: string): string {
  return visible(JSON.stringify(text));
}

/** What is said behind a value of which only the beginning is there. */
export function cutText(value: Captured, style: Style): string {
  if (value.omitted !== "length") return "";
  return style("dim", ` … ${value.size === undefined ? "" : `${count(value.size)} `}in all, cut`);
}

/** A value of which nothing is there. */
export function omittedText(value: Captured, style: Style): string {
  const about = value.class ? `${visible(value.class)}, ` : "";
  return style("dim", `<${about}${value.omitted === undefined ? "left out" : reasonText(value.omitted)}>`);
}
