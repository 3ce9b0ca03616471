// The value form: literals, selections, arithmetic, conversions, lists and maps. Leaves a pointer to a slot.
import * as abi from "../engine/abi.ts";
import type { Binary, Expr } from "./ast.ts";
import { emitBind, emitOpened } from "./bindings.ts";
import { isFilter } from "./builder.ts";
import type { FailureCode } from "./check.ts";
import {
  call,
  constant,
  type Emitter,
  emitOperation,
  emitPath,
  emitVariable,
  isAbsence,
  isCondition,
  leaveIfError,
  pathNode,
  pushAddress,
} from "./emitter.ts";
import { emitCount, emitListMacro } from "./loops.ts";
import type { EngineFunction } from "./module.ts";
import { OP } from "./wasm.ts";

const ARITHMETIC: Readonly<Record<string, EngineFunction>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "mod",
};

const FAILURES: Readonly<Record<FailureCode, number>> = {
  undeclared: abi.ERR_UNDECLARED,
  no_such_overload: abi.ERR_NO_SUCH_OVERLOAD,
  invalid_argument: abi.ERR_INVALID_ARGUMENT,
};

/** A slot in the module's data. */
export function constantSlot(e: Emitter, tag: number, payload: (view: DataView) => void): void {
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
  if (ref !== undefined) return emitPath(e, ref, pathNode(e, expr));
  const optional = e.plan.optionals.get(expr.id);
  if (optional !== undefined) {
    pushAddress(e, optional);
    code.i32(optional.steps).i32(pathNode(e, expr));
    return call(e, "optionalAt");
  }
  const binding = e.checked.bindings.get(expr.id);
  if (binding !== undefined) return emitVariable(e, binding, expr.id);
  const word = e.checked.constants.get(expr.id);
  if (word === "null" || word === "undefined") return constantSlot(e, abi.TAG_NULL, () => {});
  if (expr.kind === "literal") return emitLiteral(e, expr);
  const type = e.checked.typeNames.get(expr.id);
  if (type !== undefined) return constant(e, e.constants.textSlot(abi.TAG_TYPE, new TextEncoder().encode(type)));
  if (isCondition(e, expr)) {
    e.condition(expr);
    return call(e, "fromBool");
  }
  switch (expr.kind) {
    case "select": {
      const name = e.constants.text(expr.field);
      e.slot(expr.operand);
      if (expr.field === "length" && !expr.optional) {
        code.i32(expr.id);
        return call(e, "lengthOf");
      }
      constant(e, name.offset);
      code.i32(name.length).i32(expr.id);
      return call(e, expr.optional ? "optionalSelect" : "select");
    }
    case "index":
      return emitPair(e, expr.operand, expr.index, expr.optional ? "optionalIndex" : "index", expr.id);
    case "unary":
      e.slot(expr.operand);
      code.i32(expr.id);
      return call(e, "neg");
    case "binary":
      if (expr.op === "??") return emitCoalesce(e, expr);
      return emitPair(e, expr.left, expr.right, ARITHMETIC[expr.op] as EngineFunction, expr.id);
    case "ternary": {
      const t = code.local();
      e.condition(expr.condition);
      code.tee(t).i32(1).op(OP.i32GtS).open(OP.if).get(t);
      call(e, "fromBool");
      code.op(OP.else).get(t).open(OP.if);
      e.slot(expr.yes);
      code.op(OP.else);
      e.slot(expr.no);
      code.op(OP.end, OP.end);
      return;
    }
    case "list":
    case "map":
      return emitContainer(e, expr);
    case "macro":
      if (expr.name === "bind") return emitBind(e, expr, e.slot);
      if (expr.name === "optMap" || expr.name === "optFlatMap") return emitOpened(e, expr);
      return emitListMacro(e, expr);
    default:
      return emitCall(e, expr);
  }
}

function emitPair(e: Emitter, left: Expr, right: Expr, name: EngineFunction, node: number): void {
  e.slot(left);
  e.slot(right);
  e.code.i32(node);
  call(e, name);
}

/** Calls that give a value. */
function emitCall(e: Emitter, expr: Expr): void {
  const operation = e.checked.operations.get(expr.id);
  if (operation === undefined) {
    // Unknown function or wrong arguments: an error value, because `||` and `&&` may absorb it.
    const code = e.checked.failures.get(expr.id) ?? "undeclared";
    e.code.i32(FAILURES[code]).i32(expr.id);
    return call(e, "error");
  }
  emitOperation(e, expr, operation);
}

export function emitSize(e: Emitter, expr: Expr, operand: Expr): void {
  const { code } = e;
  const ref = e.plan.paths.get(operand.id);
  if (ref?.path.want !== "size") {
    if (isFilter(operand)) return emitCount(e, operand, expr.id);
    e.slot(operand);
    code.i32(expr.id);
    return call(e, "size");
  }
  // A reader that was asked for the size only has put it into the slot.
  emitPath(e, ref, pathNode(e, operand), expr.id);
}

function emitCoalesce(e: Emitter, expr: Binary): void {
  const { code } = e;
  const s = code.local();
  const t = code.local();
  e.slot(expr.left);
  code.tee(s).load(0).i32(abi.TAG_ERROR).op(OP.i32Eq).open(OP.if).get(s).load(abi.SLOT_LENGTH).set(t);
  isAbsence(e, t);
  code.op(OP.else).get(s).load(0).i32(abi.TAG_NULL).op(OP.i32Eq, OP.end).open(OP.if);
  e.slot(expr.right);
  code.op(OP.else).get(s).op(OP.end);
}

function emitContainer(e: Emitter, expr: Extract<Expr, { kind: "list" | "map" }>): void {
  const { code } = e;
  const made = code.local();
  const key = code.local();
  const held = code.local();
  const count = expr.kind === "list" ? expr.items.length : expr.entries.length;
  code.open(OP.block).i32(count);
  call(e, expr.kind === "list" ? "newList" : "newMap");
  code.set(made);
  leaveIfError(e, made, 0);
  const value = (content: Expr, optional: boolean): void => {
    e.slot(content);
    if (!optional) {
      code.set(held);
      leaveIfError(e, held, 0);
      return;
    }
    code.i32(content.id);
    call(e, "unwrap");
    // None is left out.
    code.tee(held).openVoid(OP.if);
    leaveIfError(e, held, 1);
  };
  if (expr.kind === "list") {
    for (const item of expr.items) {
      value(item.value, item.optional);
      code.get(made).get(held);
      call(e, "push");
      code.op(OP.drop);
      if (item.optional) code.op(OP.end);
    }
  } else {
    for (const entry of expr.entries) {
      e.slot(entry.key);
      code.set(key);
      leaveIfError(e, key, 0);
      value(entry.value, entry.optional);
      code.get(made).get(key).get(held).i32(entry.key.id);
      call(e, "put");
      code.tee(held);
      call(e, "fromBool");
      code
        .get(held)
        .i32(1)
        .op(OP.i32GtS)
        .brIf(entry.optional ? 1 : 0)
        .op(OP.drop);
      if (entry.optional) code.op(OP.end);
    }
  }
  code.get(made).op(OP.end);
}
