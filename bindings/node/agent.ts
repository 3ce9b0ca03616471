// One agent: a host with the parts of Node around it. Made by `start`, one a thread. Says on stderr what a person has to know,
// one line each, and keeps no program alive.
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { isMainThread, threadId } from "node:worker_threads";
import {
  type AgentInfo,
  type Cause,
  canRunGuest,
  connectTransport,
  findBroker,
  Guest,
  Host,
  type Log,
  localGround,
  makeRedact,
  type Placement,
  type PlacementStats,
  type ProbeStatus,
  type Transport,
  type TransportState,
  VERSION,
} from "../../host/index.ts";
import { Capturer } from "./capture.ts";
import { flushAtExit } from "./exit.ts";
import { createPlacement } from "./place.ts";
import type { Settings } from "./settings.ts";
import { originalPosition } from "./sourcemaps.ts";
import { resolveFrames } from "./stack.ts";

/** What `status()` tells. */
export interface AgentStatus {
  /** `off`: not started, or stopped. `disabled`: it cannot work here, `cause` says why. */
  readonly state: "off" | "disabled" | "running";
  readonly cause?: Cause;
  readonly agent?: AgentInfo;
  /** `cause`: why there is no connection at the moment. */
  readonly broker?: { readonly state: TransportState; readonly address?: string; readonly cause?: Cause };
  /** Settings that were left out because they are wrong. */
  readonly problems?: readonly Cause[];
  readonly probes: readonly ProbeStatus[];
  /** Events lost so far. */
  readonly dropped: number;
  /** What the edits of the program's code have cost. */
  readonly placement?: PlacementStats;
}

/** The status of an agent that is not there. */
export function idleStatus(state: "off" | "disabled", cause?: Cause, problems: readonly Cause[] = []): AgentStatus {
  return {
    state,
    ...(cause === undefined ? {} : { cause }),
    ...(problems.length === 0 ? {} : { problems }),
    probes: [],
    dropped: 0,
  };
}

/** Why no agent can run in this process, or null. */
export function obstacle(): Cause | null {
  if (canRunGuest()) return null;
  return {
    code: "no_webassembly",
    message: "This process has no WebAssembly, in which conditions and templates run; there will be no probes.",
    remedy: "Start Node without --jitless.",
  };
}

type PlacementChoice = Pick<Settings, "engine" | "maxEditMs"> & { readonly log: Log };

/** The parts that tests replace. */
export interface Parts {
  readonly placement: (options: PlacementChoice) => Placement;
  readonly connect: typeof connectTransport;
}

const PARTS: Parts = { placement: standingPlacement, connect: connectTransport };

/** The placement of this thread, with the log of the agent that uses it now. */
let standing: { readonly key: string; readonly placement: Placement; log: Log } | null = null;

/**
 * One placement for all agents that follow each other in this thread. It remembers which scripts it has edited: V8 keeps the old
 * copies, and a new placement would take the newest of them for the one that runs.
 */
function standingPlacement({ engine, maxEditMs, log }: PlacementChoice): Placement {
  const key = `${engine} ${maxEditMs}`;
  if (standing === null || standing.key !== key) {
    const placement = createPlacement({ engine, maxEditMs, log: (level, message) => standing?.log(level, message) });
    standing = { key, placement, log };
  }
  standing.log = log;
  return standing.placement;
}

/** A running agent. */
export class Agent {
  readonly #info: AgentInfo;
  readonly #host: Host;
  readonly #placement: Placement;
  readonly #problems: readonly Cause[];
  readonly #removeExitHooks: () => void;
  #transport: Transport | null = null;
  #broker: NonNullable<AgentStatus["broker"]> = { state: "connecting" };
  #address: string | undefined;

  constructor(settings: Settings, log: Log, parts: Parts = PARTS) {
    this.#problems = settings.problems;
    this.#info = {
      agentId: randomUUID(),
      app: settings.app,
      runtime: `node ${process.versions.node}`,
      agentVersion: VERSION,
      pid: process.pid,
      threadId,
      host: hostname(),
      tags: settings.tags,
    };
    let guest: Guest | null = null;
    const redact = makeRedact(settings.redact);
    this.#placement = parts.placement({ engine: settings.engine, maxEditMs: settings.maxEditMs, log });
    this.#host = new Host({
      agent: this.#info,
      ground: localGround({
        placement: this.#placement,
        guest: () => {
          guest ??= new Guest({ redact });
          return guest;
        },
        capture: () => {
          const capturer = new Capturer({ redact });
          return (names, values, origin) => capturer.captureSnapshot(names, values, origin);
        },
        finish: (snapshot) => ({ ...snapshot, frames: resolveFrames(snapshot.frames, originalPosition) }),
        redact,
        surroundings: { threadName: isMainThread ? "main" : `worker ${threadId}`, threadId, trace: settings.trace },
        scripts: settings.scripts,
      }),
      connect: (onMessage) => {
        this.#transport = parts.connect({
          address: "",
          token: "",
          find: () => this.#find(settings),
          agent: this.#info,
          onMessage,
          onState: (state, cause) => this.#follow(state, cause, log),
        });
        return this.#transport;
      },
      log,
    });
    this.#removeExitHooks = flushAtExit(this.#host);
  }

  status(): AgentStatus {
    return {
      state: "running",
      agent: this.#info,
      broker: this.#broker,
      ...(this.#problems.length === 0 ? {} : { problems: this.#problems }),
      probes: this.#host.statuses(),
      dropped: this.#transport?.dropped ?? 0,
      placement: this.#placement.stats(),
    };
  }

  /** Takes every probe out, sends what waits, ends the connection. */
  async close(): Promise<void> {
    this.#removeExitHooks();
    await this.#host.close();
  }

  /** Asked before each attempt to connect: the broker of this machine may be another one by then. */
  #find(settings: Settings) {
    const found = findBroker("agent", {
      ...process.env,
      ...(settings.broker === null ? {} : { TRACEPOINTDEBUG_BROKER: settings.broker }),
      ...(settings.token === null ? {} : { TRACEPOINTDEBUG_TOKEN: settings.token }),
    });
    this.#address = found?.address;
    return found;
  }

  #follow(state: TransportState, cause: Cause | undefined, log: Log): void {
    const address = this.#address;
    this.#broker = {
      state,
      ...(address === undefined ? {} : { address }),
      ...(cause === undefined ? {} : { cause }),
    };
    // A refusal is for a person to mend. That no broker runs yet is normal, and said by `status`.
    if (state === "refused")
      log("warn", `The broker refuses this agent: ${cause?.message ?? ""} ${cause?.remedy ?? ""}`);
    else
      log("debug", `Broker ${address ?? "(none known)"}: ${state}${cause === undefined ? "" : `, ${cause.message}`}`);
  }
}
