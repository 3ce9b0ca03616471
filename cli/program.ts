// All commands of the package.
import { addChanges } from "./change.ts";
import { type Add, runCommands } from "./command-line.ts";
import { addCompile } from "./compile.ts";
import { addEval } from "./eval.ts";
import { addExplain } from "./explain.ts";
import { addHost } from "./host.ts";
import { addList } from "./list.ts";
import { addPreview } from "./preview.ts";
import { addProbes } from "./probe.ts";
import { addTail } from "./tail.ts";
import type { Terminal } from "./terminal.ts";
import { addUp } from "./up.ts";

const COMMANDS: readonly Add[] = [
  addUp,
  addHost,
  addProbes,
  addTail,
  addList,
  addChanges,
  // Loaded when it is asked for: a second engine and a large tool, which no other command needs.
  (program, act) =>
    addCompile(program, act, async (compiled) => (await import("./component.ts")).makeComponent(compiled)),
  addExplain,
  addPreview,
  addEval,
];

/** Runs a command line and answers its exit code. Never throws. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return runCommands(COMMANDS, argv, terminal);
}
