// Runs the patterns that the compiler made: a deterministic automaton, one row a byte, or a simulation of all positions at once.
// Time is linear in the text for both; nothing is tried twice, allocated or written outside the scratch space.
import {
  DFA_ACCEPT,
  DFA_CLASSES,
  DFA_ENDS,
  DFA_FIRSTS,
  DFA_GAP,
  DFA_LISTS,
  DFA_ROWS,
  DFA_SECONDS,
  DFA_START,
  DFA_STAY,
  ERR_BUDGET,
  ERR_INVALID_ARGUMENT,
  ERR_NO_SUCH_OVERLOAD,
  ERR_TRUNCATED,
  NFA_AGAIN,
  NFA_CLASSES,
  NFA_CONTEXTS,
  NFA_FIRST,
  NFA_FOLLOW,
  NFA_KINDS,
  NFA_MATCHES,
  NFA_TAKES,
  TAG_ERROR,
  TAG_STRING,
} from "./abi.ts";
import { charge, chargeBytes, pack, packed, steps } from "./budget.ts";
import { PATTERN } from "./scratch.ts";
import { isCut, lengthOfSlot, pointerOf, tagOf } from "./slots.ts";
import { ONES } from "./text.ts";

/** 0 if there is a string and a pattern, otherwise the packed error. A pattern that could not be compiled is 0. */
function refusal(text: i32, pattern: i32, node: i32): i32 {
  if (tagOf(text) === TAG_ERROR) return packed(text, node);
  if (tagOf(text) !== TAG_STRING) return pack(ERR_NO_SUCH_OVERLOAD, node);
  return pattern === 0 ? pack(ERR_INVALID_ARGUMENT, node) : 0;
}

/** From the first to the last entry of the longest list: an entry for each continuation byte. Bounds the time on any table. */
const LIST_BYTES: i32 = 63 * 3;

/** `text.matches(pattern)` by the table of an automaton. A cut text is answered where nothing behind the cut can matter. */
export function matchDfa(text: i32, table: i32, node: i32): i32 {
  const bad = load<i32>(text) === TAG_STRING && table !== 0 ? 0 : refusal(text, table, node);
  if (bad !== 0) return bad;
  let at = pointerOf(text);
  // No more is read than can be paid.
  const end = at + min(lengthOfSlot(text), (min(max(steps, 0), 1 << 24) << 4) | 15);
  const stay = i32(load<u16>(table, DFA_STAY));
  const lists = i32(load<u16>(table, DFA_LISTS));
  let row = i32(load<u16>(table, DFA_START));
  // The row in which bytes that begin no match are skipped, if there are any.
  const resting = stay > 0 ? row : -1;
  const hasFirsts = load<u64>(table, DFA_FIRSTS) !== 0;
  while (row > DFA_ACCEPT && at < end) {
    if (row === resting) {
      at = hasFirsts ? skipTo(at, end, table) : skipWhile(at, end, table, stay);
      if (at === end) break;
    }
    // The usual rows, in a loop so small that all it needs stays in registers. The row is added last: each waits for the one
    // before it, and what else the address is made of does not.
    while (row < lists && at < end) {
      row = load<u16>(table + (classOf(table, load<u8>(at++)) << 1) + row, DFA_ROWS);
      if (row <= DFA_ACCEPT || row === resting) break;
    }
    if (row < lists || at === end) continue;
    const byte = i32(load<u8>(at++));
    let entry = table + row;
    const last = entry + LIST_BYTES;
    while (entry < last && byte > i32(load<u8>(entry, DFA_ROWS))) entry += 3;
    row = load<u16>(entry, DFA_ROWS + 1);
  }
  const from = pointerOf(text);
  if (!chargeBytes(at - from)) return pack(ERR_BUDGET, node);
  if (row <= DFA_ACCEPT) return row;
  if (at - from < lengthOfSlot(text)) {
    charge(steps + 1);
    return pack(ERR_BUDGET, node);
  }
  if (isCut(text)) return pack(ERR_TRUNCATED, node);
  return i32(row >= i32(load<u16>(table, DFA_ENDS)));
}

