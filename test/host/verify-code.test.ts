import { describe, expect, test } from "vitest";
import { GLOBAL } from "../../conditions/constants.ts";
import { MAXIMA } from "../../conditions/index.ts";
import { OP } from "../../conditions/wasm.ts";
import * as abi from "../../engine/abi.ts";
import {
  assemble,
  check,
  GOOD,
  type Hostile,
  handMade,
  loop,
  properHead,
  refusal,
  refusesEach,
  replace,
  sectionsOf,
  withContent,
} from "./modules.ts";

const HOSTILE: readonly Hostile[] = [
  [
    "memory.grow",
    () => handMade({ body: (c) => c.i32(1).op(0x40, 0x00) }),
    "forbidden_opcode",
    /^code of the entry: opcode 0x40 is not allowed \(byte \d+\)$/,
  ],
  ["memory.size", () => handMade({ body: (c) => c.op(0x3f, 0x00) }), "forbidden_opcode", /0x3f/],
  [
    "memory.fill",
    () => handMade({ body: (c) => c.i32(0).i32(0).i32(9).op(0xfc, 11, 0).i32(1) }),
    "forbidden_opcode",
    /0xfc/,
  ],
  ["call_indirect", () => handMade({ body: (c) => c.i32(1).i32(0).op(0x11, 0, 0) }), "forbidden_opcode", /0x11/],
  ["return_call", () => handMade({ body: (c) => c.i32(1).op(0x12, 0) }), "forbidden_opcode", /0x12/],
  ["return", () => handMade({ body: (c) => c.i32(1).op(0x0f) }), "forbidden_opcode", /0x0f/],
  ["unreachable", () => handMade({ body: (c) => c.op(0x00) }), "forbidden_opcode", /0x00/],
  ["br_table", () => handMade({ body: (c) => c.i32(1).i32(0).op(0x0e, 0, 0) }), "forbidden_opcode", /0x0e/],
  ["an f32", () => handMade({ body: (c) => c.op(0x43, 0, 0, 0, 0, 0x1a).i32(1) }), "forbidden_opcode", /0x43/],
  [
    "simd",
    () => handMade({ body: (c) => c.op(0xfd, 0x0c, ...new Array(16).fill(0), 0x1a).i32(1) }),
    "forbidden_opcode",
    /0xfd/,
  ],
  ["an atomic", () => handMade({ body: (c) => c.op(0xfe, 3, 0).i32(1) }), "forbidden_opcode", /0xfe/],
  ["an exception", () => handMade({ body: (c) => c.op(0x08, 0) }), "forbidden_opcode", /0x08/],
  ["a gc reference", () => handMade({ body: (c) => c.op(0xfb, 0).i32(1) }), "forbidden_opcode", /0xfb/],
  [
    "a call of itself",
    () => handMade({ body: (c) => c.i32(0).call(2) }),
    "forbidden_opcode",
    /only functions of the engine/,
  ],
  ["signed division", () => handMade({ body: (c) => c.i32(1).i32(0).op(0x6d) }), "forbidden_opcode", /0x6d/],
  ["division by zero", () => handMade({ body: (c) => c.i32(1).i32(0).op(OP.i32DivU) }), "forbidden_opcode", /division/],
  [
    "division by a variable",
    () => handMade({ body: (c) => c.i32(1).get(0).op(OP.i32DivU) }),
    "forbidden_opcode",
    /division/,
  ],

  [
    "a loop without a step check",
    () => handMade({ body: loop(() => {}) }),
    "unbounded_loop",
    /^code of the entry: no step check at the head of a loop \(byte \d+\)$/,
  ],
  [
    "a step check of another global",
    () => handMade({ body: loop((c) => check(c, GLOBAL.top).i32(0).br(3).op(OP.end)) }),
    "unbounded_loop",
    /no step check/,
  ],
  [
    "a step check that spends nothing",
    () => handMade({ body: loop((c) => check(c, GLOBAL.steps, 0).i32(0).br(3).op(OP.end)) }),
    "unbounded_loop",
    /no step check/,
  ],
  [
    "a step check after the loop's first instruction",
    () => handMade({ body: loop((c) => properHead(c.i32(0).op(OP.drop))) }),
    "unbounded_loop",
    /no step check/,
  ],
  [
    "a check that goes on when the steps are spent",
    () => handMade({ body: loop((c) => check(c).op(OP.end)) }),
    "unbounded_loop",
    /does not end the loop/,
  ],
  [
    "a check that goes back to its own loop",
    () => handMade({ body: loop((c) => check(c).i32(0).br(1).op(OP.end)) }),
    "unbounded_loop",
    /does not end the loop/,
  ],
  [
    "a check that leaves only its own test",
    () => handMade({ body: loop((c) => check(c).i32(0).br(0).op(OP.end)) }),
    "unbounded_loop",
    /does not end the loop/,
  ],
  [
    "a check that leaves more than there is",
    () => handMade({ body: loop((c) => check(c).i32(0).br(9).op(OP.end)) }),
    "unbounded_loop",
    /does not end the loop/,
  ],
  [
    "a loop that leaves a value",
    () => handMade({ body: (c) => c.open(OP.loop).i32(1).op(OP.end) }),
    "unbounded_loop",
    /may not leave a value/,
  ],
  [
    "a budget refilled in the loop",
    () => handMade({ body: loop((c) => properHead(c).i32(99).setGlobal(GLOBAL.steps)) }),
    "forbidden_write",
    /a global is set elsewhere/,
  ],
  [
    "a larger budget",
    () => handMade({ steps: 2_000_000 }),
    "unbounded_loop",
    /a budget of 2000000 steps, 1 to 100000 are allowed/,
  ],
  [
    "another budget than it says",
    () => handMade({ steps: 100_000 }),
    "probe_section",
    /its limits are not those of its code/,
  ],
  [
    "an arena that ends behind its end",
    () => handMade({ end: abi.ARENA_END + 16 }),
    "memory_limit",
    /an arena of 188432 bytes, 1 to 188416 are allowed/,
  ],
  ["no arena", () => handMade({ end: abi.ARENA_BASE }), "memory_limit", /an arena of 0 bytes/],
  [
    "another arena than it says",
    () => handMade({ end: abi.ARENA_END - 16 }),
    "probe_section",
    /its limits are not those of its code/,
  ],
  [
    "a limit above the highest",
    () => handMade({ section: { limits: { ...MAXIMA, steps: 10_000, inputBytes: 1_000_000 } } }),
    "probe_section",
    /its limit `inputBytes` is out of range/,
  ],
  [
    "a limit left out",
    () => handMade({ section: { limits: { ...MAXIMA, steps: 10_000, items: undefined } } }),
    "probe_section",
    /its limit `items` is out of range/,
  ],
  [
    "the end of the arena moved",
    () => handMade({ body: (c) => c.i32(0).setGlobal(GLOBAL.end).i32(1) }),
    "forbidden_write",
    /a global is set elsewhere/,
  ],
  [
    "an arena moved",
    () => handMade({ body: (c) => c.i32(0).setGlobal(GLOBAL.top).i32(1) }),
    "forbidden_write",
    /a global is set elsewhere/,
  ],
  [
    "an arena that starts elsewhere",
    () => withContent(10, (c) => replace(c, [OP.localGet, 0, OP.globalSet, 2], [OP.globalGet, 0, OP.globalSet, 2])),
    "forbidden_write",
    /arena/,
  ],

  [
    "a store to any address",
    () => handMade({ body: (c) => c.get(0).i32(7).store(12).i32(1) }),
    "forbidden_write",
    /memory is written elsewhere/,
  ],
  [
    "a store of something else",
    () => handMade({ body: (c) => c.get(0).get(0).load(8).i32(3).op(OP.i32DivU).store(12).i32(1) }),
    "forbidden_write",
    /memory is written elsewhere/,
  ],
  [
    "a store into another field",
    () => handMade({ body: (c) => c.get(0).get(0).load(12).i32(3).op(OP.i32DivU).store(8).i32(1) }),
    "forbidden_write",
    /memory is written elsewhere/,
  ],
  [
    "a store to another list",
    () => handMade({ body: (c) => c.get(0).get(c.local()).load(12).i32(3).op(OP.i32DivU).store(12).i32(1) }),
    "forbidden_write",
    /memory is written elsewhere/,
  ],
  ["a load far outside", () => handMade({ body: (c) => c.i32(0).load(0x7fff_ffff) }), "malformed", /not ours/],
  [
    "a load with another alignment",
    () => handMade({ body: (c) => c.i32(0).op(OP.i32Load, 0, 0) }),
    "malformed",
    /not ours/,
  ],

  ["an unknown local", () => handMade({ body: (c) => c.get(7) }), "malformed", /no such local/],
  ["an unknown global", () => handMade({ body: (c) => c.global(4) }), "malformed", /no such global/],
  [
    "locals by the million",
    () =>
      withContent(10, (c) =>
        replace(c, [0, OP.localGet], [1, 0xc0, 0x84, 0x3d, 0x7f, OP.localGet]).map((b, i) => (i === 1 ? b + 4 : b)),
      ),
    "too_large",
    /1000000 locals/,
  ],
  [
    "a block type by index",
    () => handMade({ body: (c) => c.op(OP.block, 0).i32(1).op(OP.end) }),
    "malformed",
    /a block leaves something else/,
  ],
  [
    "an else without an if",
    () => handMade({ body: (c) => c.open(OP.block).i32(1).op(OP.else).i32(1).op(OP.end) }),
    "unbalanced",
    /`else` without an `if`/,
  ],
  [
    "two elses",
    () => handMade({ body: (c) => c.i32(1).open(OP.if).i32(1).op(OP.else).i32(1).op(OP.else).i32(1).op(OP.end) }),
    "unbalanced",
    /`else` without an `if`/,
  ],
  [
    "a branch out of everything",
    () => handMade({ body: (c) => c.i32(1).br(4) }),
    "unbalanced",
    /a branch leaves more blocks/,
  ],
  [
    "a block that is not closed",
    () => handMade({ body: (c) => c.open(OP.block).i32(1) }),
    "unbalanced",
    /does not end/,
  ],
  [
    "instructions after the end",
    () => handMade({ body: (c) => c.i32(1).op(OP.end).i32(1) }),
    "unbalanced",
    /follow the end/,
  ],
  [
    "ten thousand blocks within blocks",
    () =>
      handMade({
        body: (c) => {
          for (let i = 0; i < 10_000; i++) c.open(OP.block);
        },
      }),
    "too_large",
    /1024 blocks/,
  ],
  [
    "an i32 of six bytes",
    () => handMade({ body: (c) => c.op(OP.i32Const, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00) }),
    "malformed",
    /out of range or longer/,
  ],
  [
    "an i32 written too long",
    () => handMade({ body: (c) => c.op(OP.i32Const, 0x81, 0x00) }),
    "malformed",
    /longer than need be/,
  ],
  [
    "an i32 out of range",
    () => handMade({ body: (c) => c.op(OP.i32Const, 0xff, 0xff, 0xff, 0xff, 0x0f) }),
    "malformed",
    /out of range/,
  ],
  [
    "operands of the wrong type",
    () => handMade({ body: (c) => c.double(1) }),
    "invalid",
    /the WebAssembly engine refuses it/,
  ],
  ["an empty stack", () => handMade({ body: (c) => c.op(OP.drop) }), "invalid", /refuses it/],
];

describe("refuses, naming the step and the byte", () => {
  refusesEach(HOSTILE);

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
    expect(refusal(assemble(sections))).toMatchObject({
      code: "forbidden_write",
      message: expect.stringMatching(/outside the module's data/),
    });
    code[1].splice(at + 2, far.length, ...word);
    expect(refusal(assemble(sections))).toMatchObject({
      code: "forbidden_write",
      message: expect.stringMatching(/start function does something else/),
    });
  });
});
