// The guest engine: every export that probe modules and bindings call. Values are pointers to slots (abi.ts); a condition's
// result is 0, 1 or a packed error; `node` is the syntax node to blame. Nothing here traps, grows the memory or leaves it.
import { add, div, mod, mul, neg, sub } from "./arithmetic.ts";
import { alloc, error, fail, locate, steps, top } from "./budget.ts";
import { newList, newMap, push, put } from "./building.ts";
import { each, hasField, index, isIn, lengthOf, select, size } from "./collections.ts";
import { compare, equals, textIs } from "./compare.ts";
import { toBool, toDouble, toInt, toText, toUint } from "./convert.ts";
import { base64Decode, base64Encode, toBytes } from "./encoding.ts";
import { format } from "./format.ts";
import { outBegin, outCut, outEnd, outText } from "./output.ts";
import { take } from "./rate.ts";
import { outQuoted, outValue } from "./render.ts";
import { contains, endsWith, startsWith } from "./search.ts";
import { charAt, indexOf, lastIndexOf, substring } from "./slices.ts";
import { copy, fromBool, integer, number, truth } from "./slots.ts";
import { outFormatted } from "./spec.ts";
import { join, lowerAscii, quote, replace, reverse, split, trim, upperAscii } from "./strings.ts";

export {
  add,
  alloc,
  base64Decode,
  base64Encode,
  charAt,
  compare,
  contains,
  copy,
  div,
  each,
  endsWith,
  equals,
  error,
  fail,
  format,
  fromBool,
  hasField,
  index,
  indexOf,
  integer,
  isIn,
  join,
  lastIndexOf,
  lengthOf,
  locate,
  lowerAscii,
  mod,
  mul,
  neg,
  newList,
  newMap,
  number,
  outBegin,
  outCut,
  outEnd,
  outFormatted,
  outQuoted,
  outText,
  outValue,
  push,
  put,
  quote,
  replace,
  reverse,
  select,
  size,
  split,
  startsWith,
  steps,
  sub,
  substring,
  take,
  textIs,
  toBool,
  toBytes,
  toDouble,
  toInt,
  top,
  toText,
  toUint,
  trim,
  truth,
  upperAscii,
};
