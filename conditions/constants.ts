// The constants of a module: texts and slots in its data segment, and the globals that it imports. The emitter fills it.
import * as abi from "../engine/abi.ts";
import { Bytes } from "./wasm.ts";

/** Global indexes, fixed by the order of the imports. */
export const GLOBAL = Object.freeze({ base: 0, steps: 1, top: 2, end: 3 });

const encoder = new TextEncoder();

/** Constants of a module. Addresses are offsets from the module's base until it is instantiated. */
export class Constants {
  private readonly bytes = new Bytes();
  private readonly known = new Map<string, number>();
  /** Words to which the base is added when the module starts. */
  readonly relocations: number[] = [];

  get size(): number {
    return this.bytes.length;
  }

  data(): Uint8Array {
    return this.bytes.toUint8Array();
  }

  /** UTF-8 text; gives its offset and length. */
  text(value: string): { offset: number; length: number } {
    const encoded = encoder.encode(value);
    return { offset: this.once(`t${value}`, () => this.place(encoded, 1)), length: encoded.length };
  }

  /** A slot without pointers. */
  slot(tag: number, payload: (view: DataView) => void): number {
    const raw = new Uint8Array(abi.SLOT_BYTES);
    const view = new DataView(raw.buffer);
    view.setInt32(0, tag, true);
    payload(view);
    const key = `s${tag},${view.getInt32(abi.SLOT_LENGTH)},${view.getBigInt64(abi.SLOT_PAYLOAD)}`;
    return this.once(key, () => this.place(raw, abi.SLOT_PAYLOAD));
  }

  /** A STRING, BYTES, TYPE or ZONE slot. `key` names the content among those with the same tag. */
  textSlot(tag: number, content: Uint8Array, key: string = content.join(",")): number {
    return this.once(`p${tag}:${key}`, () => {
      const offset = this.place(content, 1);
      const raw = new Uint8Array(abi.SLOT_BYTES);
      const view = new DataView(raw.buffer);
      view.setInt32(0, tag, true);
      view.setInt32(abi.SLOT_LENGTH, content.length, true);
      view.setInt32(abi.SLOT_PAYLOAD, offset, true);
      const slot = this.place(raw, abi.SLOT_PAYLOAD);
      this.relocations.push(slot + abi.SLOT_PAYLOAD);
      return slot;
    });
  }

  /** Bytes without pointers, such as a table. */
  table(content: Uint8Array): number {
    return this.once(`b${content.join()}`, () => this.place(content, abi.SLOT_PAYLOAD));
  }

  private once(key: string, make: () => number): number {
    let offset = this.known.get(key);
    if (offset === undefined) {
      offset = make();
      this.known.set(key, offset);
    }
    return offset;
  }

  private place(content: Uint8Array, align: number): number {
    while (this.bytes.length % align !== 0) this.bytes.byte(0);
    const offset = this.bytes.length;
    this.bytes.append(content);
    return offset;
  }
}