/** Where the first byte of a class that is not below `stay` stands, or the end. */
function skipWhile(at: i32, end: i32, table: i32, stay: i32): i32 {
  // Four at a time: the loads do not wait for one another.
  for (; at + 4 <= end; at += 4) {
    const a = max(classOf(table, load<u8>(at)), classOf(table, load<u8>(at, 1)));
    const b = max(classOf(table, load<u8>(at, 2)), classOf(table, load<u8>(at, 3)));
    if (max(a, b) >= stay) break;
  }
  while (at < end && classOf(table, load<u8>(at)) < stay) at++;
  return at;
}

/** Where the first of two bytes stands, or the end. One that is not followed by its second, if it has one, may be passed over. */
function skipTo(at: i32, end: i32, table: i32): i32 {
  const a = load<u64>(table, DFA_FIRSTS);
  const b = load<u64>(table, DFA_FIRSTS + 8);
  const c = load<u64>(table, DFA_SECONDS);
  const d = load<u64>(table, DFA_SECONDS + 8);
  const gap = i32(load<u16>(table, DFA_GAP));
  for (; at + 8 + gap <= end; at += 8) {
    const word = load<u64>(at);
    const behind = load<u64>(at + gap);
    const x = (word ^ a) | (behind ^ c);
    const y = (word ^ b) | (behind ^ d);
    const found = (((x - ONES) & ~x) | ((y - ONES) & ~y)) & (ONES << 7);
    if (found !== 0) return at + (i32(ctz(found)) >> 3);
  }
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte === u8(a) || byte === u8(b)) break;
  }
  return at;
}

function classOf(table: i32, byte: i32): i32 {
  return i32(load<u8>(table + byte, DFA_CLASSES));
}

/** Bytes of a set of positions. */
const SET: i32 = 32;

/** What stands behind the last byte that is held. */
const EDGE: i32 = 0;
const CUT: i32 = 5;

/** `text.matches(pattern)` by a simulation: all positions that the text so far can have led to, at once. */
export function matchNfa(text: i32, pattern: i32, node: i32): i32 {
  const bad = refusal(text, pattern, node);
  if (bad !== 0) return bad;
  const follow = pattern + i32(load<u16>(pattern + NFA_FOLLOW));
  const contexts = i32(load<u16>(pattern + NFA_CONTEXTS));
  const kinds = pattern + contexts;
  const end = pointerOf(text) + lengthOfSlot(text);
  memory.copy(PATTERN, pattern + NFA_FIRST, SET);
  let before = EDGE;
  let at = pointerOf(text);
  while (true) {
    const ended = at >= end;
    const byteClass = ended ? 0 : i32(load<u8>(pattern + NFA_CLASSES + load<u8>(at)));
    let counting = 0;
    if (contexts !== 0) {
      const behind = ended ? (isCut(text) ? CUT : EDGE) : i32(load<u8>(kinds + byteClass));
      counting = kinds + 256 + (before * NFA_KINDS + behind) * SET;
      before = behind;
    }
    const takes = pattern + NFA_TAKES + byteClass * SET;
    let a = load<u64>(pattern + NFA_AGAIN);
    let b = load<u64>(pattern + NFA_AGAIN, 8);
    let c = load<u64>(pattern + NFA_AGAIN, 16);
    let d = load<u64>(pattern + NFA_AGAIN, 24);
    let moves = 0;
    for (let word = 0; word < SET; word += 8) {
      let held = load<u64>(PATTERN + word);
      if (counting !== 0) held &= load<u64>(counting + word);
      if ((held & load<u64>(pattern + NFA_MATCHES + word)) !== 0) return 1;
      if (ended) continue;
      held &= load<u64>(takes + word);
      while (held !== 0) {
        const next = follow + (((word << 3) + i32(ctz(held))) << 5);
        held &= held - 1;
        a |= load<u64>(next);
        b |= load<u64>(next, 8);
        c |= load<u64>(next, 16);
        d |= load<u64>(next, 24);
        moves++;
      }
    }
    if (ended) return isCut(text) ? pack(ERR_TRUNCATED, node) : 0;
    if ((a | b | c | d) === 0) return 0;
    if (!charge(1 + (moves >> 4))) return pack(ERR_BUDGET, node);
    store<u64>(PATTERN, a);
    store<u64>(PATTERN, b, 8);
    store<u64>(PATTERN, c, 16);
    store<u64>(PATTERN, d, 24);
    at++;
  }
}
