// `host`: serves the Python and Java programs of this machine until it is interrupted, or until none has been there for a while.
import { type LinkAddress, linkAddress, linkText, startLinkHost } from "../host/index.ts";
import { type Command, Option } from "./arguments.ts";
import type { Act, Context } from "./context.ts";
import { duration, whole } from "./input.ts";
import { EXIT } from "./terminal.ts";

interface HostOptions {
  readonly socket?: string;
  readonly port?: number;
  readonly idle?: number;
}

/** Adds the command. */
export function addHost(program: Command, act: Act): void {
  program
    .command("host")
    .summary("serve the Python and Java programs of this machine")
    .description(
      "Serves the Python and Java programs of this machine: compiles for them, keeps their limits, talks to the broker. They start one by themselves when they find none.",
    )
    .option(
      "--socket <PATH>",
      "where to listen (default: TRACEPOINTDEBUG_HOST, or host.sock in the state folder of the user)",
    )
    .option(
      "--port <NUMBER>",
      "listen at a port of 127.0.0.1 instead, 0 for any free one; TRACEPOINTDEBUG_HOST_TOKEN is what programs have to show",
      whole(0, 65_535),
    )
    .addOption(
      new Option("--idle <TIME>", "end when no program has been there for so long: 60, 90s, 5m").argParser(seconds),
    )
    .action(act(run));
}

/** A time with its unit, or seconds. */
function seconds(text: string): number {
  return /^\d+$/.test(text) ? whole(1, 86_400)(text) * 1000 : duration(text);
}

async function run(context: Context, options: HostOptions): Promise<number> {
  const { terminal, paint } = context;
  const host = await startLinkHost({
    address: addressOf(options, terminal.env),
    idleMs: options.idle ?? null,
    env: context.brokerEnv(),
    log: (level, message) => {
      if (level === "warn" || terminal.env.TRACEPOINTDEBUG_LOG === "debug") context.say(message);
    },
  });
  const at = linkText(host.address);
  context.record(
    { type: "host", address: at, pid: process.pid },
    `${paint("bold", `host at ${at}`)}, for the Python and Java programs of this user; Ctrl-C ends it.\n`,
  );
  const code = await Promise.race([terminal.interrupted, host.idle.then(() => EXIT.ok)]);
  await host.close();
  return code;
}

function addressOf({ socket, port }: HostOptions, env: NodeJS.ProcessEnv): LinkAddress {
  if (port !== undefined) return { kind: "tcp", port, token: env.TRACEPOINTDEBUG_HOST_TOKEN ?? "" };
  return socket === undefined ? linkAddress(env) : { kind: "socket", path: socket };
}
