// What a person may set, from `start(options)` and from the environment, in this order. A value that cannot be used is reported
// and left out; nothing here throws, because a wrong setting must not stop a program.
import { basename, extname } from "node:path";
import type { Cause, TraceIds } from "../../host/index.ts";
import { cause } from "../../host/index.ts";
import { editMs, PLACE_LIMITS } from "./limits.ts";

/** How much the agent says on stderr. */
export type LogLevel = "debug" | "warn" | "off";

/** How probes are put into the program. */
export type EngineChoice = "auto" | "inject" | "inspector";

/** What `start` takes. Each may be left out; what is not here is taken from the environment, then from a default. */
export interface StartOptions {
  /** Address of the broker, such as `127.0.0.1:4717` or `wss://broker.example`. Default: the one that runs on this machine. TRACEPOINTDEBUG_BROKER */
  readonly broker?: string;
  /** Agent token of the broker. Default: that of the broker on this machine. TRACEPOINTDEBUG_TOKEN */
  readonly token?: string;
  /** Name of the program for people. TRACEPOINTDEBUG_APP */
  readonly app?: string;
  /** Probes with tags go only to agents that have one of them. TRACEPOINTDEBUG_TAGS, separated by commas */
  readonly tags?: readonly string[];
  /** `auto` unless an engine has to be forced. TRACEPOINTDEBUG_ENGINE */
  readonly engine?: EngineChoice;
  /** Milliseconds that an edit of the program's code may hold it up, 300 unless told otherwise; a slow breakpoint serves where it would be more. TRACEPOINTDEBUG_MAX_EDIT_MS */
  readonly maxEditMs?: number;
  /** Names whose values are never read, beside the usual ones such as `password` and `token`. TRACEPOINTDEBUG_REDACT, separated by commas */
  readonly redact?: readonly string[];
  /** Ids of the current trace, for `@traceId` and `@spanId`. It is called on the hits of probes that name them. */
  readonly trace?: () => TraceIds;
  /** Whether conditions may be scripts, `js: ...`. Off by default. TRACEPOINTDEBUG_SCRIPTS */
  readonly scripts?: boolean;
  /** How much is said; or a function that is given each line in place of stderr. TRACEPOINTDEBUG_LOG */
  readonly log?: LogLevel | ((level: "debug" | "warn", message: string) => void);
}

/** Settings that can be used as they are. */
export interface Settings {
  readonly broker: string | null;
  readonly token: string | null;
  readonly app: string;
  readonly tags: readonly string[];
  readonly engine: EngineChoice;
  readonly maxEditMs: number;
  readonly prepared: boolean;
  readonly redact: readonly string[];
  readonly trace: (() => TraceIds) | null;
  readonly scripts: boolean;
  readonly logLevel: LogLevel;
  readonly log: ((level: "debug" | "warn", message: string) => void) | null;
  /** Values that were left out, and why. */
  readonly problems: readonly Cause[];
  /** A wrong value without which it would be wrong to go on: with another broker than was meant, for example. */
  readonly fatal: Cause | null;
}

const MAX_TEXT = 256;
const MAX_TAGS = 32;
const MAX_TAG = 128;
const MAX_REDACTED = 1000;
const LEVELS: readonly unknown[] = ["debug", "warn", "off"];
const ENGINES: readonly unknown[] = ["auto", "inject", "inspector"];
/** Engines of the other runtimes: a machine may set one variable for all programs. */
const FOREIGN_ENGINES: readonly unknown[] = ["native", "pytrace", "monitoring", "bytecode"];

