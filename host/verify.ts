// Refuses every WebAssembly module that our emitter would not have made: its imports, memory, instructions, loops, data and
// `probe` section are checked before it is compiled. Never runs or instantiates anything.

import { ENGINE_FUNCTIONS, EXPORT_NAMES, LIMITS, PROBE_SECTION } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import { BinaryReader } from "./binary.ts";
import { type Budget, verifyEntry, verifyRelocations } from "./instructions.ts";
import { type Facts, faultOfSection } from "./section.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const I32 = 0x7f;
const F64 = 0x7c;
const GLOBAL_GET = 0x23;
const END = 0x0b;

/** Sections, in the only order in which they may come. */
const TYPE = 1;
const IMPORT = 2;
const FUNCTION = 3;
const EXPORT = 7;
const START = 8;
const CODE = 10;
const DATA = 11;
const CUSTOM = 0;
const SECTION_NAMES: Readonly<Record<number, string>> = {
  0: "custom",
  1: "type",
  2: "import",
  3: "function",
  4: "table",
  5: "memory",
  6: "global",
  7: "export",
  8: "start",
  9: "element",
  10: "code",
  11: "data",
  12: "data count",
  13: "tag",
};

/** Types of one module: those of the engine's functions and our two. */
const MAX_TYPES = Object.keys(ENGINE_FUNCTIONS).length + 2;
/** Bytes of the data segment: what one module may take of the segment area. */
const MAX_DATA = 65_536;

/** A type as one text, such as `7f,7f>7f`: types are compared, never interpreted. */
type Signature = string;
const signature = (params: readonly number[], result: number | null): Signature =>
  `${params.map((param) => param.toString(16)).join(",")}>${result === null ? "" : result.toString(16)}`;

const ENTRY_TYPE = signature([I32], I32);
const START_TYPE = signature([], null);
const ENGINE_TYPES: ReadonlyMap<string, Signature> = new Map(
  Object.entries(ENGINE_FUNCTIONS).map(([name, { params, result }]) => [name, signature(params, result)]),
);
const ENTRY_NAMES: ReadonlySet<string> = new Set(Object.values(EXPORT_NAMES));

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Throws VerifyError unless the module is one that our compiler makes: see the checks in the order of the sections. */
export function verifyModule(bytes: Uint8Array): void {
  const r = new BinaryReader(bytes);
  if (bytes.length > LIMITS.moduleBytes)
    r.fail("too_large", `${bytes.length} bytes, ${LIMITS.moduleBytes} are allowed`);
  r.expectAll(HEADER, "malformed", "this is not a WebAssembly module of version 1");
  let end = required(r, TYPE);
  const types = verifyTypes(r);
  close(r, end);
  end = required(r, IMPORT);
  const imported = verifyImports(r, types);
  close(r, end);
  end = required(r, FUNCTION);
  const functions = verifyFunctions(r, types);
  close(r, end);
  end = required(r, EXPORT);
  const exported = verifyExport(r, imported);
  close(r, end);
  if (functions === 2) {
    end = required(r, START);
    if (r.u32() !== imported + 1) r.fail("forbidden_export", "the start function is not the module's second function");
    close(r, end);
  }
  end = required(r, CODE);
  const { touched, ...spent } = verifyCode(r, functions, imported);
  close(r, end);
  let dataBytes = 0;
  if (r.bytes[r.at] === DATA) {
    end = required(r, DATA);
    dataBytes = verifyData(r);
    close(r, end);
  }
  if (touched > dataBytes) r.fail("forbidden_write", "the start function writes outside the module's data");
  end = required(r, CUSTOM);
  verifyProbe(r, end, { exported, dataBytes, ...spent });
  if (r.at !== bytes.length) refuseSection(r);
  // Last, because only now is it certain that the engine's own validation is cheap on it. It checks what is left: the operand types.
  if (typeof WebAssembly === "object" && !WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) {
    r.fail("invalid", "the WebAssembly engine refuses it", 0);
  }
}

/** Opens the section that must come next; gives its end. */
function required(r: BinaryReader, id: number): number {
  r.step = `${SECTION_NAMES[id]} section`;
  if (r.bytes[r.at] !== id) refuseSection(r);
  r.at++;
  const size = r.size();
  return r.at + size;
}

function refuseSection(r: BinaryReader): never {
  const found = r.bytes[r.at];
  if (found === undefined) r.fail("malformed", "the file ends too early");
  return r.fail("forbidden_section", `a section that is not expected here: ${SECTION_NAMES[found] ?? found}`);
}

function close(r: BinaryReader, end: number): void {
  if (r.at !== end) r.fail("malformed", "the section's size does not fit what is in it");
}

function verifyTypes(r: BinaryReader): Signature[] {
  const count = r.u32();
  if (count > MAX_TYPES) r.fail("too_large", `${count} types, ${MAX_TYPES} are allowed`);
  const types: Signature[] = [];
  for (let i = 0; i < count; i++) {
    r.expect(0x60, "malformed", "a type that is not a function's");
    let text = "";
    for (let left = r.size(); left > 0; left--) text += (text === "" ? "" : ",") + valueType(r);
    const results = r.u32();
    if (results > 1) r.fail("malformed", "a function with more than one result");
    types.push(`${text}>${results === 1 ? valueType(r) : ""}`);
  }
  return types;
}

function valueType(r: BinaryReader): string {
  const type = r.byte();
  if (type !== I32 && type !== F64) r.fail("malformed", "a value type other than i32 and f64", r.at - 1);
  return type === I32 ? "7f" : "7c";
}

