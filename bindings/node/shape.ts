// Prepared mode, the text side: gives async functions and generators a shape in which probes can come and go while calls are
// suspended. Only inserts, and only on lines that exist: line numbers and source maps stay valid. Leaves alone what it cannot
// change without a difference that a program could meet; RATIONALE.md says why this shape.
//
//   async handle(a) { BODY }   ->   async handle(a) {return(0,{handle:async()=>{ BODY }}.handle)()}
//   *[Symbol.iterator]() { BODY }  ->  [Symbol.iterator]() {return(function*(){ BODY }).apply(this,arguments)}
import { type Insertion, insertAll } from "./edits.ts";
import { PLACE_LIMITS } from "./limits.ts";
import { type FunctionInfo, type Parsed, parseScript } from "./parse.ts";
import { behindArrow, childrenOf, type SyntaxNode } from "./syntax.ts";

/** Text that can hold something to prepare: parsing the rest would be for nothing. */
const WORTH = /\basync\b|\*\s*(?:\[|[\w$#]+\s*\()|function\s*\*/;
/** A name that can stand as a key without changing what an object is. */
const PLAIN_KEY = /^(?!__proto__$)[A-Za-z_$][\w$]*$/;

/** What goes in at the beginning and the end of a body. */
interface Shape {
  readonly head: Insertion;
  readonly tail: Insertion;
  /** The words that make a function a generator, to be blanked out. */
  readonly blank?: readonly [from: number, to: number];
}

/**
 * The source in prepared shape, or null where nothing in it needs one or it cannot be read. `isModule` undefined: whichever of the
 * two it can be read as.
 */
export function prepareSource(source: string, isModule?: boolean): string | null {
  if (source.length > PLACE_LIMITS.parseChars || !WORTH.test(source)) return null;
  const parsed = tryParse(source, isModule);
  if (parsed === null) return null;
  const shapes = parsed.functions.flatMap((found) => shapeOf(found, parsed) ?? []);
  if (shapes.length === 0) return null;
  let text = source;
  for (const { blank } of shapes) {
    if (blank !== undefined) text = text.slice(0, blank[0]) + " ".repeat(blank[1] - blank[0]) + text.slice(blank[1]);
  }
  // Functions come from the outside inwards; two of them may end at the same place.
  return insertAll(text, [...shapes.map(({ head }) => head), ...shapes.map(({ tail }) => tail).reverse()]);
}

function tryParse(source: string, isModule: boolean | undefined): Parsed | null {
  for (const asModule of isModule === undefined ? [false, true] : [isModule]) {
    try {
      return parseScript(source, asModule);
    } catch {
      // Not JavaScript that we know, such as TypeScript: it is left alone.
    }
  }
  return null;
}

function shapeOf(found: FunctionInfo, parsed: Parsed): Shape | null {
  const { node, kind, suspends, isCalledAtOnce } = found;
  if (!suspends || (kind !== "function" && kind !== "arrow")) return null;
  // It has the shape already; or it runs once.
  if (isCalledAtOnce || hidesParameter(node)) return null;
  return node.generator ? generatorShape(node, parsed) : asyncShape(found, parsed.source);
}

function asyncShape({ node, name }: FunctionInfo, source: string): Shape {
  const isNamed = PLAIN_KEY.test(name);
  // The key keeps the name in stacks. Called through a comma, so that the object does not show up as the receiver.
  const head = isNamed ? `(0,{${name}:async()=>` : "(async()=>";
  const tail = isNamed ? `}.${name})()` : ")()";
  if (node.body.type !== "BlockStatement") {
    return {
      head: { offset: behindArrow(source, node), text: head },
      tail: { offset: node.end, text: tail },
    };
  }
  return {
    head: { offset: behindDirectives(node.body), text: `${semicolon(node.body)}return${head}{` },
    tail: { offset: node.body.end - 1, text: `}${tail}` },
  };
}

/**
 * A generator can be started by a plain function only where nobody can tell: a method named by a well-known symbol, which loops
 * call and little else. Elsewhere libraries ask what kind of function they are given (co, redux-saga), and the `prototype` of a
 * generator can be used.
 */
function generatorShape(node: SyntaxNode, { program, source }: Parsed): Shape | null {
  // `super` belongs to the method alone, and the parameters would not be seen by the inner function.
  if (node.params.length > 0 || contains(node.body, "Super")) return null;
  const owner = ownerOf(program, node);
  if (owner === null || (owner.type !== "MethodDefinition" && !(owner.type === "Property" && owner.method)))
    return null;
  const { key, computed } = owner;
  if (!computed || key.type !== "MemberExpression" || key.computed || key.object.name !== "Symbol") return null;
  if (!/^(async)?[iI]terator$/.test(key.property.name)) return null;
  const from = owner.start + (owner.static === true ? "static".length : 0);
  const words = /^\s*(?:async\s*)?\*/.exec(source.slice(from, key.start));
  if (words === null) return null;
  const star = node.async ? "async function*" : "function*";
  return {
    head: { offset: behindDirectives(node.body), text: `${semicolon(node.body)}return(${star}(){` },
    tail: { offset: node.body.end - 1, text: "}).apply(this,arguments)" },
    blank: [from, from + words[0].length],
  };
}

/** Behind the brace, or behind directives such as "use strict", which must stay first. */
function behindDirectives(body: SyntaxNode): number {
  let offset = body.start + 1;
  for (const statement of body.body as SyntaxNode[]) {
    if (statement.directive === undefined) break;
    offset = statement.end;
  }
  return offset;
}

/** A `var` or function of the body with the name of a parameter would become a variable of its own. */
function hidesParameter(node: SyntaxNode): boolean {
  const names = new Set<string>(["arguments"]);
  for (const param of node.params as SyntaxNode[]) collectNames(param, names);
  return node.body.type === "BlockStatement" && declares(node.body, names);
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

/** A directive without one ended with its line; the text that comes behind it does not begin a line. */
function semicolon(body: SyntaxNode): string {
  return body.body[0]?.directive === undefined ? "" : ";";
}

function contains(node: SyntaxNode, type: string): boolean {
  if (node.type === type) return true;
  return childrenOf(node).some((child) => contains(child, type));
}

function ownerOf(node: SyntaxNode, wanted: SyntaxNode): SyntaxNode | null {
  for (const child of childrenOf(node)) {
    if (child === wanted) return node;
    if (child.start <= wanted.start && wanted.end <= child.end) {
      const owner = ownerOf(child, wanted);
      if (owner !== null) return owner;
    }
  }
  return null;
}
