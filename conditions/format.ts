// The format of a template hole, after its colon: fill, alignment, sign, width, grouping, precision, kind. Applies nothing.
import type { FormatSpec } from "./ast.ts";
import { CompileError } from "./errors.ts";
import { LIMITS } from "./limits.ts";

const REMEDY =
  "A format is `[[fill]<>^][+][0][width][,_][.precision][kind]`, for example `{{x:>8}}`, `{{x:.2f}}` or `{{x:j2}}`.";
const KINDS = "dxXobefg%sqj";

/** Reads a format at an offset; null if it is empty. Stops at the first character that cannot belong to it: the caller expects `}}` there. */
export function readFormat(source: string, start: number): { readonly spec: FormatSpec | null; readonly to: number } {
  let at = start;
  const first = source.codePointAt(at);
  const firstText = first === undefined ? "" : String.fromCodePoint(first);
  let fill = " ";
  let align: FormatSpec["align"] = "";
  if (firstText !== "{" && firstText !== "}" && isAlign(source[at + firstText.length])) {
    fill = firstText;
    at += firstText.length;
  }
  if (isAlign(source[at])) align = source[at++] as FormatSpec["align"];
  let sign: FormatSpec["sign"] = "";
  if (source[at] === "+" || (source[at] === " " && !/^\s*\}\}/.test(source.slice(at, at + 64))))
    sign = source[at++] as FormatSpec["sign"];
  let zero = false;
  if (source[at] === "0") {
    zero = true;
    at++;
  }
  const widthAt = at;
  at = digitsEnd(source, at);
  const width = number(source, widthAt, at, LIMITS.formatWidth, "width");
  let group: FormatSpec["group"] = "";
  if (source[at] === "," || source[at] === "_") group = source[at++] as FormatSpec["group"];
  let precision: number | null = null;
  if (source[at] === ".") {
    const from = at + 1;
    at = digitsEnd(source, from);
    if (at === from) refuse(source, from - 1, from, "the precision has no digits", "Write for example `.2`.");
    precision = number(source, from, at, LIMITS.formatPrecision, "precision");
  }
  let kind: FormatSpec["kind"] = "";
  let depth: number | null = null;
  const letter = source[at];
  if (letter !== undefined && KINDS.includes(letter)) {
    kind = letter as FormatSpec["kind"];
    at++;
    if (precision !== null && "dxXobj".includes(kind)) {
      const remedy = `Remove it, or use \`f\` for digits behind the point.`;
      refuse(source, start, at, `a precision has no meaning with \`${kind}\``, remedy);
    }
    if (kind === "j") {
      const from = at;
      at = digitsEnd(source, from);
      if (at > from) depth = number(source, from, at, LIMITS.valueDepth, "depth");
    }
  }
  const to = at;
  while (source[at] === " ") at++;
  if (at < source.length && !source.startsWith("}}", at)) refuseRest(source, start, at);
  return {
    spec: to === start ? null : { from: start, to, fill, align, sign, zero, width, group, precision, kind, depth },
    to: at,
  };
}

function refuseRest(source: string, start: number, at: number): never {
  let end = at;
  while (end < source.length && source[end] !== "}" && source[end] !== "\n") end++;
  if (end === at) refuse(source, at, at + 1, "a hole is closed with two braces", "Write `}}`.");
  const character = String.fromCodePoint(source.codePointAt(at)!);
  const shown = character.trim() === "" ? "white space" : `\`${character}\``;
  refuse(source, start, end, `the format cannot go on with ${shown}`, REMEDY);
}

function isAlign(character: string | undefined): boolean {
  return character === "<" || character === ">" || character === "^";
}

function digitsEnd(source: string, at: number): number {
  let to = at;
  while (to < source.length && source.charCodeAt(to) >= 48 && source.charCodeAt(to) <= 57) to++;
  return to;
}

function number(source: string, from: number, to: number, limit: number, what: string): number {
  const value = from === to ? 0 : Number(source.slice(from, to));
  if (value > limit)
    throw new CompileError("limit", `the ${what} is larger than ${limit}`, `Write a number up to ${limit}.`, source, {
      from,
      to,
    });
  return value;
}

function refuse(source: string, from: number, to: number, message: string, remedy: string): never {
  throw new CompileError("syntax", message, remedy, source, { from, to });
}
