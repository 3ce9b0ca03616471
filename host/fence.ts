// Keeps our failures from the program: runs work of ours, turns what it throws into one line of the log, never throws itself.
import { describe } from "./causes.ts";

/** Where a host says what no probe's cause can say. */
export type Log = (level: "debug" | "warn", message: string) => void;

/** Different lines that one fence logs in its life: a failure that words itself anew each time must not fill a disk. */
const MAX_LOGGED = 100;

/** A fence with its log; each line is logged once. */
export class Fence {
  readonly #log: Log | undefined;
  readonly #logged = new Set<string>();

  constructor(log?: Log) {
    this.#log = log;
  }

  /** The result of `work`, or undefined when it threw. `what` names the work in the log. */
  run<T>(what: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#failed(what, error);
      return undefined;
    }
  }

  /** Fulfilled when `work` is done or has failed. */
  async wait(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failed(what, error);
    }
  }

  /** Logs a line once. A log that throws is not asked what it meant. */
  log(level: "debug" | "warn", message: string): void {
    if (this.#logged.has(message) || this.#logged.size >= MAX_LOGGED) return;
    this.#logged.add(message);
    try {
      this.#log?.(level, message);
    } catch {}
  }

  #failed(what: string, error: unknown): void {
    this.log("warn", `Internal failure (${what}): ${describe(error)}`);
  }
}