/** The memory and three globals, then functions of the engine. Gives how many functions. */
function verifyImports(r: BinaryReader, types: readonly Signature[]): number {
  const count = r.u32();
  if (count < 5) r.fail("forbidden_import", "the memory and the four globals are not imported");
  verifyMemory(r);
  verifyGlobal(r, "env", "base", 0);
  verifyGlobal(r, "engine", "steps", 1);
  verifyGlobal(r, "engine", "top", 1);
  verifyGlobal(r, "engine", "end", 1);
  const known = new Set<string>();
  for (let i = 5; i < count; i++) {
    const from = r.at;
    const module = r.name();
    const name = r.name();
    const expected = module === "engine" ? ENGINE_TYPES.get(name) : undefined;
    if (expected === undefined || known.has(name))
      r.fail("forbidden_import", `\`${module}.${name}\` may not be imported${known.has(name) ? " twice" : ""}`, from);
    known.add(name);
    r.expect(0x00, "forbidden_import", `\`${module}.${name}\` is not imported as a function`);
    if (types[r.u32()] !== expected)
      r.fail("forbidden_import", `\`${module}.${name}\` is imported with another type than it has`, from);
  }
  return count - 5;
}

function verifyName(r: BinaryReader, module: string, name: string): void {
  const from = r.at;
  const found = `${r.name()}.${r.name()}`;
  if (found !== `${module}.${name}`)
    r.fail("forbidden_import", `\`${found}\` is imported where \`${module}.${name}\` belongs`, from);
}

function verifyMemory(r: BinaryReader): void {
  verifyName(r, "env", "memory");
  r.expect(0x02, "forbidden_import", "`env.memory` is not imported as a memory");
  // 0x01: a maximum follows. Shared and 64-bit memories have other flags.
  r.expect(0x01, "memory_limit", "the memory has no fixed size, or is shared");
  const from = r.at;
  const minimum = r.u32();
  const maximum = r.u32();
  if (minimum !== abi.MEMORY_PAGES || maximum !== abi.MEMORY_PAGES) {
    r.fail(
      "memory_limit",
      `a memory of ${minimum} to ${maximum} pages; it must be ${abi.MEMORY_PAGES} to ${abi.MEMORY_PAGES}`,
      from,
    );
  }
}

function verifyGlobal(r: BinaryReader, module: string, name: string, mutable: number): void {
  verifyName(r, module, name);
  r.expectAll(
    [0x03, I32, mutable],
    "forbidden_import",
    `\`${module}.${name}\` is not imported as ${mutable === 1 ? "a mutable" : "an immutable"} i32 global`,
  );
}

/** One function, or two where the second moves pointers at the start. */
function verifyFunctions(r: BinaryReader, types: readonly Signature[]): number {
  const count = r.u32();
  if (count < 1 || count > 2) r.fail("too_large", `${count} functions; a module has one, or two with a start function`);
  if (types[r.u32()] !== ENTRY_TYPE)
    r.fail("forbidden_export", "the first function does not take an i32 and give an i32");
  if (count === 2 && types[r.u32()] !== START_TYPE)
    r.fail("forbidden_export", "the start function takes or gives something");
  return count;
}

function verifyExport(r: BinaryReader, imported: number): string {
  const count = r.u32();
  if (count !== 1) r.fail("forbidden_export", `${count} exports; a module has one`);
  const from = r.at;
  const name = r.name();
  if (!ENTRY_NAMES.has(name)) r.fail("forbidden_export", `\`${name}\` is no entry of a module`, from);
  r.expect(0x00, "forbidden_export", `\`${name}\` is not exported as a function`);
  if (r.u32() !== imported) r.fail("forbidden_export", `\`${name}\` is not the module's first function`, from);
  return name;
}

function verifyCode(r: BinaryReader, functions: number, imported: number): Budget & { readonly touched: number } {
  if (r.u32() !== functions) r.fail("malformed", "there are more or fewer bodies than functions");
  r.step = "code of the entry";
  let size = r.size();
  const budget = verifyEntry(r, r.at + size, imported);
  if (functions === 1) return { ...budget, touched: 0 };
  r.step = "code of the start function";
  size = r.size();
  const end = r.at + size;
  const touched = verifyRelocations(r, end);
  close(r, end);
  return { ...budget, touched };
}

/** One active segment at the imported base. Gives its size. */
function verifyData(r: BinaryReader): number {
  if (r.u32() !== 1) r.fail("data_limit", "more than one data segment");
  r.expectAll([0x00, GLOBAL_GET, 0, END], "data_limit", "the data does not go to the module's base");
  const from = r.at;
  const size = r.size();
  if (size > MAX_DATA) r.fail("data_limit", `${size} bytes of data, ${MAX_DATA} are allowed`, from);
  r.at += size;
  return size;
}

function verifyProbe(r: BinaryReader, end: number, facts: Facts): void {
  r.step = "probe section";
  const from = r.at;
  if (r.name() !== PROBE_SECTION) r.fail("forbidden_section", `a custom section other than \`${PROBE_SECTION}\``, from);
  if (r.at > end) r.fail("malformed", "the section's size does not fit what is in it", from);
  let section: unknown;
  try {
    section = JSON.parse(decoder.decode(r.bytes.subarray(r.at, end)));
  } catch {
    r.fail("probe_section", "it is not JSON");
  }
  const fault = faultOfSection(section, facts);
  if (fault !== null) r.fail("probe_section", fault);
  r.at = end;
}
