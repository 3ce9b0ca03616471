// Resolves names and calls, infers static types where they are certain, and finds what can never work. Changes no meaning:
// types only choose faster code and better messages.
import type { Binary, Expr, Macro, MacroName, Span } from "./ast.ts";
import { besideType, headOf, type Refuse, type StaticType, typeNamed } from "./catalogue/index.ts";
import { type CompileCode, CompileError } from "./errors.ts";
import { callableNames, type Operation, resolveCall } from "./functions.ts";
import { spanInLiteral } from "./literals.ts";
import { type DottedNames, dottedNames } from "./names.ts";
import { operatorType } from "./operators.ts";
import { fullWork } from "./regex/index.ts";
import { type Place, SPECIAL_NAMES, specialOf } from "./specials.ts";

export type { StaticType } from "./catalogue/index.ts";

/** A variable that a macro declares. One object a variable; planner and emitter say by it where the value is. */
export interface Binding {
  readonly name: string;
  readonly type: StaticType;
  /** It goes through a collection. */
  readonly element: boolean;
}

/** What a call that can only fail yields. */
export type FailureCode = "undeclared" | "no_such_overload" | "invalid_argument";

/** What the checker learned, by node id. */
export interface Checked {
  readonly types: ReadonlyMap<number, StaticType>;
  readonly operations: ReadonlyMap<number, Operation>;
  /** Idents that are macro variables. */
  readonly bindings: ReadonlyMap<number, Binding>;
  /** Idents such as `None` that stand for a constant. */
  readonly constants: ReadonlyMap<number, "null" | "true" | "false" | "undefined">;
  /** Idents and selections that name a type. */
  readonly typeNames: ReadonlyMap<number, string>;
  /** The variables of each macro, by the macro's node id. */
  readonly macroBindings: ReadonlyMap<number, readonly Binding[]>;
  /** Idents and selections that are a variable by another name than the one written last: `a.b` bound as such, `x` in a container. */
  readonly globals: ReadonlyMap<number, string>;
  /** Calls that can only fail; unless strict, they yield this error when they are reached. */
  readonly failures: ReadonlyMap<number, FailureCode>;
}

export interface CheckOptions {
  /** Variables that exist, when known: decides whether `None` is a constant. A name may have dots; the longest one wins. */
  readonly declared?: ReadonlySet<string>;
  /** `a.b`: a name is looked for as `a.b.name`, then `a.name`, then `name`. */
  readonly container?: string;
  /** Refuse what can never work (a probe); otherwise it becomes an error value at run time (`eval`). */
  readonly strict: boolean;
  /** Where the probe stands, when known: what has no meaning there is refused. */
  readonly place?: Place;
}

const CONSTANTS: Readonly<Record<string, "null" | "true" | "false" | "undefined">> = {
  None: "null",
  undefined: "undefined",
  True: "true",
  False: "false",
};
/** What a macro gives; `cel.bind` gives what its body gives. */
const MACRO_RESULTS: Readonly<Partial<Record<MacroName, StaticType>>> = {
  all: "bool",
  exists: "bool",
  exists_one: "bool",
  map: "list",
  filter: "list",
  transformList: "list",
  transformMap: "map",
  optMap: "optional",
  optFlatMap: "optional",
};

interface Scope {
  readonly binding: Binding;
  readonly outer: Scope | null;
}

class Checker {
  /** Of all patterns. */
  private readonly work = fullWork();
  readonly types = new Map<number, StaticType>();
  readonly operations = new Map<number, Operation>();
  readonly bindings = new Map<number, Binding>();
  readonly constants = new Map<number, "null" | "true" | "false" | "undefined">();
  readonly typeNames = new Map<number, string>();
  readonly macroBindings = new Map<number, readonly Binding[]>();
  readonly globals = new Map<number, string>();
  readonly failures = new Map<number, FailureCode>();
  /** Idents that stand where only a type can stand. */
  private readonly besideTypes = new Set<number>();
  private readonly source: string;
  private readonly options: CheckOptions;
  private readonly names: DottedNames | null;

  constructor(source: string, options: CheckOptions) {
    this.source = source;
    this.options = options;
    this.names = dottedNames(options);
  }

