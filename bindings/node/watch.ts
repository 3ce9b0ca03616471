// Tells when the program loads code, for probes that wait for a file. Nothing of it is in place while no probe waits.
import * as nodeModule from "node:module";
import { fileURLToPath } from "node:url";
import { PLACE_LIMITS } from "./limits.ts";

/** Called after a CommonJS file was loaded, or when an ES module is about to be. `hasMap`: it may hold other sources. */
export type OnLoad = (path: string, hasMap: boolean) => void;

interface Hooks {
  registerHooks?: (hooks: { resolve: (specifier: string, context: object, next: Next) => { url: string } }) => {
    deregister(): void;
  };
}
type Next = (specifier: string, context: object) => { url: string };
type Compile = (this: unknown, content: string, filename: string, ...rest: unknown[]) => unknown;

interface CommonJs {
  prototype: { _compile: Compile };
}

/** Watches until closed. */
export class Watch {
  readonly #onLoad: OnLoad;
  readonly #look: () => number;
  #stop: (() => void) | null = null;

  /** `look`: searches for new scripts and returns the milliseconds it took; used where the runtime cannot tell. */
  constructor(onLoad: OnLoad, look: () => number) {
    this.#onLoad = onLoad;
    this.#look = look;
  }

  start(): void {
    if (this.#stop !== null) return;
    const unhook = this.#hookCommonJs();
    const { registerHooks } = nodeModule as Hooks;
    // Not through module.register: it starts a thread and changes how everything is loaded, for good.
    const unwatch = registerHooks === undefined ? this.#poll() : this.#hookModules(registerHooks);
    this.#stop = () => {
      unhook();
      unwatch();
    };
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }

  #hookCommonJs(): () => void {
    const { prototype } = nodeModule.Module as unknown as CommonJs;
    const compile = prototype._compile;
    const onLoad = this.#onLoad;
    let isOn = true;
    const hooked: Compile = function (content, filename, ...rest) {
      try {
        return compile.call(this, content, filename, ...rest);
      } finally {
        if (isOn) onLoad(String(filename), typeof content === "string" && content.includes("sourceMappingURL="));
      }
    };
    prototype._compile = hooked;
    return () => {
      isOn = false;
      // Somebody else may have hooked in above us; then ours stays and does nothing.
      if (prototype._compile === hooked) prototype._compile = compile;
    };
  }

  #hookModules(registerHooks: NonNullable<Hooks["registerHooks"]>): () => void {
    const hooks = registerHooks({
      resolve: (specifier, context, next) => {
        const result = next(specifier, context);
        try {
          if (result.url.startsWith("file:")) this.#onLoad(fileURLToPath(result.url.replace(/[?#].*$/, "")), false);
        } catch {}
        return result;
      },
    });
    return () => hooks.deregister();
  }

  /** Older versions of Node do not tell about ES modules. A look takes milliseconds, so they are far apart. */
  #poll(): () => void {
    let timer: NodeJS.Timeout;
    const again = (delayMs: number) => {
      timer = setTimeout(() => {
        const tookMs = this.#look();
        again(Math.max(PLACE_LIMITS.pollMs, tookMs * PLACE_LIMITS.pollCostFactor));
      }, delayMs).unref();
    };
    again(PLACE_LIMITS.pollMs);
    return () => clearTimeout(timer);
  }
}
