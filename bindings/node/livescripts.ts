// The scripts that were parsed, so that what is inserted into them stays known, and a few more, because people put probes in the same
// file again and again. Edits nothing.
import { PlacementError } from "../../host/index.ts";
import { LiveScript } from "./inject.ts";
import { PLACE_LIMITS } from "./limits.ts";
import { parseScript } from "./parse.ts";
import type { ScriptRecord } from "./scripts.ts";
import type { DebugSession } from "./session.ts";

/** Scripts that stay parsed without need. */
const MAX_SPARE = 4;

/** `needed`: a probe is, or may be, in its text. `gone`: V8 has thrown it away. */
export type Need = "needed" | "spare" | "gone";

/** All scripts of one thread that are parsed. */
export class LiveScripts {
  readonly #scripts = new Map<string, LiveScript>();

  /** A script, parsed if it is not yet; those that nobody needs make room for it. Throws PlacementError. */
  of(
    { scriptId, isModule, length, path }: ScriptRecord,
    session: DebugSession,
    need: (of: LiveScript) => Need,
  ): LiveScript {
    const known = this.#scripts.get(scriptId);
    if (known !== undefined) return known;
    if (length > PLACE_LIMITS.parseChars) {
      const limit = `${PLACE_LIMITS.parseChars / 1024 / 1024} Mi`;
      throw new PlacementError(
        "script_too_large",
        `${path} has ${length} characters; scripts of up to ${limit} can be probed.`,
        "Run the program from its separate files in place of one bundle.",
      );
    }
    let live: LiveScript;
    try {
      live = new LiveScript(scriptId, parseScript(session.source(scriptId), isModule));
    } catch (cause) {
      const text = `${path} cannot be parsed: ${cause}`;
      throw new PlacementError("unparsable", text, "Put the probe in another file.", [], { cause });
    }
    for (const [id, kept] of this.#scripts) {
      const found = need(kept);
      if (found === "gone" || (found === "spare" && this.#scripts.size >= MAX_SPARE)) this.#scripts.delete(id);
    }
    this.#scripts.set(scriptId, live);
    return live;
  }
}