/** Reads the settings. `options` may be anything: a program in plain JavaScript may pass whatever it likes. */
export function readSettings(options: unknown, env: NodeJS.ProcessEnv = process.env): Settings {
  const problems: Cause[] = [];
  let fatal: Cause | null = null;
  const given: Record<string, unknown> = {};
  if (typeof options === "object" && options !== null) Object.assign(given, readOwn(options, problems));
  else if (options !== undefined) problems.push(wrong("options", "an object"));

  /** The option, else the variable, else the default; a wrong one counts as absent. */
  function pick<T>(
    option: string,
    variable: string,
    fits: (value: unknown) => T | null,
    must: string,
    isFatal = false,
  ): T | null {
    const values: readonly (readonly [string, unknown])[] = [
      [option, given[option]],
      [variable, env[variable] === "" ? undefined : env[variable]],
    ];
    for (const [name, value] of values) {
      if (value === undefined || value === null) continue;
      const fit = fits(value);
      if (fit !== null) return fit;
      problems.push(wrong(name, must));
      if (isFatal) fatal ??= wrong(name, must);
    }
    return null;
  }

  const log = typeof given.log === "function" ? (given.log as Settings["log"]) : null;
  if (log !== null) given.log = undefined;
  const trace = typeof given.trace === "function" ? (given.trace as Settings["trace"]) : null;
  if (trace === null && given.trace !== undefined && given.trace !== null) problems.push(wrong("trace", "a function"));
  const broker = pick(
    "broker",
    "TRACEPOINTDEBUG_BROKER",
    address,
    "an address such as 127.0.0.1:4717 or wss://broker.example",
    true,
  );
  const token = pick("token", "TRACEPOINTDEBUG_TOKEN", text(4096), "a token, as text", true);
  return {
    broker,
    token,
    app: pick("app", "TRACEPOINTDEBUG_APP", text(MAX_TEXT), `text of up to ${MAX_TEXT} characters`) ?? appName(env),
    tags: pick("tags", "TRACEPOINTDEBUG_TAGS", tagList, `up to ${MAX_TAGS} tags of up to ${MAX_TAG} characters`) ?? [],
    engine: pick("engine", "TRACEPOINTDEBUG_ENGINE", engine, "auto, inject or inspector") ?? "auto",
    maxEditMs:
      pick("maxEditMs", "TRACEPOINTDEBUG_MAX_EDIT_MS", editMs, `milliseconds, 0 to ${PLACE_LIMITS.maxEditMsAllowed}`) ??
      PLACE_LIMITS.maxEditMs,
    redact:
      pick(
        "redact",
        "TRACEPOINTDEBUG_REDACT",
        nameList,
        `up to ${MAX_REDACTED} names of up to ${MAX_TAG} characters`,
      ) ?? [],
    trace,
    prepared: pick("prepared", "TRACEPOINTDEBUG_PREPARED", flag, "1 or 0") ?? false,
    scripts: pick("scripts", "TRACEPOINTDEBUG_SCRIPTS", flag, "1 or 0") ?? false,
    logLevel: pick("log", "TRACEPOINTDEBUG_LOG", oneOf<LogLevel>(LEVELS), "debug, warn or off") ?? "warn",
    log,
    problems,
    fatal,
  };
}

/** The options' own values. A getter that throws is a wrong value like any other. */
function readOwn(options: object, problems: Cause[]): Record<string, unknown> {
  try {
    return { ...options };
  } catch {
    problems.push(wrong("options", "a plain object"));
    return {};
  }
}

function wrong(name: string, must: string): Cause {
  return cause("bad_setting", `The setting ${name} must be ${must}.`, `Correct ${name}, or leave it out.`);
}

function text(max: number) {
  return (value: unknown): string | null =>
    typeof value === "string" && value.trim() !== "" && value.length <= max ? value.trim() : null;
}

function address(value: unknown): string | null {
  const trimmed = text(MAX_TEXT * 8)(value);
  if (trimmed === null) return null;
  const url = /^[a-z]+:\/\//i.test(trimmed) ? trimmed : `ws://${trimmed}`;
  return /^(wss?|https?):/i.test(url) && URL.canParse?.(url) !== false ? trimmed : null;
}

const tagList = (value: unknown) => listOf(value, MAX_TAGS);
const nameList = (value: unknown) => listOf(value, MAX_REDACTED);

function listOf(value: unknown, most: number): readonly string[] | null {
  const list = typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : null;
  if (list === null || list.length > most) return null;
  const tags = list.map((tag) => (typeof tag === "string" ? tag.trim() : null));
  if (tags.some((tag) => tag === null || tag.length > MAX_TAG)) return null;
  return [...new Set(tags.filter((tag): tag is string => tag !== ""))];
}

function engine(value: unknown): EngineChoice | null {
  return FOREIGN_ENGINES.includes(value) ? "auto" : oneOf<EngineChoice>(ENGINES)(value);
}

function oneOf<T>(words: readonly unknown[]) {
  return (value: unknown): T | null => (words.includes(value) ? (value as T) : null);
}

function flag(value: unknown): boolean | null {
  if (value === true || value === "1" || value === "true") return true;
  return value === false || value === "0" || value === "false" ? false : null;
}

/** The name of the npm package that was started, else of the script. */
function appName(env: NodeJS.ProcessEnv): string {
  const script = process.argv[1];
  const name = env.npm_package_name || (script === undefined ? "" : basename(script, extname(script)));
  return (name || "node").slice(0, MAX_TEXT);
}
