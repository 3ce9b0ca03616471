// Finds what an expression would read of a recorded snapshot and the snapshot does not hold: the reader's view of the projection,
// walked over captured values.
import type { PathNode, Projection } from "../conditions/index.ts";
import type { Captured, Omitted } from "./captured.ts";

/** A path that was not recorded whole, such as `items[*].price`, and why. `absent`: there is no such variable. */
export interface Missing {
  readonly path: string;
  readonly reason: Omitted | "absent";
}

/** What a projection reads and these variables do not hold. Each path once. */
export function missingPaths(
  projection: Projection,
  variables: readonly (readonly [name: string, value: Captured])[],
): Missing[] {
  const byName = new Map(variables);
  const found = new Map<string, Missing>();
  const report: Report = (path, reason) => {
    if (!found.has(path)) found.set(path, { path, reason });
  };
  for (const root of projection.roots) {
    const value = byName.get(String(root.key));
    if (value === undefined) report(String(root.key), "absent");
    else walk(root, value, String(root.key), report);
  }
  return [...found.values()];
}

type Report = (path: string, reason: Omitted | "absent") => void;

function walk(node: PathNode, value: Captured, path: string, report: Report): void {
  if (value.type === "omitted") return report(path, value.omitted ?? "unavailable");
  if (node.want === "deep") cutWithin(value, node.depth ?? 1, path, report);
  else if (node.want === "scalar" && value.type === "string" && value.omitted !== undefined) {
    const held = new TextEncoder().encode(String(value.value)).length;
    if (node.cap === undefined || node.cap > held) report(path, value.omitted);
  }
  for (const { key } of node.members ?? []) {
    if (value.items !== undefined) cutWithin(value, 1, path, report);
    else if (value.omitted !== undefined && childOf(value, key) === undefined) report(path, value.omitted);
  }
  for (const field of node.fields ?? []) {
    const below = typeof field.key === "number" ? `${path}[${field.key}]` : `${path}.${field.key}`;
    const child = childOf(value, field.key);
    if (child !== undefined) walk(field, child, below, report);
    else if (value.omitted !== undefined) report(below, value.omitted);
  }
  if (node.each === undefined) return;
  if (value.omitted !== undefined) report(`${path}[*]`, value.omitted);
  for (const element of elementsOf(value)) walk(node.each.element, element, `${path}[*]`, report);
}

function cutWithin(value: Captured, depth: number, path: string, report: Report): void {
  if (value.omitted !== undefined) return report(path, value.omitted);
  if (depth === 0) return;
  for (const [name, field] of value.fields ?? []) cutWithin(field, depth - 1, `${path}.${name}`, report);
  for (const item of value.items ?? []) cutWithin(item, depth - 1, `${path}[*]`, report);
  for (const [, entry] of value.entries ?? []) cutWithin(entry, depth - 1, `${path}[*]`, report);
}

function childOf(value: Captured, key: string | number): Captured | undefined {
  if (value.items !== undefined) return typeof key === "number" ? value.items[key] : undefined;
  if (value.entries !== undefined) return value.entries.find(([name]) => String(name.value) === String(key))?.[1];
  return value.fields?.find(([name]) => name === key)?.[1];
}

/** What a macro goes over: the elements of a list; of a map or object only its keys, which are always whole. */
const elementsOf = (value: Captured): readonly Captured[] => value.items ?? [];
