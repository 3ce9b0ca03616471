// Makes random expressions of the whole language, mostly of fitting types.
import { random } from "./random.ts";

export type Kind = "number" | "bool" | "text" | "list" | "map" | "optional" | "time" | "span" | "bytes" | "type";
export const KINDS: readonly Kind[] = [
  "number",
  "bool",
  "text",
  "list",
  "map",
  "optional",
  "time",
  "span",
  "bytes",
  "type",
];

const NUMBERS =
  "0 1 2 3 7 10 -1 -7 0u 1u 3u 0.0 1.0 2.5 -0.5 1e3 9223372036854775807 -9223372036854775808 18446744073709551615u 9007199254740993 9007199254740992.0 0x1F".split(
    " ",
  );
const TEXTS = "'' 'a' 'ab' 'abc' 'b' '1' '-7' '2.5' 'true' 'é' 'x😀y' ' a ' 'A' '1h' '2024-02-29T12:30:45Z'".split(" ");
const TIMES =
  "'2024-02-29T23:59:59.123456789Z' '1970-01-01T00:00:00Z' '0001-01-01T00:00:00Z' '9999-12-31T23:59:59.999Z' '2023-06-15T10:00:00+05:30'".split(
    " ",
  );
const SPANS = "'1h' '-1.5s' '1h34m5.5s' '0' '2562047h' '1ns' '100ms'".split(" ");
const PATTERNS = "'a' '^a' 'b$' 'a+b?' '[a-c]+' '(ab|b)*c' '.' '^$' 'x.y' '\\\\d+'".split(" ");
const ZONES = "'UTC' '+05:30' '-08:00' '02:00' 's'".split(" ");
const GETTERS =
  "getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek getHours getMinutes getSeconds getMilliseconds".split(
    " ",
  );

/** Names of the variables that every input has, by the kind of value that they mostly have. */
export const VARIABLES: Readonly<Record<string, Kind | "any" | "null">> = {
  n: "number",
  m: "number",
  b: "bool",
  s: "text",
  t: "text",
  xs: "list",
  ys: "list",
  mp: "map",
  o: "map",
  ts: "time",
  du: "span",
  by: "bytes",
  any: "any",
  nul: "null",
};

/** Makes one expression after the other from a seed. */
export class Expressions {
  private readonly below: (limit: number) => number;
  private bound: string[] = [];

  constructor(seed: number) {
    this.below = random(seed);
  }

