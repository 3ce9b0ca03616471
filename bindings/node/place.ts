// The way in: `createPlacement`. Chooses nothing and knows no inspector itself; what does the work (parsers among it) is loaded with
// the first probe, so that a program without probes pays for none of it.
import type { Placement, PlacementStats, PlaceRequest } from "../../host/index.ts";
import { PlacementError } from "../../host/index.ts";
import { editMs, PLACE_LIMITS } from "./limits.ts";
import type { Placing } from "./placing.ts";

/** Which engine is used: the best one, or always one of them. */
export type EngineOption = "auto" | "inject" | "inspector";

/** What a placement takes. */
export interface PlacementOptions {
  /** Default: the environment variable TRACEPOINTDEBUG_ENGINE, else `auto`. */
  readonly engine?: EngineOption;
  /** Milliseconds of the program's thread that an edit may take. Default: the environment variable TRACEPOINTDEBUG_MAX_EDIT_MS, else PLACE_LIMITS. */
  readonly maxEditMs?: number;
  /** Told what a person may want to know. */
  readonly log?: (level: "debug" | "warn", message: string) => void;
}

const ENGINES: readonly string[] = ["auto", "inject", "inspector"];

/** Makes the placement of this thread. Throws PlacementError `unknown_engine`. */
export function createPlacement(options: PlacementOptions = {}): Placement {
  const engine = options.engine ?? (process.env.TRACEPOINTDEBUG_ENGINE || "auto");
  if (!ENGINES.includes(engine)) {
    throw new PlacementError(
      "unknown_engine",
      `"${engine}" is not an engine of Node.`,
      `Set TRACEPOINTDEBUG_ENGINE to one of ${ENGINES.join(", ")}, or leave it out.`,
      ENGINES,
    );
  }
  const maxEditMs = options.maxEditMs ?? editMs(process.env.TRACEPOINTDEBUG_MAX_EDIT_MS) ?? PLACE_LIMITS.maxEditMs;
  return new NodePlacement(engine as EngineOption, maxEditMs, options.log ?? (() => {}));
}

class NodePlacement implements Placement {
  readonly #engine: EngineOption;
  readonly #maxEditMs: number;
  readonly #log: NonNullable<PlacementOptions["log"]>;
  #placing: Promise<Placing> | null = null;
  #loaded: Placing | null = null;

  constructor(engine: EngineOption, maxEditMs: number, log: NonNullable<PlacementOptions["log"]>) {
    this.#engine = engine;
    this.#maxEditMs = maxEditMs;
    this.#log = log;
  }

  place(request: PlaceRequest): void {
    void this.#load().then(
      (placing) => placing.place(request),
      (cause: unknown) =>
        request.onChange({
          kind: "failed",
          error: new PlacementError(
            "internal",
            `What places probes cannot be loaded: ${cause}`,
            "Install the package again, complete with its dependencies.",
            [],
            { cause },
          ),
        }),
    );
  }

  async remove(probeId: string): Promise<void> {
    await (await this.#placing?.catch(() => null))?.remove(probeId);
  }

  stats(): PlacementStats {
    return this.#loaded?.stats() ?? { edits: 0, refused: 0, editMs: 0 };
  }

  async close(): Promise<void> {
    await (await this.#placing?.catch(() => null))?.close();
  }

  #load(): Promise<Placing> {
    this.#placing ??= import("./placing.ts").then((loaded) => {
      this.#loaded = new loaded.Placing(this.#engine, this.#log, this.#maxEditMs);
      return this.#loaded;
    });
    return this.#placing;
  }
}
