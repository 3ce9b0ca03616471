// Runs a small program with the built binding in it under the Node that AGENT_NODE names, and returns what it printed.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { run } from "./program.ts";

export const DRIVER = resolve("test/fixtures/placing/driver.cjs");
export const SAMPLES = resolve("test/fixtures/placing");
const binding = (file: string) => resolve("dist/cjs/bindings/node", file);

export interface ProgramFiles {
  readonly [path: string]: string;
}

export interface RunOptions {
  readonly files?: ProgramFiles;
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
  /** An ES module instead of a CommonJS one. */
  readonly isModule?: boolean;
}

/**
 * Runs `body` as an async function with `put`, `wait`, `print`, `placement`, `leftovers` and `require` in reach; answers what it
 * printed last. `files` stand beside it.
 */
export async function runProbed<T>(body: string, options: RunOptions = {}): Promise<T> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "placing-")));
  try {
    for (const [path, text] of Object.entries(options.files ?? {})) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const driver = JSON.stringify(DRIVER);
    const names = "put, wait, print, placement, leftovers";
    const head = options.isModule
      ? `import { createRequire } from "node:module"; const require = createRequire(import.meta.url); const { ${names} } = require(${driver});`
      : `"use strict"; const { ${names} } = require(${driver});`;
    const main = join(folder, options.isModule ? "main.mjs" : "main.cjs");
    writeFileSync(
      main,
      `${head}\n(async () => {\n${body}\n})().catch((error) => { console.error(error); process.exitCode = 9; });\n`,
    );
    const { lines, stderr, code } = await run([...(options.args ?? []), main], {
      PLACE_MODULE: binding("place.js"),
      PREPARE_MODULE: binding("prepare.js"),
      ...options.env,
    });
    const result = lines.findLast((line) => line.startsWith("RESULT "));
    if (code !== 0 || result === undefined) throw new Error(`exit ${code}\n${lines.join("\n")}\n${stderr}`);
    return JSON.parse(result.slice(7)) as T;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
