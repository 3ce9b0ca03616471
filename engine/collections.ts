// Lists, maps and objects: look-up, membership and size. A key or element that was cut away is an error `truncated`,
// never "absent".
import {
  ERR_INDEX,
  ERR_NO_SUCH_FIELD,
  ERR_NO_SUCH_KEY,
  ERR_NO_SUCH_OVERLOAD,
  ERR_NULL_DEREF,
  ERR_TRUNCATED,
  FLAG_SET,
  FLAG_TRUNCATED,
  SLOT_BYTES,
  TAG_BIG,
  TAG_BOOL,
  TAG_BYTES,
  TAG_DOUBLE,
  TAG_EACH,
  TAG_ENUM,
  TAG_ERROR,
  TAG_LIST,
  TAG_NULL,
  TAG_OBJECT,
  TAG_STRING,
} from "./abi.ts";
import { alloc, chargeBytes, error, fail, locate, pack, packed } from "./budget.ts";
import { within } from "./compare.ts";
import { findKey, findText, PAIR_BYTES } from "./keys.ts";
import { asDouble, int64, isNumber } from "./numbers.ts";
import {
  copyTo,
  heldOf,
  isCut,
  isKeyed,
  lengthOfSlot,
  makeInt,
  makePointer,
  pairsOf,
  pointerOf,
  tagOf,
} from "./slots.ts";
import { codePoints } from "./text.ts";

const LENGTH: usize = memory.data<u8>([0x6c, 0x65, 0x6e, 0x67, 0x74, 0x68]);

/** What a look-up found, as a slot. */
function found(keyed: i32, at: i32, node: i32): i32 {
  if (at > 0) return locate(at, node);
  if (at < 0) return error(-at, node);
  return error(tagOf(keyed) === TAG_OBJECT ? ERR_NO_SUCH_FIELD : ERR_NO_SUCH_KEY, node);
}

/** Why a value that is no container has no members, as a packed error. */
export function refusal(value: i32, node: i32): i32 {
  const tag = tagOf(value);
  if (tag === TAG_ERROR) return packed(value, node);
  return pack(tag === TAG_NULL ? ERR_NULL_DEREF : ERR_NO_SUCH_OVERLOAD, node);
}

/** The slot of a packed error; an error slot itself where there is one. */
function refused(value: i32, node: i32): i32 {
  if (tagOf(value) === TAG_ERROR) return locate(value, node);
  return error(refusal(value, node) & 0xff, node);
}

/** `object.name`. */
export function select(object: i32, name: i32, length: i32, node: i32): i32 {
  if (!isKeyed(tagOf(object))) return refused(object, node);
  return found(object, findText(object, name, length), node);
}

/** `has(object.name)`: a member whose reading failed is there, unless it failed because it is not. */
export function hasField(object: i32, name: i32, length: i32, node: i32): i32 {
  if (!isKeyed(tagOf(object))) return refusal(object, node);
  const at = findText(object, name, length);
  if (at < 0) return pack(-at, node);
  if (at === 0 || tagOf(at) !== TAG_ERROR) return i32(at !== 0);
  const code = lengthOfSlot(at) & 0xff;
  return i32(code !== ERR_NO_SUCH_FIELD && code !== ERR_NO_SUCH_KEY);
}

/** `object[key]`. */
export function index(object: i32, key: i32, node: i32): i32 {
  const tag = tagOf(object);
  if (tag === TAG_ERROR) return locate(object, node);
  if (tagOf(key) === TAG_ERROR) return locate(key, node);
  if (isKeyed(tag)) {
    const kind = tagOf(key);
    if (!isNumber(kind) && kind !== TAG_STRING && kind !== TAG_BOOL && kind !== TAG_ENUM) {
      return error(ERR_NO_SUCH_OVERLOAD, node);
    }
    return found(object, findKey(object, key), node);
  }
  // A set has no first element.
  if (tag !== TAG_LIST || load<i32>(object) & FLAG_SET) return refused(object, node);
  const at = position(key, lengthOfSlot(object));
  if (at < 0) return error(-at, node);
  if (at >= heldOf(object)) return error(ERR_TRUNCATED, node);
  return locate(pointerOf(object) + at * SLOT_BYTES, node);
}

/** A list index below `size`, or a negated error code. */
function position(key: i32, size: i32): i32 {
  const tag = tagOf(key);
  if (!isNumber(tag)) return -ERR_NO_SUCH_OVERLOAD;
  if (tag === TAG_BIG) return -ERR_INDEX;
  if (tag === TAG_DOUBLE) {
    const value = asDouble(key);
    return value >= 0 && value < f64(size) && Math.trunc(value) === value ? i32(value) : -ERR_INDEX;
  }
  const value = u64(int64(key));
  return value < u64(size) ? i32(value) : -ERR_INDEX;
}

/** `value in collection`: elements of a list, keys of a map, field names of an object. */
export function isIn(value: i32, collection: i32, node: i32): i32 {
  if (tagOf(value) === TAG_ERROR) return packed(value, node);
  const tag = tagOf(collection);
  if (tag === TAG_LIST) return within(value, collection, node, 0);
  if (tag === TAG_ERROR) return packed(collection, node);
  if (!isKeyed(tag)) return pack(ERR_NO_SUCH_OVERLOAD, node);
  const at = findKey(collection, value);
  return at < 0 ? pack(-at, node) : i32(at > 0);
}

/** `size(a)`: code points, bytes, elements, pairs or fields, as many as there truly are. */
export function size(a: i32, node: i32): i32 {
  const tag = tagOf(a);
  if (tag === TAG_ERROR) return locate(a, node);
  let count = lengthOfSlot(a);
  if (tag === TAG_STRING || tag === TAG_BYTES) {
    if (isCut(a)) return error(ERR_TRUNCATED, node);
    if (tag === TAG_STRING) {
      if (!chargeBytes(count)) return fail(node);
      count = codePoints(pointerOf(a), count);
    }
  } else if (tag !== TAG_LIST && tag !== TAG_EACH && !isKeyed(tag)) return error(ERR_NO_SUCH_OVERLOAD, node);
  return makeInt(count, node);
}

/** `object.length`: a member of that name, otherwise the size. */
export function lengthOf(object: i32, node: i32): i32 {
  if (isKeyed(tagOf(object))) {
    const at = findText(object, i32(LENGTH), 6);
    if (at !== 0) return found(object, at, node);
  } else if (tagOf(object) === TAG_NULL) return error(ERR_NULL_DEREF, node);
  return size(object, node);
}

/** What a macro walks over: a list or EACH itself, the keys of a map or object as a list. */
export function each(collection: i32, node: i32): i32 {
  const tag = tagOf(collection);
  if (tag === TAG_LIST || tag === TAG_EACH) return collection;
  if (tag === TAG_ERROR) return locate(collection, node);
  if (!isKeyed(tag)) return error(ERR_NO_SUCH_OVERLOAD, node);
  const count = heldOf(collection);
  const keys = alloc(count * SLOT_BYTES);
  if (keys === 0) return fail(node);
  const pairs = pairsOf(collection);
  for (let i = 0; i < count; i++) copyTo(keys + i * SLOT_BYTES, pairs + i * PAIR_BYTES);
  if (!isCut(collection)) return makePointer(TAG_LIST, count, keys, count, node); // The keys that can be seen.
  return makePointer(TAG_LIST | FLAG_TRUNCATED, lengthOfSlot(collection), keys, count, node);
}
