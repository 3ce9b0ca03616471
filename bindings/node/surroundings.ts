// What the place of a function in the program tells about it: its name, whether it is a method, whether it is called where it is
// created. Looks at the nodes around it only, never inside.
import { keyName, type SyntaxNode } from "./syntax.ts";

/** The name that a function has or gets from where it stands, else "". */
export function nameOf(node: SyntaxNode, owner: SyntaxNode | undefined): string {
  if (node.id) return node.id.name;
  switch (owner?.type) {
    case "MethodDefinition":
    case "Property":
    case "PropertyDefinition":
      return keyName(owner);
    case "VariableDeclarator":
      return owner.id.type === "Identifier" ? owner.id.name : "";
    case "AssignmentExpression":
    case "AssignmentPattern":
      if (owner.left.type === "Identifier") return owner.left.name;
      return owner.left.type === "MemberExpression" && !owner.left.computed ? owner.left.property.name : "";
    case "ExportDefaultDeclaration":
      return "default";
    default:
      return "";
  }
}

/** The name of the class whose member stands below these nodes, else "". A class gets names as a function does. */
export function classNameOf(ancestors: readonly SyntaxNode[]): string {
  const body = ancestors.findLastIndex(({ type }) => type === "ClassBody");
  const owner = ancestors[body - 1];
  return owner === undefined ? "" : nameOf(owner, ancestors[body - 2]);
}

/** A method, or a function that is given to an object or a prototype. */
export function isGivenToProperty(node: SyntaxNode, owner: SyntaxNode | undefined): boolean {
  if (owner?.type === "MethodDefinition") return true;
  if (owner?.type === "Property") return owner.value === node;
  // `exports.f = function` is no method, unless it uses `this`.
  return owner?.type === "AssignmentExpression" && owner.left.object?.property?.name === "prototype";
}

/**
 * `(async () => {})()`, `(function* () {}).call(this)`, `__awaiter(…, function* () {})`, and the shapes of prepared mode:
 * `(0,{f:async()=>{}}.f)()`, and `__tpdc0=[…,{f:function*(){}}.f]`, which is created anew after each edit.
 */
export function isCalledAtOnce(node: SyntaxNode, ancestors: readonly SyntaxNode[]): boolean {
  let inner = node;
  let depth = ancestors.length - 1;
  let owner = ancestors[depth];
  const up = (): SyntaxNode | undefined => {
    inner = owner!;
    return ancestors[--depth];
  };
  if (owner?.type === "Property" && !owner.computed && ancestors[depth - 1]?.type === "ObjectExpression") {
    const key = keyName(owner);
    owner = up();
    owner = up();
    if (owner?.type !== "MemberExpression" || (owner.property.name ?? owner.property.value) !== key) return false;
    owner = up();
    if (owner?.type === "ArrayExpression") return up()?.left?.name?.startsWith("__tpdc") === true;
    if (owner?.type === "SequenceExpression" && owner.expressions.at(-1) === inner) owner = up();
    return owner?.type === "CallExpression" && owner.callee === inner;
  }
  if (owner?.type === "MemberExpression" && owner.object === node && /^(call|apply)$/.test(owner.property.name ?? ""))
    owner = up();
  if (owner?.type !== "CallExpression") return false;
  if (owner.callee === inner) return true;
  const { callee } = owner;
  const name = callee.type === "MemberExpression" ? callee.property.name : calleeName(callee);
  return inner === node && /^_*awaiter$/.test(name ?? "");
}

/** Also `(0, tslib_1.__awaiter)(…)`. */
function calleeName(callee: SyntaxNode): string | undefined {
  if (callee.type !== "SequenceExpression") return callee.name;
  const last = callee.expressions.at(-1);
  return last.type === "MemberExpression" ? last.property.name : last.name;
}
