// Lists, maps, objects and optionals: look-up, membership and size. A key or element that was cut away is an error
// `truncated`, never "absent".
import {
  ERR_CODE_MASK,
  ERR_INDEX,
  ERR_NO_SUCH_FIELD,
  ERR_NO_SUCH_KEY,
  ERR_NO_SUCH_OVERLOAD,
  ERR_NULL_DEREF,
  ERR_TRUNCATED,
  FLAG_SET,
  FLAG_TRUNCATED,
  SLOT_BYTES,
  SLOT_LENGTH,
  SLOT_PAYLOAD,
  TAG_BIG,
  TAG_BOOL,
  TAG_BYTES,
  TAG_DOUBLE,
  TAG_EACH,
  TAG_ENUM,
  TAG_ERROR,
  TAG_INT,
  TAG_LIST,
  TAG_NULL,
  TAG_OBJECT,
  TAG_OPTIONAL,
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
  isPartial,
  lengthOfSlot,
  makeInt,
  makePointer,
  NONE,
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
  if (isKeyed(tagOf(object))) return found(object, findText(object, name, length), node);
  return tagOf(object) === TAG_OPTIONAL ? optionalSelect(object, name, length, node) : refused(object, node);
}

/** `object.?name`, and `object.name` of an optional. */
export function optionalSelect(object: i32, name: i32, length: i32, node: i32): i32 {
  const held = tagOf(object) === TAG_OPTIONAL ? pointerOf(object) : object;
  if (held === 0) return object;
  return isKeyed(tagOf(held)) ? present(select(held, name, length, node), node) : refused(held, node);
}

/** Codes that say that something is not there. Null is there: to select from it stays an error. */
export function isAbsence(code: i32): bool {
  return code === ERR_NO_SUCH_FIELD || code === ERR_NO_SUCH_KEY || code === ERR_INDEX;
}

/** What a look-up gave, as an optional. */
function present(at: i32, node: i32): i32 {
  if (tagOf(at) !== TAG_ERROR) return makePointer(TAG_OPTIONAL, 0, at, 0, node);
  return isAbsence(lengthOfSlot(at) & ERR_CODE_MASK) ? i32(NONE) : at;
}

/** `has(object.name)`: a member whose reading failed is there, unless it failed because it is not. */
export function hasField(object: i32, name: i32, length: i32, node: i32): i32 {
  if (tagOf(object) === TAG_OPTIONAL) {
    object = pointerOf(object);
    if (object === 0) return 0;
  }
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
  if (tag === TAG_OPTIONAL) return optionalIndex(object, key, node);
  // A set has no first element.
  if (tag !== TAG_LIST || load<i32>(object) & FLAG_SET) return refused(object, node);
  const at = position(key, lengthOfSlot(object));
  if (at < 0) return error(-at, node);
  if (at >= heldOf(object)) return error(ERR_TRUNCATED, node);
  return locate(pointerOf(object) + at * SLOT_BYTES, node);
}

/** `object[?key]`, and `object[key]` of an optional. */
export function optionalIndex(object: i32, key: i32, node: i32): i32 {
  const held = tagOf(object) === TAG_OPTIONAL ? pointerOf(object) : object;
  if (held !== 0 && tagOf(held) === TAG_ERROR) return locate(held, node);
  if (tagOf(key) === TAG_ERROR) return locate(key, node);
  return held === 0 ? object : present(index(held, key, node), node);
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
  const tag = tagOf(object);
  if (isKeyed(tag)) {
    const at = findText(object, i32(LENGTH), 6);
    if (at !== 0) return found(object, at, node);
  } else if (tag === TAG_NULL) return error(ERR_NULL_DEREF, node);
  else if (tag === TAG_OPTIONAL) return optionalSelect(object, i32(LENGTH), 6, node);
  return size(object, node);
}

/** What a macro with one variable walks over, as an EACH whose length is the bytes from one element or key to the next. */
export function each(collection: i32, node: i32): i32 {
  const tag = tagOf(collection);
  if (tag === TAG_ERROR) return locate(collection, node);
  const isMap = isKeyed(tag);
  if (!isMap && tag !== TAG_LIST) return error(ERR_NO_SUCH_OVERLOAD, node);
  // Keys are met in their places in the map, so that looking one up there finds it at once. Only those that can be seen.
  const flags = isMap ? load<i32>(collection) & FLAG_TRUNCATED : partial(collection);
  const at = isMap ? pairsOf(collection) : pointerOf(collection);
  return makePointer(TAG_EACH | flags, isMap ? PAIR_BYTES : SLOT_BYTES, at, heldOf(collection), node);
}

function partial(list: i32): i32 {
  return isPartial(list) ? FLAG_TRUNCATED : 0;
}

/** What a macro with two variables walks over, as an EACH of pairs: index and element, or key and value. */
export function pairs(collection: i32, node: i32): i32 {
  const tag = tagOf(collection);
  if (tag !== TAG_LIST) return each(collection, node);
  // A set has no first element.
  if (load<i32>(collection) & FLAG_SET) return error(ERR_NO_SUCH_OVERLOAD, node);
  const count = heldOf(collection);
  const made = alloc(count * PAIR_BYTES);
  if (made === 0) return fail(node);
  for (let i = 0; i < count; i++) {
    const pair = made + i * PAIR_BYTES;
    store<i32>(pair, TAG_INT);
    store<i32>(pair + SLOT_LENGTH, 0);
    store<i64>(pair + SLOT_PAYLOAD, i);
    copyTo(pair + SLOT_BYTES, pointerOf(collection) + i * SLOT_BYTES);
  }
  return makePointer(TAG_EACH | partial(collection), PAIR_BYTES, made, count, node);
}
