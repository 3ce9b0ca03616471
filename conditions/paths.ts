// The trie of paths while it is built: which values an expression can read, how much of each, and which slots they get.
// Knows nothing of expressions.
import type { Binding } from "./check.ts";
import { LIMITS } from "./limits.ts";
import type { EachNode, PathNode, Want } from "./stages.ts";

const STRENGTH: Readonly<Record<Want, number>> = { presence: 0, size: 1, scalar: 2, deep: 3 };

/** What the place that uses a value needs of it. */
export interface Demand {
  readonly want: Want;
  readonly depth: number;
  /** Bytes of a string that decide, or null for all of it. */
  readonly cap: number | null;
}

export const SCALAR: Demand = { want: "scalar", depth: 0, cap: null };
export const PRESENCE: Demand = { want: "presence", depth: 0, cap: 0 };
export const SIZE: Demand = { want: "size", depth: 0, cap: null };

/** A value with so many levels of its content. What a literal or a macro adds to a value is not read: the cap is the path's. */
export const deep = (depth: number): Demand => (depth <= 0 ? SCALAR : { want: "deep", depth, cap: null });

/** The elements of a collection, each read as one record of slots. */
export class Records {
  /** Slot of the header. */
  slot = -1;
  /** Slots of one record. */
  width = 0;
  readonly element = new Path("");
  /** Of pairs: the index or key, in the first slot of the record. */
  readonly key: Path | null;

  constructor(pairs: boolean) {
    this.key = pairs ? new Path("", true) : null;
    if (this.key !== null) this.key.slot = 0;
  }

  layout(next: number): number {
    this.slot = next;
    // At least one, so that records can be counted even when nothing of them is read.
    this.width = Math.max(1, this.element.layout(this.key === null ? 0 : 1));
    return next + 1;
  }

  toNode(): EachNode {
    return { slot: this.slot, slots: this.width, element: this.element.toNode() };
  }
}

/** One step of the trie. */
export class Path {
  readonly key: string | number;
  /** An index or key of a collection: nothing is below it. */
  readonly isKey: boolean;
  readonly fields = new Map<string | number, Path>();
  want: Want | null = null;
  depth = 0;
  private cap: number | null = 0;
  readonly alias: boolean;
  /** Keys of which it is asked whether they are in it; each has a slot and nothing else. */
  private readonly members = new Map<string, Path>();
  /** Read by macros with one variable, and with two. */
  elements: Records | null = null;
  pairs: Records | null = null;
  /** Slot numbers, within the input or, below an element, within its record. */
  slot = -1;

  constructor(key: string | number, isKey = false, alias = false) {
    this.key = key;
    this.isKey = isKey;
    this.alias = alias;
  }

  /** `alias`: written as `x.length`, which is the size where there is no such field. */
  field(key: string | number, alias = false): Path {
    const name = alias ? `${key}()` : key;
    let path = this.fields.get(name);
    if (path === undefined) {
      path = new Path(key, false, alias);
      this.fields.set(name, path);
    }
    return path;
  }

  /** Whether a key is in it. */
  member(key: string): Path {
    let path = this.members.get(key);
    if (path === undefined) {
      path = new Path(key, true);
      this.members.set(key, path);
    }
    return path;
  }

  records(pairs: boolean): Records {
    if (pairs) {
      this.pairs ??= new Records(true);
      return this.pairs;
    }
    this.elements ??= new Records(false);
    return this.elements;
  }

  demand(demand: Demand): void {
    if (this.isKey) return;
    this.cap = this.cap === null || demand.cap === null ? null : Math.max(this.cap, demand.cap);
    this.depth = Math.max(this.depth, Math.min(demand.depth, LIMITS.valueDepth));
    if (this.want === null) this.want = demand.want;
    // A size slot holds a number, which cannot answer a question about presence: the value itself answers both.
    else if (this.want !== demand.want && STRENGTH[this.want] < 2 && STRENGTH[demand.want] < 2) this.want = "scalar";
    else if (STRENGTH[demand.want] > STRENGTH[this.want]) this.want = demand.want;
  }

  /** Numbers the slots below from `next`; gives the first free number. */
  layout(next: number): number {
    if (this.want !== null) this.slot = next++;
    // What is read with its content tells by itself.
    if (this.want === "deep") this.members.clear();
    for (const member of this.members.values()) member.slot = next++;
    if (this.elements !== null) next = this.elements.layout(next);
    if (this.pairs !== null) next = this.pairs.layout(next);
    for (const field of this.fields.values()) next = field.layout(next);
    return next;
  }

  toNode(): PathNode {
    return {
      key: this.key,
      ...(this.want === null ? {} : { slot: this.slot, want: this.want }),
      ...(this.want === "deep" ? { depth: this.depth } : {}),
      ...(this.cap !== null && this.cap > 0 ? { cap: this.cap } : {}),
      ...(this.alias ? { alias: true } : {}),
      ...(this.members.size === 0
        ? {}
        : { members: [...this.members.values()].map(({ key, slot }) => ({ key: key as string, slot })) }),
      ...(this.fields.size === 0 ? {} : { fields: [...this.fields.values()].map((field) => field.toNode()) }),
      ...(this.elements === null ? {} : { each: this.elements.toNode() }),
      ...(this.pairs === null ? {} : { pairs: this.pairs.toNode() }),
    };
  }
}

/** A path and where its slots are: at the input (`base` null), or in the record that a macro's variable stands for. */
export interface PathRef {
  readonly path: Path;
  readonly base: Binding | null;
}

/** A path that yields an optional: `a.?b.c`. Its last `steps` steps may find nothing. */
export interface OptionalRef extends PathRef {
  readonly steps: number;
}
