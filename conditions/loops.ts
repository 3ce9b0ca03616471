// Macros over collections as plain loops: one step spent at each loop head, elements addressed in place. Called by the
// emitter only.
import * as abi from "../engine/abi.ts";
import type { Expr, Macro } from "./ast.ts";
import type { Binding } from "./check.ts";
import { GLOBAL } from "./constants.ts";
import { call, type Emitter, emitPath, leaveIfError, pathNode, pushAddress } from "./emitter.ts";
import type { Records } from "./plan.ts";
import { OP } from "./wasm.ts";

/** The collection of a macro, ready to be gone over. */
interface Walk {
  /** Local: the header slot, an EACH. */
  readonly header: number;
  /** Local: the current element or record. */
  readonly element: number;
  /** Bytes from one element to the next, or the local that holds them. */
  readonly stride: { readonly bytes: number } | { readonly local: number };
  /** Local: the second of two variables, where it does not stand in a record. */
  readonly second: number | null;
}

/** Puts the collection's header into a local. */
function prepare(e: Emitter, expr: Macro): Walk {
  const { code } = e;
  const bindings = e.checked.macroBindings.get(expr.id) as readonly Binding[];
  const header = code.local();
  const element = code.local();
  const records = e.plan.records.get(expr.id);
  if (records !== undefined) {
    const ref = e.plan.paths.get(expr.target.id);
    if (ref === undefined) emitListMacro(e, expr.target as Macro, true);
    else {
      pushAddress(e, ref, records.slot);
      code.i32(pathNode(e, expr.target)).i32(expr.target.id);
      call(e, "locateSize");
    }
    code.set(header);
    e.locals.set(bindings.at(-1) as Binding, element);
    return { header, element, stride: { bytes: records.width * abi.SLOT_BYTES }, second: null };
  }
  const ref = e.plan.paths.get(expr.target.id);
  if (ref === undefined) e.slot(expr.target);
  else emitPath(e, ref, pathNode(e, expr.target), expr.target.id);
  code.i32(expr.target.id);
  const [first, other] = bindings as [Binding, Binding?];
  e.locals.set(first, element);
  if (other !== undefined) {
    call(e, "pairs");
    code.set(header);
    const second = code.local();
    e.locals.set(other, second);
    return { header, element, stride: { bytes: 2 * abi.SLOT_BYTES }, second };
  }
  call(e, "each");
  code.set(header);
  const local = code.local();
  code.get(header).load(abi.SLOT_LENGTH).set(local);
  return { header, element, stride: { local }, second: null };
}

function pushStride(e: Emitter, { stride }: Walk): void {
  if ("local" in stride) e.code.get(stride.local);
  else e.code.i32(stride.bytes);
}

/**
 * The loop. `body` runs once an element, inside two enclosing constructs: branch 0 goes on to the next element, branch 1 ends
 * the loop. `overBudget` runs when the steps are used up and must leave through the caller's block.
 */
function loop(e: Emitter, walk: Walk, body: () => void, overBudget: () => void): void {
  const { code } = e;
  const left = code.local();
  code.get(walk.header).load(abi.SLOT_COUNT).set(left);
  code.get(walk.header).load(abi.SLOT_PAYLOAD);
  pushStride(e, walk);
  code.op(OP.i32Sub).set(walk.element);
  code.openVoid(OP.block).openVoid(OP.loop);
  // The step check stands at the head of every loop; the verifier looks for exactly this sequence.
  code.global(GLOBAL.steps).i32(1).op(OP.i32Sub).setGlobal(GLOBAL.steps);
  code.global(GLOBAL.steps).i32(0).op(OP.i32LtS).openVoid(OP.if);
  overBudget();
  code.op(OP.end);
  code.get(left).op(OP.i32Eqz).brIf(1);
  code.get(left).i32(1).op(OP.i32Sub).set(left);
  code.get(walk.element);
  pushStride(e, walk);
  code.op(OP.i32Add).set(walk.element);
  if (walk.second !== null) code.get(walk.element).i32(abi.SLOT_BYTES).op(OP.i32Add).set(walk.second);
  body();
  code.br(0).op(OP.end, OP.end);
}

/** Leaves 1 if the collection was cut, so that what follows its last element is unknown. */
function isCut(e: Emitter, walk: Walk): void {
  e.code.get(walk.header).load(0).i32(abi.FLAG_TRUNCATED).op(OP.i32And);
}

const budgetAt = (node: number) => (node << abi.ERR_NODE_SHIFT) | abi.ERR_BUDGET;
const cutAt = (node: number) => (node << abi.ERR_NODE_SHIFT) | abi.ERR_TRUNCATED;

