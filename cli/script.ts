// What commands say of a script condition: that it is one, what it uses, and what it may cost. Runs none.
import { HOST_LIMITS, scriptNames } from "../host/index.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./terminal.ts";

/** `explain` of a script. */
export async function explainScript(context: Context, source: string): Promise<number> {
  const reads = await scriptNames(source);
  const { scriptMs, scriptSteps, scriptsPerSecond, scriptShare } = HOST_LIMITS;
  const limits = { scriptMs, scriptSteps, scriptsPerSecond, scriptShare };
  const lines = [
    "understood as   a script: JavaScript that the host runs in QuickJS, with copies of what it reads",
    `reads           ${reads.join("\n                ") || "nothing"}`,
    `costs           20 to 300 µs a run as a rule; it is ended after ${scriptMs} ms or ${scriptSteps} steps`,
    `runs            at ${scriptsPerSecond} hits a second at most, in ${100 * scriptShare} % of the program's time; others are counted`,
    "allowed         only in programs started with TRACEPOINTDEBUG_SCRIPTS=1",
  ];
  context.record({ type: "explained", entry: "script", reads, limits }, `${lines.join("\n")}\n`);
  return EXIT.ok;
}
