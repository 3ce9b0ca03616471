// Lists the field names of an object: own enumerable keys, text before symbols. Listing is linear in the number of keys and
// cannot be interrupted, so an object with very many of them is listed once and remembered, weakly.
import { natives } from "../../host/index.ts";

const { allKeys, blank, getOwnPropertyDescriptor, getOwnPropertySymbols, min, ownKeys, weakGet, weakSet } = natives;

/** Keys from which on a listing is remembered: it takes 0.25 ms for so many, 30 ms for 100,000, 400 ms for a million. */
const MANY_KEYS = 2000;
/** Objects with more keys than this are not asked for symbols, which is linear as well. */
const MAX_KEYS_BESIDE_SYMBOLS = 200;

export interface FieldList {
  readonly keys: readonly (string | symbol)[];
  /** All there are; null where only the first were remembered. */
  readonly total: number | null;
  /** The listing took long. */
  readonly slow: boolean;
}

/** Lists fields, and remembers the first keys of objects that have very many. */
export class FieldNames {
  readonly #remembered = new WeakMap<object, readonly string[]>();
  #remembers = false;

  /** The object must be no Proxy and no module namespace. */
  of(value: object, limit: number): FieldList {
    if (this.#remembers) {
      const known = weakGet(this.#remembered, value) as readonly string[] | undefined;
      if (known !== undefined) return { keys: known, total: null, slow: false };
    }
    const keys = ownKeys(value);
    const total = keys.length;
    if (total >= MANY_KEYS) return this.#remember(value, keys, limit);
    if (total < limit && total <= MAX_KEYS_BESIDE_SYMBOLS) {
      const symbols = getOwnPropertySymbols(value);
      if (symbols.length > 0) return withSymbols(value, keys, symbols);
    }
    return { keys, total, slow: false };
  }

  /** Exports of a module namespace, read without touching their values: one that is not initialised throws. */
  ofNamespace(value: object): FieldList {
    const all = allKeys(value);
    // The only symbol of a namespace is Symbol.toStringTag, and it comes last.
    const keys = blank(all.length - 1) as string[];
    for (let i = 0; i < keys.length; i++) keys[i] = all[i] as string;
    return { keys, total: keys.length, slow: false };
  }

  #remember(value: object, keys: readonly string[], limit: number): FieldList {
    const first = blank(min(limit, keys.length)) as string[];
    for (let i = 0; i < first.length; i++) first[i] = keys[i]!;
    weakSet(this.#remembered, value, first);
    this.#remembers = true;
    return { keys: first, total: keys.length, slow: true };
  }
}

function withSymbols(value: object, names: readonly string[], symbols: readonly symbol[]): FieldList {
  const keys = blank(names.length + symbols.length) as (string | symbol)[];
  let count = 0;
  for (; count < names.length; count++) keys[count] = names[count]!;
  for (let i = 0; i < symbols.length; i++) {
    // Symbols that Node hides on its own objects are seldom of use; enumerable ones were set by plain assignment.
    if (getOwnPropertyDescriptor(value, symbols[i]!)?.enumerable === true) keys[count++] = symbols[i]!;
  }
  keys.length = count;
  return { keys, total: count, slow: false };
}
