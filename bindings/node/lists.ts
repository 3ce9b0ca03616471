// Fills the nodes of arrays, sets, maps and typed arrays. Their cost depends on the limits, never on their length, and no
// iterator or species of the program takes part.
import { type Captured, type CaptureLimits, natives, type Omitted, type RuntimeFacts } from "../../host/index.ts";
import type { Building } from "./frontier.ts";
import * as kinds from "./kind.ts";
import { captureElements } from "./leaves.ts";

const {
  add,
  blank,
  getOwnPropertyDescriptor,
  hasOwn,
  mapEntries,
  mapNext,
  mapSize,
  min,
  setNext,
  setSize,
  setValues,
  typedLength,
} = natives;

/** Estimated bytes of an encoded value without its text, name or bytes. */
export const NODE_BYTES = 28;
/** Indexes of a sparse array looked at, besides the items: a length may be 2^32. */
const MAX_HOLE_PROBES = 1000;

/** What a list needs of the walk that it is filled in. */
export interface Walker {
  readonly limits: CaptureLimits;
  readonly facts: RuntimeFacts;
  readonly stopped: Omitted | null;
  charge(bytes: number): void;
  value(value: unknown, depth: number): Captured;
  named(name: string, value: unknown, depth: number): Captured;
}

/** A value that says nothing but why it is not there. */
export function omit(omitted: Omitted): Captured {
  return { type: "omitted", omitted };
}

/** Fills the items of an array or of `arguments`; holes are counted, never walked to the end of a huge length. */
export function fillItems(walk: Walker, value: object, length: number, node: Building, depth: number): void {
  const limit = walk.limits.items;
  const wanted = min(length, limit);
  const items = blank(wanted) as Captured[];
  const isFast = walk.facts.hasFastElements?.(value) === true;
  let count = 0;
  let index = 0;
  let probes = wanted + MAX_HOLE_PROBES;
  while (count < wanted && index < length && probes > 0 && walk.stopped === null) {
    walk.charge(NODE_BYTES);
    const from = index;
    while (index < length && probes > 0 && !hasOwn(value, index)) {
      index++;
      probes--;
    }
    if (index > from) {
      items[count++] = { type: "hole", value: index - from };
      continue;
    }
    items[count++] = isFast ? walk.value((value as unknown[])[index], depth) : captureItem(walk, value, index, depth);
    index++;
    probes--;
  }
  if (count < wanted) items.length = count;
  node.items = items;
  if (index < length) cut(node, length, count < wanted ? walk.stopped : null);
}

function captureItem(walk: Walker, holder: object, index: number, depth: number): Captured {
  const descriptor = getOwnPropertyDescriptor(holder, index)!;
  return hasOwn(descriptor, "value") ? walk.value(descriptor.value, depth) : omit("getter");
}

/** Fills a Set, in its order. */
export function fillSet(walk: Walker, value: object, node: Building, depth: number): void {
  const size = setSize(value);
  const wanted = min(size, walk.limits.items);
  const items = blank(wanted) as Captured[];
  const iterator = setValues(value);
  let count = 0;
  while (count < wanted && walk.stopped === null) {
    walk.charge(NODE_BYTES);
    items[count++] = walk.value(setNext(iterator).value, depth);
  }
  if (count < wanted) items.length = count;
  node.items = items;
  if (count < size) cut(node, size, count < wanted ? walk.stopped : null);
}

/** Fills a Map, in its order; a redacted key hides its value. */
export function fillMap(walk: Walker, value: object, node: Building, depth: number): void {
  const size = mapSize(value);
  const wanted = min(size, walk.limits.items);
  const entries = blank(wanted) as (readonly [Captured, Captured])[];
  const iterator = mapEntries(value);
  let count = 0;
  while (count < wanted && walk.stopped === null) {
    const entry = mapNext(iterator).value as [unknown, unknown];
    const key = entry[0];
    walk.charge(NODE_BYTES);
    const capturedKey = walk.value(key, depth);
    entries[count++] = [capturedKey, walk.named(typeof key === "string" ? key : "", entry[1], depth)];
  }
  if (count < wanted) entries.length = count;
  node.entries = entries;
  if (count < size) cut(node, size, count < wanted ? walk.stopped : null);
}

/** Fills a typed array other than of bytes. */
export function fillElements(walk: Walker, value: object, node: Building): void {
  const length = typedLength(value);
  const items = captureElements(value, length, walk.limits.items);
  walk.charge(NODE_BYTES * items.length);
  node.items = items;
  if (items.length < length) cut(node, length, null);
}

/** Says that the limit, or what stopped the walk, cut a list. */
function cut(node: Building, size: number, stopped: Omitted | null): void {
  add(node, "size", size);
  add(node, "omitted", stopped ?? "items");
}

/** How many elements there are, where that is known at no cost. */
export function sizeOf(kind: number, value: object): number | undefined {
  switch (kind) {
    case kinds.ARRAY:
      return (value as unknown[]).length;
    case kinds.ARGUMENTS: {
      // The program may have put anything there.
      const length = kinds.dataOf(value, "length");
      return typeof length === "number" && length >= 0 && length <= 0xffffffff ? length >>> 0 : undefined;
    }
    case kinds.SET:
      return setSize(value);
    case kinds.MAP:
      return mapSize(value);
    case kinds.TYPED_ARRAY:
      return typedLength(value);
    default:
      return undefined;
  }
}
