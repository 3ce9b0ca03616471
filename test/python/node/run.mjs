// Runs a TypeScript file of this folder from the sources as they are now: `node test/python/node/run.mjs cases.ts vectors`.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const [file] = process.argv.splice(2, 1);
const bundle = await rolldown({
  input: fileURLToPath(new URL(file, import.meta.url)),
  platform: "node",
  external: [/^[^./]/],
});
const { output } = await bundle.generate({ format: "esm" });
// Within the repository, so that its packages are found.
const folder = mkdtempSync(join(root, "node_modules", ".python-"));
process.chdir(root);
try {
  const path = join(folder, "bundle.mjs");
  writeFileSync(path, output[0].code);
  await import(pathToFileURL(path).href);
} finally {
  rmSync(folder, { recursive: true });
}
