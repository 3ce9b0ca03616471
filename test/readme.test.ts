// The README is true: its program prints what it says, its commands exist, its limits are the limits.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { PLACE_LIMITS } from "../bindings/node/limits.ts";
import { LIMITS } from "../conditions/index.ts";
import { CAPTURE_LIMITS, HOST_LIMITS } from "../host/index.ts";

const readme = readFileSync("README.md", "utf8");

test("its program runs and prints what the text says", () => {
  const program = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  // Inside the package, so that it resolves its own name.
  const folder = mkdtempSync(resolve("dist/readme-"));
  try {
    const file = join(folder, "program.mjs");
    writeFileSync(file, program);
    const printed = execFileSync(process.execPath, [file], { encoding: "utf8" }).trim().split("\n");
    expect(printed).toEqual(["true", "false", "no_such_overload { from: 0, to: 14 }"]);
    for (const line of printed) expect(readme).toContain(line);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("its commands are known to the command line", () => {
  const commands = [...readme.matchAll(/npx tracepointdebug (\w+)/g)].map(([, name]) => name ?? "");
  expect(new Set(commands)).toEqual(new Set(["up", "log", "snap", "tail", "list", "rm", "compile", "explain", "eval"]));
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
