// Verifies the body of one function of a probe module, instruction by instruction. Knows the few shapes in which the emitter
// writes globals and memory and heads its loops, and refuses every other. Never recurses: nesting is a stack of numbers.

import { MAXIMA, OPCODES as OP } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import type { BinaryReader } from "./binary.ts";

/** Locals of one function: two or three a syntax node. */
const MAX_LOCALS = 10_000;
/** Blocks within blocks: a few a level of the expression. */
const MAX_BLOCKS = 1024;
const MEMORY_BYTES = abi.MEMORY_PAGES * abi.PAGE_BYTES;

const NO_RESULT = 0x40;
const I32 = 0x7f;

/** Global indexes, fixed by the order of the imports. */
const BASE = 0;
const STEPS = 1;
const TOP = 2;
const ARENA = 3;

/** What follows an opcode. 0: it is not allowed. */
const PLAIN = 1;
const BLOCK = 2;
const ELSE = 3;
const END = 4;
const LABEL = 5;
const CALL = 6;
const LOCAL = 7;
const GLOBAL_GET = 8;
const GLOBAL_SET = 9;
const LOAD_I32 = 10;
const LOAD_F64 = 11;
const STORE = 12;
const CONST_I32 = 13;
const CONST_F64 = 14;
const LOOP = 15;
const DIVIDE = 16;

const KIND = new Uint8Array(256);
/** First and last of the comparisons, arithmetic and conversions: no immediates, no memory, no control. */
const FIRST_NUMERIC = OP.i32Eqz;
const LAST_NUMERIC = 0xc4;
for (const opcode of Object.values(OP)) {
  if (opcode >= FIRST_NUMERIC && opcode <= LAST_NUMERIC) KIND[opcode] = PLAIN;
}
KIND[OP.drop] = PLAIN;
KIND[OP.select] = PLAIN;
KIND[OP.block] = BLOCK;
KIND[OP.if] = BLOCK;
KIND[OP.loop] = LOOP;
KIND[OP.else] = ELSE;
KIND[OP.end] = END;
KIND[OP.br] = LABEL;
KIND[OP.brIf] = LABEL;
KIND[OP.call] = CALL;
KIND[OP.localGet] = LOCAL;
KIND[OP.localSet] = LOCAL;
KIND[OP.localTee] = LOCAL;
KIND[OP.globalGet] = GLOBAL_GET;
KIND[OP.globalSet] = GLOBAL_SET;
KIND[OP.i32Load] = LOAD_I32;
KIND[OP.f64Load] = LOAD_F64;
KIND[OP.i32Store] = STORE;
KIND[OP.i32Const] = CONST_I32;
KIND[OP.f64Const] = CONST_F64;
// Integer division traps on zero.
KIND[OP.i32DivU] = DIVIDE;

/** `global.get steps; i32.const 1; i32.sub; global.set steps; global.get steps; i32.const 0; i32.lt_s; if` */
const LOOP_HEAD = [
  OP.globalGet,
  STEPS,
  OP.i32Const,
  1,
  OP.i32Sub,
  OP.globalSet,
  STEPS,
  OP.globalGet,
  STEPS,
  OP.i32Const,
  0,
  OP.i32LtS,
  OP.if,
  NO_RESULT,
];
/** `i32.load offset=12`, the count of a list. */
const LOAD_COUNT = [OP.i32Load, 2, abi.SLOT_COUNT];

/** What a module gives itself at its start. */
export interface Budget {
  readonly steps: number;
  readonly arenaBytes: number;
}

/** The body that is exported: its locals, then its budget of steps and memory, then anything harmless. */
export function verifyEntry(r: BinaryReader, end: number, imported: number): Budget {
  const locals = 1 + declaredLocals(r);
  r.expectAll(
    [OP.localGet, 0, OP.globalSet, TOP, OP.i32Const],
    "forbidden_write",
    "the arena does not start where the caller said",
  );
  let from = r.at;
  const steps = r.s32();
  if (steps < 1 || steps > MAXIMA.steps)
    r.fail("unbounded_loop", `a budget of ${steps} steps, 1 to ${MAXIMA.steps} are allowed`, from);
  r.expectAll([OP.globalSet, STEPS, OP.i32Const], "unbounded_loop", "the step budget is not set first");
  from = r.at;
  const arenaBytes = r.s32() - abi.ARENA_BASE;
  if (arenaBytes < 1 || arenaBytes > MAXIMA.arenaBytes)
    r.fail("memory_limit", `an arena of ${arenaBytes} bytes, 1 to ${MAXIMA.arenaBytes} are allowed`, from);
  r.expectAll([OP.globalSet, ARENA], "memory_limit", "the end of the arena is not set");
  verifyInstructions(r, end, imported, locals);
  return { steps, arenaBytes };
}

function declaredLocals(r: BinaryReader): number {
  const from = r.at;
  const groups = r.u32();
  if (groups === 0) return 0;
  if (groups !== 1) r.fail("malformed", "locals are declared in more than one group", from);
  const count = r.u32();
  if (count > MAX_LOCALS) r.fail("too_large", `${count} locals, ${MAX_LOCALS} are allowed`, from);
  r.expect(I32, "malformed", "a local is not an i32");
  return count;
}

