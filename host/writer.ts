// Writes JavaScript values into slots under the caps on one hit. Runs none of the program's code: own data properties only,
// saved built-ins only. Never throws on any value.

import * as abi from "../engine/abi.ts";
import { FAULT } from "./access.ts";
import { type Carried, Carrier } from "./carrier.ts";
import { fieldNames, MAX_TIME_MS, MIN_TIME_MS, sizeOf, visibleEntries } from "./measure.ts";
import {
  asIntN,
  asUintN,
  bigintOf,
  bigintText,
  byteLength,
  bytesOf,
  charCode,
  classNameOf,
  dataIn,
  dateTime,
  eachMember,
  encodeText,
  floor,
  getOwnPropertyDescriptor,
  isAnyArrayBuffer,
  isArray,
  isDate,
  isMap,
  isNotANumber,
  isProxy,
  isSet,
  isTypedArray,
  isUint8Array,
  mapSize,
  max,
  min,
  numberOf,
  opaqueLabel,
  setSize,
  sliceText,
  subarray,
  typedLength,
  unbox,
} from "./natives.ts";
import { UNAVAILABLE } from "./placement.ts";
import type { Redact } from "./redaction.ts";
import { MAX_SIZE, Slots } from "./slots.ts";

/** Longest string copied character by character; longer ones go through the encoder. Measured: see bench/README.md. */
const SHORT = 24;
const BIG_BITS = 4096;

/** A cached piece of memory for one place that writes text: making one costs more than filling it. */
interface Window {
  at: number;
  room: number;
  bytes: Uint8Array;
}

/** Slot addresses are byte addresses. One writer a guest; `begin` starts a hit. */
export class Writer extends Slots {
  readonly redact: Redact | null;
  private readonly windows: Window[] = [];
  /** The opaque values of this hit; the position of one is its identity. */
  private readonly opaques: unknown[] = [];

  /** `redact`: names whose values may not be read. */
  constructor(memory: WebAssembly.Memory, redact: Redact | null = null) {
    super(memory);
    this.redact = redact;
  }

  /** Ends reading and keeps nothing of the program's. Gives the first free address. */
  finish(): number {
    if (this.opaques.length > 0) this.opaques.length = 0;
    return this.top;
  }

  /** A value with `depth` levels of its content; 0 gives containers as their header. `cap`: bytes of text that decide. */
  value(slot: number, value: unknown, depth: number, cap: number, window: number): void {
    switch (typeof value) {
      case "number":
        this.i32[slot >> 2] = abi.TAG_DOUBLE;
        this.f64[(slot + abi.SLOT_PAYLOAD) >> 3] = value;
        return;
      case "string":
        return this.text(slot, value, cap, window);
      case "boolean":
        return this.put(slot, abi.TAG_BOOL, 0, value ? 1 : 0);
      case "undefined":
        return this.put(slot, abi.TAG_NULL, 0);
      case "bigint":
        return this.bigint(slot, value);
      case "symbol":
        if (value === UNAVAILABLE) return this.error(slot, abi.ERR_UNDECLARED);
        return this.opaque(slot, "symbol", value);
      case "function": {
        const name: unknown = isProxy(value) ? "" : dataIn(getOwnPropertyDescriptor(value, "name"));
        return this.opaque(
          slot,
          typeof name === "string" && name !== "" ? `function ${sliceText(name, 0, 100)}` : "function",
          value,
        );
      }
      default:
        return this.object(slot, value as object | null, depth, window);
    }
  }

