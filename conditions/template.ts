// Templates: literal text, holes and their formats. A hole is parsed, never searched for its end, because an expression may contain braces.
import type { Expr, ParsedTemplate, TemplatePart } from "./ast.ts";
import { readFormat } from "./format.ts";
import type { TokenType } from "./lexer.ts";
import { LIMITS } from "./limits.ts";
import { checkLength, Parser } from "./parser.ts";

/** Parses a template; all its holes are numbered together. Throws CompileError, with offsets into the whole template. */
export function parseTemplate(source: string): ParsedTemplate {
  checkLength(source, LIMITS.templateBytes, "template");
  const parser = new Parser(source, true);
  const parts: TemplatePart[] = [];
  const roots: Expr[] = [];
  let text = "";
  let at = 0;
  for (;;) {
    const open = source.indexOf("{{", at);
    if (open < 0) break;
    if (source[open - 1] === "\\" && open > at) {
      text += `${source.slice(at, open - 1)}{{`;
      at = open + 2;
      continue;
    }
    text += source.slice(at, open);
    if (text !== "") parts.push({ kind: "text", text });
    text = "";
    const hole = readHole(parser, source, open);
    parts.push(hole.part);
    roots.push(hole.part.expr);
    at = hole.to;
  }
  text += source.slice(at);
  if (text !== "") parts.push({ kind: "text", text });
  return { source, parts, nodes: parser.build.finish(roots), lints: parser.lints };
}

interface Hole {
  readonly part: Extract<TemplatePart, { kind: "hole" }>;
  /** Where the text goes on. */
  readonly to: number;
}

function readHole(parser: Parser, source: string, open: number): Hole {
  const { lexer } = parser;
  parser.hole = open;
  lexer.seek(open + 2);
  const start = lexer.from;
  const first: TokenType = lexer.type;
  if (first === ":" || first === "=" || (first === "}" && source[lexer.to] === "}")) {
    const to = first === "}" ? lexer.to + 1 : lexer.to;
    parser.fail(
      "syntax",
      "the hole is empty",
      "Write an expression between the braces, as in `{{x}}`; write `\\{{` for two literal braces.",
      { from: open, to },
    );
  }
  const expr = parser.expression();
  const end = lexer.before;
  let label = "";
  // Not `=>` or a lone `=` in a comparison: those go on with something else and are refused below.
  if (lexer.type === "=" && /^\s*(?::|\}\}|$)/.test(source.slice(lexer.to, lexer.to + 64))) {
    label = source.slice(start, end);
    lexer.advance();
  }
  let spec = null;
  if (lexer.type === ":") {
    const read = readFormat(source, lexer.to);
    spec = read.spec;
    lexer.seek(read.to);
  }
  if (lexer.type === "end") parser.unclosedHole();
  if (lexer.type !== "}") parser.unexpectedAfter();
  if (source[lexer.to] !== "}") {
    parser.fail("syntax", "a hole is closed with two braces", "Write `}}`.", { from: lexer.from, to: lexer.to });
  }
  return { part: { kind: "hole", expr, label, spec }, to: lexer.to + 1 };
}
