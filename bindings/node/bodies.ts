// Prepared mode, the inside of a function: how the body is put into an inner function that is created anew when a probe comes or
// goes. Says what to insert; null where the body has to stay as it is.
import { EPOCH } from "./disguise.ts";
import type { Insertion } from "./edits.ts";
import { areSimple, hidesArguments, hidesParameter, standIns } from "./parameters.ts";
import type { FunctionInfo } from "./parse.ts";
import { contains } from "./survey.ts";
import { behind, openingOf, type SyntaxNode } from "./syntax.ts";

/** What is done to one function. `heads` and `tails` from the outside inwards; what is blanked may leave a sign behind. */
export interface Shape {
  readonly heads: readonly Insertion[];
  readonly tails: readonly Insertion[];
  readonly blanks: readonly (readonly [from: number, to: number, by?: string])[];
}

/** A name that can stand as a key without changing what an object is. */
const PLAIN_KEY = /^(?!__proto__$)[A-Za-z_$][\w$]*$/;

const at = (offset: number, text: string): Insertion => ({ offset, text });

/** The inside of an async function: an arrow function, which shares `this`, `arguments` and `super`. */
export function asyncBody({ node, name }: FunctionInfo, source: string): Shape | null {
  const { key, access } = keyOf(name);
  const isArrow = node.type === "ArrowFunctionExpression";
  if (!isArrow && hidesArguments(node)) return null;
  if (!isArrow && areSimple(node.params) && !hidesParameter(node)) {
    const { offset, semicolon } = openingOf(node.body);
    // The key keeps the name in stacks. Called through a comma, so that the object does not show up as the receiver.
    return {
      heads: [at(offset, `${semicolon}return(0,{${key}:async()=>{`)],
      tails: [at(node.body.end - 1, `}}${access})()`)],
      blanks: [],
    };
  }
  // The parameters go along, so that an error in a default is a rejection.
  const { taken, given } = standIns(node.params);
  if (isArrow) {
    const heads = [at(node.start + "async".length, `(${taken})=>(0,{${key}:async`)];
    return { heads, tails: [at(node.end, `}${access})(${given})`)], blanks: [] };
  }
  const open = parenOf(node, source);
  const close = behind(source, ")", node.params.at(-1)?.end ?? open + 1);
  if (close === null || !canMove(node, source)) return null;
  return {
    heads: [at(open, `(${taken}){return(0,{${key}:async`), at(close, "=>")],
    tails: [at(node.end, `}${access})(${given})}`)],
    blanks: [],
  };
}

/** The inside of a generator. `cell`: a variable that keeps it, because a fresh one costs V8 a new type of objects each time. */
export function generatorBody({ node, name }: FunctionInfo, cell: string, source: string): Shape {
  const { key, access } = keyOf(name);
  const { taken } = standIns(node.params);
  const star = node.async ? "async function*" : "function*";
  const kept = `${cell}&&${cell}[0]===${EPOCH}?${cell}:${cell}`;
  return {
    heads: [at(parenOf(node, source), `(${taken}){return(${kept}=[${EPOCH},{${key}:${star}`)],
    tails: [at(node.end, `}${access}])[1].apply(this,arguments)}`)],
    blanks: [],
  };
}

/** `super` belongs to the method alone; a directive would not reach the outer function; `callee` would be the inner one. */
export function canHoldGenerator(node: SyntaxNode, source: string): boolean {
  return !contains(node, "Super") && !hasDirective(node) && !/\bcallee\b/.test(source.slice(node.start, node.end));
}

/** In an inner arrow function the parameters are no longer tied to `arguments`. */
function canMove(node: SyntaxNode, source: string): boolean {
  if (hasDirective(node)) return false;
  return !areSimple(node.params) || !/\barguments\b|\beval\b/.test(source.slice(node.start, node.end));
}

function hasDirective(node: SyntaxNode): boolean {
  return node.body.body?.[0]?.directive !== undefined;
}

/** Offset of the parenthesis in front of the parameters. */
export function parenOf(node: SyntaxNode, source: string): number {
  return behind(source, "(", node.id?.end ?? node.start)! - 1;
}

/** How a name is written as a key, and how the value is taken out again. */
export function keyOf(name: string): { readonly key: string; readonly access: string } {
  if (PLAIN_KEY.test(name)) return { key: name, access: `.${name}` };
  const key = name === "__proto__" ? '""' : JSON.stringify(name);
  return { key, access: `[${key}]` };
}
