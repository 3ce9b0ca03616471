// `npm test`: vitest, then pytest. Arguments go to vitest (`npm test -- test/host -t quota`), or to pytest when the first of them is below
// test/python (`npm test -- test/python/test_guest.py -k fork`).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PYTHON } from "./python.mjs";

/** What pytest ends with when it ran and a test failed. */
const TESTS_FAILED = 1;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const args = process.argv.slice(2);
const run = (command, argv) => spawnSync(command, argv, { stdio: "inherit" }).status ?? 1;

const vitest = () => run(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...args]);
const pytest = (argv) => {
  if (existsSync(PYTHON)) {
    const code = run(PYTHON, ["-m", "pytest", "-q", ...argv]);
    // A test that fails twice fails, as with vitest: shared machines may stand still for a while.
    return code === TESTS_FAILED && process.env.CI
      ? run(PYTHON, ["-m", "pytest", "-q", "--last-failed", ...argv])
      : code;
  }
  process.stderr.write("SKIPPED: the tests of the Python package, there is no .venv (see above)\n");
  return 0;
};

let failed;
if (args.length === 0) failed = [vitest(), pytest(["test/python"])];
else failed = [/^(\.\/)?test\/python(\/|$)/.test(args[0]) ? pytest(args) : vitest()];
process.exitCode = failed.find((code) => code !== 0) ?? 0;
