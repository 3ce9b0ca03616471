// Prepared mode, the text side: starts async functions and generators through plain functions, in whose new text a probe can come
// and go while calls are suspended. Only inserts and blanks out, and only on lines that exist: line numbers and source maps stay
// valid. Leaves alone what it cannot change without a difference that a program could meet; RATIONALE.md says why this shape.
//
//   async handle(a) { BODY }     ->        handle(a) {return(0,{handle:async()=>{ BODY }}.handle)()}
//   async ({ a }) => BODY        ->  (__tpdp0)=>(0,{f:async ({ a }) => BODY}.f)(__tpdp0)
//   function* g(a) { BODY }      ->  function  g(__tpdp0){return(KEPT?__tpdc0:__tpdc0=[EPOCH,{g:function*(a) { BODY }}.g])[1].apply(this,arguments)}
import { asyncBody, canHoldGenerator, generatorBody, type Shape } from "./bodies.ts";
import { coverOf, wordsOf } from "./covers.ts";
import type { Kind } from "./disguise.ts";
import { insertAll } from "./edits.ts";
import { PLACE_LIMITS } from "./limits.ts";
import { type FunctionInfo, type Parsed, parseScript } from "./parse.ts";
import { siteOf } from "./site.ts";
import { type Survey, surveyOf } from "./survey.ts";
import type { SyntaxNode } from "./syntax.ts";
import { Tellings } from "./tellings.ts";

/** Words without which a text holds nothing to prepare: parsing the rest would be for nothing. */
const ASYNC = /\basync\b/;
const AWAIT = /\bawait\b/;
const YIELD = /\byield\b/;
/** Longer lines are made by a bundler: with a source map, columns count there. */
const MAX_MAPPED_LINE = 500;

/**
 * The source in prepared shape, or null where nothing in it needs one or it cannot be read. `isModule` undefined: whichever of the
 * two it can be read as.
 */
export function prepareSource(source: string, isModule?: boolean): string | null {
  if (source.length > PLACE_LIMITS.parseChars || source.includes("__tpd")) return null;
  if (!YIELD.test(source) && !(AWAIT.test(source) && ASYNC.test(source))) return null;
  const parsed = tryParse(source, isModule);
  if (parsed === null) return null;
  const wanted = parsed.functions.filter(
    ({ suspends, kind, isCalledAtOnce, node }) =>
      // Called at once: it has the shape already, or it runs once.
      suspends && (kind === "function" || kind === "arrow") && !isCalledAtOnce && !isOnMappedLine(node, parsed),
  );
  if (wanted.length === 0) return null;
  const survey = surveyOf(parsed.program, new Set(wanted.map(({ node }) => node)));
  if (survey.hidesGlobals) return null;
  const tellings = new Tellings();
  const shapes = wanted.flatMap((found) => shapeOf(found, parsed, survey, tellings) ?? []);
  if (shapes.length === 0) return null;
  // Functions come from the outside inwards; several of them may end at the same place.
  const heads = shapes.flatMap((shape) => shape.heads);
  const tails = shapes.flatMap((shape) => shape.tails).reverse();
  const blanks = shapes.flatMap((shape) => shape.blanks);
  return insertAll(blankOut(source, blanks), [...heads, ...tellings.insertions(), ...tails]);
}

function blankOut(source: string, blanks: Shape["blanks"]): string {
  const parts: string[] = [];
  let last = 0;
  for (const [from, to, by = ""] of [...blanks].sort((a, b) => a[0] - b[0])) {
    // White space stays: there may be a line break in it.
    parts.push(source.slice(last, from), by, source.slice(from + by.length, to).replace(/\S/g, " "));
    last = to;
  }
  return parts.join("") + source.slice(last);
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

function isOnMappedLine({ start, end, body }: SyntaxNode, { source, lines }: Parsed): boolean {
  if (!source.includes("sourceMappingURL=")) return false;
  return [start, body.start as number, end].some((offset) => {
    const { line } = lines.position(offset);
    return lines.start(line + 1) - lines.start(line) > MAX_MAPPED_LINE;
  });
}

function shapeOf(found: FunctionInfo, { source }: Parsed, survey: Survey, tellings: Tellings): Shape | null {
  const { node, name } = found;
  const ancestors = survey.around.get(node)!;
  const site = siteOf(node, ancestors, survey);
  const words = site.how === "not" ? null : wordsOf(node, ancestors.at(-1)!, source);
  let body: Shape | null;
  if (node.generator) {
    // A generator's objects inherit from its `prototype`, which would be the inner one's.
    if (words === null || survey.isPrototype(name) || !canHoldGenerator(node, source)) return null;
    const cell = tellings.cell(ancestors);
    body = cell === null ? null : generatorBody(found, cell, source);
  } else body = asyncBody(found, source);
  // Without a way to tell the kind, an async function stays one: it costs more a call, and settles later.
  if (body === null || words === null) return body;
  const kind: Kind = node.generator ? (node.async ? "AsyncGenerator" : "Generator") : "Async";
  tellings.add(site, kind);
  const cover = coverOf(node, kind, site, words, source);
  return { heads: [...cover.heads, ...body.heads], tails: [...cover.tails, ...body.tails], blanks: cover.blanks };
}
