// Copies the values that a script uses into one JSON text, under the caps on one run. Runs none of the program's code: own data
// properties only, saved built-ins only. What may not be read, or was cut, becomes a mark: reading it in the script is an error.
import { LIMITS } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import { Access, FAULT } from "./access.ts";
import { HOST_LIMITS } from "./limits.ts";
import { fieldNames } from "./measure.ts";
import {
  bigintText,
  byteLength,
  bytesOf,
  classNameOf,
  dataIn,
  dateTime,
  eachEntry,
  eachMember,
  getOwnPropertyDescriptor,
  getOwnPropertyNames,
  getPrototypeOf,
  hasOwn,
  isAnyArrayBuffer,
  isArray,
  isDate,
  isEnumerable,
  isMap,
  isNativeError,
  isNotANumber,
  isProxy,
  isRegExp,
  isSet,
  isTypedArray,
  isUint8Array,
  jsonText,
  mapSize,
  ObjectPrototype,
  opaqueLabel,
  setSize,
  sliceText,
  typedLength,
  unbox,
} from "./natives.ts";
import { UNAVAILABLE } from "./placement.ts";
import type { Use } from "./script-text.ts";

/**
 * What JSON cannot hold is written as null, or as the array of its parts, and named in a list of mends: [path, kind, data]. The
 * sandbox applies them in order (script-sandbox.ts).
 */
export const MEND = Object.freeze({
  /** Cannot be read; data is the error code. */
  unreadable: 0,
  undefined: 1,
  /** NaN, an infinity or -0; data is its text. */
  number: 2,
  /** data is the decimal text. */
  bigint: 3,
  /** data is the time in milliseconds, null for an invalid one. */
  date: 4,
  /** An array of its entries. */
  map: 5,
  /** An array of its members. */
  set: 6,
  /** An array of its bytes. */
  bytes: 7,
  /** A function, which can be named and not called; data is its name. */
  function: 8,
  /** An object with more fields, which cannot be read; data is {code, names, own}. */
  hidden: 9,
  /** An object that holds some elements of an array; data is the length. */
  array: 10,
});

/** Bits of a bigint that is copied: printing a longer one takes quadratic time. */
const BIG_BITS = 4096;
const MAX_BIG = 2n ** BigInt(BIG_BITS);
/** Prototypes of an object that are looked at. */
const MAX_PROTOTYPES = 8;
/** What a value costs beside its text, so that many small ones come to an end. */
const VALUE_BYTES = 8;
/** What a mend costs beside its text: it takes the sandbox some ten times as long as a value in the JSON. */
const MEND_BYTES = 64;

/** Makes the JSON text of one run. One a script: it keeps nothing of the program's between two runs. */
export class ScriptValues extends Access {
  #text = "";
  #mends = "";
  #left = 0;
  /** Keys on the way to the value at hand, as JSON; the first is the position among the variables. */
  readonly #path: string[] = [];

