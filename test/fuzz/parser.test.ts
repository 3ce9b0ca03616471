import { describe, expect, it } from "vitest";
import type { Expr } from "../../conditions/ast.ts";
import { childrenOf } from "../../conditions/builder.ts";
import { CompileError } from "../../conditions/errors.ts";
import { LIMITS } from "../../conditions/limits.ts";
import { parseCondition } from "../../conditions/parser.ts";
import { parseTemplate } from "../../conditions/template.ts";
import { fractions } from "./random.ts";

const ROUNDS = 6000;
const BUDGET_MS = 2000;

const TOKENS =
  "a b xs not and or is in null None true false undefined @hits @ $x größe 𝒳 . .? ?. ? ?? : , ( ) [ ] { } [? {? + - * / % ! && || & | = == === != !== < <= > >= 1 2u 1.5 .5 0x1F 1e3 9223372036854775808 10px .5 .5u 1.2.3 'a' \"b\" '''c''' r'\\' b'\\xff' '\\q' ' \" `x y` ` // \n \t \\ {{ }} \\{{ :>8 = as if while all( exists( map( has( cel.bind( x, optMap( 😀 \ud800 \u0000 \u00a0".split(
    " ",
  );

const VALID = [
  'user.age >= 21 && user.name == "bob"',
  "items.exists(i, i.price > 100.0) || has(a.b.c) and not (x in [1, 2u, -3.5])",
  "a ? b.?c[?0].orValue('x') : {'k': [1, ?y], ?z: r'\\d+'}['k'] is not null",
  "cel.bind(t, xs.map(k, v, k + v), t.size() not in @args) ?? -0x7F % 2 === b'\\x00'",
  "xs.transformMap(k, v, v > 1, `x` + a.`b c` - .root.f(1, '''y''')) !== undefined",
  "total {{cart.total:>8.2f}} of {{ {'a': 1}.a = }} \\{{ {{not x ? 'y' : 'z':q}}",
];

function soup(next: () => number): string {
  let text = "";
  for (let n = Math.floor(next() * 24); n >= 0; n--)
    text += TOKENS[Math.floor(next() * TOKENS.length)]! + (next() < 0.6 ? " " : "");
  return text;
}

function mutate(next: () => number): string {
  let text = VALID[Math.floor(next() * VALID.length)]!;
  for (let n = Math.floor(next() * 4); n >= 0; n--) {
    const at = Math.floor(next() * (text.length + 1));
    const kind = next();
    const token = TOKENS[Math.floor(next() * TOKENS.length)]!;
    if (kind < 0.3) text = text.slice(0, at) + text.slice(at + 1 + Math.floor(next() * 6));
    else if (kind < 0.7) text = text.slice(0, at) + token + text.slice(at);
    else if (kind < 0.85) text = text.slice(0, at);
    else text = text.slice(0, at) + text.slice(Math.floor(next() * text.length));
  }
  return text;
}

/** Every promise of a tree: spans inside the source and inside their parent's, dense ids, bounded depth. */
function checkTree(source: string, roots: readonly Expr[], nodes: number): void {
  const ids = new Set<number>();
  const walk = (expr: Expr, from: number, to: number, depth: number): void => {
    if (expr.from < from || expr.to > to || expr.from >= expr.to)
      throw new Error(`span ${expr.from}-${expr.to} of ${expr.kind}`);
    if (depth > LIMITS.depth) throw new Error("too deep");
    if (ids.has(expr.id) || expr.id < 1 || expr.id > nodes) throw new Error(`id ${expr.id} of ${nodes}`);
    ids.add(expr.id);
    for (const child of childrenOf(expr)) walk(child, expr.from, expr.to, depth + 1);
  };
  for (const root of roots) walk(root, 0, source.length, 1);
  if (ids.size !== nodes) throw new Error(`${ids.size} ids, ${nodes} nodes`);
}

/** Whether the source parses; throws if anything but a CompileError with a proper place comes out. */
function tryBoth(source: string): number {
  let parsed = 0;
  for (const parse of [
    () => {
      const { expr, nodes, lints } = parseCondition(source);
      return { roots: [expr], nodes, lints };
    },
    () => {
      const { parts, nodes, lints } = parseTemplate(source);
      return { roots: parts.flatMap((part) => (part.kind === "hole" ? [part.expr] : [])), nodes, lints };
    },
  ]) {
    try {
      const { roots, nodes, lints } = parse();
      checkTree(source, roots, nodes);
      for (const { from, to } of lints)
        if (from < 0 || to > source.length || from >= to) throw new Error("span of a lint");
      parsed++;
    } catch (error) {
      if (!(error instanceof CompileError)) throw new Error(`on ${JSON.stringify(source)}: ${error}`, { cause: error });
      const { span, message, remedy, snippet } = error;
      const placed = span.from >= 0 && span.from <= span.to && span.to <= source.length;
      if (!placed || !message || !remedy || !snippet.includes("^"))
        throw new Error(`on ${JSON.stringify(source)}: ${span.from}-${span.to} ${message}`);
    }
  }
  return parsed;
}

describe("any text", () => {
  it.each([
    ["token soup", soup, 0x5eed],
    ["mutated sources", mutate, 0xcafe],
  ] as const)("made as %s parses or is refused with a place in it", (_, make, seed) => {
    const next = fractions(seed);
    const end = performance.now() + BUDGET_MS;
    let parsed = 0;
    let tried = 0;
    for (; tried < ROUNDS && performance.now() < end; tried++) parsed += tryBoth(make(next));
    expect(parsed).toBeGreaterThan(tried / 50);
  });

  it("cut anywhere does the same", () => {
    for (const source of VALID) for (let at = 0; at <= source.length; at++) tryBoth(source.slice(0, at));
  });
});
