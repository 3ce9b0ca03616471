// Tells macro calls from ordinary calls by name and number of arguments, and names their parts. Expands nothing.
import type { Expr, MacroName, Span } from "./ast.ts";
import type { TreeBuilder } from "./builder.ts";
import { CompileError } from "./errors.ts";

/** What a macro's arguments are: first its variables, then perhaps a filter, then the body. */
interface Shape {
  readonly name: MacroName;
  readonly vars: 1 | 2;
  readonly filter: boolean;
}

function shape(name: MacroName, vars: 1 | 2, filter = false): Shape {
  return { name, vars, filter };
}

const TWO_OR_THREE = (name: MacroName): ReadonlyMap<number, Shape> =>
  new Map([
    [2, shape(name, 1)],
    [3, shape(name, 2)],
  ]);

const TRANSFORM = (name: MacroName): ReadonlyMap<number, Shape> =>
  new Map([
    [3, shape(name, 2)],
    [4, shape(name, 2, true)],
  ]);

/** Macros with a receiver, aliases included, by name and then by number of arguments. */
const RECEIVER: ReadonlyMap<string, ReadonlyMap<number, Shape>> = new Map([
  ["all", TWO_OR_THREE("all")],
  ["every", TWO_OR_THREE("all")],
  ["exists", TWO_OR_THREE("exists")],
  ["any", TWO_OR_THREE("exists")],
  ["some", TWO_OR_THREE("exists")],
  ["exists_one", TWO_OR_THREE("exists_one")],
  ["existsOne", TWO_OR_THREE("exists_one")],
  ["filter", new Map([[2, shape("filter", 1)]])],
  [
    "map",
    new Map([
      [2, shape("map", 1)],
      [3, shape("map", 1, true)],
    ]),
  ],
  ["transformList", TRANSFORM("transformList")],
  ["transformMap", TRANSFORM("transformMap")],
  ["optMap", new Map([[2, shape("optMap", 1)]])],
  ["optFlatMap", new Map([[2, shape("optFlatMap", 1)]])],
]);

/** A call as it stands in the source. */
export interface CallParts extends Span {
  readonly name: string;
  readonly target: Expr | null;
  readonly args: readonly Expr[];
}

/** The macro that a call stands for, or null if it is an ordinary call. Throws if the name and number fit and the arguments do not. */
export function macroOf(build: TreeBuilder, call: CallParts): Expr | null {
  const { name, target, args, from, to } = call;
  if (target === null) {
    if (name !== "has" || args.length !== 1) return null;
    return build.macro("has", selection(build, args[0]!), [], null, null, 0, from, to);
  }
  if (name === "bind" && args.length === 3 && target.kind === "ident" && target.name === "cel") {
    const variable = variableOf(build, args[0]!, "cel.bind(x, value, x + 1)", "cel.bind");
    return build.macro("bind", args[1]!, [variable], null, args[2]!, 2, from, to);
  }
  const found = RECEIVER.get(name)?.get(args.length);
  if (!found) return null;
  const example = found.vars === 2 ? `${name}(i, x, x > i)` : `${name}(x, x > 0)`;
  const vars = [variableOf(build, args[0]!, example, name)];
  if (found.vars === 2) {
    const second = args[1]!;
    vars.push(variableOf(build, second, example, name));
    if (vars[0] === vars[1]) {
      throw new CompileError(
        "syntax",
        `both variables of \`${name}\` are called \`${vars[0]}\``,
        "Give the second one a name of its own.",
        build.source,
        second,
      );
    }
  }
  const filter = found.filter ? args[found.vars]! : null;
  return build.macro(found.name, target, vars, filter, args[args.length - 1]!, found.vars, from, to);
}

function variableOf(build: TreeBuilder, arg: Expr, example: string, name: string): string {
  if (arg.kind === "ident" && !arg.root) return arg.name;
  throw new CompileError(
    "syntax",
    `\`${name}\` needs the name of a variable here`,
    `Write a name of your choice, as in \`${example}\`.`,
    build.source,
    arg,
  );
}

function selection(build: TreeBuilder, arg: Expr): Expr {
  if (arg.kind === "select" && !arg.optional) return arg;
  let remedy = "Write a field after a dot, as in `has(a.b)`; test a variable with `a != null`.";
  if (arg.kind === "index") {
    const { source } = build;
    remedy = `Write \`has(a.b)\`, or test the key with \`${source.slice(arg.index.from, arg.index.to)} in ${source.slice(arg.operand.from, arg.operand.to)}\`.`;
  } else if (arg.kind === "select") remedy = "Write `has(a.b)` without the `?`; `a.?b.hasValue()` asks an optional.";
  throw new CompileError("syntax", "invalid argument to `has`: it must select a field", remedy, build.source, arg);
}
