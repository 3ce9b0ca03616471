// The frame of a probe module: which engine functions it imports, its custom section, its parts put together.
import * as abi from "../engine/abi.ts";
import { DEFINITIONS } from "./catalogue/index.ts";
import { type Constants, GLOBAL } from "./constants.ts";
import type { ProbeLimits } from "./limits.ts";
import type { Entry, Projection } from "./stages.ts";
import { Code, encodeModule, F64, type FunctionType, I32, type Import, OP } from "./wasm.ts";

const SIGNATURES = new Map<string, FunctionType>();

/** So many i32 to one or none. One object a signature. */
function sig(params: number, result = true): FunctionType {
  const key = `${params}${result}`;
  const known = SIGNATURES.get(key);
  if (known !== undefined) return known;
  const made = { params: new Array<typeof I32>(params).fill(I32), result: result ? I32 : null } as const;
  SIGNATURES.set(key, made);
  return made;
}

/** Engine functions that the emitter calls by itself; the others are those of the catalogue. */
const BUILT_IN: Readonly<Record<string, FunctionType>> = {
  fail: sig(1),
  error: sig(2),
  locate: sig(2),
  locateSize: sig(3),
  truth: sig(2),
  fromBool: sig(1),
  counted: sig(2),
  number: { params: [F64], result: I32 } as FunctionType,
  compare: sig(4),
  equals: sig(3),
  textIs: sig(4),
  joins: sig(5),
  joined: sig(3),
  isIn: sig(3),
  size: sig(2),
  lengthOf: sig(2),
  add: sig(3),
  sub: sig(3),
  mul: sig(3),
  div: sig(3),
  mod: sig(3),
  neg: sig(2),
  select: sig(4),
  hasField: sig(4),
  index: sig(3),
  each: sig(2),
  pairs: sig(2),
  alloc: sig(1),
  newList: sig(1),
  push: sig(2),
  newMap: sig(1),
  put: sig(4),
  putNew: sig(3),
  optionalAt: sig(3),
  optionalSelect: sig(4),
  optionalIndex: sig(3),
  optionalOf: sig(2),
  asOptional: sig(2),
  unwrap: sig(2),
  matchNfa: sig(3),
  outBegin: sig(1, false),
  outText: sig(2, false),
  outValue: sig(1, false),
  outFormatted: sig(3, false),
  outEnd: sig(0),
};

const fromCatalogue = [...DEFINITIONS].flatMap(({ engine, max, list, variant }): [string, FunctionType][] =>
  engine === null ? [] : [[engine, sig((list === true ? 1 : max) + (variant === undefined ? 1 : 2))]],
);

/** Engine functions that a module may import, with their types. The verifier allows these and no others. */
export const ENGINE_FUNCTIONS: Readonly<Record<string, FunctionType>> = Object.freeze({
  ...Object.fromEntries(fromCatalogue),
  ...BUILT_IN,
});
export type EngineFunction = string;

/** Name of the custom section that makes a module describe itself. */
export const PROBE_SECTION = "probe";
/** Names of the exports, by entry. Each takes the first free arena address and gives an i32. */
export const EXPORT_NAMES: Readonly<Record<Entry, string>> = {
  condition: "evaluate",
  value: "value",
  template: "render",
};

/** The engine functions that a module really uses, in order of first use. */
export class Imports {
  private readonly used = new Map<EngineFunction, number>();

  index(name: EngineFunction): number {
    let index = this.used.get(name);
    if (index === undefined) {
      index = this.used.size;
      this.used.set(name, index);
    }
    return index;
  }

  list(): Import[] {
    return [
      { kind: "memory", module: "env", name: "memory", pages: abi.MEMORY_PAGES },
      { kind: "global", module: "env", name: "base", mutable: false },
      { kind: "global", module: "engine", name: "steps", mutable: true },
      { kind: "global", module: "engine", name: "top", mutable: true },
      { kind: "global", module: "engine", name: "end", mutable: true },
      ...[...this.used.keys()].map(
        (name): Import => ({ kind: "function", module: "engine", name, type: ENGINE_FUNCTIONS[name] as FunctionType }),
      ),
    ];
  }
}

/** What the `probe` section holds, as JSON: enough to load and run the file without its maker. */
export interface ProbeSection {
  readonly abi: number;
  readonly entry: Entry;
  readonly source: string;
  readonly slots: number;
  readonly roots: Projection["roots"];
  readonly cost: number;
  readonly dataBytes: number;
  readonly limits: ProbeLimits;
}

/** Puts the parts together. */
export function buildModule(
  entry: Entry,
  source: string,
  projection: Projection,
  cost: number,
  code: Code,
  constants: Constants,
  imports: Imports,
  limits: ProbeLimits,
): Uint8Array {
  const functions: { type: FunctionType; code: Code; name?: string }[] = [
    { type: sig(1), code, name: EXPORT_NAMES[entry] },
  ];
  if (constants.relocations.length > 0) {
    const start = new Code(0);
    for (const at of constants.relocations) {
      start.global(GLOBAL.base).global(GLOBAL.base).load(at).global(GLOBAL.base).op(OP.i32Add).store(at);
    }
    functions.push({ type: sig(0, false), code: start });
  }
  const section: ProbeSection = {
    abi: abi.ABI_VERSION,
    entry,
    source,
    slots: projection.slots,
    roots: projection.roots,
    cost,
    dataBytes: constants.size,
    limits,
  };
  return encodeModule({
    imports: imports.list(),
    functions,
    start: functions.length > 1 ? 1 : null,
    data: constants.data(),
    dataGlobal: GLOBAL.base,
    custom: { name: PROBE_SECTION, bytes: new TextEncoder().encode(JSON.stringify(section)) },
  });
}
