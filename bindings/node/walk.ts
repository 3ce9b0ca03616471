// Walks values of the program level by level within budgets of bytes and time, and builds Captured from them. Never runs code
// of the program, never recurses, and lets go of every object when the walk ends.

import {
  CAPTURE_LIMITS,
  type Captured,
  type CaptureLimits,
  natives,
  type Omitted,
  type RuntimeFacts,
} from "../../host/index.ts";
import { FieldNames } from "./fieldnames.ts";
import { type Building, Frontier } from "./frontier.ts";

import * as kinds from "./kind.ts";
import * as leaves from "./leaves.ts";
import { fillElements, fillItems, fillMap, fillSet, NODE_BYTES, omit, sizeOf } from "./lists.ts";
import { inheritedData, stackText } from "./thrown.ts";

const {
  ArrayPrototype,
  MapPrototype,
  SetPrototype,
  add,
  blank,
  getOwnPropertyDescriptor,
  hasOwn,
  isProxy,
  min,
  symbolDescription,
  typedArrayKind,
  typedLength,
} = natives;

/** Further bytes of an object (class, list of contents) and of anything that was cut (size, reason). */
const OBJECT_BYTES = 28;
const CUT_BYTES = 22;
/** Values between two looks at the clock. */
const CLOCK_EVERY = 64;
/** A stack text may be so many times longer than other text. */
const STACK_TEXT_RATIO = 8;

type Field = readonly [name: string, value: Captured];

/** Says whether values of that name must not be shown. */
export type Redact = (name: string) => boolean;

const NULL: Captured = Object.freeze({ type: "null" });
const UNDEFINED: Captured = Object.freeze({ type: "undefined" });
const TRUE: Captured = Object.freeze({ type: "boolean", value: true });
const FALSE: Captured = Object.freeze({ type: "boolean", value: false });
const NONE: readonly never[] = Object.freeze([]);

/** One walk at a time: `begin`, `value` for each root, `drain`, `end`. */
export class Walk {
  readonly facts: RuntimeFacts;
  readonly #redact: Redact | null;
  readonly #clockMs: () => number;
  readonly #names = new FieldNames();

  readonly #frontier = new Frontier();
  /** Objects before this one have their contents. */
  #head = 0;

  limits: CaptureLimits = CAPTURE_LIMITS;
  #spent = 0;
  #ticks = 0;
  #deadlineMs = 0;
  #stopped: Omitted | null = null;

  // Objects of one class stand side by side more often than not.
  #lastPrototype: object | null = null;
  #lastClass: string | null = null;

  constructor(facts: RuntimeFacts, redact: Redact | null, clockMs: () => number) {
    this.facts = facts;
    this.#redact = redact;
    this.#clockMs = clockMs;
  }

  begin(limits: CaptureLimits, startMs: number): void {
    this.limits = limits;
    this.#spent = 0;
    this.#ticks = 0;
    this.#deadlineMs = startMs + limits.timeMs;
    this.#stopped = null;
    this.#head = 0;
  }

