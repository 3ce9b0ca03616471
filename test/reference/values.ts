// The values of the reference interpreter, and equality and order among them: written from language.md sections 3 and 4. Shares
// nothing with the compiler or the engine, so that a mistake there is not repeated here.

/** An error as a value: its code and the node to blame. */
export class Fail {
  readonly code: string;
  readonly node: number;

  constructor(code: string, node: number) {
    this.code = code;
    this.node = node;
  }
}

export type Value =
  | { readonly t: "null" }
  | { readonly t: "bool"; readonly v: boolean }
  | { readonly t: "int" | "uint"; readonly v: bigint }
  | { readonly t: "double"; readonly v: number }
  | { readonly t: "string"; readonly v: string }
  | { readonly t: "bytes"; readonly v: Uint8Array }
  /** Nanoseconds since 1970. */
  | { readonly t: "timestamp"; readonly v: bigint }
  /** Nanoseconds. */
  | { readonly t: "duration"; readonly v: bigint }
  | { readonly t: "list"; readonly v: readonly Value[] }
  | { readonly t: "map"; readonly v: readonly (readonly [Value, Value])[] }
  | { readonly t: "object"; readonly name: string; readonly v: readonly (readonly [Value, Value])[] }
  | { readonly t: "optional"; readonly v: Value | null }
  | { readonly t: "type"; readonly v: string };

export type Keyed = Extract<Value, { t: "map" | "object" }>;

export const NULL: Value = { t: "null" };
export const bool = (v: boolean): Value => ({ t: "bool", v });
export const text = (v: string): Value => ({ t: "string", v });
export const int = (v: bigint | number): Value => ({ t: "int", v: BigInt(v) });
export const double = (v: number): Value => ({ t: "double", v });

export const isNumber = (value: Value): value is Extract<Value, { t: "int" | "uint" | "double" }> =>
  value.t === "int" || value.t === "uint" || value.t === "double";
export const isKeyed = (value: Value): value is Keyed => value.t === "map" || value.t === "object";

/** -1, 0, 1, or null where a NaN makes them unordered. Exact across the types, on one line of numbers. */
export function compareNumbers(a: bigint | number, b: bigint | number): number | null {
  // JavaScript compares a bigint with a number by their mathematical values.
  if (a < b) return -1;
  if (a > b) return 1;
  return Number.isNaN(a) || Number.isNaN(b) ? null : 0;
}

/** Order of code points, which JavaScript's own is not above U+FFFF. */
export function compareTexts(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]!.codePointAt(0) as number) - (right[i]!.codePointAt(0) as number);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(left.length - right.length);
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return Math.sign(a[i]! - b[i]!);
  return Math.sign(a.length - b.length);
}

/** The greatest int and the double above it: CEL's order ranks them as one, though they are not equal. */
const isTop = (a: Value, b: Value): boolean =>
  a.t === "int" && a.v === (1n << 63n) - 1n && b.t === "double" && b.v === 2 ** 63;

/** Order where there is one: null for unordered numbers, undefined where the types have none. */
export function compare(a: Value, b: Value): number | null | undefined {
  if (isNumber(a) && isNumber(b)) return isTop(a, b) || isTop(b, a) ? 0 : compareNumbers(a.v, b.v);
  if (a.t !== b.t) return undefined;
  switch (a.t) {
    case "string":
      return compareTexts(a.v, (b as typeof a).v);
    case "bytes":
      return compareBytes(a.v, (b as typeof a).v);
    case "bool":
      return Number(a.v) - Number((b as typeof a).v);
    case "timestamp":
    case "duration":
      return compareNumbers(a.v, (b as typeof a).v);
    default:
      return undefined;
  }
}

/** Equality, defined for all types: different ones are unequal, but numbers are on one line and an object may equal a map. */
export function equal(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a.v, b.v) === 0;
  if (isKeyed(a) && isKeyed(b)) {
    // The same object, whatever it holds.
    if (a === b && a.t === "object") return true;
    if (a.t === "object" && b.t === "object" && a.name !== b.name) return false;
    return (
      a.v.length === b.v.length &&
      a.v.every(([key, value]) => {
        const found = find(b, key);
        return found !== undefined && equal(value, found);
      })
    );
  }
  if (a.t !== b.t) return false;
  switch (a.t) {
    case "null":
      return true;
    case "list": {
      const other = (b as typeof a).v;
      return a.v.length === other.length && a.v.every((item, i) => equal(item, other[i]!));
    }
    case "optional": {
      const other = (b as typeof a).v;
      return a.v === null || other === null ? a.v === other : equal(a.v, other);
    }
    case "type":
      return a.v === (b as typeof a).v;
    default:
      return compare(a, b) === 0;
  }
}

/** The value of a key, across number types. */
export function find(keyed: Keyed, key: Value): Value | undefined {
  return keyed.v.find(([name]) => equal(name, key))?.[1];
}
