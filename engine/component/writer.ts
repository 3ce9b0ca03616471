// Writes WIT values into slots, under the same caps as host/writer.ts. What is not there or does not fit is an error slot.
import {
  ARENA_BASE,
  ERR_CONVERSION,
  ERR_INVALID_ARGUMENT,
  ERR_NO_SUCH_OVERLOAD,
  ERR_OVERFLOW,
  ERR_TRUNCATED,
  ERR_UNDECLARED,
  ERR_UP_SHIFT,
  FLAG_NAIVE,
  FLAG_SET,
  FLAG_TRUNCATED,
  SLOT_BYTES,
  SLOT_COUNT,
  SLOT_LENGTH,
  SLOT_PAYLOAD,
  TAG_BIG,
  TAG_BOOL,
  TAG_BYTES,
  TAG_DOUBLE,
  TAG_DURATION,
  TAG_ENUM,
  TAG_ERROR,
  TAG_INT,
  TAG_LIST,
  TAG_MAP,
  TAG_NULL,
  TAG_OBJECT,
  TAG_OPAQUE,
  TAG_OPTIONAL,
  TAG_STRING,
  TAG_TIMESTAMP,
  TAG_TYPE,
  TAG_UINT,
} from "../abi.ts";
import { parseDouble, parsed } from "../digits.ts";
import { boundary, codePoints } from "../text.ts";
import { isInRange } from "../time.ts";
import { plan } from "./heap.ts";
import {
  CASE_BIG,
  CASE_BINARY,
  CASE_BOOLEAN,
  CASE_DOUBLE,
  CASE_DURATION,
  CASE_ENUMERATION,
  CASE_ERROR,
  CASE_INT,
  CASE_ITEMS,
  CASE_MAP,
  CASE_NULL,
  CASE_OBJECT,
  CASE_OPAQUE,
  CASE_OPTIONAL,
  CASE_SET,
  CASE_TEXT,
  CASE_TIMESTAMP,
  CASE_TYPE,
  CASE_UINT,
  CONTENT,
  ENTRY_BYTES,
  ENUM_VALUE,
  FIELD_BYTES,
  FIELD_VALUE,
  INSTANT_NAIVE,
  INSTANT_NANOSECONDS,
  LIST_COUNT,
  OPTION_VALUE,
  PLAN_ARENA_END,
  PLAN_INPUT_BYTES,
  PLAN_ITEMS,
  PLAN_SLOTS,
  PLAN_STRING_BYTES,
  REF_BYTES,
  SECOND_TEXT,
  THING_IDENTITY,
} from "./layout.ts";
import { countOf, isPart, isVisible, kindOf, pointer, trueSize, valueAt, whole } from "./values.ts";

/** Bytes of a class name or label. */
const NAME_BYTES = 128;

/** First free byte of the arena. */
export let top: i32 = 0;
let end: i32 = 0;
export let items: i32 = 0;
export let stringBytes: i32 = 0;

/** Starts behind the input slots, under the caps of the plan. */
export function openArena(): void {
  top = ARENA_BASE + load<i32>(plan + PLAN_SLOTS) * SLOT_BYTES;
  end = min(top + load<i32>(plan + PLAN_INPUT_BYTES), load<i32>(plan + PLAN_ARENA_END));
  items = load<i32>(plan + PLAN_ITEMS);
  stringBytes = load<i32>(plan + PLAN_STRING_BYTES);
}

/** A slot of 32-bit parts. */
export function put(slot: i32, tag: i32, length: i32, at: i32, count: i32): void {
  store<i32>(slot, tag);
  store<i32>(slot + SLOT_LENGTH, length);
  store<i32>(slot + SLOT_PAYLOAD, at);
  store<i32>(slot + SLOT_COUNT, count);
}

/** An error, `up` steps below where it happened. */
export function putError(slot: i32, code: i32, up: i32): void {
  put(slot, TAG_ERROR, (up << ERR_UP_SHIFT) | code, 0, 0);
}

/** The error of a value that was read and is of no use: it is blamed on the use, not on the path. */
export function putUnusable(slot: i32): void {
  put(slot, TAG_ERROR, ERR_NO_SUCH_OVERLOAD, 1, 0);
}

/** A slot with a 64-bit payload. */
export function putWide(slot: i32, tag: i32, length: i32, payload: i64): void {
  store<i32>(slot, tag);
  store<i32>(slot + SLOT_LENGTH, length);
  store<i64>(slot + SLOT_PAYLOAD, payload);
}

/** Room in the arena, or 0. */
export function alloc(bytes: i32): i32 {
  const at = top;
  const next = (at + bytes + 7) & ~7;
  if (next > end) return 0;
  top = next;
  return at;
}

/** How many of `size` things of `bytes` each may be held. */
export function held(size: i32, bytes: i32, depth: i32): i32 {
  if (depth <= 0) return 0;
  return max(0, min(min(size, items), (end - top) / bytes));
}

