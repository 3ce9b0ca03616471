// Loaded before the program by `node -r tracepointdebug-node/register` or `--import`: starts the agent with the settings of the
// environment. Whatever goes wrong is said on stderr; the program starts all the same.
import { isMainThread, parentPort } from "node:worker_threads";
import { start } from "./index.ts";
import { prepare } from "./prepare.ts";
import { readSettings } from "./settings.ts";

// The thread in which Node runs loader hooks preloads, too: it is no program of anybody's, and has no parent's port.
if (isMainThread || parentPort !== null) register();

function register(): void {
  const { state } = start();
  try {
    // Still before the program loads anything: what is loaded from now on takes the prepared shape.
    if (state === "running" && readSettings(undefined).prepared) prepare();
  } catch (error) {
    process.stderr.write(`tracepointdebug: prepared mode is not available: ${error}\n`);
  }
}
