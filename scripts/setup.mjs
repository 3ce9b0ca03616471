// Brings a clean clone to a state in which everything runs: installs packages and builds, each only when something changed.
// Every npm script that runs something calls it first. Needs Node and npm; without a Python it says so and leaves the Python parts out.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyArtifacts, findPython, makeEnvironment, PYTHON, REQUIREMENTS } from "./python.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const SOURCES = [
  "engine",
  "conditions",
  "host",
  "bindings/node",
  "broker",
  "cli",
  "bench",
  "demo",
  "test/conformance",
  "test/fuzz",
];
const CONFIGS = [
  "asconfig.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "tsconfig.cjs.json",
  "scripts/build.mjs",
  "scripts/bundle.mjs",
];
const GENERATED = [join("engine", "binary.ts"), join("engine", "component", "binary.ts")];

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function digest(paths) {
  const hash = createHash("sha256");
  for (const path of paths.flatMap(filesBelow)) {
    if (GENERATED.includes(path) || path.startsWith(join("bench", "results"))) continue;
    hash.update(path).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** Runs `work` unless `stamp` already records this digest. */
function once(stamp, paths, title, work) {
  const want = digest(paths);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === want) return;
  const started = Date.now();
  process.stderr.write(`${title} ...\n`);
  try {
    work();
  } catch {
    // The tool has said above what is wrong.
    process.stderr.write(`${title} failed\n`);
    process.exit(1);
  }
  mkdirSync(join(stamp, ".."), { recursive: true });
  writeFileSync(stamp, want);
  process.stderr.write(`${title}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

// Not `npm ci`: it refuses a lock that lacks a platform's optional packages, which is how npm writes it where not all can be seen.
once("node_modules/.setup", ["package-lock.json"], "installing packages", () =>
  execFileSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  }),
);
once("dist/.setup", [...SOURCES, ...CONFIGS, "package-lock.json"], "building", () =>
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: ["ignore", 2, 2] }),
);
copyArtifacts();
try {
  if (!existsSync(PYTHON)) {
    findPython();
    rmSync(".venv/.setup", { force: true });
  }
  once(".venv/.setup", REQUIREMENTS, "installing Python packages", makeEnvironment);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  // A machine that tests everything must have one.
  if (process.env.CI) process.exit(1);
}
