// Scripts on their way into probes: loads the interpreter with the first one, and drops a script that nobody wants any more when it
// arrives. Places nothing.
import { ProbeError } from "../conditions/index.ts";
import type { LoadedScript } from "./install.ts";
import { HOST_LIMITS } from "./limits.ts";

/** What happens to a load: one of the two, unless it is cancelled. */
export interface Arrival {
  readonly done: (script: LoadedScript) => void;
  readonly failed: (error: unknown) => void;
}

/** The loads of one host. An owner has one at a time. */
export class ScriptLoads {
  readonly #allowed: boolean;
  readonly #wanted = new Map<object, Arrival>();

  constructor(allowed: boolean) {
    this.#allowed = allowed;
  }

  /** Loads a script for its owner; `running`: how many have arrived and still run. Throws ProbeError where it may not run. */
  load(owner: object, source: string, running: number, arrival: Arrival): void {
    if (!this.#allowed) {
      throw new ProbeError(
        "scripts_off",
        "The condition is a script, and this program does not run scripts.",
        "Write it without `js:`, or start the program with TRACEPOINTDEBUG_SCRIPTS=1.",
      );
    }
    if (running + this.#wanted.size >= HOST_LIMITS.scripts) {
      const most = `The program has ${HOST_LIMITS.scripts} probes with a script, the most it may have.`;
      throw new ProbeError("limit", most, "Remove some and put this one again, or write it without `js:`.");
    }
    this.#wanted.set(owner, arrival);
    const arrives = () => this.#wanted.get(owner) === arrival && this.#wanted.delete(owner);
    open(source).then(
      (script) => {
        if (arrives()) arrival.done(script);
        else script.close();
      },
      (error: unknown) => {
        if (arrives()) arrival.failed(error);
      },
    );
  }

  /** The owner does not want its script any more. */
  cancel(owner: object): void {
    this.#wanted.delete(owner);
  }
}

async function open(source: string): Promise<LoadedScript> {
  const { ScriptCondition } = await import("./script.ts");
  return ScriptCondition.open(source);
}
