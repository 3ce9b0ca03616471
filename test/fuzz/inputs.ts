// Makes random values for the variables that random expressions use.
import type { Value } from "../reference/values.ts";
import { KINDS, type Kind, VARIABLES } from "./expressions.ts";
import { random } from "./random.ts";

/** Makes random values for the variables. */
export class Inputs {
  private readonly below: (limit: number) => number;

  constructor(seed: number) {
    this.below = random(seed);
  }

  next(): Map<string, Value> {
    return new Map(
      Object.entries(VARIABLES).map(([name, kind]) => {
        const wanted = kind === "any" || this.below(10) === 0 ? this.pick(KINDS) : kind;
        return [name, name === "o" && wanted === "map" ? this.object(1) : this.of(wanted, 1)];
      }),
    );
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  private of(kind: Kind | "null", depth: number): Value {
    switch (kind) {
      case "number":
        return this.number();
      case "bool":
        return { t: "bool", v: this.below(2) === 0 };
      case "text":
        return {
          t: "string",
          v: this.pick(["", "a", "ab", "abc", "b", "1", "-7", "2.5", "true", "é", "x😀y", " a\n", "ABC", "1h", "aab"]),
        };
      case "list":
        return { t: "list", v: this.many(() => this.element(depth)) };
      case "map": {
        const keys = this.many(() => this.key(), 4);
        const unique = keys.filter((key, i) => keys.findIndex((other) => String(other.v) === String(key.v)) === i);
        return { t: "map", v: unique.map((key) => [key, this.element(depth)] as const) };
      }
      case "time": {
        const seconds = this.pick([
          0n,
          1_709_251_199n,
          -62_135_596_800n,
          253_402_300_799n,
          -1n,
          BigInt(this.below(2 ** 31)),
        ]);
        return { t: "timestamp", v: seconds * 1_000_000_000n + BigInt(this.pick([0, 0, 1_000_000, 123_456_789])) };
      }
      case "span":
        return {
          t: "duration",
          v: this.pick([0n, 1n, -1_500_000_000n, 3_600_000_000_000n, (1n << 63n) - 1n, -(1n << 63n)]),
        };
      case "bytes":
        return { t: "bytes", v: Uint8Array.from(this.many(() => this.pick([0, 97, 98, 255]))) };
      case "type":
      case "optional":
      case "null":
        return { t: "null" };
    }
  }

  private number(): Value {
    switch (this.below(4)) {
      case 0:
        return {
          t: "int",
          v: this.pick([0n, 1n, 2n, -1n, -7n, 100n, (1n << 63n) - 1n, -(1n << 63n), 9007199254740993n]),
        };
      case 1:
        return { t: "uint", v: this.pick([0n, 1n, 3n, (1n << 64n) - 1n, 1n << 63n]) };
      default:
        return {
          t: "double",
          v: this.pick([0, 1, 2, -1, 2.5, -0.5, -0, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 63, 42]),
        };
    }
  }

  private key(): Value & { readonly v: string | bigint | boolean } {
    switch (this.below(4)) {
      case 0:
        return { t: "int", v: BigInt(this.below(3)) };
      case 1:
        return { t: "bool", v: this.below(2) === 0 };
      default:
        return { t: "string", v: this.pick(["a", "b", "k", "length", "é"]) };
    }
  }

  private element(depth: number): Value {
    const deep = depth > 0 && this.below(3) === 0;
    return deep
      ? this.of(this.pick(["list", "map"]), depth - 1)
      : this.of(this.pick(["number", "number", "bool", "text", "null"]), 0);
  }

  private object(depth: number): Value {
    const text = (v: string): Value => ({ t: "string", v });
    const fields: [Value, Value][] = [];
    for (const name of ["a", "b", "list", "length"]) {
      if (this.below(name === "length" ? 5 : 1) !== 0 && name !== "a") continue;
      if (this.below(6) === 0) continue;
      const value =
        name === "b" && depth > 0 ? this.object(depth - 1) : name === "list" ? this.of("list", 1) : this.element(1);
      fields.push([text(name), value]);
    }
    if (this.below(2) === 0) fields.push([text("c"), this.element(0)]);
    return { t: "object", name: this.pick(["Order", "Item"]), v: fields };
  }

  private many<T>(make: () => T, limit = 5): T[] {
    return Array.from({ length: this.below(limit) }, make);
  }
}
