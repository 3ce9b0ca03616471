// What every command has: its terminal, the global options, the way to the broker, and how errors end it.

import { CompileError } from "../conditions/index.ts";
import {
  type BrokerTarget,
  type Client,
  type ClientListeners,
  connectClient,
  failureCause,
  findBroker,
  ProtocolError,
  TransportError,
} from "../host/index.ts";
import { causeText, jsonLine, type Paint, painter } from "./print.ts";
import { EXIT, Exit, type Terminal } from "./terminal.ts";

/** Options that stand before or after any command. */
export interface GlobalOptions {
  readonly broker?: string;
  readonly token?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

/** Makes of a command's work what the command line calls: with its arguments and options, answering the exit code. */
export type Act = (
  work: (context: Context, ...rest: never[]) => Promise<number> | number,
) => (...all: unknown[]) => Promise<void>;

/** One run of one command. */
export class Context {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly paint: Paint;
  readonly #options: GlobalOptions;

  constructor(terminal: Terminal, options: GlobalOptions) {
    this.terminal = terminal;
    this.json = options.json === true;
    this.paint = painter(terminal.colour && options.color && !this.json);
    this.#options = options;
  }

  /** Prints a record: as JSON for programs, or as text for people. */
  record(record: object, text: string): void {
    this.terminal.out(this.json ? jsonLine(record) : text);
  }

  /** Says something to people beside the output. */
  say(text: string): void {
    if (!this.json) this.terminal.err(`${text}\n`);
  }

  /** Connects as a client, or ends the command: no broker is a code of its own. */
  async connect(listeners: ClientListeners = {}): Promise<Client> {
    return connectClient(this.target(), listeners);
  }

  /** The environment in which a broker is looked for: the options of the command line come before its variables. */
  brokerEnv(): NodeJS.ProcessEnv {
    const { broker, token } = this.#options;
    const env = { ...this.terminal.env };
    if (broker !== undefined) env.TRACEPOINTDEBUG_BROKER = broker;
    if (token !== undefined) env.TRACEPOINTDEBUG_CLIENT_TOKEN = token;
    return env;
  }

  /** The broker that is meant. Throws a TransportError when none is known. */
  target(): BrokerTarget {
    const env = this.brokerEnv();
    const found = findBroker("client", env);
    if (found !== null) return found;
    const address = env.TRACEPOINTDEBUG_BROKER;
    if (address) {
      throw new TransportError(
        "no_token",
        `no client token is known for the broker at ${address}`,
        "Give the one that `tracepointdebug up` printed, with --token or TRACEPOINTDEBUG_CLIENT_TOKEN.",
      );
    }
    throw new TransportError("unreachable", "no broker runs on this machine", "Start one with `tracepointdebug up`.");
  }

  /** Prints an error and answers the exit code that belongs to it. */
  fail(error: unknown): number {
    if (error instanceof Exit) return error.code;
    const cause = failureCause(fileError(error) ?? error);
    if (this.json) this.terminal.out(jsonLine({ type: "error", ...cause }));
    else if (error instanceof CompileError) this.terminal.err(`${error.toString()}\n`);
    else this.terminal.err(`${causeText(cause)}\n`);
    return error instanceof TransportError ? EXIT.unreachable : EXIT.failed;
  }
}

/** The error of a file that a person named and that cannot be opened; null for any other. */
function fileError(error: unknown): ProtocolError | null {
  const { path, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { path: undefined, message: "" };
  if (typeof path !== "string") return null;
  return new ProtocolError("file", `${path} cannot be used: ${message}`, "Check the path and its permissions.", {
    cause: error,
  });
}
