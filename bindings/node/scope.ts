// Which variables can be named in text that is inserted at a place, and how.
//
// V8 gives an existing closure its edited code only if no scope around it gains or loses a variable that closures reach. So the
// text may name: what belongs to functions that run anew, and of the scopes further out only what a closure reaches already.
import { analyze, type Scope, type ScopeManager, type Variable } from "../../host/javascript.ts";
import type { FunctionInfo, Parsed, Start } from "./parse.ts";
import type { SyntaxNode } from "./syntax.ts";

/** A name that can be read at a place. */
export interface Readable {
  readonly name: string;
  /** Reading may throw, because the variable may not be initialised yet: it is handed over as a function. */
  readonly isGuarded: boolean;
  /** What reads it, where that is not the name. */
  readonly text?: string;
}

/** What can be named at a place. */
export interface Names {
  /** For people and for a snapshot: parameters, locals, `this`, and the closure variables that the function uses. */
  readonly listed: readonly Readable[];
  /** Further closure variables: the function does not use them, but another one does. */
  readonly further: readonly Readable[];
  /** The parameters of the function at the place, as one object: `@args`. */
  readonly parameters: Readable;
  /** A local variable hides `globalThis`, by which inserted text reaches the probe. */
  readonly hidesGlobal: boolean;
}

/** Parameters of the function that Node wraps around a CommonJS module. */
const MODULE_PARAMETERS = ["exports", "require", "module", "__filename", "__dirname"];

/** The variables of a script. Made when first needed: it costs about as much as parsing. */
export class Scopes {
  readonly #parsed: Parsed;
  readonly #manager: ScopeManager;

  constructor(parsed: Parsed) {
    this.#parsed = parsed;
    this.#manager = analyze(parsed.program, {
      ecmaVersion: 2022,
      sourceType: parsed.isModule ? "module" : "script",
      nodejsScope: !parsed.isModule,
    });
  }

  /** `renewed`: the functions that will run anew after the edit, innermost first: the one at `start`, then those around it. */
  names(start: Start, renewed: readonly FunctionInfo[]): Names {
    const own = renewed[0];
    const outermost = renewed.at(-1);
    const listed: Readable[] = [];
    const further: Readable[] = [];
    const parameters: string[] = [];
    const seen = new Set<string>(["arguments"]);
    let hidesGlobal = false;
    if (own !== undefined) {
      const self = this.#self(renewed);
      if (self !== null) listed.push(self);
    }
    for (let scope: Scope | null = this.#scopeAt(start); scope !== null; scope = scope.upper) {
      const owner = scope.variableScope.block;
      const isRenewed = own === undefined || renewed.some(({ node }) => node === owner);
      for (const variable of scope.variables) {
        if (variable.defs.length === 0 || seen.has(variable.name) || variable.name.startsWith("__tpd")) continue;
        if (isOutOfReach(variable, start)) continue;
        seen.add(variable.name);
        if (variable.name === "globalThis") hidesGlobal = true;
        const isOwn = own === undefined || scope.variableScope.block === own.node;
        if (isOwn && isDead(variable, scope, start)) continue;
        const isGuarded = !isOwn && (mayBeDead(variable) || isAmongParameters(variable, start));
        const readable = { name: variable.name, isGuarded };
        if (!isGuarded && kindOf(variable) === "Parameter" && isCallOf(own, owner, this.#parsed))
          parameters.push(variable.name);
        if (isRenewed || isUsedWithin(variable, outermost!)) listed.push(readable);
        else if (isReachedByClosure(variable)) further.push(readable);
      }
    }
    for (const name of this.#parsed.isModule ? [] : MODULE_PARAMETERS) {
      if (!seen.has(name) && this.#usesParameter(name)) further.push({ name, isGuarded: false });
    }
    // Without a prototype, so that a parameter may have any name.
    const args = { name: "@args", isGuarded: false, text: `({__proto__:null,${parameters.join()}})` };
    return { listed, further, parameters: args, hidesGlobal };
  }

  /** `this` where it means something. In a constructor that must call `super` first it may not be there yet. */
  #self(renewed: readonly FunctionInfo[]): Readable | null {
    const { functions } = this.#parsed;
    const own = renewed[0]!;
    let owner: FunctionInfo | undefined = own;
    while (owner?.kind === "arrow") owner = functions[owner.parent];
    if (owner === undefined) return null;
    // An arrow function that does not use `this` would change the scope of the function that owns it.
    if (!renewed.includes(owner) && !own.usesThis) return null;
    if (!owner.isMethod && !owner.usesThis) return null;
    return { name: "this", isGuarded: owner.isDerivedConstructor };
  }

  #scopeAt(start: Start): Scope {
    let found = this.#manager.scopes[0]!;
    for (const scope of this.#manager.scopes) {
      const { block } = scope;
      // A scope that begins with the statement, such as that of a `for`, begins behind the probe.
      const isInside = block.type === "Program" || (block.start < start.at && start.at < block.end);
      if (isInside && depthOf(scope) >= depthOf(found)) found = scope;
    }
    return found;
  }

  #usesParameter(name: string): boolean {
    const module = this.#manager.scopes[0]!;
    return module.through.some(
      ({ identifier, from }) => identifier.name === name && from.variableScope.block.type !== "Program",
    );
  }
}

