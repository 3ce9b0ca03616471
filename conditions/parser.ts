// The grammar of operators: tokens to a tree by recursive descent, one method a level. Resolves no name and knows no type.
import { shown } from "./advice.ts";
import type { BinaryOp, Expr, Parsed, Span } from "./ast.ts";
import { CompileError } from "./errors.ts";
import type { TokenType } from "./lexer.ts";
import { LIMITS } from "./limits.ts";
import { isUint, numberLiteral } from "./literals.ts";
import { BEGINS, OperandParser } from "./operands.ts";
import { isScript, SCRIPT_PREFIX, utf8Length } from "./source.ts";

const RELATIONS: ReadonlyMap<TokenType, BinaryOp> = new Map<TokenType, BinaryOp>([
  ["==", "=="],
  ["===", "=="],
  ["!=", "!="],
  ["!==", "!="],
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
  ["in", "in"],
]);

/** Names that `is` accepts beside the keywords; the check gives them their meaning. */
const SINGLETONS: ReadonlySet<string> = new Set(["None", "undefined", "True", "False"]);

/** Parses a condition: one expression and nothing after it. Throws CompileError. */
export function parseCondition(source: string): Parsed {
  if (isScript(source)) refuseScript(source);
  checkLength(source, LIMITS.conditionBytes, "condition");
  const parser = new Parser(source, false);
  parser.lexer.seek(0);
  const expr = parser.expression();
  if (parser.lexer.type !== "end") parser.unexpectedAfter();
  return { source, expr, nodes: parser.build.finish([expr]), lints: parser.lints };
}

function refuseScript(source: string): never {
  const from = source.indexOf(SCRIPT_PREFIX);
  throw new CompileError(
    "unsupported",
    "a script condition is not compiled to WebAssembly; the host runs it in QuickJS",
    "Put it into a probe, or try it with `eval`; or write the condition without `js:`.",
    source,
    { from, to: from + SCRIPT_PREFIX.length },
  );
}

/** Refuses a source that is longer than its limit, before anything reads it. */
export function checkLength(source: string, limit: number, what: string): void {
  if (source.length * 3 <= limit) return;
  const bytes = utf8Length(source);
  if (bytes <= limit) return;
  let kept = 0;
  for (let used = 0; kept < source.length; ) {
    const character = String.fromCodePoint(source.codePointAt(kept)!);
    used += utf8Length(character);
    if (used > limit) break;
    kept += character.length;
  }
  const span = { from: kept, to: source.length };
  throw new CompileError(
    "limit",
    `the ${what} has ${bytes} bytes; ${limit} are allowed`,
    "Shorten it; a long list of values belongs in the program.",
    source,
    span,
  );
}

/** Parses expressions at any offset of a source, and leaves the first token that it does not use under the lexer's cursor. */
export class Parser extends OperandParser {
  #nesting = 0;

  override expression(): Expr {
    const lexer = this.lexer;
    const from = lexer.from;
    // Parentheses make no node, so the recursion is counted apart from the height of the tree.
    if (++this.#nesting > LIMITS.depth) this.build.tooDeep({ from, to: lexer.to });
    let expr = this.#coalesce();
    if (lexer.type === "?") {
      const question = { from: lexer.from, to: lexer.to };
      lexer.advance();
      const yes = this.#coalesce();
      if ((lexer.type as TokenType) !== ":") this.#noColon(question);
      lexer.advance();
      const no = this.expression();
      expr = this.build.ternary(expr, yes, no, from, lexer.before);
    }
    this.#nesting--;
    return expr;
  }

  #coalesce(): Expr {
    const lexer = this.lexer;
    const from = lexer.from;
    let left = this.#or();
    while (lexer.type === "??") {
      lexer.advance();
      const right = this.#or();
      left = this.build.binary("??", left, right, from, lexer.before);
    }
    return left;
  }

  #or(): Expr {
    const lexer = this.lexer;
    const from = lexer.from;
    const first = this.#and();
    if (lexer.type !== "||" && !this.isWord("or")) return first;
    const terms = [first];
    const ends = [from, lexer.before];
    do {
      lexer.advance();
      ends.push(lexer.from);
      terms.push(this.#and());
      ends.push(lexer.before);
    } while (lexer.type === "||" || this.isWord("or"));
    return this.build.chain("||", terms, ends);
  }

  #and(): Expr {
    const lexer = this.lexer;
    const from = lexer.from;
    const first = this.#not();
    if (lexer.type !== "&&" && !this.isWord("and")) return first;
    const terms = [first];
    const ends = [from, lexer.before];
    do {
      lexer.advance();
      ends.push(lexer.from);
      terms.push(this.#not());
      ends.push(lexer.before);
    } while (lexer.type === "&&" || this.isWord("and"));
    return this.build.chain("&&", terms, ends);
  }

