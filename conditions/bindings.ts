// Macros that give a value a name: `cel.bind`, and `optMap` and `optFlatMap`, which name what an optional holds.
import * as abi from "../engine/abi.ts";
import type { Expr, Macro } from "./ast.ts";
import type { Binding } from "./check.ts";
import { call, type Emitter, isCondition } from "./emitter.ts";
import { OP } from "./wasm.ts";

/** The only variable of a macro. */
function variableOf(e: Emitter, expr: Macro): Binding {
  return (e.checked.macroBindings.get(expr.id) as readonly Binding[])[0] as Binding;
}

/** `cel.bind(x, value, body)`: the value is computed once. An error of it is raised where it is used. */
export function emitBind(e: Emitter, expr: Macro, form: (body: Expr) => void): void {
  const binding = variableOf(e, expr);
  if (!e.plan.aliases.has(binding)) {
    const local = e.code.local();
    if (isCondition(e, expr.target)) {
      e.condition(expr.target);
      e.verdicts.add(binding);
    } else e.slot(expr.target);
    e.code.set(local);
    e.locals.set(binding, local);
  }
  form(expr.body as Expr);
}

/** `a.?b.optMap(x, e)`, `a.?b.optFlatMap(x, e)`: leaves an optional or an error. */
export function emitOpened(e: Emitter, expr: Macro): void {
  const { code } = e;
  const binding = variableOf(e, expr);
  const optional = code.local();
  const held = code.local();
  e.slot(expr.target);
  code.tee(optional).i32(expr.id);
  call(e, "unwrap");
  code.tee(held).op(OP.i32Eqz).open(OP.if).get(optional).op(OP.else);
  code.get(held).load(0).i32(abi.TAG_ERROR).op(OP.i32Eq).open(OP.if).get(held).op(OP.else);
  if (!e.plan.aliases.has(binding)) e.locals.set(binding, held);
  e.slot(expr.body as Expr);
  code.i32(expr.id);
  call(e, expr.name === "optMap" ? "optionalOf" : "asOptional");
  code.op(OP.end, OP.end);
}
