// The objects that a walk has met: which still wait for their contents, level by level, and which id one has that is referred
// to again. Holds the program's objects only until `clear`.
import { type Captured, natives } from "../../host/index.ts";

const { add, blank, mapClear, mapGet, mapSet } = natives;

/** A Captured while it is being filled. */
export type Building = { -readonly [K in keyof Captured]: Captured[K] };

/** Objects of one walk at most; the byte budget ends a default walk long before. */
export const MAX_OBJECTS = 8192;
/** Up to so many objects a linear search for shared ones is cheaper than a map. */
const LINEAR_OBJECTS = 24;

/** Arrays made once and used again: a hit allocates nothing here. */
export class Frontier {
  readonly objects = blank(MAX_OBJECTS) as (object | undefined)[];
  readonly nodes = blank(MAX_OBJECTS) as (Building | undefined)[];
  readonly kinds = new Uint8Array(MAX_OBJECTS);
  readonly depths = new Uint8Array(MAX_OBJECTS);
  readonly #ids = new Uint16Array(MAX_OBJECTS);
  readonly #places = new Map<object, number>();
  #nextId = 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an object that no one has met; false when there is no room. */
  push(kind: number, value: object, node: Building, depth: number): boolean {
    const at = this.#size;
    if (at === MAX_OBJECTS) return false;
    this.#size = at + 1;
    this.objects[at] = value;
    this.nodes[at] = node;
    this.kinds[at] = kind;
    this.depths[at] = depth;
    if (at < LINEAR_OBJECTS) return true;
    if (at === LINEAR_OBJECTS) for (let i = 0; i < at; i++) mapSet(this.#places, this.objects[i], i);
    mapSet(this.#places, value, at);
    return true;
  }

  /** A reference to an object that was met before, or null. */
  refer(value: object): Captured | null {
    const place = this.#placeOf(value);
    if (place < 0) return null;
    if (this.#ids[place] === 0) {
      this.#ids[place] = this.#nextId;
      add(this.nodes[place]!, "id", this.#nextId++);
    }
    return { type: "ref", value: this.#ids[place]! };
  }

  clear(): void {
    for (let i = 0; i < this.#size; i++) {
      this.objects[i] = undefined;
      this.nodes[i] = undefined;
      this.#ids[i] = 0;
    }
    if (this.#size > LINEAR_OBJECTS) mapClear(this.#places);
    this.#size = 0;
    this.#nextId = 1;
  }

  #placeOf(value: object): number {
    const size = this.#size;
    if (size > LINEAR_OBJECTS) return (mapGet(this.#places, value) as number | undefined) ?? -1;
    const objects = this.objects;
    for (let i = 0; i < size; i++) if (objects[i] === value) return i;
    return -1;
  }
}