  visit(expr: Expr, scope: Scope | null): StaticType {
    const name = this.names?.find(expr, (ident) => bindingOf(ident, scope) !== null) ?? null;
    if (name !== null) this.globals.set(expr.id, name);
    const type = name === null ? this.typeOf(expr, scope) : "dyn";
    this.types.set(expr.id, type);
    return type;
  }

  private typeOf(expr: Expr, scope: Scope | null): StaticType {
    switch (expr.kind) {
      case "literal":
        return expr.value.type;
      case "ident":
        return this.ident(expr, scope);
      case "special":
        return this.special(expr);
      case "select":
        if (!expr.optional && this.namesType(expr, scope)) return "type";
        return this.visit(expr.operand, scope) === "optional" || expr.optional ? "optional" : "dyn";
      case "index": {
        const operand = this.visit(expr.operand, scope);
        this.visit(expr.index, scope);
        return operand === "optional" || expr.optional ? "optional" : "dyn";
      }
      case "call":
        return this.call(expr, scope);
      case "unary": {
        const operand = this.visit(expr.operand, scope);
        if (expr.op === "!") return "bool";
        if (operand === "dyn" || operand === "int" || operand === "double") return operand;
        return this.wrong(expr, `\`-\` has no meaning for ${operand}`, "Use it on an int or a double.");
      }
      case "binary":
        for (const side of besideType(expr)) this.besideTypes.add(side.id);
        return this.binary(expr, this.visit(expr.left, scope), this.visit(expr.right, scope));
      case "ternary": {
        this.visit(expr.condition, scope);
        const yes = this.visit(expr.yes, scope);
        return yes === this.visit(expr.no, scope) ? yes : "dyn";
      }
      case "list":
        for (const item of expr.items) this.element(item.value, item.optional, scope);
        return "list";
      case "map":
        for (const entry of expr.entries) {
          this.visit(entry.key, scope);
          this.element(entry.value, entry.optional, scope);
        }
        return "map";
      case "macro":
        return this.macro(expr, scope);
    }
  }

  private special(expr: Extract<Expr, { kind: "special" }>): StaticType {
    const found = specialOf(expr.name);
    const written = `\`@${expr.name}\``;
    if (found === undefined) {
      const known = `Special identifiers are ${SPECIAL_NAMES.join(", ")}.`;
      return this.refuse("undeclared", expr, `there is no special identifier ${written}`, known);
    }
    if (found.exitOnly === true && this.options.place === "line") {
      throw new CompileError(
        "wrong_place",
        `${written} has a value only at the exit of a method`,
        "Put the probe at the exit of the method, or name the variable that holds the value.",
        this.source,
        expr,
      );
    }
    return found.type;
  }

  /** What stands in a list or map; after a `?` it must be an optional. */
  private element(expr: Expr, optional: boolean, scope: Scope | null): void {
    const type = this.visit(expr, scope);
    if (!optional || type === "dyn" || type === "optional") return;
    this.wrong(
      expr,
      `after \`?\` stands an optional, not ${type}`,
      "Remove the `?`, or write `optional.of(…)` or `a.?b`.",
    );
  }

  private ident(expr: Extract<Expr, { kind: "ident" }>, scope: Scope | null): StaticType {
    const { id, name } = expr;
    const binding = expr.root ? null : bindingOf(name, scope);
    if (binding !== null) {
      this.bindings.set(id, binding);
      return binding.type;
    }
    if (this.namesType(expr, scope)) return "type";
    const constant = Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : undefined;
    if (constant === undefined || this.options.declared?.has(name) === true) return "dyn";
    this.constants.set(id, constant);
    return constant === "true" || constant === "false" ? "bool" : "null";
  }

  /** Whether a name is that of a type: no variable may have it. Where variables are not known, its place decides. */
  private namesType(expr: Expr, scope: Scope | null): boolean {
    const name = typeNamed(expr);
    if (name === null) return false;
    const head = headOf(expr) as string;
    const { declared } = this.options;
    if (declared?.has(head) === true || bindingOf(head, scope) !== null) return false;
    if (declared === undefined && !/[._]/.test(name) && !this.besideTypes.has(expr.id)) return false;
    this.typeNames.set(expr.id, name);
    return true;
  }

