// Writes WebAssembly modules: LEB128, sections, and a code buffer with the instructions that the emitter uses.
// Knows the binary format and nothing about expressions. https://webassembly.github.io/spec/core/binary/

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;
export type ValueType = typeof I32 | typeof I64 | typeof F64;

/** Opcodes used by probe modules; the verifier's allow-list is made from this table. Section 5.4 of the specification. */
export const OP = Object.freeze({
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  f64Load: 0x2b,
  i32Store: 0x36,
  i32Const: 0x41,
  i64Const: 0x42,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GeU: 0x4f,
  f64Eq: 0x61,
  f64Ne: 0x62,
  f64Lt: 0x63,
  f64Gt: 0x64,
  f64Le: 0x65,
  f64Ge: 0x66,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivU: 0x6e,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
});

const scratch = new DataView(new ArrayBuffer(8));
const encoder = new TextEncoder();

/** A growing byte buffer with the integer and text encodings of section 5.2. */
export class Bytes {
  private data = new Uint8Array(256);
  length = 0;

  byte(value: number): this {
    if (this.length === this.data.length) this.grow(1);
    this.data[this.length++] = value;
    return this;
  }

  /** Unsigned LEB128. */
  u32(value: number): this {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit integer. */
  s32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  f64(value: number): this {
    scratch.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) this.byte(scratch.getUint8(i));
    return this;
  }

  append(bytes: Uint8Array): this {
    if (this.length + bytes.length > this.data.length) this.grow(bytes.length);
    this.data.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** A length, then the bytes. */
  vector(bytes: Uint8Array): this {
    return this.u32(bytes.length).append(bytes);
  }

  text(value: string): this {
    return this.vector(encoder.encode(value));
  }

  /** The bytes so far; valid until the next write. */
  view(): Uint8Array {
    return this.data.subarray(0, this.length);
  }

  private grow(by: number): void {
    const next = new Uint8Array(Math.max(this.data.length * 2, this.length + by));
    next.set(this.data.subarray(0, this.length));
    this.data = next;
  }
}

/** The body of one function. All locals beyond the parameters are i32. */
export class Code extends Bytes {
  private locals = 0;
  private readonly params: number;

  constructor(params: number) {
    super();
    this.params = params;
  }

  /** A new local. */
  local(): number {
    return this.params + this.locals++;
  }

  op(...opcodes: readonly number[]): this {
    for (const opcode of opcodes) this.byte(opcode);
    return this;
  }

  i32(value: number): this {
    return this.byte(OP.i32Const).s32(value);
  }

  double(value: number): this {
    return this.byte(OP.f64Const).f64(value);
  }

  get(local: number): this {
    return this.byte(OP.localGet).u32(local);
  }

  set(local: number): this {
    return this.byte(OP.localSet).u32(local);
  }

  tee(local: number): this {
    return this.byte(OP.localTee).u32(local);
  }

  global(index: number): this {
    return this.byte(OP.globalGet).u32(index);
  }

  setGlobal(index: number): this {
    return this.byte(OP.globalSet).u32(index);
  }

  call(index: number): this {
    return this.byte(OP.call).u32(index);
  }

  /** Loads from the address on the stack plus `offset`. */
  load(offset: number): this {
    return this.byte(OP.i32Load).u32(2).u32(offset);
  }

  loadDouble(offset: number): this {
    return this.byte(OP.f64Load).u32(3).u32(offset);
  }

  store(offset: number): this {
    return this.byte(OP.i32Store).u32(2).u32(offset);
  }

  /** `block`, `loop` or `if` that leaves an i32. */
  open(opcode: number): this {
    return this.byte(opcode).byte(I32);
  }

  /** `block`, `loop` or `if` that leaves nothing. */
  openVoid(opcode: number): this {
    return this.byte(opcode).byte(0x40);
  }

  br(depth: number): this {
    return this.byte(OP.br).u32(depth);
  }

