// The frame of a probe module: which engine functions it imports, its constants, its custom section. The emitter fills it.
import * as abi from "../engine/abi.ts";
import { LIMITS } from "./limits.ts";
import type { Entry, Projection } from "./stages.ts";
import { Bytes, Code, encodeModule, F64, type FunctionType, I32, type Import, OP } from "./wasm.ts";

const sig = (params: number, result = true): FunctionType => ({
  params: new Array(params).fill(I32),
  result: result ? I32 : null,
});

/** Engine functions that a module may import, with their types. The verifier allows these and no others. */
export const ENGINE_FUNCTIONS = Object.freeze({
  fail: sig(1),
  error: sig(2),
  locate: sig(2),
  truth: sig(2),
  fromBool: sig(1),
  number: { params: [F64], result: I32 } as FunctionType,
  compare: sig(4),
  equals: sig(3),
  textIs: sig(4),
  contains: sig(3),
  startsWith: sig(3),
  endsWith: sig(3),
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
  toInt: sig(2),
  toUint: sig(2),
  toDouble: sig(2),
  toText: sig(2),
  toBool: sig(2),
  alloc: sig(1),
  newList: sig(1),
  push: sig(2),
  newMap: sig(1),
  put: sig(4),
  outBegin: sig(0, false),
  outText: sig(2, false),
  outValue: sig(1, false),
  outEnd: sig(0),
});
export type EngineFunction = keyof typeof ENGINE_FUNCTIONS;

/** Name of the custom section that makes a module describe itself. */
export const PROBE_SECTION = "probe";
/** Names of the exports, by entry. Each takes the first free arena address and gives an i32. */
export const EXPORT_NAMES: Readonly<Record<Entry, string>> = {
  condition: "evaluate",
  value: "value",
  template: "render",
};

/** Global indexes, fixed by the order of the imports. */
export const GLOBAL = Object.freeze({ base: 0, steps: 1, top: 2 });

const encoder = new TextEncoder();

/** Constants of a module. Addresses are offsets from the module's base until it is instantiated. */
export class Constants {
  private readonly bytes = new Bytes();
  private readonly known = new Map<string, number>();
  /** Words to which the base is added when the module starts. */
  readonly relocations: number[] = [];

  get size(): number {
    return this.bytes.length;
  }

  data(): Uint8Array {
    return this.bytes.toUint8Array();
  }

  /** UTF-8 text; gives its offset and length. */
  text(value: string): { offset: number; length: number } {
    const encoded = encoder.encode(value);
    return { offset: this.once(`t${value}`, () => this.place(encoded, 1)), length: encoded.length };
  }

  /** A slot without pointers. */
  slot(tag: number, payload: (view: DataView) => void): number {
    const raw = new Uint8Array(abi.SLOT_BYTES);
    const view = new DataView(raw.buffer);
    view.setInt32(0, tag, true);
    payload(view);
    return this.once(`s${raw.join(",")}`, () => this.place(raw, abi.SLOT_PAYLOAD));
  }

  /** A STRING or BYTES slot. */
  textSlot(tag: number, content: Uint8Array): number {
    return this.once(`p${tag}:${content.join(",")}`, () => {
      const offset = this.place(content, 1);
      const raw = new Uint8Array(abi.SLOT_BYTES);
      const view = new DataView(raw.buffer);
      view.setInt32(0, tag, true);
      view.setInt32(abi.SLOT_LENGTH, content.length, true);
      view.setInt32(abi.SLOT_PAYLOAD, offset, true);
      const slot = this.place(raw, abi.SLOT_PAYLOAD);
      this.relocations.push(slot + abi.SLOT_PAYLOAD);
      return slot;
    });
  }

  private once(key: string, make: () => number): number {
    let offset = this.known.get(key);
    if (offset === undefined) {
      offset = make();
      this.known.set(key, offset);
    }
    return offset;
  }

  private place(content: Uint8Array, align: number): number {
    while (this.bytes.length % align !== 0) this.bytes.byte(0);
    const offset = this.bytes.length;
    this.bytes.append(content);
    return offset;
  }
}

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
      ...[...this.used.keys()].map(
        (name): Import => ({ kind: "function", module: "engine", name, type: ENGINE_FUNCTIONS[name] }),
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
  readonly limits: {
    readonly steps: number;
    readonly inputBytes: number;
    readonly items: number;
    readonly stringBytes: number;
  };
}

export function stepsOf(entry: Entry): number {
  return entry === "condition" ? LIMITS.conditionSteps : LIMITS.templateSteps;
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
    limits: {
      steps: stepsOf(entry),
      inputBytes: LIMITS.inputBytes,
      items: LIMITS.items,
      stringBytes: LIMITS.stringBytes,
    },
  };
  return encodeModule({
    imports: imports.list(),
    functions,
    start: functions.length > 1 ? 1 : null,
    data: constants.data(),
    dataGlobal: GLOBAL.base,
    custom: { name: PROBE_SECTION, bytes: encoder.encode(JSON.stringify(section)) },
  });
}
