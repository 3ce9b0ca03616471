// Writes a deterministic automaton as the engine reads it: the layout is in engine/abi.ts. Relies on texts being valid UTF-8,
// so that a row need not have what its state never meets.
import * as abi from "../../engine/abi.ts";
import { LIMITS } from "../limits.ts";
import { ACCEPT, type Automaton, DEAD } from "./determine.ts";

/** What valid UTF-8 may hold next: whole characters, or one to three more bytes, or a second byte of a narrower range. */
const WHOLE = 0;
const UTF8: readonly (readonly (readonly [lo: number, hi: number, then: number])[])[] = [
  [
    [0x00, 0x7f, WHOLE],
    [0xc2, 0xdf, 1],
    [0xe0, 0xe0, 4],
    [0xe1, 0xec, 2],
    [0xed, 0xed, 5],
    [0xee, 0xef, 2],
    [0xf0, 0xf0, 6],
    [0xf1, 0xf3, 3],
    [0xf4, 0xf4, 7],
  ],
  [[0x80, 0xbf, WHOLE]],
  [[0x80, 0xbf, 1]],
  [[0x80, 0xbf, 2]],
  [[0xa0, 0xbf, 1]],
  [[0x80, 0x9f, 1]],
  [[0x90, 0xbf, 2]],
  [[0x80, 0x8f, 2]],
];

/** Where in valid text a state is met: between characters, inside of one, or both. */
const BETWEEN = 1;
const INSIDE = 2;
const BOTH = 3;

/** Where each state is met. */
function uses(automaton: Automaton): Uint8Array {
  const { states, start, classOf, classes, next } = automaton;
  const steps = UTF8.map((ranges) => {
    // A class and where it leads, in one number.
    const found = new Set<number>();
    for (const [lo, hi, then] of ranges)
      for (let byte = lo; byte <= hi; byte++)
        if (byte === lo || classOf[byte] !== classOf[byte - 1]) found.add(classOf[byte]! * 8 + then);
    return [...found];
  });
  const used = new Uint8Array(states);
  const seen = new Uint8Array(states * 8);
  const pending = [start * 8];
  seen[start * 8] = 1;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const state = at >> 3;
    used[state]! |= (at & 7) === WHOLE ? BETWEEN : INSIDE;
    for (const step of steps[at & 7]!) {
      const then = step & 7;
      const to = next[state * classes + (step >> 3)]!;
      if (to === DEAD || to === ACCEPT || seen[to * 8 + then] === 1) continue;
      seen[to * 8 + then] = 1;
      pending.push(to * 8 + then);
    }
  }
  return used;
}

/** Those of some classes that no state of `among` tells apart, as one column. */
function columns(automaton: Automaton, some: readonly number[], among: readonly number[]): number[][] {
  const { classes, next } = automaton;
  const found = new Map<string, number[]>();
  for (const index of some) {
    const key = String.fromCharCode(...among.map((state) => next[state * classes + index]!));
    const list = found.get(key);
    if (list === undefined) found.set(key, [index]);
    else list.push(index);
  }
  return [...found.values()];
}

