// The names of the run-time errors, as the language spells them. Knows no texts: those are in causes.ts.
import * as abi from "../engine/abi.ts";

const CODE_NAMES: readonly string[] = Object.entries(abi)
  .filter(([name]) => name.startsWith("ERR_") && !/_(SHIFT|MASK)$/.test(name))
  .reduce<string[]>((names, [name, code]) => {
    names[code] = name.slice(4).toLowerCase();
    return names;
  }, []);

/** Every name of a run-time error. */
export const ERROR_CODES: readonly string[] = Object.values(CODE_NAMES);

/** The name of a run-time error code, such as `no_such_field`. Accepts a whole packed error. */
export function errorCodeName(packed: number): string {
  return CODE_NAMES[packed & abi.ERR_CODE_MASK] ?? "internal";
}
