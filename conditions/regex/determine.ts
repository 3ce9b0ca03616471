// Subset construction: from the automaton with empty steps to a deterministic one over classes of bytes. Assertions are decided
// on the way: what stands before a position is part of the state, what stands behind it is the byte that is read, or the end.
import { LIMITS } from "../limits.ts";
import { type ByteClasses, certain, EDGE, holding, INSIDE, OTHER } from "./classes.ts";
import { MATCH, type Program, type State } from "./program.ts";

/** States of a deterministic automaton that every one has. */
export const DEAD = 0;
export const ACCEPT = 1;

/** A complete deterministic automaton. */
export interface Automaton {
  readonly states: number;
  readonly start: number;
  /** Class of each byte. */
  readonly classOf: Uint8Array;
  readonly classes: number;
  /** The state after `state` on `class`, at `state * classes + class`. */
  readonly next: Int32Array;
  /** 1 for a state in which a text may end. */
  readonly ends: Uint8Array;
}

/** Elementary steps, about 10 ns each, that one construction may take: a pattern that would take longer runs as it is. */
const MAX_WORK = 3_000_000;
/** Steps that all constructions of one compilation may take together, so that many patterns cannot add up. */
const MAX_TOTAL_WORK = 2 * MAX_WORK;
/** Minimising merges states, so that more may be made before than are allowed after it. */
const MAX_STATES = 4 * LIMITS.regexStates;

const NONE: readonly number[] = [];

/** What is left of the steps of one compilation. */
export interface Work {
  left: number;
}

export const fullWork = (): Work => ({ left: MAX_TOTAL_WORK });

class Construction {
  private readonly program: Program;
  private readonly states: readonly State[];
  private readonly bytes: ByteClasses;
  /** Of each state that reads a byte: the index of the target of each class. */
  private readonly targets: readonly (Int16Array | undefined)[];
  private readonly marks: Uint32Array;
  private mark = 0;
  work = 0;
  private readonly known = new Map<string, number>();
  /** States that are still to be worked off, in order: their members, what stands before them, whether that matters. */
  private readonly members: (readonly number[])[] = [NONE, NONE];
  private readonly before: number[] = [OTHER, OTHER];
  private readonly asserts: boolean[] = [false, false];

  constructor(program: Program, bytes: ByteClasses) {
    this.program = program;
    this.states = program.states;
    this.bytes = bytes;
    this.targets = program.states.map((state) => (state.kind === "bytes" ? bytes.targets.get(state.node) : undefined));
    this.marks = new Uint32Array(program.states.length);
  }

  /** All transitions and final states; null if there are too many. */
  run(allowed: number): { start: number; next: number[]; ends: number[] } | null {
    const { kinds } = this.bytes;
    const start = this.state([this.program.start], EDGE);
    const count = kinds.length;
    const next: number[] = [];
    for (let i = 0; i < count; i++) next.push(DEAD);
    for (let i = 0; i < count; i++) next.push(ACCEPT);
    const ends = [0, 1];
    for (let at = 2; at < this.members.length; at++) {
      if (this.members.length > MAX_STATES || this.work > allowed) return null;
      const members = this.members[at]!;
      if (!this.asserts[at]) {
        for (let index = 0; index < count; index++) next.push(this.step(members, index));
        ends.push(0);
        continue;
      }
      // Which members read depends on the byte behind, through its kind only.
      const readers: (readonly number[] | null | undefined)[] = [];
      const reading = (behind: number): readonly number[] | null => {
        let found = readers[behind];
        if (found === undefined) {
          found = this.reach(members, holding(this.before[at]!, behind));
          readers[behind] = found;
        }
        return found;
      };
      for (let index = 0; index < count; index++) {
        const from = reading(kinds[index]!);
        next.push(from === null ? ACCEPT : this.step(from, index));
      }
      ends.push(reading(EDGE) === null ? 1 : 0);
    }
    return { start, next, ends };
  }

  /** The states that read a byte, from `members` by the empty steps that hold; null if the match is among them. */
  private reach(members: readonly number[], holds: number): readonly number[] | null {
    const { states, marks } = this;
    const mark = ++this.mark;
    const found: number[] = [];
    const stack = members.slice();
    for (const at of stack) marks[at] = mark;
    while (stack.length > 0) {
      const at = stack.pop()!;
      this.work++;
      if (at === MATCH) return null;
      const state = states[at]!;
      if (state.kind === "bytes") found.push(at);
      else if (state.kind === "split" || (state.kind === "assert" && (state.holds & holds) !== 0)) {
        for (const out of state.out) {
          if (marks[out] === mark) continue;
          marks[out] = mark;
          stack.push(out);
        }
      }
    }
    return found;
  }

  private step(from: readonly number[], index: number): number {
    const { states, program, targets } = this;
    const reached: number[] = [];
    this.work += from.length;
    for (const at of from) {
      const target = targets[at]![index]!;
      if (target >= 0) reached.push((states[at] as Extract<State, { kind: "bytes" }>).out[target]!);
    }
    if (!program.anchored) reached.push(program.start);
    else if (reached.length === 0) return DEAD;
    const kind = this.bytes.kinds[index]!;
    return this.state(reached, kind === INSIDE ? OTHER : kind);
  }

  /** The state that stands for some states of the program, known or new. */
  private state(reached: number[], before: number): number {
    const { states, marks } = this;
    const mark = ++this.mark;
    // Splits are followed at once, so that sets are the same more often; assertions wait for what is behind.
    const members: number[] = [];
    let asserts = false;
    while (reached.length > 0) {
      const at = reached.pop()!;
      if (marks[at] === mark) continue;
      marks[at] = mark;
      this.work++;
      if (at === MATCH) return ACCEPT;
      const state = states[at]!;
      if (state.kind === "split") for (const out of state.out) reached.push(out);
      else {
        members.push(at);
        if (state.kind === "assert") asserts = true;
      }
    }
    if (members.length === 0) return DEAD;
    if (asserts && certain(before) !== 0 && this.reach(members, certain(before)) === null) return ACCEPT;
    // The order of a typed array is numeric without a function to compare, which pays for all but short ones.
    const sorted = members.length < 32 ? members.sort(ascending) : Array.from(Uint16Array.from(members).sort());
    this.work += sorted.length;
    const seen = asserts ? before : OTHER;
    const key = String.fromCharCode(seen, ...sorted);
    let state = this.known.get(key);
    if (state === undefined) {
      state = this.members.length;
      this.known.set(key, state);
      this.members.push(sorted);
      this.before.push(seen);
      this.asserts.push(asserts);
    }
    return state;
  }
}

const ascending = (a: number, b: number): number => a - b;

/** The deterministic automaton of a program, not yet minimal; null if it would be too large or take too long. */
export function determine(program: Program, bytes: ByteClasses, work: Work = fullWork()): Automaton | null {
  const construction = new Construction(program, bytes);
  const made = construction.run(Math.min(MAX_WORK, work.left));
  work.left -= construction.work;
  if (made === null) return null;
  return {
    states: made.ends.length,
    start: made.start,
    classOf: bytes.classOf,
    classes: bytes.kinds.length,
    next: Int32Array.from(made.next),
    ends: Uint8Array.from(made.ends),
  };
}
