// Turns a checked and planned expression into instructions. Two forms of every expression: a condition (i32: 0, 1 or a packed
// error) and a slot (pointer). Never traps, never loops without spending a step.
import * as abi from "../engine/abi.ts";
import type { Binary, Expr } from "./ast.ts";
import type { Binding, Checked } from "./check.ts";
import { emitBoolMacro, emitListMacro } from "./loops.ts";
import { type Constants, type EngineFunction, GLOBAL, type Imports } from "./module.ts";
import type { PathRef, Plan } from "./plan.ts";
import { Code, OP } from "./wasm.ts";

/** Where a macro variable's current element is: a record or a slot. */
export interface Emitter {
  readonly code: Code;
  readonly checked: Checked;
  readonly plan: Plan;
  readonly constants: Constants;
  readonly imports: Imports;
  /** The local that points at the current element, by macro variable. */
  readonly elements: Map<Binding, number>;
}

const ORDER: Readonly<Record<string, number>> = { "<": abi.OP_LT, "<=": abi.OP_LE, ">": abi.OP_GT, ">=": abi.OP_GE };
const DOUBLE_ORDER: Readonly<Record<string, number>> = {
  "<": OP.f64Lt, "<=": OP.f64Le, ">": OP.f64Gt, ">=": OP.f64Ge, "==": OP.f64Eq, "!=": OP.f64Ne,
};
const MIRROR: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=" };
const ARITHMETIC: Readonly<Record<string, EngineFunction>> = { "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod" };
const CONVERSION: Readonly<Record<string, EngineFunction>> = {
  int: "toInt", uint: "toUint", double: "toDouble", string: "toText", bool: "toBool",
};

export function call(e: Emitter, name: EngineFunction): void {
  e.code.call(e.imports.index(name));
}

/** The address of a constant. */
function constant(e: Emitter, offset: number): void {
  e.code.global(GLOBAL.base);
  if (offset > 0) e.code.i32(offset).op(OP.i32Add);
}

/** Static offset to use with `pushBase`: loads from the slot of a path need no address arithmetic. */
function slotOffset(ref: PathRef): number {
  if (ref.path.slot < 0) throw new Error("internal: a path without a slot was used");
  return ref.path.slot * abi.SLOT_BYTES + (ref.base === null ? abi.ARENA_BASE : 0);
}

function pushBase(e: Emitter, ref: PathRef): void {
  if (ref.base === null) e.code.i32(0);
  else e.code.get(e.elements.get(ref.base) as number);
}

export function pushAddress(e: Emitter, ref: PathRef, slot: number): void {
  if (ref.base === null) {
    e.code.i32(abi.ARENA_BASE + slot * abi.SLOT_BYTES);
    return;
  }
  e.code.get(e.elements.get(ref.base) as number);
  if (slot > 0) e.code.i32(slot * abi.SLOT_BYTES).op(OP.i32Add);
}

/** The slot of a path, with this node's position put into an error that the reader left there. */
function emitPath(e: Emitter, ref: PathRef, node: number): void {
  const { code } = e;
  pushBase(e, ref);
  code.load(slotOffset(ref)).i32(abi.TAG_ERROR).op(OP.i32Eq).open(OP.if);
  pushAddress(e, ref, ref.path.slot);
  code.i32(node);
  call(e, "locate");
  code.op(OP.else);
  pushAddress(e, ref, ref.path.slot);
  code.op(OP.end);
}

/** Leaves `condition(slot tag == TAG) ? fast : slow` on the stack. */
function ifTag(e: Emitter, ref: PathRef, tag: number, fast: () => void, slow: () => void): void {
  pushBase(e, ref);
  e.code.load(slotOffset(ref)).i32(tag).op(OP.i32Eq).open(OP.if);
  fast();
  e.code.op(OP.else);
  slow();
  e.code.op(OP.end);
}

/** Drops to the error if the condition on the stack is one: leaves the flipped bit otherwise. */
function negate(e: Emitter): void {
  const t = e.code.local();
  e.code.tee(t).i32(1).op(OP.i32Xor).get(t).get(t).i32(2).op(OP.i32LtU, OP.select);
}

export function isBoolean(e: Emitter, expr: Expr): boolean {
  return e.checked.types.get(expr.id) === "bool";
}

