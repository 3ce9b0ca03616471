// The README is true: its program prints what it says, its commands exist, its limits are the limits.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { PLACE_LIMITS } from "../bindings/node/limits.ts";
import { LIMITS } from "../conditions/index.ts";
import { CAPTURE_LIMITS, HOST_LIMITS } from "../host/index.ts";

const readme = readFileSync("README.md", "utf8");

const program = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";

/** Runs `use` in a folder inside the package, so that a program there resolves the package's own name. */
function inPackage<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(resolve("dist/readme-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("its program runs and prints what the text says", () => {
  inPackage((folder) => {
    const file = join(folder, "program.mjs");
    writeFileSync(file, program);
    const printed = execFileSync(process.execPath, [file], { encoding: "utf8" });
    expect(printed).toBe(/It prints\n\n```\n([\s\S]*?)```/.exec(readme)?.[1]);
  });
  expect(program.trim().split("\n").filter(Boolean).length).toBeLessThanOrEqual(15);
});

/** What tsc says of a program that uses the package as it is built. */
function diagnosticsOf(source: string): string {
  return inPackage((folder) => {
    const file = join(folder, "program.mts");
    writeFileSync(file, source);
    const options = "--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --skipLibCheck false";
    const target = "--target es2022 --module nodenext --lib es2023,esnext.disposable,dom --ignoreConfig";
    const argv = ["node_modules/typescript/bin/tsc", ...options.split(" "), ...target.split(" "), file];
    const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
    return `${stdout}${stderr}`.replaceAll(/^.*program\.mts\((\d+),\d+\): error (TS\d+).*$/gm, "$1 $2").trim();
  });
}

test("its program is well typed, and what an evaluation gives has the type of what was compiled", () => {
  expect(diagnosticsOf(program)).toBe("");
  const head = 'import { compileCondition, compileTemplate, compileValue } from "tracepointdebug-node/conditions";\n';
  const uses = [
    'import { Guest } from "tracepointdebug-node/guest";',
    "const guest = new Guest();",
    'const bool: boolean | undefined = guest.load(compileCondition("x")).run({ x: 1 }).value;',
    'const text: string | undefined = guest.load(compileTemplate("x")).run({}).value;',
    'const any: unknown = guest.load(compileValue("x")).run({ x: [] }).value;',
    'const wrong: number | undefined = guest.load(compileCondition("x")).run({}).value;',
    'guest.load(compileCondition("x")).run(1);',
    'const missing: string = guest.load(compileTemplate("x")).run({}).value;',
    'const certain = guest.load(compileTemplate("x")).run({});',
    "const found: string = certain.error === undefined ? certain.value : certain.remedy;",
    "export { any, bool, found, missing, text, wrong };",
  ];
  const found = diagnosticsOf(head + uses.join("\n")).split("\n");
  expect(found.filter((line) => !line.startsWith(" "))).toEqual(["7 TS2322", "8 TS2345", "9 TS2322"]);
});

test("its commands are known to the command line", () => {
  const commands = [...readme.matchAll(/npx tracepointdebug (\w+)/g)].map(([, name]) => name ?? "");
  expect(new Set(commands)).toEqual(
    new Set(["up", "log", "snap", "tail", "list", "rm", "compile", "explain", "preview", "eval"]),
  );
  for (const name of new Set(commands)) {
    const help = execFileSync(process.execPath, ["dist/cjs/cli/index.js", name, "--help"], { encoding: "utf8" });
    expect(help).toContain(`Usage: tracepointdebug ${name}`);
  }
});

test("its table of limits has the numbers of the code", () => {
  const row = (title: string) => readme.split("\n").find((line) => line.startsWith(`| ${title}`)) ?? "";
  const n = (value: number) => value.toLocaleString("en");
  expect(row("life of a probe")).toContain(
    `${HOST_LIMITS.expireMs / 60_000} min | ${HOST_LIMITS.maxExpireMs / 3_600_000} h`,
  );
  expect(row("events of a probe")).toContain(`${HOST_LIMITS.hitLimit} | ${HOST_LIMITS.maxHitLimit}`);
  expect(row("probes in one program")).toContain(`${HOST_LIMITS.probes}`);
  expect(row("events a second")).toContain(
    `${HOST_LIMITS.tracepointRate}, ${HOST_LIMITS.logpointRate}, ${HOST_LIMITS.processRate}`,
  );
  expect(row("steps of a condition")).toContain(`${n(LIMITS.conditionSteps)}, ${n(LIMITS.templateSteps)}`);
  expect(row("copied for a condition")).toContain(
    `${LIMITS.inputBytes / 1024} KiB, ${LIMITS.items}, ${LIMITS.stringBytes / 1024} KiB`,
  );
  const { depth, fields, items, stringLength, frames, eventBytes, timeMs } = CAPTURE_LIMITS;
  expect(row("snapshot: depth")).toContain([depth, fields, items, stringLength, frames].join(", "));
  expect(row("snapshot: bytes")).toContain(`${eventBytes / 1024} KiB, ${timeMs} ms`);
  expect(row("events waiting")).toContain(`${HOST_LIMITS.queueEvents} or ${HOST_LIMITS.queueBytes / 2 ** 20} MiB`);
  expect(row("share of a core")).toContain(`${PLACE_LIMITS.breakpointShare * 100} %`);
});
