// Links a probe module with the engine of components into one module that needs nothing: what `componentNew` makes a component of.
// Moves bytes; knows the canonical ABI only by the names of the exports. Neither module is changed but for the numbers it refers to.
import { MEMORY_PAGES, SEGMENTS_BASE, SEGMENTS_END } from "../engine/abi.ts";
import { ModuleReader, type Section } from "./binary.ts";
import { layPlan } from "./layplan.ts";
import type { Compiled, Entry } from "./stages.ts";
import { Bytes, I32, OP } from "./wasm.ts";

/** The world of engine/wit/probe.wit that a module of each entry makes, and the function that it exports. */
export const WORLDS: Readonly<Record<Entry, { readonly world: string; readonly name: string }>> = Object.freeze({
  condition: { world: "condition", name: "test" },
  value: { world: "expression", name: "evaluate" },
  template: { world: "template", name: "render" },
});

const CUSTOM = 0;
const TYPES = 1;
const IMPORTS = 2;
const FUNCTIONS = 3;
const TABLES = 4;
const MEMORIES = 5;
const GLOBALS = 6;
const EXPORTS = 7;
const START = 8;
const ELEMENTS = 9;
const CODE = 10;
const DATA = 11;
const DATA_COUNT = 12;

/**
 * The engine of components imports exactly a function (`run`), a global (the address of the plan) and the memory. Each is the first
 * of its kind, and so is what takes its place: nothing in the engine gets another number.
 */
export function linkComponent(compiled: Compiled, engine: Uint8Array): Uint8Array {
  const base = new Parts(engine);
  const probe = new Parts(compiled.wasm);
  const planAt = (SEGMENTS_BASE + compiled.dataBytes + 15) & ~15;
  const plan = layPlan(compiled, planAt);
  if (planAt + plan.length > SEGMENTS_END) throw new RangeError("the module has no room for its plan");

  const { name } = WORLDS[compiled.entry];
  const kept = ["memory", "cabi_realloc", name, `cabi_post_${name}`];
  const exported = new Bytes().u32(kept.length);
  for (const key of kept) {
    const found = base.exports.get(key) ?? { kind: 2, index: 0 };
    exported.text(key).byte(found.kind).u32(found.index);
  }

  // Behind everything of the engine: the base of the probe's data, and the function that starts both.
  const baseGlobal = 1 + base.count(GLOBALS);
  const starter = 1 + base.count(FUNCTIONS);
  const functions = probe.functions.map((type) => type + base.count(TYPES));
  const numbers = probe.numbers(base, baseGlobal);
  const [body, relocations] = probe.bodies.map((section) => relocated(probe, section, numbers));

  const out = new Bytes().append(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00));
  const section = (id: number, content: Bytes | Uint8Array) => out.byte(id).vector(content);
  const VOID_TYPE = [0x60, 0, 0];
  section(
    TYPES,
    base
      .joined(TYPES, base.count(TYPES) + probe.count(TYPES) + 1)
      .append(probe.content(TYPES))
      .append(Uint8Array.from(VOID_TYPE)),
  );
  const starterType = base.count(TYPES) + probe.count(TYPES);
  section(
    FUNCTIONS,
    new Bytes()
      .u32(starter + 1)
      .u32(functions[0] as number)
      .append(base.content(FUNCTIONS))
      .u32(starterType),
  );
  if (base.has(TABLES)) section(TABLES, base.whole(TABLES));
  section(MEMORIES, new Bytes().u32(1).byte(1).u32(MEMORY_PAGES).u32(MEMORY_PAGES));
  section(
    GLOBALS,
    new Bytes()
      .u32(baseGlobal + 1)
      .append(constant(planAt))
      .append(base.content(GLOBALS))
      .append(constant(SEGMENTS_BASE)),
  );
  section(EXPORTS, exported);
  section(START, new Bytes().u32(starter));
  if (base.has(ELEMENTS)) section(ELEMENTS, base.whole(ELEMENTS));
  const segments = compiled.dataBytes > 0 ? 2 : 1;
  if (base.has(DATA_COUNT)) section(DATA_COUNT, new Bytes().u32(base.count(DATA) + segments));
  const start = new Bytes().byte(0);
  if (base.start !== null) start.byte(OP.call).u32(base.start);
  // Without its declaration of no locals; it ends the function.
  start.append(relocations === undefined ? Uint8Array.of(OP.end) : relocations.toUint8Array().subarray(1));
  section(
    CODE,
    new Bytes()
      .u32(starter + 1)
      .vector(body as Bytes)
      .append(base.content(CODE))
      .vector(start),
  );
  const data = base.joined(DATA, base.count(DATA) + segments);
  if (compiled.dataBytes > 0) data.append(segment(SEGMENTS_BASE, probe.segment()));
  section(DATA, data.append(segment(planAt, plan)));
  for (const { from, end } of probe.sections.filter(({ id }) => id === CUSTOM))
    section(CUSTOM, probe.bytes.subarray(from, end));
  return out.toUint8Array();
}

