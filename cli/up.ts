// `up`: runs the embedded broker until it is interrupted, and says how programs and tools find it.
import { BROKER_LIMITS } from "../host/index.ts";
import { type Command, Option } from "./arguments.ts";
import type { Act, Context } from "./context.ts";
import { repeated, whole } from "./input.ts";

interface UpOptions {
  readonly port?: number;
  readonly host: string;
  readonly data?: string;
  readonly origin?: readonly string[];
  readonly announce: boolean;
}

/** Adds the command. */
export function addUp(program: Command, act: Act): void {
  program
    .command("up")
    .summary("run the embedded broker")
    .description(
      "Runs the embedded broker until it is interrupted. Probes and recent events outlive it in its data folder.",
    )
    .option(
      "--port <NUMBER>",
      `port, 0 for any free one (default: ${BROKER_LIMITS.port}, or a free one)`,
      whole(0, 65_535),
    )
    .option(
      "--host <ADDRESS>",
      "address to listen on; anything but a loopback address lets other machines in",
      "127.0.0.1",
    )
    .option("--data <DIR>", "data folder (default: in the state folder of the user)")
    .addOption(
      new Option("--origin <URL>", "origin of web pages that may connect; may be repeated").argParser(repeated),
    )
    .option("--no-announce", "do not let programs on this machine find it by themselves")
    .action(act(run));
}

async function run(context: Context, options: UpOptions): Promise<number> {
  // Loaded here only: the store is a native module that no other command needs.
  const { startBroker } = await import("../broker/index.ts");
  const { port, host, data, origin, announce } = options;
  const broker = await startBroker({
    host,
    announce,
    ...(port === undefined ? {} : { port }),
    ...(data === undefined ? {} : { data }),
    ...(origin === undefined ? {} : { origins: origin }),
  });
  const { address, agentToken, clientToken, note } = broker;
  const { paint } = context;
  const found = announce
    ? `Programs and commands of this user on this machine find it by themselves:

  node -r tracepointdebug-node/register app.js
  npx tracepointdebug log src/cart.js:42 'cart {{cart.id}}' --if 'cart.total > 100.0'
  npx tracepointdebug tail

Elsewhere, tell them:
`
    : "Tell programs and commands where it is:\n";
  context.record(
    { type: "broker", address, agentToken, clientToken, data: broker.data, pid: process.pid, note },
    `${paint("bold", `broker at ${address}`)}${note === "" ? "" : ` (${note})`}
data in ${broker.data}

${found}
  TRACEPOINTDEBUG_BROKER=${address}
  TRACEPOINTDEBUG_TOKEN=${agentToken}          ${paint("dim", "# programs")}
  TRACEPOINTDEBUG_CLIENT_TOKEN=${clientToken}   ${paint("dim", "# commands")}

Ctrl-C ends it.
`,
  );
  if (host !== "127.0.0.1" && host !== "::1" && host !== "localhost") {
    context.say("Other machines can reach it, and the connection is not encrypted: use it in a trusted network only.");
  }
  const code = await context.terminal.interrupted;
  await broker.close();
  return code;
}
