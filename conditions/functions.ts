// The functions and methods of the language as a table: canonical names, arities, aliases, and what is not generated yet.
import type { Call, Expr } from "./ast.ts";

/** A call after aliases are resolved: which operation, on which operands in order (a receiver comes first). */
export interface Operation {
  readonly name: OperationName;
  readonly operands: readonly Expr[];
}

export type OperationName =
  | "size"
  | "isEmpty"
  | "contains"
  | "startsWith"
  | "endsWith"
  | "equals"
  | "not"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "bool"
  | "dyn";

/** Written name -> operation, for `f(x)` and for `x.f()`, with the number of operands (receiver included). */
const FUNCTIONS: Readonly<Record<string, readonly [OperationName, number]>> = {
  size: ["size", 1],
  len: ["size", 1],
  not: ["not", 1],
  int: ["int", 1],
  uint: ["uint", 1],
  double: ["double", 1],
  string: ["string", 1],
  bool: ["bool", 1],
  dyn: ["dyn", 1],
};

const METHODS: Readonly<Record<string, readonly [OperationName, number]>> = {
  size: ["size", 1],
  length: ["size", 1],
  isEmpty: ["isEmpty", 1],
  contains: ["contains", 2],
  includes: ["contains", 2],
  startsWith: ["startsWith", 2],
  startswith: ["startsWith", 2],
  endsWith: ["endsWith", 2],
  endswith: ["endsWith", 2],
  equals: ["equals", 2],
};

/** Names that the language has and the generator does not have yet: refused with `unsupported`, never miscompiled. */
const LATER_FUNCTIONS = new Set(["bytes", "timestamp", "duration", "type", "matches", "className"]);
const LATER_METHODS = new Set(
  (
    "matches charAt indexOf lastIndexOf join split replace substring trim lowerAscii upperAscii reverse format " +
    "lower toLowerCase upper toUpperCase strip getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek " +
    "getHours getMinutes getSeconds getMilliseconds or orValue value hasValue optMap optFlatMap"
  ).split(" "),
);
const LATER_NAMESPACES = new Set(["math", "strings", "base64", "optional", "cel"]);

/** What a call means: an operation, a name that is known but not generated, wrong arguments, or nothing at all. */
export type Resolved =
  | { readonly kind: "operation"; readonly operation: Operation }
  | { readonly kind: "later" }
  | { readonly kind: "arity"; readonly wanted: number }
  | { readonly kind: "unknown" };

const own = (table: Readonly<Record<string, readonly [OperationName, number]>>, name: string) =>
  Object.hasOwn(table, name) ? table[name] : undefined;

export function resolveCall(call: Call): Resolved {
  const entry = own(call.target === null ? FUNCTIONS : METHODS, call.name);
  const operands = call.target === null ? call.args : [call.target, ...call.args];
  if (entry !== undefined) {
    const [name, wanted] = entry;
    if (operands.length === wanted) return { kind: "operation", operation: { name, operands } };
    return { kind: "arity", wanted: call.target === null ? wanted : wanted - 1 };
  }
  if ((call.target === null ? LATER_FUNCTIONS : LATER_METHODS).has(call.name)) return { kind: "later" };
  if (call.target?.kind === "ident" && LATER_NAMESPACES.has(call.target.name)) return { kind: "later" };
  return { kind: "unknown" };
}

/** Names of functions and methods, for "did you mean". */
export function callableNames(method: boolean): string[] {
  return Object.keys(method ? METHODS : FUNCTIONS);
}
