// The parameters of a function that gets a new outer one: which of them cannot stay where they are, and what takes their place.
// Looks at syntax only.
import { childrenOf, type SyntaxNode } from "./syntax.ts";

/** What the outer function takes, with the `length` of the original, and hands on. */
export interface Stand {
  readonly taken: string;
  readonly given: string;
}

/** Stand-ins for parameters that move to the inner function. */
export function standIns(params: readonly SyntaxNode[]): Stand {
  let isCounted = true;
  const taken: string[] = [];
  const given: string[] = [];
  params.forEach((param, index) => {
    const name = `__tpdp${index}`;
    const isRest = param.type === "RestElement";
    // `length` counts up to the first default.
    if (param.type === "AssignmentPattern") isCounted = false;
    taken.push(isRest ? `...${name}` : isCounted ? name : `${name}=void 0`);
    given.push(isRest ? `...${name}` : name);
  });
  return { taken: taken.join(), given: given.join() };
}

/** Nothing that runs: a default or a pattern can throw, which in an async function is a rejection. */
export function areSimple(params: readonly SyntaxNode[]): boolean {
  return params.every(({ type }) => type === "Identifier");
}

/** A `var` or function of the body with the name of a parameter would become a variable of its own in an inner function. */
export function hidesParameter(node: SyntaxNode): boolean {
  const names = new Set<string>();
  for (const param of node.params as SyntaxNode[]) collectNames(param, names);
  return node.body.type === "BlockStatement" && declares(node.body, names);
}

const ARGUMENTS: ReadonlySet<string> = new Set(["arguments"]);

/** A body that declares a variable `arguments` of its own. */
export function hidesArguments(node: SyntaxNode): boolean {
  return declares(node.body, ARGUMENTS);
}

function collectNames(pattern: SyntaxNode, names: Set<string>): void {
  if (pattern.type === "Identifier") names.add(pattern.name);
  else if (pattern.type === "AssignmentPattern") collectNames(pattern.left, names);
  else if (pattern.type === "Property") collectNames(pattern.value, names);
  else for (const child of childrenOf(pattern)) collectNames(child, names);
}

function declares(node: SyntaxNode, names: ReadonlySet<string>): boolean {
  if (node.type === "FunctionDeclaration") return names.has(node.id?.name);
  if (/Function|^Class|^StaticBlock$/.test(node.type)) return false;
  if (node.type === "VariableDeclaration" && node.kind === "var") {
    const declared = new Set<string>();
    for (const { id } of node.declarations as { id: SyntaxNode }[]) collectNames(id, declared);
    for (const name of declared) if (names.has(name)) return true;
  }
  return childrenOf(node).some((child) => declares(child, names));
}
