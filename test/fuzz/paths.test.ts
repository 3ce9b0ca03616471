// A variable read as paths and records must mean what the same variable means when it is read whole: `(true ? v : v)` takes the
// general form of every operation. Values and expressions are made at random from a seed.

import { expect, test } from "vitest";
import { compileValue } from "../../conditions/index.ts";
import { evaluate, type Outcome } from "../../host/evaluate.ts";
import { Guest } from "../../host/guest.ts";
import { random } from "./random.ts";

const guest = new Guest();
const ROUNDS = 1500;

const next = random(7);
const pick = <T>(choices: readonly T[]): T => choices[next(choices.length)] as T;
const times = <T>(make: () => T): T[] => Array.from({ length: next(4) }, make);

function value(depth: number): unknown {
  const kind = depth <= 0 ? 0 : next(7);
  if (kind <= 1) return pick([0, 1, 2.5, -1, "a", "ab", "", true, false, null, undefined, 3n, 10n ** 25n, "b"]);
  if (kind <= 3) return times(() => value(depth - 1));
  if (kind <= 5) return Object.fromEntries(times(() => [pick(["a", "b", "c", "length"]), value(depth - 1)]));
  return new Map(times(() => [pick<unknown>(["a", "b", 1, true, 2n, "length"]), value(depth - 1)]));
}

const STEPS = '.a .b .c .?a .?b [0] [1] [?0] ["a"] [?"b"] .length [1.0] [true] [v]'.split(" ");
const bound: string[] = [];

function path(): string {
  let text = pick(["v", "w", ...bound, ...bound]);
  for (let left = next(3); left > 0; left--) text += pick(STEPS);
  return text;
}

/** A body with more variables, for the macro that `write` makes of it. */
function withVariables(names: readonly string[], depth: number, write: (body: string) => string): string {
  if (bound.length > 2) return path();
  bound.push(...names);
  const body = expression(depth - 1);
  bound.length -= names.length;
  return write(body);
}

function expression(depth: number): string {
  if (depth <= 0) return next(3) > 0 ? path() : pick(["1", '"a"', "2.5", "null", "true", "[1]", '{"a": 1}']);
  const part = () => expression(depth - 1 - next(2));
  const name = `x${bound.length}`;
  switch (next(15)) {
    case 0:
      return `(${part()} == ${part()})`;
    case 1:
      return `(${part()} ?? ${part()})`;
    case 2:
      return `(${part()} && ${part()})`;
    case 3:
      return `(${part()} > 1)`;
    case 4:
      return `size(${part()})`;
    case 5:
      return `has(${path()}.a)`;
    case 6:
      return `(${part()} in ${part()})`;
    case 7:
      return `${path()}.orValue(${part()})`;
    case 8:
      return `(${part()}).hasValue()`;
    case 9:
    case 10: {
      const target = path();
      const macro = pick(["exists", "all", "exists_one", "map", "filter"]);
      return withVariables([name], depth, (body) => `${target}.${macro}(${name}, ${body})`);
    }
    case 11:
    case 12: {
      const target = path();
      const macro = pick(["exists", "all", "existsOne", "transformList", "transformMap"]);
      return withVariables(["k", name], depth, (body) => `${target}.${macro}(k, ${name}, ${body})`);
    }
    case 13: {
      const target = part();
      const bind = next(2) === 0;
      return withVariables([name], depth, (body) =>
        bind ? `cel.bind(${name}, ${target}, ${body})` : `(${target}).optMap(${name}, ${body})`,
      );
    }
    default:
      return `[${part()}, ${part()}]`;
  }
}

const essence = (outcome: Outcome): string => JSON.stringify("value" in outcome ? outcome.value : outcome);
const codeOf = (outcome: Outcome): string => ("error" in outcome ? outcome.error : "");

test("a path means what the whole value means", () => {
  let compared = 0;
  let values = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const vars = { v: value(3), w: value(2) };
    const source = expression(3);
    const general = source.replace(/(?<![\w.])([vw])(?!\w)/g, "(true ? $1 : $1)");
    const one = evaluate(guest, { expr: source }, vars);
    const other = evaluate(guest, { expr: general }, vars);
    expect([codeOf(one), codeOf(other)], source).not.toContain("internal");
    // Read whole, a value is cut at another depth; what is too dear is refused.
    const cut = /truncated/.test(essence(one) + essence(other));
    if (cut || codeOf(one) === "limit" || codeOf(other) === "limit") continue;
    compared++;
    if ("value" in one) values++;
    expect(one.steps, `${source} is cheaper than it says`).toBeLessThanOrEqual(compileValue(source).cost);
    const seen = [one, other].map((outcome) => ("value" in outcome ? outcome.value : codeOf(outcome)));
    expect(seen[0], `${source}\n${general}\n${String(vars.v)} ${String(vars.w)}`).toEqual(seen[1]);
  }
  expect(compared).toBeGreaterThan(ROUNDS / 2);
  expect(values).toBeGreaterThan(ROUNDS / 20);
});
