// Turns the source of a script into what placing needs: its functions, and the places in front of which a probe can stand.
// Knows nothing of variables (scope.ts), and never changes text.
import { parse } from "../../host/javascript.ts";
import { classNameOf, isCalledAtOnce, isGivenToProperty, nameOf } from "./surroundings.ts";
import { childrenOf, keyName, type SyntaxNode } from "./syntax.ts";

/** `static` is a static block, `field` the initialiser of a class field: V8 runs both as functions of their own. */
export type FunctionKind = "function" | "arrow" | "static" | "field";

/** One function of a script. */
export interface FunctionInfo {
  readonly index: number;
  /** Index of the function around it, -1 at the top level of the script. */
  readonly parent: number;
  readonly node: SyntaxNode;
  readonly kind: FunctionKind;
  readonly start: number;
  readonly end: number;
  readonly bodyStart: number;
  readonly name: string;
  /** Of the class around it, empty outside of one. */
  readonly className: string;
  /** A method, accessor or constructor, or a function given to an object or prototype: `this` means something in it. */
  readonly isMethod: boolean;
  readonly isDerivedConstructor: boolean;
  /** It is created and called in the same expression, so anew each time the function around it runs. */
  readonly isCalledAtOnce: boolean;
  /** An activation can be suspended: a generator, or an async function with an `await` of its own. */
  suspends: boolean;
  /** `this` or `super` occurs in it, arrow functions inside of it included. */
  usesThis: boolean;
}

/**
 * A place for a probe.
 * `statement`: in front of a statement of a list. `branch`: in front of a statement without braces, as in `if (a) b()`.
 * `arrow`: in front of the expression that is the body of an arrow function.
 */
export interface Start {
  readonly kind: "statement" | "branch" | "arrow";
  /** Where text is inserted. */
  readonly insert: number;
  /** What a person sees as the beginning; differs from `insert` behind a label only. */
  readonly at: number;
  /** Where the statement or expression ends. */
  readonly end: number;
  readonly functionIndex: number;
  /** Start of the `case` it belongs to, -1 outside of `switch`. */
  readonly caseStart: number;
  /** Inside a `with` block nothing can be named safely. */
  readonly isInWith: boolean;
}

/** A parsed script. */
export interface Parsed {
  readonly source: string;
  readonly isModule: boolean;
  readonly program: SyntaxNode;
  readonly functions: readonly FunctionInfo[];
  /** In the order of their places. */
  readonly starts: readonly Start[];
  readonly lines: LineTable;
}

/** Offsets of the beginnings of lines, as V8 counts lines. */
export class LineTable {
  readonly #starts: number[] = [0];
  readonly #length: number;

  constructor(source: string) {
    this.#length = source.length;
    for (const { 0: end, index } of source.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) this.#starts.push(index + end.length);
  }

  get count(): number {
    return this.#starts.length;
  }

  /** Line and column of an offset, both from 0. */
  position(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: offset - this.#starts[low]! };
  }

  start(line: number): number {
    return this.#starts[line] ?? this.#length;
  }

  offset(line: number, column: number): number {
    return Math.min(this.start(line) + column, this.#length);
  }
}

/** Reads a script. Throws acorn's SyntaxError where it cannot. */
export function parseScript(source: string, isModule: boolean): Parsed {
  const program = parse(source, {
    ecmaVersion: "latest",
    sourceType: isModule ? "module" : "script",
    allowReturnOutsideFunction: !isModule,
    allowHashBang: true,
    ranges: true,
  }) as unknown as SyntaxNode;
  const collector = new Collector(source);
  collector.list(program.body, { functionIndex: -1, caseStart: -1, isInWith: false });
  collector.starts.sort((a, b) => a.at - b.at || a.insert - b.insert);
  return {
    source,
    isModule,
    program,
    functions: collector.functions,
    starts: collector.starts,
    lines: new LineTable(source),
  };
}

/** What prepared mode put in runs in front of the program's own statements, and is no place that a person means. */
const PREPARED = /(?:return)?\((?:0,\{|__tpdc)|(?:globalThis\.|var |let )__tpd/y;

interface Place {
  readonly functionIndex: number;
  readonly caseStart: number;
  readonly isInWith: boolean;
}

/** Statements in front of which nothing happens that a person could wait for. */
const SILENT = new Set([
  "FunctionDeclaration",
  "EmptyStatement",
  "BlockStatement",
  "ImportDeclaration",
  "ExportAllDeclaration",
]);

class Collector {
  readonly functions: FunctionInfo[] = [];
  readonly starts: Start[] = [];
  readonly #ancestors: SyntaxNode[] = [];
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  list(statements: readonly SyntaxNode[], place: Place): void {
    for (const statement of statements) {
      if (statement.directive === undefined && isExecutable(statement)) this.#add("statement", statement, place);
      this.#visit(statement, place);
    }
  }

  #add(kind: Start["kind"], { start: insert, end }: SyntaxNode, place: Place, at = insert): void {
    PREPARED.lastIndex = insert;
    if (!PREPARED.test(this.#source)) this.starts.push({ kind, insert, at, end, ...place });
  }

  /** The statement behind `if (a)` and its like. */
  #branch(statement: SyntaxNode | null | undefined, place: Place): void {
    if (!statement) return;
    if (!SILENT.has(statement.type)) this.#add("branch", statement, place);
    if (statement.type === "LabeledStatement") this.#labelled(statement, place, "branch", statement);
    else this.#visit(statement, place);
  }

  /** `continue` needs the loop right behind its labels, so the first label is where a probe goes in. */
  #labelled(node: SyntaxNode, place: Place, kind: "statement" | "branch", first: SyntaxNode): void {
    if (!SILENT.has(node.body.type)) this.#add(kind, first, place, node.body.start);
    this.#inside(node, () => {
      if (node.body.type === "LabeledStatement") this.#labelled(node.body, place, kind, first);
      else this.#visit(node.body, place);
    });
  }

