// What runs at each hit: decide, count, take quota, capture or render, send. The order is normative (design, "The order on a
// hit"). Nothing in here throws or waits, and a false condition touches nothing but one counter.
import { ERR_CODE_MASK, ERR_INTERNAL } from "../engine/abi.ts";
import type { Snapshot } from "./captured.ts";
import { erringCause, failureCause, guardCause } from "./causes.ts";
import type { Clock } from "./clock.ts";
import { type Installed, type LoadedCondition, type LoadedScript, rateOf } from "./install.ts";
import { HOST_LIMITS } from "./limits.ts";
import { apply } from "./natives.ts";
import type { HitHandler, HitOrigin } from "./placement.ts";
import type { Probe } from "./probe.ts";
import type { Cause, ProbeEvent } from "./protocol.ts";
import { Bucket, type ProcessQuota, type TimeQuota } from "./quota.ts";

/** Takes a snapshot of these variables and of the program's stack, which begins below `origin`. */
export type CaptureSnapshot = (
  names: readonly string[],
  values: readonly unknown[],
  origin: HitOrigin | undefined,
) => Snapshot;

/** What all probes of a host share at a hit. */
export interface HitContext {
  readonly agentId: string;
  readonly clock: Clock;
  readonly quota: ProcessQuota;
  /** The time that script conditions may take. */
  readonly scripts: TimeQuota;
  readonly capture: CaptureSnapshot;
  /** Takes an event to be sent when the program's stack is gone. `fired`: it is that of a fired hit, and its loss counts. */
  readonly emit: (probe: Probe, event: ProbeEvent, fired: boolean) => void;
  /** An event is being made: a probe inside of what we run ourselves must not fire into it. */
  busy: boolean;
  /** Events made so far: the second half of their ids. */
  events: number;
  /** The three that follow are called on the program's stack: they only note what is to be done later. */
  readonly onFirstFire: (probe: Probe) => void;
  readonly onSpent: (probe: Probe) => void;
  readonly onGuard: (probe: Probe, signal: "disable" | "mark", cause: Cause) => void;
}

/** Builds the two functions that a binding calls at each hit of one probe. */
export function hitHandler(probe: Probe, installed: Installed, context: HitContext): HitHandler {
  const { condition, script } = installed;
  const bucket = new Bucket(rateOf(probe.spec));
  const { quota, clock } = context;

  /** Step 3, and step 2 of a probe without a condition. The hit limit was asked by `open`. */
  function admit(): boolean {
    if (context.busy) {
      probe.notDue++;
      return false;
    }
    if (!quota.admit(bucket, clock.steadyMs())) {
      probe.rateLimited++;
      return false;
    }
    probe.fired++;
    if (probe.spent) {
      probe.open = false;
      context.onSpent(probe);
    }
    return true;
  }

  function failed(packed: number): boolean {
    let why = probe.reported.get(packed);
    if (why === undefined) {
      why = installed.explain(packed);
      probe.reported.set(packed, why);
      send(probe, context, "error", { cause: why }, false);
    }
    probe.streak++;
    const isCostly = why.code === "budget" || why.code === "memory";
    if ((packed & ERR_CODE_MASK) === ERR_INTERNAL || (isCostly && ++probe.budgetErrors >= HOST_LIMITS.budgetErrors)) {
      probe.open = false;
      context.onGuard(probe, "disable", guardCause(why));
    } else {
      if (probe.streak === HOST_LIMITS.consecutiveErrors) context.onGuard(probe, "mark", erringCause(why));
      if (probe.spec.onError === "fire") {
        probe.firesDespite = why;
        return admit();
      }
    }
    probe.conditionError++;
    return false;
  }

  /** What a condition that is not false leads to. */
  function settle(verdict: number): boolean {
    if (verdict < 0) return failed(-verdict);
    probe.streak = 0;
    probe.firesDespite = null;
    return admit();
  }

  function fire(names: readonly string[], values: readonly unknown[], origin?: HitOrigin): void {
    if (probe.state === "installed") context.onFirstFire(probe);
    const despite = probe.firesDespite === null ? {} : { cause: probe.firesDespite };
    context.busy = true;
    try {
      const { template } = installed;
      if (template === null) {
        send(probe, context, "snapshot", { snapshot: context.capture(names, values, origin), ...despite });
      } else {
        const text = apply(template.render, template, values);
        send(probe, context, "log", { text, ...(template.truncated ? { truncated: true } : {}), ...despite });
      }
    } catch (error) {
      const why = failureCause(error);
      probe.open = false;
      context.onGuard(probe, "disable", guardCause(why));
      send(probe, context, "error", { cause: why });
    } finally {
      context.busy = false;
    }
  }

  if (script !== null) return { test: sampled(probe, script, context, settle), fire };
  const test =
    condition === null
      ? unconditional(probe, admit)
      : conditional(probe, condition, installed.testNames.length, settle);
  return { test, fire };
}

