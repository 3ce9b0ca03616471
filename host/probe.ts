// A probe's life in one agent: its state, why it is in it, and its counts. Knows neither time, nor placement, nor transport.
import { isScript, type ProbeLimits } from "../conditions/index.ts";
import { stateCause } from "./causes.ts";
import type { Site } from "./placement.ts";
import type { Cause, ProbeCounts, ProbeSpec, ProbeState, ProbeStatus } from "./protocol.ts";

/**
 * What can happen to a probe. `pend` and `install` come from the placement, `fire` from its first event, `fail` from
 * whatever makes it impossible, `mark` and `recover` from a condition that errs in a row and works again, `disable` from a
 * person or a guard, `expire` from a limit.
 */
export type Signal =
  | "receive"
  | "pend"
  | "install"
  | "fire"
  | "disable"
  | "fail"
  | "mark"
  | "recover"
  | "expire"
  | "remove";

/** Where each signal leads from each state. A signal that is not listed changes nothing. */
export const TRANSITIONS: Readonly<Record<ProbeState, Readonly<Partial<Record<Signal, ProbeState>>>>> = {
  received: {
    pend: "pending",
    install: "installed",
    disable: "disabled",
    fail: "error",
    expire: "expired",
    remove: "removed",
  },
  pending: {
    pend: "pending",
    install: "installed",
    disable: "disabled",
    fail: "error",
    expire: "expired",
    remove: "removed",
  },
  installed: {
    pend: "pending",
    install: "installed",
    fire: "emitting",
    disable: "disabled",
    fail: "error",
    mark: "error",
    expire: "expired",
    remove: "removed",
  },
  emitting: {
    pend: "pending",
    install: "emitting",
    disable: "disabled",
    fail: "error",
    mark: "error",
    expire: "expired",
    remove: "removed",
  },
  // `receive` is a person enabling the probe: it is placed anew.
  disabled: { receive: "received", disable: "disabled", fail: "error", expire: "expired", remove: "removed" },
  // A marked probe is still in place. One that failed leaves only by `receive`, `disable` or `remove`.
  error: {
    receive: "received",
    recover: "installed",
    fail: "error",
    disable: "disabled",
    expire: "expired",
    remove: "removed",
  },
  expired: { remove: "removed" },
  removed: {},
};

/** Whether a probe in this state still has something to do, and so counts against the limit on probes. */
export function isLive(state: ProbeState): boolean {
  return state !== "expired" && state !== "removed" && state !== "error";
}

/** One probe in one agent. The counters are plain public fields because the hit path writes them. */
export class Probe {
  spec: ProbeSpec;
  state: ProbeState = "received";
  cause: Cause = stateCause("received");
  engine: string | null = null;
  site: Site | null = null;
  note = "";

  /** The one comparison on the hit path: false when disabled, failed, expired or past the hit limit. */
  open = true;
  notDue = 0;
  conditionFalse = 0;
  conditionError = 0;
  rateLimited = 0;
  fired = 0;
  dropped = 0;
  /** Of the rate-limited hits: those at which the script was not asked. */
  notAsked = 0;
  /** The condition is a script. */
  readonly isScript: boolean;
  /** Errors of the condition in a row. */
  streak = 0;
  /** `budget` and `memory` errors since the probe was enabled. */
  budgetErrors = 0;
  /** Errors of the condition that were reported, by place and code as the guest packs them. */
  readonly reported = new Map<number, Cause>();
  /** Why the hit that fires just now does so although its condition failed. */
  firesDespite: Cause | null = null;
  /** In place although `state` is `error`: the condition errs, but may work again. */
  marked = false;

  constructor(spec: ProbeSpec) {
    this.spec = spec;
    this.isScript = spec.condition !== undefined && isScript(spec.condition);
  }

  /** Follows the table. Returns whether state or cause changed, so that it is worth a status. */
  apply(signal: Signal, cause?: Cause): boolean {
    const next = TRANSITIONS[this.state][signal];
    if (next === undefined || (signal === "recover" && !this.marked)) return false;
    // A mark is taken off by `recover` alone: a better engine does not mend a condition.
    if (this.marked && (signal === "install" || signal === "pend" || signal === "fire")) return false;
    const changed = next !== this.state || (cause !== undefined && !sameCause(cause, this.cause));
    this.state = next;
    if (changed) this.cause = cause ?? stateCause(next);
    this.marked = signal === "mark";
    this.open = (isLive(next) && next !== "disabled" && !this.spent) || this.marked;
    return changed;
  }

  /** The hit limit is reached. */
  get spent(): boolean {
    return this.fired >= this.spec.hitLimit;
  }

  /** How often the line was reached: every hit is in exactly one of the five counts. */
  get reached(): number {
    return this.notDue + this.conditionFalse + this.conditionError + this.rateLimited + this.fired;
  }

  counts(): ProbeCounts {
    const { reached, notDue, conditionFalse, conditionError, rateLimited, fired, dropped, notAsked } = this;
    const counts = { reached, notDue, conditionFalse, conditionError, rateLimited, fired, dropped };
    return this.isScript ? { ...counts, notAsked } : counts;
  }

  status(agentId: string, at: number): ProbeStatus {
    return {
      type: "status",
      probeId: this.spec.id,
      agentId,
      at,
      state: this.state,
      cause: this.cause,
      ...(this.engine === null ? {} : { engine: this.engine }),
      ...(this.site === null ? {} : { file: this.site.file, line: this.site.line }),
      ...(this.note === "" ? {} : { note: this.note }),
      ...(this.isScript ? { script: true } : {}),
      counts: this.counts(),
    };
  }
}

function sameCause(a: Cause, b: Cause): boolean {
  return a.code === b.code && a.message === b.message;
}

/** Whether two probes are the same but for `enabled`. */
export function sameButEnabled(a: ProbeSpec, b: ProbeSpec): boolean {
  return (
    a.kind === b.kind &&
    a.file === b.file &&
    a.line === b.line &&
    (a.at ?? "line") === (b.at ?? "line") &&
    a.fileHash === b.fileHash &&
    a.condition === b.condition &&
    a.template === b.template &&
    a.hitLimit === b.hitLimit &&
    a.expiresAt === b.expiresAt &&
    a.onError === b.onError &&
    a.rate === b.rate &&
    sameLimits(a.limits ?? {}, b.limits ?? {}) &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, i) => tag === b.tags[i])
  );
}

function sameLimits(a: Partial<ProbeLimits>, b: Partial<ProbeLimits>): boolean {
  return (Object.keys({ ...a, ...b }) as (keyof ProbeLimits)[]).every((name) => a[name] === b[name]);
}
