// A result of the guest as an ordinary JavaScript value. What JavaScript has no type for loses its type: tagged.ts keeps it.
import type { Answer } from "./answer.ts";
import { setField, type Tagged, toTagged } from "./tagged.ts";

/**
 * The value in a result slot: whole numbers as `number` where that is exact, else as `bigint`; a timestamp as `Date`, a duration as
 * milliseconds, bytes as `Uint8Array`, a map as `Map`, a set as `Set`, an object as a plain object, an optional as its value or
 * undefined, a type as its name. An element that could not be read is `{ error: code }`.
 */
export function toPlain(memory: WebAssembly.Memory, slot: number): Answer<unknown> {
  const reader = new Reader();
  const value = reader.plain(toTagged(memory, slot));
  return reader.truncated ? { value, truncated: true } : { value };
}

class Reader {
  truncated = false;

  plain(tagged: Tagged): unknown {
    if (tagged.truncated === true) this.truncated = true;
    const each = (items: readonly Tagged[]) => items.map((item) => this.plain(item));
    if ("int" in tagged) return whole(tagged.int);
    if ("uint" in tagged) return whole(tagged.uint);
    if ("double" in tagged) return Number(tagged.double);
    if ("big" in tagged) return BigInt(tagged.big);
    if ("bool" in tagged) return tagged.bool;
    if ("null" in tagged) return null;
    if ("string" in tagged) return tagged.string;
    if ("bytes" in tagged) return Uint8Array.from(atob(tagged.bytes), (character) => character.charCodeAt(0));
    if ("timestamp" in tagged) return new Date(tagged.timestamp);
    if ("duration" in tagged) return Number(tagged.duration.replace("s", "e3"));
    if ("list" in tagged) return each(tagged.list);
    if ("set" in tagged) return new Set(each(tagged.set));
    if ("map" in tagged) return new Map(tagged.map.map(([key, value]) => [this.plain(key), this.plain(value)]));
    if ("object" in tagged) {
      const made = {};
      for (const [name, value] of Object.entries(tagged.object.fields)) setField(made, name, this.plain(value));
      return made;
    }
    if ("optional" in tagged) return tagged.optional === null ? undefined : this.plain(tagged.optional);
    if ("enum" in tagged) return this.plain(tagged.enum.value);
    if ("type" in tagged) return tagged.type;
    return "opaque" in tagged ? tagged.opaque : { error: tagged.error };
  }
}

function whole(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}
