// Writes JavaScript values into slots under the caps on one hit. Runs none of the program's code: own data properties only,
// saved built-ins only. Never throws on any value.

import { LIMITS } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import { type Carried, Carrier } from "./carrier.ts";
import { hasFields, isKey, sizeOf } from "./measure.ts";
import {
  byteLength,
  classNameOf,
  dateTime,
  eachEntry,
  eachMember,
  getOwnPropertyDescriptor,
  hasOwn,
  isAnyArrayBuffer,
  isArray,
  isDate,
  isMap,
  isProxy,
  isSet,
  isTypedArray,
  isUint8Array,
  mapGet,
  mapHas,
  mapSize,
  opaqueLabel,
  ownKeys,
  setSize,
  typedLength,
  unbox,
} from "./natives.ts";
import { UNAVAILABLE } from "./placement.ts";
import { hasPlainElements } from "./shapes.ts";

/** What a read gives instead of a value; `Writer.fault` then holds the error code. */
export const FAULT: unique symbol = Symbol("fault");

/** Longest string copied character by character; longer ones go through the encoder. Measured: see bench/README.md. */
const SHORT = 24;
const BIG_BITS = 4096;

/** The language's timestamps: the years 1 to 9999. */
const MIN_TIME_MS = Date.parse("0001-01-01T00:00:00Z");
const MAX_TIME_MS = Date.parse("9999-12-31T23:59:59.999Z");

const encoder = new TextEncoder();

/** A cached piece of memory for one place that writes text: making one costs more than filling it. */
interface Window {
  at: number;
  bytes: Uint8Array;
}

/** Slot addresses are byte addresses. One writer a guest; `begin` starts a hit. */
export class Writer {
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  private readonly i64: BigInt64Array;
  private readonly bytes: Uint8Array;
  /** First free byte. */
  top = 0;
  private end = 0;
  fault = 0;
  private readonly windows: Window[] = [];
  /** The opaque values of this hit; the position of one is its identity. */
  private readonly opaques: unknown[] = [];

