// A Python process that answers one JSON line to each JSON line that it gets.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../../demo/service.ts";

export const PROGRAMS = join(ROOT, "bench/python");

export class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;
  #errors = "";

  constructor(python: string, program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#name = `${program} ${args.join(" ")}`;
    const settings = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(DD_|TRACEPOINTDEBUG_|PYTHON)/.test(name)),
    );
    this.#process = spawn(python, [join(PROGRAMS, program), ...args], { env: { ...settings, ...env } });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-4000);
    });
    // A program that ends is found out by the line that does not come.
    this.#process.stdin.on("error", () => {});
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The next line, as it is. */
  async answer<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`${this.#name} ended: ${this.#errors.trim()}`);
    return JSON.parse(value) as T;
  }

  ask<T>(request: unknown): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    return this.answer<T>();
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("close", resolve));
    this.#process.stdin.end();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  }
}
