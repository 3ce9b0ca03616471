// Reads the text of a script condition (`js: ...`): which variables of the program it uses, and the function that it becomes in the
// sandbox. Runs nothing. A script is one expression, or statements of which the last is one or that `return`.
import { CompileError, SCRIPT_PREFIX, type Span } from "../conditions/index.ts";
import { analyze, parse } from "./javascript.ts";
import { HOST_LIMITS } from "./limits.ts";

/** Names that mean the sandbox's own in a script, whatever the program calls so: what ECMAScript defines and QuickJS has. */
export const SANDBOX_NAMES: ReadonlySet<string> = new Set(
  `AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError
  FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError
  Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String
  Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet decodeURI
  decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined
  unescape`.split(/\s+/),
);

/** What a script uses of a value: `true` for whatever there is, else these fields of it. An array, which no program can patch. */
export type Use = true | readonly { readonly key: string; readonly use: Use }[];

/** A script that can be run. */
export interface Script {
  /** As a person wrote it, prefix included: what carets point into. */
  readonly source: string;
  /** An expression that gives the function. Strict, so that it reaches neither its callers nor an object that it did not make. */
  readonly code: string;
  /** Variables of the program that it uses, in order of first use; `this` is one. */
  readonly names: readonly string[];
  /** What it uses of each of them, in the same order. */
  readonly uses: readonly Use[];
  /** Where each of them is first used. */
  readonly rootSpans: ReadonlyMap<string, Span>;
  /** The offset in `source` of a line and a column of `code`, both from 1. */
  offsetOf(line: number, column: number): number;
}

// One line of its own, so that the lines of the script stay one below their number in `code`.
const HEAD = '(function () { "use strict";\n';
const ANSWER = "return (";

/** Reads a script. Throws CompileError. */
export function readScript(source: string): Script {
  try {
    return read(source);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const whole = { from: 0, to: source.length };
    throw new CompileError("limit", "the script is nested too deeply", "Nest it less deeply.", source, whole);
  }
}

function read(source: string): Script {
  const { length } = source;
  if (length > HOST_LIMITS.scriptLength) {
    throw new CompileError(
      "limit",
      `the script has ${length} characters; ${HOST_LIMITS.scriptLength} are allowed`,
      "Shorten it; a long list of values belongs in the program.",
      source,
      { from: HOST_LIMITS.scriptLength, to: length },
    );
  }
  const start = source.indexOf(SCRIPT_PREFIX) + SCRIPT_PREFIX.length;
  const text = " ".repeat(start) + source.slice(start);
  const program = parseBody(source, text);
  const last = program.body.at(-1);
  const answers = last?.type === "ExpressionStatement";
  if (!answers && !returns(program)) {
    throw new CompileError(
      "syntax",
      "the script has no answer",
      "Let it end with an expression that is true or false, or with `return`.",
      source,
      { from: last?.start ?? start, to: length },
    );
  }
  const { rootSpans, uses } = variables(program);
  const at = answers ? last.start : length;
  const end = answers && source[last.end - 1] === ";" ? last.end - 1 : (last?.end ?? length);
  const body = answers ? `${text.slice(0, at)}${ANSWER}${text.slice(at, end)})${text.slice(end)}` : text;
  return {
    source,
    code: `${HEAD}${body}\n})`,
    names: [...rootSpans.keys()],
    uses,
    rootSpans,
    offsetOf(line, column) {
      let from = 0;
      for (let at = 2; at < line && from <= length; at++) from = source.indexOf("\n", from) + 1 || length + 1;
      const offset = from + column - 1;
      // What stands behind the inserted word on its line is so much further left in the source.
      const isBehind = from <= at && at < offset && !source.slice(from, at).includes("\n");
      return Math.max(start, Math.min(isBehind ? Math.max(at, offset - ANSWER.length) : offset, length));
    },
  };
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  // biome-ignore lint/suspicious/noExplicitAny: ESTree nodes are told apart by `type` alone
  readonly [member: string]: any;
}

interface Program extends Node {
  readonly body: readonly Node[];
}

