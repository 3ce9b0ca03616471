// Captures values that hold no other values: text, numbers, dates, bytes, functions. Reads internal slots only, calls nothing
// of the program, and costs no more for a large value than for a small one.
import { type Captured, natives } from "../../host/index.ts";
import * as kinds from "./kind.ts";

const {
  ITERATOR_PROTOTYPES,
  REGEXP_FLAGS,
  Uint8,
  arrayBufferLength,
  asIntN,
  bigintIn,
  bigintText,
  blank,
  booleanIn,
  charCode,
  dataViewByte,
  dataViewLength,
  dateIso,
  dateTime,
  isAnyArrayBuffer,
  isBigIntObject,
  isBooleanObject,
  isGeneratorObject,
  isMapIterator,
  isNumberObject,
  isSetIterator,
  isSharedArrayBuffer,
  isStringObject,
  min,
  numberIn,
  regexpSource,
  sharedBufferLength,
  sliceText,
  stringIn,
  symbolDescription,
  symbolIn,
  typedArrayKind,
  typedLength,
} = natives;

/** Tells whether text is stored in one piece; null where the runtime does not say. */
export type IsFlat = ((text: string) => boolean) | null;

/** Bits a decimal digit, a little less, so that a number of that many bits never prints longer. */
const BITS_PER_DIGIT = 3.3;

/** Text up to the limit, in UTF-16 units and never half a character. A long rope is not read at all: see MAX_FLATTEN. */
export function captureText(type: string, text: string, limit: number, isFlat: IsFlat): Captured {
  const size = text.length;
  if (size <= limit) return { type, value: text };
  return { type, value: cutText(text, limit, isFlat), size, omitted: "length" };
}

/** The first units of a text, empty for one that cannot be cut cheaply. */
export function cutText(text: string, limit: number, isFlat: IsFlat): string {
  if (text.length <= limit) return text;
  if (limit <= 0 || (text.length > kinds.MAX_FLATTEN && !isFlat?.(text))) return "";
  const last = charCode(text, limit - 1);
  return sliceText(text, 0, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit);
}

export function captureNumber(value: number): Captured {
  if (value === 0 && 1 / value < 0) return { type: "number", value: "-0" };
  if (value - value === 0) return { type: "number", value };
  return { type: "number", value: value > 0 ? "Infinity" : value < 0 ? "-Infinity" : "NaN" };
}

/** Decimal text, unless it would be longer than the limit: printing is quadratic in the length. */
export function captureBigint(value: bigint, limit: number): Captured {
  const bits = (limit - 1) * BITS_PER_DIGIT;
  if (bits < 1 || asIntN(bits, value) !== value) return { type: "bigint", value: "", omitted: "length" };
  return { type: "bigint", value: bigintText(value) };
}

export function captureSymbol(value: symbol, limit: number, isFlat: IsFlat): Captured {
  return captureText("symbol", symbolDescription(value) ?? "", limit, isFlat);
}

/** The function must be no Proxy. */
export function captureFunction(value: object): Captured {
  return { type: "function", value: kinds.functionName(value), class: kinds.functionKind(value) };
}

/** An object of one of the kinds from BYTES on. */
export function captureLeaf(kind: number, value: object, name: string | null, limit: number, isFlat: IsFlat): Captured {
  switch (kind) {
    case kinds.BYTES:
      return captureBytes(value, name, limit);
    case kinds.DATE: {
      const time = dateTime(value);
      return { type: "date", value: time - time === 0 ? dateIso(value) : "Invalid Date" };
    }
    case kinds.REGEXP:
      return captureRegexp(value, limit, isFlat);
    case kinds.PROMISE:
      return { type: "promise", class: name };
    case kinds.WEAK_MAP:
      return { type: "weakmap", class: name };
    case kinds.WEAK_SET:
      return { type: "weakset", class: name };
    case kinds.WEAK_REF:
      return { type: "weakref", class: name };
    case kinds.ITERATOR:
      return { type: "iterator", class: iteratorName(value) };
    default:
      return { type: "omitted", omitted: "unavailable", class: name };
  }
}

function captureRegexp(value: object, limit: number, isFlat: IsFlat): Captured {
  let flags = "";
  for (let i = 0; i < REGEXP_FLAGS.length; i++) {
    const flag = REGEXP_FLAGS[i]!;
    if (flag[1](value) === true) flags += flag[0];
  }
  const source = regexpSource(value);
  if (source.length <= limit) return { type: "regexp", value: `/${source}/${flags}` };
  return { type: "regexp", value: `/${cutText(source, limit, isFlat)}`, size: source.length, omitted: "length" };
}

function iteratorName(value: object): string {
  if (isMapIterator(value)) return "Map Iterator";
  if (isSetIterator(value)) return "Set Iterator";
  if (isGeneratorObject(value)) return "Generator";
  const prototype = kinds.prototypeOf(value);
  for (let i = 0; i < ITERATOR_PROTOTYPES.length; i++) {
    if (ITERATOR_PROTOTYPES[i]![0] === prototype) return ITERATOR_PROTOTYPES[i]![1];
  }
  return "Iterator";
}

function captureBytes(value: object, name: string | null, limit: number): Captured {
  try {
    const isView = typedArrayKind(value) !== undefined;
    const size = isView
      ? typedLength(value)
      : !isAnyArrayBuffer(value)
        ? dataViewLength(value)
        : isSharedArrayBuffer(value)
          ? sharedBufferLength(value)
          : arrayBufferLength(value);
    const count = min(size, limit);
    const bytes = new Uint8(count);
    // A view is read itself: asking for its `buffer` may move it to another memory.
    const view = isView ? (value as Uint8Array) : isAnyArrayBuffer(value) && count > 0 ? new Uint8(value) : null;
    for (let i = 0; i < count; i++) bytes[i] = view === null ? dataViewByte(value, i) : view[i]!;
    if (size > count) return { type: "bytes", class: name, value: bytes, size, omitted: "length" };
    return { type: "bytes", class: name, value: bytes };
  } catch {
    // A DataView whose buffer is detached throws, even when asked for its length.
    return { type: "omitted", omitted: "unavailable", class: name };
  }
}

/** The primitive inside a Number, String, Boolean, BigInt or Symbol object. */
export function unbox(value: object): unknown {
  if (isNumberObject(value)) return numberIn(value);
  if (isStringObject(value)) return stringIn(value);
  if (isBooleanObject(value)) return booleanIn(value);
  return isBigIntObject(value) ? bigintIn(value) : symbolIn(value);
}

/** First elements of a typed array. */
export function captureElements(value: object, length: number, limit: number): Captured[] {
  const count = min(length, limit);
  const items = blank(count) as Captured[];
  const view = value as Float64Array | BigInt64Array;
  for (let i = 0; i < count; i++) {
    const element = view[i]!;
    items[i] = typeof element === "bigint" ? { type: "bigint", value: bigintText(element) } : captureNumber(element);
  }
  return items;
}