  /** Takes bytes from the budget for something that is sent along. */
  charge(bytes: number): void {
    this.#spend(bytes);
    if ((++this.#ticks & (CLOCK_EVERY - 1)) === 0) this.#lookAtClock();
  }

  #spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent > this.limits.eventBytes) this.#stopped ??= "bytes";
  }

  /** Why nothing more is taken in, or null. */
  get stopped(): Omitted | null {
    return this.#stopped;
  }

  /** Captures a variable; objects wait for `drain`. */
  root(name: string, value: unknown): Captured {
    if (this.#stopped !== null) return omit(this.#stopped);
    try {
      return this.named(name, value, 0);
    } catch {
      return omit("unavailable");
    }
  }

  /** Fills the objects, outer levels first. */
  drain(): void {
    const { objects, nodes, kinds: kindsMet, depths } = this.#frontier;
    while (this.#head < this.#frontier.size) {
      const at = this.#head++;
      const node = nodes[at]!;
      const value = objects[at]!;
      const kind = kindsMet[at]!;
      if (this.#stopped !== null) {
        this.#leaveOut(kind, value, node, this.#stopped);
        continue;
      }
      try {
        this.#fill(kind, value, node, depths[at]! + 1);
      } catch {
        // Only the runtime itself can fail here, by the end of its stack or memory.
        add(node, "omitted", "unavailable");
      }
    }
  }

  /** Lets go of the program's objects. */
  end(): void {
    this.#frontier.clear();
    this.#head = 0;
    this.#lastPrototype = this.#lastClass = null;
  }

  #lookAtClock(): void {
    if (this.#clockMs() > this.#deadlineMs) this.#stopped ??= "time";
  }

  /** Captures a value that has a name, and charges both. */
  named(name: string, value: unknown, depth: number): Captured {
    this.charge(NODE_BYTES + name.length);
    return this.#redact?.(name) ? omit("redacted") : this.value(value, depth);
  }

  /** Captures a value at a depth, already charged but for its text. */
  value(value: unknown, depth: number): Captured {
    switch (typeof value) {
      case "string": {
        const limit = this.limits.stringLength;
        this.#spend(value.length <= limit ? value.length : limit + CUT_BYTES);
        return leaves.captureText("string", value, limit, this.facts.isFlatString);
      }
      case "number":
        return leaves.captureNumber(value);
      case "boolean":
        return value ? TRUE : FALSE;
      case "undefined":
        return UNDEFINED;
      case "bigint":
        return leaves.captureBigint(value, this.limits.stringLength);
      case "symbol":
        return leaves.captureSymbol(value, this.limits.stringLength, this.facts.isFlatString);
      case "function":
        return isProxy(value) ? omit("proxy") : leaves.captureFunction(value);
      default:
        return value === null ? NULL : this.#object(value as object, depth);
    }
  }

  #object(value: object, depth: number): Captured {
    if (isProxy(value)) return omit("proxy");
    const known = this.#frontier.refer(value);
    if (known !== null) return known;
    this.#spend(OBJECT_BYTES);
    const prototype = kinds.prototypeOf(value);
    const kind = kinds.kindOf(value, prototype);
    if (kind >= kinds.BYTES) {
      const limit = this.limits.stringLength;
      const leaf = leaves.captureLeaf(kind, value, this.#class(prototype), limit, this.facts.isFlatString);
      if (leaf.type === "bytes") this.#spend(typedLength(leaf.value as Uint8Array));
      return leaf;
    }
    const node = this.#header(kind, value, prototype);
    if (depth >= this.limits.depth) this.#leaveOut(kind, value, node, "depth");
    else if (!this.#frontier.push(kind, value, node, depth)) this.#leaveOut(kind, value, node, "bytes");
    return node;
  }

  /** A node without contents: every member that `#fill` sets is there already, so that setting it asks no prototype. */
  #header(kind: number, value: object, prototype: object | null): Building {
    switch (kind) {
      case kinds.ARRAY:
        if (prototype === ArrayPrototype) return { type: "array", items: NONE };
        return { type: "array", class: this.#class(prototype), items: NONE };
      case kinds.ARGUMENTS:
        return { type: "array", class: "Arguments", items: NONE };
      case kinds.SET:
        if (prototype === SetPrototype) return { type: "set", items: NONE };
        return { type: "set", class: this.#class(prototype), items: NONE };
      case kinds.MAP:
        if (prototype === MapPrototype) return { type: "map", entries: NONE };
        return { type: "map", class: this.#class(prototype), entries: NONE };
      case kinds.TYPED_ARRAY:
        return { type: "typedarray", class: typedArrayKind(value)!, items: NONE };
      case kinds.ERROR:
        return { type: "error", class: this.#class(prototype), value: this.#message(value), fields: NONE };
      case kinds.NAMESPACE:
        return { type: "object", class: "Module", fields: NONE };
      default:
        return { type: "object", class: this.#class(prototype), fields: NONE };
    }
  }

  #class(prototype: object | null): string | null {
    if (prototype === null || prototype !== this.#lastPrototype) {
      this.#lastClass = kinds.classOf(prototype);
      this.#lastPrototype = prototype;
    }
    if (this.#lastClass !== null) this.#spend(this.#lastClass.length);
    return this.#lastClass;
  }

  #message(error: object): string {
    const message = inheritedData(error, "message");
    if (message === null || typeof message.value !== "string") return "";
    const text = leaves.cutText(message.value, this.limits.stringLength, this.facts.isFlatString);
    this.#spend(text.length);
    return text;
  }

  /** Says why the contents are not there, and how many there are where that costs nothing. */
  #leaveOut(kind: number, value: object, node: Building, reason: Omitted): void {
    const size = sizeOf(kind, value);
    if (size !== undefined) add(node, "size", size);
    // An empty list is complete.
    if (size !== 0) add(node, "omitted", reason);
  }

  #fill(kind: number, value: object, node: Building, depth: number): void {
    switch (kind) {
      case kinds.ARRAY:
        fillItems(this, value, (value as unknown[]).length, node, depth);
        return;
      case kinds.ARGUMENTS:
        fillItems(this, value, sizeOf(kind, value) ?? 0, node, depth);
        return;
      case kinds.SET:
        fillSet(this, value, node, depth);
        return;
      case kinds.MAP:
        fillMap(this, value, node, depth);
        return;
      case kinds.TYPED_ARRAY:
        fillElements(this, value, node);
        return;
      case kinds.BOXED:
        this.charge(NODE_BYTES);
        node.fields = [["[[value]]", this.value(leaves.unbox(value), depth)]];
        return;
      case kinds.ERROR:
        this.#fillError(value, node, depth);
        return;
      default:
        this.#fillFields(kind, value, node, depth);
        return;
    }
  }

  #fillFields(kind: number, value: object, node: Building, depth: number): void {
    const limit = this.limits.fields;
    const found = kind === kinds.NAMESPACE ? this.#names.ofNamespace(value) : this.#names.of(value, limit);
    const { keys, total } = found;
    const wanted = min(keys.length, limit);
    const fields = blank(wanted) as Field[];
    let count = 0;
    while (count < wanted && this.#stopped === null) {
      const key = keys[count]!;
      fields[count++] =
        typeof key === "string" ? [key, this.#field(value, key, key, depth)] : this.#symbolField(value, key, depth);
    }
    if (count < wanted) fields.length = count;
    node.fields = fields;
    // A listing that took all the time is paid for: its first fields are shown, what comes after is not.
    if (found.slow) this.#lookAtClock();
    if (total === count) return;
    if (total !== null) add(node, "size", total);
    add(node, "omitted", this.#stopped !== null && count < wanted ? this.#stopped : "fields");
  }

  #symbolField(value: object, key: symbol, depth: number): Field {
    const name = `Symbol(${leaves.cutText(symbolDescription(key) ?? "", this.limits.stringLength, null)})`;
    return [name, this.#field(value, key, name, depth)];
  }

  /**
   * An own property of an object that is no Proxy. Its descriptor can be looked at even of a `stack` that V8 makes at the
   * first look: such a one is enumerable only after the program redefined it, which was that look.
   */
  #field(holder: object, key: PropertyKey, name: string, depth: number): Captured {
    let descriptor: PropertyDescriptor | undefined;
    try {
      descriptor = getOwnPropertyDescriptor(holder, key);
    } catch {
      // A binding of a module namespace that is not initialised yet.
    }
    if (descriptor === undefined || !hasOwn(descriptor, "value")) {
      this.charge(NODE_BYTES + name.length);
      return omit(descriptor === undefined ? "unavailable" : "getter");
    }
    return this.named(name, descriptor.value, depth);
  }

  #fillError(error: object, node: Building, depth: number): void {
    this.#fillFields(kinds.ERROR, error, node, depth);
    const text = stackText(error);
    if (typeof text === "string") {
      const limit = this.limits.stringLength * STACK_TEXT_RATIO;
      const stack = leaves.cutText(text, limit, this.facts.isFlatString);
      this.charge(stack.length);
      add(node, "stack", stack.length < text.length ? `${stack}…` : stack);
    } else if (text === null) {
      this.#addField(node, "stack", omit("getter"));
    }
    this.#fillHidden(error, node, "cause", depth);
    this.#fillHidden(error, node, "errors", depth);
    this.#fillHidden(error, node, "error", depth);
    this.#fillHidden(error, node, "suppressed", depth);
  }

  /** What the language itself puts on errors, as own properties that are not enumerable. */
  #fillHidden(error: object, node: Building, name: string, depth: number): void {
    const descriptor = getOwnPropertyDescriptor(error, name);
    if (descriptor === undefined || (descriptor.enumerable === true && name !== "cause")) return;
    const value = this.#stopped !== null ? omit(this.#stopped) : this.#field(error, name, name, depth);
    if (name === "cause") add(node, name, value);
    else this.#addField(node, name, value);
  }

  #addField(node: Building, name: string, value: Captured): void {
    const known = node.fields ?? NONE;
    const fields = blank(known.length + 1) as Field[];
    for (let i = 0; i < known.length; i++) fields[i] = known[i]!;
    fields[known.length] = [name, value];
    node.fields = fields;
  }
}
