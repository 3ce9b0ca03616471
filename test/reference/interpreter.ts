// A small interpreter of the language, straight from language.md, over the same syntax tree as the compiler. It knows no budget, no
// caps and no cut values: what needs them is tested elsewhere.
import type { Binary, Expr, Macro } from "../../conditions/ast.ts";
import { callFunction, sizeOf } from "./functions.ts";
import { evaluateMacro } from "./macros.ts";
import { arithmetic, negate, relation, within } from "./operators.ts";
import { bool, Fail, find, int, isKeyed, isNumber, NULL, text, type Value } from "./values.ts";

/** What a name stands for, innermost first. */
export interface Scope {
  readonly name: string;
  /** Of `cel.bind` it may be an error, which is raised where the name is used. */
  readonly value: Result;
  readonly outer: Scope | null;
}

export type Result = Value | Fail;

/** Errors that `??` and `undefined` take as absence. */
const ABSENT = new Set(["no_such_field", "no_such_key", "index", "null_deref"]);

export const isFail = (result: Result): result is Fail => result instanceof Fail;

export class Interpreter {
  private readonly variables: ReadonlyMap<string, Value>;

  constructor(variables: ReadonlyMap<string, Value>) {
    this.variables = variables;
  }

  evaluate(expr: Expr, scope: Scope | null = null): Result {
    switch (expr.kind) {
      case "literal":
        return expr.value.type === "null" ? NULL : ({ t: expr.value.type, v: expr.value.value } as Value);
      case "ident":
        return this.ident(expr, scope);
      case "special":
        return this.variables.get(`@${expr.name}`) ?? new Fail("undeclared", expr.id);
      case "select":
        return this.select(expr, scope);
      case "index":
        return this.index(expr, scope);
      case "unary": {
        if (expr.op === "!") {
          const operand = this.truth(expr.operand, scope);
          return isFail(operand) ? operand : bool(!operand.v);
        }
        const operand = this.evaluate(expr.operand, scope);
        return isFail(operand) ? operand : negate(operand, expr.id);
      }
      case "binary":
        return this.binary(expr, scope);
      case "ternary": {
        const condition = this.truth(expr.condition, scope);
        if (isFail(condition)) return condition;
        return this.evaluate(condition.v ? expr.yes : expr.no, scope);
      }
      case "list":
        return this.list(expr, scope);
      case "map":
        return this.map(expr, scope);
      case "call":
        return callFunction(this, expr, scope);
      case "macro":
        return expr.name === "has" ? this.has(expr, scope) : evaluateMacro(this, expr, scope);
    }
  }

  /** A bool, or the error that it is none: there is no truthiness. */
  truth(expr: Expr, scope: Scope | null): Extract<Value, { t: "bool" }> | Fail {
    if (expr.kind === "ternary") {
      const condition = this.truth(expr.condition, scope);
      return isFail(condition) ? condition : this.truth(condition.v ? expr.yes : expr.no, scope);
    }
    if (expr.kind === "macro" && expr.name === "bind") {
      const value = this.evaluate(expr.target, scope);
      return this.truth(expr.body as Expr, { name: expr.vars[0] as string, value, outer: scope });
    }
    const value = this.evaluate(expr, scope);
    if (isFail(value) || value.t === "bool") return value;
    return new Fail("not_bool", expr.id);
  }

  private ident(expr: Extract<Expr, { kind: "ident" }>, scope: Scope | null): Result {
    for (let at = expr.root ? null : scope; at !== null; at = at.outer) if (at.name === expr.name) return at.value;
    const found = this.variables.get(expr.name);
    if (found !== undefined) return found;
    if (expr.name === "None" || expr.name === "undefined") return NULL;
    if (expr.name === "True" || expr.name === "False") return bool(expr.name === "True");
    return new Fail("undeclared", expr.id);
  }

  private isUndefined(expr: Expr, scope: Scope | null): boolean {
    if (expr.kind !== "ident" || expr.name !== "undefined" || this.variables.has("undefined")) return false;
    for (let at = expr.root ? null : scope; at !== null; at = at.outer) if (at.name === "undefined") return false;
    return true;
  }

  private binary(expr: Binary, scope: Scope | null): Result {
    const { op } = expr;
    if (op === "&&" || op === "||") {
      const decides = op === "||";
      const left = this.truth(expr.left, scope);
      if (!isFail(left) && left.v === decides) return left;
      const right = this.truth(expr.right, scope);
      if (!isFail(right) && right.v === decides) return right;
      if (isFail(left)) return left;
      return isFail(right) ? right : bool(!decides);
    }
    if (op === "??") {
      const left = this.evaluate(expr.left, scope);
      const isAbsent = isFail(left) ? ABSENT.has(left.code) : left.t === "null";
      return isAbsent ? this.evaluate(expr.right, scope) : left;
    }
    if (op === "==" || op === "!=") {
      const sides = [expr.left, expr.right];
      const at = sides.findIndex((side) => this.isUndefined(side, scope));
      if (at >= 0) {
        const value = this.evaluate(sides[1 - at] as Expr, scope);
        if (isFail(value) && !ABSENT.has(value.code)) return value;
        return bool((isFail(value) || value.t === "null") === (op === "=="));
      }
    }
    const left = this.evaluate(expr.left, scope);
    const right = this.evaluate(expr.right, scope);
    if (isFail(left)) return left;
    if (isFail(right)) return right;
    if (op === "in") return within(left, right, expr.id);
    if (op === "+" || op === "-" || op === "*" || op === "/" || op === "%") return arithmetic(op, left, right, expr.id);
    return relation(op, left, right, expr.id);
  }

