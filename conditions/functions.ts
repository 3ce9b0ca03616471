// What a call in the source means: an operation of the catalogue on its operands, or why it is none.
import type { Call, Expr } from "./ast.ts";
import { type Definition, FUNCTIONS, MEMBERS, METHODS, NAMESPACES } from "./catalogue/index.ts";

/** A call after aliases are resolved: which operation, on which operands in order (a receiver comes first). */
export interface Operation {
  readonly definition: Definition;
  readonly operands: readonly Expr[];
}

/** What a call means: an operation, wrong arguments, or nothing at all. */
export type Resolved =
  | { readonly kind: "operation"; readonly operation: Operation }
  | { readonly kind: "arity"; readonly definition: Definition; readonly written: string; readonly receiver: boolean }
  | { readonly kind: "unknown"; readonly written: string };

/** Looks a call up. A namespace such as `math` is no variable where a function stands behind it. */
export function resolveCall(call: Call): Resolved {
  const { target, name, args } = call;
  const space = target?.kind === "ident" && NAMESPACES.has(target.name) ? target.name : null;
  const member = space === null ? undefined : MEMBERS.get(`${space}.${name}`);
  if (member !== undefined) return fitting(member, args, `${space}.${name}`, false);
  if (target === null) {
    const found = FUNCTIONS.get(name);
    if (found !== undefined) return fitting(found, args, name, false);
  } else {
    const found = METHODS.get(name);
    if (found !== undefined) return fitting(found, [target, ...args], name, true);
  }
  return { kind: "unknown", written: space === null ? name : `${space}.${name}` };
}

function fitting(definition: Definition, operands: readonly Expr[], written: string, receiver: boolean): Resolved {
  const fits = operands.length >= definition.min && operands.length <= definition.max;
  if (fits) return { kind: "operation", operation: { definition, operands } };
  return { kind: "arity", definition, written, receiver };
}

/** Names of functions, methods or members of a namespace, for "did you mean". */
export function callableNames(target: Expr | null): string[] {
  if (target === null) return [...FUNCTIONS.keys()];
  if (target.kind !== "ident" || !NAMESPACES.has(target.name)) return [...METHODS.keys()];
  return [...MEMBERS.keys()].filter((name) => name.startsWith(`${target.name}.`));
}
