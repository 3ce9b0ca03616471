// Probes that stand in a program which has connected anew: known by their placement, which names the probe and a fingerprint of all that
// was asked for. One that the broker still wants unchanged is adopted, with what it has told meanwhile; the others are taken out.
import { createHash } from "node:crypto";
import { HOST_LIMITS } from "../limits.ts";
import type { ProbeSpec } from "../protocol.ts";
import { VERSION } from "../version.ts";
import type { BindingToHost, PlacementCounts, Standing } from "./messages.ts";

type PlacementFrame = Extract<BindingToHost, { readonly placementId: string }>;

/** A placement that stands, and what the program has told of it. */
export interface Held {
  readonly placementId: string;
  readonly frames: PlacementFrame[];
  counts: PlacementCounts | null;
}

/** Eight digits for all that makes a placement what it is: the same release makes the same modules of the same probe. */
export function fingerprint(spec: ProbeSpec): string {
  const { id, kind, file, line, at, fileHash, condition, template, hitLimit, expiresAt, onError, rate, limits } = spec;
  const wanted = [VERSION, id, kind, file, line, at, fileHash, condition, template, hitLimit, expiresAt, onError, rate];
  const sorted = Object.entries(limits ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([wanted, sorted]))
    .digest("hex")
    .slice(0, 8);
}

/** What a program has brought along. */
export class Adoptions {
  readonly #held = new Map<string, Held>();

  constructor(standing: readonly Standing[]) {
    for (const { placementId } of standing) this.#held.set(placementId, { placementId, frames: [], counts: null });
  }

  /** Whether there is nothing to adopt. */
  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  /** The placement of a probe of this fingerprint, or null. It is adopted by that. */
  take(probeId: string, print: string): Held | null {
    const prefix = `${probeId}~${print}~`;
    for (const [placementId, held] of this.#held) {
      if (!placementId.startsWith(prefix)) continue;
      this.#held.delete(placementId);
      return held;
    }
    return null;
  }

  /** Keeps a frame until it is known what becomes of its placement. false: it is none of these, or there is no room. */
  hold(frame: PlacementFrame): boolean {
    const held = this.#held.get(frame.placementId);
    if (held === undefined || held.frames.length > HOST_LIMITS.queueEvents) return false;
    held.frames.push(frame);
    return true;
  }

  /** Keeps the newest counts of a placement. */
  count(counts: PlacementCounts): void {
    const held = this.#held.get(counts.placementId);
    if (held !== undefined) held.counts = counts;
  }

  /** Those that nobody has taken. There are none any more after that. */
  end(): readonly Held[] {
    const left = [...this.#held.values()];
    this.#held.clear();
    return left;
  }
}
