// Cuts a source into tokens, one at a time, because in a template only the parser knows where a hole ends. Decodes no literal.
import { isIdPart, isIdStart, refuseCharacter, wordEnd } from "./characters.ts";
import { CompileError } from "./errors.ts";
import { adviseNumber, adviseUnclosed } from "./literals.ts";

/** Words and literals by kind, everything else by its own text. `quoted` is a name in back-ticks. */
export type TokenType =
  | "end"
  | "word"
  | "special"
  | "quoted"
  | "number"
  | "string"
  | "true"
  | "false"
  | "null"
  | "in"
  | "("
  | ")"
  | "["
  | "]"
  | "{"
  | "}"
  | "."
  | ","
  | ":"
  | "?"
  | "??"
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "!"
  | "&&"
  | "||"
  | "="
  | "=="
  | "==="
  | "!="
  | "!=="
  | "<"
  | "<="
  | ">"
  | ">=";

const KEYWORDS: ReadonlyMap<string, TokenType> = new Map([
  ["true", "true"],
  ["false", "false"],
  ["null", "null"],
  ["in", "in"],
]);

/** Operator words that may follow a number without a space, as `in` does in CEL. */
const WORDS_AFTER_NUMBER = new Set(["in", "and", "or", "is", "not"]);

/** The token under the cursor is in the fields; `advance` moves on. */
export class Lexer {
  readonly source: string;
  type: TokenType = "end";
  /** Of `word`, `special` (without `@`) and `quoted` (without back-ticks). */
  text = "";
  from = 0;
  to = 0;
  /** Where the token before ended. */
  before = 0;
  readonly #comments: boolean;
  readonly #inTemplate: boolean;
  #start = 0;

  constructor(source: string, inTemplate: boolean) {
    this.source = source;
    this.#inTemplate = inTemplate;
    this.#comments = !inTemplate && /[\n\r]/.test(source);
  }

  /** Goes to an offset and reads the first token there. */
  seek(offset: number): void {
    this.to = offset;
    this.#start = offset;
    this.advance();
  }

  /** The token after this one, without moving. */
  peek(): { readonly type: TokenType; readonly text: string; readonly from: number } {
    const { type, text, from, to, before } = this;
    this.advance();
    const next = { type: this.type, text: this.text, from: this.from };
    this.type = type;
    this.text = text;
    this.from = from;
    this.to = to;
    this.before = before;
    return next;
  }

  advance(): void {
    const source = this.source;
    const length = source.length;
    let at = this.to;
    this.before = at;
    for (;;) {
      if (at >= length) {
        this.from = at;
        this.#token("end", at);
        return;
      }
      const unit = source.charCodeAt(at);
      if (unit === 32 || (unit >= 9 && unit <= 13 && unit !== 11)) at++;
      else if (unit === 47 && source.charCodeAt(at + 1) === 47) at = this.#comment(at);
      else break;
    }
    this.from = at;
    const unit = source.charCodeAt(at);
    if (isIdStart(unit, source, at)) {
      this.#word(at, unit);
      return;
    }
    if (unit >= 48 && unit <= 57) {
      this.#number(at);
      return;
    }
    switch (unit) {
      case 34:
      case 39:
        this.#string(at, false);
        return;
      case 46:
        if (isDigit(source.charCodeAt(at + 1))) this.#number(at);
        else this.#token(".", at + 1);
        return;
      case 64:
        this.#special(at);
        return;
      case 96:
        this.#quoted(at);
        return;
    }
    const type = this.#punctuation(unit, at);
    this.#token(type, at + type.length);
  }

