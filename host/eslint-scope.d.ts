// The part of eslint-scope that readers of JavaScript use: the package has no types of its own.
declare module "eslint-scope" {
  /** A node of the syntax tree. */
  interface SyntaxNode {
    readonly type: string;
    readonly start: number;
    readonly end: number;
    // biome-ignore lint/suspicious/noExplicitAny: ESTree nodes are told apart by `type` alone
    readonly [member: string]: any;
  }

  export interface Definition {
    readonly type: string;
    readonly name: SyntaxNode;
    readonly parent: SyntaxNode | null;
  }

  export interface Reference {
    readonly identifier: SyntaxNode;
    readonly from: Scope;
  }

  export interface Variable {
    readonly name: string;
    readonly defs: readonly Definition[];
    readonly references: readonly Reference[];
    readonly scope: Scope;
  }

  export interface Scope {
    readonly type: string;
    readonly block: SyntaxNode;
    readonly upper: Scope | null;
    readonly variableScope: Scope;
    readonly variables: readonly Variable[];
    readonly through: readonly Reference[];
  }

  export interface ScopeManager {
    readonly scopes: readonly Scope[];
  }

  export function analyze(
    program: SyntaxNode,
    options: { ecmaVersion: number; sourceType: "module" | "script"; nodejsScope: boolean },
  ): ScopeManager;
}
