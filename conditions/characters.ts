// Which characters make names, and what to say about those that have no place in an expression. Makes no tokens.
import { CompileError } from "./errors.ts";

// Per ASCII code: 1 may start a name, 2 may continue one.
const CLASS = new Uint8Array(128);
for (let unit = 0; unit < 128; unit++) {
  if (/[A-Za-z_$]/.test(String.fromCharCode(unit))) CLASS[unit] = 3;
  else if (unit >= 48 && unit <= 57) CLASS[unit] = 2;
}

const ID_START = /^\p{ID_Start}$/u;
const ID_CONTINUE = /^\p{ID_Continue}$/u;

/** Whether a name may start at an offset; `unit` is the code unit there. */
export function isIdStart(unit: number, source: string, at: number): boolean {
  if (unit < 128) return (CLASS[unit]! & 1) !== 0;
  return ID_START.test(String.fromCodePoint(source.codePointAt(at)!));
}

/** Whether a name may go on at an offset; `unit` is the code unit there. */
export function isIdPart(unit: number, source: string, at: number): boolean {
  if (unit < 128) return CLASS[unit] !== 0;
  return ID_CONTINUE.test(String.fromCodePoint(source.codePointAt(at)!));
}

/** The end of the run of name characters at an offset. */
export function wordEnd(source: string, at: number): number {
  let to = at;
  while (to < source.length) {
    const unit = source.charCodeAt(to);
    if (unit < 128) {
      if (CLASS[unit] === 0) break;
      to++;
    } else {
      if (!isIdPart(unit, source, to)) break;
      to += source.codePointAt(to)! > 0xffff ? 2 : 1;
    }
  }
  return to;
}

const OPERATORS: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  "&": ["`&` is not an operator", "Write `&&` for a logical and, or `math.bitAnd(a, b)` for bits."],
  "|": ["`|` is not an operator", "Write `||` for a logical or, or `math.bitOr(a, b)` for bits."],
  "^": ["`^` is not an operator", "Write `a != b` for an exclusive or of bools, or `math.bitXor(a, b)` for bits."],
  "~": ["`~` is not an operator", "Write `math.bitNot(a)`."],
  ";": ["an expression has no statements", "Remove the `;` and what follows it; join conditions with `&&`."],
  "#": ["`#` does not begin a comment", "Remove the comment; in a condition of several lines, begin it with `//`."],
  "\\": ["a backslash has a meaning only inside a string", "Remove the backslash."],
};

/** Refuses a character that begins no token, and says what to write instead. */
export function refuseCharacter(source: string, at: number): never {
  const code = source.codePointAt(at)!;
  const character = String.fromCodePoint(code);
  const span = { from: at, to: at + character.length };
  const operator = OPERATORS[character];
  if (operator) throw new CompileError("syntax", operator[0], operator[1], source, span);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  if ("“”„‘’‚«»".includes(character)) {
    throw new CompileError(
      "syntax",
      `\`${character}\` is a typographic quote (${name})`,
      "Write strings with plain quotes: `'` or `\"`.",
      source,
      span,
    );
  }
  if (/^[\s\u200b-\u200d\u2060\ufeff]$/u.test(character)) {
    throw new CompileError(
      "syntax",
      `${name} is not a space that separates tokens`,
      "Replace it by an ordinary space, or remove it.",
      source,
      span,
    );
  }
  if ("–—−".includes(character)) {
    throw new CompileError("syntax", `\`${character}\` (${name}) is not a minus sign`, "Write `-`.", source, span);
  }
  const spelled: Readonly<Record<string, string>> = {
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "×": "*",
    "÷": "/",
    "¬": "!",
    "∧": "&&",
    "∨": "||",
    "∈": "in",
  };
  const instead = spelled[character];
  if (instead)
    throw new CompileError("syntax", `\`${character}\` is not an operator`, `Write \`${instead}\`.`, source, span);
  const shown =
    code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code < 0xe000)
      ? name
      : `\`${character}\` (${name})`;
  throw new CompileError("syntax", `unexpected character ${shown}`, "Remove it; put text in quotes.", source, span);
}
