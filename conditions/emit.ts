// Turns a checked and planned expression into instructions: the front door of the emitter, and the condition form.
// Never traps, never loops without spending a step.
import * as abi from "../engine/abi.ts";
import type { Expr } from "./ast.ts";
import { call, constant, type Emitter, emitPath, ifTag, isBoolean, negate, pushBase, slotOffset } from "./emitter.ts";
import { emitBoolMacro } from "./loops.ts";
import type { EngineFunction } from "./module.ts";
import { emitBinary, ifText } from "./relations.ts";
import { constantSlot, emitSize, emitSlot } from "./values.ts";
import { OP } from "./wasm.ts";

/** An emitter for one compilation. */
export function makeEmitter(parts: Omit<Emitter, "condition" | "slot" | "elements">): Emitter {
  const e: Emitter = {
    ...parts,
    elements: new Map(),
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
      emitPath(e, ref, expr.id);
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
  const word = e.checked.constants.get(expr.id);
  if (expr.kind === "literal" && expr.value.type === "bool") code.i32(expr.value.value ? 1 : 0);
  else if (word === "true" || word === "false") code.i32(word === "true" ? 1 : 0);
  else if (expr.kind === "unary" && expr.op === "!") {
    e.condition(expr.operand);
    negate(e);
  } else if (expr.kind === "binary" && expr.op !== "??" && isBoolean(e, expr)) emitBinary(e, expr);
  else if (expr.kind === "call" && isBoolean(e, expr) && e.checked.operations.get(expr.id)?.name !== "bool")
    emitPredicate(e, expr);
  else if (expr.kind === "macro" && isBoolean(e, expr)) {
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

/** Calls that give a bool. */
function emitPredicate(e: Emitter, expr: Expr): void {
  const operation = e.checked.operations.get(expr.id);
  const { code } = e;
  const [first, second] = (operation?.operands ?? []) as [Expr, Expr];
  switch (operation?.name) {
    case "not":
      e.condition(first);
      return negate(e);
    case "isEmpty":
      emitSize(e, expr, first);
      constantSlot(e, abi.TAG_INT, () => {});
      code.i32(expr.id);
      return call(e, "equals");
    default: {
      const general = () => {
        e.slot(first);
        e.slot(second);
        code.i32(expr.id);
        call(e, operation?.name as EngineFunction);
      };
      const ref = e.plan.paths.get(first.id);
      const constant = second.kind === "literal" && second.value.type === "string" ? second.value.value : null;
      if (operation?.name !== "startsWith" || ref === undefined || constant === null) return general();
      ifText(e, ref, constant, OP.i32GeU, general);
    }
  }
}
