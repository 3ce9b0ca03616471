// What the two sides of a comparison need of each other, and which look-ups of a macro find their value at once. Reads the tree,
// changes nothing.
import type { Expr, Macro } from "./ast.ts";
import { childrenOf } from "./builder.ts";
import type { Binding, Checked, StaticType } from "./check.ts";
import { LIMITS } from "./limits.ts";
import { type Demand, deep, SCALAR } from "./paths.ts";

/** Types of values without content. */
const SCALAR_TYPES: ReadonlySet<StaticType> = new Set([
  "null",
  "bool",
  "int",
  "uint",
  "double",
  "string",
  "bytes",
  "timestamp",
  "duration",
  "type",
]);

/** Bytes of a literal text, or null. */
export function textBytes(expr: Expr): number | null {
  return expr.kind === "literal" && expr.value.type === "string"
    ? new TextEncoder().encode(expr.value.value).length
    : null;
}

/** The constant key of a selection or index, or null. Integral doubles and uints index as ints do. */
export function constantKey(expr: Expr): string | number | null {
  if (expr.kind === "select") return expr.field;
  if (expr.kind !== "index" || expr.index.kind !== "literal") return null;
  const { value } = expr.index;
  if (value.type === "string") return value.value;
  if (value.type !== "int" && value.type !== "uint" && value.type !== "double") return null;
  const number = Number(value.value);
  return Number.isSafeInteger(number) ? number : null;
}

/** What is needed of a value that is compared with `other`: of a scalar no content, of a constant text its bytes and one more. */
export function comparand(checked: Checked, other: Expr): Demand {
  const type = checked.types.get(other.id);
  if (type === undefined || !SCALAR_TYPES.has(type)) return deep(LIMITS.valueDepth);
  const bytes = textBytes(other);
  return { ...SCALAR, cap: bytes === null ? null : bytes + 1 };
}

/**
 * What `left in right` needs of both; of a list that is written out, of each item. Keys and elements are mostly scalars: only
 * where a side is written out is it known that the other has content.
 */
export function membershipDemands(
  checked: Checked,
  left: Expr,
  right: Expr,
): { readonly left: Demand; readonly right: Demand; readonly item: Demand } {
  const item = comparand(checked, left);
  if (right.kind !== "list") {
    const type = checked.types.get(left.id);
    const hasContent = type === "list" || type === "map" || type === "optional";
    const depth = hasContent ? LIMITS.valueDepth : 1;
    return { left: hasContent ? deep(depth - 1) : SCALAR, right: deep(depth), item };
  }
  let depth = 0;
  let cap: number | null = 0;
  for (const { value } of right.items) {
    const demand = comparand(checked, value);
    depth = Math.max(depth, demand.depth);
    cap = cap === null || demand.cap === null ? null : Math.max(cap, demand.cap);
  }
  return { left: depth > 0 ? deep(depth) : { ...SCALAR, cap }, right: SCALAR, item };
}

/** The look-ups `m[k]` in a macro over `m` whose variable is `k`. */
export function lookUps(checked: Checked, macro: Macro, key: Binding): number[] {
  const found: number[] = [];
  const visit = (part: Expr): void => {
    const isKey = part.kind === "index" && checked.bindings.get(part.index.id) === key;
    if (isKey && isSame(checked, part.operand, macro.target)) found.push(part.id);
    for (const child of childrenOf(part)) visit(child);
  };
  for (const part of [macro.filter, macro.body]) if (part !== null) visit(part);
  return found;
}

/** Whether two expressions are the same path. */
function isSame(checked: Checked, a: Expr, b: Expr): boolean {
  if (a.kind === "ident" && b.kind === "ident")
    return a.name === b.name && checked.bindings.get(a.id) === checked.bindings.get(b.id);
  if ((a.kind !== "select" && a.kind !== "index") || (b.kind !== "select" && b.kind !== "index")) return false;
  const key = constantKey(a);
  return key !== null && key === constantKey(b) && isSame(checked, a.operand, b.operand);
}
