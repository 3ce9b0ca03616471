// The way in: `createPlacement`. Chooses nothing and knows no inspector itself; what does the work (parsers among it) is loaded with
// the first probe, so that a program without probes pays for none of it.
import type { Placement, PlacementStats, PlaceRequest } from "../../host/index.ts";
import { PlacementError } from "../../host/index.ts";
import type { Placing } from "./placing.ts";

/** Which engine is used: the best one, or always one of them. */
export type EngineOption = "auto" | "inject" | "inspector";

/** What a placement takes. */
export interface PlacementOptions {
  /** Default: the environment variable TRACEPOINTDEBUG_ENGINE, else `auto`. */
  readonly engine?: EngineOption;
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
  return new NodePlacement(engine as EngineOption, options.log ?? (() => {}));
}

class NodePlacement implements Placement {
  readonly #engine: EngineOption;
  readonly #log: NonNullable<PlacementOptions["log"]>;
  #placing: Promise<Placing> | null = null;
  #loaded: Placing | null = null;

  constructor(engine: EngineOption, log: NonNullable<PlacementOptions["log"]>) {
    this.#engine = engine;
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
      this.#loaded = new loaded.Placing(this.#engine, this.#log);
      return this.#loaded;
    });
    return this.#placing;
  }
}