/** Leaves 0, 1 or a packed error. */
export function emitCondition(e: Emitter, expr: Expr): void {
  const { code } = e;
  const ref = e.plan.paths.get(expr.id);
  if (ref !== undefined) {
    const slow = () => {
      emitPath(e, ref, expr.id);
      code.i32(expr.id);
      call(e, "truth");
    };
    ifTag(e, ref, abi.TAG_BOOL, () => {
      pushBase(e, ref);
      code.load(slotOffset(ref) + abi.SLOT_PAYLOAD);
    }, slow);
    return;
  }
  const word = e.checked.constants.get(expr.id);
  if (expr.kind === "literal" && expr.value.type === "bool") code.i32(expr.value.value ? 1 : 0);
  else if (word === "true" || word === "false") code.i32(word === "true" ? 1 : 0);
  else if (expr.kind === "unary" && expr.op === "!") {
    emitCondition(e, expr.operand);
    negate(e);
  } else if (expr.kind === "binary" && expr.op !== "??" && isBoolean(e, expr)) emitBinary(e, expr);
  else if (expr.kind === "call" && isBoolean(e, expr) && e.checked.operations.get(expr.id)?.name !== "bool") emitPredicate(e, expr);
  else if (expr.kind === "macro" && isBoolean(e, expr)) {
    if (expr.name === "has") emitHas(e, expr.target);
    else emitBoolMacro(e, expr);
  } else if (expr.kind === "ternary") {
    const t = code.local();
    emitCondition(e, expr.condition);
    code.tee(t).i32(1).op(OP.i32GtS).open(OP.if).get(t).op(OP.else);
    code.get(t).open(OP.if);
    emitCondition(e, expr.yes);
    code.op(OP.else);
    emitCondition(e, expr.no);
    code.op(OP.end, OP.end);
  } else {
    emitSlot(e, expr);
    code.i32(expr.id);
    call(e, "truth");
  }
}

function emitBinary(e: Emitter, expr: Binary): void {
  const { code } = e;
  if (expr.op === "&&" || expr.op === "||") {
    // The deciding value wins over an error on either side; two undecided sides give the left error first.
    const t = code.local();
    const u = code.local();
    const and = expr.op === "&&";
    emitCondition(e, expr.left);
    code.tee(t).i32(and ? 0 : 1).op(OP.i32Eq).open(OP.if).i32(and ? 0 : 1).op(OP.else);
    emitCondition(e, expr.right);
    code.tee(u).i32(and ? 0 : 1).op(OP.i32Eq).open(OP.if).i32(and ? 0 : 1).op(OP.else);
    code.get(t).get(u).get(t).i32(1).op(OP.i32GtS, OP.select, OP.end, OP.end);
    return;
  }
  const undefinedSide = [expr.left, expr.right].findIndex((side) => e.checked.constants.get(side.id) === "undefined");
  if ((expr.op === "==" || expr.op === "!=") && undefinedSide >= 0) {
    emitIsUndefined(e, undefinedSide === 0 ? expr.right : expr.left);
    if (expr.op === "!=") negate(e);
    return;
  }
  const ref = expr.op === "in" ? undefined : e.plan.paths.get(expr.left.id);
  if (ref !== undefined && emitWithLiteral(e, expr, ref, expr.left, expr.right, expr.op)) return;
  const mirrored = expr.op === "in" ? undefined : e.plan.paths.get(expr.right.id);
  if (mirrored !== undefined && emitWithLiteral(e, expr, mirrored, expr.right, expr.left, MIRROR[expr.op] as string)) return;
  emitSlot(e, expr.left);
  emitSlot(e, expr.right);
  if (expr.op === "in") {
    e.code.i32(expr.id);
    call(e, "isIn");
  } else emitRelation(e, expr, expr.op);
}

/** The general relation of two slots on the stack. */
function emitRelation(e: Emitter, expr: Expr, op: string): void {
  if (op === "==" || op === "!=") {
    e.code.i32(expr.id);
    call(e, "equals");
    if (op === "!=") negate(e);
    return;
  }
  e.code.i32(ORDER[op] as number).i32(expr.id);
  call(e, "compare");
}

/** A path against a number or text constant: one tag test, then the comparison itself. False if there is no such shortcut. */
function emitWithLiteral(e: Emitter, expr: Expr, ref: PathRef, path: Expr, literal: Expr, op: string): boolean {
  if (literal.kind !== "literal") return false;
  const { value } = literal;
  const { code } = e;
  if (value.type === "string" && (op === "==" || op === "!=")) {
    const text = e.constants.text(value.value);
    emitPath(e, ref, path.id);
    constant(e, text.offset);
    code.i32(text.length).i32(expr.id);
    call(e, "textIs");
    if (op === "!=") negate(e);
    return true;
  }
  const number = value.type === "double" || value.type === "int" || value.type === "uint" ? Number(value.value) : Number.NaN;
  // An int that no double equals must be compared exactly, by the engine.
  if (Number.isNaN(number) || (value.type !== "double" && !Number.isSafeInteger(number))) return false;
  const fast = () => {
    pushBase(e, ref);
    code.loadDouble(slotOffset(ref) + abi.SLOT_PAYLOAD).double(number).op(DOUBLE_ORDER[op] as number);
  };
  ifTag(e, ref, abi.TAG_DOUBLE, fast, () => {
    emitPath(e, ref, path.id);
    emitSlot(e, literal);
    emitRelation(e, expr, op);
  });
  return true;
}

