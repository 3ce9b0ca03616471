// The nodes of a syntax tree, and the few things that several readers of it ask. Knows no parser.

/** A node of the syntax tree. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  // biome-ignore lint/suspicious/noExplicitAny: ESTree nodes are told apart by `type` alone
  readonly [member: string]: any;
}

/** The nodes directly below a node. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (const key of Object.keys(node)) {
    const value = node[key];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) children.push(item);
    } else if (isNode(value)) children.push(value);
  }
  return children;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";
}

/** Name of a key that is written out, else "". */
export function keyName(owner: SyntaxNode): string {
  const { key, computed } = owner;
  if (computed || !key) return "";
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  return key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : "";
}

/** Offset behind the `=>` of an arrow function: its body may stand in parentheses, which are no node. */
export function behindArrow(source: string, node: SyntaxNode): number {
  return behind(source, "=>", node.params.at(-1)?.end ?? node.start) ?? node.body.start;
}

/** Offset behind the next token from an offset on at which nothing but words, signs and comments stand; null if there is none. */
export function behind(source: string, token: "=>" | "(" | ")", from: number): number | null {
  const pattern = /\/\*[\s\S]*?\*\/|\/\/.*|=>|[()]/g;
  pattern.lastIndex = from;
  for (let found = pattern.exec(source); found !== null; found = pattern.exec(source)) {
    if (found[0] === token) return pattern.lastIndex;
  }
  return null;
}

/**
 * Where text can go in at the beginning of a body or program: behind directives such as "use strict", which must stay first. The
 * text needs a semicolon in front of it then, because the directive may have ended with its line.
 */
export function openingOf(body: SyntaxNode): { readonly offset: number; readonly semicolon: "" | ";" } {
  let last: SyntaxNode | null = null;
  for (const statement of body.body as SyntaxNode[]) {
    if (statement.directive === undefined) break;
    last = statement;
  }
  if (last !== null) return { offset: last.end, semicolon: ";" };
  // In front of a program there may be a `#!` line.
  const first: number = body.type === "Program" ? (body.body[0]?.start ?? 0) : body.start + 1;
  return { offset: first, semicolon: "" };
}
