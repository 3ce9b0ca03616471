// The JavaScript that runs inside the sandbox before any script: it freezes everything that scripts could leave a trace on, makes
// the program's variables readable, runs the script and says what went wrong. Text only; nothing of it runs in the host.
import { MEND } from "./script-values.ts";

/** What a run answers that gave neither true nor false, as JSON: the kind, a text about it, and the stack where there is one. */
export type Trouble = readonly [kind: number, text: string, stack: string];

/** Kinds of trouble. Those of an unreadable value are its error code of engine/abi.ts, which are below these. */
export const TROUBLE = Object.freeze({ threw: 100, notBool: 101, memory: 102, stack: 103 });

/** Name of the script in stacks. */
export const SCRIPT_FILE = "script";

/** UTF-16 units of a text that comes out. */
const MAX_TEXT = 200;
const MAX_STACK = 600;

/**
 * An expression: `(names, script) => (json) => 1 | 0 | string`. The names become accessors of the global object, so that reading
 * one of them throws where its value cannot be read, and nowhere else.
 */
export const SANDBOX = `(function () {
"use strict";
const { parse, stringify } = JSON;
const { apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { freeze } = Object;
const codes = new WeakMap();

function refuse(code) {
  const error = new TypeError("a value that cannot be read");
  codes.set(error, code);
  throw error;
}
const put = (holder, key, value) =>
  defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
const hide = (holder, key, code, enumerable = true) =>
  defineProperty(holder, key, { get: () => refuse(code), enumerable, configurable: true });

/** A collection of parts that can all be read; else it cannot be read itself. */
function collect(holder, key, make) {
  try {
    put(holder, key, make(holder[key]));
  } catch (error) {
    hide(holder, key, codes.get(error));
  }
}
/** An array of which only some elements are there. */
function sparse(elements, length) {
  const made = [];
  for (const key of ownKeys(elements)) defineProperty(made, key, getOwnPropertyDescriptor(elements, key));
  made.length = length;
  return made;
}
function stub(name) {
  const made = () => {
    throw new TypeError("a function of the program cannot be called");
  };
  return defineProperty(made, "name", { value: name }), made;
}
function mend(values, [path, kind, data]) {
  let holder = values;
  for (let i = 0; i < path.length - 1; i++) holder = holder[path[i]];
  const key = path[path.length - 1];
  switch (kind) {
    case ${MEND.unreadable}: return void hide(holder, key, data);
    case ${MEND.undefined}: return void put(holder, key, undefined);
    case ${MEND.number}: return void put(holder, key, Number(data));
    case ${MEND.bigint}: return void put(holder, key, BigInt(data));
    case ${MEND.date}: return void put(holder, key, new Date(data ?? NaN));
    case ${MEND.map}: return void collect(holder, key, (entries) => new Map(entries));
    case ${MEND.set}: return void collect(holder, key, (members) => new Set(members));
    case ${MEND.bytes}: return void put(holder, key, new Uint8Array(holder[key]));
    case ${MEND.hidden}: return void data.names.forEach((name) => hide(holder[key], name, data.code, data.own));
    case ${MEND.array}: return void put(holder, key, sparse(holder[key], data));
    case ${MEND.function}: return void put(holder, key, stub(data));
  }
}

function textOf(value) {
  try {
    return String(value).slice(0, ${MAX_TEXT});
  } catch {
    return "";
  }
}
function troubleOf(error) {
  let stack = "";
  try {
    const found = error.stack;
    if (typeof found === "string") stack = found.slice(0, ${MAX_STACK});
  } catch {}
  const code = codes.get(error);
  if (code !== undefined) return [code, "", stack];
  let name = "";
  let message = "";
  try {
    if (typeof error === "object" && error !== null) {
      name = textOf(error.name);
      message = textOf(error.message);
    } else message = textOf(error);
  } catch {}
  if (name === "InternalError" && message === "out of memory") return [${TROUBLE.memory}, "", ""];
  if (name === "InternalError" && message === "stack overflow") return [${TROUBLE.stack}, "", stack];
  return [${TROUBLE.threw}, name === "" ? message : message === "" ? name : name + ": " + message, stack];
}
function kindOf(answer) {
  if (answer === null) return "null";
  if (answer instanceof Promise) return "a promise";
  if (Array.isArray(answer)) return "an array";
  const kind = typeof answer;
  return kind === "undefined" ? kind : (kind === "object" ? "an " : "a ") + kind;
}

/** Whatever a script can reach without making it. */
function intrinsics() {
  const hidden = [
    function* () {}, async function () {}, async function* () {}, (function* () {})(), (async function* () {})(),
    [].values(), ""[Symbol.iterator](), new Map().entries(), new Set().values(), "".matchAll(/./g), Int8Array,
  ];
  const all = new Set();
  const pending = hidden.map(getPrototypeOf);
  const add = (value) => {
    if ((typeof value === "object" && value !== null) || typeof value === "function") pending.push(value);
  };
  for (const key of ownKeys(globalThis)) add(globalThis[key]);
  // The helpers of iterators have prototypes that no property leads to.
  try { add(getPrototypeOf([].values().map((x) => x))); } catch {}
  try { add(getPrototypeOf(Iterator.from({ next() {} }))); } catch {}
  while (pending.length > 0) {
    const value = pending.pop();
    if (value === globalThis || all.has(value)) continue;
    all.add(value);
    add(getPrototypeOf(value));
    for (const key of ownKeys(value)) {
      const found = getOwnPropertyDescriptor(value, key);
      add(found.value);
      add(found.get);
      add(found.set);
    }
  }
  return all;
}

return function (names, script) {
  let values = [];
  const self = names.indexOf("this");
  names.forEach((name, i) => {
    if (i !== self) defineProperty(globalThis, name, { get: () => values[i] });
  });
  for (const value of intrinsics()) freeze(value);
  freeze(globalThis);
  return function (json) {
    try {
      const [copies, mends] = parse(json);
      for (const one of mends) mend(copies, one);
      values = copies;
      const answer = apply(script, self < 0 ? undefined : values[self], []);
      if (answer === true) return 1;
      if (answer === false) return 0;
      return stringify([${TROUBLE.notBool}, kindOf(answer), ""]);
    } catch (error) {
      return stringify(troubleOf(error));
    } finally {
      values = [];
    }
  };
};
})()`;
