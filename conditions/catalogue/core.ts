// The core functions of CEL: sizes, texts, conversions between numbers and texts, and their aliases from other languages.
import * as abi from "../../engine/abi.ts";
import type { Expr } from "../ast.ts";
import { call, type Emitter, negate } from "../emitter.ts";
import { ifText } from "../relations.ts";
import { constantSlot, emitSize } from "../values.ts";
import { OP } from "../wasm.ts";
import { type Catalogue, define, TEXT_STEPS, WHOLE_STEPS } from "./definition.ts";

const size = define({
  name: "size",
  result: "int",
  needs: ["size"],
  cost: TEXT_STEPS,
  emit: (e, expr, [operand]) => emitSize(e, expr, operand as Expr),
});

const isEmpty = define({
  name: "isEmpty",
  result: "bool",
  answer: "condition",
  needs: ["size"],
  cost: TEXT_STEPS,
  engine: null,
  emit: (e, expr, [operand]) => {
    emitSize(e, expr, operand as Expr);
    constantSlot(e, abi.TAG_INT, () => {});
    e.code.i32(expr.id);
    call(e, "equals");
  },
});

const contains = define({
  name: "contains",
  min: 2,
  result: "bool",
  answer: "condition",
  needs: ["content", "scalar"], // a list as well as a text
  cost: WHOLE_STEPS + TEXT_STEPS * 2,
});

const startsWith = define({
  name: "startsWith",
  min: 2,
  result: "bool",
  answer: "condition",
  cost: TEXT_STEPS,
  emit: (e, expr, operands) => emitStartsWith(e, expr, operands),
});

const endsWith = define({ name: "endsWith", min: 2, result: "bool", answer: "condition", cost: TEXT_STEPS });
const equals = define({ name: "equals", min: 2, result: "bool", answer: "condition", cost: WHOLE_STEPS });

const not = define({
  name: "not",
  result: "bool",
  answer: "condition",
  engine: null,
  emit: (e, _expr, [operand]) => {
    e.condition(operand as Expr);
    negate(e);
  },
});

const dyn = define({
  name: "dyn",
  result: "dyn",
  needs: ["same"],
  engine: null,
  emit: (e, _expr, [operand]) => e.slot(operand as Expr),
});

const toInt = define({ name: "int", result: "int", engine: "toInt", cost: TEXT_STEPS });
const toUint = define({ name: "uint", result: "uint", engine: "toUint", cost: TEXT_STEPS });
const toDouble = define({ name: "double", result: "double", engine: "toDouble", cost: TEXT_STEPS });
const toText = define({ name: "string", result: "string", engine: "toText", cost: TEXT_STEPS });
const toBool = define({ name: "bool", result: "bool", engine: "toBool", cost: TEXT_STEPS });

export const CORE: Catalogue = {
  functions: {
    size,
    len: size,
    not,
    int: toInt,
    uint: toUint,
    double: toDouble,
    string: toText,
    bool: toBool,
    dyn,
  },
  methods: {
    size,
    length: size,
    isEmpty,
    contains,
    includes: contains,
    startsWith,
    startswith: startsWith,
    endsWith,
    endswith: endsWith,
    equals,
  },
};

/** A short constant prefix of a path is compared in place. */
function emitStartsWith(e: Emitter, expr: Expr, operands: readonly Expr[]): void {
  const [text, prefix] = operands as [Expr, Expr];
  const general = () => {
    e.slot(text);
    e.slot(prefix);
    e.code.i32(expr.id);
    call(e, "startsWith");
  };
  const ref = e.plan.paths.get(text.id);
  if (ref === undefined || prefix.kind !== "literal" || prefix.value.type !== "string") return general();
  ifText(e, ref, prefix.value.value, OP.i32GeU, general);
}
