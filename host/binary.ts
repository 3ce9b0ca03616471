// Reads a WebAssembly file byte by byte for the verifier. Every mistake is a VerifyError that names the step and the byte;
// never reads past the end, never accepts a number that is written longer than it need be.
import { VerifyError } from "./errors.ts";

/** Why the verifier refuses a module. */
export type VerifyCode =
  | "malformed"
  | "forbidden_section"
  | "forbidden_import"
  | "memory_limit"
  | "forbidden_export"
  | "forbidden_opcode"
  | "forbidden_write"
  | "unbounded_loop"
  | "unbalanced"
  | "data_limit"
  | "probe_section"
  | "too_large"
  | "invalid";

const REMEDY =
  "Compile the expression again with this version; a module that was not made by this compiler is never run.";

/** A cursor over the bytes of a module. */
export class BinaryReader {
  readonly bytes: Uint8Array;
  at = 0;
  /** What is being read, for messages. */
  step = "header";

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Refuses the module at byte `at`. */
  fail(code: VerifyCode, what: string, at = this.at): never {
    throw new VerifyError(code, `${this.step}: ${what} (byte ${at})`, REMEDY);
  }

  byte(): number {
    if (this.at >= this.bytes.length) this.fail("malformed", "the file ends too early");
    return this.bytes[this.at++] as number;
  }

  /** The next byte must be this one. */
  expect(value: number, code: VerifyCode, what: string): void {
    if (this.byte() !== value) this.fail(code, what, this.at - 1);
  }

  /** These bytes must come next. */
  expectAll(values: readonly number[], code: VerifyCode, what: string): void {
    const from = this.at;
    for (const value of values) if (this.byte() !== value) this.fail(code, what, from);
  }

  /** Unsigned LEB128 of 32 bits in its shortest form. */
  u32(): number {
    const from = this.at;
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (byte === 0 || value > 0xffff_ffff) break;
        return value;
      }
    }
    return this.fail("malformed", "a number is out of range or longer than need be", from);
  }

  /** Signed LEB128 of 32 bits in its shortest form. */
  s32(): number {
    const from = this.at;
    let previous = -1;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        const negative = (byte & 0x40) !== 0;
        // The last group of five has room for four bits, the others must repeat the sign.
        if (shift === 28 && byte !== (byte & 0x0f) && (byte & 0x78) !== 0x78) break;
        if (shift === 28 && ((byte & 0x08) !== 0) !== negative) break;
        // A group that only repeats the sign of the one before it is superfluous.
        if (previous >= 0 && ((byte === 0 && (previous & 0x40) === 0) || (byte === 0x7f && (previous & 0x40) !== 0)))
          break;
        return negative && shift < 28 ? value | (-1 << (shift + 7)) : value;
      }
      previous = byte;
    }
    return this.fail("malformed", "a number is out of range or longer than need be", from);
  }

  /** A size that must fit into what is left. */
  size(): number {
    const from = this.at;
    const size = this.u32();
    if (size > this.bytes.length - this.at) this.fail("malformed", "a size reaches past the end of the file", from);
    return size;
  }

  /** A name in ASCII. */
  name(): string {
    const end = this.size() + this.at;
    let text = "";
    while (this.at < end) {
      const byte = this.byte();
      if (byte > 0x7f) this.fail("malformed", "a name is not ASCII", this.at - 1);
      text += String.fromCharCode(byte);
    }
    return text;
  }
}
