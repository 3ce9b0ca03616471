// Loaded before the program by `node -r tracepointdebug-node/register` or `--import`: starts the agent with the settings of the
// environment. Whatever goes wrong is said on stderr; the program starts all the same.
import { start } from "./index.ts";
import { prepare } from "./prepare.ts";
import { readSettings } from "./settings.ts";

const { state } = start();
try {
  // Still before the program loads anything: what is loaded from now on takes the prepared shape.
  if (state === "running" && readSettings(undefined).prepared) prepare();
} catch (error) {
  process.stderr.write(`tracepointdebug: prepared mode is not available: ${error}\n`);
}
