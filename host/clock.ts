// Time as the host sees it, so that tests can own it. Timers made here never keep a program alive.
import { performance } from "node:perf_hooks";
import * as timers from "node:timers";

// Kept at load: a test framework in the program may put fakes in their place later, and a probe's life must not follow those.
const { setTimeout, clearTimeout, setImmediate } = timers;
const systemNow = Date.now;

/** Wall time for expiry and event stamps, monotonic time for rates, and timers. */
export interface Clock {
  /** Milliseconds since 1970, fractional. */
  wallMs(): number;
  /** Milliseconds that never jump, for measuring. */
  steadyMs(): number;
  /** Runs `work` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, work: () => void): () => void;
  /** Runs `work` as soon as the program's current stack is done. */
  soon(work: () => void): void;
}

/** The longest delay that a Node timer holds; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The system clock was set when it moves so far from the steady one, in milliseconds. */
const STEP_MS = 5;

/** The real clock. Wall time counts microseconds on from one reading of the system clock, read anew when that was set. */
export function systemClock(): Clock {
  let offsetMs = systemNow() - performance.now();
  return {
    wallMs() {
      const steadyMs = performance.now();
      const systemMs = systemNow();
      if (Math.abs(systemMs - offsetMs - steadyMs) > STEP_MS) offsetMs = systemMs - steadyMs;
      return offsetMs + steadyMs;
    },
    steadyMs: () => performance.now(),
    after(delayMs, work) {
      const timer = setTimeout(work, Math.max(0, Math.min(delayMs, MAX_TIMER_MS)));
      timer.unref();
      return () => clearTimeout(timer);
    },
    soon(work) {
      setImmediate(work).unref();
    },
  };
}
