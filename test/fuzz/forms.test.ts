// One expression in several forms must give one answer: as a condition and as a value, with its literals in place and with the
// literals passed in as variables. Expressions are made at random from a seed; the verifier sees every module.

import { expect, test } from "vitest";
import { CompileError, compileCondition, compileValue } from "../../conditions/index.ts";
import { errorCodeName } from "../../host/codes.ts";
import { evaluate, evaluateTagged, type Outcome } from "../../host/evaluate.ts";
import { Guest } from "../../host/guest.ts";
import type { Tagged } from "../../host/tagged.ts";
import { random } from "./random.ts";

const guest = new Guest();
const ROUNDS = 1000;

type Type = "number" | "bool" | "text" | "list" | "map";
const TYPES: readonly Type[] = ["number", "bool", "text", "list", "map"];

const LITERALS: readonly (readonly [source: string, tagged: Tagged, type: Type | "any"])[] = [
  ["0", { int: "0" }, "number"],
  ["1", { int: "1" }, "number"],
  ["2", { int: "2" }, "number"],
  ["(-1)", { int: "-1" }, "number"],
  ["9223372036854775807", { int: "9223372036854775807" }, "number"],
  ["9007199254740993", { int: "9007199254740993" }, "number"],
  ["1u", { uint: "1" }, "number"],
  ["18446744073709551615u", { uint: "18446744073709551615" }, "number"],
  ["1.0", { double: 1 }, "number"],
  ["2.5", { double: 2.5 }, "number"],
  ["9007199254740992.0", { double: 9007199254740992 }, "number"],
  ["true", { bool: true }, "bool"],
  ["false", { bool: false }, "bool"],
  ["null", { null: null }, "any"],
  ["'a'", { string: "a" }, "text"],
  ["'ab'", { string: "ab" }, "text"],
  ["''", { string: "" }, "text"],
  ["'1'", { string: "1" }, "text"],
  ["'é'", { string: "é" }, "text"],
  ["b'a'", { bytes: "YQ==" }, "any"],
  ["[1, 2]", { list: [{ int: "1" }, { int: "2" }] }, "list"],
  ["[]", { list: [] }, "list"],
  ["['a', true, null]", { list: [{ string: "a" }, { bool: true }, { null: null }] }, "list"],
  [
    "{'a': 1, 'b': [2]}",
    {
      map: [
        [{ string: "a" }, { int: "1" }],
        [{ string: "b" }, { list: [{ int: "2" }] }],
      ],
    },
    "map",
  ],
  ["{1: 'a'}", { map: [[{ int: "1" }, { string: "a" }]] }, "map"],
  ["{}", { map: [] }, "map"],
];

/** An expression, and the same with its literals as variables. */
interface Made {
  readonly plain: string;
  readonly lifted: string;
}

class Maker {
  readonly vars: Record<string, Tagged> = {};
  private readonly next: (below: number) => number;
  private bound: string[] = [];

  constructor(next: (below: number) => number) {
    this.next = next;
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[this.next(choices.length)] as T;
  }

  private join(pattern: string, ...parts: readonly Made[]): Made {
    const fill = (side: keyof Made) => pattern.replace(/\$(\d)/g, (_, i: string) => (parts[Number(i)] as Made)[side]);
    return { plain: fill("plain"), lifted: fill("lifted") };
  }

  anyType(): Type {
    return this.pick(TYPES);
  }

  private literal(type: Type): Made {
    const [plain, tagged] = this.pick(LITERALS.filter((literal) => literal[2] === type || literal[2] === "any"));
    const name = `v${Object.keys(this.vars).length}`;
    this.vars[name] = tagged;
    return { plain, lifted: name };
  }

