// Starts the demo's service as an ordinary process with the agent in it, and finds the lines that the demo puts probes on.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the package: dist/esm/demo is three below it. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const REGISTER = join(ROOT, "dist/cjs/bindings/node/register.js");

export interface Service {
  readonly url: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts `demo/service/server.js`. `env` is added to the environment; `agent` false leaves the agent out. */
export async function startService(env: Readonly<Record<string, string>>, agent = true): Promise<Service> {
  const args = [...(agent ? ["-r", REGISTER] : []), join(ROOT, "demo/service/server.js")];
  const child = spawn(process.env.AGENT_NODE ?? process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const found = /listening on (\S+)/.exec(text);
      if (found?.[1] !== undefined) resolve(found[1]);
    });
    child.once("close", (code) => reject(new Error(`the service ended with ${code}`)));
  });
  return {
    url,
    process: child,
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The line of a file that contains this text, counted from 1: the demo must survive a new version of the framework. */
export function lineOf(file: string, text: string): number {
  const index = readFileSync(file, "utf8")
    .split("\n")
    .findIndex((line) => line.includes(text));
  if (index < 0) throw new Error(`${file} has no line with ${text}`);
  return index + 1;
}

export const CART = join(ROOT, "demo/service/cart.js");
export const SERVER = join(ROOT, "demo/service/server.js");
/** express 5 routes through the package `router`: each layer of it calls its handler in this file. */
export const LAYER = join(
  createRequire(createRequire(import.meta.url).resolve("express")).resolve("router"),
  "../lib/layer.js",
);
