// Where a command reads its surroundings and writes: streams, environment, the interrupt key. Real in the program, a recording in
// tests.

/** What a command needs of the world. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Fulfilled when what was written has been taken, for commands that write without end. */
  taken?(): Promise<void>;
  readonly env: NodeJS.ProcessEnv;
  /** Whether `out` is a terminal that shows colours. */
  readonly colour: boolean;
  /** Fulfilled with the exit code when the user interrupts the command. */
  readonly interrupted: Promise<number>;
}

/** Exit codes, as the help lists them. */
export const EXIT = Object.freeze({ ok: 0, failed: 1, usage: 2, unreachable: 3, interrupted: 130, terminated: 143 });

/** The process's own. */
export function processTerminal(): Terminal {
  // A reader that went away (`tail | head`) ends the command; it is no error.
  process.stdout.on("error", () => process.exit(EXIT.ok));
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    taken: () =>
      new Promise((resolve) => {
        if (process.stdout.writableNeedDrain) process.stdout.once("drain", resolve);
        else resolve();
      }),
    env: process.env,
    colour: process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb",
    interrupted: new Promise((resolve) => {
      process.once("SIGINT", () => resolve(EXIT.interrupted));
      process.once("SIGTERM", () => resolve(EXIT.terminated));
    }),
  };
}

/** Ends a command with a code; what there is to say has been said. */
export class Exit extends Error {
  override name = "Exit";
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
