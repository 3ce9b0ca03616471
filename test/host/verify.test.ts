import { describe, expect, test } from "vitest";
import { OPCODES } from "../../conditions/index.ts";
import { ENGINE_FUNCTIONS } from "../../conditions/module.ts";
import { Code, I32, type Import, OP } from "../../conditions/wasm.ts";
import * as abi from "../../engine/abi.ts";
import {
  ascii,
  assemble,
  ENTRY,
  fn,
  GLOBALS,
  GOOD,
  type Hostile,
  handMade,
  loop,
  MEMORY,
  properHead,
  refusal,
  refusesEach,
  replace,
  sectionsOf,
  withContent,
  withSection,
} from "./modules.ts";

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

const HOSTILE: readonly Hostile[] = [
  ["an empty file", () => new Uint8Array(0), "malformed", "header: the file ends too early (byte 0)"],
  [
    "another version",
    () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0),
    "malformed",
    "header: this is not a WebAssembly module of version 1 (byte 0)",
  ],
  ["a component", () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), "malformed", /version 1/],
  [
    "a module that is too large",
    () => new Uint8Array(70_000),
    "too_large",
    "header: 70000 bytes, 65536 are allowed (byte 0)",
  ],
  ["a module cut in the middle", () => handMade().subarray(0, 40), "malformed", /past the end|too early/],
  ["bytes after the last section", () => Uint8Array.of(...handMade(), 0), "forbidden_section", /custom/],

  [
    "an import from outside",
    () => handMade({ imports: [MEMORY, ...GLOBALS, { ...fn("fail"), module: "host" } as Import] }),
    "forbidden_import",
    /^import section: `host\.fail` may not be imported \(byte \d+\)$/,
  ],
  [
    "an unknown engine function",
    () => handMade({ imports: [MEMORY, ...GLOBALS, { ...fn("fail"), name: "exec" } as Import] }),
    "forbidden_import",
    /`engine\.exec` may not be imported/,
  ],
  [
    "a name that every object has",
    () => handMade({ imports: [MEMORY, ...GLOBALS, { ...fn("fail"), name: "constructor" } as Import] }),
    "forbidden_import",
    /`engine\.constructor`/,
  ],
  [
    "the same import twice",
    () => handMade({ imports: [MEMORY, ...GLOBALS, fn("fail"), fn("fail")] }),
    "forbidden_import",
    /may not be imported twice/,
  ],
  [
    "an import with another type",
    () => handMade({ imports: [MEMORY, ...GLOBALS, { ...fn("fail"), type: ENGINE_FUNCTIONS.truth } as Import] }),
    "forbidden_import",
    /`engine\.fail` is imported with another type/,
  ],
  [
    "no memory",
    () => handMade({ imports: [...GLOBALS, fn("fail")] }),
    "forbidden_import",
    /`env\.base` is imported where `env\.memory` belongs/,
  ],
  [
    "no imports but the memory",
    () => handMade({ imports: [MEMORY] }),
    "forbidden_import",
    /the memory and the four globals/,
  ],
  [
    "a second memory",
    () => handMade({ imports: [MEMORY, MEMORY, ...GLOBALS] }),
    "forbidden_import",
    /`env\.memory` is imported where `env\.base` belongs/,
  ],
  [
    "a mutable base",
    () => handMade({ imports: [MEMORY, { ...GLOBALS[0], mutable: true } as Import, ...GLOBALS.slice(1)] }),
    "forbidden_import",
    /`env\.base` is not imported as an immutable i32/,
  ],
  [
    "immutable steps",
    () =>
      handMade({
        imports: [MEMORY, GLOBALS[0] as Import, { ...GLOBALS[1], mutable: false } as Import, ...GLOBALS.slice(2)],
      }),
    "forbidden_import",
    /`engine\.steps` is not imported as a mutable/,
  ],
  [
    "a global imported as a function",
    () => withContent(2, (c) => replace(c, [...ascii("top"), 3, 0x7f, 1], [...ascii("top"), 0, 0])),
    "forbidden_import",
    /`engine\.top`/,
  ],
  [
    "a larger memory",
    () => handMade({ imports: [{ ...MEMORY, pages: 64 } as Import, ...GLOBALS] }),
    "memory_limit",
    /a memory of 64 to 64 pages; it must be 32 to 32/,
  ],
  [
    "a memory that can grow",
    () => withContent(2, (c) => replace(c, [2, 1, 32, 32], [2, 1, 32, 64])),
    "memory_limit",
    /32 to 64 pages/,
  ],
  [
    "a memory without a maximum",
    () => withContent(2, (c) => replace(c, [2, 1, 32, 32], [2, 0, 32])),
    "memory_limit",
    /no fixed size/,
  ],
  [
    "a shared memory",
    () => withContent(2, (c) => replace(c, [2, 1, 32, 32], [2, 3, 32, 32])),
    "memory_limit",
    /shared/,
  ],
  [
    "a 64-bit memory",
    () => withContent(2, (c) => replace(c, [2, 1, 32, 32], [2, 5, 32, 32])),
    "memory_limit",
    /no fixed size/,
  ],

  [
    "a table of its own",
    () => withSection(4, [1, 0x70, 0, 1], 7),
    "forbidden_section",
    /^export section: a section that is not expected here: table/,
  ],
  ["a memory of its own", () => withSection(5, [1, 0, 1], 7), "forbidden_section", /not expected here: memory/],
  [
    "a global of its own",
    () => withSection(6, [1, 0x7f, 0, 0x41, 0, 0x0b], 7),
    "forbidden_section",
    /not expected here: global/,
  ],
  ["an element section", () => withSection(9, [0], 10), "forbidden_section", /not expected here: element/],
  ["a data count", () => withSection(12, [0], 10), "forbidden_section", /not expected here: data count/],
  ["a tag section", () => withSection(13, [0], 10), "forbidden_section", /not expected here: tag/],
  ["a second code section", () => withSection(10, [0], 0), "forbidden_section", /not expected here: code/],
  [
    "a start section without a second function",
    () => withSection(8, [0], 10),
    "forbidden_section",
    /not expected here: start/,
  ],
  [
    "a custom section in front",
    () => withSection(0, ascii("name"), 1),
    "forbidden_section",
    /not expected here: custom/,
  ],
  [
    "sections in another order",
    () => assemble(sectionsOf(handMade()).sort(([a], [b]) => (a === 3 ? -1 : 0) - (b === 3 ? -1 : 0))),
    "forbidden_section",
    /function/,
  ],
  ["a section with room to spare", () => withContent(3, (c) => [...c, 0]), "malformed", /size does not fit/],
  [
    "a section size written too long",
    () => {
      const bytes = [...handMade()];
      bytes.splice(9, 1, (bytes[9] as number) | 0x80, 0);
      return Uint8Array.from(bytes);
    },
    "malformed",
    /longer than need be/,
  ],

  [
    "an i64 in a type",
    () => withContent(1, (c) => c.map((byte, i) => (i === 3 ? 0x7e : byte))),
    "malformed",
    /value type other than/,
  ],
  ["two results", () => withContent(1, () => [1, 0x60, 1, 0x7f, 2, 0x7f, 0x7f]), "malformed", /more than one result/],
  ["a hundred types", () => withContent(1, () => [100]), "too_large", /100 types/],

  ["no export", () => withContent(7, () => [0]), "forbidden_export", /0 exports/],
  [
    "an extra export",
    () => withContent(7, (c) => [2, ...c.slice(1), ...ascii("memory"), 2, 0]),
    "forbidden_export",
    /2 exports; a module has one/,
  ],
  [
    "the memory exported",
    () => withContent(7, () => [1, ...ascii("evaluate"), 2, 0]),
    "forbidden_export",
    /not exported as a function/,
  ],
  [
    "an engine function exported",
    () => withContent(7, () => [1, ...ascii("evaluate"), 0, 0]),
    "forbidden_export",
    /not the module's first function/,
  ],
  ["an export of another name", () => handMade({ name: "main" }), "forbidden_export", /`main` is no entry/],
  [
    "an entry without a result",
    () => handMade({ functions: (f) => [{ ...f, type: { params: [I32], result: null } }] }),
    "forbidden_export",
    /first function/,
  ],
  [
    "three functions",
    () =>
      handMade({
        functions: (f) => [
          f,
          { type: { params: [], result: null }, code: new Code(0) },
          { type: ENTRY, code: new Code(0) },
        ],
        start: 1,
      }),
    "too_large",
    /3 functions/,
  ],
  [
    "the entry as start function",
    () => {
      const start = { type: { params: [], result: null }, code: new Code(0) } as const;
      return handMade({ functions: (f) => [f, start], start: 0 });
    },
    "forbidden_export",
    /second function/,
  ],

  [
    "data that is too large",
    () =>
      withContent(
        11,
        (c) => [...c.slice(0, 5), 0x81, 0x80, 0x04, ...c.slice(6)],
        handMade({ data: new Uint8Array(9) }),
      ),
    "malformed",
    /past the end/,
  ],
  ["data that fills the segment area", () => handMade({ data: new Uint8Array(65_537) }), "too_large", /are allowed/],
  [
    "two data segments",
    () => withContent(11, (c) => [2, ...c.slice(1), ...c.slice(1)], handMade({ data: new Uint8Array(9) })),
    "data_limit",
    /more than one/,
  ],
  [
    "passive data",
    () => withContent(11, () => [1, 1, 1, 0], handMade({ data: new Uint8Array(9) })),
    "data_limit",
    /does not go to the module's base/,
  ],
  [
    "data at a constant address",
    () =>
      withContent(11, (c) => replace(c, [OP.globalGet, 0], [OP.i32Const, 0]), handMade({ data: new Uint8Array(9) })),
    "data_limit",
    /does not go to the module's base/,
  ],
  [
    "data at another global",
    () =>
      withContent(11, (c) => replace(c, [OP.globalGet, 0], [OP.globalGet, 1]), handMade({ data: new Uint8Array(9) })),
    "data_limit",
    /does not go to the module's base/,
  ],

  [
    "no probe section",
    () => assemble(sectionsOf(handMade()).filter(([id]) => id !== 0)),
    "malformed",
    /^custom section: the file ends too early/,
  ],
  ["another custom section", () => handMade({ custom: "name" }), "forbidden_section", /other than `probe`/],
  ["a section that is not JSON", () => withContent(0, (c) => c.slice(0, -1)), "probe_section", /not JSON/],
  [
    "a section that is not UTF-8",
    () => withContent(0, (c) => replace(c, [0x74, 0x72, 0x75, 0x65], [0x74, 0xff, 0x75, 0x65])),
    "probe_section",
    /not JSON/,
  ],
  [
    "another abi",
    () => handMade({ section: { abi: abi.ABI_VERSION + 1 } }),
    "probe_section",
    /^probe section: it was made for abi \d+, this is \d+/,
  ],
  [
    "another size of data",
    () => handMade({ data: new Uint8Array(8), section: { dataBytes: 0 } }),
    "probe_section",
    /0 bytes of data, there are 8/,
  ],
  [
    "an entry of another kind",
    () => handMade({ section: { entry: "template" } }),
    "probe_section",
    /its entry is template, but the module exports `evaluate`/,
  ],
  [
    "an entry that every object has",
    () => handMade({ section: { entry: "toString" } }),
    "probe_section",
    /its entry is unknown/,
  ],
  ["too many slots", () => handMade({ section: { slots: 4096 } }), "probe_section", /number of slots/],
  [
    "no slots, but one used",
    () => handMade({ section: { slots: 0 } }),
    "probe_section",
    /slot of its projection is out of range/,
  ],
  [
    "a slot before the arena",
    () => handMade({ section: { roots: [{ key: "x", slot: -4096, want: "scalar" }] } }),
    "probe_section",
    /slot of its projection is out of range/,
  ],
  [
    "a slot far away in a record",
    () =>
      handMade({
        section: { roots: [{ key: "x", each: { slot: 0, slots: 1, element: { key: "", slot: 1, want: "scalar" } } }] },
      }),
    "probe_section",
    /slot of its projection is out of range/,
  ],
  [
    "a field that is no object",
    () => handMade({ section: { roots: [{ key: "x", fields: [7] }] } }),
    "probe_section",
    /malformed/,
  ],
  [
    "a projection without end",
    () => handMade({ section: { roots: new Array(3000).fill({ key: "x" }) } }),
    "probe_section",
    /too large/,
  ],
];

describe("refuses, naming the step and the byte", () => {
  refusesEach(HOSTILE);
});
