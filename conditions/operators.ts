// The types of operators with two operands: what they give where the operands' types are certain, and which never fit.
import type { BinaryOp } from "./ast.ts";
import type { StaticType } from "./catalogue/index.ts";

/** Operands for which the operator has no meaning, and what its type is all the same. */
export interface Misfit {
  readonly message: string;
  readonly remedy: string;
  readonly type: StaticType;
}

const NUMERIC = new Set<StaticType>(["int", "uint", "double"]);
const JOINED = new Set<StaticType>(["string", "bytes", "list"]);
const ORDERED = new Set<StaticType>(["string", "bytes", "bool", "timestamp", "duration"]);

/** The type that an operator gives. */
export function operatorType(op: BinaryOp, left: StaticType, right: StaticType): StaticType | Misfit {
  switch (op) {
    case "&&":
    case "||":
    case "==":
    case "!=":
      return "bool";
    case "in":
      if (right === "dyn" || right === "list" || right === "map") return "bool";
      return {
        message: `\`in\` needs a list or a map on its right, not ${right}`,
        remedy: "For a part of a text write `text.contains(part)`.",
        type: "bool",
      };
    case "??":
      return left === right ? left : "dyn";
    case "<":
    case "<=":
    case ">":
    case ">=":
      if (left === "dyn" || right === "dyn" || (NUMERIC.has(left) && NUMERIC.has(right))) return "bool";
      if (left === right && ORDERED.has(left)) return "bool";
      return {
        message: `\`${op}\` cannot order ${left} and ${right}`,
        remedy: adviseTimes(left, right) ?? "Compare two numbers, two texts or two booleans.",
        type: "bool",
      };
    default:
      return arithmeticType(op, left, right);
  }
}

function arithmeticType(op: BinaryOp, left: StaticType, right: StaticType): StaticType | Misfit {
  if (left === "dyn" || right === "dyn") return "dyn";
  if (op === "+" && left === right && JOINED.has(left)) return left;
  const moment = op === "+" || op === "-" ? ofTimes(op, left, right) : null;
  if (moment !== null) return moment;
  if (NUMERIC.has(left) && NUMERIC.has(right)) {
    if (left === right) return left;
    return left === "double" || right === "double" ? "double" : "int";
  }
  const remedy =
    op === "+" ? "Convert first: `string(x) + …`, or `double(x) + …`." : "Convert first, as in `double(x)`.";
  return {
    message: `\`${op}\` has no meaning for ${left} and ${right}`,
    remedy: adviseTimes(left, right) ?? remedy,
    type: "dyn",
  };
}

/** What adding or subtracting times gives, or null where one of the two is none. */
function ofTimes(op: "+" | "-", left: StaticType, right: StaticType): StaticType | null {
  if (right === "duration" && (left === "timestamp" || left === "duration")) return left;
  if (right !== "timestamp") return null;
  if (op === "-" && left === "timestamp") return "duration";
  return op === "+" && left === "duration" ? "timestamp" : null;
}

/** What to do with an operator that has no meaning because one side is a time. */
function adviseTimes(left: StaticType, right: StaticType): string | null {
  const sides = [left, right];
  if (!sides.includes("timestamp") && !sides.includes("duration")) return null;
  if (sides.some((side) => NUMERIC.has(side)))
    return 'Write the number as a duration, such as `duration("5s")`, or make the time a number: `int(t)`, `d.getSeconds()`.';
  return "Add a duration to a time or take it away; two timestamps can be subtracted and compared, as can two durations.";
}
