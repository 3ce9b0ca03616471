// When refused edits are tried again: with growing pauses, at idle moments, and never for more of the program's time than one
// budget a minute. Has no timer while there is nothing to try.
import { performance } from "node:perf_hooks";
import { PLACE_LIMITS } from "./limits.ts";

/** The clock of repeated attempts. One pause for all: an attempt takes all that wait. */
export class Retries {
  readonly #attempt: () => { readonly tookMs: number };
  readonly #waiting = new Set<string>();
  readonly #spent: { readonly atMs: number; readonly tookMs: number }[] = [];
  #delayMs: number = PLACE_LIMITS.retryMs;
  #putOff = 0;
  #lastMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #load = performance.eventLoopUtilization();

  constructor(attempt: () => { readonly tookMs: number }) {
    this.#attempt = attempt;
  }

  /** Something waits. A newcomer makes the pause short again. */
  add(id: string): void {
    if (this.#waiting.has(id)) return;
    this.#waiting.add(id);
    this.#delayMs = PLACE_LIMITS.retryMs;
    this.#arm();
  }

  done(id: string): void {
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.stop();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    this.stop();
    this.#load = performance.eventLoopUtilization();
    this.#timer = setTimeout(() => this.#fire(), this.#delayMs).unref();
  }

  #fire(): void {
    this.#timer = null;
    const nowMs = performance.now();
    while (this.#spent.length > 0 && nowMs - this.#spent[0]!.atMs > 60_000) this.#spent.shift();
    const spentMs = this.#spent.reduce((sum, { tookMs }) => sum + tookMs, 0);
    const { utilization } = performance.eventLoopUtilization(this.#load);
    const isBusy = utilization > PLACE_LIMITS.idleUtilization && this.#putOff < PLACE_LIMITS.maxPutOff;
    if (spentMs + this.#lastMs > PLACE_LIMITS.retryBudgetMs) {
      // Over the budget: at the earliest when the oldest attempt is a minute old.
    } else if (isBusy) this.#putOff++;
    else {
      this.#putOff = 0;
      const { tookMs } = this.#attempt();
      this.#lastMs = tookMs;
      this.#spent.push({ atMs: nowMs, tookMs });
      this.#delayMs = Math.min(this.#delayMs * 2, PLACE_LIMITS.maxRetryMs);
    }
    if (this.#waiting.size > 0 && this.#timer === null) this.#arm();
  }
}
