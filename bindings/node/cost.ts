// Foresees how long an edit will hold the program up. V8 looks at every object of the heap at each edit, and what that takes
// depends on the objects more than on the bytes: 0.2 to 6 ms a MiB up to Node 22. So the edits of this thread are measured. Enabling the debugger
// looks through the heap as well, in a small part of the time: it tells when the heap has changed since.
import { ENTERS_BY_TABLE } from "./closures.ts";
import { PLACE_LIMITS } from "./limits.ts";

/** A measured edit. */
interface Sample {
  readonly tookMs: number;
  readonly heapBytes: number;
  /** What it took to enable the debugger before it; null where that is not known. */
  readonly enableMs: number | null;
}

/** So many edits are remembered. The cheapest counts: anything may hold one of them up, nothing makes it faster. */
const MAX_SAMPLES = 3;

/** The cost of edits in one thread. */
export class EditCost {
  readonly #ratio: number;
  #samples: Sample[] = [];
  #enables = 0;
  #enableMs: number | null = null;

  /** `ratio`: how many times longer an edit takes here than the limits say. */
  constructor(ratio: number = ENTERS_BY_TABLE ? PLACE_LIMITS.editByTableRatio : 1) {
    this.#ratio = ratio;
  }

  /** The debugger has been enabled in so many milliseconds. The first time means nothing: much is loaded then. */
  noteEnable(tookMs: number): void {
    if (this.#enables++ > 0) this.#enableMs = tookMs;
  }

  /** An edit has taken so many milliseconds. */
  noteEdit(tookMs: number, heapBytes: number): void {
    this.#samples = [...this.#samples, { tookMs, heapBytes, enableMs: this.#enableMs }].slice(-MAX_SAMPLES);
  }

  /** Milliseconds that the next edit will take. */
  foresee(heapBytes: number): number {
    const foreseen = this.#samples.map((sample) => {
      const byBytes = heapBytes / sample.heapBytes;
      const byEnabling = this.#enableMs === null || sample.enableMs === null ? 0 : this.#enableMs / sample.enableMs;
      return sample.tookMs * Math.max(byBytes, byEnabling);
    });
    if (this.#samples.length < MAX_SAMPLES) foreseen.push(this.#guess(heapBytes));
    return Math.min(...foreseen);
  }

  /** Without measurements: what it takes where objects are small, unless enabling the debugger says that there are few. */
  #guess(heapBytes: number): number {
    const byBytes = (heapBytes / 2 ** 20) * PLACE_LIMITS.editMsPerMiB;
    const byEnabling = this.#enableMs === null ? byBytes : this.#enableMs * PLACE_LIMITS.editPerEnable;
    return Math.min(byBytes, byEnabling) * this.#ratio;
  }
}
