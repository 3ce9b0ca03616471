// The guest engine: every export that probe modules and bindings call. Values are pointers to slots (abi.ts); a condition's
// result is 0, 1 or a packed error; `node` is the syntax node to blame. Nothing here traps, grows the memory or leaves it.
import { add, div, mod, mul, neg, sub } from "./arithmetic.ts";
import { alloc, end, error, fail, locate, locateSize, steps, top } from "./budget.ts";
import { newList, newMap, push, put, putNew } from "./building.ts";
import {
  each,
  hasField,
  index,
  isIn,
  lengthOf,
  optionalIndex,
  optionalSelect,
  pairs,
  select,
  size,
} from "./collections.ts";
import { compare, equals, textIs } from "./compare.ts";
import { toBool, toDouble, toDuration, toInt, toText, toTimestamp, toUint } from "./convert.ts";
import { base64Decode, base64Encode, toBytes } from "./encoding.ts";
import { format } from "./format.ts";
import { timePart } from "./getters.ts";
import { joined, joins } from "./joined.ts";
import { bitwise, extreme, isKind, magnitude, rounded } from "./math.ts";
import { asOptional, hasValue, optionalAt, optionalNonZero, optionalOf, optionalValue, unwrap } from "./optionals.ts";
import { outBegin, outCut, outEnd, outText } from "./output.ts";
import { take } from "./rate.ts";
import { matchDfa, matchNfa } from "./regex.ts";
import { outQuoted, outValue } from "./render.ts";
import { contains, endsWith, startsWith } from "./search.ts";
import { charAt, indexOf, lastIndexOf, substring } from "./slices.ts";
import { copy, counted, fromBool, integer, number, truth } from "./slots.ts";
import { outFormatted } from "./spec.ts";
import { join, lowerAscii, quote, replace, reverse, split, trim, upperAscii } from "./strings.ts";
import { className, typeOf } from "./types.ts";

export {
  add,
  alloc,
  asOptional,
  base64Decode,
  base64Encode,
  bitwise,
  charAt,
  className,
  compare,
  contains,
  copy,
  counted,
  div,
  each,
  end,
  endsWith,
  equals,
  error,
  extreme,
  fail,
  format,
  fromBool,
  hasField,
  hasValue,
  index,
  indexOf,
  integer,
  isIn,
  isKind,
  join,
  joined,
  joins,
  lastIndexOf,
  lengthOf,
  locate,
  locateSize,
  lowerAscii,
  magnitude,
  matchDfa,
  matchNfa,
  mod,
  mul,
  neg,
  newList,
  newMap,
  number,
  optionalAt,
  optionalIndex,
  optionalNonZero,
  optionalOf,
  optionalSelect,
  optionalValue,
  outBegin,
  outCut,
  outEnd,
  outFormatted,
  outQuoted,
  outText,
  outValue,
  pairs,
  push,
  put,
  putNew,
  quote,
  replace,
  reverse,
  rounded,
  select,
  size,
  split,
  startsWith,
  steps,
  sub,
  substring,
  take,
  textIs,
  timePart,
  toBool,
  toBytes,
  toDouble,
  toDuration,
  toInt,
  top,
  toText,
  toTimestamp,
  toUint,
  trim,
  truth,
  typeOf,
  unwrap,
  upperAscii,
};
