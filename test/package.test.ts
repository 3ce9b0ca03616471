// What the package says of itself is true of what is built: its entries exist and load both ways, and what browsers replace has the
// same names.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly files: readonly string[];
  readonly browser: Readonly<Record<string, string>>;
};
const require = createRequire(import.meta.url);

/** Every file that an entry of `exports` names. */
function filesOf(entry: unknown): string[] {
  return typeof entry === "string" ? [entry] : Object.values(entry as object).flatMap(filesOf);
}

const ENTRIES = Object.entries(manifest.exports);
/** Entries that are the same library as ES modules and as CommonJS. */
const LIBRARIES = ENTRIES.filter(([, entry]) => typeof entry === "object" && entry !== null && "import" in entry);

describe("the package", () => {
  test.each(ENTRIES)("has the files of %s, and publishes them", (_, entry) => {
    for (const file of filesOf(entry)) {
      expect(existsSync(file), file).toBe(true);
      if (file === "./package.json") continue;
      expect(
        manifest.files.some((folder) => `${file}/`.startsWith(`./${folder}/`)),
        file,
      ).toBe(true);
    }
  });

  test("has the libraries that the README speaks of", () => {
    expect(LIBRARIES.map(([path]) => path)).toEqual(["./conditions", "./engine", "./guest", "./host", "./broker"]);
  });

  test.each(LIBRARIES)("gives the same names by import and by require: %s", async (path) => {
    const name = `${manifest.name}${path.slice(1)}`;
    const imported = (await import(name)) as object;
    const required = require(name) as object;
    const names = (module: object) => Object.keys(module).filter((key) => key !== "__esModule" && key !== "default");
    expect(names(required).sort()).toEqual(names(imported).sort());
  });

  test.each(Object.entries(manifest.browser))("replaces %s by a file of the same names", async (replaced, by) => {
    expect(existsSync(replaced) && existsSync(by)).toBe(true);
    const names = async (file: string) =>
      Object.keys((await import(/* @vite-ignore */ `../${file}`)) as object).filter(
        (key) => !/^(default|module.exports|__esModule)$/.test(key),
      );
    expect((await names(by)).sort()).toEqual((await names(replaced)).sort());
  });
});