  constructor(memory: WebAssembly.Memory) {
    this.i32 = new Int32Array(memory.buffer);
    this.f64 = new Float64Array(memory.buffer);
    this.i64 = new BigInt64Array(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
  }

  /** Starts a hit whose input slots end at `start`. */
  begin(start: number): void {
    this.top = start;
    this.end = start + LIMITS.inputBytes;
    if (this.opaques.length > 0) this.opaques.length = 0;
  }

  /** Room for `size` bytes, or 0. */
  private alloc(size: number): number {
    const at = this.top;
    const next = (at + size + 7) & ~7;
    if (next > this.end) return 0;
    this.top = next;
    return at;
  }

  private put(slot: number, tag: number, length: number, pointer = 0, count = 0): void {
    const i = slot >> 2;
    this.i32[i] = tag;
    this.i32[i + 1] = length;
    this.i32[i + 2] = pointer;
    this.i32[i + 3] = count;
  }

  error(slot: number, code: number, up = 0): void {
    this.put(slot, abi.TAG_ERROR, (up << abi.ERR_UP_SHIFT) | code);
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
        const name: unknown = isProxy(value) ? "" : getOwnPropertyDescriptor(value, "name")?.value;
        return this.opaque(
          slot,
          typeof name === "string" && name !== "" ? `function ${name.slice(0, 100)}` : "function",
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
    if (isAnyArrayBuffer(value)) return this.binary(slot, new Uint8Array(value as ArrayBuffer));
    const boxed = unbox(value);
    if (boxed !== undefined) return this.value(slot, boxed, depth, LIMITS.stringBytes, window);
    const label = opaqueLabel(value);
    if (label !== null) return this.opaque(slot, label, value);
    const carried = Carrier.of(value);
    if (carried !== null) return this.carried(slot, carried);
    this.fields(slot, value, depth, window);
  }

  private carried(slot: number, carried: Carried): void {
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
        this.text(slot, carried.name, LIMITS.stringBytes, 0);
        this.i32[slot >> 2] = abi.TAG_TYPE;
        return;
      case "enum": {
        const at = this.alloc(3 * abi.SLOT_BYTES);
        if (at === 0) return this.error(slot, abi.ERR_TRUNCATED);
        this.text(at, carried.class, LIMITS.stringBytes, 0);
        this.text(at + abi.SLOT_BYTES, carried.name, LIMITS.stringBytes, 0);
        this.value(at + 2 * abi.SLOT_BYTES, carried.value, 0, LIMITS.stringBytes, 0);
        return this.put(slot, abi.TAG_ENUM, 0, at);
      }
      case "error":
        return this.error(slot, carried.code);
    }
  }

  private bigint(slot: number, value: bigint): void {
    if (BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value) {
      this.put(slot, BigInt.asIntN(64, value) === value ? abi.TAG_INT : abi.TAG_UINT, 0);
      this.i64[(slot + abi.SLOT_PAYLOAD) >> 3] = BigInt.asIntN(64, value);
      return;
    }
    // Printing a bigint takes quadratic time: one that is far too long to show is not printed at all.
    if (BigInt.asIntN(BIG_BITS, value) !== value) return this.error(slot, abi.ERR_TRUNCATED);
    const digits = value.toString();
    const at = this.alloc(8 + digits.length);
    if (at === 0) return this.error(slot, abi.ERR_TRUNCATED);
    this.f64[at >> 3] = Number(value);
    encoder.encodeInto(digits, this.bytes.subarray(at + 8, at + 8 + digits.length));
    this.put(slot, abi.TAG_BIG, digits.length, at);
  }

  private date(slot: number, ms: number): void {
    if (Number.isNaN(ms)) return this.error(slot, abi.ERR_CONVERSION);
    if (ms < MIN_TIME_MS || ms > MAX_TIME_MS) return this.error(slot, abi.ERR_OVERFLOW);
    const seconds = Math.floor(ms / 1000);
    this.put(slot, abi.TAG_TIMESTAMP, (ms - seconds * 1000) * 1e6);
    this.i64[(slot + abi.SLOT_PAYLOAD) >> 3] = BigInt(seconds);
  }

  /** UTF-8 text, cut at `cap` bytes. */
  text(slot: number, value: string, cap: number, window: number): void {
    const at = this.top;
    const { length } = value;
    const room = Math.min(cap, this.end - at);
    if (length <= SHORT && length <= room) {
      const { bytes } = this;
      let i = 0;
      for (; i < length; i++) {
        const unit = value.charCodeAt(i);
        if (unit > 127) break;
        bytes[at + i] = unit;
      }
      if (i === length) {
        this.top = (at + length + 7) & ~7;
        return this.put(slot, abi.TAG_STRING, length, at);
      }
    }
    let view = this.windows[window];
    if (view === undefined || view.at !== at || view.bytes.length !== room) {
      view = { at, bytes: this.bytes.subarray(at, at + Math.max(0, room)) };
      this.windows[window] = view;
    }
    // No more units than bytes can be needed: a huge string is not walked.
    const { read, written } = encoder.encodeInto(length > room ? value.slice(0, room) : value, view.bytes);
    this.top = (at + written + 7) & ~7;
    this.put(slot, read < length ? abi.TAG_STRING | abi.FLAG_TRUNCATED : abi.TAG_STRING, written, at);
  }

  private binary(slot: number, value: Uint8Array): void {
    const length = byteLength(value);
    const size = Math.min(length, LIMITS.stringBytes, this.end - this.top);
    const at = this.alloc(size);
    if (at === 0) return this.error(slot, abi.ERR_TRUNCATED);
    for (let i = 0; i < size; i++) this.bytes[at + i] = value[i] as number;
    this.put(slot, size < length ? abi.TAG_BYTES | abi.FLAG_TRUNCATED : abi.TAG_BYTES, size, at);
  }

  private opaque(slot: number, label: string, value: unknown): void {
    let identity = 0;
    while (identity < this.opaques.length && this.opaques[identity] !== value) identity++;
    if (identity === LIMITS.items) return this.error(slot, abi.ERR_TRUNCATED);
    this.opaques[identity] = value;
    this.text(slot, label, 128, 0);
    this.i32[slot >> 2] = abi.TAG_OPAQUE;
    this.i32[(slot + abi.SLOT_COUNT) >> 2] = identity + 1;
  }

  /** How many of `size` things of `bytes` each may be held. */
  private held(size: number, bytes: number, depth: number): number {
    if (depth <= 0) return 0;
    return Math.max(0, Math.min(size, LIMITS.items, Math.floor((this.end - this.top) / bytes)));
  }

  private list(slot: number, array: object, length: number, depth: number, window: number): void {
    const count = this.held(length, abi.SLOT_BYTES, depth);
    const at = this.alloc(count * abi.SLOT_BYTES);
    this.put(slot, count < length ? abi.TAG_LIST | abi.FLAG_TRUNCATED : abi.TAG_LIST, length, at, count);
    for (let i = 0; i < count; i++) {
      const element = this.element(array, i);
      if (element === FAULT) this.error(at + i * abi.SLOT_BYTES, this.fault);
      else this.value(at + i * abi.SLOT_BYTES, element, depth - 1, LIMITS.stringBytes, window);
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
      this.value(at + i * abi.SLOT_BYTES, member, depth - 1, LIMITS.stringBytes, window);
      return ++i < count;
    });
  }

