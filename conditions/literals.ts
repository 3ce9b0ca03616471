// Values of literal tokens: ranges of numbers, escapes of strings and bytes. The lexer has found where a token ends; nothing here looks past it.
import type { LiteralValue, Span } from "./ast.ts";
import { CompileError } from "./errors.ts";

const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** Whether the number token is written as an unsigned int, which a minus never belongs to. */
export function isUint(source: string, to: number): boolean {
  return (source.charCodeAt(to - 1) | 32) === 117;
}

/** The value of a number token. `signFrom` is the offset of the minus that belongs to it, or -1. */
export function numberLiteral(source: string, from: number, to: number, signFrom: number): LiteralValue {
  const negative = signFrom >= 0;
  const span = { from: negative ? signFrom : from, to };
  const hex = (source.charCodeAt(from + 1) | 32) === 120;
  if (isUint(source, to)) {
    const value = BigInt(source.slice(from, to - 1));
    if (value > MAX_UINT)
      throw new CompileError(
        "syntax",
        "the uint is out of range: it has 64 bits",
        "Write a smaller number, or a double such as `1e20`.",
        source,
        span,
      );
    return { type: "uint", value };
  }
  const text = source.slice(from, to);
  if (!hex && /[.eE]/.test(text)) {
    const value = Number(text);
    if (value === Number.POSITIVE_INFINITY)
      throw new CompileError(
        "syntax",
        "the double is out of range",
        "Write a number up to `1.7976931348623157e308`.",
        source,
        span,
      );
    return { type: "double", value: negative ? -value : value };
  }
  // Most literals are short; a Number is exact up to 15 digits and quicker to make.
  const magnitude = text.length <= 15 ? BigInt(Number(text)) : BigInt(text);
  const value = negative ? -magnitude : magnitude;
  if (value > MAX_INT || value < -MAX_INT - 1n) {
    const fits = !negative && value <= MAX_UINT;
    const remedy = fits
      ? `Write \`${text}u\` for an unsigned int, or \`${value}.0\` for a double.`
      : "Write a smaller number, or a double such as `1e20`.";
    throw new CompileError("syntax", "the int is out of range: it has 64 bits", remedy, source, span);
  }
  return { type: "int", value };
}

/** The value of a string or bytes token, prefix and quotes included. `starts` receives where each UTF-16 unit of a string stands, and its end. */
export function stringLiteral(source: string, from: number, to: number, starts?: number[]): LiteralValue {
  let at = from;
  let bytes = false;
  let raw = false;
  for (; ; at++) {
    const unit = source.charCodeAt(at);
    if (unit === 34 || unit === 39) break;
    if ((unit | 32) === 98) bytes = true;
    else raw = true;
  }
  const quote = source.charCodeAt(at);
  const triple = to - at >= 6 && source.charCodeAt(at + 1) === quote && source.charCodeAt(at + 2) === quote;
  const open = at + (triple ? 3 : 1);
  const close = to - (triple ? 3 : 1);
  const text = source.slice(open, close);
  if (!bytes && starts === undefined && !text.includes("\r") && (raw || !text.includes("\\")))
    return { type: "string", value: text };
  const out: string[] = [];
  const octets: number[] = [];
  for (let i = open; i < close; ) {
    const code = source.codePointAt(i)!;
    let value = code;
    let octet = false;
    let next = i + (code > 0xffff ? 2 : 1);
    if (code === 92 && !raw) {
      const read = readEscape(source, i, close, bytes);
      value = read.value;
      octet = read.octet;
      next = read.to;
    } else if (code === 13) {
      // As in CEL, a line break written as such is one line feed, whatever the file's convention.
      value = 10;
      if (source.charCodeAt(next) === 10 && next < close) next++;
    }
    if (!bytes) {
      out.push(String.fromCodePoint(value));
      starts?.push(i);
      if (value > 0xffff) starts?.push(i);
    } else if (octet) octets.push(value);
    else pushUtf8(octets, value);
    i = next;
  }
  starts?.push(close);
  return bytes ? { type: "bytes", value: Uint8Array.from(octets) } : { type: "string", value: out.join("") };
}

/** Where in the source a part of a string literal's value stands; an escape counts as a whole. */
export function spanInLiteral(source: string, literal: Span, { from, to }: Span): Span {
  const starts: number[] = [];
  stringLiteral(source, literal.from, literal.to, starts);
  return { from: starts[from] as number, to: starts[to] as number };
}

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  "?": 63,
  '"': 34,
  "'": 39,
  "`": 96,
};

interface Escape {
  readonly value: number;
  readonly to: number;
  /** In bytes: the value is one byte as it stands, not a character. */
  readonly octet: boolean;
}

