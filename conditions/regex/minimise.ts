// Merges the states of a deterministic automaton that no text tells apart: Hopcroft's algorithm on refinable partitions
// (Valmari and Lehtinen 2008), n log n in the number of transitions.
import { ACCEPT, type Automaton, DEAD } from "./determine.ts";

/** Elements `0..size`, in sets that can be split. `elements` is ordered by set; a set's marked elements stand first. */
class Partition {
  readonly elements: Int32Array;
  private readonly location: Int32Array;
  readonly setOf: Int32Array;
  readonly first: number[];
  readonly past: number[];
  private readonly marked: number[];
  private readonly touched: number[] = [];

  /** One set, or none of no elements. */
  constructor(size: number) {
    this.elements = Int32Array.from({ length: size }, (_, i) => i);
    this.location = this.elements.slice();
    this.setOf = new Int32Array(size);
    this.first = size === 0 ? [] : [0];
    this.past = size === 0 ? [] : [size];
    this.marked = size === 0 ? [] : [0];
  }

  get count(): number {
    return this.first.length;
  }

  mark(element: number): void {
    const set = this.setOf[element]!;
    const at = this.location[element]!;
    const to = this.first[set]! + this.marked[set]!;
    if (at < to) return;
    this.elements[at] = this.elements[to]!;
    this.location[this.elements[at]!] = at;
    this.elements[to] = element;
    this.location[element] = to;
    if (this.marked[set]!++ === 0) this.touched.push(set);
  }

  /** Makes a set of its own of what is marked, or of what is not, whichever is smaller, in each set. */
  split(): void {
    for (let set = this.touched.pop(); set !== undefined; set = this.touched.pop()) {
      const from = this.first[set]!;
      const middle = from + this.marked[set]!;
      const to = this.past[set]!;
      this.marked[set] = 0;
      if (middle === to) continue;
      const made = this.first.length;
      if (middle - from <= to - middle) {
        this.first.push(from);
        this.past.push(middle);
        this.first[set] = middle;
      } else {
        this.first.push(middle);
        this.past.push(to);
        this.past[set] = middle;
      }
      this.marked.push(0);
      for (let i = this.first[made]!; i < this.past[made]!; i++) this.setOf[this.elements[i]!] = made;
    }
  }
}

/** The minimal automaton: DEAD and ACCEPT keep their numbers, the others follow in the order in which they are reached. */
export function minimise(automaton: Automaton): Automaton {
  const { states, classes, next, ends, classOf } = automaton;
  const blocks = new Partition(states);
  for (let state = 0; state < states; state++) if (ends[state] === 1) blocks.mark(state);
  blocks.split();

  // Transitions are numbered as in `next`. They are grouped by class, then split whenever a block is.
  const transitions = new Partition(states * classes);
  for (let index = 1; index < classes; index++) {
    for (let state = 0; state < states; state++) transitions.mark(state * classes + index);
    transitions.split();
  }
  const into = incoming(automaton);
  for (let block = 1, cord = 0; cord < transitions.count; cord++) {
    for (let i = transitions.first[cord]!; i < transitions.past[cord]!; i++)
      blocks.mark(Math.floor(transitions.elements[i]! / classes));
    blocks.split();
    for (; block < blocks.count; block++) {
      for (let i = blocks.first[block]!; i < blocks.past[block]!; i++) {
        const state = blocks.elements[i]!;
        for (let at = into.first[state]!; at < into.first[state + 1]!; at++) transitions.mark(into.list[at]!);
      }
      transitions.split();
    }
  }
  return renumbered(blocks, automaton, { next, ends, classOf });
}

/** The transitions that lead to each state. */
function incoming({ states, next }: Automaton): { first: Int32Array; list: Int32Array } {
  const first = new Int32Array(states + 1);
  for (const state of next) first[state + 1]!++;
  for (let state = 0; state < states; state++) first[state + 1]! += first[state]!;
  const free = first.slice();
  const list = new Int32Array(next.length);
  for (let transition = 0; transition < next.length; transition++) list[free[next[transition]!]!++] = transition;
  return { first, list };
}

function renumbered(
  blocks: Partition,
  automaton: Automaton,
  parts: Pick<Automaton, "next" | "ends" | "classOf">,
): Automaton {
  const { classes } = automaton;
  const numbers = new Map([
    [blocks.setOf[DEAD]!, DEAD],
    [blocks.setOf[ACCEPT]!, ACCEPT],
  ]);
  const order = [DEAD, ACCEPT];
  const visit = (state: number): number => {
    const block = blocks.setOf[state]!;
    let number = numbers.get(block);
    if (number === undefined) {
      number = order.length;
      numbers.set(block, number);
      order.push(state);
    }
    return number;
  };
  const start = visit(automaton.start);
  const next: number[] = [];
  for (let at = 0; at < order.length; at++) {
    const state = order[at]!;
    for (let index = 0; index < classes; index++) next.push(visit(parts.next[state * classes + index]!));
  }
  return {
    states: order.length,
    start,
    classOf: parts.classOf,
    classes,
    next: Int32Array.from(next),
    ends: Uint8Array.from(order, (state) => parts.ends[state]!),
  };
}