/** True of the function at the place, and of the one around it where it is created and called at once: what a call of it is. */
function isCallOf(own: FunctionInfo | undefined, block: SyntaxNode, { functions }: Parsed): boolean {
  for (let at = own; at !== undefined; at = at.isCalledAtOnce ? functions[at.parent] : undefined) {
    if (at.node === block) return true;
  }
  return false;
}

function depthOf(scope: Scope): number {
  let depth = 0;
  for (let up = scope.upper; up !== null; up = up.upper) depth++;
  return depth;
}

const kindOf = (variable: Variable): string | undefined => {
  const [definition] = variable.defs;
  return definition?.type === "Variable" ? (definition.parent?.kind as string | undefined) : definition?.type;
};

/** A variable whose reading throws before its declaration has run. */
function mayBeDead(variable: Variable): boolean {
  const kind = kindOf(variable);
  return kind !== "var" && kind !== "Parameter" && kind !== "FunctionName" && kind !== "CatchClause";
}

/** A parameter, read by a function that stands in a default value: a later parameter has no value yet when that one runs. */
function isAmongParameters(variable: Variable, start: Start): boolean {
  const { block } = variable.scope;
  const body = block.body as SyntaxNode | undefined;
  return kindOf(variable) === "Parameter" && block.type !== "Program" && body !== undefined && start.at < body.start;
}

/** In the function of the probe itself: certainly not initialised at the place. */
function isDead(variable: Variable, scope: Scope, start: Start): boolean {
  if (kindOf(variable) === "var" || !mayBeDead(variable)) return false;
  const [definition] = variable.defs;
  // The name of a class is known in its body, whatever comes later.
  if (scope.type === "class") return false;
  if (definition!.name.start >= start.insert) return true;
  return scope.type === "switch" && caseOf(scope.block, definition!.name.start) !== start.caseStart;
}

function caseOf(block: SyntaxNode, offset: number): number {
  for (const branch of block.cases as SyntaxNode[]) {
    if (branch.start <= offset && offset < branch.end) return branch.start;
  }
  return -1;
}

/** A function in a default value of a parameter does not see the body's variables, though eslint-scope puts both in one scope. */
function isOutOfReach(variable: Variable, start: Start): boolean {
  const { block } = variable.scope;
  if (variable.scope.type !== "function" || !block.body || block.type === "Program") return false;
  return start.at < (block.body as SyntaxNode).start && kindOf(variable) !== "Parameter";
}

function isUsedWithin(variable: Variable, outermost: FunctionInfo): boolean {
  return variable.references.some(
    ({ identifier }) => outermost.start <= identifier.start && identifier.end <= outermost.end,
  );
}

function isReachedByClosure(variable: Variable): boolean {
  return variable.references.some(({ from }) => from.variableScope !== variable.scope.variableScope);
}
