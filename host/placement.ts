// What a host asks of a binding: put a probe at a line, call these functions on each hit, take it out again. Types only.
import type { PlacementError } from "./errors.ts";

/** Stands in for a variable that could not be read at the hit (it was in its temporal dead zone). */
export const UNAVAILABLE: unique symbol = Symbol("unavailable");

/** What the binding calls at each hit. Neither may throw; a binding guards the program against both all the same. */
export interface HitHandler {
  /** Decides whether the hit fires. Receives the values of `PlaceRequest.testNames`, in order. */
  readonly test: (...values: readonly unknown[]) => boolean;
  /**
   * Called, synchronously and on the program's own stack, only when `test` returned true. `names` and `values` are
   * parallel: `PlaceRequest.captureNames`, or every readable name. A value may be UNAVAILABLE.
   */
  readonly fire: (names: readonly string[], values: readonly unknown[], origin?: HitOrigin) => void;
}

/** Where the binding's own frames end, so that a captured stack begins with the program's. */
export interface HitOrigin {
  /** The outermost function of the binding on the stack. */
  // biome-ignore lint/complexity/noBannedTypes: any function may mark a place in the stack; it is never called
  readonly below: Function;
  /** Further frames to leave out. */
  readonly skip: number;
  /** What the first frame is called by its source text, for a runtime that has lost the name; "" where it has none. */
  readonly functionName?: string;
}

export interface PlaceRequest {
  readonly probeId: string;
  /** A path or path suffix, as a person wrote it. */
  readonly file: string;
  /** From 1, in the original source when there is a source map. */
  readonly line: number;
  /** Variables that `test` receives. */
  readonly testNames: readonly string[];
  /** Variables that `fire` receives; null for every readable one. */
  readonly captureNames: readonly string[] | null;
  readonly handler: HitHandler;
  /** Called on each change of the placement, never while `place` itself runs on the stack. */
  readonly onChange: (state: PlacementState) => void;
}

/** Where a probe really stands. Original positions when there is a source map. */
export interface Site {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Name of the enclosing function, empty at module level. */
  readonly functionName: string;
  /** Name of the class that the function belongs to, empty outside of one. */
  readonly className: string;
  /** Every name that can be read there. `this` is among them where it means something. */
  readonly names: readonly string[];
}

export type EngineName = "inject" | "inspector";

export type PlacementState =
  /** No loaded script matches yet; installed as soon as one does. */
  | { readonly kind: "pending"; readonly note: string }
  /** `note` says what a person should know: another line was chosen, a slower engine serves for now and why, ... */
  | { readonly kind: "installed"; readonly engine: EngineName; readonly site: Site; readonly note: string }
  | { readonly kind: "failed"; readonly error: PlacementError };

export interface PlacementStats {
  /** Edits tried, refused by the runtime, and time they took on the program's thread, ms. */
  readonly edits: number;
  readonly refused: number;
  readonly editMs: number;
}

/** A binding's side. One per thread of the program. */
export interface Placement {
  /** Starts to place a probe; the outcome arrives at `onChange`, always asynchronously. Never throws. */
  place(request: PlaceRequest): void;
  /** Takes the probe out; when the promise is fulfilled, no new hit arrives. Unknown ids are ignored. */
  remove(probeId: string): Promise<void>;
  stats(): PlacementStats;
  /** Takes everything out and lets go of the runtime. */
  close(): Promise<void>;
}
