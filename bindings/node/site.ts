// Where a function stands that prepared mode wants to start through a plain one: how that one is told its kind, and the name it
// has from its place. Answers "not at all" wherever somebody could tell the difference. Writes no text.
import type { Survey } from "./survey.ts";
import { contains } from "./survey.ts";
import { keyName, type SyntaxNode } from "./syntax.ts";

/** How a function is told its kind. */
export type Site =
  /** Nobody can look at it: it is only called, or given to something that only calls it. */
  | { readonly how: "unseen"; readonly isInClass: boolean }
  /** An expression, which is handed through the global function. `name`: what it is called by its place, "" for nothing. */
  | { readonly how: "expression"; readonly name: string }
  /** A method of an object literal, which becomes a property with an expression. */
  | { readonly how: "property"; readonly owner: SyntaxNode }
  /** A declaration, by a statement at the beginning of its block. */
  | { readonly how: "declaration"; readonly block: SyntaxNode; readonly name: string }
  /** A method, by a static block at the beginning of its class. */
  | { readonly how: "method"; readonly owner: SyntaxNode; readonly body: SyntaxNode }
  | { readonly how: "not" };

const UNSEEN: Site = { how: "unseen", isInClass: false };
const NOT: Site = { how: "not" };
/** Methods of promises and arrays: they call what they get first (`then` also second), and ask for nothing. */
const CALLS_FIRST = /^(then|catch|finally|map|forEach|filter|flatMap|some|every|find|findIndex|reduce)$/;
const CALLS_FIRST_GLOBAL = /^(setTimeout|setInterval|setImmediate|queueMicrotask)$/;

/** The site of a function. `ancestors`: the nodes around it, outermost first. */
export function siteOf(node: SyntaxNode, ancestors: readonly SyntaxNode[], survey: Survey): Site {
  const owner = ancestors.at(-1)!;
  if (node.type === "FunctionDeclaration") return declarationSite(node, ancestors, survey);
  if (owner.type === "MethodDefinition") return methodSite(owner, ancestors.at(-2)!, survey);
  if (owner.type === "Property" && owner.value === node) return propertySite(owner, node);
  // With its first word gone, the statement would go on where the last one ended.
  if (ancestors.some(({ type, start }) => type === "ExpressionStatement" && start === node.start)) return NOT;
  if (isOnlyCalled(node, owner, survey)) return UNSEEN;
  if (owner.type === "PropertyDefinition" && (owner.computed || node.id)) {
    return owner.computed ? NOT : { how: "expression", name: node.id.name };
  }
  return { how: "expression", name: node.id ? node.id.name : placeName(owner) };
}

/** The name that an anonymous function gets from its place; for stacks there may be a better one. */
function placeName(owner: SyntaxNode): string {
  switch (owner.type) {
    case "VariableDeclarator":
      return owner.id.name ?? "";
    case "AssignmentExpression":
      return /^(&&|\|\||\?\?)?=$/.test(owner.operator) ? (owner.left.name ?? "") : "";
    case "AssignmentPattern":
      return owner.left.name ?? "";
    case "PropertyDefinition":
      return keyName(owner);
    case "ExportDefaultDeclaration":
      return "default";
    default:
      return "";
  }
}

function declarationSite(node: SyntaxNode, ancestors: readonly SyntaxNode[], survey: Survey): Site {
  const isExported = ancestors.at(-1)!.type.startsWith("Export");
  const around = isExported ? ancestors.slice(0, -1) : ancestors;
  const block = around.at(-1)!;
  // In an inner block a plain function would be known outside of it as well.
  const isOutermost = block.type === "Program" || /Function/.test(around.at(-2)?.type ?? "");
  if (!isOutermost || !node.id || node.id.name === "arguments") return NOT;
  const { name } = node.id;
  const declared = (block.body as SyntaxNode[]).map((statement) =>
    statement.type.startsWith("Export") ? statement.declaration : statement,
  );
  if (declared.some((other) => other !== node && other?.type === "FunctionDeclaration" && other.id?.name === name))
    return NOT;
  return survey.isValue(name) ? { how: "declaration", block, name } : UNSEEN;
}

function methodSite(owner: SyntaxNode, body: SyntaxNode, survey: Survey): Site {
  if (owner.computed) return isIteratorKey(owner.key) ? { how: "unseen", isInClass: owner.static !== true } : NOT;
  const key = keyName(owner);
  if (owner.key.type === "PrivateIdentifier") return survey.isValue(key) ? NOT : UNSEEN;
  const isAlone = (body.body as SyntaxNode[]).every(
    (other) => other === owner || !other.key || keyName(other) !== key || other.static !== owner.static,
  );
  return isAlone ? { how: "method", owner, body } : NOT;
}

function propertySite(owner: SyntaxNode, node: SyntaxNode): Site {
  const key = keyName(owner);
  if (owner.computed) return owner.method && isIteratorKey(owner.key) ? UNSEEN : NOT;
  if (key === "__proto__") return NOT;
  if (!owner.method) return { how: "expression", name: node.id ? node.id.name : key };
  // `super` belongs to the object that the method is written in.
  return contains(node, "Super") ? NOT : { how: "property", owner };
}

/** Loops call these, and hardly anything else. */
function isIteratorKey(key: SyntaxNode): boolean {
  if (key.type !== "MemberExpression" || key.computed || key.object.name !== "Symbol") return false;
  return /^(async)?[iI]terator$/.test(key.property.name);
}

function isOnlyCalled(node: SyntaxNode, owner: SyntaxNode, survey: Survey): boolean {
  if (owner.type === "VariableDeclarator") return owner.id.type === "Identifier" && !survey.isValue(owner.id.name);
  const place = owner.arguments?.indexOf(node) ?? -1;
  if (place < 0) return false;
  const { callee } = owner;
  if (owner.type === "NewExpression") return callee.name === "Promise";
  if (callee.type === "Identifier") return place === 0 && CALLS_FIRST_GLOBAL.test(callee.name);
  if (callee.type !== "MemberExpression" || callee.computed) return false;
  const name: string = callee.property.name ?? "";
  return (place === 0 && CALLS_FIRST.test(name)) || (place === 1 && name === "then");
}
