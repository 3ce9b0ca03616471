// Takes snapshots at a hit: the stack, and the variables as Captured, outer values first when a budget runs out. Never runs
// code of the program (no getter, trap, iterator or conversion), never throws, and keeps no reference to its objects.
import {
  CAPTURE_LIMITS,
  type Captured,
  type CaptureLimits,
  type Frame,
  natives,
  type RuntimeFacts,
  runtimeFacts,
  type Snapshot,
  UNAVAILABLE,
} from "../../host/index.ts";
import { omit } from "./lists.ts";
import { ANONYMOUS, type Marker, type ResolvePosition, resolveFrames, StackReader } from "./stack.ts";
import { type Redact, Walk } from "./walk.ts";

const { blank, clockMs, indexOfText, round, sliceText } = natives;

/** Estimated bytes of an encoded frame without its texts. */
const FRAME_BYTES = 40;

export interface CapturerOptions {
  /** Names whose values are not shown: variables, fields, keys of maps. Called at the hit; must not throw. */
  readonly redact?: Redact;
  /** What the runtime tells beyond the language; for tests. */
  readonly facts?: RuntimeFacts;
  /** Milliseconds of a steady clock; for tests. */
  readonly clockMs?: () => number;
}

export interface SnapshotOptions {
  readonly limits?: CaptureLimits;
  /** The outermost function of ours on the stack: only frames below it are shown. */
  readonly below?: Marker;
  /** Further frames to leave out, counted from the innermost. */
  readonly skip?: number;
  /** What the first frame is called where V8 has no name for it: an edit takes the names away that V8 infers, as for `exports.f`. */
  readonly functionName?: string;
  /** Maps positions at once. Slow: `resolveFrames` does the same when the event is sent. */
  readonly resolvePosition?: ResolvePosition;
}

/** Captures on one thread. Its arrays are made once, so make one and use it for every probe. */
export class Capturer {
  readonly #walk: Walk;
  readonly #stack: StackReader;
  readonly #clockMs: () => number;
  #isBusy = false;

  constructor(options: CapturerOptions = {}) {
    this.#clockMs = options.clockMs ?? clockMs;
    this.#walk = new Walk(options.facts ?? runtimeFacts, options.redact ?? null, this.#clockMs);
    this.#stack = new StackReader();
  }

  /** One value, without a name. */
  captureValue(value: unknown, limits: CaptureLimits = CAPTURE_LIMITS): Captured {
    return this.#capture([""], [value], limits, this.#clockMs(), null)[0]![1];
  }

  /**
   * The stack and these variables; `names` and `values` are parallel. UNAVAILABLE stands for one that cannot be read.
   * `caller` stands in for `below` where there is none.
   */
  captureSnapshot(
    names: readonly string[],
    values: readonly unknown[],
    options: SnapshotOptions = {},
    caller: Marker = this.captureSnapshot,
  ): Snapshot {
    const startMs = this.#clockMs();
    const limits = options.limits ?? CAPTURE_LIMITS;
    const read = this.#readStack(limits.frames, options.below ?? caller, options.skip);
    if (options.functionName) nameFirst(read.frames, options.functionName);
    const variables = this.#capture(names, values, limits, startMs, read.frames);
    const frames = options.resolvePosition ? resolveFrames(read.frames, options.resolvePosition) : read.frames;
    const captureUs = round((this.#clockMs() - startMs) * 10_000) / 10;
    return read.omitted ? { frames, framesOmitted: true, variables, captureUs } : { frames, variables, captureUs };
  }

  #readStack(limit: number, below: Marker, skip?: number): { readonly frames: Frame[]; readonly omitted: boolean } {
    try {
      return this.#stack.read(limit, below, skip);
    } catch {
      // The program stands at the very end of its own stack.
      return { frames: [], omitted: true };
    }
  }

  #capture(
    names: readonly string[],
    values: readonly unknown[],
    limits: CaptureLimits,
    startMs: number,
    frames: readonly Frame[] | null,
  ): [name: string, value: Captured][] {
    const variables = blank(names.length) as [string, Captured][];
    for (let i = 0; i < names.length; i++) variables[i] = [names[i]!, omit("unavailable")];
    // A debugger that stopped inside a capture may run code that hits another probe.
    if (this.#isBusy) return variables;
    this.#isBusy = true;
    try {
      const walk = this.#walk;
      walk.begin(limits, startMs);
      if (frames !== null) {
        for (let i = 0; i < frames.length; i++) {
          walk.charge(FRAME_BYTES + frames[i]!.function.length + frames[i]!.file.length);
        }
      }
      for (let i = 0; i < names.length; i++) {
        if (values[i] !== UNAVAILABLE) variables[i]![1] = walk.root(names[i]!, values[i]);
      }
      walk.drain();
    } catch {
      // What is there is true; the rest says that it is unavailable.
    } finally {
      this.#walk.end();
      this.#isBusy = false;
    }
    return variables;
  }
}

function nameFirst(frames: Frame[], name: string): void {
  const first = frames[0];
  if (first === undefined) return;
  const at = indexOfText(first.function, ANONYMOUS);
  if (at >= 0) frames[0] = { ...first, function: sliceText(first.function, 0, at) + name };
}

let shared: Capturer | null = null;

/** Makes what captures on this thread need (about 2 ms), so that the first hit does not have to. */
export function prepareCapture(): Capturer {
  shared ??= new Capturer();
  return shared;
}

/** A snapshot by the one capturer of this thread. */
export function captureSnapshot(
  names: readonly string[],
  values: readonly unknown[],
  options: SnapshotOptions = {},
): Snapshot {
  return prepareCapture().captureSnapshot(names, values, options, captureSnapshot);
}

/** A value by the one capturer of this thread. */
export function captureValue(value: unknown, limits: CaptureLimits = CAPTURE_LIMITS): Captured {
  return prepareCapture().captureValue(value, limits);
}
