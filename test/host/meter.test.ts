import { describe, expect, it } from "vitest";
import { Bytes, Code, encodeModule, I32, OP } from "../../conditions/wasm.ts";
import { meter, STEPS_EXPORT } from "../../host/meter.ts";

interface Metered {
  readonly run: (n: number) => number;
  readonly steps: WebAssembly.Global;
}

/** A module whose `run(n)` has this body, metered. It has a global, as the meter wants. */
function metered(body: (code: Code) => unknown): Metered {
  const code = new Code(1);
  body(code);
  const plain = encodeModule({
    imports: [{ kind: "memory", module: "env", name: "memory", pages: 4 }],
    functions: [{ type: { params: [I32], result: I32 }, code, name: "run" }],
    start: null,
    data: new Uint8Array(0),
    dataGlobal: 0,
    custom: { name: "x", bytes: new Uint8Array(0) },
  });
  // Section 6, one mutable global, stands before the exports.
  const globals = new Bytes()
    .byte(6)
    .vector(Uint8Array.of(1, I32, 1, 0x41, 0, OP.end))
    .toUint8Array();
  const sections = splitAt(plain, 7);
  const whole = Uint8Array.from([...sections[0], ...globals, ...sections[1]]);
  expect(WebAssembly.validate(whole)).toBe(true);
  const bytes = meter(whole);
  expect(WebAssembly.validate(bytes)).toBe(true);
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return { run: exports.run as Metered["run"], steps: exports[STEPS_EXPORT] as WebAssembly.Global };
}

/** What stands before and from the first section of this id on. */
function splitAt(bytes: Uint8Array, id: number): [Uint8Array, Uint8Array] {
  for (let at = 8; at < bytes.length; ) {
    if (bytes[at] === id) return [bytes.subarray(0, at), bytes.subarray(at)];
    let size = 0;
    let next = at + 1;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[next++] as number;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at = next + size;
  }
  throw new Error("no such section");
}

/** Counts its argument down to 0. */
const countDown = (code: Code) => code.openVoid(OP.loop).get(0).i32(1).op(OP.i32Sub).tee(0).brIf(0).op(OP.end).i32(7);

describe("the meter", () => {
  it("counts each turn of a loop", () => {
    const { run, steps } = metered(countDown);
    steps.value = 1000;
    expect(run(100)).toBe(7);
    expect(steps.value).toBe(900);
  });

  it("traps at the turn that is not paid for, and not before", () => {
    const { run, steps } = metered(countDown);
    steps.value = 100;
    expect(run(100)).toBe(7);
    steps.value = 99;
    expect(() => run(100)).toThrow(WebAssembly.RuntimeError);
    expect(steps.value).toBe(-1);
    expect(() => run(1)).toThrow(WebAssembly.RuntimeError);
  });

  it("ends a loop that would not end", () => {
    const { run, steps } = metered((code) => code.openVoid(OP.loop).br(0).op(OP.end).i32(1));
    steps.value = 1_000_000;
    expect(() => run(0)).toThrow(WebAssembly.RuntimeError);
  });

  it("counts loops within loops and those in branches", () => {
    const { run, steps } = metered((code) => {
      const outer = code.local();
      code.i32(3).set(outer).openVoid(OP.loop).get(0).openVoid(OP.if).openVoid(OP.loop);
      code.get(0).i32(1).op(OP.i32Sub).tee(0).brIf(0).op(OP.end, OP.end);
      return code.get(outer).i32(1).op(OP.i32Sub).tee(outer).brIf(0).op(OP.end).i32(0);
    });
    steps.value = 100;
    run(5);
    expect(steps.value).toBe(100 - 3 - 5);
  });

  it.each([
    ["memory.copy", [0xfc, 10, 0, 0]],
    ["memory.fill", [0xfc, 11, 0]],
  ])("makes %s cost a step for 64 bytes, before it is done", (_, instruction) => {
    const { run, steps } = metered((code) =>
      code
        .i32(0)
        .i32(0)
        .get(0)
        .op(...instruction)
        .i32(1),
    );
    steps.value = 100;
    expect(run(640)).toBe(1);
    expect(steps.value).toBe(90);
    expect(() => run(91 * 64)).toThrow(WebAssembly.RuntimeError);
  });

  it("passes over every kind of operand without losing its place", () => {
    const { run, steps } = metered(
      (code) =>
        code
          .op(0x42, 0xff, 0xff, 0x7f, 0x1a) // i64.const -1 (in three bytes), drop
          .op(0x43, 3, 3, 3, 3, 0x1a) // f32.const with bytes that look like loops
          .double(3.5)
          .op(0x1a)
          .op(0x3f, 0, 0x1a) // memory.size
          .op(OP.block, 0x40, OP.block, 0x40, OP.block, 0x40)
          .get(0)
          .op(0x0e, 2, 0, 1, 2) // br_table
          .op(OP.end, OP.end, OP.end)
          .i32(3)
          .op(0x2d, 0, 3, 0x1a) // i32.load8_u
          .double(2)
          .op(0xfc, 2), // i32.trunc_sat_f64_s
    );
    steps.value = 5;
    expect(run(1)).toBe(2);
    expect(steps.value).toBe(5);
  });

  it.each([
    ["an instruction of another proposal", [0xfd, 12]],
    ["a reference", [0xd0, 0x70, 0x1a]],
    ["memory.init", [0xfc, 13]],
  ])("refuses %s", (_, instruction) => {
    const code = new Code(0).op(...instruction);
    const bytes = encodeModule({
      imports: [],
      functions: [{ type: { params: [], result: null }, code }],
      start: null,
      data: new Uint8Array(0),
      dataGlobal: 0,
      custom: { name: "x", bytes: new Uint8Array(0) },
    });
    expect(() => meter(bytes)).toThrow(expect.objectContaining({ code: "unmetered" }));
  });

  it("refuses a module without globals, whose counter would have no place", () => {
    expect(() => meter(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))).toThrow(
      expect.objectContaining({ code: "unmetered" }),
    );
  });
});
