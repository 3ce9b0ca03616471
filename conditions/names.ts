// Names with dots: finds the variable that a chain of selections means, where a host binds `a.b.c` as one name or evaluates within a
// container. The longest bound name wins, as in CEL. A program's own variables have no dots, so a probe never comes here.
import type { Expr } from "./ast.ts";

/** Looks names up among those that are bound. */
export interface DottedNames {
  /** The bound name that an identifier or a chain of selections stands for, or null. `isLocal`: a macro variable has that name. */
  find(expr: Expr, isLocal: (name: string) => boolean): string | null;
}

/** Null where no name needs it: none has a dot and there is no container. */
export function dottedNames(options: {
  readonly declared?: ReadonlySet<string>;
  readonly container?: string;
}): DottedNames | null {
  const { declared, container = "" } = options;
  if (declared === undefined || (container === "" && ![...declared].some((name) => name.includes(".")))) return null;
  const prefixes = [""];
  for (const part of container === "" ? [] : container.split(".")) prefixes.unshift(`${prefixes[0]}${part}.`);
  return {
    find(expr, isLocal) {
      const chain = written(expr);
      if (chain === null || (!chain.root && isLocal(chain.first))) return null;
      for (const prefix of chain.root ? [""] : prefixes)
        if (declared.has(prefix + chain.name)) return prefix + chain.name;
      return null;
    },
  };
}

/** `a.b.c` as it is written, or null for anything else. */
function written(expr: Expr): { readonly name: string; readonly first: string; readonly root: boolean } | null {
  if (expr.kind === "ident") return { name: expr.name, first: expr.name, root: expr.root };
  // A field in backticks may have dots itself.
  if (expr.kind !== "select" || expr.optional || expr.field.includes(".")) return null;
  const chain = written(expr.operand);
  return chain === null ? null : { ...chain, name: `${chain.name}.${expr.field}` };
}
