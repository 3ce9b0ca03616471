// Writes a program as the engine simulates it: positions, each of which takes one byte, and the set of those that follow each.
// The layout is in engine/abi.ts. Empty steps are gone; assertions are conditions on positions.
import * as abi from "../../engine/abi.ts";
import { LIMITS } from "../limits.ts";
import { type ByteClasses, certain, holding, INSIDE, OTHER } from "./classes.ts";
import type { Program } from "./program.ts";

/** Kinds of bytes, and beyond them what a cut text ends with. */
const KINDS = INSIDE + 1;
const CUT = KINDS; // abi.NFA_KINDS counts it

/** Bytes of a set of positions. */
const SET = 32;

/** Empty steps that one construction may follow. */
const MAX_WORK = 1_000_000;

/** A state that takes a byte and goes on at `next`, or the match; it counts where all of `holds` hold. */
interface Position {
  readonly state: number;
  readonly next: number;
  readonly holds: number;
}

class Positions {
  readonly list: Position[] = [];
  private readonly known = new Map<string, number>();
  private readonly sets = new Map<number, readonly number[]>();
  private readonly program: Program;
  private work = 0;

  constructor(program: Program) {
    this.program = program;
  }

  get tooMany(): boolean {
    return this.list.length > LIMITS.regexInstructions || this.work > MAX_WORK;
  }

  /** The positions that can take the next byte from a state of the program. */
  after(state: number): readonly number[] {
    let set = this.sets.get(state);
    if (set === undefined) {
      set = [...this.reach(state)].flatMap(([at, ways]) => ways.flatMap((holds) => this.at(at, holds)));
      this.sets.set(state, set);
    }
    return set;
  }

  private at(state: number, holds: number): number[] {
    const held = this.program.states[state]!;
    if (held.kind === "match") return [this.number({ state, next: state, holds })];
    if (held.kind !== "bytes") return [];
    return [...new Set(held.out)].map((next) => this.number({ state, next, holds }));
  }

  private number(position: Position): number {
    const key = `${position.state},${position.next},${position.holds}`;
    let number = this.known.get(key);
    if (number === undefined) {
      number = this.list.push(position) - 1;
      this.known.set(key, number);
    }
    return number;
  }

  /** The states behind empty steps, each with the sets of assertions on the ways there; none that contains another. */
  private reach(from: number): Map<number, number[]> {
    const { states } = this.program;
    const ways = new Map<number, number[]>();
    const pending: [state: number, holds: number][] = [[from, 0]];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [at, holds] = next;
      if (++this.work > MAX_WORK) break;
      const before = ways.get(at) ?? [];
      if (before.some((way) => (way & holds) === way)) continue;
      ways.set(at, [...before.filter((way) => (way & holds) !== holds), holds]);
      const state = states[at]!;
      if (state.kind === "split") for (const out of state.out) pending.push([out, holds]);
      if (state.kind === "assert") pending.push([state.out[0], holds | state.holds]);
    }
    return ways;
  }
}

/** The simulation of a program, or null if it has too many positions. */
export function encodeProgram(program: Program, bytes: ByteClasses): Uint8Array | null {
  const { states } = program;
  const positions = new Positions(program);
  const first = positions.after(program.start);
  const follow: (readonly number[])[] = [];
  // Each may add more behind it.
  for (let i = 0; i < positions.list.length && !positions.tooMany; i++) {
    const { state, next } = positions.list[i]!;
    follow.push(states[state]!.kind === "match" ? [] : positions.after(next));
  }
  if (positions.tooMany) return null;

  const { list } = positions;
  const conditional = list.some(({ holds }) => holds !== 0);
  const classes = bytes.kinds.length;
  const atFollow = abi.NFA_TAKES + SET * classes;
  const atContexts = atFollow + SET * list.length;
  const table = new Uint8Array(atContexts + (conditional ? 256 + SET * KINDS * abi.NFA_KINDS : 0));
  const view = new DataView(table.buffer);
  const add = (at: number, position: number) => {
    table[at + (position >> 3)]! |= 1 << (position & 7);
  };
  view.setUint16(abi.NFA_FOLLOW, atFollow, true);
  view.setUint16(abi.NFA_CONTEXTS, conditional ? atContexts : 0, true);
  for (const position of first) {
    add(abi.NFA_FIRST, position);
    if (!program.anchored) add(abi.NFA_AGAIN, position);
  }
  table.set(bytes.classOf, abi.NFA_CLASSES);
  for (const [position, { state, next, holds }] of list.entries()) {
    const held = states[state]!;
    if (held.kind === "match") add(abi.NFA_MATCHES, position);
    if (held.kind === "bytes")
      for (const [index, target] of bytes.targets.get(held.node)!.entries())
        if (target >= 0 && held.out[target] === next) add(abi.NFA_TAKES + SET * index, position);
    for (const after of follow[position]!) add(atFollow + SET * position, after);
    if (!conditional) continue;
    for (let before = 0; before < KINDS; before++)
      for (let behind = 0; behind <= CUT; behind++) {
        const held = behind === CUT ? certain(before) : holding(before === INSIDE ? OTHER : before, behind);
        if ((held & holds) === holds) add(atContexts + 256 + SET * (before * abi.NFA_KINDS + behind), position);
      }
  }
  if (conditional) table.set(bytes.kinds, atContexts);
  return table;
}

/** Positions of a simulation. */
export function positionsOf(table: Uint8Array): number {
  const view = new DataView(table.buffer);
  const end = view.getUint16(abi.NFA_CONTEXTS, true) || table.length;
  return (end - view.getUint16(abi.NFA_FOLLOW, true)) / SET;
}
