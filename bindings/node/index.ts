// The Node agent as a program sees it: start, stop, status. Nothing here throws or rejects, whatever it is given.
// One agent a thread, even where two copies of the package are loaded: it lives under a symbol of the global object.

import { failureCause, type Log, VERSION } from "../../host/index.ts";
import { Agent, type AgentStatus, idleStatus, obstacle } from "./agent.ts";
import { readSettings, type Settings, type StartOptions } from "./settings.ts";

export type { AgentStatus } from "./agent.ts";
export type { EngineChoice, LogLevel, StartOptions } from "./settings.ts";

/** What stands under the symbol: the functions of the copy that was loaded first. Its shape stays as it is, for other copies. */
interface Seat {
  readonly version: string;
  start(options?: StartOptions): AgentStatus;
  stop(): Promise<void>;
  status(): AgentStatus;
}

const KEY = Symbol.for("tracepointdebug.agent");

/**
 * Starts the agent of this thread and returns its status at once; it connects by itself, and as often as it takes. Started
 * already: changes nothing. Wrong options: the status says so under `problems`; with a wrong broker or token the agent stays
 * `disabled`. Never throws.
 */
export function start(options?: StartOptions): AgentStatus {
  return seat().start(options);
}

/** Takes every probe out of the program and ends the connection. `start` may be called again. Never rejects. */
export function stop(): Promise<void> {
  return seat().stop();
}

/** What the agent is doing. */
export function status(): AgentStatus {
  return seat().status();
}

function seat(): Seat {
  const holder = globalThis as { [KEY]?: Seat };
  const found = holder[KEY] ?? own;
  if (found !== null) return found;
  own = createSeat();
  try {
    // Not enumerable: a program that walks its globals does not meet us.
    Object.defineProperty(holder, KEY, { value: own });
  } catch {
    // A frozen global object: this copy keeps to itself.
  }
  return own;
}

let own: Seat | null = null;

function createSeat(): Seat {
  let agent: Agent | null = null;
  let idle = idleStatus("off");
  let stopping: Promise<void> = Promise.resolve();
  const told = new Set<string>();
  return {
    version: VERSION,
    start(options) {
      if (agent !== null) return this.status();
      try {
        const settings = readSettings(options);
        const log = logOf(settings, told);
        for (const { message, remedy } of settings.problems) log("warn", `${message} ${remedy}`);
        const cause = obstacle() ?? settings.fatal;
        if (cause !== null) {
          if (cause !== settings.fatal) log("warn", `${cause.message} ${cause.remedy}`);
          idle = idleStatus("disabled", cause, settings.problems);
        } else {
          agent = new Agent(settings, log);
        }
      } catch (error) {
        idle = idleStatus("disabled", failureCause(error));
        complain(`${idle.cause?.message} ${idle.cause?.remedy}`);
      }
      return this.status();
    },
    stop() {
      const closing = agent;
      agent = null;
      idle = idleStatus("off");
      if (closing !== null) stopping = Promise.all([stopping, closing.close()]).then(nothing, nothing);
      return stopping;
    },
    status() {
      try {
        return agent?.status() ?? idle;
      } catch (error) {
        return idleStatus("disabled", failureCause(error));
      }
    },
  };
}

function nothing(): void {}

const RANK = { off: 0, warn: 1, debug: 2 };

/** The same line twice tells nothing new, and a broker that is away for a day would fill a disk. */
const MAX_TOLD = 1000;

function logOf({ log, logLevel }: Settings, told: Set<string>): Log {
  return (level, message) => {
    if (told.has(message) || told.size >= MAX_TOLD) return;
    told.add(message);
    try {
      if (log !== null) log(level, message);
      else if (RANK[level] <= RANK[logLevel]) complain(message);
    } catch {}
  };
}

function complain(message: string): void {
  try {
    process.stderr.write(`tracepointdebug: ${message.replaceAll("\n", " ")}\n`);
  } catch {}
}