/** The table of a minimal automaton, or null if it is too large for a module. */
export function encodeAutomaton(automaton: Automaton): Uint8Array | null {
  const { start, classes, next, ends, classOf } = automaton;
  const used = uses(automaton);
  const rows = [...used.keys()].filter((state) => state > ACCEPT && used[state] !== 0);
  const group = (use: number, end: number) => rows.filter((state) => used[state] === use && ends[state] === end);
  const whole = rows.filter((state) => used[state] !== INSIDE);
  const isInner = (index: number) => (classOf.indexOf(index) & 0xc0) === 0x80;
  const every = Array.from({ length: classes }, (_, index) => index);
  const inner = columns(automaton, every.filter(isInner), [...group(BOTH, 0), ...group(BOTH, 1)]);
  const leading = columns(
    automaton,
    every.filter((index) => !isInner(index)),
    whole,
  );
  // Classes that keep the start where it is come first, so that one comparison skips what cannot begin a match.
  const stays = ([index]: readonly number[]) => next[start * classes + index!] === start;
  const staying = leading.filter(stays);
  const canSkip = staying.length > 0 && start > ACCEPT && (used[start] !== BOTH || inner.every(stays));
  const held = [...inner, ...staying, ...leading.filter((list) => !stays(list))];

  // A row that meets no inner byte begins that much earlier than it is. Within each half the rows of this kind stand first: so no
  // two have the same number, and the rows in which a text may end have the highest. Lists come last; no text ends in them.
  const number = new Map<number, number>([
    [DEAD, abi.DFA_DEAD],
    [ACCEPT, abi.DFA_ACCEPT],
  ]);
  const placed: number[] = [];
  let size = 2 * inner.length;
  const place = (states: readonly number[]): number => {
    const from = 2 + size;
    for (const state of states) {
      const skipped = used[state] === BETWEEN ? inner.length : 0;
      number.set(state, 2 + size - 2 * skipped);
      size += 2 * (held.length - skipped);
      placed.push(state);
    }
    return number.get(states[0]!) ?? from;
  };
  place([...group(BETWEEN, 0), ...group(BOTH, 0)]);
  const firstEnd = place([...group(BETWEEN, 1), ...group(BOTH, 1)]);
  const firstList = 2 + size;
  const lists = rows
    .filter((state) => used[state] === INSIDE)
    .map((state) => ({ state, list: listOf(automaton, state) }));
  for (const { state, list } of lists) {
    number.set(state, 2 + size);
    size += 3 * list.length;
  }
  const bytes = abi.DFA_ROWS + 2 + size;
  if (bytes > LIMITS.regexTableBytes) return null;

  const table = new Uint8Array(bytes);
  const view = new DataView(table.buffer);
  view.setUint16(abi.DFA_START, number.get(start)!, true);
  view.setUint16(abi.DFA_ENDS, firstEnd, true);
  view.setUint16(abi.DFA_STAY, canSkip ? inner.length + staying.length : 0, true);
  view.setUint16(abi.DFA_LISTS, firstList, true);
  const columnOf = new Uint8Array(classes);
  for (const [column, list] of held.entries()) for (const index of list) columnOf[index] = column;
  for (let byte = 0; byte < 256; byte++) table[abi.DFA_CLASSES + byte] = columnOf[classOf[byte]!]!;
  const firsts = canSkip ? firstsOf(table, inner.length + staying.length) : [];
  const seconds = firsts.map((first) => secondOf(automaton, first));
  const hasSeconds = !seconds.includes(0);
  for (const [i, first] of firsts.entries()) {
    table.fill(first, abi.DFA_FIRSTS + 8 * i, abi.DFA_FIRSTS + 8 * i + 8);
    table.fill(hasSeconds ? seconds[i]! : first, abi.DFA_SECONDS + 8 * i, abi.DFA_SECONDS + 8 * i + 8);
  }
  view.setUint16(abi.DFA_GAP, hasSeconds ? 1 : 0, true);
  for (const state of placed) {
    const row = abi.DFA_ROWS + number.get(state)!;
    for (let column = used[state] === BETWEEN ? inner.length : 0; column < held.length; column++) {
      const to = next[state * classes + held[column]![0]!]!;
      view.setUint16(row + 2 * column, number.get(to) ?? abi.DFA_DEAD, true);
    }
  }
  for (const { state, list } of lists) {
    let at = abi.DFA_ROWS + number.get(state)!;
    for (const [last, to] of list) {
      table[at] = last;
      view.setUint16(at + 1, number.get(to) ?? abi.DFA_DEAD, true);
      at += 3;
    }
  }
  return table;
}

/** Where only one or two bytes can begin a match, both of them: eight bytes at once are searched for these. Otherwise none. */
function firstsOf(table: Uint8Array, stay: number): readonly number[] {
  const firsts: number[] = [];
  // The other bytes stand in no UTF-8.
  for (let byte = 0; byte < 0xf5; byte++)
    if (byte !== 0xc0 && byte !== 0xc1 && table[abi.DFA_CLASSES + byte]! >= stay) firsts.push(byte);
  // That there are none is said by 0.
  if (firsts.length === 0 || firsts.length > 2 || firsts.includes(0)) return [];
  return [firsts[0]!, firsts[1] ?? firsts[0]!];
}

/**
 * The byte that must follow a first one to get anywhere, so that both are searched for together: with any other, and at the end of
 * the text, it is as if the first had not been there. 0 where that is not so of exactly one byte of ASCII.
 */
function secondOf({ start, classOf, classes, next, ends }: Automaton, first: number): number {
  const state = next[start * classes + classOf[first]!]!;
  if (first > 0x7f || state <= ACCEPT || ends[state] !== ends[start]) return 0;
  let second = 0;
  for (let byte = 0; byte < 0xf5; byte++) {
    // Between characters, where this is, no other bytes stand in UTF-8.
    if (byte > 0x7f && byte < 0xc2) continue;
    if (next[state * classes + classOf[byte]!] === next[start * classes + classOf[byte]!]) continue;
    if (second !== 0 || byte === 0 || byte > 0x7f) return 0;
    second = byte;
  }
  return second;
}

/** The transitions of a state by continuation bytes, as runs. */
function listOf({ classOf, classes, next }: Automaton, state: number): (readonly [last: number, to: number])[] {
  const list: (readonly [number, number])[] = [];
  let from = 0x80;
  const target = (byte: number) => next[state * classes + classOf[byte]!]!;
  for (let byte = 0x80; byte < 0xc0; byte++) {
    if (byte < 0xbf && target(byte + 1) === target(from)) continue;
    list.push([byte === 0xbf ? 0xff : byte, target(from)]);
    from = byte + 1;
  }
  return list;
}