  private select(expr: Extract<Expr, { kind: "select" }>, scope: Scope | null): Result {
    const operand = this.evaluate(expr.operand, scope);
    if (isFail(operand)) return operand;
    if (!expr.optional && operand.t !== "optional" && expr.field === "length") {
      const own = isKeyed(operand) ? find(operand, text("length")) : undefined;
      if (own !== undefined) return own;
      return operand.t === "null" ? new Fail("null_deref", expr.id) : sizeOf(operand, expr.id);
    }
    return chained(operand, expr.optional, (value) => member(value, text(expr.field), expr.id, true));
  }

  private index(expr: Extract<Expr, { kind: "index" }>, scope: Scope | null): Result {
    const operand = this.evaluate(expr.operand, scope);
    if (isFail(operand)) return operand;
    const key = this.evaluate(expr.index, scope);
    if (isFail(key)) return key;
    return chained(operand, expr.optional, (value) => member(value, key, expr.id, false));
  }

  private has(expr: Macro, scope: Scope | null): Result {
    const target = expr.target as Extract<Expr, { kind: "select" }>;
    let operand = this.evaluate(target.operand, scope);
    if (isFail(operand)) return operand;
    if (operand.t === "optional") {
      if (operand.v === null) return bool(false);
      operand = operand.v;
    }
    if (isKeyed(operand)) return bool(find(operand, text(target.field)) !== undefined);
    return new Fail(operand.t === "null" ? "null_deref" : "no_such_overload", target.id);
  }

  private list(expr: Extract<Expr, { kind: "list" }>, scope: Scope | null): Result {
    const items: Value[] = [];
    for (const item of expr.items) {
      const value = this.evaluate(item.value, scope);
      if (isFail(value)) return value;
      if (!item.optional) items.push(value);
      else if (value.t !== "optional") return new Fail("no_such_overload", item.value.id);
      else if (value.v !== null) items.push(value.v);
    }
    return { t: "list", v: items };
  }

  private map(expr: Extract<Expr, { kind: "map" }>, scope: Scope | null): Result {
    const made: [Value, Value][] = [];
    for (const entry of expr.entries) {
      const key = this.evaluate(entry.key, scope);
      if (isFail(key)) return key;
      let value = this.evaluate(entry.value, scope);
      if (isFail(value)) return value;
      if (entry.optional) {
        if (value.t !== "optional") return new Fail("no_such_overload", entry.value.id);
        if (value.v === null) continue;
        value = value.v;
      }
      if (!["int", "uint", "string", "bool"].includes(key.t)) return new Fail("no_such_overload", entry.key.id);
      if (find({ t: "map", v: made }, key) !== undefined) return new Fail("invalid_argument", entry.key.id);
      made.push([key, value]);
    }
    return { t: "map", v: made };
  }
}

/** Selection through an optional, or that makes one. */
function chained(operand: Value, optional: boolean, get: (value: Value) => Result): Result {
  if (!optional && operand.t !== "optional") return get(operand);
  const inner = operand.t === "optional" ? operand.v : operand;
  if (inner === null) return { t: "optional", v: null };
  const found = get(inner);
  if (!isFail(found)) return { t: "optional", v: found };
  return ABSENT.has(found.code) && found.code !== "null_deref" ? { t: "optional", v: null } : found;
}

function member(holder: Value, key: Value, node: number, byName: boolean): Result {
  if (holder.t === "null") return new Fail("null_deref", node);
  if (isKeyed(holder)) {
    if (!isNumber(key) && key.t !== "string" && key.t !== "bool") return new Fail("no_such_overload", node);
    return find(holder, key) ?? new Fail(holder.t === "object" ? "no_such_field" : "no_such_key", node);
  }
  if (holder.t !== "list" || byName) return new Fail("no_such_overload", node);
  if (!isNumber(key)) return new Fail("no_such_overload", node);
  const at = typeof key.v === "bigint" ? key.v : Number.isInteger(key.v) ? BigInt(key.v) : -1n;
  return at >= 0n && at < BigInt(holder.v.length) ? holder.v[Number(at)]! : new Fail("index", node);
}

/** For functions: the size of a text, list or map. */
export const asInt = (size: number): Value => int(size);
