// CEL's strings extension: places in a text, and texts made from texts, all by code points; and the aliases that JavaScript,
// Python and Java programmers write.
import type { Expr } from "../ast.ts";
import { LIMITS } from "../limits.ts";
import { ARENA_STEPS, type Catalogue, define, TEXT_STEPS, WHOLE_STEPS } from "./definition.ts";
import { priceOfFormat, verifyFormat } from "./verbs.ts";

/** So many passes over the longest text, and the slot of the result. */
const passes = (count: number): number => 2 + count * TEXT_STEPS;

const BYTES = LIMITS.stringBytes;

/** UTF-8 bytes of a literal, or null for what only the evaluation knows. */
function literalBytes(expr: Expr | undefined): number | null {
  return expr?.kind === "literal" && expr.value.type === "string"
    ? new TextEncoder().encode(expr.value.value).length
    : null;
}

const charAt = define({ name: "charAt", min: 2, result: "string", cost: passes(2) });
const substring = define({ name: "substring", min: 2, max: 3, result: "string", cost: passes(4) });
const indexOf = define({ name: "indexOf", min: 2, max: 3, result: "int", cost: passes(8) });
// The search runs over copies that are read from behind.
const lastIndexOf = define({ name: "lastIndexOf", min: 2, max: 3, result: "int", cost: passes(10) });
const trim = define({ name: "trim", result: "string", cost: passes(3) });
const lowerAscii = define({ name: "lowerAscii", result: "string", cost: passes(2) });
const upperAscii = define({ name: "upperAscii", result: "string", cost: passes(2) });
const reverse = define({ name: "reverse", result: "string", cost: passes(2) });
// At worst each byte becomes two, and each is a step.
const quote = define({ name: "strings.quote", result: "string", engine: "quote", cost: 4 + BYTES * 2 });

const split = define({
  name: "split",
  min: 2,
  max: 3,
  result: "list",
  // A piece is a slot and a step of the search.
  cost: ([, separator]) => {
    const wide = literalBytes(separator);
    return wide === null ? ARENA_STEPS * 2 : 6 + TEXT_STEPS + (2 * BYTES) / Math.max(wide, 1);
  },
});

const replace = define({
  name: "replace",
  min: 3,
  max: 4,
  result: "string",
  cost: ([, old, by]) => {
    const wide = literalBytes(old);
    const made = literalBytes(by);
    if (wide === null || made === null) return ARENA_STEPS * 2;
    const times = BYTES / Math.max(wide, 1) + 1;
    return Math.min(4 + 2 * TEXT_STEPS + times + (times * made) / 16, ARENA_STEPS * 2);
  },
});

const join = define({
  name: "join",
  max: 2,
  result: "string",
  needs: ["content", "scalar"],
  cost: ([list, separator]) => {
    const wide = separator === undefined ? 0 : literalBytes(separator);
    // What `split` and macros make can be longer than what a reader copies.
    if (wide === null || list?.kind === "call" || list?.kind === "macro") return ARENA_STEPS * 2;
    return WHOLE_STEPS + LIMITS.items * (1 + wide / 16);
  },
});

const format = define({
  name: "format",
  min: 2,
  result: "string",
  needs: ["scalar", "whole"],
  cost: priceOfFormat,
  verify: verifyFormat,
});

export const STRINGS: Catalogue = {
  methods: {
    charAt,
    substring,
    indexOf,
    lastIndexOf,
    trim,
    strip: trim,
    lowerAscii,
    lower: lowerAscii,
    toLowerCase: lowerAscii,
    upperAscii,
    upper: upperAscii,
    toUpperCase: upperAscii,
    reverse,
    split,
    replace,
    join,
    format,
  },
  members: { "strings.quote": quote },
};
