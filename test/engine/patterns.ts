// Patterns in the engine, for tests: compiled both ways where both fit, run on a text anywhere in the memory.
import { deterministic, type Matcher, prepare, simulated } from "../../conditions/regex/index.ts";
import * as abi from "../../engine/abi.ts";
import { engine, memory, NODE, reset, showResult, view } from "./guest.ts";

const octets = new Uint8Array(memory.buffer);
const encoder = new TextEncoder();

/** Where the table lies, and below it room for more than a mebibyte of text. */
const TABLE = abi.SEGMENTS_END - 0x20000;
const TEXT = abi.SEGMENTS_BASE;
const SLOT = abi.ARENA_BASE;

export interface Both {
  readonly dfa: Matcher | null;
  readonly nfa: Matcher | null;
}

/** A pattern as an automaton and as a simulation; null where it is too large for one. */
export function both(pattern: string): Both {
  const prepared = prepare(pattern);
  return { dfa: deterministic(prepared), nfa: simulated(prepared) };
}

export interface Run {
  readonly cut?: boolean;
  readonly steps?: number;
}

/** Puts a text before the engine. */
export function place(text: string | Uint8Array, cut = false): void {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  octets.set(bytes, TEXT);
  view.setInt32(SLOT, abi.TAG_STRING | (cut ? abi.FLAG_TRUNCATED : 0), true);
  view.setInt32(SLOT + abi.SLOT_LENGTH, bytes.length, true);
  view.setInt32(SLOT + abi.SLOT_PAYLOAD, TEXT, true);
}

/** Matches the text that is in place; "true", "false" or an error with its node. */
export function match(matcher: Matcher, steps = 1_000_000): string {
  octets.set(matcher.table, TABLE);
  reset(steps);
  engine.top.value = SLOT + abi.SLOT_BYTES;
  return showResult(engine[matcher.kind === "dfa" ? "matchDfa" : "matchNfa"](SLOT, TABLE, NODE));
}

/** What both kinds say of a text, which must be the same. */
export function matches(pattern: string | Both, text: string | Uint8Array, { cut = false, steps }: Run = {}): string {
  const { dfa, nfa } = typeof pattern === "string" ? both(pattern) : pattern;
  place(text, cut);
  const answers = [dfa, nfa].flatMap((matcher) => (matcher === null ? [] : [match(matcher, steps)]));
  return new Set(answers).size === 1 ? (answers[0] as string) : `dfa ${answers[0]}, nfa ${answers[1]}`;
}
