// The commands of the one-file bundle that the wheel and the jar carry: all but what needs native or large parts. Made by
// scripts/bundle.mjs.
import { ProbeError } from "../conditions/index.ts";
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
import { EXIT, processTerminal } from "./terminal.ts";

/** A person who types `up` wants to know where it is. */
const addNoUp: Add = (program, act) => {
  program
    .command("up")
    .summary("not in this bundle: run the embedded broker")
    .allowUnknownOption()
    .allowExcessArguments()
    .action(
      act(() => {
        throw new ProbeError(
          "not_bundled",
          "the embedded broker is not part of the bundle that the program's package carries",
          "Run `npx -p tracepointdebug-node tracepointdebug up`: it is in the npm package.",
        );
      }),
    );
};

const COMMANDS: readonly Add[] = [
  addNoUp,
  addHost,
  addProbes,
  addTail,
  addList,
  addChanges,
  (program, act) => addCompile(program, act, null),
  addExplain,
  addPreview,
  addEval,
];

runCommands(COMMANDS, process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
  // After an interrupt nothing that is still open is waited for.
  if (code >= EXIT.interrupted) process.exit();
});
