// The interpreters that the Python benchmarks run on, with our package and its rivals: environments of their own below dist/.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../demo/service.ts";

const FOLDER = join(ROOT, "dist/python-bench");
const RIVALS = join(ROOT, "bench/python/requirements.txt");

/** The oldest engine's interpreter first, then the newest that can be had; each [version, path]. Throws where there is none. */
export function environments(): [version: string, python: string][] {
  const old = environment("3.11");
  const young = environment("3.14") ?? environment("3.13");
  const found = [old, young].filter((one) => one !== null);
  if (found.length === 0) throw new Error("neither Python 3.11 nor 3.13 or 3.14 could be had");
  return found;
}

function environment(version: string): [string, string] | null {
  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"], cwd: ROOT });
  const python = join(FOLDER, version, "bin/python");
  run(process.execPath, [join(ROOT, "scripts/pythons.mjs"), FOLDER, version]);
  if (!existsSync(python)) return null;
  const wanted = readFileSync(RIVALS, "utf8");
  const stamp = join(FOLDER, version, ".rivals");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", RIVALS]);
    writeFileSync(stamp, wanted);
  }
  return [version, python];
}