  /** `[[value, ...], [[path, kind, data], ...]]` of the variables in their order, as far as they are used. Never throws. */
  write(values: readonly unknown[], uses: readonly Use[]): string {
    this.#text = "";
    this.#mends = "";
    this.#left = HOST_LIMITS.scriptInputBytes;
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.#text += ",";
      this.#at(0, `${i}`, values[i], uses[i] ?? true);
    }
    const text = `[[${this.#text}],[${this.#mends}]]`;
    this.#text = "";
    this.#mends = "";
    return text;
  }

  #at(depth: number, key: string, value: unknown, use: Use = true): void {
    this.#path[depth] = key;
    this.#value(depth + 1, value, use);
  }

  #put(text: string): void {
    this.#left -= text.length + VALUE_BYTES;
    this.#text += text;
  }

  /** Names the value at hand in the list of mends. `data` is JSON. */
  #mend(depth: number, kind: number, data: string): void {
    let path = "";
    for (let i = 0; i < depth; i++) path += i === 0 ? this.#path[i] : `,${this.#path[i]}`;
    const mend = `[[${path}],${kind},${data}]`;
    this.#left -= mend.length + MEND_BYTES;
    this.#mends += this.#mends === "" ? mend : `,${mend}`;
  }

  #instead(depth: number, kind: number, data: string): void {
    this.#put("null");
    this.#mend(depth, kind, data);
  }

  #unreadable(depth: number, code: number): void {
    this.#instead(depth, MEND.unreadable, `${code}`);
  }

  #value(depth: number, value: unknown, use: Use = true): void {
    if (this.#left <= 0) return this.#unreadable(depth, abi.ERR_TRUNCATED);
    switch (typeof value) {
      case "string":
        return this.#string(depth, value);
      case "number":
        if (value - value !== 0) return this.#instead(depth, MEND.number, `"${value}"`);
        if (value === 0 && 1 / value < 0) return this.#instead(depth, MEND.number, '"-0"');
        return this.#put(`${value}`);
      case "boolean":
        return this.#put(value ? "true" : "false");
      case "undefined":
        return this.#instead(depth, MEND.undefined, "0");
      case "bigint":
        if (value >= MAX_BIG || value <= -MAX_BIG) return this.#unreadable(depth, abi.ERR_TRUNCATED);
        return this.#instead(depth, MEND.bigint, `"${bigintText(value)}"`);
      case "function":
        return this.#function(depth, value as object);
      case "symbol":
        return this.#unreadable(depth, value === UNAVAILABLE ? abi.ERR_UNDECLARED : abi.ERR_NO_SUCH_OVERLOAD);
      default:
        return this.#object(depth, value as object | null, use);
    }
  }

  #string(depth: number, value: string): void {
    if (value.length > LIMITS.stringBytes) return this.#unreadable(depth, abi.ERR_TRUNCATED);
    this.#put(jsonText(value));
  }

  #function(depth: number, value: object): void {
    const name: unknown = isProxy(value) ? "" : dataIn(getOwnPropertyDescriptor(value, "name"));
    this.#instead(depth, MEND.function, jsonText(typeof name === "string" ? sliceText(name, 0, 100) : ""));
  }

  #object(depth: number, value: object | null, use: Use): void {
    if (value === null) return this.#put("null");
    if (isProxy(value)) return this.#unreadable(depth, abi.ERR_SIDE_EFFECT);
    if (isDate(value)) {
      const ms = dateTime(value);
      return this.#instead(depth, MEND.date, isNotANumber(ms) ? "null" : `${ms}`);
    }
    const boxed = unbox(value);
    if (boxed !== undefined) return this.#value(depth, boxed);
    if (opaqueLabel(value) !== null || isRegExp(value)) return this.#unreadable(depth, abi.ERR_NO_SUCH_OVERLOAD);
    if (depth > HOST_LIMITS.scriptDepth) return this.#unreadable(depth, abi.ERR_TRUNCATED);
    if (isAnyArrayBuffer(value)) return this.#bytes(depth, bytesOf(value));
    if (isUint8Array(value)) return this.#bytes(depth, value as Uint8Array);
    if (isArray(value)) return this.#elements(depth, value, value.length, use);
    if (isTypedArray(value)) return this.#elements(depth, value, typedLength(value), use);
    if (isMap(value)) return this.#map(depth, value);
    if (isSet(value)) return this.#set(depth, value);
    if (use === true) this.#fields(depth, value);
    else this.#picked(depth, value, use);
  }

  #bytes(depth: number, value: Uint8Array): void {
    const size = byteLength(value);
    if (size > LIMITS.stringBytes) return this.#unreadable(depth, abi.ERR_TRUNCATED);
    let text = "";
    for (let i = 0; i < size; i++) text += i === 0 ? `${value[i]}` : `,${value[i]}`;
    this.#put(`[${text}]`);
    this.#mend(depth, MEND.bytes, "0");
  }

  #elements(depth: number, array: object, length: number, use: Use): void {
    if (use !== true && arePositions(use)) this.#some(depth, array, length, use);
    else this.#array(depth, array, length);
  }

  // A collection that is too long is no shorter one: its length would be wrong, and `every` would hold.
  #array(depth: number, array: object, length: number): void {
    if (length > LIMITS.items) return this.#unreadable(depth, abi.ERR_TRUNCATED);
    this.#put("[");
    for (let i = 0; i < length; i++) {
      if (i > 0) this.#text += ",";
      if (this.#left <= 0) {
        this.#text += "null]";
        return this.#mend(depth, MEND.unreadable, `${abi.ERR_TRUNCATED}`);
      }
      this.#element(depth, array, i, true);
    }
    this.#text += "]";
  }

  #element(depth: number, array: object, index: number, use: Use): void {
    const element = this.element(array, index);
    this.#path[depth] = `${index}`;
    if (element === FAULT) this.#unreadable(depth + 1, this.fault);
    else this.#value(depth + 1, element, use);
  }

  /** Only the elements that the script names; the length is the true one. */
  #some(depth: number, array: object, length: number, use: Exclude<Use, true>): void {
    this.#put("{");
    let more = false;
    for (let i = 0; i < use.length; i++) {
      const { key, use: below } = use[i]!;
      if (key === "length" || +key >= length) continue;
      this.#put(more ? `,"${key}":` : `"${key}":`);
      more = true;
      this.#element(depth, array, +key, below);
    }
    this.#text += "}";
    this.#mend(depth, MEND.array, `${length}`);
  }

  #map(depth: number, map: object): void {
    if (mapSize(map) > LIMITS.items) return this.#unreadable(depth, abi.ERR_TRUNCATED);
    this.#put("[");
    let i = 0;
    eachEntry(map, (key, value) => {
      this.#text += i > 0 ? ",[" : "[";
      this.#path[depth] = `${i++}`;
      // A key that is an object would be another one in the copy.
      if (typeof key === "object" && key !== null) {
        this.#path[depth + 1] = "0";
        this.#unreadable(depth + 2, abi.ERR_NO_SUCH_OVERLOAD);
      } else this.#at(depth + 1, "0", key);
      this.#text += ",";
      this.#at(depth + 1, "1", value);
      this.#text += "]";
      return true;
    });
    this.#text += "]";
    this.#mend(depth, MEND.map, "0");
  }

  #set(depth: number, set: object): void {
    if (setSize(set) > LIMITS.items) return this.#unreadable(depth, abi.ERR_TRUNCATED);
    this.#put("[");
    let i = 0;
    eachMember(set, (member) => {
      if (i > 0) this.#text += ",";
      this.#at(depth, `${i++}`, member);
      return true;
    });
    this.#text += "]";
    this.#mend(depth, MEND.set, "0");
  }

  /** Own enumerable string-keyed fields. Of an error also its name and message, which are none. */
  #fields(depth: number, object: object): void {
    const keys = fieldNames(object);
    if (keys === null || keys.length > LIMITS.items) return this.#unreadable(depth, abi.ERR_TRUNCATED);
    this.#put("{");
    let more = false;
    if (isNativeError(object)) {
      const message: unknown = dataIn(getOwnPropertyDescriptor(object, "message"));
      this.#field(depth, "name", classNameOf(object) ?? "Error", true, more);
      this.#field(depth, "message", typeof message === "string" ? message : "", true, true);
      more = true;
    }
    let i = 0;
    for (; i < keys.length && this.#left > 0; i++) {
      const key = keys[i] as string;
      this.#field(depth, key, this.field(object, key), true, more);
      more = true;
    }
    this.#text += "}";
    let rest = "";
    for (; i < keys.length; i++) rest += rest === "" ? jsonText(keys[i] as string) : `,${jsonText(keys[i] as string)}`;
    if (rest !== "") this.#hidden(depth, abi.ERR_TRUNCATED, rest, true);
    const getters = accessorsAbove(object);
    if (getters !== "") this.#hidden(depth, abi.ERR_SIDE_EFFECT, getters, false);
  }

  #field(depth: number, key: string, value: unknown, use: Use, more: boolean): void {
    const name = jsonText(key);
    this.#put(more ? `,${name}:` : `${name}:`);
    this.#path[depth] = name;
    if (value === FAULT) this.#unreadable(depth + 1, this.fault);
    else this.#value(depth + 1, value, use);
  }

  /** `names`: as JSON, separated by commas. */
  #hidden(depth: number, code: number, names: string, own: boolean): void {
    this.#mend(depth, MEND.hidden, `{"code":${code},"names":[${names}],"own":${own}}`);
  }

  /** Only the fields that the script names, its prototypes' included: an accessor among those must not be missing silently. */
  #picked(depth: number, object: object, use: Exclude<Use, true>): void {
    this.#put("{");
    let more = false;
    for (let i = 0; i < use.length; i++) {
      const { key, use: below } = use[i]!;
      const value = this.#lookUp(object, key);
      if (value === undefined) continue;
      this.#field(depth, key, value, below, more);
      more = true;
    }
    this.#text += "}";
  }

  /** The value of a field, FAULT where it may not be read, undefined where there is none or the sandbox has its like. */
  #lookUp(object: object, key: string): unknown {
    let at: object | null = object;
    for (let steps = 0; at !== null && at !== ObjectPrototype && steps < MAX_PROTOTYPES; steps++) {
      this.fault = abi.ERR_SIDE_EFFECT;
      if (isProxy(at) || isUnformatted(at, key)) return FAULT;
      const found = getOwnPropertyDescriptor(at, key);
      if (found !== undefined) return hasOwn(found, "value") ? found.value : FAULT;
      at = getPrototypeOf(at);
    }
    return undefined;
  }
}

