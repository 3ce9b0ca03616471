import { describe, expect, test } from "vitest";
import { compileCondition, compileTemplate, compileValue, OPCODES } from "../../conditions/index.ts";
import { type EngineFunction, ENGINE_FUNCTIONS, GLOBAL, PROBE_SECTION } from "../../conditions/module.ts";
import { Bytes, Code, encodeModule, type FunctionType, I32, type Import, OP } from "../../conditions/wasm.ts";
import * as abi from "../../engine/abi.ts";
import { VerifyError } from "../../host/errors.ts";
import { Guest } from "../../host/guest.ts";
import { verifyModule } from "../../host/verify.ts";

const GOOD = [
  compileCondition("x > 10"),
  compileCondition('user.age >= 21 && user.name == "bob"'),
  compileCondition("items.exists(i, i.price > 100.0)"),
  compileCondition("items.filter(i, i.price > 1.0 || i.tags.exists(t, t == 'a')).map(i, i.id)[0] == 3"),
  compileCondition("[1, 2, 3].map(x, x * 2) == [2, 4, 6]"),
  compileCondition("items.exists_one(i, i.all(j, j == 1))"),
  compileValue("{'a': [1, 2u, 3.5, b'x', null], 'b': x ?? 'none'}"),
  compileTemplate("cart {{cart.id}} has {{size(cart.items)=}} \\{{"),
];

// ## A module by hand: valid unless a case changes something

const ENTRY: FunctionType = { params: [I32], result: I32 };
const MEMORY: Import = { kind: "memory", module: "env", name: "memory", pages: abi.MEMORY_PAGES };
const GLOBALS: Import[] = [
  { kind: "global", module: "env", name: "base", mutable: false },
  { kind: "global", module: "engine", name: "steps", mutable: true },
  { kind: "global", module: "engine", name: "top", mutable: true },
];
const fn = (name: EngineFunction): Import => ({ kind: "function", module: "engine", name, type: ENGINE_FUNCTIONS[name] });

const SECTION = {
  abi: abi.ABI_VERSION,
  entry: "condition",
  source: "true",
  slots: 1,
  roots: [{ key: "x", slot: 0, want: "scalar" }] as unknown,
  cost: 1,
  dataBytes: 0,
  limits: { steps: 10_000, inputBytes: 32_768, items: 256, stringBytes: 4096 },
};

interface Change {
  readonly imports?: readonly Import[];
  readonly section?: object;
  readonly data?: Uint8Array;
  readonly name?: string;
  readonly custom?: string;
  readonly steps?: number;
  /** Instructions after the budget is set; must leave an i32. */
  readonly body?: (code: Code) => void;
  readonly functions?: (first: { type: FunctionType; code: Code; name?: string }) => { type: FunctionType; code: Code; name?: string }[];
  readonly start?: number;
}

function handMade(change: Change = {}): Uint8Array {
  const code = new Code(1);
  code.get(0).setGlobal(GLOBAL.top).i32(change.steps ?? 10_000).setGlobal(GLOBAL.steps);
  if (change.body === undefined) code.i32(1);
  else change.body(code);
  const first = { type: ENTRY, code, name: change.name ?? "evaluate" };
  const section = { ...SECTION, dataBytes: change.data?.length ?? 0, ...change.section };
  return encodeModule({
    imports: change.imports ?? [MEMORY, ...GLOBALS, fn("fail"), fn("fromBool")],
    functions: change.functions?.(first) ?? [first],
    start: change.start ?? null,
    data: change.data ?? new Uint8Array(0),
    dataGlobal: GLOBAL.base,
    custom: { name: change.custom ?? PROBE_SECTION, bytes: new TextEncoder().encode(JSON.stringify(section)) },
  });
}

/** The sections of a module as [id, content]. */
function sectionsOf(bytes: Uint8Array): [number, number[]][] {
  const sections: [number, number[]][] = [];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at++] as number;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    sections.push([id, [...bytes.subarray(at, at + size)]]);
    at += size;
  }
  return sections;
}

