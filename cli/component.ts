// `compile --component`: a compiled expression as a WebAssembly component. The only file that knows jco, which is large and so not
// installed with the package: it is looked for when it is needed. Runs nothing of the component.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Compiled, linkComponent, ProbeError, WORLDS } from "../conditions/index.ts";
import { COMPONENT_ENGINE_BASE64, WIT } from "../engine/component/binary.ts";

/** The version that is tested. */
export const JCO = "@bytecodealliance/jco@1.35.0";

/** What is used of jco. */
interface Jco {
  componentEmbed(options: {
    binary: Uint8Array;
    witSource: string;
    world: string;
    stringEncoding: "utf8";
  }): Promise<Uint8Array>;
  componentNew(core: Uint8Array, adapters: []): Promise<Uint8Array>;
}

/** The component of an expression, of the world that belongs to its kind. Throws ProbeError where jco cannot be had. */
export async function makeComponent(compiled: Compiled): Promise<Uint8Array> {
  const { componentEmbed, componentNew } = await loadJco();
  const core = linkComponent(compiled, Buffer.from(COMPONENT_ENGINE_BASE64, "base64"));
  const { world } = WORLDS[compiled.entry];
  return componentNew(await componentEmbed({ binary: core, witSource: WIT, world, stringEncoding: "utf8" }), []);
}

/** Looks where the command is run, then where it is installed. */
async function loadJco(): Promise<Jco> {
  for (const from of [join(process.cwd(), "here.js"), process.argv[1]]) {
    if (from === undefined) continue;
    let path: string;
    try {
      path = createRequire(from).resolve("@bytecodealliance/jco");
    } catch {
      continue;
    }
    return (await importModule(pathToFileURL(path).href)) as Jco;
  }
  throw new ProbeError(
    "no_jco",
    "components are made with jco, which is not installed here",
    `Install it where you run this, with \`npm install --save-dev ${JCO}\`.`,
  );
}

/** Imports an ES module by its URL, from the CommonJS build too, where the compiler makes a `require` of `import()`. */
async function importModule(url: string): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ url);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "MODULE_NOT_FOUND") throw error;
    return new Function("url", "return import(url);")(url) as Promise<unknown>;
  }
}