  private object(slot: number, value: object | null, depth: number, window: number): void {
    if (value === null) return this.put(slot, abi.TAG_NULL, 0);
    if (isProxy(value)) return this.opaque(slot, "Proxy", value);
    if (isArray(value)) return this.list(slot, value, value.length, depth, window);
    if (isUint8Array(value)) return this.binary(slot, value as Uint8Array);
    if (isTypedArray(value)) return this.list(slot, value, typedLength(value), depth, window);
    if (isMap(value)) return this.map(slot, value, depth, window);
    if (isSet(value)) return this.set(slot, value, depth, window);
    if (isDate(value)) return this.date(slot, dateTime(value));
    if (isAnyArrayBuffer(value)) return this.binary(slot, bytesOf(value));
    const boxed = unbox(value);
    if (boxed !== undefined) return this.value(slot, boxed, depth, this.limits.stringBytes, window);
    const label = opaqueLabel(value);
    if (label !== null) return this.opaque(slot, label, value);
    const carried = Carrier.of(value);
    if (carried !== null) return this.carried(slot, carried, depth);
    this.fields(slot, value, depth, window);
  }

  private carried(slot: number, carried: Carried, depth: number): void {
    const long = (slot + abi.SLOT_PAYLOAD) >> 3;
    switch (carried.kind) {
      case "uint":
        this.put(slot, abi.TAG_UINT, 0);
        this.i64[long] = carried.value;
        return;
      case "duration":
        this.put(slot, abi.TAG_DURATION, 0);
        this.i64[long] = carried.nanoseconds;
        return;
      case "timestamp":
        this.put(slot, abi.TAG_TIMESTAMP, carried.nanoseconds);
        this.i64[long] = carried.seconds;
        return;
      case "type":
        this.text(slot, carried.name, this.limits.stringBytes, 0);
        this.i32[slot >> 2] = abi.TAG_TYPE;
        return;
      case "enum": {
        const at = this.alloc(3 * abi.SLOT_BYTES);
        if (at === 0) return this.error(slot, abi.ERR_TRUNCATED);
        this.text(at, carried.class, this.limits.stringBytes, 0);
        this.text(at + abi.SLOT_BYTES, carried.name, this.limits.stringBytes, 0);
        this.value(at + 2 * abi.SLOT_BYTES, carried.value, 0, this.limits.stringBytes, 0);
        return this.put(slot, abi.TAG_ENUM, 0, at);
      }
      case "error":
        return this.error(slot, carried.code);
      case "cut":
        this.value(slot, carried.value, depth, this.limits.stringBytes, 0);
        return this.cut(slot, typeof carried.value === "string" ? null : carried.size);
    }
  }

  private bigint(slot: number, value: bigint): void {
    if (asIntN(64, value) === value || asUintN(64, value) === value) {
      this.put(slot, asIntN(64, value) === value ? abi.TAG_INT : abi.TAG_UINT, 0);
      this.i64[(slot + abi.SLOT_PAYLOAD) >> 3] = asIntN(64, value);
      return;
    }
    // Printing a bigint takes quadratic time: one that is far too long to show is not printed at all.
    if (asIntN(BIG_BITS, value) !== value) return this.error(slot, abi.ERR_TRUNCATED);
    const digits = bigintText(value);
    const at = this.alloc(8 + digits.length);
    if (at === 0) return this.error(slot, abi.ERR_TRUNCATED);
    this.f64[at >> 3] = numberOf(value);
    encodeText(digits, subarray(this.bytes, at + 8, at + 8 + digits.length));
    this.put(slot, abi.TAG_BIG, digits.length, at);
  }

  private date(slot: number, ms: number): void {
    if (isNotANumber(ms)) return this.error(slot, abi.ERR_CONVERSION);
    if (ms < MIN_TIME_MS || ms > MAX_TIME_MS) return this.error(slot, abi.ERR_OVERFLOW);
    const seconds = floor(ms / 1000);
    this.put(slot, abi.TAG_TIMESTAMP, (ms - seconds * 1000) * 1e6);
    this.i64[(slot + abi.SLOT_PAYLOAD) >> 3] = bigintOf(seconds);
  }

