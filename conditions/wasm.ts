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
  // A plain array: the buffers are small and many, and each typed array would cost more than filling it.
  private readonly data: number[] = [];

  get length(): number {
    return this.data.length;
  }

  byte(value: number): this {
    this.data.push(value);
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

  append(bytes: Bytes | Uint8Array): this {
    const from = bytes instanceof Bytes ? bytes.data : bytes;
    for (let i = 0; i < from.length; i++) this.data.push(from[i] as number);
    return this;
  }

  /** A length, then the bytes. */
  vector(bytes: Bytes | Uint8Array): this {
    return this.u32(bytes.length).append(bytes);
  }

  text(value: string): this {
    return this.vector(encodeText(value));
  }

  /** A copy of the bytes so far. */
  toUint8Array(): Uint8Array {
    return joined([this]);
  }

  /** Copies the bytes to a place in an array. */
  copyTo(target: Uint8Array, at: number): void {
    const { data } = this;
    for (let i = 0; i < data.length; i++) target[at + i] = data[i] as number;
  }
}

/** Several pieces as one: each byte is copied once, however deep the piece stands in the module. */
function joined(pieces: readonly (Bytes | Uint8Array)[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    if (piece instanceof Bytes) piece.copyTo(whole, at);
    else whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** UTF-8. Names are short ASCII mostly, for which the encoder's own call costs more than the work. */
function encodeText(value: string): Bytes | Uint8Array {
  const bytes = new Bytes();
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit > 0x7f || i === 64) return encoder.encode(value);
    bytes.byte(unit);
  }
  return bytes;
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
  entry(): readonly (Bytes | Uint8Array)[] {
    const locals = new Bytes();
    if (this.locals > 0) locals.u32(1).u32(this.locals).byte(I32);
    else locals.u32(0);
    return [new Bytes().u32(locals.length + this.length + END.length), locals, this, END];
  }
}

const END = Uint8Array.of(OP.end);

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

/** Bytes that `u32` takes. */
const sizeOfU32 = (value: number): number => (value < 0x80 ? 1 : 1 + sizeOfU32(value >>> 7));

type Pieces = (Bytes | Uint8Array)[];

function section(out: Pieces, id: number, count: number, content: readonly (Bytes | Uint8Array)[]): void {
  if (count === 0) return;
  let length = sizeOfU32(count);
  for (const piece of content) length += piece.length;
  out.push(new Bytes().byte(id).u32(length).u32(count), ...content);
}

/** "\0asm", version 1 */
const HEADER = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/** A whole module: section 5.5. The memory import is fixed: minimum = maximum = `pages`. */
export function encodeModule(parts: ModuleParts): Uint8Array {
  const types = new Bytes();
  // Two equal types that are not one object stand there twice, which is allowed.
  const typeIndex = new Map<FunctionType, number>();
  const indexOf = (type: FunctionType): number => {
    let index = typeIndex.get(type);
    if (index === undefined) {
      index = typeIndex.size;
      typeIndex.set(type, index);
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
  const code: Pieces = [];
  let exported = 0;
  parts.functions.forEach((fn, index) => {
    declared.u32(indexOf(fn.type));
    code.push(...fn.code.entry());
    if (fn.name === undefined) return;
    exportList
      .text(fn.name)
      .byte(0x00)
      .u32(imported + index);
    exported++;
  });

  const out: Pieces = [HEADER];
  section(out, 1, typeIndex.size, [types]);
  section(out, 2, parts.imports.length, [imports]);
  section(out, 3, parts.functions.length, [declared]);
  section(out, 7, exported, [exportList]);
  if (parts.start !== null) out.push(new Bytes().byte(8).vector(new Bytes().u32(imported + parts.start)));
  section(out, 10, parts.functions.length, code);
  if (parts.data.length > 0) {
    // One active segment: memory 0, offset `global.get dataGlobal; end`.
    const head = new Bytes().byte(0x00).byte(OP.globalGet).u32(parts.dataGlobal).byte(OP.end).u32(parts.data.length);
    section(out, 11, 1, [head, parts.data]);
  }
  const { name, bytes } = parts.custom;
  const title = new Bytes().text(name);
  out.push(new Bytes().byte(0).u32(title.length + bytes.length), title, bytes);
  return joined(out);
}