function readEscape(source: string, from: number, close: number, bytes: boolean): Escape {
  const letter = source[from + 1] ?? "";
  const simple = SIMPLE[letter];
  if (simple !== undefined) return { value: simple, to: from + 2, octet: false };
  const lower = letter.toLowerCase();
  if (lower === "x" || lower === "u") {
    const size = lower === "x" ? 2 : letter === "u" ? 4 : 8;
    const to = from + 2 + size;
    const text = source.slice(from + 2, Math.min(to, close));
    if (text.length < size || !/^[0-9a-fA-F]+$/.test(text)) {
      refuse(
        source,
        from,
        Math.min(to, close),
        `\`\\${letter}\` needs ${size} hexadecimal digits`,
        `Write for example \`\\${letter}${"0".repeat(size - 2)}41\`, or \`\\\\\` for a backslash.`,
      );
    }
    const value = Number.parseInt(text, 16);
    if (lower === "x") return { value, to, octet: bytes };
    if (bytes)
      refuse(
        source,
        from,
        to,
        `\`\\${letter}\` stands for a character, and bytes have none`,
        "Write the character itself, or each byte as `\\x` with two digits.",
      );
    if (value > 0x10ffff)
      refuse(source, from, to, "there is no such Unicode character", "The last one is `\\U0010FFFF`.");
    if (value >= 0xd800 && value <= 0xdfff) {
      refuse(
        source,
        from,
        to,
        "half of a surrogate pair is no character",
        "Write the whole character as `\\U` with eight digits, for example `\\U0001F600`.",
      );
    }
    return { value, to, octet: false };
  }
  if (letter >= "0" && letter <= "7") {
    const text = source.slice(from + 1, Math.min(from + 4, close));
    if (!/^[0-3][0-7]{2}$/.test(text)) {
      refuse(
        source,
        from,
        from + 1 + text.length,
        "an octal escape has three digits, from `\\000` to `\\377`",
        letter === "0"
          ? "Write `\\000` for a zero character."
          : "Write all three digits, or `\\x` with two hexadecimal digits.",
      );
    }
    return { value: Number.parseInt(text, 8), to: from + 4, octet: bytes };
  }
  const width = source.codePointAt(from + 1)! > 0xffff ? 3 : 2;
  const end = Math.min(from + width, close);
  const shown =
    letter === "\n" || letter === "\r" ? "a backslash before a line break" : `\`${source.slice(from, end)}\``;
  refuse(
    source,
    from,
    end,
    `${shown} is not an escape`,
    "Write `\\\\` for a backslash, or put `r` before the quote: a raw string has no escapes.",
  );
}

function refuse(source: string, from: number, to: number, message: string, remedy: string): never {
  throw new CompileError("syntax", message, remedy, source, { from, to });
}

function pushUtf8(out: number[], value: number): void {
  // A lone surrogate in the source has no bytes; it reads as U+FFFD, as everywhere.
  const code = value >= 0xd800 && value <= 0xdfff ? 0xfffd : value;
  if (code < 0x80) out.push(code);
  else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
  else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
}

/** What to write instead of a number with letters at its end. */
export function adviseNumber(number: string, tail: string): string {
  if (/^[nlL]$/.test(tail)) return `Ints have 64 bits already: write \`${number}\`.`;
  if (/^[fFdD]$/.test(tail))
    return `Doubles have 64 bits already: write \`${/[.eE]/.test(number) ? number : `${number}.0`}\`.`;
  if (/^[uU]/.test(tail)) return "`u` marks an unsigned int, which has no fraction: remove the `u`.";
  if (/^_\d[\d_]*$/.test(tail))
    return `Digits are written without separators: \`${number}${tail.replaceAll("_", "")}\`.`;
  if (number === "0" && /^[bo]\d+$/i.test(tail)) return "Write the number in decimal or, after `0x`, in hexadecimal.";
  if (/^e$/i.test(tail)) return `Write the exponent after the \`e\`, as in \`${number}e3\`.`;
  if (/^(ns|us|ms|s|m|h)$/.test(tail)) return `Write a duration as \`duration("${number}${tail}")\`.`;
  return "Put an operator between the two; a name cannot begin with a digit.";
}

/** How to close a string that begins with the quote at `quoteAt` and is open at `to`. */
export function adviseUnclosed(source: string, quoteAt: number, to: number, triple: boolean): string {
  const mark = source[quoteAt]!;
  const other = mark === '"' ? "'" : '"';
  const three = mark.repeat(3);
  const rest = source.slice(quoteAt + 1, to);
  if (triple) return `Close the string with three quotes: \`${three}\`.`;
  if (to < source.length)
    return `Close it with \`${mark}\` on the same line, write a line break as \`\\n\`, or use three quotes: \`${three}\`.`;
  if (rest.endsWith(`\\${mark}`))
    return `\`\\${mark}\` is a quote inside the string: write \`\\\\${mark}\` to end it with a backslash.`;
  if (rest.includes(other)) return `It begins with \`${mark}\`, so end it with \`${mark}\` and not with \`${other}\`.`;
  return `Close the string with \`${mark}\`.`;
}
