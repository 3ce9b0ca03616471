// Turns the tree of a pattern into an automaton over bytes with empty steps (Thompson's construction), from its end to its start.
// Bounded by the number of states, whatever the pattern repeats.
import { LIMITS } from "../limits.ts";
import { type Pattern, PatternError, refuseLarge, TEXT_START } from "./pattern.ts";
import { ByteEncoder, type ByteNode, type CharacterBytes, END, REST } from "./utf8.ts";

/** `bytes`: takes one byte, `out` by the node's target. `split`: goes on at all of `out`. `assert`: at `out[0]` where `holds` does. */
export type State =
  | { readonly kind: "match" }
  | { readonly kind: "bytes"; readonly node: ByteNode; readonly out: number[] }
  | { readonly kind: "split"; readonly out: number[] }
  | { readonly kind: "assert"; readonly holds: number; readonly out: readonly [number] };

export interface Program {
  readonly states: readonly State[];
  readonly start: number;
  /** A match begins at the start of the text or nowhere. */
  readonly anchored: boolean;
  /** All assertions that occur, as one bit set. */
  readonly asserts: number;
}

/** The state that every program has first. */
export const MATCH = 0;

/** Calls of `build`, which may come back to states that are there: bounds the time, as the number of states bounds the space. */
const MAX_ROUNDS = 100_000;

class Builder {
  readonly states: State[] = [{ kind: "match" }];
  asserts = 0;
  private readonly encoder = new ByteEncoder();
  private readonly taken = new Map<number, number>();
  private readonly loops = new Map<number, number>();
  private readonly length: number;
  private rounds = 0;

  constructor(length: number) {
    this.length = length;
  }

  /** A state that matches the pattern and goes on at `next`. `times`: how often the repetitions around it copy it. */
  build(pattern: Pattern, next: number, times: number): number {
    if (++this.rounds > MAX_ROUNDS) refuseLarge(this.length);
    switch (pattern.kind) {
      case "set":
        return this.characters(this.encoder.encode(pattern.ranges), next);
      case "assert":
        this.asserts |= pattern.holds;
        return this.add({ kind: "assert", holds: pattern.holds, out: [next] });
      case "all": {
        let at = next;
        for (let i = pattern.parts.length - 1; i >= 0; i--) at = this.build(pattern.parts[i]!, at, times);
        return at;
      }
      case "any":
        return this.add({ kind: "split", out: pattern.parts.map((part) => this.build(part, next, times)) });
      case "repeat":
        return this.repeat(pattern, next, times);
    }
  }

  private repeat(pattern: Extract<Pattern, { kind: "repeat" }>, next: number, times: number): number {
    const { part, min, max, from, to } = pattern;
    const copies = times * Math.max(1, max === Number.POSITIVE_INFINITY ? min : max);
    if (copies > LIMITS.regexRepeat)
      throw new PatternError(
        "limit",
        `repetitions within repetitions make ${copies.toLocaleString("en")} copies; ${LIMITS.regexRepeat.toLocaleString("en")} are allowed`,
        "Write smaller numbers, or `*`.",
        from,
        to,
      );
    let at = next;
    if (max === Number.POSITIVE_INFINITY) {
      const out = [next];
      at = this.add({ kind: "split", out });
      out.unshift(this.build(part, at, copies));
    } else {
      for (let i = min; i < max; i++) at = this.add({ kind: "split", out: [this.build(part, at, copies), next] });
    }
    for (let i = 0; i < min; i++) at = this.build(part, at, copies);
    return at;
  }

  private characters({ root, open }: CharacterBytes, next: number): number {
    return this.bytes(root, open ? this.afterRest(next) : next);
  }

  private bytes(node: ByteNode, next: number): number {
    const key = node.id * (LIMITS.regexPositions + 1) + next;
    let state = this.taken.get(key);
    if (state === undefined) {
      const out = node.targets.map((target) => (target === END || target === REST ? next : this.bytes(target, next)));
      state = this.add({ kind: "bytes", node, out });
      this.taken.set(key, state);
    }
    return state;
  }

  /** Goes on at `next`, after any continuation bytes. */
  private afterRest(next: number): number {
    let loop = this.loops.get(next);
    if (loop === undefined) {
      const out = [next];
      loop = this.add({ kind: "split", out });
      out.unshift(this.bytes(this.encoder.continuation, loop));
      this.loops.set(next, loop);
    }
    return loop;
  }

  private add(state: State): number {
    if (this.states.length >= LIMITS.regexPositions) refuseLarge(this.length);
    this.states.push(state);
    return this.states.length - 1;
  }
}

/** The automaton of a pattern of `length` UTF-16 units. Throws PatternError `limit`. */
export function makeProgram(pattern: Pattern, length: number): Program {
  const builder = new Builder(length);
  const start = builder.build(pattern, MATCH, 1);
  const { states, asserts } = builder;
  return { states, start, asserts, anchored: isAnchored(states, start) };
}

/** True if nothing can be reached without standing at the start of the text. */
function isAnchored(states: readonly State[], start: number): boolean {
  const seen = new Set([start]);
  for (const at of seen) {
    const state = states[at]!;
    if (state.kind === "match" || state.kind === "bytes") return false;
    if (state.kind === "assert" && state.holds === TEXT_START) continue;
    for (const next of state.out) seen.add(next);
  }
  return true;
}
