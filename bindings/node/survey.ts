// One walk over a program that is to be prepared: what stands around each function, and which names are used in a way that lets
// somebody look at the function behind them. Counts too much rather than too little. Changes nothing.
import type { SyntaxNode } from "./syntax.ts";
import { childrenOf } from "./syntax.ts";

/** What prepared mode has to know of a program. */
export interface Survey {
  /** The nodes around each function that was asked for, outermost first. */
  readonly around: ReadonlyMap<SyntaxNode, readonly SyntaxNode[]>;
  /** Whether a variable, or a private name with its `#`, occurs other than in a call of it. */
  isValue(name: string): boolean;
  /** A variable hides one of the global names by which prepared text reaches ours. */
  readonly hidesGlobals: boolean;
  /** Whether the `prototype` of what has this name is used, or `instanceof` asks for it. */
  isPrototype(name: string): boolean;
}

/** Looks through the program once. */
export function surveyOf(program: SyntaxNode, functions: ReadonlySet<SyntaxNode>): Survey {
  const around = new Map<SyntaxNode, readonly SyntaxNode[]>();
  const values = new Set<string>();
  const prototypes = new Set<string>();
  const ancestors: SyntaxNode[] = [];
  let hasEval = false;
  let hidesGlobals = false;
  const visit = (node: SyntaxNode): void => {
    if (functions.has(node)) around.set(node, [...ancestors]);
    switch (node.type) {
      case "Identifier":
        if (node.name === "eval") hasEval = true;
        if (/^(globalThis|Object)$/.test(node.name) && isBinding(node, ancestors)) hidesGlobals = true;
        if (isValue(node, ancestors)) values.add(node.name);
        return;
      case "PrivateIdentifier":
        if (isValue(node, ancestors)) values.add(`#${node.name}`);
        return;
      case "MemberExpression":
        if (!node.computed && node.property.name === "prototype") prototypes.add(lastName(node.object));
        break;
      case "BinaryExpression":
        if (node.operator === "instanceof") prototypes.add(lastName(node.right));
        break;
      case "ExportNamedDeclaration":
      case "ExportDefaultDeclaration":
        for (const name of declaredBy(node.declaration)) values.add(name);
        break;
    }
    ancestors.push(node);
    for (const child of childrenOf(node)) visit(child);
    ancestors.pop();
  };
  visit(program);
  return {
    around,
    hidesGlobals,
    isValue: (name) => hasEval || values.has(name),
    isPrototype: (name) => prototypes.has(name),
  };
}

/** Anything but a declaration, a key and a call. */
function isValue(node: SyntaxNode, ancestors: readonly SyntaxNode[]): boolean {
  const owner = ancestors.at(-1)!;
  switch (owner.type) {
    case "MemberExpression":
      if (owner.object === node || owner.computed) return true;
      return node.type === "PrivateIdentifier" && ancestors.at(-2)?.callee !== owner;
    case "Property":
      return owner.shorthand || owner.computed || owner.value === node;
    case "MethodDefinition":
    case "PropertyDefinition":
      return owner.computed || owner.value === node;
    case "CallExpression":
      return owner.callee !== node;
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "VariableDeclarator":
      return owner.id !== node;
    default:
      return true;
  }
}

/** Where a variable comes from; a pattern counts even where it only assigns. */
function isBinding(node: SyntaxNode, ancestors: readonly SyntaxNode[]): boolean {
  const owner = ancestors.at(-1)!;
  if (owner.type === "Property") return owner.value === node && ancestors.at(-2)?.type === "ObjectPattern";
  if (owner.type === "AssignmentPattern") return owner.left === node;
  if (/^(ArrayPattern|RestElement|CatchClause)$|^Import.*Specifier$/.test(owner.type)) return true;
  return owner.id === node || (owner.params?.includes(node) ?? false);
}

function lastName(node: SyntaxNode): string {
  return node.type === "MemberExpression" ? (node.property.name ?? "") : (node.name ?? "");
}

function declaredBy(declaration: SyntaxNode | null): string[] {
  if (declaration?.type === "FunctionDeclaration" && declaration.id) return [declaration.id.name];
  if (declaration?.type !== "VariableDeclaration") return [];
  return (declaration.declarations as SyntaxNode[]).map(({ id }) => id.name ?? "");
}

/** Whether a node of this type occurs below, other functions included. */
export function contains(node: SyntaxNode, type: string): boolean {
  return node.type === type || childrenOf(node).some((child) => contains(child, type));
}
