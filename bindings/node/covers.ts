// Prepared mode, the outside of a function: takes away the words that make it async or a generator, and hands it to the function
// that tells it its kind. Says what to insert and to blank out.
import { keyOf, parenOf, type Shape } from "./bodies.ts";
import { type Kind, tellName } from "./disguise.ts";
import type { Insertion } from "./edits.ts";
import type { Site } from "./site.ts";
import type { SyntaxNode } from "./syntax.ts";

/** The text in front of the parameters, and in it the words to be taken away. */
export interface Words {
  readonly from: number;
  readonly to: number;
  readonly taken: readonly (readonly [from: number, to: number])[];
}

const at = (offset: number, text: string): Insertion => ({ offset, text });

/** The words of a function; null where anything else, such as a comment, stands among them. */
export function wordsOf(node: SyntaxNode, owner: SyntaxNode, source: string): Words | null {
  const isArrow = node.type === "ArrowFunctionExpression";
  const isMethod = owner.type === "MethodDefinition" || (owner.type === "Property" && owner.method);
  const from: number = isMethod ? owner.start : node.start;
  const to: number = isMethod ? owner.key.start : isArrow ? from + "async".length : parenOf(node, source);
  const text = source.slice(from, to);
  if (!/^(static\b\s*)?(async\b\s*)?(function\b\s*)?(\*\s*)?(\[|[\w$]*)\s*$/.test(text)) return null;
  const taken: (readonly [number, number])[] = [];
  if (node.async) taken.push(wordAt(from + text.indexOf("async"), "async"));
  if (node.generator) taken.push(wordAt(from + text.indexOf("*"), "*"));
  return { from, to, taken };
}

const wordAt = (offset: number, word: string) => [offset, offset + word.length] as const;

/** A plain function in place of the other, told its kind as its site allows. */
export function coverOf(node: SyntaxNode, kind: Kind, site: Site, words: Words, source: string): Shape {
  const tell = `(${tellName(kind)}??Object)(`;
  if (site.how === "expression") return expressionCover(node, tell, site.name, words, source);
  if (site.how === "property") {
    const { owner } = site;
    const key = source.slice(owner.key.start, owner.key.end);
    const name = owner.key.type === "Identifier" ? JSON.stringify(key) : key;
    return {
      heads: [at(owner.start, `${key}:${tell}{`)],
      tails: [at(owner.end, `}[${name}])`)],
      blanks: words.taken,
    };
  }
  const [first, ...others] = words.taken;
  // In a class, a bracket at the beginning of a line would go on with the field in front of it.
  const isBare = source[words.to - 1] === "[" || /\[\s*$/.test(source.slice(words.from, words.to));
  const blanks =
    isBare && site.how === "unseen" && site.isInClass && first ? [[...first, ";"] as const, ...others] : words.taken;
  return { heads: [], tails: [], blanks };
}

function expressionCover(node: SyntaxNode, tell: string, name: string, words: Words, source: string): Shape {
  const { key, access } = keyOf(name);
  const isArrow = node.type === "ArrowFunctionExpression";
  const isNamedInside = node.id && isWordIn(node.id.name, source.slice(node.id.end, node.end));
  if (isNamedInside || (isArrow && name === "")) {
    return { heads: [at(node.start, tell)], tails: [at(node.end, ")")], blanks: words.taken };
  }
  // A method has no more properties of its own than an async function has, and cannot be constructed either.
  const head = isArrow ? `${tell}{${key}:` : `${tell}{${key}`;
  return {
    heads: [at(node.start, head)],
    tails: [at(node.end, `}${access})`)],
    blanks: isArrow ? words.taken : [[words.from, words.to]],
  };
}

function isWordIn(name: string, text: string): boolean {
  return new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(text);
}
