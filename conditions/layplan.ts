// Lays down what a component has to know of its expression: the projection, where errors point, the limits. Bytes for a place in
// memory that is known; the layout is that of engine/component/layout.ts.
import { ARENA_BASE } from "../engine/abi.ts";
import * as layout from "../engine/component/layout.ts";
import type { ProbeLimits } from "./limits.ts";
import type { Compiled, EachNode, PathNode, Want } from "./stages.ts";

const WANTS: Readonly<Record<Want, number>> = {
  presence: layout.WANT_PRESENCE,
  size: layout.WANT_SIZE,
  scalar: layout.WANT_SCALAR,
  deep: layout.WANT_DEEP,
};

/** The plan of a compiled expression, to lie at `address`. */
export function layPlan(compiled: Compiled, address: number): Uint8Array {
  return new Plan(address, compiled.limits).whole(compiled);
}

class Plan {
  readonly #address: number;
  readonly #limits: ProbeLimits;
  #view = new DataView(new ArrayBuffer(4096));
  #length = 0;

  constructor(address: number, limits: ProbeLimits) {
    this.#address = address;
    this.#limits = limits;
  }

  whole(compiled: Compiled): Uint8Array {
    const { projection, spans, operands, source, limits } = compiled;
    const at = this.#take(layout.PLAN_BYTES);
    const roots = this.#list(projection.roots.map((root) => () => this.#node(root)));
    const places = this.#take(spans.length * layout.SPAN_BYTES);
    for (const [i, { from, to }] of spans.entries()) {
      const span = places + i * layout.SPAN_BYTES;
      this.#put(span, from);
      this.#put(span + layout.SPAN_TO, to);
      this.#put(span + layout.SPAN_OPERAND, operands[i] ?? 0);
    }
    this.#put(at + layout.PLAN_SLOTS, projection.slots);
    this.#put(at + layout.PLAN_ROOTS, roots);
    this.#put(at + layout.PLAN_ROOT_COUNT, projection.roots.length);
    this.#put(at + layout.PLAN_SPANS, places);
    this.#put(at + layout.PLAN_SPAN_COUNT, spans.length);
    this.#put(at + layout.PLAN_SOURCE_LENGTH, source.length);
    this.#put(at + layout.PLAN_STEPS, limits.steps);
    this.#put(at + layout.PLAN_INPUT_BYTES, limits.inputBytes);
    this.#put(at + layout.PLAN_ITEMS, limits.items);
    this.#put(at + layout.PLAN_STRING_BYTES, limits.stringBytes);
    this.#put(at + layout.PLAN_ARENA_END, ARENA_BASE + limits.arenaBytes);
    this.#put(at + layout.PLAN_HEAP, (this.#address + this.#length + 15) & ~15);
    return new Uint8Array(this.#view.buffer, 0, this.#length).slice();
  }

  #node(node: PathNode): number {
    const { key, slot, want, depth, cap, alias, fields, members, each, pairs } = node;
    const { stringBytes } = this.#limits;
    const at = this.#take(layout.NODE_BYTES);
    const text = typeof key === "string" ? new TextEncoder().encode(key) : null;
    this.#putWide(at + layout.NODE_KEY, text === null ? Number(key) : this.#bytes(text));
    this.#put(at + layout.NODE_KEY_LENGTH, text === null ? -1 : text.length);
    this.#put(at + layout.NODE_SLOT, slot ?? -1);
    this.#put(at + layout.NODE_WANT, want === undefined ? 0 : WANTS[want]);
    this.#put(at + layout.NODE_DEPTH, depth ?? 1);
    this.#put(at + layout.NODE_CAP, Math.min(cap ?? stringBytes, stringBytes));
    this.#put(at + layout.NODE_ALIAS, alias === true ? 1 : 0);
    this.#put(at + layout.NODE_EACH, each === undefined ? 0 : this.#each(each));
    this.#put(at + layout.NODE_PAIRS, pairs === undefined ? 0 : this.#each(pairs));
    this.#put(at + layout.NODE_MEMBERS, this.#list((members ?? []).map((member) => () => this.#node(member))));
    this.#put(at + layout.NODE_MEMBER_COUNT, members?.length ?? 0);
    this.#put(at + layout.NODE_FIELDS, this.#list((fields ?? []).map((field) => () => this.#node(field))));
    this.#put(at + layout.NODE_FIELD_COUNT, fields?.length ?? 0);
    return at;
  }

  #each({ slot, slots, element }: EachNode): number {
    const at = this.#take(layout.EACH_BYTES);
    this.#put(at + layout.EACH_SLOT, slot);
    this.#put(at + layout.EACH_SLOTS, slots);
    this.#put(at + layout.EACH_ELEMENT, this.#node(element));
    return at;
  }

  /** A list of addresses. */
  #list(make: readonly (() => number)[]): number {
    const at = this.#take(4 * make.length);
    for (const [i, one] of make.entries()) this.#put(at + 4 * i, one());
    return at;
  }

  #bytes(bytes: Uint8Array): number {
    const at = this.#take(bytes.length);
    new Uint8Array(this.#view.buffer).set(bytes, at - this.#address);
    return at;
  }

  /** The address of so many new bytes, at a multiple of 8. */
  #take(bytes: number): number {
    const from = this.#length;
    this.#length = (from + bytes + 7) & ~7;
    if (this.#length > this.#view.byteLength) {
      const more = new Uint8Array(2 * this.#length);
      more.set(new Uint8Array(this.#view.buffer));
      this.#view = new DataView(more.buffer);
    }
    return this.#address + from;
  }

  #put(at: number, value: number): void {
    this.#view.setInt32(at - this.#address, value, true);
  }

  #putWide(at: number, value: number): void {
    this.#view.setBigInt64(at - this.#address, BigInt(value), true);
  }
}
