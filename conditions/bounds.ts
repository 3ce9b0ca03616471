// The limits of one probe: its own wishes, checked against what the host allows. Sets no number itself.
import { CompileError } from "./errors.ts";
import { LIMITS, MAXIMA, type ProbeLimits } from "./limits.ts";
import type { Entry } from "./stages.ts";

export interface LimitOptions {
  /** What this probe sets lower (steps: also higher) than it would be. */
  readonly limits?: Partial<ProbeLimits>;
  /** The most that this host allows; what it leaves out is as in `MAXIMA`. */
  readonly maxima?: Partial<ProbeLimits>;
}

const CONDITION: ProbeLimits = Object.freeze({ ...MAXIMA, steps: LIMITS.conditionSteps });

const isName = (name: string): name is keyof ProbeLimits => Object.hasOwn(MAXIMA, name);
const figure = (value: number) => value.toLocaleString("en");

/** The limits that hold for one compilation. Throws CompileError `limit`, with name, value and maximum, for one that is not allowed. */
export function boundsOf(entry: Entry, source: string, { limits, maxima }: LimitOptions): ProbeLimits {
  const usual = entry === "condition" ? CONDITION : MAXIMA;
  return limits === undefined && maxima === undefined ? usual : wished(usual, source, limits ?? {}, maxima ?? {});
}

function wished(
  usual: ProbeLimits,
  source: string,
  limits: Partial<ProbeLimits>,
  maxima: Partial<ProbeLimits>,
): ProbeLimits {
  const bounds: Record<keyof ProbeLimits, number> = { ...usual };
  for (const name of Object.keys(MAXIMA) as (keyof ProbeLimits)[]) {
    const most = Math.min(maxima[name] ?? MAXIMA[name], MAXIMA[name]);
    const asked = limits[name];
    if (asked === undefined) bounds[name] = Math.min(bounds[name], most);
    else if (Number.isInteger(asked) && asked >= 1 && asked <= most) bounds[name] = asked;
    else throw refused(source, `the limit \`${name}\` is ${asked}; it can be from 1 to ${figure(most)}`);
  }
  const unknown = Object.keys(limits).find((name) => !isName(name));
  if (unknown !== undefined) throw refused(source, `there is no limit \`${unknown}\``);
  return bounds;
}

function refused(source: string, message: string): CompileError {
  const remedy = `Set any of ${Object.keys(MAXIMA).join(", ")}, each up to what the host allows.`;
  return new CompileError("limit", message, remedy, source, { from: 0, to: source.length });
}