  #punctuation(unit: number, at: number): TokenType {
    const source = this.source;
    const next = source.charCodeAt(at + 1);
    switch (unit) {
      case 40:
        return "(";
      case 41:
        return ")";
      case 91:
        return "[";
      case 93:
        return "]";
      case 123:
        return "{";
      case 125:
        return "}";
      case 44:
        return ",";
      case 58:
        return ":";
      case 63:
        return next === 63 ? "??" : "?";
      case 43:
        return "+";
      case 45:
        return "-";
      case 42:
        return "*";
      case 37:
        return "%";
      case 47:
        if (next !== 42) return "/";
        return this.#refuse(
          at,
          at + 2,
          "comments are written `//`",
          "Remove the comment, or begin it with `//` on a line of its own.",
        );
      case 33:
        if (next !== 61) return "!";
        return source.charCodeAt(at + 2) === 61 ? "!==" : "!=";
      case 61:
        if (next !== 61) return "=";
        return source.charCodeAt(at + 2) === 61 ? "===" : "==";
      case 60:
        return next === 61 ? "<=" : "<";
      case 62:
        return next === 61 ? ">=" : ">";
      case 38:
        if (next === 38) return "&&";
        break;
      case 124:
        if (next === 124) return "||";
        break;
    }
    return refuseCharacter(source, at);
  }

  #token(type: TokenType, to: number): void {
    this.type = type;
    this.to = to;
  }

  #word(at: number, unit: number): void {
    const source = this.source;
    const to = wordEnd(source, at);
    const quote = source.charCodeAt(to);
    if ((quote === 34 || quote === 39) && to - at <= 2) {
      // r, b and br (any case) before a quote; anything else there is an error that the parser explains.
      const lower = unit | 32;
      const raw = (source.charCodeAt(to - 1) | 32) === 114;
      if (to - at === 1 ? lower === 98 || raw : lower === 98 && raw) {
        this.#string(to, raw);
        return;
      }
    }
    this.text = source.slice(at, to);
    this.#token(KEYWORDS.get(this.text) ?? "word", to);
  }

  #number(at: number): void {
    const source = this.source;
    let to = at;
    if (source.charCodeAt(at) === 48 && (source.charCodeAt(at + 1) | 32) === 120) {
      to = at + 2;
      while (isHex(source.charCodeAt(to))) to++;
      if (to === at + 2)
        this.#refuse(at, wordEnd(source, at), "`0x` needs hexadecimal digits", "Write for example `0xff`.");
      if ((source.charCodeAt(to) | 32) === 117) to++;
    } else {
      let whole = source.charCodeAt(at) !== 46;
      to = digits(source, whole ? at : at + 1);
      if (whole && source.charCodeAt(to) === 46 && isDigit(source.charCodeAt(to + 1))) {
        to = digits(source, to + 1);
        whole = false;
      }
      if ((source.charCodeAt(to) | 32) === 101) {
        const sign = source.charCodeAt(to + 1);
        const first = sign === 43 || sign === 45 ? to + 2 : to + 1;
        if (isDigit(source.charCodeAt(first))) {
          to = digits(source, first);
          whole = false;
        }
      }
      if (whole && (source.charCodeAt(to) | 32) === 117) to++;
    }
    if (to < source.length && isIdPart(source.charCodeAt(to), source, to)) {
      const end = wordEnd(source, to);
      const tail = source.slice(to, end);
      if (!WORDS_AFTER_NUMBER.has(tail)) {
        this.#refuse(at, end, `a number cannot be followed by \`${tail}\``, adviseNumber(source.slice(at, to), tail));
      }
    }
    this.#token("number", to);
  }

  #string(quoteAt: number, raw: boolean): void {
    const source = this.source;
    const quote = source.charCodeAt(quoteAt);
    const triple = source.charCodeAt(quoteAt + 1) === quote && source.charCodeAt(quoteAt + 2) === quote;
    let at = quoteAt + (triple ? 3 : 1);
    for (; at < source.length; at++) {
      const unit = source.charCodeAt(at);
      if (unit === quote) {
        if (!triple) {
          this.#token("string", at + 1);
          return;
        }
        if (source.charCodeAt(at + 1) === quote && source.charCodeAt(at + 2) === quote) {
          this.#token("string", at + 3);
          return;
        }
      } else if (unit === 92 && !raw) {
        const skipped = source.charCodeAt(at + 1);
        if (triple || (skipped !== 10 && skipped !== 13)) at++;
      } else if (!triple && (unit === 10 || unit === 13)) break;
    }
    const end = Math.min(at, source.length);
    this.#refuse(this.from, end, "the string is not closed", adviseUnclosed(source, quoteAt, end, triple));
  }

  #special(at: number): void {
    const source = this.source;
    let to = at + 1;
    while (to < source.length && isAsciiWord(source.charCodeAt(to))) to++;
    if (to === at + 1 || isDigit(source.charCodeAt(at + 1))) {
      this.#refuse(
        at,
        at + 1,
        "`@` must be followed by a name",
        "Write a special identifier such as `@return` or `@hits`, or remove the `@`.",
      );
    }
    this.text = source.slice(at + 1, to);
    this.#token("special", to);
  }

  #quoted(at: number): void {
    const source = this.source;
    let to = at + 1;
    while (
      to < source.length &&
      source.charCodeAt(to) !== 96 &&
      source.charCodeAt(to) !== 10 &&
      source.charCodeAt(to) !== 13
    )
      to++;
    if (source.charCodeAt(to) !== 96) {
      this.#refuse(
        at,
        to,
        "the name in back-ticks is not closed",
        "Close it with a back-tick, as in a.`content-type`.",
      );
    }
    if (to === at + 1)
      this.#refuse(
        at,
        to + 1,
        "the name in back-ticks is empty",
        'Write the name between the back-ticks, or use `a[""]` for an empty key.',
      );
    this.text = source.slice(at + 1, to);
    this.#token("quoted", to + 1);
  }

  #comment(at: number): number {
    const source = this.source;
    if (!this.#comments) {
      const operand = source.slice(this.#start, at).trim() !== "";
      const message = this.#inTemplate
        ? "there are no comments in a template hole"
        : "there are no comments in a condition of one line";
      const remedy = operand
        ? "`//` is not integer division here; use `/` on ints, or remove the comment."
        : "Remove the comment; one is allowed only in a condition of several lines.";
      throw new CompileError("unsupported", message, remedy, source, { from: at, to: at + 2 });
    }
    let to = at + 2;
    while (to < source.length && source.charCodeAt(to) !== 10 && source.charCodeAt(to) !== 13) to++;
    return to;
  }

  #refuse(from: number, to: number, message: string, remedy: string): never {
    throw new CompileError("syntax", message, remedy, this.source, { from, to });
  }
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

function isHex(unit: number): boolean {
  return isDigit(unit) || ((unit | 32) >= 97 && (unit | 32) <= 102);
}

function isAsciiWord(unit: number): boolean {
  return isDigit(unit) || unit === 95 || ((unit | 32) >= 97 && (unit | 32) <= 122);
}

function digits(source: string, at: number): number {
  let to = at;
  while (isDigit(source.charCodeAt(to))) to++;
  return to;
}
