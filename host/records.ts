// Writes the records of a collection, for macros that go over one: elements of a list, keys of a map or object, or both as pairs.
// Runs none of the program's code and never throws.
import * as abi from "../engine/abi.ts";
import { FAULT } from "./access.ts";
import { Carrier } from "./carrier.ts";
import { fieldNames, hasFields, visibleEntries } from "./measure.ts";
import {
  eachMember,
  isArray,
  isMap,
  isProxy,
  isSet,
  isTypedArray,
  isUint8Array,
  mapSize,
  max,
  setSize,
  typedLength,
} from "./natives.ts";
import { hasPlainElements, isPacked } from "./shapes.ts";
import type { Writer } from "./writer.ts";

/**
 * Writes one record. `like`: an element of the same list whose fields are proved to be plain data, so that elements of its
 * shape need no proof of their own; gives the one to go on with.
 */
export type RecordReader = (record: number, element: unknown, like: object | undefined) => object | undefined;

/** Slots of a record, as [slot, up] pairs: all of them fail with an element that cannot be read. */
type Missing = readonly number[];

/** Fails the slots, given as [slot, up] pairs, with the error that the writer met. */
export function failAll(writer: Writer, base: number, slots: Missing): void {
  const code = writer.fault;
  // Of a variable that is not there the variable is to blame, which is one step up from its first field.
  const more = code === abi.ERR_UNDECLARED ? 1 : 0;
  for (let i = 0; i < slots.length; i += 2) {
    writer.error(base + (slots[i] as number) * abi.SLOT_BYTES, code, max(0, slots[i + 1] as number) + more);
  }
}

/** What goes into each record: the elements of a list or set and the keys of a map or object, or all of it as pairs. */
type Writes = "each" | "pairs";

/** Writes the records of a collection: elements of a list or set, keys of a map or object. */
export const each = (
  writer: Writer,
  slot: number,
  value: unknown,
  slots: number,
  read: RecordReader,
  missing: Missing,
) => write("each", writer, slot, value, slots, read, missing);

/** Writes the records of a list, map or object with the index or key of each in the first slot. */
export const pairs = (
  writer: Writer,
  slot: number,
  value: unknown,
  slots: number,
  read: RecordReader,
  missing: Missing,
) => write("pairs", writer, slot, value, slots, read, missing);

function write(
  writes: Writes,
  writer: Writer,
  slot: number,
  value: unknown,
  slots: number,
  read: RecordReader,
  missing: Missing,
): void {
  if (typeof value !== "object" || value === null) return notACollection(writer, slot, value);
  if (isProxy(value)) return writer.error(slot, abi.ERR_SIDE_EFFECT);
  const paired = writes === "pairs";
  const stride = slots * abi.SLOT_BYTES;
  let like: object | undefined;
  if (isArray(value) || (isTypedArray(value) && !isUint8Array(value))) {
    const at = writer.records(slot, isArray(value) ? value.length : typedLength(value), slots);
    const count = writer.i32[(slot + abi.SLOT_COUNT) >> 2] as number;
    const plain = isArray(value) && hasPlainElements(value) && isPacked(value);
    for (let i = 0; i < count; i++) {
      const record = at + i * stride;
      if (paired) writer.int(record, i);
      const element = plain ? (value as readonly unknown[])[i] : writer.element(value, i);
      if (element === FAULT) failAll(writer, record, missing);
      else like = read(record, element, like);
    }
    return;
  }
  if (isMap(value)) {
    const at = writer.records(slot, mapSize(value), slots);
    const count = writer.i32[(slot + abi.SLOT_COUNT) >> 2] as number;
    let held = 0;
    const seen = visibleEntries(value, count, (key, element) => {
      const record = at + held++ * stride;
      if (!paired) {
        like = read(record, key, like);
        return;
      }
      writer.value(record, key, 0, writer.limits.stringBytes, 0);
      if (typeof key === "string" && isRedacted(writer, key)) failAll(writer, record, missing);
      else like = read(record, element, like);
    });
    writer.heldOnly(slot, held, seen < mapSize(value));
    return;
  }
  if (isSet(value) && !paired) {
    const at = writer.records(slot, setSize(value), slots);
    const count = writer.i32[(slot + abi.SLOT_COUNT) >> 2] as number;
    let held = 0;
    eachMember(value, (element) => {
      if (held < count) like = read(at + held * stride, element, like);
      return ++held < count;
    });
    return;
  }
  const carried = Carrier.of(value);
  if (carried?.kind === "cut") {
    write(writes, writer, slot, carried.value, slots, read, missing);
    return writer.cut(slot, carried.size);
  }
  if (!hasFields(value)) return writer.unusable(slot, abi.ERR_NO_SUCH_OVERLOAD);
  const keys = fieldNames(value);
  if (keys === null) return writer.error(slot, abi.ERR_TRUNCATED);
  const at = writer.records(slot, keys.length, slots);
  const count = writer.i32[(slot + abi.SLOT_COUNT) >> 2] as number;
  for (let i = 0; i < count; i++) {
    const record = at + i * stride;
    const key = keys[i] as string;
    if (!paired) {
      read(record, key, undefined);
      continue;
    }
    writer.text(record, key, writer.limits.stringBytes, 0);
    const field = isRedacted(writer, key) ? FAULT : writer.field(value, key);
    if (field === FAULT) failAll(writer, record, missing);
    else like = read(record, field, like);
  }
}

/** True of a name whose value may not be read; that is then the writer's fault. */
function isRedacted(writer: Writer, key: string): boolean {
  if (writer.redact?.(key) !== true) return false;
  writer.fault = abi.ERR_REDACTED;
  return true;
}

function notACollection(writer: Writer, slot: number, value: unknown): void {
  // The same error as asking for its size, but a text is no collection.
  writer.size(slot, typeof value === "string" ? 0 : value);
}
