// Puts a step counter into a WebAssembly module that others have built: it counts down at the head of each loop and by the size of
// each bulk copy, and traps when it is spent. So the module cannot run for ever, whatever it is given. Knows the core instructions
// that a C compiler emits; refuses every other, and changes nothing else. https://webassembly.github.io/spec/core/binary/
import { VerifyError } from "./errors.ts";

/** Name of the exported global that holds the steps left: a mutable i32. */
export const STEPS_EXPORT = "steps";
/** Instantiation runs before anybody can set the counter. */
const AMPLE = [0xff, 0xff, 0xff, 0xff, 0x07];
/** A bulk copy of so many bytes, as a power of two, costs one step. */
const BULK_SHIFT = 6;

const TYPES = 1;
const IMPORTS = 2;
const FUNCTIONS = 3;
const GLOBALS = 6;
const EXPORTS = 7;
const CODE = 10;

const I32 = 0x7f;
const END = 0x0b;

function unknown(what: string): never {
  throw new VerifyError("unmetered", `the interpreter has ${what}, which the meter does not know`, "Report it.");
}

/** A growing copy of the module. */
class Output {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  append(bytes: ArrayLike<number>): void {
    if (this.length + bytes.length > this.bytes.length) {
      const more = new Uint8Array(2 * (this.length + bytes.length));
      more.set(this.bytes);
      this.bytes = more;
    }
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  vector(content: Output): void {
    this.append(leb(content.length));
    this.append(content.bytes.subarray(0, content.length));
  }
}

/** Unsigned LEB128. */
function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** The module with its counter. Throws VerifyError for one that it does not understand in full. */
export function meter(module: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Meter(module).rewrite();
}

class Meter {
  readonly #bytes: Uint8Array;
  readonly #out: Output;
  #at = 8;
  #types = 0;
  #imported = 0;
  #defined = 0;
  /** Index of the counter. */
  #steps = 0;
  /** `steps -= 1; if (steps < 0) unreachable` */
  #check: number[] = [];

  constructor(module: Uint8Array) {
    this.#bytes = module;
    this.#out = new Output(Math.ceil(module.length * 1.125));
  }