  /** UTF-8 text, cut at `cap` bytes. */
  text(slot: number, value: string, cap: number, window: number): void {
    const at = this.top;
    const { length } = value;
    const room = min(cap, this.end - at);
    const held = min(length, room); // of a text that is cut, too: many are compared with something short
    if (held <= SHORT && (held > 0 || length === 0)) {
      let i = 0;
      for (; i < held; i++) {
        const unit = charCode(value, i);
        if (unit > 127) break;
        this.bytes[at + i] = unit;
      }
      if (i === held) {
        this.top = (at + held + 7) & ~7;
        return this.put(slot, held < length ? abi.TAG_STRING | abi.FLAG_TRUNCATED : abi.TAG_STRING, held, at);
      }
    }
    let view = this.windows[window];
    if (view === undefined || view.at !== at || view.room !== room) {
      view = { at, room, bytes: subarray(this.bytes, at, at + max(0, room)) };
      this.windows[window] = view;
    }
    // No more units than bytes can be needed: a huge string is not walked.
    const { read, written } = encodeText(length > room ? sliceText(value, 0, max(0, room)) : value, view.bytes);
    this.top = (at + written + 7) & ~7;
    this.put(slot, read < length ? abi.TAG_STRING | abi.FLAG_TRUNCATED : abi.TAG_STRING, written, at);
  }

  private binary(slot: number, value: Uint8Array): void {
    const length = byteLength(value);
    const size = min(length, this.limits.stringBytes, this.end - this.top);
    const at = this.alloc(size);
    if (at === 0) return this.error(slot, abi.ERR_TRUNCATED);
    for (let i = 0; i < size; i++) this.bytes[at + i] = value[i] as number;
    this.put(slot, size < length ? abi.TAG_BYTES | abi.FLAG_TRUNCATED : abi.TAG_BYTES, size, at);
  }

  private opaque(slot: number, label: string, value: unknown): void {
    let identity = 0;
    while (identity < this.opaques.length && this.opaques[identity] !== value) identity++;
    if (identity === this.limits.items) return this.error(slot, abi.ERR_TRUNCATED);
    this.opaques[identity] = value;
    this.text(slot, label, 128, 0);
    this.i32[slot >> 2] = abi.TAG_OPAQUE;
    this.i32[(slot + abi.SLOT_COUNT) >> 2] = identity + 1;
  }

  /** How many of `size` things of `bytes` each may be held. */
  private held(size: number, bytes: number, depth: number): number {
    if (depth <= 0) return 0;
    return max(0, min(size, this.limits.items, floor((this.end - this.top) / bytes)));
  }

  private list(slot: number, array: object, length: number, depth: number, window: number): void {
    const count = this.held(length, abi.SLOT_BYTES, depth);
    const at = this.alloc(count * abi.SLOT_BYTES);
    const size = min(length, MAX_SIZE); // A sparse array may be longer than an i32.
    this.put(slot, count < length ? abi.TAG_LIST | abi.FLAG_TRUNCATED : abi.TAG_LIST, size, at, count);
    for (let i = 0; i < count; i++) {
      const element = this.element(array, i);
      if (element === FAULT) this.error(at + i * abi.SLOT_BYTES, this.fault);
      else this.value(at + i * abi.SLOT_BYTES, element, depth - 1, this.limits.stringBytes, window);
    }
  }

  private set(slot: number, set: object, depth: number, window: number): void {
    const size = setSize(set);
    const count = this.held(size, abi.SLOT_BYTES, depth);
    const at = this.alloc(count * abi.SLOT_BYTES);
    this.put(slot, abi.TAG_LIST | abi.FLAG_SET | (count < size ? abi.FLAG_TRUNCATED : 0), size, at, count);
    let i = 0;
    if (count === 0) return;
    eachMember(set, (member) => {
      this.value(at + i * abi.SLOT_BYTES, member, depth - 1, this.limits.stringBytes, window);
      return ++i < count;
    });
  }

