// The command line as a whole: global options, help, exit codes. It only sorts; each command is in its own file.
import { VERSION } from "../host/index.ts";
import { Command, CommanderError } from "./arguments.ts";
import { type Act, Context, type GlobalOptions } from "./context.ts";
import { EXIT, type Terminal } from "./terminal.ts";

/** Adds a command, or several of one file. */
export type Add = (program: Command, act: Act) => void;

const MORE_HELP = `
Examples:
  tracepointdebug up
  node -r tracepointdebug-node/register app.js
  tracepointdebug log src/cart.js:42 'cart {{cart.id}} has {{size(cart.items)}}' --if 'user.age >= 21' --hits 50 --expire 30m
  tracepointdebug snap src/cart.js:57 --if 'items.exists(i, i.price > 100.0)' --follow
  tracepointdebug tail --replay 20
  tracepointdebug list
  tracepointdebug rm k3f9qazb
  tracepointdebug eval 'x > 10' --vars '{"x": 11}'

The broker is the one that runs on this machine, unless --broker and --token or the environment variables
TRACEPOINTDEBUG_BROKER and TRACEPOINTDEBUG_CLIENT_TOKEN name another. Programs use TRACEPOINTDEBUG_BROKER and TRACEPOINTDEBUG_TOKEN.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no broker or no connection, 130 interrupted, 143 terminated.`;

/** Milliseconds that a command has after an interrupt to end by itself. */
const GRACE_MS = 3000;

function late(code: number): Promise<number> {
  return new Promise((resolve) => setTimeout(() => resolve(code), GRACE_MS).unref());
}

/** Runs a command line that knows these commands and answers its exit code. Never throws. */
export async function runCommands(
  commands: readonly Add[],
  argv: readonly string[],
  terminal: Terminal,
): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command("tracepointdebug");
  const act: Act =
    (work) =>
    async (...all) => {
      const context = new Context(terminal, program.opts<GlobalOptions>());
      try {
        // A command that has something to finish handles the interrupt itself; others are not waited for.
        const done = Promise.resolve(work(context, ...(all.slice(0, -1) as never[])));
        code = await Promise.race([done, terminal.interrupted.then((given) => late(given))]);
      } catch (error) {
        code = context.fail(error);
      }
    };
  program
    .description("Tracepoints and logpoints in running programs, with conditions that run sandboxed in WebAssembly.")
    .version(VERSION, "-V, --version", "print the version")
    .option("--broker <URL>", "address of the broker")
    .option("--token <TOKEN>", "client token of the broker")
    .option("--json", "one JSON line a record, for programs")
    .option("--no-color", "no colours")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", MORE_HELP)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  for (const add of commands) add(program, act);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help that was asked for is no error; help instead of a command is.
    code = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return code;
}
