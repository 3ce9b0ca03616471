// Bundles programs that use the built package as a web page would, and runs the bundles away from Node.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

export interface Bundle {
  /** What the program exports is `program.…`. */
  readonly code: string;
  readonly gzipped: number;
  /** Files of the package in it, from `dist/esm`: `conditions/parser.js`. */
  readonly modules: readonly string[];
  /** What is left to be imported: nothing, if it is for browsers. */
  readonly imports: readonly string[];
}

/** Bundles a program for browsers. `source`: its text, or a file. `names`: functions and classes keep theirs. */
export async function bundle(source: string | URL, names?: "names"): Promise<Bundle> {
  if (source instanceof URL) return bundleFile(resolve(source.pathname), names);
  // Inside the package, so that it finds the package by its name.
  const folder = mkdtempSync(resolve("dist/bundle-"));
  try {
    const file = join(folder, "program.js");
    writeFileSync(file, source);
    return await bundleFile(file, names);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bundleFile(input: string, names?: "names"): Promise<Bundle> {
  const build = await rolldown({ input, platform: "browser" });
  const { output } = await build.generate({ format: "iife", name: "program", minify: names === undefined });
  await build.close();
  const [{ code, modules, imports }] = output;
  const used = Object.entries(modules).filter(([, { renderedLength }]) => renderedLength > 0);
  return {
    code,
    gzipped: gzipSync(code, { level: 9 }).length,
    modules: used.flatMap(([path]) => path.split(/dist[/\\]esm[/\\]/)[1]?.replaceAll("\\", "/") ?? []),
    imports: [...imports, ...output.slice(1).map(({ fileName }) => fileName)],
  };
}

/** Runs a bundle where there is JavaScript, WebAssembly and what every browser has, and nothing of Node; gives the value of `wanted`, a text. */
export function runBare(code: string, wanted: string, given: object = {}): string {
  const browser = { atob, btoa, performance, TextEncoder, TextDecoder, ...given };
  return runInNewContext(`${code}\n${wanted}`, browser) as string;
}

const CHROMIUM = ["chromium", "chromium-browser", "google-chrome"];
/** A browser that is installed, or null. */
export const chromium = CHROMIUM.find((name) => spawnSync(name, ["--version"]).status === 0) ?? null;

/** Runs a bundle in a page of an installed browser without a window; gives the value of `wanted`, a text. */
export function runInPage(code: string, wanted: string): string {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  try {
    const page = join(folder, "page.html");
    const script = `${code}\nlet text; try { text = ${wanted} } catch (error) { text = "failed: " + error.stack }
document.body.textContent = encodeURIComponent(text);`.replaceAll("</script", "<\\/script");
    writeFileSync(page, `<!doctype html><meta charset="utf-8"><body><script>${script}</script>`);
    const flags = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--dump-dom",
      `--user-data-dir=${join(folder, "profile")}`,
    ];
    const { stdout } = spawnSync(chromium ?? "", [...flags, `file://${page}`], {
      encoding: "utf8",
      timeout: 60_000,
      maxBuffer: 2 ** 26,
    });
    return decodeURIComponent(/<body>([^<]*)<\/body>/.exec(stdout)?.[1] ?? `no page: ${stdout}`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The vectors of one file. */
export function vectorsIn(file: string): readonly Record<string, unknown>[] {
  return JSON.parse(readFileSync(`test/vectors/${file}`, "utf8"));
}