  private call(expr: Extract<Expr, { kind: "call" }>, scope: Scope | null): StaticType {
    const resolved = resolveCall(expr);
    if (resolved.kind === "operation") {
      const { definition, operands } = resolved.operation;
      for (const operand of operands) this.visit(operand, scope);
      this.operations.set(expr.id, resolved.operation);
      const refuse: Refuse = (code, span, message, remedy, inside) =>
        this.refuse(code, inside === undefined ? span : spanInLiteral(this.source, inside, span), message, remedy);
      definition.verify?.(expr, operands, refuse, (operand) => this.types.get(operand.id) ?? "dyn", this.work);
      return definition.result;
    }
    // Nothing of it is evaluated, but what stands in it is checked; a namespace such as `math` is no variable.
    if (expr.target !== null) this.visit(expr.target, scope);
    for (const arg of expr.args) this.visit(arg, scope);
    const what = `${expr.target === null ? "function" : "method"} \`${resolved.written}\``;
    this.failures.set(expr.id, resolved.kind === "arity" ? "no_such_overload" : "undeclared");
    if (resolved.kind === "arity") {
      const { min, max } = resolved.definition;
      const own = resolved.receiver ? 1 : 0;
      const wanted = min === max ? String(min - own) : `${min - own} to ${max - own}`;
      return this.refuse(
        "no_such_overload",
        expr,
        `${what} takes ${wanted} argument(s), not ${expr.args.length}`,
        "Change the number of arguments.",
      );
    }
    return this.refuse(
      "undeclared",
      expr.nameSpan,
      `there is no ${what}`,
      `Known: ${callableNames(expr.target).join(", ")}. The program's own functions cannot be called.`,
    );
  }

  private binary(expr: Binary, left: StaticType, right: StaticType): StaticType {
    const found = operatorType(expr.op, left, right);
    if (typeof found === "string") return found;
    this.wrong(expr, found.message, found.remedy);
    return found.type;
  }

  private macro(expr: Macro, scope: Scope | null): StaticType {
    if (expr.name === "has") {
      // The selection itself is never a name: `has(a.b)` asks for a field of `a`.
      this.types.set(expr.target.id, this.typeOf(expr.target, scope));
      return "bool";
    }
    const target = this.visit(expr.target, scope);
    const opens = expr.name === "optMap" || expr.name === "optFlatMap";
    if (opens && target !== "dyn" && target !== "optional") {
      this.wrong(expr, `\`${expr.name}\` opens an optional, not ${target}`, "Apply it to `a.?b` or `optional.of(a)`.");
    } else if (!opens && expr.name !== "bind" && target !== "dyn" && target !== "list" && target !== "map") {
      this.wrong(expr, `\`${expr.name}\` goes over a list or a map, not ${target}`, "Apply it to a list or a map.");
    }
    let inner = scope;
    const bindings = expr.vars.map((name, i): Binding => {
      if (expr.name === "bind") return { name, type: target, element: false };
      return { name, type: expr.vars.length === 2 && i === 0 && target === "list" ? "int" : "dyn", element: !opens };
    });
    for (const binding of bindings) inner = { binding, outer: inner };
    this.macroBindings.set(expr.id, bindings);
    if (expr.filter !== null) this.visit(expr.filter, inner);
    const body = this.visit(expr.body as Expr, inner);
    return MACRO_RESULTS[expr.name] ?? body;
  }

  private wrong(span: Span, message: string, remedy: string): StaticType {
    return this.refuse("no_such_overload", span, message, remedy);
  }

  private refuse(code: CompileCode, span: Span, message: string, remedy: string): StaticType {
    const never = code === "unsupported" || code === "limit";
    if (this.options.strict || never) throw new CompileError(code, message, remedy, this.source, span);
    return "dyn";
  }
}

function bindingOf(name: string, scope: Scope | null): Binding | null {
  for (let at = scope; at !== null; at = at.outer) if (at.binding.name === name) return at.binding;
  return null;
}

/** Checks all expressions of one compilation (a condition has one, a template one a hole). Throws CompileError. */
export function check(source: string, exprs: readonly Expr[], options: CheckOptions): Checked {
  const checker = new Checker(source, options);
  for (const expr of exprs) checker.visit(expr, null);
  return checker;
}