/** A text, at most `cap` bytes of it; `cut`: it is itself only the beginning of one. */
export function putText(slot: i32, tag: i32, text: i32, length: i32, cap: i32, cut: bool): void {
  const at = top;
  const room = max(0, min(cap, end - at));
  const bytes = length > room ? boundary(text, room) : length;
  memory.copy(at, text, bytes);
  top = (at + bytes + 7) & ~7;
  put(slot, cut || bytes < length ? tag | FLAG_TRUNCATED : tag, bytes, at, 0);
}

/** A value with `depth` levels of its content; 0 gives containers as their header. `cap`: bytes of text that decide. */
export function putValue(slot: i32, handle: i32, depth: i32, cap: i32): void {
  if (handle === 0) return putError(slot, ERR_UNDECLARED, 0);
  const cut = isPart(handle);
  const v = whole(handle);
  const content = v + CONTENT;
  switch (i32(load<u8>(v))) {
    case CASE_NULL:
      return put(slot, TAG_NULL, 0, 0, 0);
    case CASE_BOOLEAN:
      return put(slot, TAG_BOOL, 0, load<u8>(content), 0);
    case CASE_INT:
      return putWide(slot, TAG_INT, 0, load<i64>(content));
    case CASE_UINT:
      return putWide(slot, TAG_UINT, 0, load<i64>(content));
    case CASE_DOUBLE:
      return putWide(slot, TAG_DOUBLE, 0, load<i64>(content));
    case CASE_DURATION:
      return putWide(slot, TAG_DURATION, 0, load<i64>(content));
    case CASE_TEXT:
      return putText(slot, TAG_STRING, pointer(v), load<i32>(content + LIST_COUNT), cap, cut);
    case CASE_TYPE:
      return putText(slot, TAG_TYPE, pointer(v), load<i32>(content + LIST_COUNT), stringBytes, cut);
    case CASE_BIG:
      return putBig(slot, pointer(v), load<i32>(content + LIST_COUNT));
    case CASE_BINARY:
      return putBinary(slot, pointer(v), load<i32>(content + LIST_COUNT), cut);
    case CASE_TIMESTAMP:
      return putInstant(slot, content);
    case CASE_ITEMS:
      return putList(slot, handle, 0, depth);
    case CASE_SET:
      return putList(slot, handle, FLAG_SET, depth);
    case CASE_MAP:
      return putMap(slot, handle, depth);
    case CASE_OBJECT:
      return putObject(slot, handle, depth);
    case CASE_ENUMERATION:
      return putEnum(slot, content);
    case CASE_OPTIONAL: {
      if (load<u8>(content) === 0) return put(slot, TAG_OPTIONAL, 0, 0, 0);
      const at = alloc(SLOT_BYTES);
      if (at === 0) return putError(slot, ERR_TRUNCATED, 0);
      put(slot, TAG_OPTIONAL, 0, at, 0);
      // As deep as the option itself, unless options within options would never end.
      return depth < 0
        ? putError(at, ERR_TRUNCATED, 0)
        : putValue(at, valueAt(load<i32>(content + OPTION_VALUE)), depth - 1, cap);
    }
    case CASE_OPAQUE:
      putText(slot, TAG_OPAQUE, pointer(v), load<i32>(content + LIST_COUNT), NAME_BYTES, false);
      store<i32>(slot + SLOT_COUNT, load<i32>(content + THING_IDENTITY));
      return;
    case CASE_ERROR:
      return putError(slot, i32(load<u8>(content)) + 2, 0);
    default:
      return putError(slot, ERR_INVALID_ARGUMENT, 0);
  }
}

function putBig(slot: i32, text: i32, length: i32): void {
  if (length > stringBytes) return putError(slot, ERR_TRUNCATED, 0);
  const value = parseDouble(text, length);
  if (!parsed) return putError(slot, ERR_CONVERSION, 0);
  const at = alloc(8 + length);
  if (at === 0) return putError(slot, ERR_TRUNCATED, 0);
  store<f64>(at, value);
  memory.copy(at + 8, text, length);
  put(slot, TAG_BIG, length, at, 0);
}

function putBinary(slot: i32, bytes: i32, length: i32, cut: bool): void {
  const size = max(0, min(min(length, stringBytes), end - top));
  const at = alloc(size);
  if (at === 0) return putError(slot, ERR_TRUNCATED, 0);
  memory.copy(at, bytes, size);
  put(slot, cut || size < length ? TAG_BYTES | FLAG_TRUNCATED : TAG_BYTES, size, at, 0);
}

function putInstant(slot: i32, content: i32): void {
  const seconds = load<i64>(content);
  const nanoseconds = load<i32>(content + INSTANT_NANOSECONDS);
  if (u32(nanoseconds) > 999_999_999) return putError(slot, ERR_CONVERSION, 0);
  if (!isInRange(seconds)) return putError(slot, ERR_OVERFLOW, 0);
  const naive = load<u8>(content + INSTANT_NAIVE) !== 0;
  putWide(slot, naive ? TAG_TIMESTAMP | FLAG_NAIVE : TAG_TIMESTAMP, nanoseconds, seconds);
}