/** Leaves 1 if the code in local `t` (an ERROR's packed value) is one that `??` and `undefined` take as absence. */
function isAbsence(e: Emitter, t: number): void {
  e.code.get(t).i32(abi.ERR_CODE_MASK).op(OP.i32And).i32(abi.ERR_NO_SUCH_FIELD).op(OP.i32Sub);
  e.code.i32(abi.ERR_NULL_DEREF - abi.ERR_NO_SUCH_FIELD + 1).op(OP.i32LtU);
}

function emitIsUndefined(e: Emitter, operand: Expr): void {
  const { code } = e;
  const s = code.local();
  const t = code.local();
  emitSlot(e, operand);
  code.tee(s).load(0).i32(abi.TAG_ERROR).op(OP.i32Eq).open(OP.if).get(s).load(abi.SLOT_LENGTH).set(t);
  isAbsence(e, t);
  code.open(OP.if).i32(1).op(OP.else).get(t).op(OP.end, OP.else);
  code.get(s).load(0).i32(abi.TAG_NULL).op(OP.i32Eq, OP.end);
}

function emitHas(e: Emitter, target: Expr): void {
  const { code } = e;
  const ref = e.plan.paths.get(target.id);
  if (ref === undefined) {
    const { operand, field } = target as Extract<Expr, { kind: "select" }>;
    const name = e.constants.text(field);
    emitSlot(e, operand);
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
  code.load(slotOffset(ref) + abi.SLOT_LENGTH).tee(t).i32(abi.ERR_NO_SUCH_FIELD).op(OP.i32Eq);
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
      emitCondition(e, first);
      return negate(e);
    case "isEmpty":
      emitSize(e, expr, first);
      constantSlot(e, abi.TAG_INT, () => {});
      code.i32(expr.id);
      return call(e, "equals");
    default:
      emitSlot(e, first);
      emitSlot(e, second);
      code.i32(expr.id);
      call(e, operation?.name as EngineFunction);
  }
}

/** A slot in the module's data. */
function constantSlot(e: Emitter, tag: number, payload: (view: DataView) => void): void {
  constant(e, e.constants.slot(tag, payload));
}

function emitLiteral(e: Emitter, expr: Extract<Expr, { kind: "literal" }>): void {
  const { value } = expr;
  switch (value.type) {
    case "null":
      return constantSlot(e, abi.TAG_NULL, () => {});
    case "bool":
      return constantSlot(e, abi.TAG_BOOL, (view) => view.setInt32(abi.SLOT_PAYLOAD, value.value ? 1 : 0, true));
    case "int":
      return constantSlot(e, abi.TAG_INT, (view) => view.setBigInt64(abi.SLOT_PAYLOAD, value.value, true));
    case "uint":
      return constantSlot(e, abi.TAG_UINT, (view) => view.setBigUint64(abi.SLOT_PAYLOAD, value.value, true));
    case "double":
      return constantSlot(e, abi.TAG_DOUBLE, (view) => view.setFloat64(abi.SLOT_PAYLOAD, value.value, true));
    case "string":
      return constant(e, e.constants.textSlot(abi.TAG_STRING, new TextEncoder().encode(value.value)));
    case "bytes":
      return constant(e, e.constants.textSlot(abi.TAG_BYTES, value.value));
  }
}

