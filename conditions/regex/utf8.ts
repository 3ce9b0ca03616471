// Turns a set of code points into a minimal acyclic automaton over the bytes of UTF-8. Relies on the text being valid UTF-8:
// what no valid text holds may be answered either way, which keeps the automaton small.
import { covers, type Ranges, touches } from "./ranges.ts";

/** The character is complete. */
export const END = "end";
/** Whatever continuation bytes follow, the character is in the set. */
export const REST = "rest";

/** Where a byte leads: to the next byte of the character, or to its end. */
export type ByteTarget = ByteNode | typeof END | typeof REST;

/** One byte of a character: ranges in order, and where each leads. Equal nodes are one object. */
export interface ByteNode {
  readonly id: number;
  /** `lo, hi` of each edge and the index of its target. */
  readonly edges: readonly { readonly lo: number; readonly hi: number; readonly target: number }[];
  readonly targets: readonly ByteTarget[];
}

/** A set of characters. `open`: some characters end with REST. */
export interface CharacterBytes {
  readonly root: ByteNode;
  readonly open: boolean;
}

/** Bits of one continuation byte. */
const STEP = 64;

/** Makes the automata of one pattern, which share their nodes. */
export class ByteEncoder {
  private readonly nodes = new Map<string, ByteNode>();
  private readonly sets = new Map<string, CharacterBytes>();

  /** All continuation bytes. */
  readonly continuation: ByteNode = this.node([[0x80, 0xbf, END]]);

  encode(ranges: Ranges): CharacterBytes {
    const key = ranges.join();
    let set = this.sets.get(key);
    if (set === undefined) {
      set = this.make(ranges);
      this.sets.set(key, set);
    }
    return set;
  }

  private make(ranges: Ranges): CharacterBytes {
    const edges: Edge[] = [];
    for (let i = 0; i < ranges.length && ranges[i]! < 0x80; i += 2)
      edges.push([ranges[i]!, Math.min(ranges[i + 1]!, 0x7f), END]);
    let open = false;
    const add = (from: number, to: number, base: number, size: number, first: number) => {
      for (let lead = from; lead <= to; lead++) {
        const target = this.block(ranges, base + (lead - from) * size, size, first);
        if (target === null) continue;
        // Bytes that no text holds lead where their neighbours do.
        extend(edges, lead === 0xc2 ? 0xc0 : lead, lead === 0xf4 ? 0xff : lead, target);
      }
    };
    if (touches(ranges, 0x80, 0x10ffff)) {
      add(0xc2, 0xdf, 0x80, STEP, 0x80);
      add(0xe0, 0xef, 0, STEP * STEP, 0x800);
      add(0xf0, 0xf4, 0, STEP * STEP * STEP, 0x10000);
      open = this.open || edges.some(([, , target]) => target === REST);
      this.open = false;
    }
    return { root: this.node(edges), open };
  }

  /** Set where a block below the first byte ends with REST. */
  private open = false;

  /** Where the bytes before a block of `size` code points lead, if the block is what they leave open; null: nowhere. */
  private block(ranges: Ranges, base: number, size: number, first: number): ByteTarget | null {
    // Overlong forms and surrogates are in no text: only the valid part of the block counts.
    const lo = base >= 0xd800 && base <= 0xdfff ? 0xe000 : Math.max(base, first);
    let hi = Math.min(base + size - 1, 0x10ffff);
    if (base < 0xd800 && hi >= 0xd800 && hi <= 0xdfff) hi = 0xd7ff;
    if (lo > hi || !touches(ranges, lo, hi)) return null;
    if (covers(ranges, lo, hi)) {
      if (size === 1) return END;
      this.open = true;
      return REST;
    }
    const edges: Edge[] = [];
    const step = size / STEP;
    for (let i = 0; i < STEP; i++) {
      const target = this.block(ranges, base + i * step, step, first);
      if (target !== null) extend(edges, 0x80 + i, 0x80 + i, target);
    }
    return this.node(edges);
  }

  private node(edges: readonly Edge[]): ByteNode {
    const key = edges
      .map(([lo, hi, target]) => `${lo}-${hi}:${typeof target === "string" ? target : target.id}`)
      .join();
    let node = this.nodes.get(key);
    if (node === undefined) {
      const targets = [...new Set(edges.map(([, , target]) => target))];
      node = {
        id: this.nodes.size,
        edges: edges.map(([lo, hi, target]) => ({ lo, hi, target: targets.indexOf(target) })),
        targets,
      };
      this.nodes.set(key, node);
    }
    return node;
  }
}

type Edge = readonly [lo: number, hi: number, target: ByteTarget];

/** Adds an edge; one that goes on where the last one ended, to the same target, makes that longer. */
function extend(edges: Edge[], lo: number, hi: number, target: ByteTarget): void {
  const last = edges[edges.length - 1];
  if (last !== undefined && last[1] + 1 === lo && last[2] === target) edges[edges.length - 1] = [last[0], hi, target];
  else edges.push([lo, hi, target]);
}
