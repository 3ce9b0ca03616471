// Verifies the `probe` section of a module: what it says of itself must agree with what it is, and its projection must stay
// within its own slots, because a reader writes where the projection says.

import { EXPORT_NAMES, LIMITS, MAXIMA, type PathNode, type ProbeSection } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";

const WANTS: readonly unknown[] = ["presence", "size", "scalar", "deep"];
/** Steps of paths in one projection: each stands for a syntax node or holds a slot. */
const MAX_NODES = LIMITS.nodes + LIMITS.slots;

/** What the rest of the module showed. */
export interface Facts {
  readonly exported: string;
  readonly dataBytes: number;
  readonly steps: number;
  readonly arenaBytes: number;
}

const isCount = (value: unknown, below: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= below;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with a section, or null. */
export function faultOfSection(section: unknown, facts: Facts): string | null {
  if (!isObject(section)) return "it is no object";
  if (section.abi !== abi.ABI_VERSION) return `it was made for abi ${String(section.abi)}, this is ${abi.ABI_VERSION}`;
  const { entry, source, slots, roots, cost, dataBytes, limits } = section as unknown as ProbeSection;
  if (typeof entry !== "string" || !Object.hasOwn(EXPORT_NAMES, entry)) return "its entry is unknown";
  if (EXPORT_NAMES[entry] !== facts.exported)
    return `its entry is ${entry}, but the module exports \`${facts.exported}\``;
  if (typeof source !== "string") return "it has no source";
  if (!isCount(cost, LIMITS.cost)) return "its cost is out of range";
  if (dataBytes !== facts.dataBytes) return `it says ${String(dataBytes)} bytes of data, there are ${facts.dataBytes}`;
  if (!isObject(limits) || limits.steps !== facts.steps || limits.arenaBytes !== facts.arenaBytes)
    return "its limits are not those of its code";
  for (const [name, most] of Object.entries(MAXIMA))
    if (!isCount(limits[name as keyof typeof limits], most)) return `its limit \`${name}\` is out of range`;
  if (!isCount(slots, LIMITS.slots)) return "its number of slots is out of range";
  return faultOfProjection(roots, slots);
}

/** A node to look at, and how many slots there are where it lies: the input or one record. */
interface Pending {
  readonly node: unknown;
  readonly slots: number;
}

function faultOfProjection(roots: unknown, slots: number): string | null {
  if (!Array.isArray(roots)) return "it has no projection";
  const pending: Pending[] = roots.map((node) => ({ node, slots }));
  for (let seen = 0; pending.length > 0; seen++) {
    const { node, slots } = pending.pop() as Pending;
    if (seen > MAX_NODES || !isObject(node)) return "its projection is too large or malformed";
    const { key, slot, want, depth, cap, members, fields, each, pairs } = node as Partial<PathNode>;
    if (typeof key !== "string" && !Number.isSafeInteger(key))
      return "a key of its projection is neither text nor a position";
    if ((slot === undefined) !== (want === undefined)) return "a slot of its projection has no purpose";
    if (slot !== undefined && (!isCount(slot, slots - 1) || !WANTS.includes(want)))
      return "a slot of its projection is out of range";
    if (depth !== undefined && !isCount(depth, LIMITS.valueDepth)) return "a depth of its projection is out of range";
    if (cap !== undefined && !isCount(cap, Number.MAX_SAFE_INTEGER)) return "a cap of its projection is out of range";
    if (members !== undefined) {
      if (!Array.isArray(members) || members.length > MAX_NODES) return "its projection is too large or malformed";
      for (const member of members)
        if (!isObject(member) || typeof member.key !== "string" || !isCount(member.slot, slots - 1))
          return "a slot of its projection is out of range";
    }
    if (fields !== undefined) {
      if (!Array.isArray(fields)) return "its projection is too large or malformed";
      for (const field of fields) pending.push({ node: field, slots });
    }
    for (const records of [each, pairs]) {
      if (records === undefined) continue;
      if (!isObject(records) || !isCount(records.slot, slots - 1) || !isCount(records.slots, LIMITS.slots))
        return "a slot of its projection is out of range";
      pending.push({ node: records.element, slots: records.slots });
    }
    if (pairs?.slots === 0) return "a slot of its projection is out of range";
  }
  return null;
}