/** An immutable global. */
const constant = (value: number): Bytes => new Bytes().byte(I32).byte(0).byte(OP.i32Const).s32(value).byte(OP.end);

const segment = (at: number, bytes: Uint8Array): Bytes =>
  new Bytes().byte(0).byte(OP.i32Const).s32(at).byte(OP.end).vector(bytes);

/** The numbers that functions and globals of a probe module have in the whole. */
interface Numbers {
  readonly functions: readonly number[];
  readonly globals: readonly number[];
}

/** A body with its calls and globals renumbered. */
function relocated(probe: Parts, { from, end }: Section, { functions, globals }: Numbers): Bytes {
  const { reader, bytes } = probe;
  const out = new Bytes();
  reader.at = from;
  reader.skipLocals();
  let kept = from;
  while (reader.at < end) {
    const opcode = reader.byte();
    if (opcode !== OP.call && opcode !== OP.globalGet && opcode !== OP.globalSet) {
      reader.skipOperands(opcode);
      continue;
    }
    out.append(bytes.subarray(kept, reader.at));
    const index = reader.u32();
    const number = (opcode === OP.call ? functions : globals)[index];
    if (number === undefined) throw new RangeError(`the module refers to something that it does not have (${index})`);
    out.u32(number);
    kept = reader.at;
  }
  return out.append(bytes.subarray(kept, end));
}

/** A module taken apart. */
class Parts {
  readonly bytes: Uint8Array;
  readonly reader: ModuleReader;
  readonly sections: readonly Section[];
  readonly exports = new Map<string, { readonly kind: number; readonly index: number }>();
  readonly start: number | null;
  /** Type indexes of the functions defined here. */
  readonly functions: readonly number[];
  /** Their bodies, without the size in front. */
  readonly bodies: readonly Section[];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.reader = new ModuleReader(bytes);
    this.sections = this.reader.sections();
    const { reader } = this;
    for (let left = this.#open(EXPORTS); left > 0; left--) {
      const name = reader.name();
      this.exports.set(name, { kind: reader.byte(), index: reader.u32() });
    }
    this.functions = Array.from({ length: this.#open(FUNCTIONS) }, () => reader.u32());
    this.bodies = Array.from({ length: this.#open(CODE) }, () => {
      const size = reader.u32();
      const from = reader.at;
      reader.at += size;
      return { id: CODE, from, end: from + size };
    });
    this.start = this.has(START) ? this.#open(START) : null;
  }

  /** Names of the imports of one kind, in order. */
  imports(kind: number): string[] {
    const { reader } = this;
    const names: string[] = [];
    for (let left = this.#open(IMPORTS); left > 0; left--) {
      reader.name();
      const name = reader.name();
      const found = reader.byte();
      if (found === 0) reader.u32();
      else if (found === 2) reader.skipNumbers(reader.byte() === 1 ? 2 : 1);
      else reader.at += 2;
      if (found === kind) names.push(name);
    }
    return names;
  }

  /** What this module's numbers become when it is linked with the engine. Its own functions follow those that it imports. */
  numbers(engine: Parts, baseGlobal: number): Numbers {
    const indexOf = (name: string) => {
      const found = engine.exports.get(name);
      if (found === undefined) throw new RangeError(`the engine has no ${name}`);
      return found.index;
    };
    return {
      functions: this.imports(0).map(indexOf),
      globals: this.imports(3).map((name) => (name === "base" ? baseGlobal : indexOf(name))),
    };
  }

  has(id: number): boolean {
    return this.sections.some((section) => section.id === id);
  }

  /** Entries of a section. */
  count(id: number): number {
    return this.#open(id);
  }

  /** The entries of a section, without their number. */
  content(id: number): Uint8Array {
    const found = this.sections.find((section) => section.id === id);
    if (found === undefined) return new Uint8Array(0);
    this.#open(id);
    return this.bytes.subarray(this.reader.at, found.end);
  }

  /** A section with another number of entries. */
  joined(id: number, count: number): Bytes {
    return new Bytes().u32(count).append(this.content(id));
  }

  whole(id: number): Uint8Array {
    const { from, end } = this.sections.find((section) => section.id === id)!;
    return this.bytes.subarray(from, end);
  }

  /** The bytes of the only data segment, which is placed by `global.get; end`. */
  segment(): Uint8Array {
    const { reader } = this;
    this.#open(DATA);
    reader.at += 2;
    reader.u32();
    reader.at++;
    const size = reader.u32();
    return this.bytes.subarray(reader.at, reader.at + size);
  }

  /** Goes to the entries of a section; gives their number. */
  #open(id: number): number {
    const found = this.sections.find((section) => section.id === id);
    if (found === undefined) return 0;
    this.reader.at = found.from;
    return this.reader.u32();
  }
}
