// Resolves names and calls, infers static types where they are certain, and finds what can never work. Changes no meaning:
// types only choose faster code and better messages.
import type { BinaryOp, Expr, Macro, Span } from "./ast.ts";
import type { Refuse, StaticType } from "./catalogue/index.ts";
import { type CompileCode, CompileError } from "./errors.ts";
import { callableNames, type Operation, resolveCall } from "./functions.ts";
import { spanInLiteral } from "./literals.ts";

export type { StaticType } from "./catalogue/index.ts";

/** A variable that a macro declares. One object a macro; the emitter keeps its local here. */
export interface Binding {
  readonly name: string;
  readonly macro: Macro;
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
  readonly macroBindings: ReadonlyMap<number, Binding>;
  /** Calls that can only fail; unless strict, they yield this error when they are reached. */
  readonly failures: ReadonlyMap<number, FailureCode>;
}

export interface CheckOptions {
  /** Variables that exist, when known: decides whether `None` is a constant. */
  readonly declared?: ReadonlySet<string>;
  /** Refuse what can never work (a probe); otherwise it becomes an error value at run time (`eval`). */
  readonly strict: boolean;
}

const CONSTANTS: Readonly<Record<string, "null" | "true" | "false" | "undefined">> = {
  None: "null",
  undefined: "undefined",
  True: "true",
  False: "false",
};
const NUMERIC = new Set<StaticType>(["int", "uint", "double"]);
const ORDERED = new Set<StaticType>(["string", "bytes", "bool", "timestamp", "duration"]);
const LATER = "Rewrite the condition without it; this version does not generate code for it yet.";

interface Scope {
  readonly binding: Binding;
  readonly outer: Scope | null;
}

class Checker {
  readonly types = new Map<number, StaticType>();
  readonly operations = new Map<number, Operation>();
  readonly bindings = new Map<number, Binding>();
  readonly constants = new Map<number, "null" | "true" | "false" | "undefined">();
  readonly macroBindings = new Map<number, Binding>();
  readonly failures = new Map<number, FailureCode>();
  private readonly source: string;
  private readonly options: CheckOptions;

  constructor(source: string, options: CheckOptions) {
    this.source = source;
    this.options = options;
  }

  visit(expr: Expr, scope: Scope | null): StaticType {
    const type = this.typeOf(expr, scope);
    this.types.set(expr.id, type);
    return type;
  }

  private typeOf(expr: Expr, scope: Scope | null): StaticType {
    switch (expr.kind) {
      case "literal":
        return expr.value.type;
      case "ident":
        return this.ident(expr.id, expr.name, expr.root, scope);
      case "special":
        return this.later(expr, `@${expr.name}`);
      case "select":
        if (expr.optional) return this.later(expr, "the optional selection `.?`");
        this.visit(expr.operand, scope);
        return "dyn";
      case "index":
        if (expr.optional) return this.later(expr, "the optional index `[?…]`");
        this.visit(expr.operand, scope);
        this.visit(expr.index, scope);
        return "dyn";
      case "call":
        return this.call(expr, scope);
      case "unary": {
        const operand = this.visit(expr.operand, scope);
        if (expr.op === "!") return "bool";
        if (operand === "dyn" || operand === "int" || operand === "double") return operand;
        return this.wrong(expr, `\`-\` has no meaning for ${operand}`, "Use it on an int or a double.");
      }
      case "binary":
        return this.binary(expr, expr.op, this.visit(expr.left, scope), this.visit(expr.right, scope));
      case "ternary": {
        this.visit(expr.condition, scope);
        const yes = this.visit(expr.yes, scope);
        return yes === this.visit(expr.no, scope) ? yes : "dyn";
      }
      case "list":
        for (const item of expr.items) {
          if (item.optional) return this.later(item.value, "an optional element `[?…]`");
          this.visit(item.value, scope);
        }
        return "list";
      case "map":
        for (const entry of expr.entries) {
          if (entry.optional) return this.later(entry.key, "an optional entry `{?…}`");
          this.visit(entry.key, scope);
          this.visit(entry.value, scope);
        }
        return "map";
      case "macro":
        return this.macro(expr, scope);
    }
  }

