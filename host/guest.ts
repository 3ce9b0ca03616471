// The guest: one memory, one engine, and the probe modules in it. The only file that touches WebAssembly.

import { type Compiled, type Entry, EXPORT_NAMES, type Span, spanOfError } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import { ENGINE_BASE64 } from "../engine/binary.ts";
import { type Answer, answer, type Results } from "./answer.ts";
import { GuestError } from "./errors.ts";
import { apply, decodeText, subarray } from "./natives.ts";
import { type Enter, makeReader, type Reader } from "./reader.ts";
import type { Redact } from "./redaction.ts";
import { Segments } from "./segments.ts";
import { verifyModule } from "./verify.ts";
import { Writer } from "./writer.ts";

interface EngineExports {
  readonly steps: WebAssembly.Global;
  readonly [name: string]: WebAssembly.ExportValue;
}

/** A probe module ready to run. Values are passed in the order of `Compiled.projection.roots`. */
export class LoadedModule<E extends Entry = Entry> {
  readonly compiled: Compiled<E>;
  /** The output of the last `render` was cut. */
  truncated = false;
  readonly guest: Guest;
  private readonly base: number;
  private closed = false;

  constructor(guest: Guest, compiled: Compiled<E>, base: number, enter: Enter) {
    this.guest = guest;
    this.compiled = compiled;
    this.base = base;
    this.enter = enter;
    this.test = makeReader(compiled.projection, guest.writer, enter, compiled.limits);
  }

  /** The module's code alone, over slots that are read already. */
  readonly enter: Enter;

  /** Of a condition: 1 true, 0 false, negative an error (`spanOf`, `errorCodeName`). Reads the values, runs none of their code. */
  readonly test: Reader;

  /** Of a template: the text. */
  render(...values: readonly unknown[]): string {
    const length = apply(this.test, undefined, values);
    this.truncated = this.guest.outputCut();
    return decodeText(subarray(this.guest.bytes, abi.OUT_BASE, abi.OUT_BASE + length));
  }

  /** Of a value module: the address of the result's slot, valid until the next evaluation in this guest. */
  evaluate(...values: readonly unknown[]): number {
    return apply(this.test, undefined, values);
  }

  /**
   * Evaluates over variables by name: a condition gives a boolean, a template its text, a value an ordinary JavaScript value (see
   * plain.ts). A variable that is not there is the error `undeclared`. For what runs often, `test` takes the values in order.
   */
  run(variables: Readonly<Record<string, unknown>>): Answer<Results[E]> {
    return answer(this, variables);
  }

  /** Steps that the last evaluation spent. */
  steps(): number {
    return this.compiled.limits.steps - this.guest.stepsLeft();
  }

  /** Where in the source an error points. */
  spanOf(packed: number): Span {
    return spanOfError(this.compiled, Math.abs(packed));
  }

  /** Gives the module's memory back. Using it afterwards is a fault of the caller. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.guest.release(this.base, this.compiled.dataBytes);
  }
}

/** True where this process can run WebAssembly (not under `--jitless`). */
export function canRunGuest(): boolean {
  return typeof WebAssembly === "object";
}

/** What a guest takes. */
export interface GuestOptions {
  /** Names whose values may not be read; they are the error `redacted`. Default: none, for values that are the caller's own. */
  readonly redact?: Redact;
}

/** One memory of fixed size with the engine in it. One a thread. Not for concurrent use. */
export class Guest {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly writer: Writer;
  private readonly engine: EngineExports;
  private readonly segments = new Segments(abi.SEGMENTS_BASE, abi.SEGMENTS_END);

  /** Throws GuestError where there is no WebAssembly. */
  constructor(options: GuestOptions = {}) {
    if (!canRunGuest()) {
      throw new GuestError("no_webassembly", "this process has no WebAssembly", "Start Node without --jitless.");
    }
    this.memory = new WebAssembly.Memory({ initial: abi.MEMORY_PAGES, maximum: abi.MEMORY_PAGES });
    const module = new WebAssembly.Module(decodeBase64(ENGINE_BASE64));
    this.engine = new WebAssembly.Instance(module, { env: { memory: this.memory } })
      .exports as unknown as EngineExports;
    this.bytes = new Uint8Array(this.memory.buffer);
    this.writer = new Writer(this.memory, options.redact ?? null);
  }

  /** Verifies and instantiates a module. Throws VerifyError or GuestError (`guest_full`). */
  load<E extends Entry>(compiled: Compiled<E>): LoadedModule<E> {
    verifyModule(compiled.wasm);
    const base = this.segments.take(compiled.dataBytes);
    if (base === null) {
      throw new GuestError("guest_full", "no memory is left for another probe", "Remove a probe first.");
    }
    const module = new WebAssembly.Module(compiled.wasm as Uint8Array<ArrayBuffer>);
    const imports = {
      env: { memory: this.memory, base: new WebAssembly.Global({ value: "i32", mutable: false }, base) },
      engine: this.engine as unknown as WebAssembly.ModuleImports,
    };
    const { exports } = new WebAssembly.Instance(module, imports);
    return new LoadedModule(this, compiled, base, exports[EXPORT_NAMES[compiled.entry]] as unknown as Enter);
  }

  stepsLeft(): number {
    return this.engine.steps.value as number;
  }

  outputCut(): boolean {
    return (this.engine.outCut as unknown as () => number)() !== 0;
  }

  /** The packed error in a result slot, or 0 if it holds a value. */
  errorIn(slot: number): number {
    const { i32 } = this.writer;
    return i32[slot >> 2] === abi.TAG_ERROR ? (i32[(slot + abi.SLOT_LENGTH) >> 2] as number) : 0;
  }

  /** Called by LoadedModule.close. */
  release(base: number, size: number): void {
    this.segments.give(base, size);
  }

  /** Bytes of probe data in use. */
  segmentBytes(): number {
    return this.segments.used;
  }
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
