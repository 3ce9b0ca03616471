// What people type, as values: places, durations, numbers, variables. Each answers a value or throws what commander prints as a
// usage error.
import type { ProbeLimits } from "../conditions/index.ts";
import { InvalidArgumentError } from "./arguments.ts";

/** `src/cart.js:42` as file and line. Backslashes of Windows paths are accepted. */
export function place(text: string): { readonly file: string; readonly line: number } {
  const match = /^(.+):(\d{1,7})$/s.exec(text);
  const line = Number(match?.[2]);
  if (match === null || line < 1) {
    throw new InvalidArgumentError("Give it as FILE:LINE, for example src/cart.js:42. Lines count from 1.");
  }
  return { file: match[1]!.replaceAll("\\", "/"), line };
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `30m`, `24h`, `1h30m` as milliseconds. */
export function duration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(s|m|h)/g)];
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit!]!, 0);
  if (parts.map(([part]) => part).join("") !== text || ms <= 0) {
    throw new InvalidArgumentError("Give it with its unit: 90s, 30m, 24h or 1h30m.");
  }
  return ms;
}

/** A whole number of a range. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** A number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0) || value > 1e6) throw new InvalidArgumentError("Give a number above 0.");
  return value;
}

/** Collects limits of the evaluation, as `steps=5000`. Which there are is said by the compiler. */
export function limit(text: string, before: Partial<ProbeLimits> = {}): Partial<ProbeLimits> {
  const match = /^([A-Za-z]+)=(\d{1,9})$/.exec(text);
  if (match === null) throw new InvalidArgumentError("Give it as NAME=NUMBER, for example steps=5000.");
  return { ...before, [match[1] as string]: Number(match[2]) };
}

/** Collects an option that may be repeated. */
export function repeated(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
