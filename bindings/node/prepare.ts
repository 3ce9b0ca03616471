// Prepared mode, the loading side: everything that the program loads from now on takes the shape of shape.ts. CommonJS through
// Module.prototype._compile, ES modules through module.registerHooks, or module.register where that is all there is. Never
// touches files, and leaves the loading of a file to fail as it would have failed.
import * as nodeModule from "node:module";
import { dirname, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { installDisguise } from "./disguise.ts";
import { prepareSource } from "./shape.ts";

/** What prepared mode covers. */
export interface PrepareOptions {
  /** False: files below a `node_modules` folder stay as they are. */
  readonly dependencies?: boolean;
}

type Compile = (this: unknown, content: string, filename: string, format?: string, ...rest: unknown[]) => unknown;
interface Loaded {
  readonly format?: string | null;
  readonly source?: string | ArrayBuffer | Uint8Array | null;
}
type Load = (url: string, context: object, next: (url: string, context: object) => Loaded) => Loaded;
interface Hooks {
  readonly registerHooks?: (hooks: { load: Load }) => unknown;
  readonly register?: (specifier: string, parent: string, options: { data: unknown }) => void;
}

let isPrepared = false;

/** Switches prepared mode on, once, for this thread. Answers how far it reaches. */
export function prepare(options: PrepareOptions = {}): { readonly commonJs: boolean; readonly modules: boolean } {
  const hooks = nodeModule as unknown as Hooks;
  const modules = hooks.registerHooks !== undefined || hooks.register !== undefined;
  if (isPrepared) return { commonJs: true, modules };
  isPrepared = true;
  installDisguise();
  const own = ownFile();
  const wants = (path: string): boolean =>
    !path.startsWith(dirname(own) + sep) &&
    (options.dependencies !== false || !path.includes(`${sep}node_modules${sep}`));

  const { prototype } = nodeModule.Module as unknown as { prototype: { _compile: Compile } };
  const compile = prototype._compile;
  prototype._compile = function (content, filename, format, ...rest) {
    let prepared: string | null = null;
    try {
      if (typeof content === "string" && wants(String(filename))) {
        prepared = prepareSource(content, format === "module" ? true : format === "commonjs" ? false : undefined);
      }
    } catch {
      // Deeply nested code may be too much for the parser.
    }
    return compile.call(this, prepared ?? content, filename, format, ...rest);
  };

  if (hooks.registerHooks !== undefined) {
    hooks.registerHooks({
      load: (url, context, next) => prepareLoaded(url, next(url, context), wants),
    });
  } else if (hooks.register !== undefined) {
    hooks.register(loaderUrl(own), pathToFileURL(own).href, { data: { dependencies: options.dependencies !== false } });
  }
  return { commonJs: true, modules };
}

/** CommonJS goes through `_compile` in any case, so only ES modules are changed here. */
function prepareLoaded(url: string, loaded: Loaded, wants: (path: string) => boolean): Loaded {
  try {
    if (loaded.format !== "module" || !loaded.source || !url.startsWith("file:")) return loaded;
    if (!wants(fileURLToPath(url.replace(/[?#].*$/, "")))) return loaded;
    const source =
      typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString("utf8");
    const prepared = prepareSource(source, true);
    return prepared === null ? loaded : { ...loaded, source: prepared };
  } catch {
    return loaded;
  }
}

/** A loader for the hooks thread of older versions: it loads shape.ts there. */
function loaderUrl(own: string): string {
  const shape = own.replace(/prepare(\.[cm]?[jt]s)$/, "shape$1");
  const code = `
import { pathToFileURL } from "node:url";
const { prepareSource } = await import(${JSON.stringify(pathToFileURL(shape).href)});
let dependencies = true;
export function initialize(data) { dependencies = data.dependencies; }
export async function load(url, context, next) {
  const loaded = await next(url, context);
  try {
    if (loaded.format !== "module" || !loaded.source || !url.startsWith("file:")) return loaded;
    if (url.startsWith(${JSON.stringify(`${pathToFileURL(dirname(own)).href}/`)})) return loaded;
    if (!dependencies && url.includes("/node_modules/")) return loaded;
    const source = typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source).toString("utf8");
    const prepared = prepareSource(source, true);
    return prepared === null ? loaded : { ...loaded, source: prepared };
  } catch {
    return loaded;
  }
}`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** The path of this file. The package is built twice, as ES modules and as CommonJS, and the two have no common word for it. */
function ownFile(): string {
  const prepareStackTrace = Error.prepareStackTrace;
  try {
    Error.prepareStackTrace = (_error, sites) => sites;
    const sites = new Error().stack as unknown as NodeJS.CallSite[];
    const name = sites[0]?.getFileName() ?? "";
    return name.startsWith("file:") ? fileURLToPath(name) : name;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}