  private map(slot: number, map: object, depth: number, window: number): void {
    const size = mapSize(map);
    const count = this.held(size, 2 * abi.SLOT_BYTES, depth);
    const at = this.alloc(count * 2 * abi.SLOT_BYTES);
    let held = 0;
    const seen = visibleEntries(map, count, (key, value) => {
      const pair = at + held++ * 2 * abi.SLOT_BYTES;
      this.value(pair, key, 0, this.limits.stringBytes, window);
      if (typeof key === "string" && this.redact?.(key) === true) this.error(pair + abi.SLOT_BYTES, abi.ERR_REDACTED);
      else this.value(pair + abi.SLOT_BYTES, value, depth - 1, this.limits.stringBytes, window);
    });
    this.put(slot, seen < size ? abi.TAG_MAP | abi.FLAG_TRUNCATED : abi.TAG_MAP, size, at, held);
  }

  /** Own enumerable string-keyed fields; an accessor becomes the error `side_effect`. */
  private fields(slot: number, object: object, depth: number, window: number): void {
    const keys = fieldNames(object);
    if (keys === null) return this.error(slot, abi.ERR_TRUNCATED);
    // One pair's room less, for the slot of the class name.
    const room = floor((this.end - this.top) / (2 * abi.SLOT_BYTES)) - 1;
    const held = max(0, min(this.held(keys.length, 2 * abi.SLOT_BYTES, depth), room));
    const at = this.alloc((1 + 2 * held) * abi.SLOT_BYTES);
    if (at === 0) return this.error(slot, abi.ERR_TRUNCATED);
    this.put(slot, held < keys.length ? abi.TAG_OBJECT | abi.FLAG_TRUNCATED : abi.TAG_OBJECT, keys.length, at, held);
    this.text(at, classNameOf(object) ?? "", 128, window);
    for (let i = 0; i < held; i++) {
      const key = keys[i] as string;
      const pair = at + (1 + 2 * i) * abi.SLOT_BYTES;
      this.text(pair, key, this.limits.stringBytes, window);
      if (this.redact?.(key) === true) {
        this.error(pair + abi.SLOT_BYTES, abi.ERR_REDACTED);
        continue;
      }
      const value = this.field(object, key);
      if (value === FAULT) this.error(pair + abi.SLOT_BYTES, this.fault);
      else this.value(pair + abi.SLOT_BYTES, value, depth - 1, this.limits.stringBytes, window);
    }
  }

  /** `x.length`: a field of that name, else the size. */
  lengthOf(slot: number, holder: unknown): void {
    if (holder === null || holder === undefined) return this.error(slot, abi.ERR_NULL_DEREF);
    if (holder === UNAVAILABLE) return this.error(slot, abi.ERR_UNDECLARED, 1);
    if (typeof holder === "object" && !isProxy(holder) && !isArray(holder) && !isTypedArray(holder)) {
      const value = this.field(holder, "length");
      if (value !== FAULT) return this.value(slot, value, 0, this.limits.stringBytes, 0);
      if (this.fault === abi.ERR_SIDE_EFFECT) return this.error(slot, this.fault);
    }
    this.size(slot, holder);
  }

  /** How many elements, entries, fields, bytes or code points a value has: an INT, or the error. */
  size(slot: number, value: unknown): void {
    const size = sizeOf(value);
    if (size === -abi.ERR_NO_SUCH_OVERLOAD) return this.unusable(slot, -size);
    if (size < 0) return this.error(slot, -size);
    this.put(slot, abi.TAG_INT, 0, size, 0);
  }

  /** Starts an EACH of `size` records of `slots` slots; gives the address of the first. The count held is at slot + SLOT_COUNT. */
  records(slot: number, size: number, slots: number): number {
    const count = this.held(size, slots * abi.SLOT_BYTES, 1);
    const at = this.alloc(count * slots * abi.SLOT_BYTES);
    this.put(slot, count < size ? abi.TAG_EACH | abi.FLAG_TRUNCATED : abi.TAG_EACH, size, at, count);
    return at;
  }

  /** Corrects the header of an EACH of which some elements are invisible. `cut`: there may be more that are not. */
  heldOnly(slot: number, count: number, cut: boolean): void {
    this.i32[slot >> 2] = cut ? abi.TAG_EACH | abi.FLAG_TRUNCATED : abi.TAG_EACH;
    this.i32[(slot + abi.SLOT_COUNT) >> 2] = count;
  }
}
