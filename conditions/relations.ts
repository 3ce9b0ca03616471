// Comparisons: the general ones through the engine, and shortcuts for a path against a constant number or short text.
import * as abi from "../engine/abi.ts";
import type { Binary, Expr } from "./ast.ts";
import { textBytes } from "./demands.ts";
import {
  call,
  constant,
  type Emitter,
  emitPath,
  ifTag,
  isAbsence,
  negate,
  pathNode,
  pushBase,
  slotOffset,
} from "./emitter.ts";
import type { PathRef } from "./plan.ts";
import { OP } from "./wasm.ts";

const ORDER: Readonly<Record<string, number>> = { "<": abi.OP_LT, "<=": abi.OP_LE, ">": abi.OP_GT, ">=": abi.OP_GE };

const DOUBLE_ORDER: Readonly<Record<string, number>> = {
  "<": OP.f64Lt,
  "<=": OP.f64Le,
  ">": OP.f64Gt,
  ">=": OP.f64Ge,
  "==": OP.f64Eq,
  "!=": OP.f64Ne,
};

const MIRROR: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=" };

export function emitBinary(e: Emitter, expr: Binary): void {
  const { code } = e;
  if (expr.op === "&&" || expr.op === "||") {
    // The deciding value wins over an error on either side; two undecided sides give the left error first.
    const t = code.local();
    const u = code.local();
    const and = expr.op === "&&";
    e.condition(expr.left);
    code
      .tee(t)
      .i32(and ? 0 : 1)
      .op(OP.i32Eq)
      .open(OP.if)
      .i32(and ? 0 : 1)
      .op(OP.else);
    e.condition(expr.right);
    code
      .tee(u)
      .i32(and ? 0 : 1)
      .op(OP.i32Eq)
      .open(OP.if)
      .i32(and ? 0 : 1)
      .op(OP.else);
    code.get(t).get(u).get(t).i32(1).op(OP.i32GtS, OP.select, OP.end, OP.end);
    return;
  }
  const undefinedSide = [expr.left, expr.right].findIndex((side) => e.checked.constants.get(side.id) === "undefined");
  if ((expr.op === "==" || expr.op === "!=") && undefinedSide >= 0) {
    emitIsUndefined(e, undefinedSide === 0 ? expr.right : expr.left);
    if (expr.op === "!=") negate(e);
    return;
  }
  const member = expr.op === "in" ? e.plan.members.get(expr.id) : undefined;
  if (member !== undefined && member.path.slot >= 0) return emitMember(e, expr, member);
  const ref = expr.op === "in" ? undefined : e.plan.paths.get(expr.left.id);
  if (ref !== undefined && emitWithLiteral(e, expr, ref, expr.left, expr.right, expr.op)) return;
  const mirrored = expr.op === "in" ? undefined : e.plan.paths.get(expr.right.id);
  if (mirrored !== undefined && emitWithLiteral(e, expr, mirrored, expr.right, expr.left, MIRROR[expr.op] as string))
    return;
  if (emitJoined(e, expr, expr.left, expr.right) || emitJoined(e, expr, expr.right, expr.left)) return;
  e.slot(expr.left);
  e.slot(expr.right);
  if (expr.op === "in") {
    e.code.i32(expr.id);
    call(e, "isIn");
  } else emitRelation(e, expr, expr.op);
}

/**
 * `"a" + x + "b" == "constant"`: compared part by part. One of the first two parts must be a literal: then the others must be
 * texts, and what is wrong comes from the left. False if it is something else.
 */
function emitJoined(e: Emitter, expr: Binary, chain: Expr, literal: Expr): boolean {
  if ((expr.op !== "==" && expr.op !== "!=") || literal.kind !== "literal" || literal.value.type !== "string")
    return false;
  const parts: { readonly part: Expr; readonly node: number }[] = [];
  let first = chain;
  for (; first.kind === "binary" && first.op === "+"; first = first.left)
    parts.push({ part: first.right, node: first.id });
  const last = parts.at(-1);
  if (last === undefined || (!isText(first) && !isText(last.part))) return false;
  const { code } = e;
  const text = e.constants.text(literal.value.value);
  const rest = parts.reverse();
  const known = startOf(first, literal.value.value);
  code.i32(known ?? 0);
  for (const { part, node } of known === null ? [{ part: first, node: last.node }, ...rest] : rest) {
    e.slot(part);
    constant(e, text.offset);
    code.i32(text.length).i32(node);
    call(e, "joins");
  }
  code.i32(text.length).i32(expr.id);
  call(e, "joined");
  if (expr.op === "!=") negate(e);
  return true;
}

