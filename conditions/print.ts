// Prints a tree as one line of nested lists, for `explain` and for tests. Not meant to be parsed again.
import type { Expr, LiteralValue } from "./ast.ts";

/** One line: `(&& (>= (. user age) 21) (call size xs))`. Macros show their variables in brackets and their filter after `:if`. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case "literal":
      return printLiteral(expr.value);
    case "ident":
      return expr.root ? `.${expr.name}` : expr.name;
    case "special":
      return `@${expr.name}`;
    case "select":
      return `(${expr.optional ? ".?" : "."} ${printExpr(expr.operand)} ${printName(expr.field)})`;
    case "index":
      return `(${expr.optional ? "[?]" : "[]"} ${printExpr(expr.operand)} ${printExpr(expr.index)})`;
    case "call": {
      const name = expr.target ? `method ${printName(expr.name)}` : `call ${expr.root ? "." : ""}${expr.name}`;
      return `(${[name, ...(expr.target ? [expr.target] : []).map(printExpr), ...expr.args.map(printExpr)].join(" ")})`;
    }
    case "unary":
      return `(${expr.op} ${printExpr(expr.operand)})`;
    case "binary":
      return `(${expr.op} ${printExpr(expr.left)} ${printExpr(expr.right)})`;
    case "ternary":
      return `(? ${printExpr(expr.condition)} ${printExpr(expr.yes)} ${printExpr(expr.no)})`;
    case "list":
      return `[${expr.items.map((item) => (item.optional ? "?" : "") + printExpr(item.value)).join(" ")}]`;
    case "map":
      return `{${expr.entries.map((entry) => `${entry.optional ? "?" : ""}${printExpr(entry.key)}: ${printExpr(entry.value)}`).join(", ")}}`;
    case "macro": {
      const parts: string[] = [expr.name];
      if (expr.vars.length > 0) parts.push(`[${expr.vars.join(" ")}]`);
      parts.push(printExpr(expr.target));
      if (expr.filter) parts.push(":if", printExpr(expr.filter));
      if (expr.body) parts.push(printExpr(expr.body));
      return `(${parts.join(" ")})`;
    }
  }
}

/** What a node is, without its children, for trees of one node a line. */
export function labelOf(expr: Expr): string {
  switch (expr.kind) {
    case "select":
      return `select ${expr.optional ? "?" : ""}${printName(expr.field)}`;
    case "index":
      return `index${expr.optional ? " ?" : ""}`;
    case "call":
      return `${expr.target ? "method" : "call"} ${printName(expr.name)}`;
    case "unary":
      return expr.op === "-" ? "negate" : "not";
    case "binary":
      return expr.op;
    case "ternary":
      return "? :";
    case "list":
    case "map":
      return expr.kind;
    case "macro":
      return [`macro ${expr.name}`, ...expr.vars].join(" ");
    default:
      return printExpr(expr);
  }
}

function printLiteral(value: LiteralValue): string {
  switch (value.type) {
    case "null":
      return "null";
    case "bool":
      return String(value.value);
    case "int":
      return String(value.value);
    case "uint":
      return `${value.value}u`;
    case "double": {
      const text = Object.is(value.value, -0) ? "-0" : String(value.value);
      return /[.e]/.test(text) ? text : `${text}.0`;
    }
    case "string":
      return JSON.stringify(value.value);
    case "bytes":
      return `b"${Array.from(value.value, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
  }
}

function printName(name: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) ? name : `\`${name}\``;
}
