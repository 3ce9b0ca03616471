// What natives.ts needs of Node beyond JavaScript: what kind of thing an object is, compiling where `eval` is forbidden, V8's flags,
// the processor's time. A bundle for browsers takes platform.browser.ts instead, by the field `browser` of package.json.
import { types } from "node:util";
import { setFlagsFromString } from "node:v8";
import { compileFunction } from "node:vm";

export { compileFunction, setFlagsFromString, types };

/** The processor's time that this process took. */
export const { cpuUsage } = process;

/** The flags that the program was started with. */
export const programFlags = `${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS ?? ""}`;