  brIf(depth: number): this {
    return this.byte(OP.brIf).u32(depth);
  }

  /** The code entry of section 5.5.13: size, locals, instructions, end. */
  entry(): Uint8Array {
    const body = new Bytes();
    if (this.locals > 0) body.u32(1).u32(this.locals).byte(I32);
    else body.u32(0);
    body.append(this.view()).byte(OP.end);
    return new Bytes().vector(body.view()).view();
  }
}

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly result: ValueType | null;
}

/** One import: a function, the memory, or a global. */
export type Import =
  | { readonly kind: "function"; readonly module: string; readonly name: string; readonly type: FunctionType }
  | { readonly kind: "memory"; readonly module: string; readonly name: string; readonly pages: number }
  | { readonly kind: "global"; readonly module: string; readonly name: string; readonly mutable: boolean };

export interface ModuleParts {
  readonly imports: readonly Import[];
  /** Functions defined here, in index order after the imported ones. */
  readonly functions: readonly { readonly type: FunctionType; readonly code: Code; readonly name?: string }[];
  /** Index into `functions` of one that runs at instantiation. */
  readonly start: number | null;
  /** Placed at the value of global `dataGlobal`. */
  readonly data: Uint8Array;
  readonly dataGlobal: number;
  readonly custom: { readonly name: string; readonly bytes: Uint8Array };
}

function section(out: Bytes, id: number, count: number, content: Bytes): void {
  if (count === 0) return;
  out.byte(id).vector(new Bytes().u32(count).append(content.view()).view());
}

/** A whole module: section 5.5. The memory import is fixed: minimum = maximum = `pages`. */
export function encodeModule(parts: ModuleParts): Uint8Array {
  const types = new Bytes();
  const typeIndex = new Map<string, number>();
  const indexOf = (type: FunctionType): number => {
    const key = `${type.params.join(",")}>${type.result}`;
    let index = typeIndex.get(key);
    if (index === undefined) {
      index = typeIndex.size;
      typeIndex.set(key, index);
      types.byte(0x60).u32(type.params.length);
      for (const param of type.params) types.byte(param);
      if (type.result === null) types.u32(0);
      else types.u32(1).byte(type.result);
    }
    return index;
  };

  const imports = new Bytes();
  let imported = 0;
  for (const item of parts.imports) {
    imports.text(item.module).text(item.name);
    if (item.kind === "function") {
      imports.byte(0x00).u32(indexOf(item.type));
      imported++;
    } else if (item.kind === "memory") imports.byte(0x02).byte(0x01).u32(item.pages).u32(item.pages);
    else
      imports
        .byte(0x03)
        .byte(I32)
        .byte(item.mutable ? 1 : 0);
  }
  const declared = new Bytes();
  const exportList = new Bytes();
  const code = new Bytes();
  let exported = 0;
  parts.functions.forEach((fn, index) => {
    declared.u32(indexOf(fn.type));
    code.append(fn.code.entry());
    if (fn.name === undefined) return;
    exportList
      .text(fn.name)
      .byte(0x00)
      .u32(imported + index);
    exported++;
  });

  // "\0asm", version 1
  const out = new Bytes().append(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00));
  section(out, 1, typeIndex.size, types);
  section(out, 2, parts.imports.length, imports);
  section(out, 3, parts.functions.length, declared);
  section(out, 7, exported, exportList);
  if (parts.start !== null) out.byte(8).vector(new Bytes().u32(imported + parts.start).view());
  section(out, 10, parts.functions.length, code);
  if (parts.data.length > 0) {
    // One active segment: memory 0, offset `global.get dataGlobal; end`.
    const data = new Bytes().byte(0x00).byte(OP.globalGet).u32(parts.dataGlobal).byte(OP.end).vector(parts.data);
    section(out, 11, 1, data);
  }
  out.byte(0).vector(new Bytes().text(parts.custom.name).append(parts.custom.bytes).view());
  return out.view().slice();
}
