// Writes docs/errors.md and the golden texts of the compiler's errors anew, from the sources. The tests of test/errors compare them.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
execFileSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--no-file-parallelism", "test/errors"], {
  env: { ...process.env, UPDATE_GOLDEN: "1" },
  stdio: "inherit",
});