  private ident(id: number, name: string, root: boolean, scope: Scope | null): StaticType {
    for (let at = root ? null : scope; at !== null; at = at.outer) {
      if (at.binding.name !== name) continue;
      this.bindings.set(id, at.binding);
      return "dyn";
    }
    const constant = Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : undefined;
    if (constant === undefined || this.options.declared?.has(name) === true) return "dyn";
    this.constants.set(id, constant);
    return constant === "true" || constant === "false" ? "bool" : "null";
  }

  private call(expr: Extract<Expr, { kind: "call" }>, scope: Scope | null): StaticType {
    const resolved = resolveCall(expr);
    if (resolved.kind === "later") return this.later(expr.nameSpan, `\`${expr.name}\``);
    if (resolved.kind === "operation") {
      const { definition, operands } = resolved.operation;
      for (const operand of operands) this.visit(operand, scope);
      this.operations.set(expr.id, resolved.operation);
      const refuse: Refuse = (code, span, message, remedy, inside) =>
        this.refuse(code, inside === undefined ? span : spanInLiteral(this.source, inside, span), message, remedy);
      definition.verify?.(expr, operands, refuse);
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

  private binary(expr: Expr, op: BinaryOp, left: StaticType, right: StaticType): StaticType {
    switch (op) {
      case "&&":
      case "||":
      case "==":
      case "!=":
        return "bool";
      case "in":
        if (right === "dyn" || right === "list" || right === "map") return "bool";
        this.wrong(
          expr,
          `\`in\` needs a list or a map on its right, not ${right}`,
          "For a part of a text write `text.contains(part)`.",
        );
        return "bool";
      case "??":
        return left === right ? left : "dyn";
      case "<":
      case "<=":
      case ">":
      case ">=":
        if (
          left === "dyn" ||
          right === "dyn" ||
          (NUMERIC.has(left) && NUMERIC.has(right)) ||
          (left === right && ORDERED.has(left))
        )
          return "bool";
        this.wrong(
          expr,
          `\`${op}\` cannot order ${left} and ${right}`,
          "Compare two numbers, two texts or two booleans.",
        );
        return "bool";
      default: {
        if (left === "dyn" || right === "dyn") return "dyn";
        if (op === "+" && left === right && (left === "string" || left === "bytes" || left === "list")) return left;
        if (!NUMERIC.has(left) || !NUMERIC.has(right)) {
          const remedy =
            op === "+" ? "Convert first: `string(x) + …`, or `double(x) + …`." : "Convert first, as in `double(x)`.";
          return this.wrong(expr, `\`${op}\` has no meaning for ${left} and ${right}`, remedy);
        }
        if (left === right) return left;
        return left === "double" || right === "double" ? "double" : "int";
      }
    }
  }

  private macro(expr: Macro, scope: Scope | null): StaticType {
    if (expr.name === "has") {
      this.visit(expr.target, scope);
      return "bool";
    }
    const known = ["all", "exists", "exists_one", "map", "filter"].includes(expr.name);
    if (!known || expr.vars.length !== 1)
      return this.later(expr, `the macro \`${expr.name}\` with ${expr.vars.length} variable(s)`);
    const target = this.visit(expr.target, scope);
    if (target !== "dyn" && target !== "list" && target !== "map") {
      this.wrong(expr, `\`${expr.name}\` goes over a list or a map, not ${target}`, "Apply it to a list or a map.");
    }
    const binding: Binding = { name: expr.vars[0] as string, macro: expr };
    this.macroBindings.set(expr.id, binding);
    const inner: Scope = { binding, outer: scope };
    if (expr.filter !== null) this.visit(expr.filter, inner);
    if (expr.body !== null) this.visit(expr.body, inner);
    return expr.name === "map" || expr.name === "filter" ? "list" : "bool";
  }

  private later(span: Span, what: string): never {
    throw new CompileError("unsupported", `${what} is not supported yet`, LATER, this.source, span);
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

/** Checks all expressions of one compilation (a condition has one, a template one a hole). Throws CompileError. */
export function check(source: string, exprs: readonly Expr[], options: CheckOptions): Checked {
  const checker = new Checker(source, options);
  for (const expr of exprs) checker.visit(expr, null);
  return checker;
}
