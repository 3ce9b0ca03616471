// What a row of the catalogue says about one function of the language. Every stage reads the same row: the checker its
// arguments and result, the planner what it needs of its operands, the pricer its worst case, the emitter the engine's function.
import * as abi from "../../engine/abi.ts";
import type { Call, Expr, Literal, Span } from "../ast.ts";
import type { Emitter } from "../emitter.ts";
import type { CompileCode } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Work } from "../regex/index.ts";

/** A type that the checker can be certain of; `dyn` where it is not. */
export type StaticType =
  | "null"
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bytes"
  | "timestamp"
  | "duration"
  | "list"
  | "map"
  | "optional"
  | "type"
  | "dyn";

/**
 * What is needed of an operand. `scalar`: the value itself. `content`: one level below it. `whole`: as deep as values go.
 * `size`: how many elements. `presence`: whether it is there. `same`: what the use of the result needs. `value`: the same, but
 * at least the value itself.
 */
export type Need = "scalar" | "content" | "whole" | "size" | "presence" | "same" | "value";

/**
 * Refuses a call while it is compiled: what can never work, seen from its literal arguments. `unsupported` and `limit` always
 * throw; anything else comes back where errors are values (`eval`), and `emit` must then yield it. With `inside`, the span counts
 * UTF-16 units of that string's value.
 */
export type Refuse = (code: CompileCode, span: Span, message: string, remedy: string, inside?: Literal) => void;

/** The type that the checker has found for an operand. */
export type TypeOf = (expr: Expr) => StaticType;

/** Worst-case steps of a call, where literal operands decide them. */
export type Cost = (operands: readonly Expr[]) => number;

/** One function or method. `name` is canonical: aliases have the same definition. */
export interface Definition {
  readonly name: string;
  /** Operands, a receiver included. */
  readonly min: number;
  readonly max: number;
  readonly result: StaticType;
  /** `condition`: the engine's function answers 0, 1 or a packed error. `slot`: a pointer to a slot. */
  readonly answer: "condition" | "slot";
  /** Of the operands, in order; the last one goes on for those that follow. */
  readonly needs: readonly Need[];
  /** Worst-case steps of the function itself. */
  readonly cost: number | Cost;
  /**
   * The engine's function: `max` operands and the node, all i32; an operand that is not written is 0. With `list`, the operands
   * arrive as one LIST. Null: `emit` does it all.
   */
  readonly engine: string | null;
  /** Passed before the node, where one engine function does several: which of them. */
  readonly variant?: number;
  readonly list?: boolean;
  /** Checks literal arguments and known types; called once by the checker. `work`: of all patterns of the compilation. */
  readonly verify?: (call: Call, operands: readonly Expr[], refuse: Refuse, typeOf: TypeOf, work: Work) => void;
  /** Emits the call in the form that `answer` says, instead of operands, node and engine function. */
  readonly emit?: (e: Emitter, call: Expr, operands: readonly Expr[]) => void;
}

/** What a written name stands for, by the way it is called. */
export interface Catalogue {
  readonly functions?: Readonly<Record<string, Definition>>;
  readonly methods?: Readonly<Record<string, Definition>>;
  /** `namespace.name(…)`. */
  readonly members?: Readonly<Record<string, Definition>>;
}

/** Steps to scan the longest text. */
export const TEXT_STEPS = LIMITS.stringBytes / 16;
/** Steps to compare or copy everything that can be held. */
export const WHOLE_STEPS = LIMITS.inputBytes / 16 + LIMITS.items;
/** Steps to allocate the whole arena: what a result costs whose size only the evaluation knows. */
export const ARENA_STEPS = (abi.ARENA_END - abi.ARENA_BASE) / abi.SLOT_BYTES;

type Optional = "min" | "max" | "needs" | "cost" | "engine" | "answer";

/** A row with the usual defaults: one scalar operand, a slot as its answer, the engine's function of the same name, one step. */
export function define(row: Omit<Definition, Optional> & Partial<Pick<Definition, Optional>>): Definition {
  const min = row.min ?? 1;
  return {
    min,
    max: Math.max(min, row.max ?? min),
    needs: ["scalar"],
    cost: 1,
    engine: row.name,
    answer: "slot",
    ...row,
  };
}

/** Worst-case steps of a call: of the function alone, on the largest operands. */
export function costOf({ cost }: Definition, operands: readonly Expr[]): number {
  return Math.ceil(typeof cost === "number" ? cost : cost(operands));
}
