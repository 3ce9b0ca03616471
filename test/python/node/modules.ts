// Compiles sources, given as {kind: [source]} in JSON, and writes the modules in base64, by source.
import { compileCondition, compileTemplate, compileValue } from "../../../conditions/index.ts";

const COMPILERS = { condition: compileCondition, template: compileTemplate, value: compileValue };
const given = JSON.parse(process.argv[2] as string) as Record<keyof typeof COMPILERS, readonly string[]>;
const modules = Object.entries(given).flatMap(([kind, sources]) =>
  sources.map((source) => {
    const { wasm } = COMPILERS[kind as keyof typeof COMPILERS](source);
    return [source, Buffer.from(wasm).toString("base64")];
  }),
);
process.stdout.write(JSON.stringify(Object.fromEntries(modules)));
