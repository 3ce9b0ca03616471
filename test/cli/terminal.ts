// Runs a command line against a recording terminal.

import type { Broker } from "../../broker/index.ts";
import { run } from "../../cli/program.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { tempFolder } from "../broker/world.ts";

export interface Running {
  out: string;
  err: string;
  /** Lines of `out` as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into records of any type
  records(): any[];
  interrupt(code?: number): void;
  readonly done: Promise<number>;
}

/** Starts a command. Its environment knows nothing of the machine it runs on. */
export function start(argv: readonly string[], env: NodeJS.ProcessEnv = { XDG_STATE_HOME: tempFolder() }): Running {
  let interrupt: (code: number) => void = () => {};
  const interrupted = new Promise<number>((resolve) => {
    interrupt = resolve;
  });
  const made = {
    out: "",
    err: "",
    records: () =>
      made.out
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    interrupt: (code = 130) => interrupt(code),
    done: Promise.resolve(0),
  };
  const terminal: Terminal = {
    out: (text) => {
      made.out += text;
    },
    err: (text) => {
      made.err += text;
    },
    env,
    colour: false,
    interrupted,
  };
  made.done = run(argv, terminal);
  return made;
}

/** The environment that leads to a broker. */
export function envOf(broker: Broker): NodeJS.ProcessEnv {
  return {
    XDG_STATE_HOME: tempFolder(),
    TRACEPOINTDEBUG_BROKER: broker.address,
    TRACEPOINTDEBUG_CLIENT_TOKEN: broker.clientToken,
  };
}

/** Runs a command to its end. */
export async function finished(
  argv: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<{ code: number; out: string; err: string; records: Running["records"] }> {
  const running = start(argv, env);
  const code = await running.done;
  return { code, out: running.out, err: running.err, records: running.records };
}
