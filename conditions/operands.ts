// The tight half of the grammar: names, literals, calls, selectors, indexes, lists and maps. Operators are the parser's.
import { adviseAfter, adviseOperand, adviseReserved, shown } from "./advice.ts";
import type { Expr, Lint, ListItem, MapEntry, Span } from "./ast.ts";
import { TreeBuilder } from "./builder.ts";
import { type CompileCode, CompileError } from "./errors.ts";
import { Lexer, type TokenType } from "./lexer.ts";
import { numberLiteral, stringLiteral } from "./literals.ts";
import { macroOf } from "./macros.ts";

/** Reserved in CEL and in every host language, so no variable can have such a name. */
const RESERVED = new Set(["break", "continue", "else", "for", "if", "import", "return", "while"]);

/** Tokens that can only begin a value. `[`, `-` and `.` begin one too, but may also go on with the value before. */
export const BEGINS: ReadonlySet<TokenType> = new Set<TokenType>([
  "word",
  "special",
  "number",
  "string",
  "true",
  "false",
  "null",
  "(",
  "{",
  "!",
]);

/** What the two halves of the parser share, and the methods for one operand. */
export abstract class OperandParser {
  readonly lexer: Lexer;
  readonly build: TreeBuilder;
  readonly lints: Lint[] = [];
  /** Offset of the `{{` of the template hole that is being read, or -1. */
  hole = -1;
  protected readonly source: string;

  constructor(source: string, inTemplate: boolean) {
    this.source = source;
    this.lexer = new Lexer(source, inTemplate);
    this.build = new TreeBuilder(source);
  }

  abstract expression(): Expr;

  /** Refuses the token under the cursor, which cannot follow the complete expression before it. */
  unexpectedAfter(): never {
    this.#checkHole();
    const { message, remedy, at } = adviseAfter(this.lexer);
    this.fail("syntax", message, remedy, at ?? this.lexer);
  }

  /** Refuses a source that ends within a template hole. */
  unclosedHole(): never {
    const span = { from: this.hole, to: this.hole + 2 };
    this.fail("syntax", "the hole is not closed", "Close it with `}}`; write `\\{{` for two literal braces.", span);
  }

  fail(code: CompileCode, message: string, remedy: string, span: Span): never {
    throw new CompileError(code, message, remedy, this.source, { from: span.from, to: span.to });
  }

  protected isWord(text: string): boolean {
    return this.lexer.type === "word" && this.lexer.text === text;
  }

  protected primary(): Expr {
    const lexer = this.lexer;
    const { type, from, to, text } = lexer;
    switch (type) {
      case "word":
        return this.#name(text, from, false);
      case "number":
        lexer.advance();
        return this.build.literal(numberLiteral(this.source, from, to, -1), from, to);
      case "string":
        lexer.advance();
        return this.build.literal(stringLiteral(this.source, from, to), from, to);
      case "true":
      case "false":
        lexer.advance();
        return this.build.literal({ type: "bool", value: type === "true" }, from, to);
      case "null":
        lexer.advance();
        return this.build.literal({ type: "null" }, from, to);
      case "special":
        lexer.advance();
        return this.build.special(text, from, to);
      case "(": {
        lexer.advance();
        const inner = this.expression();
        this.#close(")", from);
        return inner;
      }
      case "[":
        return this.#list(from);
      case "{":
        return this.#map(from);
      case ".":
        lexer.advance();
        if (lexer.type === "word") return this.#name(lexer.text, from, true);
        if (lexer.before === from + 1 && this.source[from - 1] === "?") this.refuseQuestionDot(from - 1);
        lexer.seek(from);
    }
    return this.#noOperand();
  }

  /** The selectors, calls and indexes after an operand that began at `from`. */
  protected suffixes(operand: Expr, from: number): Expr {
    const lexer = this.lexer;
    let expr = operand;
    for (;;) {
      if (lexer.type === ".") expr = this.#selector(expr, from);
      else if (lexer.type === "[") {
        const bracket = lexer.from;
        lexer.advance();
        const optional = this.#question();
        const index = this.expression();
        this.#close("]", bracket);
        expr = this.build.index(expr, index, optional, from, lexer.before);
      } else if (lexer.type === "{" && isDottedName(expr)) this.#message(from);
      else return expr;
    }
  }