function putList(slot: i32, handle: i32, flags: i32, depth: i32): void {
  const v = whole(handle);
  const size = trueSize(handle);
  const count = held(countOf(v), SLOT_BYTES, depth);
  const at = alloc(count * SLOT_BYTES);
  put(slot, TAG_LIST | flags | (count < size ? FLAG_TRUNCATED : 0), size, at, count);
  for (let i = 0; i < count; i++) {
    putValue(at + i * SLOT_BYTES, valueAt(load<i32>(pointer(v) + i * REF_BYTES)), depth - 1, stringBytes);
  }
}

function putMap(slot: i32, handle: i32, depth: i32): void {
  const v = whole(handle);
  const size = trueSize(handle);
  const room = held(countOf(v), 2 * SLOT_BYTES, depth);
  const at = alloc(room * 2 * SLOT_BYTES);
  let count = 0;
  let seen = 0;
  for (; seen < countOf(v) && count < room; seen++) {
    const entry = pointer(v) + seen * ENTRY_BYTES;
    const key = valueAt(load<i32>(entry));
    if (!isVisible(key)) continue;
    const pair = at + count++ * 2 * SLOT_BYTES;
    putValue(pair, key, 0, stringBytes);
    putValue(pair + SLOT_BYTES, valueAt(load<i32>(entry + REF_BYTES)), depth - 1, stringBytes);
  }
  put(slot, seen < size ? TAG_MAP | FLAG_TRUNCATED : TAG_MAP, size, at, count);
}

function putObject(slot: i32, handle: i32, depth: i32): void {
  const v = whole(handle);
  const size = trueSize(handle);
  // One pair's room less, for the slot of the class name.
  const room = (end - top) / (2 * SLOT_BYTES) - 1;
  const count = max(0, min(held(countOf(v), 2 * SLOT_BYTES, depth), room));
  const at = alloc((1 + 2 * count) * SLOT_BYTES);
  if (at === 0) return putError(slot, ERR_TRUNCATED, 0);
  put(slot, count < size ? TAG_OBJECT | FLAG_TRUNCATED : TAG_OBJECT, size, at, count);
  putText(at, TAG_STRING, pointer(v), load<i32>(v + CONTENT + LIST_COUNT), NAME_BYTES, false);
  const fields = load<i32>(v + CONTENT + SECOND_TEXT);
  for (let i = 0; i < count; i++) {
    const from = fields + i * FIELD_BYTES;
    const pair = at + (1 + 2 * i) * SLOT_BYTES;
    putText(pair, TAG_STRING, load<i32>(from), load<i32>(from + LIST_COUNT), stringBytes, false);
    putValue(pair + SLOT_BYTES, valueAt(load<i32>(from + FIELD_VALUE)), depth - 1, stringBytes);
  }
}

function putEnum(slot: i32, content: i32): void {
  const at = alloc(3 * SLOT_BYTES);
  if (at === 0) return putError(slot, ERR_TRUNCATED, 0);
  const name = content + SECOND_TEXT;
  putText(at, TAG_STRING, load<i32>(content), load<i32>(content + LIST_COUNT), stringBytes, false);
  putText(at + SLOT_BYTES, TAG_STRING, load<i32>(name), load<i32>(name + LIST_COUNT), stringBytes, false);
  const value = valueAt(load<i32>(content + ENUM_VALUE));
  // An enum of enums has no meaning, and might never end.
  if (kindOf(value) === CASE_ENUMERATION || kindOf(value) === CASE_OPTIONAL)
    putError(at + 2 * SLOT_BYTES, ERR_INVALID_ARGUMENT, 0);
  else putValue(at + 2 * SLOT_BYTES, value, 0, stringBytes);
  put(slot, TAG_ENUM, 0, at, 0);
}

/** Elements, entries, fields, bytes or code points: an INT, or the error. */
export function putSize(slot: i32, handle: i32): void {
  if (handle === 0) return putError(slot, ERR_UNDECLARED, 0);
  const v = whole(handle);
  const kind = load<u8>(v);
  const length = load<i32>(v + CONTENT + LIST_COUNT);
  if (kind === CASE_TEXT) {
    // The cap counts UTF-16 units: a character of four bytes has two.
    let units = codePoints(pointer(v), length);
    for (let i = 0; i < length && units <= stringBytes; i++) if (load<u8>(pointer(v) + i) >= 0xf0) units++;
    if (isPart(handle) || units > stringBytes) return putError(slot, ERR_TRUNCATED, 0);
    return putWide(slot, TAG_INT, 0, codePoints(pointer(v), length));
  }
  if (kind === CASE_BINARY && isPart(handle)) return putError(slot, ERR_TRUNCATED, 0);
  if (kind === CASE_BINARY) return putWide(slot, TAG_INT, 0, length);
  if (kind === CASE_ITEMS || kind === CASE_SET || kind === CASE_MAP || kind === CASE_OBJECT) {
    return putWide(slot, TAG_INT, 0, trueSize(handle));
  }
  if (kind === CASE_ERROR) putError(slot, i32(load<u8>(v + CONTENT)) + 2, 0);
  else putUnusable(slot);
}
