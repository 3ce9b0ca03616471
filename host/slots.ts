// The memory of a guest as a writer sees it: slots, room in the arena up to where one hit may copy, errors as slots.
import { LIMITS, type ProbeLimits } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import { Access } from "./access.ts";
import { min } from "./natives.ts";

/** The largest size that a slot can say. */
export const MAX_SIZE = 2 ** 31 - 1;

/** What of a probe's limits concerns copying. */
export type CopyLimits = Pick<ProbeLimits, "arenaBytes" | "inputBytes" | "items" | "stringBytes">;

/** Slot addresses are byte addresses. `begin` starts a hit. */
export class Slots extends Access {
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  protected readonly i64: BigInt64Array;
  protected readonly bytes: Uint8Array;
  /** First free byte. */
  top = 0;
  protected end = 0;
  /** Of the module that is being read for. */
  limits: CopyLimits = LIMITS;

  constructor(memory: WebAssembly.Memory) {
    super();
    this.i32 = new Int32Array(memory.buffer);
    this.f64 = new Float64Array(memory.buffer);
    this.i64 = new BigInt64Array(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
  }

  /** Starts a hit whose input slots end at `start`, and for which what is copied ends at `end`. */
  begin(start: number, end: number, limits: CopyLimits): void {
    this.top = start;
    this.end = end;
    if (this.limits !== limits) this.limits = limits;
  }

  int(slot: number, value: number): void {
    this.put(slot, abi.TAG_INT, 0, value, value < 0 ? -1 : 0);
  }

  /** Room for `size` bytes, or 0. */
  protected alloc(size: number): number {
    const at = this.top;
    const next = (at + size + 7) & ~7;
    if (next > this.end) return 0;
    this.top = next;
    return at;
  }

  protected put(slot: number, tag: number, length: number, pointer = 0, count = 0): void {
    const i = slot >> 2;
    this.i32[i] = tag;
    this.i32[i + 1] = length;
    this.i32[i + 2] = pointer;
    this.i32[i + 3] = count;
  }

  error(slot: number, code: number, up = 0): void {
    this.put(slot, abi.TAG_ERROR, (up << abi.ERR_UP_SHIFT) | code);
  }

  /** The error of a value that was read and is of no use: it is blamed on the use, not on the path. */
  unusable(slot: number, code: number): void {
    this.put(slot, abi.TAG_ERROR, code, 1);
  }

  /** Marks what is in a slot as cut; `size`: the true one of a container. */
  cut(slot: number, size: number | null): void {
    const i = slot >> 2;
    if (this.i32[i] === abi.TAG_ERROR) return;
    this.i32[i] = (this.i32[i] as number) | abi.FLAG_TRUNCATED;
    if (size !== null) this.i32[i + 1] = min(size, MAX_SIZE);
  }
}