function assemble(sections: readonly (readonly [number, readonly number[]])[]): Uint8Array {
  const out = new Bytes().append(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  for (const [id, content] of sections) out.byte(id).vector(Uint8Array.from(content));
  return out.view().slice();
}

/** The hand-made module with one more section before the section `before`. */
function withSection(id: number, content: readonly number[], before: number): Uint8Array {
  const sections = sectionsOf(handMade());
  const at = sections.findIndex(([found]) => found === before);
  return assemble([...sections.slice(0, at), [id, content], ...sections.slice(at)]);
}

/** The hand-made module with the content of one section replaced. */
function withContent(id: number, change: (content: number[]) => number[], from = handMade()): Uint8Array {
  return assemble(sectionsOf(from).map(([found, content]) => [found, found === id ? change(content) : content]));
}

const replace = (content: number[], old: readonly number[], by: readonly number[]): number[] => {
  const at = content.findIndex((_, i) => old.every((byte, j) => content[i + j] === byte));
  if (at < 0) throw new Error("the test looks for bytes that are not there");
  return [...content.slice(0, at), ...by, ...content.slice(at + old.length)];
};
const ascii = (text: string) => [text.length, ...new TextEncoder().encode(text)];

/** A loop as the emitter writes it, with its step check replaced or left out. */
const loop = (head: (code: Code) => void) => (code: Code) => {
  code.open(OP.block).openVoid(OP.block).openVoid(OP.loop);
  head(code);
  code.br(0).op(OP.end, OP.end).i32(1).op(OP.end);
};
const check = (code: Code, steps: number = GLOBAL.steps, by = 1) => {
  code.global(steps).i32(by).op(OP.i32Sub).setGlobal(steps);
  code.global(steps).i32(0).op(OP.i32LtS).openVoid(OP.if);
};
const properHead = (code: Code) => {
  check(code);
  code.i32(2000).br(3).op(OP.end);
};

function refusal(bytes: Uint8Array): { code: string; message: string } {
  try {
    verifyModule(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(VerifyError);
    const { code, message, remedy } = error as VerifyError;
    expect(remedy).not.toBe("");
    return { code, message };
  }
  return { code: "accepted", message: "" };
}

describe("accepts what our compiler makes", () => {
  test.each(GOOD.map((compiled) => [compiled.source, compiled.wasm] as const))("%s", (_, wasm) => {
    expect(refusal(wasm).code).toBe("accepted");
  });

  test("and the hand-made modules that the cases below start from", () => {
    expect(refusal(handMade()).message).toBe("");
    expect(refusal(handMade({ body: loop(properHead) })).message).toBe("");
    expect(refusal(handMade({ data: new Uint8Array(32) })).message).toBe("");
  });

  test("and allows exactly the opcodes that the emitter has", () => {
    // i64.const is in the emitter's table and not used.
    const known = new Set<number>(Object.values(OPCODES).filter((opcode) => opcode !== OP.i64Const));
    for (let opcode = 0; opcode < 256; opcode++) {
      const { message } = refusal(handMade({ body: (c) => c.op(opcode) }));
      expect(message.includes("is not allowed"), `opcode ${opcode}: ${message}`).toBe(!known.has(opcode));
    }
  });
});

const HOSTILE: readonly (readonly [name: string, bytes: () => Uint8Array, code: string, message: string | RegExp])[] = [
  ["an empty file", () => new Uint8Array(0), "malformed", "header: the file ends too early (byte 0)"],
  ["another version", () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), "malformed", "header: this is not a WebAssembly module of version 1 (byte 0)"],
  ["a component", () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), "malformed", /version 1/],
  ["a module that is too large", () => new Uint8Array(70_000), "too_large", "header: 70000 bytes, 65536 are allowed (byte 0)"],
  ["a module cut in the middle", () => handMade().subarray(0, 40), "malformed", /past the end|too early/],
  ["bytes after the last section", () => Uint8Array.of(...handMade(), 0), "forbidden_section", /custom/],

  ["an import from outside", () => handMade({ imports: [MEMORY, ...GLOBALS, { ...fn("fail"), module: "host" } as Import] }), "forbidden_import", /^import section: `host\.fail` may not be imported \(byte \d+\)$/],
  ["an unknown engine function", () => handMade({ imports: [MEMORY, ...GLOBALS, { ...fn("fail"), name: "exec" } as Import] }), "forbidden_import", /`engine\.exec` may not be imported/],
  ["a name that every object has", () => handMade({ imports: [MEMORY, ...GLOBALS, { ...fn("fail"), name: "constructor" } as Import] }), "forbidden_import", /`engine\.constructor`/],
  ["the same import twice", () => handMade({ imports: [MEMORY, ...GLOBALS, fn("fail"), fn("fail")] }), "forbidden_import", /may not be imported twice/],
  ["an import with another type", () => handMade({ imports: [MEMORY, ...GLOBALS, { ...fn("fail"), type: ENGINE_FUNCTIONS.truth } as Import] }), "forbidden_import", /`engine\.fail` is imported with another type/],
  ["no memory", () => handMade({ imports: [...GLOBALS, fn("fail")] }), "forbidden_import", /`env\.base` is imported where `env\.memory` belongs/],
  ["no imports but the memory", () => handMade({ imports: [MEMORY] }), "forbidden_import", /the memory and the three globals/],
  ["a second memory", () => handMade({ imports: [MEMORY, MEMORY, ...GLOBALS] }), "forbidden_import", /`env\.memory` is imported where `env\.base` belongs/],
  ["a mutable base", () => handMade({ imports: [MEMORY, { ...GLOBALS[0], mutable: true } as Import, ...GLOBALS.slice(1)] }), "forbidden_import", /`env\.base` is not imported as an immutable i32/],
  ["immutable steps", () => handMade({ imports: [MEMORY, GLOBALS[0] as Import, { ...GLOBALS[1], mutable: false } as Import, GLOBALS[2] as Import] }), "forbidden_import", /`engine\.steps` is not imported as a mutable/],
  ["a global imported as a function", () => withContent(2, (c) => replace(c, [...ascii("top"), 3, 0x7f, 1], [...ascii("top"), 0, 0])), "forbidden_import", /`engine\.top`/],
  ["a larger memory", () => handMade({ imports: [{ ...MEMORY, pages: 64 } as Import, ...GLOBALS] }), "memory_limit", /a memory of 64 to 64 pages; it must be 32 to 32/],
  ["a memory that can grow", () => withContent(2, (c) => replace(c, [2, 1, 32, 32], [2, 1, 32, 64])), "memory_limit", /32 to 64 pages/],
  ["a memory without a maximum", () => withContent(2, (c) => replace(c, [2, 1, 32, 32], [2, 0, 32])), "memory_limit", /no fixed size/],
  ["a shared memory", () => withContent(2, (c) => replace(c, [2, 1, 32, 32], [2, 3, 32, 32])), "memory_limit", /shared/],
  ["a 64-bit memory", () => withContent(2, (c) => replace(c, [2, 1, 32, 32], [2, 5, 32, 32])), "memory_limit", /no fixed size/],

  ["a table of its own", () => withSection(4, [1, 0x70, 0, 1], 7), "forbidden_section", /^export section: a section that is not expected here: table/],
  ["a memory of its own", () => withSection(5, [1, 0, 1], 7), "forbidden_section", /not expected here: memory/],
  ["a global of its own", () => withSection(6, [1, 0x7f, 0, 0x41, 0, 0x0b], 7), "forbidden_section", /not expected here: global/],
  ["an element section", () => withSection(9, [0], 10), "forbidden_section", /not expected here: element/],
  ["a data count", () => withSection(12, [0], 10), "forbidden_section", /not expected here: data count/],
  ["a tag section", () => withSection(13, [0], 10), "forbidden_section", /not expected here: tag/],
  ["a second code section", () => withSection(10, [0], 0), "forbidden_section", /not expected here: code/],
  ["a start section without a second function", () => withSection(8, [0], 10), "forbidden_section", /not expected here: start/],
  ["a custom section in front", () => withSection(0, ascii("name"), 1), "forbidden_section", /not expected here: custom/],
  ["sections in another order", () => assemble(sectionsOf(handMade()).sort(([a], [b]) => (a === 3 ? -1 : 0) - (b === 3 ? -1 : 0))), "forbidden_section", /function/],
  ["a section with room to spare", () => withContent(3, (c) => [...c, 0]), "malformed", /size does not fit/],
  ["a section size written too long", () => {
    const bytes = [...handMade()];
    bytes.splice(9, 1, (bytes[9] as number) | 0x80, 0);
    return Uint8Array.from(bytes);
  }, "malformed", /longer than need be/],

  ["an i64 in a type", () => withContent(1, (c) => c.map((byte, i) => (i === 3 ? 0x7e : byte))), "malformed", /value type other than/],
  ["two results", () => withContent(1, () => [1, 0x60, 1, 0x7f, 2, 0x7f, 0x7f]), "malformed", /more than one result/],
  ["a hundred types", () => withContent(1, () => [100]), "too_large", /100 types/],

  ["no export", () => withContent(7, () => [0]), "forbidden_export", /0 exports/],
  ["an extra export", () => withContent(7, (c) => [2, ...c.slice(1), ...ascii("memory"), 2, 0]), "forbidden_export", /2 exports; a module has one/],
  ["the memory exported", () => withContent(7, () => [1, ...ascii("evaluate"), 2, 0]), "forbidden_export", /not exported as a function/],
  ["an engine function exported", () => withContent(7, () => [1, ...ascii("evaluate"), 0, 0]), "forbidden_export", /not the module's first function/],
  ["an export of another name", () => handMade({ name: "main" }), "forbidden_export", /`main` is no entry/],
  ["an entry without a result", () => handMade({ functions: (f) => [{ ...f, type: { params: [I32], result: null } }] }), "forbidden_export", /first function/],
  ["three functions", () => handMade({ functions: (f) => [f, { type: { params: [], result: null }, code: new Code(0) }, { type: ENTRY, code: new Code(0) }], start: 1 }), "too_large", /3 functions/],
  ["the entry as start function", () => {
    const start = { type: { params: [], result: null }, code: new Code(0) } as const;
    return handMade({ functions: (f) => [f, start], start: 0 });
  }, "forbidden_export", /second function/],

  ["memory.grow", () => handMade({ body: (c) => c.i32(1).op(0x40, 0x00) }), "forbidden_opcode", /^code of the entry: opcode 0x40 is not allowed \(byte \d+\)$/],
  ["memory.size", () => handMade({ body: (c) => c.op(0x3f, 0x00) }), "forbidden_opcode", /0x3f/],
  ["memory.fill", () => handMade({ body: (c) => c.i32(0).i32(0).i32(9).op(0xfc, 11, 0).i32(1) }), "forbidden_opcode", /0xfc/],
  ["call_indirect", () => handMade({ body: (c) => c.i32(1).i32(0).op(0x11, 0, 0) }), "forbidden_opcode", /0x11/],
  ["return_call", () => handMade({ body: (c) => c.i32(1).op(0x12, 0) }), "forbidden_opcode", /0x12/],
  ["return", () => handMade({ body: (c) => c.i32(1).op(0x0f) }), "forbidden_opcode", /0x0f/],
  ["unreachable", () => handMade({ body: (c) => c.op(0x00) }), "forbidden_opcode", /0x00/],
  ["br_table", () => handMade({ body: (c) => c.i32(1).i32(0).op(0x0e, 0, 0) }), "forbidden_opcode", /0x0e/],
  ["an f32", () => handMade({ body: (c) => c.op(0x43, 0, 0, 0, 0, 0x1a).i32(1) }), "forbidden_opcode", /0x43/],
  ["simd", () => handMade({ body: (c) => c.op(0xfd, 0x0c, ...new Array(16).fill(0), 0x1a).i32(1) }), "forbidden_opcode", /0xfd/],
  ["an atomic", () => handMade({ body: (c) => c.op(0xfe, 3, 0).i32(1) }), "forbidden_opcode", /0xfe/],
  ["an exception", () => handMade({ body: (c) => c.op(0x08, 0) }), "forbidden_opcode", /0x08/],
  ["a gc reference", () => handMade({ body: (c) => c.op(0xfb, 0).i32(1) }), "forbidden_opcode", /0xfb/],
  ["a call of itself", () => handMade({ body: (c) => c.i32(0).call(2) }), "forbidden_opcode", /only functions of the engine/],
  ["signed division", () => handMade({ body: (c) => c.i32(1).i32(0).op(0x6d) }), "forbidden_opcode", /0x6d/],
  ["division by zero", () => handMade({ body: (c) => c.i32(1).i32(0).op(OP.i32DivU) }), "forbidden_opcode", /division/],
  ["division by a variable", () => handMade({ body: (c) => c.i32(1).get(0).op(OP.i32DivU) }), "forbidden_opcode", /division/],

  ["a loop without a step check", () => handMade({ body: loop(() => {}) }), "unbounded_loop", /^code of the entry: no step check at the head of a loop \(byte \d+\)$/],
  ["a step check of another global", () => handMade({ body: loop((c) => (check(c, GLOBAL.top), c.i32(0).br(3).op(OP.end))) }), "unbounded_loop", /no step check/],
  ["a step check that spends nothing", () => handMade({ body: loop((c) => (check(c, GLOBAL.steps, 0), c.i32(0).br(3).op(OP.end))) }), "unbounded_loop", /no step check/],
  ["a step check after the loop's first instruction", () => handMade({ body: loop((c) => (c.i32(0).op(OP.drop), properHead(c))) }), "unbounded_loop", /no step check/],
  ["a check that goes on when the steps are spent", () => handMade({ body: loop((c) => (check(c), c.op(OP.end))) }), "unbounded_loop", /does not end the loop/],
  ["a check that goes back to its own loop", () => handMade({ body: loop((c) => (check(c), c.i32(0).br(1).op(OP.end))) }), "unbounded_loop", /does not end the loop/],
  ["a check that leaves only its own test", () => handMade({ body: loop((c) => (check(c), c.i32(0).br(0).op(OP.end))) }), "unbounded_loop", /does not end the loop/],
  ["a check that leaves more than there is", () => handMade({ body: loop((c) => (check(c), c.i32(0).br(9).op(OP.end))) }), "unbounded_loop", /does not end the loop/],
  ["a loop that leaves a value", () => handMade({ body: (c) => c.open(OP.loop).i32(1).op(OP.end) }), "unbounded_loop", /may not leave a value/],
  ["a budget refilled in the loop", () => handMade({ body: loop((c) => (properHead(c), c.i32(99).setGlobal(GLOBAL.steps))) }), "forbidden_write", /a global is set elsewhere/],
  ["a larger budget", () => handMade({ steps: 2_000_000 }), "unbounded_loop", /a budget of 2000000 steps is not one of ours/],
  ["a template's budget in a condition", () => handMade({ steps: 100_000, section: { limits: { steps: 100_000 } } }), "probe_section", /a condition may spend 10000 steps, not 100000/],
  ["an arena moved", () => handMade({ body: (c) => c.i32(0).setGlobal(GLOBAL.top).i32(1) }), "forbidden_write", /a global is set elsewhere/],
  ["an arena that starts elsewhere", () => withContent(10, (c) => replace(c, [OP.localGet, 0, OP.globalSet, 2], [OP.globalGet, 0, OP.globalSet, 2])), "forbidden_write", /arena/],

  ["a store to any address", () => handMade({ body: (c) => c.get(0).i32(7).store(12).i32(1) }), "forbidden_write", /memory is written elsewhere/],
  ["a store of something else", () => handMade({ body: (c) => c.get(0).get(0).load(8).i32(3).op(OP.i32DivU).store(12).i32(1) }), "forbidden_write", /memory is written elsewhere/],
  ["a store into another field", () => handMade({ body: (c) => c.get(0).get(0).load(12).i32(3).op(OP.i32DivU).store(8).i32(1) }), "forbidden_write", /memory is written elsewhere/],
  ["a store to another list", () => {
    return handMade({ body: (c) => (c.local(), c.get(0).get(1).load(12).i32(3).op(OP.i32DivU).store(12).i32(1)) });
  }, "forbidden_write", /memory is written elsewhere/],
  ["a load far outside", () => handMade({ body: (c) => c.i32(0).load(0x7fff_ffff) }), "malformed", /not ours/],
  ["a load with another alignment", () => handMade({ body: (c) => c.i32(0).op(OP.i32Load, 0, 0) }), "malformed", /not ours/],

  ["an unknown local", () => handMade({ body: (c) => c.get(7) }), "malformed", /no such local/],
  ["an unknown global", () => handMade({ body: (c) => c.global(3) }), "malformed", /no such global/],
  ["locals by the million", () => withContent(10, (c) => replace(c, [0, OP.localGet], [1, 0xc0, 0x84, 0x3d, 0x7f, OP.localGet]).map((b, i) => (i === 1 ? b + 4 : b))), "too_large", /1000000 locals/],
  ["a block type by index", () => handMade({ body: (c) => c.op(OP.block, 0).i32(1).op(OP.end) }), "malformed", /a block leaves something else/],
  ["an else without an if", () => handMade({ body: (c) => c.open(OP.block).i32(1).op(OP.else).i32(1).op(OP.end) }), "unbalanced", /`else` without an `if`/],
  ["two elses", () => handMade({ body: (c) => c.i32(1).open(OP.if).i32(1).op(OP.else).i32(1).op(OP.else).i32(1).op(OP.end) }), "unbalanced", /`else` without an `if`/],
  ["a branch out of everything", () => handMade({ body: (c) => c.i32(1).br(4) }), "unbalanced", /a branch leaves more blocks/],
  ["a block that is not closed", () => handMade({ body: (c) => c.open(OP.block).i32(1) }), "unbalanced", /does not end/],
  ["instructions after the end", () => handMade({ body: (c) => c.i32(1).op(OP.end).i32(1) }), "unbalanced", /follow the end/],
  ["ten thousand blocks within blocks", () => handMade({ body: (c) => { for (let i = 0; i < 10_000; i++) c.open(OP.block); } }), "too_large", /1024 blocks/],
  ["an i32 of six bytes", () => handMade({ body: (c) => c.op(OP.i32Const, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00) }), "malformed", /out of range or longer/],
  ["an i32 written too long", () => handMade({ body: (c) => c.op(OP.i32Const, 0x81, 0x00) }), "malformed", /longer than need be/],
  ["an i32 out of range", () => handMade({ body: (c) => c.op(OP.i32Const, 0xff, 0xff, 0xff, 0xff, 0x0f) }), "malformed", /out of range/],
  ["operands of the wrong type", () => handMade({ body: (c) => c.double(1) }), "invalid", /the WebAssembly engine refuses it/],
  ["an empty stack", () => handMade({ body: (c) => c.op(OP.drop) }), "invalid", /refuses it/],

  ["data that is too large", () => withContent(11, (c) => [...c.slice(0, 5), 0x81, 0x80, 0x04, ...c.slice(6)], handMade({ data: new Uint8Array(9) })), "malformed", /past the end/],
  ["data that fills the segment area", () => handMade({ data: new Uint8Array(65_537) }), "too_large", /are allowed/],
  ["two data segments", () => withContent(11, (c) => [2, ...c.slice(1), ...c.slice(1)], handMade({ data: new Uint8Array(9) })), "data_limit", /more than one/],
  ["passive data", () => withContent(11, () => [1, 1, 1, 0], handMade({ data: new Uint8Array(9) })), "data_limit", /does not go to the module's base/],
  ["data at a constant address", () => withContent(11, (c) => replace(c, [OP.globalGet, 0], [OP.i32Const, 0]), handMade({ data: new Uint8Array(9) })), "data_limit", /does not go to the module's base/],
  ["data at another global", () => withContent(11, (c) => replace(c, [OP.globalGet, 0], [OP.globalGet, 1]), handMade({ data: new Uint8Array(9) })), "data_limit", /does not go to the module's base/],

  ["no probe section", () => assemble(sectionsOf(handMade()).filter(([id]) => id !== 0)), "malformed", /^custom section: the file ends too early/],
  ["another custom section", () => handMade({ custom: "name" }), "forbidden_section", /other than `probe`/],
  ["a section that is not JSON", () => withContent(0, (c) => c.slice(0, -1)), "probe_section", /not JSON/],
  ["a section that is not UTF-8", () => withContent(0, (c) => replace(c, [0x74, 0x72, 0x75, 0x65], [0x74, 0xff, 0x75, 0x65])), "probe_section", /not JSON/],
  ["another abi", () => handMade({ section: { abi: abi.ABI_VERSION + 1 } }), "probe_section", /^probe section: it was made for abi \d+, this is \d+/],
  ["another size of data", () => handMade({ data: new Uint8Array(8), section: { dataBytes: 0 } }), "probe_section", /0 bytes of data, there are 8/],
  ["an entry of another kind", () => handMade({ section: { entry: "template" } }), "probe_section", /its entry is template, but the module exports `evaluate`/],
  ["an entry that every object has", () => handMade({ section: { entry: "toString" } }), "probe_section", /its entry is unknown/],
  ["too many slots", () => handMade({ section: { slots: 4096 } }), "probe_section", /number of slots/],
  ["no slots, but one used", () => handMade({ section: { slots: 0 } }), "probe_section", /slot of its projection is out of range/],
  ["a slot before the arena", () => handMade({ section: { roots: [{ key: "x", slot: -4096, want: "scalar" }] } }), "probe_section", /slot of its projection is out of range/],
  ["a slot far away in a record", () => handMade({ section: { roots: [{ key: "x", each: { slot: 0, slots: 1, element: { key: "", slot: 1, want: "scalar" } } }] } }), "probe_section", /slot of its projection is out of range/],
  ["a field that is no object", () => handMade({ section: { roots: [{ key: "x", fields: [7] }] } }), "probe_section", /malformed/],
  ["a projection without end", () => handMade({ section: { roots: new Array(3000).fill({ key: "x" }) } }), "probe_section", /too large/],
];

describe("refuses, naming the step and the byte", () => {
  test.each(HOSTILE)("%s", (_, make, code, message) => {
    const refused = refusal(make());
    expect(refused.code, refused.message).toBe(code);
    if (typeof message === "string") expect(refused.message).toBe(message);
    else expect(refused.message).toMatch(message);
    expect(refused.message).toMatch(/ \(byte \d+\)$/);
  });

  test("a start function that writes outside the module's data", () => {
    const [good] = GOOD.filter(({ wasm }) => sectionsOf(wasm).some(([id]) => id === 8));
    const wasm = (good as (typeof GOOD)[0]).wasm;
    const sections = sectionsOf(wasm);
    const code = sections.find(([id]) => id === 10) as [number, number[]];
    const at = code[1].lastIndexOf(OP.i32Store);
    const word = code[1].slice(at + 2, -1);
    // The last store and its load, moved to a word of the same length in bytes that lies behind the data.
    const far = word.length === 1 ? [0x7f] : [0xff, 0x7f];
    const load = code[1].lastIndexOf(OP.i32Load);
    code[1].splice(load + 2, word.length, ...far);
    code[1].splice(at + 2, word.length, ...far);
    expect(refusal(assemble(sections))).toMatchObject({ code: "forbidden_write", message: expect.stringMatching(/outside the module's data/) });
    code[1].splice(at + 2, far.length, ...word);
    expect(refusal(assemble(sections))).toMatchObject({ code: "forbidden_write", message: expect.stringMatching(/start function does something else/) });
  });
});

/** mulberry32: a seeded generator, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

describe("random damage", () => {
  test("every cut of a good module is refused", () => {
    for (const { wasm } of GOOD.slice(0, 4)) {
      for (let length = 0; length < wasm.length; length++) {
        const { code } = refusal(wasm.subarray(0, length));
        expect(code).not.toBe("accepted");
      }
    }
  });

  test("leads to a VerifyError or to a module that is valid and ends", () => {
    const next = random(20240601);
    const guest = new Guest();
    let accepted = 0;
    for (let round = 0; round < 8_000; round++) {
      const compiled = GOOD[next(GOOD.length)] as (typeof GOOD)[0];
      const bytes = [...compiled.wasm];
      for (let changes = 1 + next(3); changes > 0; changes--) {
        const at = next(bytes.length);
        if (next(3) === 0) bytes.splice(at, 1);
        else if (next(3) === 0) bytes.splice(at, 0, next(256));
        else bytes[at] = next(2) === 0 ? next(256) : (bytes[at] as number) ^ (1 << next(8));
      }
      const wasm = Uint8Array.from(bytes);
      if (refusal(wasm).code !== "accepted") continue;
      accepted++;
      expect(WebAssembly.validate(wasm)).toBe(true);
      if (accepted % 20 !== 0) continue;
      const loaded = guest.load({ ...compiled, wasm });
      try {
        loaded.evaluate([{ price: 1 }, { price: 200, tags: ["b"] }], 2, 3);
      } catch (error) {
        // A trap is the worst that can happen: the host disables the probe.
        expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
      }
      loaded.close();
    }
    expect(accepted).toBeGreaterThan(50);
  });

  test("of the instructions alone never makes a loop without end", () => {
    const next = random(7);
    const guest = new Guest();
    let ran = 0;
    for (let round = 0; round < 3_000; round++) {
      const compiled = GOOD[2 + next(4)] as (typeof GOOD)[0];
      const sections = sectionsOf(compiled.wasm);
      const code = (sections.find(([id]) => id === 10) as [number, number[]])[1];
      code[next(code.length)] = next(4) === 0 ? next(256) : next(16);
      const wasm = assemble(sections);
      if (refusal(wasm).code !== "accepted") continue;
      ran++;
      const loaded = guest.load({ ...compiled, wasm });
      const many = Array.from({ length: 256 }, (_, i) => ({ price: i, tags: ["b"], id: i }));
      const started = performance.now();
      try {
        loaded.evaluate(many);
      } catch (error) {
        expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
      }
      expect(performance.now() - started).toBeLessThan(500);
      loaded.close();
    }
    expect(ran).toBeGreaterThan(100);
  });
});
