#!/usr/bin/env node
// The `tracepointdebug` command.
import { run } from "./program.ts";
import { EXIT, processTerminal } from "./terminal.ts";

run(process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
  // After an interrupt nothing that is still open is waited for.
  if (code >= EXIT.interrupted) process.exit();
});
