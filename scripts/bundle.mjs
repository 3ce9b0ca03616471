// Bundles the host and the commands that make sense beside a Python or Java program into one file, dist/host.cjs, which needs Node and
// nothing else: the wheel and the jar carry it. What is native or large stays out: the broker's store, the packager of components.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = new URL("../", import.meta.url);

/** The interpreter of scripts, which only Node programs run, reads a file of its own package: in the bundle it says that it is not there. */
const NO_QUICKJS = {
  name: "no-quickjs",
  resolveId: (id) => (id === "quickjs-emscripten" ? id : null),
  load: (id) =>
    id === "quickjs-emscripten"
      ? `const missing = () => { throw new Error("scripts run with the npm package tracepointdebug-node only"); };
         export { missing as newQuickJSWASMModuleFromVariant, missing as newVariant, missing as RELEASE_SYNC };`
      : null,
};

/** Writes the bundle. */
export async function bundle() {
  const made = await rolldown({
    input: fileURLToPath(new URL("cli/bundled.ts", root)),
    platform: "node",
    // Optional native parts of ws, which does without.
    external: ["bufferutil", "utf-8-validate"],
    plugins: [NO_QUICKJS],
  });
  await made.write({
    file: fileURLToPath(new URL("dist/host.cjs", root)),
    format: "cjs",
    codeSplitting: false,
    // Not minified: who installs it may read it.
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await made.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle();
  console.log(`dist/host.cjs: ${readFileSync(new URL("dist/host.cjs", root)).length} bytes`);
}
