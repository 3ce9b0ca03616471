// `type(v)` and `className(v)`: what a value is, as a value and as a text. The names of types are constants of the engine.
import {
  FLAG_SET,
  TAG_BIG,
  TAG_BOOL,
  TAG_BYTES,
  TAG_DOUBLE,
  TAG_DURATION,
  TAG_EACH,
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
} from "./abi.ts";
import { alloc, fail, locate } from "./budget.ts";
import { lengthOfSlot, makePointer, pointerOf, tagOf } from "./slots.ts";
import { word } from "./text.ts";

/** Room for the longest name. */
const NAME_BYTES: i32 = 32;

function nameOf(tag: i32): string {
  if (tag === TAG_NULL) return "null_type";
  if (tag === TAG_BOOL) return "bool";
  if (tag === TAG_INT) return "int";
  if (tag === TAG_UINT) return "uint";
  if (tag === TAG_DOUBLE) return "double";
  if (tag === TAG_BIG) return "big";
  if (tag === TAG_STRING) return "string";
  if (tag === TAG_BYTES) return "bytes";
  if (tag === TAG_TIMESTAMP) return "google.protobuf.Timestamp";
  if (tag === TAG_DURATION) return "google.protobuf.Duration";
  if (tag === TAG_LIST || tag === TAG_EACH) return "list";
  if (tag === TAG_MAP) return "map";
  if (tag === TAG_OBJECT) return "object";
  if (tag === TAG_ENUM) return "enum";
  if (tag === TAG_OPTIONAL) return "optional_type";
  return tag === TAG_TYPE ? "type" : "opaque";
}

/** `type(v)`. */
export function typeOf(v: i32, node: i32): i32 {
  return tagOf(v) === TAG_ERROR ? locate(v, node) : named(v, TAG_TYPE, node);
}

/** The name of a value's type, as a value of the type `kind`. */
function named(v: i32, kind: i32, node: i32): i32 {
  const at = alloc(NAME_BYTES);
  if (at === 0) return fail(node);
  const name = kind === TAG_STRING && load<i32>(v) & FLAG_SET ? "set" : nameOf(tagOf(v));
  return makePointer(kind, word(at, name) - at, at, 0, node);
}

/** `className(v)`: the class of an object or enum, the kind of what cannot be looked into, of all others the type. */
export function className(v: i32, node: i32): i32 {
  const tag = tagOf(v);
  if (tag === TAG_ERROR) return locate(v, node);
  // The class stands in the first slot of both.
  if (tag === TAG_OBJECT || tag === TAG_ENUM) return locate(pointerOf(v), node);
  if (tag !== TAG_OPAQUE) return named(v, TAG_STRING, node);
  // `function f` is a function.
  const label = pointerOf(v);
  const length = lengthOfSlot(v);
  let end = 0;
  while (end < length && load<u8>(label + end) !== 32) end++;
  return makePointer(TAG_STRING, end, label, 0, node);
}