function verifyInstructions(r: BinaryReader, end: number, imported: number, locals: number): void {
  // One entry an open block: its opcode. The first is the function itself.
  const open: number[] = [OP.block];
  // Where the last five instructions began, the latest first.
  let p1 = 0;
  let p2 = 0;
  let p3 = 0;
  let p4 = 0;
  let p5 = 0;
  while (r.at < end) {
    const at = r.at;
    const opcode = r.byte();
    switch (KIND[opcode]) {
      case PLAIN:
        break;
      case LOCAL:
        if (r.u32() >= locals) r.fail("malformed", "there is no such local", at);
        break;
      case CONST_I32:
        r.s32();
        break;
      case LOAD_I32:
        verifyAccess(r, 2);
        break;
      case LOAD_F64:
        verifyAccess(r, 3);
        break;
      case GLOBAL_GET:
        if (r.u32() > ARENA) r.fail("malformed", "there is no such global", at);
        break;
      case CALL:
        if (r.u32() >= imported) r.fail("forbidden_opcode", "only functions of the engine may be called", at);
        break;
      case BLOCK:
        verifyBlockType(r);
        enter(r, open, opcode);
        break;
      case LOOP:
        r.expect(NO_RESULT, "unbounded_loop", "a loop may not leave a value");
        enter(r, open, opcode);
        verifyLoopHead(r, open.length, imported);
        break;
      case ELSE:
        if (open[open.length - 1] !== OP.if) r.fail("unbalanced", "an `else` without an `if`", at);
        open[open.length - 1] = OP.else;
        break;
      case END:
        open.pop();
        if (open.length > 0) break;
        if (r.at !== end) r.fail("unbalanced", "instructions follow the end of the function", r.at);
        return;
      case LABEL:
        if (r.u32() >= open.length) r.fail("unbalanced", "a branch leaves more blocks than are open", at);
        break;
      case CONST_F64:
        r.at += 8;
        break;
      case DIVIDE:
        if (r.bytes[p1] !== OP.i32Const || r.bytes[p1 + 1] === 0)
          r.fail("forbidden_opcode", "division by something else than a constant", at);
        break;
      case STORE:
        verifyStore(r, at, [p1, p2, p3, p4, p5]);
        break;
      case GLOBAL_SET:
        r.fail("forbidden_write", "a global is set elsewhere than at the start and at the head of a loop", at);
        break;
      default:
        r.fail("forbidden_opcode", `opcode 0x${opcode.toString(16).padStart(2, "0")} is not allowed`, at);
    }
    p5 = p4;
    p4 = p3;
    p3 = p2;
    p2 = p1;
    p1 = at;
  }
  r.fail("unbalanced", "the function does not end");
}

function enter(r: BinaryReader, open: number[], opcode: number): void {
  open.push(opcode);
  if (open.length > MAX_BLOCKS) r.fail("too_large", `more than ${MAX_BLOCKS} blocks within blocks`);
}

function verifyBlockType(r: BinaryReader): void {
  const type = r.byte();
  if (type !== NO_RESULT && type !== I32)
    r.fail("malformed", "a block leaves something else than nothing or an i32", r.at - 1);
}

function verifyAccess(r: BinaryReader, align: number): void {
  const from = r.at;
  if (r.u32() !== align || r.u32() >= MEMORY_BYTES)
    r.fail("malformed", "an access to memory with an alignment or offset that is not ours", from);
}

/**
 * The step check, and that a spent budget leaves the loop at once: `i32.const error; [call f;] br d; end` with `d` beyond the
 * loop. Without the second half a module could spend steps for ever.
 */
function verifyLoopHead(r: BinaryReader, open: number, imported: number): void {
  r.expectAll(LOOP_HEAD, "unbounded_loop", "no step check at the head of a loop");
  const from = r.at;
  const leaves = "a spent budget does not end the loop";
  r.expect(OP.i32Const, "unbounded_loop", leaves);
  r.s32();
  let opcode = r.byte();
  if (opcode === OP.call) {
    if (r.u32() >= imported) r.fail("forbidden_opcode", "only functions of the engine may be called", from);
    opcode = r.byte();
  }
  // Label 0 is the check's own `if`, 1 the loop.
  const label = opcode === OP.br ? r.u32() : 0;
  if (label < 2 || label > open) r.fail("unbounded_loop", leaves, from);
  r.expect(OP.end, "unbounded_loop", leaves);
}

/**
 * The one store outside the start function turns a count of slots into a count of records:
 * `local.get a; local.get a; i32.load count; i32.const n; i32.div_u; i32.store count`.
 */
function verifyStore(
  r: BinaryReader,
  at: number,
  [p1, p2, p3, p4, p5]: readonly [number, number, number, number, number],
): void {
  const { bytes } = r;
  verifyAccess(r, 2);
  let same = p4 - p5 === p3 - p4 && bytes[p5] === OP.localGet && bytes[p1] === OP.i32DivU && bytes[p2] === OP.i32Const;
  for (let i = 0; same && i < p4 - p5; i++) same = bytes[p5 + i] === bytes[p4 + i];
  for (let i = 0; same && i < LOAD_COUNT.length; i++) same = bytes[p3 + i] === LOAD_COUNT[i];
  if (!same || bytes[r.at - 1] !== abi.SLOT_COUNT || p2 - p3 !== LOAD_COUNT.length) {
    r.fail("forbidden_write", "memory is written elsewhere than where a list keeps its count", at);
  }
}

/**
 * The start function: adds the base to pointers in the module's own data and does nothing else. Gives the end of the data
 * that it touches.
 */
export function verifyRelocations(r: BinaryReader, end: number): number {
  const what = "the start function does something else than move pointers";
  r.expect(0, "forbidden_write", what);
  let touched = 0;
  while (r.at < end - 1) {
    const from = r.at;
    r.expectAll([OP.globalGet, BASE, OP.globalGet, BASE, OP.i32Load, 2], "forbidden_write", what);
    const word = r.u32();
    r.expectAll([OP.globalGet, BASE, OP.i32Add, OP.i32Store, 2], "forbidden_write", what);
    if (r.u32() !== word) r.fail("forbidden_write", what, from);
    touched = Math.max(touched, word + 4);
  }
  r.expect(OP.end, "unbalanced", "the start function does not end");
  return touched;
}