  protected refuseQuestionDot(at: number): never {
    const indexed = this.source[at + 2] === "[";
    const remedy = indexed
      ? "Write `a[?i]` for an element that may be absent."
      : "Write `a.?b` for a field that may be absent.";
    this.fail("unsupported", "`?.` is not an operator", remedy, { from: at, to: at + 2 });
  }

  #selector(operand: Expr, from: number): Expr {
    const lexer = this.lexer;
    const dot = lexer.from;
    lexer.advance();
    const optional = this.#question();
    const { type, text } = lexer;
    const nameSpan = { from: lexer.from, to: lexer.to };
    if (type !== "word" && type !== "quoted") this.#noSelector(operand, dot);
    lexer.advance();
    if ((lexer.type as TokenType) !== "(") return this.build.select(operand, text, optional, from, nameSpan.to);
    if (optional)
      this.fail(
        "unsupported",
        "a method has no optional form",
        `Write \`a.optMap(x, x.${text}(...))\` to call it on a value that may be absent.`,
        nameSpan,
      );
    const args = this.#args();
    const call = { name: text, target: operand, args, from, to: lexer.before };
    const macro = type === "word" ? macroOf(this.build, call) : null;
    return macro ?? this.build.call(text, operand, args, false, nameSpan, from, lexer.before);
  }

  #noSelector(operand: Expr, dot: number): never {
    const lexer = this.lexer;
    this.#checkHole();
    const { type, from, to } = lexer;
    const word = this.source.slice(from, to);
    if (type === "true" || type === "false" || type === "null" || type === "in") {
      this.fail("syntax", `\`${word}\` is a keyword`, `Write \`["${word}"]\` instead of \`.${word}\`.`, lexer);
    }
    let remedy = 'Write a name after the dot, or `["name"]` for any other key.';
    if (operand.kind === "literal" && operand.value.type === "int")
      remedy = `Write \`${this.source.slice(operand.from, dot)}.0\` for a double.`;
    else if (type === "string" || type === "number") remedy = `Write \`[${word}]\` instead of a dot.`;
    this.fail("syntax", `expected a name after the dot, found ${shown(lexer)}`, remedy, lexer);
  }

  /** A name, with its arguments if it is called; the cursor is on it. */
  #name(name: string, from: number, root: boolean): Expr {
    const lexer = this.lexer;
    const nameSpan = { from: lexer.from, to: lexer.to };
    if (RESERVED.has(name)) {
      const { message, remedy } = adviseReserved(name);
      this.fail("syntax", message, remedy, lexer);
    }
    lexer.advance();
    if (lexer.type === "(") {
      const args = this.#args();
      // `a == not(b)`: the word cannot negate here, but a call of it can mean nothing else.
      if (name === "not" && !root && args.length === 1) return this.build.unary("!", args[0]!, from, lexer.before);
      const macro = root ? null : macroOf(this.build, { name, target: null, args, from, to: lexer.before });
      return macro ?? this.build.call(name, null, args, root, nameSpan, from, lexer.before);
    }
    if (
      name === "not" &&
      !root &&
      BEGINS.has(lexer.type) &&
      !/^(?:and|or|is|not)$/.test(lexer.type === "word" ? lexer.text : "")
    ) {
      this.fail(
        "syntax",
        "`not` binds looser than the operator before it",
        "Write `!x`, or put `not x` in parentheses.",
        nameSpan,
      );
    }
    return this.build.ident(name, root, from, nameSpan.to);
  }

  #args(): Expr[] {
    const lexer = this.lexer;
    const open = lexer.from;
    const args: Expr[] = [];
    lexer.advance();
    if (lexer.type !== ")") {
      args.push(this.expression());
      while ((lexer.type as TokenType) === ",") {
        lexer.advance();
        args.push(this.expression());
      }
    }
    this.#close(")", open);
    return args;
  }

  #list(from: number): Expr {
    const lexer = this.lexer;
    const items: ListItem[] = [];
    lexer.advance();
    while (lexer.type !== "]" && lexer.type !== ",") {
      const optional = this.#question();
      items.push({ value: this.expression(), optional });
      if ((lexer.type as TokenType) !== ",") break;
      lexer.advance();
      if ((lexer.type as TokenType) === ",") this.#noOperand();
    }
    // CEL allows `[,]`.
    if (items.length === 0 && lexer.type === ",") lexer.advance();
    this.#close("]", from);
    return this.build.list(items, from, lexer.before);
  }

  #map(from: number): Expr {
    const lexer = this.lexer;
    const entries: MapEntry[] = [];
    lexer.advance();
    while (lexer.type !== "}" && lexer.type !== ",") {
      const optional = this.#question();
      const key = this.expression();
      this.#colon();
      entries.push({ key, value: this.expression(), optional });
      if ((lexer.type as TokenType) !== ",") break;
      lexer.advance();
      if ((lexer.type as TokenType) === ",") this.#noOperand();
    }
    if (entries.length === 0 && lexer.type === ",") lexer.advance();
    this.#close("}", from);
    return this.build.map(entries, from, lexer.before);
  }

  /** The `:` after a key. */
  #colon(): void {
    const lexer = this.lexer;
    if (lexer.type !== ":") {
      if (lexer.type !== "," && lexer.type !== "}") this.unexpectedAfter();
      this.fail(
        "syntax",
        `expected \`:\` after the key, found ${shown(lexer)}`,
        "Write `{key: value}`; a list is written `[a, b]`.",
        lexer,
      );
    }
    lexer.advance();
  }

  /** A message literal is read to its end, so that what is refused is the whole of it. */
  #message(from: number): never {
    const lexer = this.lexer;
    const open = lexer.from;
    lexer.advance();
    while (lexer.type !== "}" && lexer.type !== "," && lexer.type !== "end") {
      this.#question();
      if ((lexer.type as TokenType) !== "word" && (lexer.type as TokenType) !== "quoted") {
        this.#checkHole();
        this.fail(
          "syntax",
          `expected the name of a field, found ${shown(lexer)}`,
          "Join two values with an operator; a map stands alone: `{'key': value}`.",
          lexer,
        );
      }
      lexer.advance();
      this.#colon();
      this.expression();
      if ((lexer.type as TokenType) !== ",") break;
      lexer.advance();
    }
    if (lexer.type === ",") lexer.advance();
    this.#close("}", open);
    this.fail(
      "unsupported",
      "no message types here",
      "Write a map, `{'field': value}`, or compare the fields one by one.",
      { from, to: lexer.before },
    );
  }

  /** Takes the `?` that makes a selector, an index or an entry optional. */
  #question(): boolean {
    if (this.lexer.type !== "?") return false;
    this.lexer.advance();
    return true;
  }

  #close(type: ")" | "]" | "}", open: number): void {
    const lexer = this.lexer;
    if (lexer.type === type) {
      lexer.advance();
      return;
    }
    this.#checkHole();
    const opener = this.source[open]!;
    if (lexer.type === "end")
      this.fail("syntax", `the \`${opener}\` is not closed`, `Add the missing \`${type}\`.`, {
        from: open,
        to: open + 1,
      });
    if (lexer.type === ")" || lexer.type === "]" || lexer.type === "}") {
      this.fail("syntax", `${shown(lexer)} does not close \`${opener}\``, `Write \`${type}\` first.`, lexer);
    }
    if (lexer.type === ":" && type === "]") {
      this.fail(
        "syntax",
        "there are no slices",
        "Use `text.substring(from, to)` for a part of a string; a list has no parts.",
        lexer,
      );
    }
    this.unexpectedAfter();
  }

  #noOperand(): never {
    const lexer = this.lexer;
    this.#checkHole();
    const { message, remedy } = adviseOperand(lexer, this.hole >= 0);
    const span = lexer.type === "end" ? { from: lexer.before, to: lexer.before } : lexer;
    this.fail("syntax", message, remedy, span);
  }

  /** In a hole, a source that ends has one cause worth telling. */
  #checkHole(): void {
    if (this.hole >= 0 && this.lexer.type === "end") this.unclosedHole();
  }
}

function isDottedName(expr: Expr): boolean {
  let node = expr;
  while (node.kind === "select" && !node.optional) node = node.operand;
  return node.kind === "ident";
}
