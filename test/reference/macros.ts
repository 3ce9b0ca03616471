// The macros of the reference interpreter: language.md sections 4 and 5.
import type { Expr, Macro } from "../../conditions/ast.ts";
import { type Interpreter, isFail, type Result, type Scope } from "./interpreter.ts";
import { bool, Fail, find, int, isKeyed, type Value } from "./values.ts";

/** One round of a macro: what its variables stand for. */
type Round = readonly Value[];

export function evaluateMacro(interpreter: Interpreter, expr: Macro, scope: Scope | null): Result {
  const target = interpreter.evaluate(expr.target, scope);
  if (expr.name === "bind")
    return interpreter.evaluate(expr.body as Expr, { name: expr.vars[0] as string, value: target, outer: scope });
  if (isFail(target)) return target;
  const inner = (round: Round): Scope | null =>
    round.reduce<Scope | null>((outer, value, i) => ({ name: expr.vars[i] as string, value, outer }), scope);
  if (expr.name === "optMap" || expr.name === "optFlatMap") {
    if (target.t !== "optional") return new Fail("no_such_overload", expr.id);
    if (target.v === null) return target;
    const made = interpreter.evaluate(expr.body as Expr, inner([target.v]));
    if (isFail(made)) return made;
    if (expr.name === "optMap") return { t: "optional", v: made };
    return made.t === "optional" ? made : new Fail("no_such_overload", expr.id);
  }
  const rounds = roundsOf(target, expr.vars.length);
  if (rounds === null) return new Fail("no_such_overload", expr.target.id);
  const truth = (part: Expr, round: Round) => interpreter.truth(part, inner(round));
  switch (expr.name) {
    case "all":
    case "exists": {
      const decides = expr.name === "exists";
      let error: Fail | null = null;
      for (const round of rounds) {
        const verdict = truth(expr.body as Expr, round);
        if (isFail(verdict)) error ??= verdict;
        else if (verdict.v === decides) return verdict;
      }
      return error ?? bool(!decides);
    }
    case "exists_one": {
      let count = 0;
      for (const round of rounds) {
        const verdict = truth(expr.body as Expr, round);
        if (isFail(verdict)) return verdict;
        if (verdict.v) count++;
      }
      return bool(count === 1);
    }
    case "transformMap":
      return transformMap(interpreter, expr, target, rounds, inner);
    default: {
      const made: Value[] = [];
      const condition = expr.name === "filter" ? expr.body : expr.filter;
      for (const round of rounds) {
        if (condition !== null) {
          const verdict = truth(condition, round);
          if (isFail(verdict)) return verdict;
          if (!verdict.v) continue;
        }
        const value =
          expr.name === "filter" ? (round[0] as Value) : interpreter.evaluate(expr.body as Expr, inner(round));
        if (isFail(value)) return value;
        made.push(value);
      }
      return { t: "list", v: made };
    }
  }
}

/** Keeps the keys: of a list these are the positions. */
function transformMap(
  interpreter: Interpreter,
  expr: Macro,
  target: Value,
  rounds: readonly Round[],
  inner: (round: Round) => Scope | null,
): Result {
  if (!isKeyed(target) && target.t !== "list") return new Fail("no_such_overload", expr.target.id);
  const made: [Value, Value][] = [];
  for (const round of rounds) {
    if (expr.filter !== null) {
      const verdict = interpreter.truth(expr.filter, inner(round));
      if (isFail(verdict)) return verdict;
      if (!verdict.v) continue;
    }
    const value = interpreter.evaluate(expr.body as Expr, inner(round));
    if (isFail(value)) return value;
    made.push([round[0] as Value, value]);
  }
  return { t: "map", v: made };
}

/** One variable: elements, or keys. Two: position and element, or key and value. */
function roundsOf(target: Value, variables: number): readonly Round[] | null {
  if (target.t === "list") return target.v.map((item, i) => (variables === 1 ? [item] : [int(i), item]));
  if (!isKeyed(target)) return null;
  return target.v.map(([key]) => (variables === 1 ? [key] : [key, find(target, key) as Value]));
}
