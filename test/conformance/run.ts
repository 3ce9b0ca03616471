// `npm run conformance`: runs the gate, prints its table and what is wrong, and writes docs/conformance.md. With `-- --shrink` it
// takes known failures that pass off their list first; nothing ever puts one on it.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { KNOWN_FAILURES, loadKnown, runGate, shrink, violations } from "./gate.ts";
import { DOCUMENT, documentText, tableText } from "./report.ts";
import { loadCases } from "./suite.ts";

const started = performance.now();
const cases = loadCases();
let results = runGate(cases, loadKnown());
if (process.argv.includes("--shrink")) {
  writeFileSync(KNOWN_FAILURES, `${JSON.stringify(shrink(loadKnown(null), results), null, 2)}\n`);
  results = runGate(cases, loadKnown());
}
const faults = violations(results);
for (const fault of faults) process.stdout.write(`${fault}\n`);
if (faults.length > 0) process.stdout.write("\n");
process.stdout.write(tableText(results));
const seconds = ((performance.now() - started) / 1000).toFixed(1);
const steps = Math.max(...results.map((result) => result.steps));
process.stdout.write(
  `\n${results.length} runs in ${seconds} s, at most ${steps} steps each; ${faults.length} violations\n`,
);
mkdirSync(dirname(DOCUMENT), { recursive: true });
writeFileSync(DOCUMENT, documentText(results));
process.exitCode = faults.length === 0 ? 0 : 1;
