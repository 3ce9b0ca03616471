// What passes between the stages after the parser: the projection that tells a binding what to read, and the compiled module.
import type { Lint, Span } from "./ast.ts";
import type { ProbeLimits } from "./limits.ts";

/**
 * How much of a value an expression needs. `presence`: whether the path exists. `size`: an INT, how many elements or code
 * points. `scalar`: the value, containers as their header only. `deep`: the value with `depth` levels of its content.
 */
export type Want = "presence" | "size" | "scalar" | "deep";

/** One step of a path below a root variable: the trie that a binding turns into a reader. Plain JSON, kept in the `probe` section. */
export interface PathNode {
  /** Field or string key, or list position. For a root: the variable. For the node of an element: "". */
  readonly key: string | number;
  /** Slot that receives the value itself, if it is wanted. Inside `each`, relative to the record. */
  readonly slot?: number;
  readonly want?: Want;
  /** Levels below the value, of `deep`. */
  readonly depth?: number;
  /** Bytes of a string that are enough to decide (it is only compared with constants); a longer one is cut there. */
  readonly cap?: number;
  /** `x.length`: the size, unless the holder has a field of that name. */
  readonly alias?: boolean;
  /** Keys of which it is asked whether they are in the value. */
  readonly members?: readonly MemberNode[];
  readonly fields?: readonly PathNode[];
  /** Elements of a list, or keys of a map or object, each as one record of `slots` slots. */
  readonly each?: EachNode;
  /** The same with two values a record: the index or key in its first slot, and what is read of the element or value. */
  readonly pairs?: EachNode;
}

/**
 * `"key" in value` with a constant key. The slot gets what `deep` of depth 1 gives. For a map or object a reader may instead copy
 * nothing and answer by itself, with a BOOL that has FLAG_SET: whether there is an entry with this text as its key, or a field that
 * `deep` would list.
 */
export interface MemberNode {
  readonly key: string;
  readonly slot: number;
}

export interface EachNode {
  /** Slot that receives the EACH header. */
  readonly slot: number;
  /** Slots of one record. */
  readonly slots: number;
  readonly element: PathNode;
}

export interface Projection {
  /** Input slots in all, at ARENA_BASE. */
  readonly slots: number;
  /** One node a variable; the order is the order in which a binding passes the variables. */
  readonly roots: readonly PathNode[];
}

/** What kind of module: its export is `evaluate`, `value` or `render`. */
export type Entry = "condition" | "value" | "template";

export interface Compiled<E extends Entry = Entry> {
  readonly entry: E;
  readonly source: string;
  readonly wasm: Uint8Array;
  readonly projection: Projection;
  /** Bytes of data that the module places at its base. */
  readonly dataBytes: number;
  /** Worst-case steps, from the caps in `limits`. */
  readonly cost: number;
  /** What an evaluation may use. */
  readonly limits: ProbeLimits;
  /** Source range of each node id, index 0 unused: turns a run-time error's node into a caret. */
  readonly spans: readonly Span[];
  /** Node id of what a selection or index is applied to, 0 for other nodes. */
  readonly operands: readonly number[];
  /** Where each root variable is first used, for errors about it. */
  readonly rootSpans: ReadonlyMap<string, Span>;
  /** Hints for the person who wrote it. */
  readonly lints: readonly Lint[];
}
