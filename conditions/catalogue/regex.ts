// `matches`: a literal pattern in RE2's syntax becomes data of the module, which the engine runs in linear time.
import type { Expr } from "../ast.ts";
import { call, constant, type Emitter } from "../emitter.ts";
import { LIMITS } from "../limits.ts";
import { compilePattern, type Matcher, PatternError, type Work } from "../regex/index.ts";
import { type Catalogue, define, type Refuse, TEXT_STEPS } from "./definition.ts";

/** What each pattern became: the stages after the checker ask again. An error is one that `eval` yields as a value. */
const known = new WeakMap<Expr, Matcher | PatternError>();

function matcherOf(pattern: Expr, work?: Work): Matcher | PatternError | null {
  if (pattern.kind !== "literal" || pattern.value.type !== "string") return null;
  let found = known.get(pattern);
  if (found === undefined) {
    try {
      found = compilePattern(pattern.value.value, work);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      found = error;
    }
    known.set(pattern, found);
  }
  return found;
}

function verify(pattern: Expr, refuse: Refuse, work: Work): void {
  if (pattern.kind !== "literal")
    return refuse(
      "unsupported",
      pattern,
      "the pattern of `matches` must be a literal string",
      "Write the pattern as a string, or use a script condition: `js: …`.",
    );
  const found = matcherOf(pattern, work);
  if (found === null)
    return refuse(
      "no_such_overload",
      pattern,
      `\`matches\` needs a string as its pattern, not ${pattern.value.type}`,
      "Write the pattern in quotes.",
    );
  if (found instanceof PatternError) refuse(found.code, found, found.message, found.remedy, pattern);
}

/** Steps for the longest text: a simulation spends them on each byte. */
function cost(pattern: Expr): number {
  const found = matcherOf(pattern);
  if (found === null || found instanceof PatternError) return 1;
  return found.kind === "dfa" ? TEXT_STEPS : LIMITS.stringBytes * (1 + Math.floor(found.size / 16));
}

function emit(e: Emitter, expr: Expr, text: Expr, pattern: Expr): void {
  const found = matcherOf(pattern);
  e.slot(text);
  // No string: what any function of two texts says of it.
  if (found === null) e.slot(pattern);
  else if (found instanceof PatternError) e.code.i32(0);
  else constant(e, e.constants.table(found.table));
  e.code.i32(expr.id);
  call(
    e,
    found === null ? "endsWith" : found instanceof PatternError || found.kind === "dfa" ? "matchDfa" : "matchNfa",
  );
}

const matches = define({
  name: "matches",
  min: 2,
  result: "bool",
  answer: "condition",
  engine: "matchDfa",
  cost: ([, pattern]) => cost(pattern as Expr),
  verify: (_call, [, pattern], refuse, _typeOf, work) => verify(pattern as Expr, refuse, work),
  emit: (e, expr, [text, pattern]) => emit(e, expr, text as Expr, pattern as Expr),
});

export const REGEX: Catalogue = { functions: { matches }, methods: { matches } };
