// The values of `@hits`, `@now` and the other special identifiers that a host knows better than a binding. Wraps a loaded expression
// so that the binding hands over only the program's variables.
import type { Clock } from "./clock.ts";
import type { LoadedCondition, LoadedTemplate } from "./install.ts";
import { apply } from "./natives.ts";
import type { Probe } from "./probe.ts";

/** Ids of the trace that the program is in just now. */
export interface TraceIds {
  readonly traceId: string | null;
  readonly spanId: string | null;
}

/** What a thread is, for `@thread` and `@threadId`; `trace` is asked on a hit whose expression names `@traceId` or `@spanId`. */
export interface Surroundings {
  readonly threadName: string;
  readonly threadId: number;
  readonly trace: (() => TraceIds) | null;
}

/** Specials that the binding supplies, because they are variables of the program. */
const OF_BINDING = new Set(["@args"]);

/** True of a root that the host supplies. */
export const isHostSpecial = (root: string): boolean => root.startsWith("@") && !OF_BINDING.has(root);

/** The special values of one probe. One moment a hit: the condition and the template see the same `@now`. */
export class Specials {
  private readonly probe: Probe;
  private readonly clock: Clock;
  private readonly surroundings: Surroundings;
  private now: Date | null = null;
  private hits: bigint | null = null;

  constructor(probe: Probe, clock: Clock, surroundings: Surroundings) {
    this.probe = probe;
    this.clock = clock;
    this.surroundings = surroundings;
  }

  /** A hit begins. */
  begin(): void {
    this.now = null;
    this.hits = null;
  }

  /** Puts the host's values among the binding's, in the order of the roots. Returns the binding's alone where there are none. */
  arrange(roots: readonly string[], isFiring: boolean): (values: readonly unknown[]) => readonly unknown[] {
    const sources = roots.map((root) => (isHostSpecial(root) ? this.source(root, isFiring) : null));
    return (values) => {
      const all: unknown[] = [];
      let next = 0;
      for (let i = 0; i < sources.length; i++) {
        const source = sources[i] as (() => unknown) | null;
        all[i] = source === null ? values[next++] : source();
      }
      return all;
    };
  }

  private source(root: string, isFiring: boolean): () => unknown {
    const { probe, surroundings } = this;
    switch (root) {
      case "@hits":
        // The hit itself does not count; once it fires it has been counted.
        return () => {
          this.hits ??= BigInt(isFiring ? probe.reached - 1 : probe.reached);
          return this.hits;
        };
      case "@now":
        return () => {
          this.now ??= new Date(this.clock.wallMs());
          return this.now;
        };
      case "@thread":
        return () => surroundings.threadName;
      case "@threadId":
        return () => BigInt(surroundings.threadId);
      case "@line":
        return () => BigInt(probe.site?.line ?? probe.spec.line);
      case "@file":
        return () => probe.site?.file ?? probe.spec.file;
      case "@method":
        return () => probe.site?.functionName ?? "";
      case "@class":
        return () => probe.site?.className ?? "";
      case "@traceId":
        return () => this.trace().traceId;
      case "@spanId":
        return () => this.trace().spanId;
      default:
        return () => null; // the compiler refuses every other one at a line
    }
  }

  /** The program's own function is asked, because the operator said so. */
  private trace(): TraceIds {
    try {
      const found = this.surroundings.trace?.();
      return { traceId: textOrNull(found?.traceId), spanId: textOrNull(found?.spanId) };
    } catch {
      return { traceId: null, spanId: null };
    }
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** A condition that is handed the binding's values only. Itself where it names no special identifier of the host. */
export function conditionWith(loaded: LoadedCondition, roots: readonly string[], specials: Specials): LoadedCondition {
  if (!roots.some(isHostSpecial)) return loaded;
  const arrange = specials.arrange(roots, false);
  return {
    test: (...values) => {
      specials.begin();
      return apply(loaded.test, loaded, arrange(values));
    },
    close: () => loaded.close(),
  };
}

/** A template that is handed the binding's values only. */
export function templateWith(loaded: LoadedTemplate, roots: readonly string[], specials: Specials): LoadedTemplate {
  if (!roots.some(isHostSpecial)) return loaded;
  const arrange = specials.arrange(roots, true);
  return {
    render: (...values) => {
      const text = apply(loaded.render, loaded, arrange(values));
      specials.begin();
      return text;
    },
    get truncated() {
      return loaded.truncated;
    },
    close: () => loaded.close(),
  };
}