  /** An expression that is likely to have a type: most of what is made at random without one is an error at once. */
  make(depth: number, type: Type): Made {
    if (this.next(12) === 0) return this.make(depth, this.pick(TYPES));
    if (depth <= 0) {
      if (this.bound.length > 0 && this.next(2) === 0) {
        const name = this.pick(this.bound);
        return { plain: name, lifted: name };
      }
      return this.literal(type);
    }
    const part = (wanted: Type) => this.make(depth - 1 - this.next(2), wanted);
    if (this.next(8) === 0) return this.optional(depth, type, part);
    if (this.next(8) === 0) return this.bind(depth, type);
    if (this.next(6) === 0) return this.join("($0 ? $1 : $2)", part("bool"), part(type), part(type));
    if (this.next(8) === 0) return this.join("($0 ?? $1)", part(type), part(type));
    if (this.next(8) === 0)
      return this.join(this.pick(["($0).a", "($0)['a']", "dyn($0).a"]), this.join("{'a': $0}", part(type)));
    if (this.next(8) === 0)
      return this.join(this.pick(["($0)[0]", "($0)[0.0]", "($0)[0u]"]), this.join("[$0, $1]", part(type), part(type)));
    switch (type) {
      case "number":
        if (this.next(3) === 0)
          return this.join(this.pick(["size($0)", "($0).length"]), part(this.pick(["text", "list", "map"])));
        if (this.next(4) === 0)
          return this.join(this.pick(["int($0)", "double($0)", "uint($0)"]), part(this.pick(["number", "text"])));
        if (this.next(6) === 0) return this.join("-($0)", part("number"));
        return this.join(`($0 ${this.pick(["+", "-", "*", "/", "%"])} $1)`, part("number"), part("number"));
      case "text":
        return this.next(2) === 0
          ? this.join("($0 + $1)", part("text"), part("text"))
          : this.join("string($0)", part(this.pick(["number", "text", "bool"])));
      case "list":
        if (this.next(3) === 0) return this.join("($0 + $1)", part("list"), part("list"));
        if (this.next(3) === 0) return this.join("[$0, $1]", part(this.pick(TYPES)), part(this.pick(TYPES)));
        if (this.next(3) === 0)
          return this.join("[?($0).?a, $1, ?optional.of($2)]", part("map"), part(this.anyType()), part(this.anyType()));
        return this.macro(depth, ["map", "filter", "transformList"]);
      case "map":
        if (this.next(4) === 0) return this.macro(depth, ["transformMap"]);
        if (this.next(4) === 0) return this.join("{'a': $0, ?'b': ($1).?b}", part(this.anyType()), part("map"));
        return this.join("{$0: $1}", part(this.pick(["text", "number"])), part(this.pick(TYPES)));
      default:
        return this.condition(depth, part);
    }
  }

  private condition(depth: number, part: (type: Type) => Made): Made {
    switch (this.next(8)) {
      case 0:
        return this.join(`($0 ${this.pick(["&&", "||", "and", "or"])} $1)`, part("bool"), part("bool"));
      case 1: {
        const type = this.pick(TYPES);
        return this.join(`($0 ${this.pick(["==", "!=", "==="])} $1)`, part(type), part(type));
      }
      case 2: {
        const type = this.pick<Type>(["number", "number", "text", "bool"]);
        return this.join(`($0 ${this.pick(["<", "<=", ">", ">="])} $1)`, part(type), part(type));
      }
      case 3:
        return this.join(
          `($0 ${this.pick(["in", "not in"])} $1)`,
          part(this.pick(TYPES)),
          part(this.pick(["list", "map"])),
        );
      case 4:
        return this.join(
          `($0).${this.pick(["contains", "startsWith", "endsWith", "equals"])}($1)`,
          part("text"),
          part("text"),
        );
      case 5:
        return this.join(
          this.pick(["has(($0).a)", "(($0).a == undefined)", "(undefined != ($0)[1])", "($0).isEmpty()"]),
          part("map"),
        );
      case 6:
        return this.join(this.pick(["!$0", "(not $0)"]), this.join("($0)", part("bool")));
      default:
        return this.macro(depth, ["all", "exists", "exists_one"]);
    }
  }

  /** Through an optional and back. */
  private optional(depth: number, type: Type, part: (type: Type) => Made): Made {
    const looked = this.join(
      this.pick([
        "($0).?a",
        "($0)[?'a']",
        "($0)[?$1]",
        "optional.of($0).a",
        "optional.ofNonZeroValue($1)",
        "($0).?a.b",
      ]),
      part("map"),
      part(this.anyType()),
    );
    if (this.next(3) === 0 && this.bound.length < 2) {
      const name = this.bind1(depth, type);
      const opened = this.join(
        `($0).${this.pick([`optMap(${name.name}, $1)`, `optFlatMap(${name.name}, optional.of($1))`])}`,
        looked,
        name.body,
      );
      return this.join("($0).orValue($1)", opened, part(type));
    }
    if (type === "bool" && this.next(2) === 0)
      return this.join(this.pick(["($0).hasValue()", "has(($0).a)", "($0 == optional.none())"]), looked);
    return this.join(this.pick(["($0).orValue($1)", "($0).or(optional.of($1)).value()"]), looked, part(type));
  }

