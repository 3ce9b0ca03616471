// Holds a value that JavaScript has no type for: a uint within the range of an int, a duration, an enum, a type, a timestamp
// finer than a millisecond, an error, a value of which only a part was recorded. Only `eval`, the shared vectors and the preview
// make them; a program's values never contain one.

/** What a carrier holds. `error` is an error code of engine/abi.ts. */
export type Carried =
  | { readonly kind: "uint"; readonly value: bigint }
  | { readonly kind: "duration"; readonly nanoseconds: bigint }
  | { readonly kind: "timestamp"; readonly seconds: bigint; readonly nanoseconds: number }
  | { readonly kind: "type"; readonly name: string }
  | { readonly kind: "enum"; readonly class: string; readonly name: string; readonly value: unknown }
  | { readonly kind: "error"; readonly code: number }
  /** `value`: what is left of a text, list, map or object; `size`: how many elements or entries there truly were. */
  | { readonly kind: "cut"; readonly value: string | object; readonly size: number };

/** One such value. It has no properties of its own, so a selection finds nothing on it. */
export class Carrier {
  readonly #carried: Carried;

  constructor(carried: Carried) {
    this.#carried = carried;
  }

  /** What it holds, or null if `value` is no carrier. Asks nothing of `value`: its prototype may be a Proxy. */
  static of(value: object): Carried | null {
    return #carried in value ? value.#carried : null;
  }
}
