// What a byte is to a pattern: which of its bytes are never told apart, and which assertions hold between two of them.
import { LINE_END, LINE_START, NO_WORD_EDGE, TEXT_END, TEXT_START, WORD_EDGE } from "./pattern.ts";
import type { Program } from "./program.ts";
import type { ByteNode } from "./utf8.ts";

/** What stands on one side of a position. */
export const EDGE = 0;
export const LINE_FEED = 1;
export const WORD = 2;
export const OTHER = 3;
/** A continuation byte: the position is inside a character, where nothing holds. */
export const INSIDE = 4;

const WORD_EDGES = WORD_EDGE | NO_WORD_EDGE;
const LINE_EDGES = LINE_START | LINE_END;
/** Where bytes of another kind begin. */
const LINES = [10, 11];
const WORDS = [48, 58, 65, 91, 95, 96, 97, 123];
const CHARACTERS = [0, 0x80, 0xc0];

function kindOf(byte: number): number {
  if (byte === 10) return LINE_FEED;
  if (byte >= 0x80 && byte < 0xc0) return INSIDE;
  const isWord = (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || byte === 95 || (byte >= 97 && byte <= 122);
  return isWord ? WORD : OTHER;
}

/** The assertions that hold between two bytes. */
export function holding(before: number, behind: number): number {
  if (behind === INSIDE) return 0;
  return (
    (before === EDGE ? TEXT_START | LINE_START : 0) |
    (before === LINE_FEED ? LINE_START : 0) |
    (behind === EDGE ? TEXT_END | LINE_END : 0) |
    (behind === LINE_FEED ? LINE_END : 0) |
    ((before === WORD) !== (behind === WORD) ? WORD_EDGE : NO_WORD_EDGE)
  );
}

/** The assertions that hold whatever comes. */
export function certain(before: number): number {
  return before === EDGE ? TEXT_START | LINE_START : before === LINE_FEED ? LINE_START : 0;
}

/** The bytes of a program in classes, at most 256. */
export interface ByteClasses {
  /** Class of each byte. */
  readonly classOf: Uint8Array;
  /** Kind of each class; what the program does not ask for is OTHER. */
  readonly kinds: readonly number[];
  /** Of each node: the index of the target that each class leads to, or -1. */
  readonly targets: ReadonlyMap<ByteNode, Int16Array>;
}

/** Puts bytes that the program never tells apart into one class. */
export function classify(program: Program): ByteClasses {
  const nodes = [...new Set(program.states.flatMap((state) => (state.kind === "bytes" ? [state.node] : [])))];
  const lines = (program.asserts & LINE_EDGES) !== 0;
  const words = (program.asserts & WORD_EDGES) !== 0;
  const cuts = new Uint8Array(257);
  for (const byte of CHARACTERS) cuts[byte] = 1;
  if (lines) for (const byte of LINES) cuts[byte] = 1;
  if (words) for (const byte of WORDS) cuts[byte] = 1;
  for (const node of nodes)
    for (const { lo, hi } of node.edges) {
      cuts[lo] = 1;
      cuts[hi + 1] = 1;
    }
  const told = (byte: number) => {
    const kind = kindOf(byte);
    return (kind === WORD && !words) || (kind === LINE_FEED && !lines) ? OTHER : kind;
  };
  const firsts: number[] = [];
  for (let byte = 0; byte < 256; byte++) if (cuts[byte] === 1) firsts.push(byte);

  // One row an interval of bytes: what each node does with it.
  const rows = firsts.map((byte) => [told(byte)]);
  for (const node of nodes) {
    let edge = 0;
    for (const [i, byte] of firsts.entries()) {
      while (edge < node.edges.length && node.edges[edge]!.hi < byte) edge++;
      const found = node.edges[edge];
      rows[i]!.push(found !== undefined && found.lo <= byte ? found.target + 1 : 0);
    }
  }
  const classOf = new Uint8Array(256);
  const known = new Map<string, number>();
  const distinct: (readonly number[])[] = [];
  for (const [i, byte] of firsts.entries()) {
    const key = String.fromCharCode(...rows[i]!);
    let found = known.get(key);
    if (found === undefined) {
      found = distinct.push(rows[i]!) - 1;
      known.set(key, found);
    }
    classOf.fill(found, byte, firsts[i + 1] ?? 256);
  }
  return {
    classOf,
    kinds: distinct.map((row) => row[0]!),
    targets: new Map(nodes.map((node, i) => [node, Int16Array.from(distinct, (row) => row[i + 1]! - 1)])),
  };
}