  #not(): Expr {
    const lexer = this.lexer;
    if (!this.isWord("not") || !this.#negates()) return this.#relation();
    const signs: number[] = [];
    do {
      signs.push(lexer.from);
      lexer.advance();
    } while (this.isWord("not") && this.#negates());
    return this.#signed("!", signs, this.#relation());
  }

  /** Whether the `not` under the cursor negates what follows; else it is a variable of that name, as in CEL. */
  #negates(): boolean {
    const lexer = this.lexer;
    const next = lexer.peek();
    if (BEGINS.has(next.type)) return true;
    if ((next.type === "[" || next.type === "-" || next.type === ".") && next.from > lexer.to) {
      const read = next.type === "[" ? "an index into" : next.type === "-" ? "a subtraction from" : "a field of";
      this.lints.push({
        code: "not_name",
        message: `\`not ${next.type}\` reads as ${read} a variable called \`not\`; put parentheses after \`not\` to negate`,
        from: lexer.from,
        to: next.from + 1,
      });
    }
    return false;
  }

  #relation(): Expr {
    const lexer = this.lexer;
    const from = lexer.from;
    let left = this.#sum();
    for (;;) {
      const op = RELATIONS.get(lexer.type);
      if (op) {
        lexer.advance();
        const right = this.#sum();
        left = this.build.binary(op, left, right, from, lexer.before);
      } else if (this.isWord("is")) {
        lexer.advance();
        const negated = this.isWord("not");
        if (negated) lexer.advance();
        const right = this.#singleton();
        left = this.build.binary(negated ? "!=" : "==", left, right, from, lexer.before);
      } else if (this.isWord("not") && lexer.peek().type === "in") {
        lexer.advance();
        lexer.advance();
        const right = this.#sum();
        left = this.build.unary("!", this.build.binary("in", left, right, from, lexer.before), from, lexer.before);
      } else return left;
    }
  }

  /** The right side of `is`. */
  #singleton(): Expr {
    const { type, text, from, to } = this.lexer;
    if (type === "null" || type === "true" || type === "false") return this.primary();
    if (type === "end" && this.hole >= 0) this.unclosedHole();
    if (type !== "word" || !SINGLETONS.has(text)) {
      const message = `\`is\` compares only with null, true and false, found ${shown(this.lexer)}`;
      this.fail("syntax", message, "Write `==` or `!=` to compare values.", this.lexer);
    }
    this.lexer.advance();
    return this.build.ident(text, false, from, to);
  }

  #sum(): Expr {
    const lexer = this.lexer;
    const from = lexer.from;
    let left = this.#product();
    while (lexer.type === "+" || lexer.type === "-") {
      const op = lexer.type;
      lexer.advance();
      const right = this.#product();
      left = this.build.binary(op, left, right, from, lexer.before);
    }
    return left;
  }

  #product(): Expr {
    const lexer = this.lexer;
    const from = lexer.from;
    let left = this.#unary();
    while (lexer.type === "*" || lexer.type === "/" || lexer.type === "%") {
      const op = lexer.type;
      lexer.advance();
      const right = this.#unary();
      left = this.build.binary(op, left, right, from, lexer.before);
    }
    return left;
  }

  #unary(): Expr {
    const lexer = this.lexer;
    const op = lexer.type;
    const from = lexer.from;
    if (op !== "!" && op !== "-") {
      const operand = this.primary();
      return this.suffixes(operand, from);
    }
    const signs: number[] = [];
    while (lexer.type === op) {
      signs.push(lexer.from);
      lexer.advance();
    }
    const next: TokenType = lexer.type;
    if (op === "-") {
      if (next === "!")
        this.fail("syntax", "`-` cannot stand before `!`", "A bool has no negative; remove the `-`.", lexer);
      if (next === "number" && !isUint(this.source, lexer.to))
        return this.#signed("-", signs, this.#negative(signs.pop()!));
    } else if (next === "-") {
      const minus = lexer.from;
      if (lexer.peek().type !== "number") {
        this.fail("syntax", "`!` cannot stand before `-`", "A number has no truth value; compare it: `x == 0`.", lexer);
      }
      lexer.advance();
      if (!isUint(this.source, lexer.to)) return this.#signed("!", signs, this.#negative(minus));
      return this.#signed("!", signs, this.#signed("-", [minus], this.#member()));
    }
    return this.#signed(op, signs, this.#member());
  }

  #member(): Expr {
    const from = this.lexer.from;
    const operand = this.primary();
    return this.suffixes(operand, from);
  }

  /** A number whose minus belongs to it, and what follows it; the cursor is on the number. */
  #negative(minus: number): Expr {
    const { from, to } = this.lexer;
    this.lexer.advance();
    return this.suffixes(this.build.literal(numberLiteral(this.source, from, to, minus), minus, to), minus);
  }

  /** Wraps an operand in the signs before it, the innermost first. */
  #signed(op: "!" | "-", signs: readonly number[], operand: Expr): Expr {
    const to = this.lexer.before;
    let expr = operand;
    for (let i = signs.length - 1; i >= 0; i--) expr = this.build.unary(op, expr, signs[i]!, to);
    return expr;
  }

  /** Refuses a `?` without its `:`. */
  #noColon(question: Span): never {
    const { type } = this.lexer;
    const after = this.source[question.to];
    if (after === "." && !/\d/.test(this.source[question.to + 1] ?? "")) this.refuseQuestionDot(question.from);
    if (type === "end" && this.hole >= 0) this.unclosedHole();
    if (type === "end" || type === "}" || type === ")" || type === "]" || type === ",") {
      this.fail("syntax", "the `?` has no `:`", "Write `condition ? a : b`, or `a ?? b` for a default.", question);
    }
    this.unexpectedAfter();
  }
}
