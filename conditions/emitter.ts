// What every part of the emitter shares: the state of one compilation and access to the slots of paths.
// Two forms of every expression: a condition (i32: 0, 1 or a packed error) and a slot (pointer).
import * as abi from "../engine/abi.ts";
import type { Expr } from "./ast.ts";
import type { Binding, Checked } from "./check.ts";
import { type Constants, GLOBAL } from "./constants.ts";
import type { Operation } from "./functions.ts";
import type { EngineFunction, Imports } from "./module.ts";
import type { PathRef, Plan } from "./plan.ts";
import { type Code, OP } from "./wasm.ts";

export interface Emitter {
  readonly code: Code;
  readonly checked: Checked;
  readonly plan: Plan;
  readonly constants: Constants;
  readonly imports: Imports;
  /** The local that points at a macro variable's value or, of a variable that stands for a record, at the record. */
  readonly locals: Map<Binding, number>;
  /** Variables of `cel.bind` whose local holds a condition and no pointer. */
  readonly verdicts: Set<Binding>;
  /** Leaves 0, 1 or a packed error. */
  readonly condition: (expr: Expr) => void;
  /** Leaves a pointer to a slot. */
  readonly slot: (expr: Expr) => void;
}

export function call(e: Emitter, name: EngineFunction): void {
  e.code.call(e.imports.index(name));
}

/** A call of the catalogue, in the form that its definition says: operands, node, engine function. */
export function emitOperation(e: Emitter, expr: Expr, { definition, operands }: Operation): void {
  if (definition.emit !== undefined) return definition.emit(e, expr, operands);
  for (const operand of operands) e.slot(operand);
  for (let i = operands.length; i < definition.max; i++) e.code.i32(0);
  if (definition.variant !== undefined) e.code.i32(definition.variant);
  e.code.i32(expr.id);
  call(e, definition.engine as EngineFunction);
}

/** The address of a constant. */
export function constant(e: Emitter, offset: number): void {
  e.code.global(GLOBAL.base);
  if (offset > 0) e.code.i32(offset).op(OP.i32Add);
}

/** Static offset to use with `pushBase`: loads from the slot of a path need no address arithmetic. */
export function slotOffset(ref: PathRef): number {
  if (ref.path.slot < 0) throw new Error("internal: a path without a slot was used");
  return ref.path.slot * abi.SLOT_BYTES + (ref.base === null ? abi.ARENA_BASE : 0);
}

export function pushBase(e: Emitter, ref: PathRef): void {
  if (ref.base === null) e.code.i32(0);
  else e.code.get(e.locals.get(ref.base) as number);
}

export function pushAddress(e: Emitter, ref: PathRef, slot: number = ref.path.slot): void {
  if (ref.base === null) {
    e.code.i32(abi.ARENA_BASE + slot * abi.SLOT_BYTES);
    return;
  }
  e.code.get(e.locals.get(ref.base) as number);
  if (slot > 0) e.code.i32(slot * abi.SLOT_BYTES).op(OP.i32Add);
}

/** The slot of a path, with this node's position put into an error that the reader left there. */
export function emitPath(e: Emitter, ref: PathRef, node: number): void {
  const { code } = e;
  pushBase(e, ref);
  code.load(slotOffset(ref)).i32(abi.TAG_ERROR).op(OP.i32Eq).open(OP.if);
  pushAddress(e, ref);
  code.i32(node);
  call(e, "locate");
  code.op(OP.else);
  pushAddress(e, ref);
  code.op(OP.end);
}

/** The variable of a macro that has a value of its own. An element that could not be read is blamed on this use. */
export function emitVariable(e: Emitter, binding: Binding, node: number): void {
  const { code } = e;
  const local = e.locals.get(binding) as number;
  if (e.verdicts.has(binding)) {
    code.get(local);
    return call(e, "fromBool");
  }
  code.get(local);
  if (!binding.element) return;
  code.load(0).i32(abi.TAG_ERROR).op(OP.i32Eq).open(OP.if).get(local).i32(node);
  call(e, "locate");
  code.op(OP.else).get(local).op(OP.end);
}

/** Leaves `condition(slot tag == TAG) ? fast : slow` on the stack. */
export function ifTag(e: Emitter, ref: PathRef, tag: number, fast: () => void, slow: () => void): void {
  pushBase(e, ref);
  e.code.load(slotOffset(ref)).i32(tag).op(OP.i32Eq).open(OP.if);
  fast();
  e.code.op(OP.else);
  slow();
  e.code.op(OP.end);
}

/** Drops to the error if the condition on the stack is one: leaves the flipped bit otherwise. */
export function negate(e: Emitter): void {
  const t = e.code.local();
  e.code.tee(t).i32(1).op(OP.i32Xor).get(t).get(t).i32(2).op(OP.i32LtU, OP.select);
}

/** True if the emitter gives this expression as a condition (i32) anyway; the slot form is made from it. */
export function isCondition(e: Emitter, expr: Expr): boolean {
  if (expr.kind === "call") return e.checked.operations.get(expr.id)?.definition.answer === "condition";
  if (expr.kind === "binary" && expr.op === "??") return false;
  return e.checked.types.get(expr.id) === "bool";
}

/** Leaves 1 if the code in local `t` (an ERROR's packed value) is one that `??` and `undefined` take as absence. */
export function isAbsence(e: Emitter, t: number): void {
  e.code.get(t).i32(abi.ERR_CODE_MASK).op(OP.i32And).i32(abi.ERR_NO_SUCH_FIELD).op(OP.i32Sub);
  e.code.i32(abi.ERR_NULL_DEREF - abi.ERR_NO_SUCH_FIELD + 1).op(OP.i32LtU);
}

/** Leaves the slot in local `s` from the enclosing block if it is an error; `depth` counts blocks from the one this opens. */
export function leaveIfError(e: Emitter, s: number, depth: number): void {
  e.code.get(s).get(s).load(0).i32(abi.TAG_ERROR).op(OP.i32Eq).brIf(depth).op(OP.drop);
}