type Content = Pick<ProbeEvent, "cause" | "snapshot" | "text" | "truncated">;

/** `fired`: the event of a fired hit, which is counted already; else of a hit that is still being decided. */
function send(probe: Probe, context: HitContext, kind: ProbeEvent["kind"], content: Content, fired = true): void {
  const event: ProbeEvent = {
    type: "event",
    eventId: `${context.agentId}.${++context.events}`,
    probeId: probe.spec.id,
    agentId: context.agentId,
    at: context.clock.wallMs(),
    kind,
    file: probe.site?.file ?? probe.spec.file,
    line: probe.site?.line ?? probe.spec.line,
    hit: fired ? probe.reached : probe.reached + 1,
    ...content,
    ...(probe.isScript ? { script: true } : {}),
    dropped: 0,
  };
  context.emit(probe, event, fired);
}

function unconditional(probe: Probe, admit: () => boolean): HitHandler["test"] {
  return () => {
    if (probe.open) return admit();
    probe.notDue++;
    return false;
  };
}

/**
 * A script is asked at some hits only: at most so often, as long as scripts have time left, and while it is ready. The others
 * count as over the rate. What is asked first costs least.
 */
function sampled(
  probe: Probe,
  script: LoadedScript,
  context: HitContext,
  settle: (verdict: number) => boolean,
): HitHandler["test"] {
  const bucket = new Bucket(HOST_LIMITS.scriptsPerSecond);
  const { clock, scripts } = context;
  return (...values) => {
    // Busy: a hit inside of what the interpreter's own code calls.
    if (!probe.open || context.busy) {
      probe.notDue++;
      return false;
    }
    const startMs = clock.steadyMs();
    if (!bucket.ready(startMs) || !scripts.ready(startMs) || !script.isReady) {
      probe.rateLimited++;
      probe.notAsked++;
      return false;
    }
    bucket.spend(startMs);
    let verdict = TRAPPED;
    context.busy = true;
    try {
      verdict = apply(script.test, script, values);
    } catch {}
    context.busy = false;
    scripts.spend(startMs, clock.steadyMs());
    if (verdict !== 0) return settle(verdict);
    probe.conditionFalse++;
    probe.streak = 0;
    return false;
  };
}

/** A trap, as the guest itself reports a failed self-check. */
const TRAPPED = -ERR_INTERNAL;

/**
 * One closure a number of variables, all with the same text: passing variables through a rest parameter costs an array on
 * each hit.
 */
function conditional(
  probe: Probe,
  condition: LoadedCondition,
  variables: number,
  settle: (verdict: number) => boolean,
): HitHandler["test"] {
  function missed(): false {
    probe.notDue++;
    return false;
  }
  function refused(): false {
    probe.conditionFalse++;
    probe.streak = 0;
    return false;
  }
  switch (variables) {
    case 0:
      return () => {
        if (!probe.open) return missed();
        let verdict = TRAPPED;
        try {
          verdict = condition.test();
        } catch {}
        return verdict === 0 ? refused() : settle(verdict);
      };
    case 1:
      return (a) => {
        if (!probe.open) return missed();
        let verdict = TRAPPED;
        try {
          verdict = condition.test(a);
        } catch {}
        return verdict === 0 ? refused() : settle(verdict);
      };
    case 2:
      return (a, b) => {
        if (!probe.open) return missed();
        let verdict = TRAPPED;
        try {
          verdict = condition.test(a, b);
        } catch {}
        return verdict === 0 ? refused() : settle(verdict);
      };
    case 3:
      return (a, b, c) => {
        if (!probe.open) return missed();
        let verdict = TRAPPED;
        try {
          verdict = condition.test(a, b, c);
        } catch {}
        return verdict === 0 ? refused() : settle(verdict);
      };
    case 4:
      return (a, b, c, d) => {
        if (!probe.open) return missed();
        let verdict = TRAPPED;
        try {
          verdict = condition.test(a, b, c, d);
        } catch {}
        return verdict === 0 ? refused() : settle(verdict);
      };
    default:
      return (...values) => {
        if (!probe.open) return missed();
        let verdict = TRAPPED;
        try {
          verdict = apply(condition.test, condition, values);
        } catch {}
        return verdict === 0 ? refused() : settle(verdict);
      };
  }
}