  rewrite(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes;
    this.#out.append(bytes.subarray(0, 8));
    while (this.#at < bytes.length) {
      const from = this.#at;
      const id = bytes[this.#at++] as number;
      const size = this.#u32();
      const end = this.#at + size;
      if (id === CODE) this.#section(id, this.#code());
      else if (id === TYPES) {
        this.#types = this.#grown(end, id, 1, [0x60, 3, I32, I32, I32, 0]);
      } else if (id === FUNCTIONS) {
        this.#defined = this.#grown(end, id, 2, [...leb(this.#types), ...leb(this.#types)]);
      } else if (id === GLOBALS) {
        // The module imports none, or their number would have to be added.
        this.#steps = this.#grown(end, id, 1, [I32, 1, 0x41, ...AMPLE, END]);
        const spend = [0x23, ...leb(this.#steps), 0x41, 1, 0x6b, 0x24, ...leb(this.#steps)];
        this.#check = [...spend, ...this.#trap()];
      } else if (id === EXPORTS) {
        this.#grown(end, id, 1, [STEPS_EXPORT.length, ...ascii(STEPS_EXPORT), 3, ...leb(this.#steps)]);
      } else {
        if (id === IMPORTS) this.#readImports();
        this.#out.append(bytes.subarray(from, end));
      }
      this.#at = end;
    }
    if (this.#check.length === 0) unknown("no globals");
    return this.#out.bytes.slice(0, this.#out.length);
  }

  #trap(): number[] {
    return [0x23, ...leb(this.#steps), 0x41, 0, 0x48, 0x04, 0x40, 0x00, END];
  }

  #u32(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) unknown("no end");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  #section(id: number, content: Output): void {
    this.#out.append([id]);
    this.#out.vector(content);
  }

  /** A section with more entries at its end. Gives how many there were. */
  #grown(end: number, id: number, more: number, entries: readonly number[]): number {
    const count = this.#u32();
    const content = new Output(end - this.#at + entries.length + 8);
    content.append(leb(count + more));
    content.append(this.#bytes.subarray(this.#at, end));
    content.append(entries);
    this.#section(id, content);
    return count;
  }

  #readImports(): void {
    for (let left = this.#u32(); left > 0; left--) {
      for (let names = 2; names > 0; names--) {
        const size = this.#u32();
        this.#at += size;
      }
      const kind = this.#bytes[this.#at++];
      if (kind === 0) {
        this.#imported++;
        this.#u32();
      } else if (kind === 2) {
        const limits = this.#u32();
        this.#u32();
        if ((limits & 1) === 1) this.#u32();
      } else unknown(`an import of kind ${kind}`);
    }
  }

  #code(): Output {
    const count = this.#u32();
    const out = new Output(Math.ceil((this.#bytes.length - this.#at) * 1.125));
    out.append(leb(count + 2));
    for (let index = 0; index < count; index++) out.vector(this.#body());
    // memory.copy and memory.fill with their price, at the end, so that no function gets another number.
    for (const bulk of [
      [0xfc, 10, 0, 0],
      [0xfc, 11, 0],
    ]) {
      const steps = leb(this.#steps);
      const price = [0x23, ...steps, 0x20, 2, 0x41, BULK_SHIFT, 0x76, 0x6b, 0x24, ...steps];
      const body = [0, ...price, ...this.#trap(), 0x20, 0, 0x20, 1, 0x20, 2, ...bulk, END];
      out.append([...leb(body.length), ...body]);
    }
    return out;
  }

  #body(): Output {
    const bytes = this.#bytes;
    const size = this.#u32();
    const end = this.#at + size;
    const out = new Output(size + 256);
    let kept = this.#at;
    const keep = () => {
      out.append(bytes.subarray(kept, this.#at));
      kept = this.#at;
    };
    for (let groups = this.#u32(); groups > 0; groups--) {
      this.#u32();
      this.#at++;
    }
    while (this.#at < end) {
      const from = this.#at;
      const opcode = bytes[this.#at++] as number;
      if (opcode === 0x03) {
        this.#immediates(1);
        keep();
        out.append(this.#check);
      } else if (opcode === 0xfc) {
        const bulk = this.#prefixed();
        if (bulk < 0) continue;
        out.append(bytes.subarray(kept, from));
        out.append([0x10, ...leb(this.#imported + this.#defined + bulk)]);
        kept = this.#at;
      } else this.#skip(opcode);
    }
    if (this.#at !== end) unknown("a function that ends too late");
    keep();
    return out;
  }

  /** After 0xfc: 0 for memory.copy, 1 for memory.fill, -1 for what needs no price. */
  #prefixed(): number {
    const opcode = this.#u32();
    if (opcode <= 7) return -1; // saturating conversions
    if (opcode === 10 || opcode === 11) {
      this.#at += opcode === 10 ? 2 : 1;
      return opcode - 10;
    }
    // memory.init and data.drop: run at the start only, over segments of the file.
    if (opcode === 8) this.#immediates(2);
    else if (opcode === 9) this.#immediates(1);
    else unknown(`instruction 0xfc ${opcode}`);
    return -1;
  }

  #skip(opcode: number): void {
    if (opcode >= 0x45 && opcode <= 0xc4) return; // numbers
    if (opcode >= 0x28 && opcode <= 0x3e) return this.#immediates(2); // memory
    if (opcode >= 0x20 && opcode <= 0x24) return this.#immediates(1); // locals and globals
    switch (opcode) {
      case 0x00: // unreachable, nop, else, end, return, drop, select
      case 0x01:
      case 0x05:
      case 0x0b:
      case 0x0f:
      case 0x1a:
      case 0x1b:
        return;
      case 0x02: // block, if, br, br_if, call, memory.size, memory.grow, i32.const, i64.const
      case 0x04:
      case 0x0c:
      case 0x0d:
      case 0x10:
      case 0x3f:
      case 0x40:
      case 0x41:
      case 0x42:
        return this.#immediates(1);
      case 0x11: // call_indirect
        return this.#immediates(2);
      case 0x0e: // br_table
        return this.#immediates(this.#u32() + 1);
      case 0x43: // f32.const, f64.const
        this.#at += 4;
        return;
      case 0x44:
        this.#at += 8;
        return;
      default:
        unknown(`instruction 0x${opcode.toString(16)}`);
    }
  }

  /** Passes over so many LEB128 numbers. */
  #immediates(count: number): void {
    for (let left = count; left > 0; left--) {
      while (((this.#bytes[this.#at++] ?? 0) & 0x80) !== 0);
    }
  }
}

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