  /** A body with one more variable. */
  private bind1(depth: number, type: Type): { readonly name: string; readonly body: Made } {
    const name = `x${this.bound.length}`;
    this.bound.push(name);
    const body = this.make(depth - 1, type);
    this.bound.pop();
    return { name, body };
  }

  private bind(depth: number, type: Type): Made {
    const value = this.make(depth - 1, this.anyType());
    if (this.bound.length === 2) return value;
    const { name, body } = this.bind1(depth, type);
    return this.join(`cel.bind(${name}, $0, $1)`, value, body);
  }

  private macro(depth: number, names: readonly string[]): Made {
    if (this.bound.length >= 2)
      return this.literal(names.includes("map") ? "list" : names.includes("transformMap") ? "map" : "bool");
    const target = this.make(depth - 1, this.pick(["list", "list", "map"]));
    const name = `x${this.bound.length}`;
    const macro = this.pick(names);
    const transforms = macro.startsWith("transform");
    const pairs = transforms || (this.next(3) === 0 && macro !== "map" && macro !== "filter");
    this.bound.push(name);
    if (pairs) this.bound.push("y");
    const filter = transforms && this.next(2) === 0 ? this.make(depth - 1, "bool") : null;
    const body = this.make(depth - 1, macro === "map" || transforms ? this.pick(TYPES) : "bool");
    this.bound.pop();
    if (pairs) this.bound.pop();
    const vars = pairs ? `${name}, y` : name;
    const written = pairs && macro === "exists_one" ? "existsOne" : macro;
    if (filter === null) return this.join(`($0).${written}(${vars}, $1)`, target, body);
    return this.join(`($0).${written}(${vars}, $1, $2)`, target, filter, body);
  }
}

/** What matters of an outcome: not where it was, nor what it cost. */
function essence(outcome: Outcome): unknown {
  if ("error" in outcome) return { error: outcome.error };
  return "value" in outcome ? outcome.value : outcome.text;
}

/** The same outcome from the compiled condition. */
function conditionOf(source: string): unknown {
  const loaded = guest.load(compileCondition(source));
  const verdict = loaded.test();
  loaded.close();
  return verdict >= 0 ? { bool: verdict === 1 } : { error: errorCodeName(-verdict) };
}

test("an expression means the same in every form", () => {
  const next = random(1);
  const seen = { values: 0, errors: 0, conditions: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const maker = new Maker(next);
    const { plain, lifted } = maker.make(4, maker.anyType());
    const value = evaluate(guest, { expr: plain }, {});
    if ("error" in value && ["limit", "unsupported"].includes(value.error)) continue;
    expect(essence(value), plain).not.toEqual({ error: "internal" });
    if ("error" in value) seen.errors++;
    else seen.values++;

    expect(value.steps, `${plain} is cheaper than it says`).toBeLessThanOrEqual(compileValue(plain).cost);

    const other = evaluateTagged(guest, { expr: lifted }, maker.vars);
    // Of a variable fewer levels are read than a literal can have; that is said in the value.
    const cut = JSON.stringify(other).includes('"truncated":true');
    const tooLarge = "error" in other && other.error === "limit";
    if (!cut && !tooLarge) {
      expect(essence(other), `${plain}\n${lifted} ${JSON.stringify(maker.vars)}`).toEqual(essence(value));
    }

    try {
      const wanted =
        "error" in value || ("value" in value && "bool" in value.value) ? essence(value) : { error: "not_bool" };
      expect(conditionOf(plain), plain).toEqual(wanted);
      seen.conditions++;
    } catch (error) {
      // What can never work is refused of a probe.
      if (!(error instanceof CompileError)) throw error;
      expect(["no_such_overload", "undeclared", "limit"], plain).toContain(error.code);
    }
  }
  expect(seen.values).toBeGreaterThan(ROUNDS / 10);
  expect(seen.errors).toBeGreaterThan(ROUNDS / 10);
  expect(seen.conditions).toBeGreaterThan(ROUNDS / 10);
});
