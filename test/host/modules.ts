// Modules for the tests of the verifier: what our compiler makes, and modules by hand in which a test can change one thing.
import { expect, test } from "vitest";
import { GLOBAL } from "../../conditions/constants.ts";
import { compileCondition, compileTemplate, compileValue, MAXIMA } from "../../conditions/index.ts";
import { ENGINE_FUNCTIONS, type EngineFunction, PROBE_SECTION } from "../../conditions/module.ts";
import { Bytes, Code, encodeModule, type FunctionType, I32, type Import, OP } from "../../conditions/wasm.ts";
import * as abi from "../../engine/abi.ts";
import { VerifyError } from "../../host/errors.ts";
import { verifyModule } from "../../host/verify.ts";

export const GOOD = [
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

export const ENTRY: FunctionType = { params: [I32], result: I32 };
export const MEMORY: Import = { kind: "memory", module: "env", name: "memory", pages: abi.MEMORY_PAGES };
export const GLOBALS: Import[] = [
  { kind: "global", module: "env", name: "base", mutable: false },
  { kind: "global", module: "engine", name: "steps", mutable: true },
  { kind: "global", module: "engine", name: "top", mutable: true },
  { kind: "global", module: "engine", name: "end", mutable: true },
];
export const fn = (name: EngineFunction): Import => ({
  kind: "function",
  module: "engine",
  name,
  type: ENGINE_FUNCTIONS[name] as FunctionType,
});

export const SECTION = {
  abi: abi.ABI_VERSION,
  entry: "condition",
  source: "true",
  slots: 1,
  roots: [{ key: "x", slot: 0, want: "scalar" }] as unknown,
  cost: 1,
  dataBytes: 0,
  limits: { ...MAXIMA, steps: 10_000 },
};

export interface Change {
  readonly imports?: readonly Import[];
  readonly section?: object;
  readonly data?: Uint8Array;
  readonly name?: string;
  readonly custom?: string;
  readonly steps?: number;
  /** Where its arena ends. */
  readonly end?: number;
  /** Instructions after the budget is set; must leave an i32. */
  readonly body?: (code: Code) => unknown;
  readonly functions?: (first: {
    type: FunctionType;
    code: Code;
    name?: string;
  }) => { type: FunctionType; code: Code; name?: string }[];
  readonly start?: number;
}

export function handMade(change: Change = {}): Uint8Array {
  const code = new Code(1);
  code
    .get(0)
    .setGlobal(GLOBAL.top)
    .i32(change.steps ?? 10_000)
    .setGlobal(GLOBAL.steps)
    .i32(change.end ?? abi.ARENA_END)
    .setGlobal(GLOBAL.end);
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
export function sectionsOf(bytes: Uint8Array): [number, number[]][] {
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

export function assemble(sections: readonly (readonly [number, readonly number[]])[]): Uint8Array {
  const out = new Bytes().append(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  for (const [id, content] of sections) out.byte(id).vector(Uint8Array.from(content));
  return out.toUint8Array();
}

/** The hand-made module with one more section before the section `before`. */
export function withSection(id: number, content: readonly number[], before: number): Uint8Array {
  const sections = sectionsOf(handMade());
  const at = sections.findIndex(([found]) => found === before);
  return assemble([...sections.slice(0, at), [id, content], ...sections.slice(at)]);
}

/** The hand-made module with the content of one section replaced. */
export function withContent(id: number, change: (content: number[]) => number[], from = handMade()): Uint8Array {
  return assemble(sectionsOf(from).map(([found, content]) => [found, found === id ? change(content) : content]));
}

export const replace = (content: number[], old: readonly number[], by: readonly number[]): number[] => {
  const at = content.findIndex((_, i) => old.every((byte, j) => content[i + j] === byte));
  if (at < 0) throw new Error("the test looks for bytes that are not there");
  return [...content.slice(0, at), ...by, ...content.slice(at + old.length)];
};
export const ascii = (text: string) => [text.length, ...new TextEncoder().encode(text)];

/** A loop as the emitter writes it, with its step check replaced or left out. */
export const loop = (head: (code: Code) => unknown) => (code: Code) => {
  code.open(OP.block).openVoid(OP.block).openVoid(OP.loop);
  head(code);
  code.br(0).op(OP.end, OP.end).i32(1).op(OP.end);
};
export const check = (code: Code, steps: number = GLOBAL.steps, by = 1) => {
  code.global(steps).i32(by).op(OP.i32Sub).setGlobal(steps);
  return code.global(steps).i32(0).op(OP.i32LtS).openVoid(OP.if);
};
export const properHead = (code: Code) => check(code).i32(2000).br(3).op(OP.end);

export function refusal(bytes: Uint8Array): { code: string; message: string } {
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

/** A module that must be refused, with the code and the message. */
export type Hostile = readonly [name: string, bytes: () => Uint8Array, code: string, message: string | RegExp];

/** One test a module. */
export function refusesEach(modules: readonly Hostile[]): void {
  test.each(modules)("%s", (_, make, code, message) => {
    const refused = refusal(make());
    expect(refused.code, refused.message).toBe(code);
    if (typeof message === "string") expect(refused.message).toBe(message);
    else expect(refused.message).toMatch(message);
    expect(refused.message).toMatch(/ \(byte \d+\)$/);
  });
}
