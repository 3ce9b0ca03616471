// The syntax tree of expressions and templates: what the parser makes and every later stage reads. No logic.

/** A half-open range of UTF-16 offsets in the source. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What every node has. `id` counts from 1 within one compilation (a template numbers all its holes together) and names the node in run-time errors. */
interface Node extends Span {
  readonly id: number;
}

export type LiteralValue =
  | { readonly type: "null" }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "int" | "uint"; readonly value: bigint }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bytes"; readonly value: Uint8Array };

export interface Literal extends Node {
  readonly kind: "literal";
  readonly value: LiteralValue;
}

/** A variable. `root` is true for `.x`, which bypasses macro variables. */
export interface Ident extends Node {
  readonly kind: "ident";
  readonly name: string;
  readonly root: boolean;
}

/** A special identifier; `name` is written without the `@`. */
export interface Special extends Node {
  readonly kind: "special";
  readonly name: string;
}

/** `operand.field`, or `operand.?field` when optional. */
export interface Select extends Node {
  readonly kind: "select";
  readonly operand: Expr;
  readonly field: string;
  readonly optional: boolean;
}

/** `operand[index]`, or `operand[?index]` when optional. */
export interface Index extends Node {
  readonly kind: "index";
  readonly operand: Expr;
  readonly index: Expr;
  readonly optional: boolean;
}

/** `name(args)` or `target.name(args)`, `name` as written. `root` is true for `.name(args)`. */
export interface Call extends Node {
  readonly kind: "call";
  readonly name: string;
  readonly target: Expr | null;
  readonly args: readonly Expr[];
  readonly root: boolean;
  /** The function's name in the source, for carets. */
  readonly nameSpan: Span;
}

export interface Unary extends Node {
  readonly kind: "unary";
  readonly op: "!" | "-";
  readonly operand: Expr;
}

/** `===` is stored as `==`, `and` as `&&`, `is not` as `!=`, `a not in b` as `!(a in b)`, and so on. */
export type BinaryOp = "&&" | "||" | "??" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "+" | "-" | "*" | "/" | "%";

export interface Binary extends Node {
  readonly kind: "binary";
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
}

export interface Ternary extends Node {
  readonly kind: "ternary";
  readonly condition: Expr;
  readonly yes: Expr;
  readonly no: Expr;
}

export interface ListItem {
  readonly value: Expr;
  readonly optional: boolean;
}

export interface ListLiteral extends Node {
  readonly kind: "list";
  readonly items: readonly ListItem[];
}

export interface MapEntry {
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface MapLiteral extends Node {
  readonly kind: "map";
  readonly entries: readonly MapEntry[];
}

/** Canonical macro names: `any` and `some` are stored as `exists`, `every` as `all`, `existsOne` as `exists_one`. */
export type MacroName =
  | "has"
  | "all"
  | "exists"
  | "exists_one"
  | "map"
  | "filter"
  | "transformList"
  | "transformMap"
  | "bind"
  | "optMap"
  | "optFlatMap";

/**
 * A macro call, expanded by the parser only as far as naming its parts.
 * `has`: target is the Select. `bind`: target is the initialiser. Others: target is the collection.
 * `map(x, p, e)`: `filter` holds p. `vars` has one name, or two for the two-variable forms.
 */
export interface Macro extends Node {
  readonly kind: "macro";
  readonly name: MacroName;
  readonly target: Expr;
  readonly vars: readonly string[];
  readonly filter: Expr | null;
  readonly body: Expr | null;
}

export type Expr =
  | Literal
  | Ident
  | Special
  | Select
  | Index
  | Call
  | Unary
  | Binary
  | Ternary
  | ListLiteral
  | MapLiteral
  | Macro;

/** Format of a template hole, after the colon. Not written: `fill` is a space, `width` 0, the others as empty as their type allows. */
export interface FormatSpec extends Span {
  readonly fill: string;
  readonly align: "<" | ">" | "^" | "";
  readonly sign: "" | "+" | " ";
  readonly zero: boolean;
  readonly width: number;
  readonly group: "" | "," | "_";
  readonly precision: number | null;
  readonly kind: "" | "d" | "x" | "X" | "o" | "b" | "e" | "f" | "g" | "%" | "s" | "q" | "j";
  /** Of `j`: how deep. */
  readonly depth: number | null;
}

export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  /** `label` is the source text of the expression for `{{x=}}`, without the `=`, else empty. `spec` is null where none is written. */
  | { readonly kind: "hole"; readonly expr: Expr; readonly label: string; readonly spec: FormatSpec | null };

export interface Template {
  readonly parts: readonly TemplatePart[];
  /** Number of expression nodes; ids run from 1 to it. */
  readonly nodes: number;
}

/** A hint that does not stop a compilation. */
export interface Lint extends Span {
  readonly code: string;
  readonly message: string;
}

/** A parsed condition. */
export interface Parsed {
  readonly source: string;
  readonly expr: Expr;
  readonly nodes: number;
  readonly lints: readonly Lint[];
}

/** A parsed template. */
export interface ParsedTemplate extends Template {
  readonly source: string;
  readonly lints: readonly Lint[];
}
