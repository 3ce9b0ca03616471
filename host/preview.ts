// Runs a compiled condition or template over recorded snapshots: how often it would have fired, how it fails, what it costs, and
// what it reads that was not recorded. The same module, reader and guest as a live probe.
import type { Compiled } from "../conditions/index.ts";
import { type Fault, faultAt } from "./answer.ts";
import type { Snapshot } from "./captured.ts";
import type { Guest, LoadedModule } from "./guest.ts";
import { type Missing, missingPaths } from "./missing.ts";
import { UNAVAILABLE } from "./placement.ts";
import { recordedValues } from "./recorded.ts";

/** One kind of failure at one place, and how often it came. */
export interface PreviewError extends Fault {
  readonly count: number;
}

/** What a preview found. fired + notFired + the counts of `errors` = snapshots; of a template `fired` counts the rendered ones. */
export interface Preview {
  readonly snapshots: number;
  readonly fired: number;
  readonly notFired: number;
  readonly errors: readonly PreviewError[];
  /** Of one evaluation; null if there was none. */
  readonly steps: { readonly median: number; readonly max: number } | null;
  /** Paths that were read and not recorded whole, in how many snapshots, the most frequent first. */
  readonly missing: readonly (Missing & { readonly count: number })[];
  /** Of a template: the first texts. */
  readonly texts: readonly string[];
}

/** Texts that a preview of a template shows. */
const SHOWN_TEXTS = 5;

/** Previews a condition or a template over snapshots. Throws GuestError if the module cannot be loaded. */
export function preview(guest: Guest, compiled: Compiled, snapshots: Iterable<Snapshot>): Preview {
  const loaded = guest.load(compiled);
  const tally = new Tally(loaded);
  try {
    for (const { variables } of snapshots) {
      const values = recordedValues(variables);
      const inputs = compiled.projection.roots.map(({ key }) =>
        values.has(String(key)) ? values.get(String(key)) : UNAVAILABLE,
      );
      tally.run(inputs);
      for (const missing of missingPaths(compiled.projection, variables)) tally.miss(missing);
    }
  } finally {
    loaded.close();
  }
  return tally.result();
}

class Tally {
  private readonly loaded: LoadedModule;
  private fired = 0;
  private notFired = 0;
  private readonly errors = new Map<number, { packed: number; count: number }>();
  private readonly steps: number[] = [];
  private readonly missing = new Map<string, { missing: Missing; count: number }>();
  private readonly texts: string[] = [];

  constructor(loaded: LoadedModule) {
    this.loaded = loaded;
  }

  run(inputs: readonly unknown[]): void {
    const { loaded } = this;
    if (loaded.compiled.entry === "template") {
      const text = loaded.render(...inputs);
      this.fired++;
      if (this.texts.length < SHOWN_TEXTS) this.texts.push(text);
    } else {
      const verdict = loaded.test(...inputs);
      if (verdict === 1) this.fired++;
      else if (verdict === 0) this.notFired++;
      else {
        const known = this.errors.get(verdict) ?? { packed: -verdict, count: 0 };
        known.count++;
        this.errors.set(verdict, known);
      }
    }
    this.steps.push(loaded.steps());
  }

  miss(missing: Missing): void {
    const known = this.missing.get(missing.path) ?? { missing, count: 0 };
    known.count++;
    this.missing.set(missing.path, known);
  }

  result(): Preview {
    const steps = [...this.steps].sort((a, b) => a - b);
    return {
      snapshots: steps.length,
      fired: this.fired,
      notFired: this.notFired,
      errors: [...this.errors.values()].map(({ packed, count }) => this.failure(packed, count)).sort(byCount),
      steps: steps.length === 0 ? null : { median: steps[steps.length >> 1] as number, max: steps.at(-1) as number },
      missing: [...this.missing.values()].map(({ missing, count }) => ({ ...missing, count })).sort(byCount),
      texts: this.texts,
    };
  }

  private failure(packed: number, count: number): PreviewError {
    return { ...faultAt(this.loaded, packed), count };
  }
}

const byCount = (a: { readonly count: number }, b: { readonly count: number }) => b.count - a.count;
