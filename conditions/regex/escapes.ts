// What a backslash begins in a pattern, and which escapes of other engines have no meaning here. Reads one escape; moves no cursor.
import { NO_WORD_EDGE, PatternError, TEXT_END, TEXT_START, WORD_EDGE } from "./pattern.ts";
import { LAST, PERL, type Ranges } from "./ranges.ts";
import { property } from "./unicode.ts";

/** One escape that ends at `to`: a character, a class (before case folding and negation), or an assertion. */
export type Escape =
  | { readonly kind: "character"; readonly code: number; readonly to: number }
  | { readonly kind: "class"; readonly ranges: Ranges; readonly negative: boolean; readonly to: number }
  | { readonly kind: "assert"; readonly holds: number; readonly to: number };

const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

const ASSERTIONS: Readonly<Record<string, number>> = {
  A: TEXT_START,
  z: TEXT_END,
  b: WORD_EDGE,
  B: NO_WORD_EDGE,
};

/** Escapes of other engines, and what to write instead. */
const FOREIGN: Readonly<Record<string, string>> = {
  Z: "Write `\\z` for the end of the text, or `\\n?\\z` to allow a line break before it.",
  G: "Write `\\A` or `^` for the start of the text.",
  K: "Remove it; only whether the pattern matches is asked.",
  X: "Write `.` for one character.",
  R: "Write `(?:\\r\\n|[\\n\\v\\f\\r])` for a line break.",
  h: "Write `[\\t ]` for a space or tab.",
  H: "Write `[^\\t ]` for anything but a space or tab.",
  N: "Write `.`, which does not match a line break.",
  e: "Write `\\x1b` for the escape character.",
  c: "Write the control character as `\\x` with two hexadecimal digits.",
  u: "Write `\\x{…}` with the hexadecimal code of the character.",
  E: "Remove it; nothing is quoted here with `\\Q`.",
  Q: "Write `\\Q…\\E` outside a class.",
  b: "Write `\\x08` for a backspace; an edge of a word has no place in a class.",
};

/** The escape whose backslash stands at `from`. In a class, `\b` and its like have no meaning. */
export function readEscape(pattern: string, from: number, inClass: boolean): Escape {
  const code = pattern.codePointAt(from + 1);
  if (code === undefined)
    throw new PatternError(
      "invalid_argument",
      "the pattern ends with a backslash",
      "Write `\\\\` for a backslash.",
      from,
      from + 1,
    );
  const letter = String.fromCodePoint(code);
  const to = from + 1 + letter.length;
  const assertion = ASSERTIONS[letter];
  if (assertion !== undefined && !inClass) return { kind: "assert", holds: assertion, to };
  const perl = PERL[letter.toLowerCase()];
  if (perl !== undefined) return { kind: "class", ranges: perl, negative: letter < "a", to };
  if (letter === "p" || letter === "P") return readProperty(pattern, from, letter === "P");
  const control = CONTROL[letter];
  if (control !== undefined) return { kind: "character", code: control, to };
  if (letter === "x") return readHexadecimal(pattern, from);
  if (letter >= "0" && letter <= "9") return readOctal(pattern, from);
  if (letter === "C")
    throw new PatternError(
      "unsupported",
      "`\\C` matches a byte, and texts have characters here",
      "Write `.` for one character, or `(?s:.)` for any character.",
      from,
      to,
    );
  if (letter === "k") refuseReference(from, to);
  // Punctuation stands for itself; what is a letter, or no ASCII, might mean something.
  if (code < 0x80 && !/[0-9A-Za-z]/.test(letter)) return { kind: "character", code, to };
  throw new PatternError(
    "invalid_argument",
    `\`\\${letter}\` is not an escape ${inClass ? "in a class" : "of RE2"}`,
    FOREIGN[letter] ?? `Write \`${letter}\` for the character itself, or \`\\\\\` for a backslash.`,
    from,
    to,
  );
}

/** Refuses a back-reference. */
export function refuseReference(from: number, to: number): never {
  throw new PatternError(
    "unsupported",
    "a back-reference cannot be matched in linear time",
    "Write out what the group can match, or use a script condition: `js: …`.",
    from,
    to,
  );
}

function readHexadecimal(pattern: string, from: number): Escape {
  const found = /^(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(pattern.slice(from + 2, from + 40));
  if (found === null)
    throw new PatternError(
      "invalid_argument",
      "`\\x` needs two hexadecimal digits, or any number of them in braces",
      "Write for example `\\x41` or `\\x{1F600}`.",
      from,
      from + 2,
    );
  const to = from + 2 + found[0].length;
  const code = Number.parseInt(found[1] ?? found[2]!, 16);
  if (code > LAST)
    throw new PatternError(
      "invalid_argument",
      "there is no such Unicode character",
      "The last one is `\\x{10FFFF}`.",
      from,
      to,
    );
  return { kind: "character", code, to };
}

/** `\0`, `\12`, `\123`; one digit alone, from 1, would refer to a group. */
function readOctal(pattern: string, from: number): Escape {
  const digits = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(pattern.slice(from + 1, from + 4))?.[0];
  if (digits === undefined) refuseReference(from, from + 2);
  return { kind: "character", code: Number.parseInt(digits, 8), to: from + 1 + digits.length };
}

function readProperty(pattern: string, from: number, negative: boolean): Escape {
  const code = pattern.codePointAt(from + 2);
  const single = code === undefined ? "" : String.fromCodePoint(code);
  const close = single === "{" ? pattern.indexOf("}", from + 3) : -1;
  const to = close >= 0 ? close + 1 : from + 2 + single.length;
  const written = close >= 0 ? pattern.slice(from + 3, close) : single;
  const inverse = written.startsWith("^");
  const name = inverse ? written.slice(1) : written;
  const ranges = single === "" || (single === "{" && close < 0) ? null : property(name);
  if (ranges === null)
    throw new PatternError(
      "invalid_argument",
      name === "" || name === "{" ? "`\\p` needs the name of a class" : `there is no Unicode class \`${name}\``,
      "Write a category such as `\\pL` or `\\p{Lu}`, or a script such as `\\p{Greek}`.",
      from,
      to,
    );
  return { kind: "class", ranges, negative: negative !== inverse, to };
}
