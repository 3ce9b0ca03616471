// Starts programs with the built agent in them, as separate processes, under the Node that AGENT_NODE names.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import type { AgentStatus } from "../../bindings/node/index.ts";

export const NODE = process.env.AGENT_NODE || process.execPath;
export const PACKAGE = resolve("dist/cjs/bindings/node/index.js");
export const REGISTER = resolve("dist/cjs/bindings/node/register.js");
export const fixture = (name: string) => resolve("test/fixtures/agent", name);

/** The environment without what this machine may have set. How long an edit takes on it must not decide what a test sees. */
export function environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(TRACEPOINTDEBUG_|npm_|NODE_OPTIONS$|VITEST)/.test(name),
  );
  return { ...Object.fromEntries(kept), AGENT_PACKAGE: PACKAGE, TRACEPOINTDEBUG_MAX_EDIT_MS: "60000", ...more };
}

/** Runs a program to its end. */
export async function run(args: readonly string[], env: NodeJS.ProcessEnv) {
  const started = performance.now();
  const child = spawn(NODE, args, { env: environment(env), stdio: ["ignore", "pipe", "pipe"] });
  const out = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    out.stderr += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  const lines = out.stdout.split("\n").filter((line) => line !== "");
  return { ...out, lines, code, ms: performance.now() - started };
}

interface Reply {
  readonly status: AgentStatus;
  readonly sold: number;
}

/** A program that goes on until it is told to end. */
export class Program {
  readonly #child: ChildProcess;
  stderr = "";

  constructor(name: string, env: NodeJS.ProcessEnv, execArgv: readonly string[] = []) {
    this.#child = fork(fixture(name), {
      execPath: NODE,
      execArgv: [...execArgv],
      env: environment(env),
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
  }

  async ready(): Promise<this> {
    await once(this.#child, "message");
    return this;
  }

  tell(command: string, count?: number): void {
    this.#child.send({ command, count });
  }

  async ask(command: "status" | "start" | "stop"): Promise<Reply> {
    const answer = once(this.#child, "message");
    this.tell(command);
    return (await answer)[0] as Reply;
  }

  /** The exit code. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    return ((await once(this.#child, "exit")) as [number | null])[0];
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