function parseBody(source: string, text: string): Program {
  try {
    return parse(text, {
      ecmaVersion: "latest",
      sourceType: "script",
      allowReturnOutsideFunction: true,
      ranges: true,
    }) as unknown as Program;
  } catch (error) {
    // Acorn's word for a stack that is full.
    if (!(error instanceof SyntaxError) || /stack space/.test(error.message)) throw new RangeError("too deep");
    const { pos, message } = error as { pos?: number; message: string };
    const from = pos ?? 0;
    throw new CompileError(
      "syntax",
      `the script is no JavaScript: ${message.replace(/ \(\d+:\d+\)$/, "")}`,
      "Correct it. A script has no `import` and no `await` of its own.",
      source,
      { from, to: Math.min(from + 1, source.length) },
    );
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";
const isFunction = ({ type }: Node) => type === "FunctionDeclaration" || type === "FunctionExpression";

/** Calls `visit` for a node and those below it, with the node above; false leaves out what is below. */
function walk(node: Node, visit: (node: Node, above: Node | null) => boolean, above: Node | null = null): void {
  if (!visit(node, above)) return;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node);
  }
}

function returns(program: Node): boolean {
  let found = false;
  walk(program, (node) => {
    if (node.type === "ReturnStatement") found = true;
    return !isFunction(node) && node.type !== "ArrowFunctionExpression";
  });
  return found;
}

interface Variables {
  readonly rootSpans: ReadonlyMap<string, Span>;
  readonly uses: readonly Use[];
}

/** The names that the script uses and neither declares nor finds in the sandbox, and what it uses of each. */
function variables(program: Node): Variables {
  const references: Node[] = [];
  // As the body of a function, which is what `nodejsScope` means: its own variables are none of the sandbox's.
  const [global] = analyze(program, { ecmaVersion: 2022, sourceType: "script", nodejsScope: true }).scopes;
  for (const { identifier } of global!.through) {
    if (!SANDBOX_NAMES.has(identifier.name)) references.push(identifier);
  }
  walk(program, (node) => {
    if (node.type === "ThisExpression") references.push(node);
    return !isFunction(node) && node.type !== "PropertyDefinition" && node.type !== "StaticBlock";
  });
  references.sort((a, b) => a.start - b.start);
  const above = new Map<Node, Node>();
  walk(program, (node, parent) => {
    if (parent !== null) above.set(node, parent);
    return true;
  });
  const rootSpans = new Map<string, Span>();
  const uses = new Map<string, Fields>();
  for (const reference of references) {
    const name: string = reference.type === "ThisExpression" ? "this" : reference.name;
    if (!rootSpans.has(name)) rootSpans.set(name, { from: reference.start, to: reference.end });
    addPath(uses, [name, ...fieldsOf(reference, above)]);
  }
  return { rootSpans, uses: [...rootSpans.keys()].map((name) => useOf(uses.get(name)!)) };
}

type Fields = true | Map<string, Fields>;

const useOf = (fields: Fields): Use =>
  fields === true ? true : [...fields].map(([key, below]) => ({ key, use: useOf(below) }));

function addPath(fields: Map<string, Fields>, [key, ...rest]: readonly string[]): void {
  const found = fields.get(key!);
  if (rest.length === 0 || found === true) {
    fields.set(key!, true);
    return;
  }
  const below = found ?? new Map<string, Fields>();
  fields.set(key!, below);
  addPath(below, rest);
}

/** The fields that are selected one after the other. A method may look at anything of what it is called on. */
function fieldsOf(reference: Node, above: ReadonlyMap<Node, Node>): string[] {
  const fields: string[] = [];
  let node = reference;
  for (let parent = above.get(node); parent?.type === "MemberExpression"; parent = above.get(node)) {
    if (parent.object !== node || isCalled(parent, above)) break;
    const key = parent.computed ? parent.property.value : parent.property.name;
    if (typeof key !== "string" && typeof key !== "number") break;
    fields.push(`${key}`);
    node = parent;
  }
  return fields;
}

function isCalled(member: Node, above: ReadonlyMap<Node, Node>): boolean {
  const parent = above.get(member);
  // `(a?.b)()` has a node between the two.
  if (parent?.type === "ChainExpression") return isCalled(parent, above);
  return parent?.callee === member || parent?.tag === member;
}
