// The math extension: extremes, rounding, signs, kinds of doubles and bits, all below `math.`.
import type { Expr } from "../ast.ts";
import { call } from "../emitter.ts";
import { LIMITS } from "../limits.ts";
import { type Catalogue, type Definition, define, type Refuse, type StaticType, type TypeOf } from "./definition.ts";

/** Operands of one call. More can be passed as a list. */
const MAX_OPERANDS = 64;

const NUMBERS: readonly StaticType[] = ["int", "uint", "double"];

/** Refuses operands of a type that the function never takes; true if it did. */
function refuseTypes(
  name: string,
  operands: readonly Expr[],
  taken: readonly StaticType[],
  refuse: Refuse,
  typeOf: TypeOf,
): boolean {
  const wrong = operands.find((operand) => typeOf(operand) !== "dyn" && !taken.includes(typeOf(operand)));
  if (wrong === undefined) return false;
  const type = typeOf(wrong);
  const whole = type === "int" || type === "uint";
  const remedy = whole
    ? "Leave the call away: this number is whole and finite."
    : `Write a value of type ${taken.join(", ")}, or convert, as in \`double(x)\`.`;
  refuse("no_such_overload", wrong, `\`math.${name}\` has no meaning for ${type}`, remedy);
  return true;
}

/** The engine's `extreme` takes one slot: a number, a list, or the list of all that was written. */
const extreme = (name: string, sign: number): Definition =>
  define({
    name,
    max: MAX_OPERANDS,
    result: "dyn",
    needs: ["content"],
    engine: "extreme",
    list: true,
    variant: sign,
    cost: LIMITS.items + 2 * MAX_OPERANDS,
    verify: (call, operands, refuse, typeOf) => {
      const [first] = operands as [Expr];
      const taken: readonly StaticType[] = operands.length === 1 ? [...NUMBERS, "list"] : NUMBERS;
      if (refuseTypes(name, operands, taken, refuse, typeOf) || operands.length > 1) return;
      if (first.kind === "list" && first.items.length === 0) {
        refuse("invalid_argument", call, `an empty list has no ${name} element`, "Test its size first.");
      }
    },
    emit: (e, expr, operands) => {
      const items = operands.map((value) => ({ value, optional: false }));
      e.slot(items.length === 1 ? (operands[0] as Expr) : { ...expr, kind: "list", items });
      e.code.i32(sign).i32(expr.id);
      call(e, "extreme");
    },
  });

/** One operand, whose types are known. */
const unary = (
  name: string,
  engine: string,
  variant: number,
  taken: readonly StaticType[],
  result: StaticType,
): Definition =>
  define({
    name,
    result,
    engine,
    variant,
    answer: result === "bool" ? "condition" : "slot",
    verify: (_call, operands, refuse, typeOf) => void refuseTypes(name, operands, taken, refuse, typeOf),
  });

const DOUBLES: readonly StaticType[] = ["double"];

const bitwise = (name: string, variant: number): Definition =>
  define({
    name,
    min: 2,
    result: "dyn",
    engine: "bitwise",
    variant,
    verify: (_call, operands, refuse, typeOf) => verifyBits(name, operands, refuse, typeOf),
  });

/** The engine's `bitwise` without a second operand. */
const bitNot = define({
  name: "bitNot",
  result: "dyn",
  engine: null,
  verify: (_call, operands, refuse, typeOf) => verifyBits("bitNot", operands, refuse, typeOf),
  emit: (e, expr, [operand]) => {
    e.slot(operand as Expr);
    e.code.i32(0).i32(0).i32(expr.id);
    call(e, "bitwise");
  },
});

function verifyBits(name: string, operands: readonly Expr[], refuse: Refuse, typeOf: TypeOf): void {
  // A double may be whole, as every number of JavaScript is a double.
  const broken = operands.find(
    (operand) =>
      operand.kind === "literal" && operand.value.type === "double" && !Number.isInteger(operand.value.value),
  );
  if (broken !== undefined) {
    return refuse("no_such_overload", broken, `\`math.${name}\` takes whole numbers`, "Write a whole number.");
  }
  if (refuseTypes(name, operands, NUMBERS, refuse, typeOf)) return;
  const [first, second] = operands as [Expr, Expr?];
  if (second === undefined) return;
  if (!name.startsWith("bitShift")) {
    const types = [typeOf(first), typeOf(second)];
    if (types.includes("int") && types.includes("uint")) {
      const remedy = "Make both uints with a `u` at the end, or convert one, as in `int(x)`.";
      refuse("no_such_overload", second, `\`math.${name}\` takes two ints or two uints`, remedy);
    }
  } else if (typeOf(second) === "uint") {
    refuse("no_such_overload", second, "a shift is counted in an int", "Remove the `u`, or convert with `int(x)`.");
  } else if (second.kind === "literal" && "value" in second.value && Number(second.value.value) < 0) {
    refuse("invalid_argument", second, "a shift cannot be negative", "Shift the other way.");
  }
}

export const MATH: Catalogue = {
  members: Object.fromEntries(
    [
      extreme("greatest", 1),
      extreme("least", -1),
      unary("ceil", "rounded", 0, DOUBLES, "double"),
      unary("floor", "rounded", 1, DOUBLES, "double"),
      unary("trunc", "rounded", 2, DOUBLES, "double"),
      unary("round", "rounded", 3, DOUBLES, "double"),
      unary("abs", "magnitude", 0, NUMBERS, "dyn"),
      unary("sign", "magnitude", 1, NUMBERS, "dyn"),
      unary("sqrt", "magnitude", 2, NUMBERS, "double"),
      unary("isNaN", "isKind", 0, DOUBLES, "bool"),
      unary("isInf", "isKind", 1, DOUBLES, "bool"),
      unary("isFinite", "isKind", 2, DOUBLES, "bool"),
      bitwise("bitAnd", 0),
      bitwise("bitOr", 1),
      bitwise("bitXor", 2),
      bitwise("bitShiftLeft", 3),
      bitwise("bitShiftRight", 4),
      bitNot,
    ].map((definition) => [`math.${definition.name}`, definition]),
  ),
};