  /** The source of the next expression. */
  next(): string {
    this.bound = [];
    return this.of(this.pick(KINDS), 2 + this.below(3));
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** An expression that mostly has the kind. In parentheses where it needs them. */
  private of(wanted: Kind, depth: number): string {
    const kind = this.below(12) === 0 ? this.pick(KINDS) : wanted;
    if (depth <= 0 || this.below(7) === 0) return this.leaf(kind);
    const made = this[kind](depth - 1);
    return /^[\w.]+(\([^()]*\))?$/.test(made) ? made : `(${made})`;
  }

  private leaf(kind: Kind): string {
    const choice = this.below(10);
    if (choice === 0 && this.bound.length > 0) return this.pick(this.bound);
    if (choice === 1)
      return this.pick([
        "nul",
        "null",
        "None",
        "missing",
        "any",
        "o.a",
        "o.b.c",
        "mp.k",
        "xs[0]",
        "ys[1]",
        "undefined",
      ]);
    if (choice < 6) {
      const names = Object.keys(VARIABLES).filter((name) => VARIABLES[name] === kind);
      if (names.length > 0) return this.pick(names);
    }
    if (this.bound.length > 0 && choice < 8) return this.pick(this.bound);
    switch (kind) {
      case "number":
        return this.pick(NUMBERS);
      case "bool":
        return this.pick(["true", "false", "b"]);
      case "text":
        return this.pick(TEXTS);
      case "list":
        return this.pick(["[]", "[1, 2, 3]", "['a', 'b']", "[1, 'a', null]", "[[1], [2, 3]]", "xs", "ys", "o.list"]);
      case "map":
        return this.pick([
          "{}",
          "{'a': 1}",
          "{'k': 'v', 'n': [1]}",
          "{1: 'a', 2u: 'b'}",
          "{true: 1}",
          "mp",
          "o",
          "o.b",
        ]);
      case "optional":
        return this.pick([
          "optional.none()",
          "optional.of(1)",
          "optional.of('a')",
          "o.?a",
          "o.?zz",
          "xs[?0]",
          "xs[?99]",
          "mp[?'k']",
        ]);
      case "time":
        return this.pick(["ts", ...TIMES.map((text) => `timestamp(${text})`)]);
      case "span":
        return this.pick(["du", ...SPANS.map((text) => `duration(${text})`)]);
      case "bytes":
        return this.pick(["by", "b''", "b'ab'", "b'\\xff'"]);
      case "type":
        return this.pick(["type(n)", "type(any)", "type(null)", "type(xs)"]);
    }
  }

  private any(depth: number): string {
    return this.of(this.pick(KINDS), depth);
  }

  /** Runs `make` with a new variable in scope. */
  private within<T>(make: (name: string) => T): T {
    const name = `v${this.bound.length}`;
    this.bound.push(name);
    const made = make(name);
    this.bound.pop();
    return made;
  }

  private macro(name: string, kind: Kind, depth: number): string {
    const target = this.below(5) === 0 ? this.of("map", depth) : this.of("list", depth);
    return this.within((v) => `${target}.${name}(${v}, ${this.of(kind, depth)})`);
  }

  private shared(kind: Kind, depth: number): string {
    switch (this.below(4)) {
      case 0:
        return `${this.of("bool", depth)} ? ${this.of(kind, depth)} : ${this.of(kind, depth)}`;
      case 1:
        return `${this.of(kind, depth)} ?? ${this.of(kind, depth)}`;
      case 2: {
        const value = this.any(depth);
        return this.within((v) => `cel.bind(${v}, ${value}, ${this.of(kind, depth)})`);
      }
      default:
        return this.below(2) === 0
          ? `${this.of("optional", depth)}.orValue(${this.of(kind, depth)})`
          : `${this.of("list", depth)}[${this.of("number", depth)}]`;
    }
  }

  private number(depth: number): string {
    const number = () => this.of("number", depth);
    switch (this.below(9)) {
      case 0:
      case 1:
      case 2:
        return `${number()} ${this.pick(["+", "-", "*", "/", "%"])} ${number()}`;
      case 3:
        return this.pick([
          `-${number()}`,
          `size(${this.any(depth)})`,
          `${this.any(depth)}.size()`,
          `${this.any(depth)}.length`,
        ]);
      case 4:
        return `${this.pick(["int", "uint", "double"])}(${this.any(depth)})`;
      case 5:
        return this.pick([
          `math.${this.pick(["abs", "sign", "sqrt", "ceil", "floor", "round", "trunc", "bitNot"])}(${number()})`,
          `math.${this.pick(["greatest", "least"])}(${number()}, ${number()})`,
          `math.${this.pick(["bitAnd", "bitOr", "bitXor", "bitShiftLeft", "bitShiftRight"])}(${number()}, ${number()})`,
          `math.${this.pick(["greatest", "least"])}(${this.of("list", depth)})`,
        ]);
      case 6: {
        const getter = this.pick(GETTERS);
        const target = this.below(4) === 0 ? this.of("span", depth) : this.of("time", depth);
        return `${target}.${getter}(${this.below(3) === 0 ? this.pick(ZONES) : ""})`;
      }
      case 7:
        return `${this.of("text", depth)}.${this.pick(["indexOf", "lastIndexOf"])}(${this.of("text", depth)}${this.below(3) === 0 ? `, ${number()}` : ""})`;
      default:
        return this.shared("number", depth);
    }
  }

  private bool(depth: number): string {
    const bool = () => this.of("bool", depth);
    switch (this.below(12)) {
      case 0:
      case 1:
        return `${bool()} ${this.pick(["&&", "||", "and", "or"])} ${bool()}`;
      case 2:
        return this.pick([`!${bool()}`, `not ${bool()}`]);
      case 3:
      case 4: {
        const kind = this.pick(KINDS);
        return `${this.of(kind, depth)} ${this.pick(["==", "!=", "<", "<=", ">", ">=", "===", "!=="])} ${this.of(kind, depth)}`;
      }
      case 5:
        return `${this.any(depth)} ${this.pick(["in", "not in"])} ${this.of(this.pick(["list", "map"]), depth)}`;
      case 6:
        return `${this.of("text", depth)}.${this.pick(["contains", "startsWith", "endsWith", "includes"])}(${this.of("text", depth)})`;
      case 7:
        return this.macro(this.pick(["all", "exists", "exists_one", "any", "every"]), "bool", depth);
      case 8: {
        const name = this.pick(["all", "exists", "existsOne"]);
        const target = this.of(this.pick(["list", "map"]), depth);
        return this.within((k) => this.within((v) => `${target}.${name}(${k}, ${v}, ${bool()})`));
      }
      case 9:
        return this.pick([
          `has(${this.of("map", depth)}.${this.pick(["a", "b", "k", "zz"])})`,
          `${this.of("optional", depth)}.hasValue()`,
          `${this.any(depth)}.isEmpty()`,
          `${this.any(depth)} ${this.pick(["== undefined", "!= undefined", "is None", "is not null"])}`,
          `${this.of("text", depth)}.matches(${this.pick(PATTERNS)})`,
          `math.${this.pick(["isNaN", "isInf", "isFinite"])}(${this.of("number", depth)})`,
        ]);
      case 10:
        return `bool(${this.any(depth)})`;
      default:
        return this.shared("bool", depth);
    }
  }

  private text(depth: number): string {
    const text = () => this.of("text", depth);
    const number = () => this.of("number", depth);
    switch (this.below(8)) {
      case 0:
        return `${text()} + ${text()}`;
      case 1:
        return `string(${this.any(depth)})`;
      case 2:
        return `${text()}.${this.pick(["lowerAscii", "upperAscii", "trim", "reverse", "lower", "strip"])}()`;
      case 3:
        return this.pick([
          `${text()}.charAt(${number()})`,
          `${text()}.substring(${number()})`,
          `${text()}.substring(${number()}, ${number()})`,
        ]);
      case 4:
        return `${text()}.replace(${text()}, ${text()}${this.below(3) === 0 ? `, ${number()}` : ""})`;
      case 5:
        return `${this.of("list", depth)}.join(${this.below(2) === 0 ? text() : ""})`;
      default:
        return this.shared("text", depth);
    }
  }

  private list(depth: number): string {
    switch (this.below(7)) {
      case 0:
        return `[${Array.from({ length: this.below(4) }, () => (this.below(8) === 0 ? `?${this.of("optional", depth)}` : this.any(depth))).join(", ")}]`;
      case 1:
        return this.macro("map", this.pick(KINDS), depth);
      case 2:
        return this.macro("filter", "bool", depth);
      case 3:
        return `${this.of("list", depth)} + ${this.of("list", depth)}`;
      case 4: {
        const target = this.of("list", depth);
        return this.within((v) => `${target}.map(${v}, ${this.of("bool", depth)}, ${this.any(depth)})`);
      }
      case 5: {
        const target = this.of(this.pick(["list", "map"]), depth);
        const filter = this.below(2) === 0;
        return this.within((k) =>
          this.within(
            (v) =>
              `${target}.transformList(${k}, ${v}, ${filter ? `${this.of("bool", depth)}, ` : ""}${this.any(depth)})`,
          ),
        );
      }
      default:
        return this.shared("list", depth);
    }
  }

  private map(depth: number): string {
    switch (this.below(4)) {
      case 0:
        return `{${Array.from({ length: this.below(3) }, (_, i) => `${this.below(6) === 0 ? "?" : ""}${this.pick([`'k${i}'`, `${i}`, this.of("text", depth), this.any(depth)])}: ${this.any(depth)}`).join(", ")}}`;
      case 1: {
        const target = this.of(this.pick(["list", "map"]), depth);
        const filter = this.below(2) === 0;
        return this.within((k) =>
          this.within(
            (v) =>
              `${target}.transformMap(${k}, ${v}, ${filter ? `${this.of("bool", depth)}, ` : ""}${this.any(depth)})`,
          ),
        );
      }
      default:
        return this.shared("map", depth);
    }
  }

  private optional(depth: number): string {
    switch (this.below(6)) {
      case 0:
        return `optional.${this.pick(["of", "ofNonZeroValue"])}(${this.any(depth)})`;
      case 1:
        return `${this.of("map", depth)}.?${this.pick(["a", "b", "k", "zz"])}${this.pick(["", ".a", ".c"])}`;
      case 2:
        return `${this.of(this.pick(["list", "map"]), depth)}[?${this.any(depth)}]`;
      case 3:
        return `${this.of("optional", depth)}.or(${this.of("optional", depth)})`;
      case 4: {
        const target = this.of("optional", depth);
        return this.within((v) =>
          this.below(2) === 0
            ? `${target}.optMap(${v}, ${this.any(depth)})`
            : `${target}.optFlatMap(${v}, ${this.of("optional", depth)})`,
        );
      }
      default:
        return this.shared("optional", depth);
    }
  }

  private time(depth: number): string {
    return this.pick([
      () => `${this.of("time", depth)} ${this.pick(["+", "-"])} ${this.of("span", depth)}`,
      () => `timestamp(${this.any(depth)})`,
      () => this.shared("time", depth),
    ])();
  }

  private span(depth: number): string {
    return this.pick([
      () => `${this.of("time", depth)} - ${this.of("time", depth)}`,
      () => `${this.of("span", depth)} ${this.pick(["+", "-"])} ${this.of("span", depth)}`,
      () => `duration(${this.any(depth)})`,
      () => this.shared("span", depth),
    ])();
  }

  private bytes(depth: number): string {
    return this.pick([
      () => `${this.of("bytes", depth)} + ${this.of("bytes", depth)}`,
      () => `bytes(${this.any(depth)})`,
      () => this.shared("bytes", depth),
    ])();
  }

  private type(depth: number): string {
    return `type(${this.any(depth)})`;
  }
}
