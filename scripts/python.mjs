// The Python side of setup: the virtual environment .venv with what tests and checks need, and what is built copied into the package.
// `node scripts/python.mjs check` lints and type-checks; scripts/setup.mjs and scripts/test.mjs use the rest.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

export const PYTHON = ".venv/bin/python";
export const REQUIREMENTS = [
  "bindings/python/requirements-dev.txt",
  "bindings/python/requirements-test.txt",
  "bindings/python/pyproject.toml",
];
const PACKAGE = "bindings/python/src/tracepointdebug";
/** What the repository builds and the package carries, [from, to]. Neither copy is committed. */
const ARTIFACTS = [
  ["dist/engine.wasm", `${PACKAGE}/engine.wasm`],
  ["dist/host.cjs", `${PACKAGE}/host/host.cjs`],
];
const LINTED = ["bindings/python", "test/python", "bench/python", "demo/python"];
/** The oldest that a wheel of wasmtime installs on, so that all tests can run. */
const OLDEST = 9;

/** Says whether this interpreter can make the environment, and why not. */
function obstacle(python) {
  const found = spawnSync(python, ["-c", "import sys, venv, ensurepip; print(*sys.version_info[:2])"], {
    encoding: "utf8",
  });
  if (found.error) return "not found";
  if (found.status !== 0) return /No module named '?(\w+)/.exec(found.stderr)?.[0] ?? "does not run";
  const [major, minor] = found.stdout.trim().split(" ").map(Number);
  return major === 3 && minor >= OLDEST ? null : `is ${major}.${minor}`;
}

/** The interpreter to make .venv with; throws with what was tried and what to do. */
export function findPython() {
  const named = process.env.PYTHON;
  const candidates = named ? [named] : ["python3", ...[14, 13, 12, 11, 10, 9].map((minor) => `python3.${minor}`)];
  const tried = [];
  for (const candidate of candidates) {
    const why = obstacle(candidate);
    if (why === null) return candidate;
    tried.push(`${candidate}: ${why}`);
  }
  throw new Error(
    `No Python 3.${OLDEST} or later with venv and pip (${tried.join("; ")}).
Install one (Debian: apt-get install python3-venv), or name one: PYTHON=/path/to/python3 npm run setup`,
  );
}

/** Makes .venv where it is missing or its interpreter is gone, and installs the requirements and the package itself, by path. */
export function makeEnvironment() {
  if (spawnSync(PYTHON, ["-m", "pip", "--version"]).status !== 0) {
    const python = findPython();
    rmSync(".venv", { recursive: true, force: true });
    execFileSync(python, ["-m", "venv", ".venv"], { stdio: ["ignore", 2, 2] });
  }
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  execFileSync(PYTHON, [...pip, "-r", REQUIREMENTS[0]], { stdio: ["ignore", 2, 2] });
  execFileSync(PYTHON, [...pip, "--no-build-isolation", "--editable", "bindings/python"], { stdio: ["ignore", 2, 2] });
}

/** Copies what is built into the package, so that it runs from its source folder as it does from the wheel. */
export function copyArtifacts() {
  for (const [from, to] of ARTIFACTS) {
    if (!existsSync(from)) continue;
    const bytes = readFileSync(from);
    if (existsSync(to) && readFileSync(to).equals(bytes)) continue;
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, bytes);
  }
}

/** Runs tools of .venv one after another, all of them; answers whether all were content. */
function content(tools) {
  return tools.map(([cwd, ...argv]) => spawnSync(argv[0], argv.slice(1), { cwd, stdio: "inherit" }).status === 0);
}

function check() {
  const folders = LINTED.filter((folder) => existsSync(folder));
  const bin = (name) => `${process.cwd()}/.venv/bin/${name}`;
  return content([
    [".", bin("ruff"), "check", ...folders],
    [".", bin("ruff"), "format", "--check", ...folders],
    ["bindings/python", bin("mypy")],
  ]).every(Boolean);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv[2] !== "check") throw new Error("usage: node scripts/python.mjs check");
  if (existsSync(PYTHON)) process.exitCode = check() ? 0 : 1;
  else process.stderr.write("SKIPPED: ruff and mypy, there is no .venv (see above)\n");
}