/**
 * V8 formats the stack trace of an object when it is first looked at, and may ask the program's code to. Until then the property
 * is not enumerable, and to ask that formats nothing.
 */
const isUnformatted = (holder: object, key: string): boolean =>
  key === "stack" && hasOwn(holder, key) && !isEnumerable(holder, key);

/** Whether an array is asked for nothing but its length and single elements. */
function arePositions(use: Exclude<Use, true>): boolean {
  for (let i = 0; i < use.length; i++) {
    const { key } = use[i]!;
    if (key !== "length" && `${+key >>> 0}` !== key) return false;
  }
  return true;
}

/** Names of accessors that an object inherits, as JSON, separated by commas. */
function accessorsAbove(object: object): string {
  let names = "";
  let at = getPrototypeOf(object) as object | null;
  for (let steps = 0; at !== null && at !== ObjectPrototype && steps < MAX_PROTOTYPES; steps++) {
    if (isProxy(at)) break;
    const own = getOwnPropertyNames(at);
    for (let i = 0; i < own.length && i < LIMITS.items; i++) {
      const key = own[i] as string;
      const found = isUnformatted(at, key) ? undefined : getOwnPropertyDescriptor(at, key);
      if ((found !== undefined && hasOwn(found, "value")) || hasOwn(object, key)) continue;
      names += names === "" ? jsonText(key) : `,${jsonText(key)}`;
    }
    at = getPrototypeOf(at);
  }
  return names;
}
