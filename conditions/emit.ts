// Turns a checked and planned expression into instructions: the front door of the emitter, and the condition form.
// Never traps, never loops without spending a step.
import * as abi from "../engine/abi.ts";
import type { Expr } from "./ast.ts";
import { emitBind } from "./bindings.ts";
import {
  call,
  constant,
  type Emitter,
  emitOperation,
  emitPath,
  ifTag,
  isCondition,
  negate,
  pathNode,
  pushBase,
  slotOffset,
} from "./emitter.ts";
import type { Operation } from "./functions.ts";
import { emitBoolMacro } from "./loops.ts";
import { emitBinary } from "./relations.ts";
import { emitSlot } from "./values.ts";
import { OP } from "./wasm.ts";

/** An emitter for one compilation. */
export function makeEmitter(parts: Omit<Emitter, "condition" | "slot" | "locals" | "verdicts">): Emitter {
  const { code, checked, plan, constants, imports } = parts;
  const e: Emitter = {
    code,
    checked,
    plan,
    constants,
    imports,
    locals: new Map(),
    verdicts: new Set(),
    condition: (expr) => emitCondition(e, expr),
    slot: (expr) => emitSlot(e, expr),
  };
  return e;
}

/** Leaves 0, 1 or a packed error. */
function emitCondition(e: Emitter, expr: Expr): void {
  const { code } = e;
  const ref = e.plan.paths.get(expr.id);
  if (ref !== undefined) {
    const slow = () => {
      emitPath(e, ref, pathNode(e, expr));
      code.i32(expr.id);
      call(e, "truth");
    };
    ifTag(
      e,
      ref,
      abi.TAG_BOOL,
      () => {
        pushBase(e, ref);
        code.load(slotOffset(ref) + abi.SLOT_PAYLOAD);
      },
      slow,
    );
    return;
  }
  const binding = e.checked.bindings.get(expr.id);
  if (binding !== undefined && e.verdicts.has(binding)) {
    code.get(e.locals.get(binding) as number);
    return;
  }
  const word = e.checked.constants.get(expr.id);
  if (expr.kind === "literal" && expr.value.type === "bool") code.i32(expr.value.value ? 1 : 0);
  else if (word === "true" || word === "false") code.i32(word === "true" ? 1 : 0);
  else if (expr.kind === "unary" && expr.op === "!") {
    e.condition(expr.operand);
    negate(e);
  } else if (expr.kind === "binary" && isCondition(e, expr)) emitBinary(e, expr);
  else if (expr.kind === "call" && isCondition(e, expr))
    emitOperation(e, expr, e.checked.operations.get(expr.id) as Operation);
  else if (expr.kind === "macro" && expr.name === "bind") emitBind(e, expr, e.condition);
  else if (expr.kind === "macro" && isCondition(e, expr)) {
    if (expr.name === "has") emitHas(e, expr.target);
    else emitBoolMacro(e, expr);
  } else if (expr.kind === "ternary") {
    const t = code.local();
    e.condition(expr.condition);
    code.tee(t).i32(1).op(OP.i32GtS).open(OP.if).get(t).op(OP.else);
    code.get(t).open(OP.if);
    e.condition(expr.yes);
    code.op(OP.else);
    e.condition(expr.no);
    code.op(OP.end, OP.end);
  } else {
    e.slot(expr);
    code.i32(expr.id);
    call(e, "truth");
  }
}

function emitHas(e: Emitter, target: Expr): void {
  const { code } = e;
  const ref = e.plan.paths.get(target.id);
  if (e.plan.optionals.has(target.id)) {
    e.slot(target);
    code.i32(target.id);
    return call(e, "hasValue");
  }
  if (ref === undefined) {
    const { operand, field } = target as Extract<Expr, { kind: "select" }>;
    const name = e.constants.text(field);
    e.slot(operand);
    constant(e, name.offset);
    code.i32(name.length).i32(target.id);
    call(e, "hasField");
    return;
  }
  const t = code.local();
  pushBase(e, ref);
  code.load(slotOffset(ref)).i32(abi.TAG_ERROR).op(OP.i32Ne).open(OP.if).i32(1).op(OP.else);
  // Absent is false only if the last step failed: with steps to go (`up`) the holder itself is missing.
  pushBase(e, ref);
  code
    .load(slotOffset(ref) + abi.SLOT_LENGTH)
    .tee(t)
    .i32(abi.ERR_NO_SUCH_FIELD)
    .op(OP.i32Eq);
  code.get(t).i32(abi.ERR_NO_SUCH_KEY).op(OP.i32Eq, OP.i32Or).open(OP.if).i32(0).op(OP.else);
  emitPath(e, ref, target.id);
  code.load(abi.SLOT_LENGTH).op(OP.end, OP.end);
}