  #visit(node: SyntaxNode, place: Place): void {
    switch (node.type) {
      case "BlockStatement":
        this.#inside(node, () => this.list(node.body, place));
        return;
      case "SwitchStatement":
        this.#inside(node, () => {
          this.#visit(node.discriminant, place);
          for (const branch of node.cases as SyntaxNode[]) {
            if (branch.test) this.#visit(branch.test, place);
            this.list(branch.consequent, { ...place, caseStart: branch.start });
          }
        });
        return;
      case "IfStatement":
        this.#inside(node, () => {
          this.#visit(node.test, place);
          this.#branch(node.consequent, place);
          this.#branch(node.alternate, place);
        });
        return;
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "WhileStatement":
      case "DoWhileStatement":
      case "WithStatement": {
        if (node.await === true) this.#suspend(place);
        const within = node.type === "WithStatement" ? { ...place, isInWith: true } : place;
        this.#inside(node, () => {
          for (const child of childrenOf(node)) {
            if (child === node.body) this.#branch(child, within);
            else this.#visit(child, place);
          }
        });
        return;
      }
      case "LabeledStatement":
        this.#labelled(node, place, "statement", node);
        return;
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        this.#function(node, place);
        return;
      case "StaticBlock": {
        const functionIndex = this.#enter(node, "static", place);
        this.#inside(node, () => this.list(node.body, { functionIndex, caseStart: -1, isInWith: place.isInWith }));
        return;
      }
      case "PropertyDefinition":
        this.#inside(node, () => {
          if (node.computed) this.#visit(node.key, place);
          if (!node.value) return;
          const functionIndex = this.#enter(node.value, "field", place, node);
          this.#visit(node.value, { functionIndex, caseStart: -1, isInWith: place.isInWith });
        });
        return;
      case "AwaitExpression":
        this.#suspend(place);
        break;
      case "VariableDeclaration":
        if (node.kind === "await using") this.#suspend(place);
        break;
      case "ThisExpression":
      case "Super":
        this.#use(place.functionIndex);
        return;
    }
    this.#inside(node, () => {
      for (const child of childrenOf(node)) this.#visit(child, place);
    });
  }

  #function(node: SyntaxNode, place: Place): void {
    const kind = node.type === "ArrowFunctionExpression" ? "arrow" : "function";
    const functionIndex = this.#enter(node, kind, place);
    const inner = { functionIndex, caseStart: -1, isInWith: place.isInWith };
    this.#inside(node, () => {
      for (const param of node.params as SyntaxNode[]) this.#visit(param, inner);
      if (node.body.type === "BlockStatement") this.#visit(node.body, inner);
      else {
        this.#add("arrow", node.body, inner);
        this.#visit(node.body, inner);
      }
    });
  }

  #enter(node: SyntaxNode, kind: FunctionKind, place: Place, definition?: SyntaxNode): number {
    const owner = this.#ancestors.at(-1);
    const isDerived = this.#ancestors.at(-3)?.superClass ?? null;
    const index = this.functions.length;
    const atOnce = (kind === "function" || kind === "arrow") && isCalledAtOnce(node, this.#ancestors);
    // The body of a prepared generator: a method if the function around it is one.
    const isPrepared = kind === "function" && atOnce && owner?.type === "Property" && place.functionIndex >= 0;
    this.functions.push({
      index,
      parent: place.functionIndex,
      node,
      kind,
      start: node.start,
      end: node.end,
      bodyStart: kind === "function" || kind === "arrow" ? node.body.start : node.start,
      name: kind === "static" ? "static" : kind === "field" ? keyName(definition!) : nameOf(node, owner),
      className: classNameOf(this.#ancestors) || (this.functions[place.functionIndex]?.className ?? ""),
      isMethod: isPrepared
        ? this.functions[place.functionIndex]!.isMethod
        : kind !== "arrow" && (kind !== "function" || isGivenToProperty(node, owner)),
      isDerivedConstructor: owner?.type === "MethodDefinition" && owner.kind === "constructor" && isDerived !== null,
      isCalledAtOnce: atOnce,
      suspends: node.generator === true,
      usesThis: false,
    });
    return index;
  }

  #suspend(place: Place): void {
    const found = this.functions[place.functionIndex];
    if (found !== undefined) found.suspends = true;
  }

  #use(functionIndex: number): void {
    for (let found = this.functions[functionIndex]; found !== undefined; found = this.functions[found.parent]) {
      found.usesThis = true;
      if (found.kind !== "arrow") return;
    }
  }

  #inside(node: SyntaxNode, work: () => void): void {
    this.#ancestors.push(node);
    work();
    this.#ancestors.pop();
  }
}

function isExecutable(statement: SyntaxNode): boolean {
  if (SILENT.has(statement.type) || statement.type === "LabeledStatement") return false;
  if (statement.type === "ExportNamedDeclaration") {
    return statement.declaration !== null && statement.declaration.type !== "FunctionDeclaration";
  }
  return statement.type !== "ExportDefaultDeclaration" || statement.declaration.type !== "FunctionDeclaration";
}
