// Puts a step counter into a WebAssembly module that others have built: it counts down at the head of each loop and by the size of
// each bulk copy, and traps when it is spent. So the module cannot run for ever, whatever it is given. Knows the core instructions
// that a C compiler emits; refuses every other, and changes nothing else. https://webassembly.github.io/spec/core/binary/
import { ModuleReader } from "../conditions/index.ts";
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
const LOOP = 0x03;
const END = 0x0b;
/** Behind 0xfc. */
const MEMORY_COPY = 10;
const MEMORY_FILL = 11;

function unknown(what: string): never {
  throw new VerifyError("unmetered", `the interpreter cannot be given a step counter: ${what}`, "Report it.");
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
  try {
    return new Meter(module).rewrite();
  } catch (error) {
    if (error instanceof RangeError) unknown(error.message);
    throw error;
  }
}

class Meter {
  readonly #reader: ModuleReader;
  readonly #out: Output;
  #types = 0;
  #imported = 0;
  #defined = 0;
  /** Index of the counter. */
  #steps = 0;
  /** `steps -= 1; if (steps < 0) unreachable` */
  #check: number[] = [];

  constructor(module: Uint8Array) {
    this.#reader = new ModuleReader(module);
    this.#out = new Output(Math.ceil(module.length * 1.125));
  }

  rewrite(): Uint8Array<ArrayBuffer> {
    const { bytes } = this.#reader;
    this.#out.append(bytes.subarray(0, 8));
    let from = 8;
    for (const { id, from: content, end } of this.#reader.sections()) {
      this.#reader.at = content;
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
      from = end;
    }
    if (this.#check.length === 0) unknown("it has no globals");
    return this.#out.bytes.slice(0, this.#out.length);
  }

  #trap(): number[] {
    return [0x23, ...leb(this.#steps), 0x41, 0, 0x48, 0x04, 0x40, 0x00, END];
  }

  #section(id: number, content: Output): void {
    this.#out.append([id]);
    this.#out.vector(content);
  }

  /** A section with more entries at its end. Gives how many there were. */
  #grown(end: number, id: number, more: number, entries: readonly number[]): number {
    const reader = this.#reader;
    const count = reader.u32();
    const content = new Output(end - reader.at + entries.length + 8);
    content.append(leb(count + more));
    content.append(reader.bytes.subarray(reader.at, end));
    content.append(entries);
    this.#section(id, content);
    return count;
  }

  #readImports(): void {
    const reader = this.#reader;
    for (let left = reader.u32(); left > 0; left--) {
      reader.name();
      reader.name();
      const kind = reader.byte();
      if (kind === 0) {
        this.#imported++;
        reader.u32();
      } else if (kind === 2) reader.skipNumbers(reader.byte() === 1 ? 2 : 1);
      else unknown(`it has an import of kind ${kind}`);
    }
  }

  #code(): Output {
    const count = this.#reader.u32();
    const out = new Output(Math.ceil((this.#reader.bytes.length - this.#reader.at) * 1.125));
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
    const reader = this.#reader;
    const size = reader.u32();
    const end = reader.at + size;
    const out = new Output(size + 256);
    let kept = reader.at;
    const keepTo = (at: number) => {
      out.append(reader.bytes.subarray(kept, at));
      kept = reader.at;
    };
    reader.skipLocals();
    while (reader.at < end) {
      const from = reader.at;
      const opcode = reader.byte();
      const second = reader.skipOperands(opcode);
      if (opcode === LOOP) {
        keepTo(reader.at);
        out.append(this.#check);
      } else if (second === MEMORY_COPY || second === MEMORY_FILL) {
        keepTo(from);
        out.append([0x10, ...leb(this.#imported + this.#defined + second - MEMORY_COPY)]);
      }
    }
    if (reader.at !== end) unknown("a function ends too late");
    keepTo(end);
    return out;
  }
}

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
