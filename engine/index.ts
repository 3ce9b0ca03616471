// The guest engine: every export that probe modules and bindings call. Values are pointers to slots (abi.ts); a condition's
// result is 0, 1 or a packed error; `node` is the syntax node to blame. Nothing here traps, grows the memory or leaves it.
import { add, div, mod, mul, neg, sub } from "./arithmetic.ts";
import { alloc, error, fail, locate, steps, top } from "./budget.ts";
import { newList, newMap, push, put } from "./building.ts";
import { each, hasField, index, isIn, lengthOf, select, size } from "./collections.ts";
import { compare, equals, textIs } from "./compare.ts";
import { toBool, toDouble, toInt, toText, toUint } from "./convert.ts";
import { take } from "./rate.ts";
import { matchDfa, matchNfa } from "./regex.ts";
import { outBegin, outCut, outEnd, outQuoted, outText, outValue } from "./render.ts";
import { contains, endsWith, startsWith } from "./search.ts";
import { copy, fromBool, integer, number, truth } from "./slots.ts";

export {
  add,
  alloc,
  compare,
  contains,
  copy,
  div,
  each,
  endsWith,
  equals,
  error,
  fail,
  fromBool,
  hasField,
  index,
  integer,
  isIn,
  lengthOf,
  locate,
  matchDfa,
  matchNfa,
  mod,
  mul,
  neg,
  newList,
  newMap,
  number,
  outBegin,
  outCut,
  outEnd,
  outQuoted,
  outText,
  outValue,
  push,
  put,
  select,
  size,
  startsWith,
  steps,
  sub,
  take,
  textIs,
  toBool,
  toDouble,
  toInt,
  top,
  toText,
  toUint,
  truth,
};
