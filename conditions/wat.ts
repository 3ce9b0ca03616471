// Prints a probe module as WebAssembly text, for people. Reads only what encodeModule of wasm.ts writes; never verifies:
// that is the host's work. https://webassembly.github.io/spec/core/text/
import { F64, I32, I64, OP } from "./wasm.ts";

const TYPE_NAMES: Readonly<Record<number, string>> = { [I32]: "i32", [I64]: "i64", [F64]: "f64" };

/** `i32LtS` is `i32.lt_s`, `brIf` is `br_if`, `localGet` is `local.get`. */
const OPCODE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(OP).map(([name, opcode]) => [
    opcode,
    name
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .toLowerCase()
      .replace(/^(i32|i64|f64|local|global)_/, "$1."),
  ]),
);

/** The text of a module, one instruction a line, with the names of the engine's functions. */
export function printWat(wasm: Uint8Array): string {
  return new Printer(wasm).module();
}

class Printer {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 8;
  readonly #lines: string[] = ["(module"];
  readonly #types: string[] = [];
  /** Names of the functions, the imported ones first. */
  readonly #functions: string[] = [];
  /** Type indexes of the functions defined here. */
  readonly #declared: number[] = [];
  readonly #exports = new Map<number, string>();
  #globals = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  module(): string {
    while (this.#at < this.#bytes.length) {
      const id = this.#byte();
      const size = this.#u32();
      const end = this.#at + size;
      this.#section(id, end);
      this.#at = end;
    }
    return `${this.#lines.join("\n")}\n)\n`;
  }

  #section(id: number, end: number): void {
    if (id === 0) {
      this.#lines.push(`  ;; custom section "${this.#text()}", ${end - this.#at} bytes`);
      return;
    }
    if (id === 8) {
      this.#lines.push(`  (start ${this.#u32()})`);
      return;
    }
    const count = this.#u32();
    for (let i = 0; i < count; i++) {
      if (id === 1) this.#type();
      else if (id === 2) this.#import();
      else if (id === 3) this.#declared.push(this.#u32());
      else if (id === 7) {
        const name = this.#text();
        this.#byte();
        this.#exports.set(this.#u32(), name);
      } else if (id === 10) this.#function(i);
      else if (id === 11) this.#data();
    }
  }

  #type(): void {
    this.#byte();
    const params = this.#valueTypes();
    const results = this.#valueTypes();
    const signature = `${params === "" ? "" : ` (param${params})`}${results === "" ? "" : ` (result${results})`}`;
    this.#lines.push(`  (type (;${this.#types.length};) (func${signature}))`);
    this.#types.push(signature);
  }

  #import(): void {
    const from = `"${this.#text()}" "${this.#text()}"`;
    const name = from.split('"')[3] as string;
    const kind = this.#byte();
    let what: string;
    if (kind === 0) {
      what = `(func $${name} (type ${this.#u32()}))`;
      this.#functions.push(`$${name}`);
    } else if (kind === 2) {
      this.#byte();
      what = `(memory ${this.#u32()} ${this.#u32()})`;
    } else {
      const type = TYPE_NAMES[this.#byte()];
      what = `(global (;${this.#globals++};) ${this.#byte() === 1 ? `(mut ${type})` : type}) ;; ${name}`;
    }
    const [definition, comment] = what.split(" ;; ");
    this.#lines.push(`  (import ${from} ${definition})${comment === undefined ? "" : ` ;; ${comment}`}`);
  }

  #function(index: number): void {
    const size = this.#u32();
    const end = this.#at + size;
    const number = this.#functions.length + index;
    const exported = this.#exports.get(number);
    const name = exported === undefined ? "" : ` (export "${exported}")`;
    this.#lines.push(`  (func (;${number};)${name} (type ${this.#declared[index]})`);
    const groups = this.#u32();
    for (let i = 0; i < groups; i++) {
      const count = this.#u32();
      this.#lines.push(`    (local${` ${TYPE_NAMES[this.#byte()]}`.repeat(count)})`);
      if (count === 0) this.#lines.pop();
    }
    let depth = 2;
    while (this.#at < end - 1) {
      const opcode = this.#byte();
      if (opcode === OP.end || opcode === OP.else) depth--;
      this.#lines.push("  ".repeat(depth) + this.#instruction(opcode));
      if (opcode === OP.block || opcode === OP.loop || opcode === OP.if || opcode === OP.else) depth++;
    }
    this.#at = end;
    this.#lines.push("  )");
  }

  #instruction(opcode: number): string {
    const name = OPCODE_NAMES.get(opcode) ?? `;; opcode 0x${opcode.toString(16)}`;
    switch (opcode) {
      case OP.block:
      case OP.loop:
      case OP.if: {
        const type = TYPE_NAMES[this.#byte()];
        return type === undefined ? name : `${name} (result ${type})`;
      }
      case OP.call:
        return `${name} ${this.#functions[this.#u32()]}`;
      case OP.i32Const:
        return `${name} ${this.#signed(32)}`;
      case OP.i64Const:
        return `${name} ${this.#signed(64)}`;
      case OP.f64Const: {
        const value = this.#view.getFloat64(this.#at, true);
        this.#at += 8;
        return `${name} ${doubleText(value)}`;
      }
    }
    if (/^(local|global)\.|^br/.test(name)) return `${name} ${this.#u32()}`;
    if (!/load|store/.test(name)) return name;
    const align = 2 ** this.#u32();
    const offset = this.#u32();
    return `${name}${offset === 0 ? "" : ` offset=${offset}`} align=${align}`;
  }

  #data(): void {
    this.#at += 2; // flags 0, `global.get`
    const global = this.#u32();
    this.#at++;
    const size = this.#u32();
    const content = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    this.#lines.push(`  (data (global.get ${global}) "${Array.from(content, byteText).join("")}")`);
  }

  #valueTypes(): string {
    let names = "";
    for (let left = this.#u32(); left > 0; left--) names += ` ${TYPE_NAMES[this.#byte()]}`;
    return names;
  }

  #byte(): number {
    return this.#bytes[this.#at++] as number;
  }

  #u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  #signed(bits: number): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(bits, (byte & 0x40) === 0 ? value : value | (-1n << (shift + 7n)));
    }
  }

  #text(): string {
    const length = this.#u32();
    this.#at += length;
    return new TextDecoder().decode(this.#bytes.subarray(this.#at - length, this.#at));
  }
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

function byteText(byte: number): string {
  const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
  return plain ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, "0")}`;
}
