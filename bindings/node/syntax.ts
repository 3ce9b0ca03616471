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
  const pattern = /\/\*[\s\S]*?\*\/|\/\/.*|=>/g;
  pattern.lastIndex = node.params.at(-1)?.end ?? node.start;
  for (let found = pattern.exec(source); found !== null; found = pattern.exec(source)) {
    if (found[0] === "=>") return pattern.lastIndex;
  }
  return node.body.start;
}