  private map(slot: number, map: object, depth: number, window: number): void {
    const size = mapSize(map);
    const count = this.held(size, 2 * abi.SLOT_BYTES, depth);
    const at = this.alloc(count * 2 * abi.SLOT_BYTES);
    let held = 0;
    let seen = 0;
    if (count > 0) {
      eachEntry(map, (key, value) => {
        seen++;
        const pair = at + held * 2 * abi.SLOT_BYTES;
        // Keys of other kinds are counted and invisible.
        if (!isKey(key)) return seen < size;
        this.value(pair, key, 0, LIMITS.stringBytes, window);
        this.value(pair + abi.SLOT_BYTES, value, depth - 1, LIMITS.stringBytes, window);
        return ++held < count;
      });
    }
    this.put(slot, seen < size ? abi.TAG_MAP | abi.FLAG_TRUNCATED : abi.TAG_MAP, size, at, held);
  }

  /** Own enumerable string-keyed fields; an accessor becomes the error `side_effect`. */
  private fields(slot: number, object: object, depth: number, window: number): void {
    const keys = ownKeys(object);
    // One pair's room less, for the slot of the class name.
    const room = Math.floor((this.end - this.top) / (2 * abi.SLOT_BYTES)) - 1;
    const held = Math.max(0, Math.min(this.held(keys.length, 2 * abi.SLOT_BYTES, depth), room));
    const at = this.alloc((1 + 2 * held) * abi.SLOT_BYTES);
    if (at === 0) return this.error(slot, abi.ERR_TRUNCATED);
    this.put(slot, held < keys.length ? abi.TAG_OBJECT | abi.FLAG_TRUNCATED : abi.TAG_OBJECT, keys.length, at, held);
    this.text(at, classNameOf(object) ?? "", 128, window);
    for (let i = 0; i < held; i++) {
      const key = keys[i] as string;
      const pair = at + (1 + 2 * i) * abi.SLOT_BYTES;
      this.text(pair, key, LIMITS.stringBytes, window);
      const value = this.field(object, key);
      if (value === FAULT) this.error(pair + abi.SLOT_BYTES, this.fault);
      else this.value(pair + abi.SLOT_BYTES, value, depth - 1, LIMITS.stringBytes, window);
    }
  }

  /** An element of an array or typed array, or FAULT. Holes are undefined. */
  element(array: object, index: number): unknown {
    if (!isArray(array)) return (array as ArrayLike<unknown>)[index]; // a typed array has no accessors
    if (hasPlainElements(array)) return hasOwn(array, index) ? array[index] : undefined;
    const found = getOwnPropertyDescriptor(array, index);
    if (found === undefined || found.writable !== undefined) return found?.value;
    this.fault = abi.ERR_SIDE_EFFECT;
    return FAULT;
  }

  /** `holder.key`, or FAULT with the code in `fault`. */
  field(holder: unknown, key: string | number): unknown {
    this.fault = abi.ERR_NO_SUCH_OVERLOAD;
    if (holder === null || holder === undefined) this.fault = abi.ERR_NULL_DEREF;
    else if (holder === UNAVAILABLE) this.fault = abi.ERR_UNDECLARED;
    if (typeof holder !== "object" || holder === null) return FAULT;
    if (isProxy(holder)) {
      this.fault = abi.ERR_SIDE_EFFECT;
      return FAULT;
    }
    if (isMap(holder)) {
      if (mapHas(holder, key)) return mapGet(holder, key);
      if (typeof key === "number" && mapHas(holder, BigInt(key))) return mapGet(holder, BigInt(key));
      this.fault = abi.ERR_NO_SUCH_KEY;
      return FAULT;
    }
    if (typeof key === "number") return this.indexed(holder, key);
    const found = getOwnPropertyDescriptor(holder, key);
    if (found?.writable !== undefined) return found.value;
    if (found !== undefined) this.fault = abi.ERR_SIDE_EFFECT;
    else if (hasFields(holder)) this.fault = abi.ERR_NO_SUCH_FIELD;
    return FAULT;
  }

  private indexed(holder: object, index: number): unknown {
    if (!isArray(holder) && (!isTypedArray(holder) || isUint8Array(holder))) {
      this.fault = !hasFields(holder) ? abi.ERR_NO_SUCH_OVERLOAD : abi.ERR_NO_SUCH_KEY;
      return FAULT;
    }
    const length = isArray(holder) ? holder.length : typedLength(holder);
    if (index >= 0 && index < length) return this.element(holder, index);
    this.fault = abi.ERR_INDEX;
    return FAULT;
  }

  /** `x.length`: a field of that name, else the size. */
  lengthOf(slot: number, holder: unknown): void {
    if (holder === null || holder === undefined) return this.error(slot, abi.ERR_NULL_DEREF);
    if (typeof holder === "object" && !isProxy(holder) && !isArray(holder) && !isTypedArray(holder)) {
      const value = this.field(holder, "length");
      if (value !== FAULT) return this.value(slot, value, 0, LIMITS.stringBytes, 0);
      if (this.fault === abi.ERR_SIDE_EFFECT) return this.error(slot, this.fault);
    }
    this.size(slot, holder);
  }

  /** How many elements, entries, fields, bytes or code points a value has: an INT, or the error. */
  size(slot: number, value: unknown): void {
    const size = sizeOf(value);
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
}
