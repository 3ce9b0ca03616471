// JavaScript source as a tree and the variables in it. The only file that knows acorn and eslint-scope: a binding reads programs
// with them, the host script conditions. Not part of index.ts, so that what reads no source does not load them.
export { parse } from "acorn";
export { analyze, type Scope, type ScopeManager, type Variable } from "eslint-scope";