/** `all`, `exists`, `exists_one`: leaves 0, 1 or a packed error. */
export function emitBoolMacro(e: Emitter, expr: Macro): void {
  const { code } = e;
  const walk = prepare(e, expr);
  const error = code.local();
  const verdict = code.local();
  // Inside a loop of an outer macro the locals still hold the previous round.
  code.i32(0).set(error).open(OP.block);
  code.get(walk.header).load(0).i32(abi.TAG_ERROR).op(OP.i32Eq).openVoid(OP.if);
  code.get(walk.header).load(abi.SLOT_LENGTH).br(1).op(OP.end);
  const found = code.local();
  code.i32(0).set(found);
  const decides = expr.name === "all" ? 0 : 1;
  const body = () => {
    e.condition(expr.body!);
    code.set(verdict);
    if (expr.name === "exists_one") {
      code.get(verdict).i32(1).op(OP.i32GtS).openVoid(OP.if).get(verdict).br(3).op(OP.end);
      code.get(found).get(verdict).op(OP.i32Add).set(found);
      return;
    }
    code.get(verdict).i32(decides).op(OP.i32Eq).openVoid(OP.if).i32(decides).br(3).op(OP.end);
    // The first error stays; a later element may still decide.
    code.get(verdict).i32(1).op(OP.i32GtS).openVoid(OP.if);
    code.get(error).get(verdict).get(error).op(OP.select).set(error).op(OP.end);
  };
  loop(e, walk, body, () => code.i32(budgetAt(expr.id)).br(3));
  code.get(error).openVoid(OP.if).get(error).br(1).op(OP.end);
  isCut(e, walk);
  code.openVoid(OP.if).i32(cutAt(expr.id)).br(1).op(OP.end);
  if (expr.name === "exists_one") code.get(found).i32(1).op(OP.i32Eq);
  else code.i32(1 - decides);
  code.op(OP.end);
}

/** The macros that make a list or map: leaves it or an error. With `records`, a filter leaves an EACH of the records it kept. */
export function emitListMacro(e: Emitter, expr: Macro, records = false): void {
  const { code } = e;
  const walk = prepare(e, expr);
  const made = code.local();
  const value = code.local();
  const width = records ? (e.plan.records.get(expr.id) as Records).width : 1;
  const toMap = expr.name === "transformMap";
  const fail = (packed: number) => {
    code.i32(packed);
    call(e, "fromBool");
  };
  code.open(OP.block);
  leaveIfError(e, walk.header, 0);
  code.get(walk.header).load(abi.SLOT_COUNT);
  if (records) code.i32(width).op(OP.i32Mul);
  call(e, toMap ? "newMap" : "newList");
  code.set(made);
  leaveIfError(e, made, 0);
  const condition = expr.name === "filter" ? expr.body : expr.filter;
  const body = () => {
    if (condition !== null) {
      e.condition(condition);
      code.tee(value).i32(1).op(OP.i32GtS).openVoid(OP.if).get(value);
      call(e, "fromBool");
      code.br(3).op(OP.end).get(value).op(OP.i32Eqz).brIf(0);
    }
    if (records) {
      for (let slot = 0; slot < width; slot++) {
        code.get(made).get(walk.element);
        if (slot > 0) code.i32(slot * abi.SLOT_BYTES).op(OP.i32Add);
        call(e, "push");
        code.op(OP.drop);
      }
      return;
    }
    if (expr.name === "filter") emitElement(e, expr, walk);
    else e.slot(expr.body as Expr);
    code.set(value);
    leaveIfError(e, value, 2);
    if (toMap) {
      // The keys of what is gone over are different keys, so they need not be compared.
      leaveIfError(e, walk.element, 2);
      code.get(made).get(walk.element);
    } else code.get(made);
    code.get(value);
    call(e, toMap ? "putNew" : "push");
    code.op(OP.drop);
  };
  loop(e, walk, body, () => {
    fail(budgetAt(expr.id));
    code.br(3);
  });
  isCut(e, walk);
  code.openVoid(OP.if);
  fail(cutAt(expr.id));
  code.br(1).op(OP.end);
  if (records) {
    // Count records, not slots: the header was filled slot by slot.
    code.get(made).get(made).load(abi.SLOT_COUNT).i32(width).op(OP.i32DivU).store(abi.SLOT_COUNT);
  }
  code.get(made).op(OP.end);
}

/** The size of what a `filter` keeps, as an INT or an error: nothing is kept. `node`: the place that asks for the size. */
export function emitCount(e: Emitter, expr: Macro, node: number): void {
  const { code } = e;
  const walk = prepare(e, expr);
  const verdict = code.local();
  const count = code.local();
  const fail = (packed: number) => {
    code.i32(packed);
    call(e, "fromBool");
  };
  code.open(OP.block);
  leaveIfError(e, walk.header, 0);
  // Inside a loop of an outer macro the local still holds the previous round.
  code.i32(0).set(count);
  const body = () => {
    e.condition(expr.body as Expr);
    code.tee(verdict).i32(1).op(OP.i32GtS).openVoid(OP.if).get(verdict);
    call(e, "fromBool");
    code.br(3).op(OP.end).get(count).get(verdict).op(OP.i32Add).set(count);
  };
  loop(e, walk, body, () => {
    fail(budgetAt(expr.id));
    code.br(3);
  });
  isCut(e, walk);
  code.openVoid(OP.if);
  fail(cutAt(expr.id));
  code.br(1).op(OP.end).get(count).i32(node);
  call(e, "counted");
  code.op(OP.end);
}

/** The element that a `filter` keeps. */
function emitElement(e: Emitter, expr: Macro, walk: Walk): void {
  e.code.get(walk.element);
  const slot = e.plan.records.get(expr.id)?.element.slot ?? 0;
  if (slot > 0) e.code.i32(slot * abi.SLOT_BYTES).op(OP.i32Add);
  e.code.i32(expr.id);
  call(e, "locate");
}