/** Leaves a pointer to a slot. */
export function emitSlot(e: Emitter, expr: Expr): void {
  const { code } = e;
  const ref = e.plan.paths.get(expr.id);
  if (ref !== undefined) return emitPath(e, ref, expr.id);
  const binding = e.checked.bindings.get(expr.id);
  if (binding !== undefined) {
    code.get(e.elements.get(binding) as number);
    return;
  }
  const word = e.checked.constants.get(expr.id);
  if (word === "null" || word === "undefined") return constantSlot(e, abi.TAG_NULL, () => {});
  if (expr.kind === "literal") return emitLiteral(e, expr);
  const coalesced = expr.kind === "binary" && expr.op === "??";
  if (isBoolean(e, expr) && !coalesced && e.checked.operations.get(expr.id)?.name !== "bool") {
    emitCondition(e, expr);
    return call(e, "fromBool");
  }
  switch (expr.kind) {
    case "select": {
      const name = e.constants.text(expr.field);
      emitSlot(e, expr.operand);
      if (expr.field === "length") {
        code.i32(expr.id);
        return call(e, "lengthOf");
      }
      constant(e, name.offset);
      code.i32(name.length).i32(expr.id);
      return call(e, "select");
    }
    case "index":
      return emitPair(e, expr.operand, expr.index, "index", expr.id);
    case "unary":
      emitSlot(e, expr.operand);
      code.i32(expr.id);
      return call(e, "neg");
    case "binary":
      if (expr.op === "??") return emitCoalesce(e, expr);
      return emitPair(e, expr.left, expr.right, ARITHMETIC[expr.op] as EngineFunction, expr.id);
    case "ternary": {
      const t = code.local();
      emitCondition(e, expr.condition);
      code.tee(t).i32(1).op(OP.i32GtS).open(OP.if).get(t);
      call(e, "fromBool");
      code.op(OP.else).get(t).open(OP.if);
      emitSlot(e, expr.yes);
      code.op(OP.else);
      emitSlot(e, expr.no);
      code.op(OP.end, OP.end);
      return;
    }
    case "list":
    case "map":
      return emitContainer(e, expr);
    case "macro":
      return emitListMacro(e, expr);
    default:
      return emitCall(e, expr);
  }
}

function emitPair(e: Emitter, left: Expr, right: Expr, name: EngineFunction, node: number): void {
  emitSlot(e, left);
  emitSlot(e, right);
  e.code.i32(node);
  call(e, name);
}

/** Calls that give a value. */
function emitCall(e: Emitter, expr: Expr): void {
  const operation = e.checked.operations.get(expr.id);
  if (operation === undefined) {
    // Unknown function or wrong arguments: an error value, because `||` and `&&` may absorb it.
    const code = e.checked.failures.get(expr.id) === "undeclared" ? abi.ERR_UNDECLARED : abi.ERR_NO_SUCH_OVERLOAD;
    e.code.i32(code).i32(expr.id);
    return call(e, "error");
  }
  const [first] = operation.operands as [Expr];
  if (operation.name === "size") return emitSize(e, expr, first);
  emitSlot(e, first);
  if (operation.name === "dyn") return;
  e.code.i32(expr.id);
  call(e, CONVERSION[operation.name] as EngineFunction);
}

function emitSize(e: Emitter, expr: Expr, operand: Expr): void {
  emitSlot(e, operand);
  // A reader that was asked for the size only has put it into the slot.
  if (e.plan.paths.get(operand.id)?.path.want === "size") return;
  e.code.i32(expr.id);
  call(e, "size");
}

function emitCoalesce(e: Emitter, expr: Binary): void {
  const { code } = e;
  const s = code.local();
  const t = code.local();
  emitSlot(e, expr.left);
  code.tee(s).load(0).i32(abi.TAG_ERROR).op(OP.i32Eq).open(OP.if).get(s).load(abi.SLOT_LENGTH).set(t);
  isAbsence(e, t);
  code.op(OP.else).get(s).load(0).i32(abi.TAG_NULL).op(OP.i32Eq, OP.end).open(OP.if);
  emitSlot(e, expr.right);
  code.op(OP.else).get(s).op(OP.end);
}

/** Leaves the slot in local `s` from the enclosing block if it is an error; `depth` counts blocks from the one this opens. */
export function leaveIfError(e: Emitter, s: number, depth: number): void {
  e.code.get(s).get(s).load(0).i32(abi.TAG_ERROR).op(OP.i32Eq).brIf(depth).op(OP.drop);
}

function emitContainer(e: Emitter, expr: Extract<Expr, { kind: "list" | "map" }>): void {
  const { code } = e;
  const made = code.local();
  const key = code.local();
  const value = code.local();
  const count = expr.kind === "list" ? expr.items.length : expr.entries.length;
  code.open(OP.block).i32(count);
  call(e, expr.kind === "list" ? "newList" : "newMap");
  code.set(made);
  leaveIfError(e, made, 0);
  if (expr.kind === "list") {
    for (const item of expr.items) {
      emitSlot(e, item.value);
      code.set(value);
      leaveIfError(e, value, 0);
      code.get(made).get(value);
      call(e, "push");
      code.op(OP.drop);
    }
  } else {
    for (const entry of expr.entries) {
      emitSlot(e, entry.key);
      code.set(key);
      leaveIfError(e, key, 0);
      emitSlot(e, entry.value);
      code.set(value);
      leaveIfError(e, value, 0);
      code.get(made).get(key).get(value).i32(entry.key.id);
      call(e, "put");
      code.tee(value);
      call(e, "fromBool");
      code.get(value).i32(1).op(OP.i32GtS).brIf(0).op(OP.drop);
    }
  }
  code.get(made).op(OP.end);
}