/** The state of the engine's `joins` behind a constant that comes first: bytes that agree, or -1. Null where the guest must charge for it. */
function startOf(first: Expr, text: string): number | null {
  const bytes = textBytes(first);
  if (first.kind !== "literal" || first.value.type !== "string" || bytes === null || bytes >= 16) return null;
  return text.startsWith(first.value.value) ? bytes : -1;
}

const isText = (expr: Expr): boolean => expr.kind === "literal" && expr.value.type === "string";

/** A constant key in a path: the reader has answered, or the slot holds what to look through. */
function emitMember(e: Emitter, expr: Binary, ref: PathRef): void {
  const { code } = e;
  const answered = () => {
    pushBase(e, ref);
    code.load(slotOffset(ref) + abi.SLOT_PAYLOAD);
  };
  ifTag(e, ref, abi.TAG_BOOL | abi.FLAG_SET, answered, () => {
    e.slot(expr.left);
    emitPath(e, ref, pathNode(e, expr.right));
    code.i32(expr.id);
    call(e, "isIn");
  });
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
    ifText(e, ref, value.value, OP.i32Eq, () => {
      emitPath(e, ref, pathNode(e, path));
      constant(e, text.offset);
      code.i32(text.length).i32(expr.id);
      call(e, "textIs");
    });
    if (op === "!=") negate(e);
    return true;
  }
  const number =
    value.type === "double" || value.type === "int" || value.type === "uint" ? Number(value.value) : Number.NaN;
  // An int that no double equals must be compared exactly, by the engine.
  if (Number.isNaN(number) || (value.type !== "double" && !Number.isSafeInteger(number))) return false;
  const fast = () => {
    pushBase(e, ref);
    code
      .loadDouble(slotOffset(ref) + abi.SLOT_PAYLOAD)
      .double(number)
      .op(DOUBLE_ORDER[op] as number);
  };
  ifTag(e, ref, abi.TAG_DOUBLE, fast, () => {
    emitPath(e, ref, pathNode(e, path));
    e.slot(literal);
    emitRelation(e, expr, op);
  });
  return true;
}

/** Longest constant text that is compared in place, bytes. */
const SHORT_TEXT = 8;

/**
 * A whole string in the slot of a path against a constant: equal (`lengths` is i32.eq) or beginning with it (i32.ge_u), by one
 * or two words. Everything else, longer constants too, is left to `slow`. Texts below 16 bytes cost no step either way.
 */
export function ifText(e: Emitter, ref: PathRef, text: string, lengths: number, slow: () => void): void {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === 0 || bytes.length > SHORT_TEXT) return slow();
  const { code } = e;
  const padded = new DataView(new ArrayBuffer(SHORT_TEXT));
  new Uint8Array(padded.buffer).set(bytes);
  // Reading a whole word may pass the end of the text, never that of the memory: the mask hides what is not the text's.
  const word = (at: number) => {
    const mask = bytes.length - at >= 4 ? -1 : (1 << (8 * (bytes.length - at))) - 1;
    pushBase(e, ref);
    code.load(slotOffset(ref) + abi.SLOT_PAYLOAD).load(at);
    if (mask !== -1) code.i32(mask).op(OP.i32And);
    code.i32(padded.getInt32(at, true)).op(OP.i32Eq);
  };
  ifTag(
    e,
    ref,
    abi.TAG_STRING,
    () => {
      pushBase(e, ref);
      code
        .load(slotOffset(ref) + abi.SLOT_LENGTH)
        .i32(bytes.length)
        .op(lengths)
        .open(OP.if);
      word(0);
      if (bytes.length > 4) {
        word(4);
        code.op(OP.i32And);
      }
      code.op(OP.else).i32(0).op(OP.end);
    },
    slow,
  );
}

function emitIsUndefined(e: Emitter, operand: Expr): void {
  const { code } = e;
  const s = code.local();
  const t = code.local();
  e.slot(operand);
  code.tee(s).load(0).i32(abi.TAG_ERROR).op(OP.i32Eq).open(OP.if).get(s).load(abi.SLOT_LENGTH).set(t);
  isAbsence(e, t);
  code.open(OP.if).i32(1).op(OP.else).get(t).op(OP.end, OP.else);
  code.get(s).load(0).i32(abi.TAG_NULL).op(OP.i32Eq, OP.end);
}
