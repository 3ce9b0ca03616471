// Finds its way in WebAssembly files that others have written: sections, numbers, and where an instruction ends. Changes nothing.
// Knows the core instructions that compilers emit without SIMD, threads, exceptions and references, and throws on any other.
// https://webassembly.github.io/spec/core/binary/

/** The content of one section. */
export interface Section {
  readonly id: number;
  readonly from: number;
  readonly end: number;
}

/** Reads a module from wherever it is told. */
export class ModuleReader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError("the module ends too early");
    return byte;
  }

  /** Unsigned LEB128. */
  u32(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** A name, ASCII mostly. */
  name(): string {
    const size = this.u32();
    this.at += size;
    return new TextDecoder().decode(this.bytes.subarray(this.at - size, this.at));
  }

  /** Passes over so many LEB128 numbers of any length. */
  skipNumbers(count: number): void {
    for (let left = count; left > 0; left--) while ((this.byte() & 0x80) !== 0);
  }

  sections(): Section[] {
    const found: Section[] = [];
    for (this.at = 8; this.at < this.bytes.length; ) {
      const id = this.byte();
      const size = this.u32();
      found.push({ id, from: this.at, end: this.at + size });
      this.at += size;
    }
    return found;
  }

  /** Passes over the declarations of locals at the beginning of a body. */
  skipLocals(): void {
    for (let groups = this.u32(); groups > 0; groups--) {
      this.u32();
      this.at++;
    }
  }

  /** Passes over the operands of an instruction whose first byte has been read. Gives the second part of a two-part opcode, else -1. */
  skipOperands(opcode: number): number {
    if (opcode >= 0x45 && opcode <= 0xc4) return -1; // numbers
    if (opcode >= 0x28 && opcode <= 0x3e) return this.#numbers(2); // memory
    if (opcode >= 0x20 && opcode <= 0x24) return this.#numbers(1); // locals and globals
    switch (opcode) {
      case 0x00: // unreachable, nop, else, end, return, drop, select
      case 0x01:
      case 0x05:
      case 0x0b:
      case 0x0f:
      case 0x1a:
      case 0x1b:
        return -1;
      case 0x02: // block, loop, if, br, br_if, call, memory.size, memory.grow, i32.const, i64.const
      case 0x03:
      case 0x04:
      case 0x0c:
      case 0x0d:
      case 0x10:
      case 0x3f:
      case 0x40:
      case 0x41:
      case 0x42:
        return this.#numbers(1);
      case 0x11: // call_indirect
        return this.#numbers(2);
      case 0x0e: // br_table
        return this.#numbers(this.u32() + 1);
      case 0x43: // f32.const, f64.const
        this.at += 4;
        return -1;
      case 0x44:
        this.at += 8;
        return -1;
      case 0xfc:
        return this.#second();
      default:
        throw new RangeError(`instruction 0x${opcode.toString(16)} is not known here`);
    }
  }

  #numbers(count: number): number {
    this.skipNumbers(count);
    return -1;
  }

  #second(): number {
    const opcode = this.u32();
    if (opcode <= 7) return opcode; // saturating conversions
    if (opcode === 8 || opcode === 10)
      this.skipNumbers(2); // memory.init, memory.copy
    else if (opcode === 9 || opcode === 11)
      this.skipNumbers(1); // data.drop, memory.fill
    else throw new RangeError(`instruction 0xfc ${opcode} is not known here`);
    return opcode;
  }
}
