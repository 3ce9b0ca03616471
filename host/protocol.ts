// Every message between agents, broker and clients, and the handshake. Messages only: browser-safe, no codec, no transport.
//
//   agent  <-> broker   path /agent,  agent token
//   client <-> broker   path /client, client token
//
// Each WebSocket message is one CBOR map with a `type`. Unknown fields are ignored, unknown types refused and counted.
import type { ProbeLimits } from "../conditions/index.ts";
import type { Snapshot } from "./captured.ts";

/** Raised when old and new sides cannot talk; compared in the handshake. */
export const PROTOCOL_VERSION = 1;
/** Bytes of one message. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
export const AGENT_PATH = "/agent";
export const CLIENT_PATH = "/client";

/** What a person asks for. */
export interface ProbeSpec {
  readonly id: string;
  readonly kind: "tracepoint" | "logpoint";
  /** Path or path suffix. */
  readonly file: string;
  readonly line: number;
  /** Where it stands: before the line, which is the usual, or at entry or exit of the function that the line is in. */
  readonly at?: "line" | "entry" | "exit";
  /** SHA-256 of the file as the person sees it, in lower-case hex. A program that has loaded another one refuses the probe. */
  readonly fileHash?: string;
  readonly condition?: string;
  /** Of a logpoint. */
  readonly template?: string;
  /** Events after which the probe expires. */
  readonly hitLimit: number;
  /** Milliseconds since 1970 at which it expires. */
  readonly expiresAt: number;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  /** What a condition that fails does. */
  readonly onError: "skip" | "fire";
  /** Events a second at most. */
  readonly rate?: number;
  /** What one evaluation of its condition or template may use, where that is not the usual. */
  readonly limits?: Partial<ProbeLimits>;
}

export type ProbeState =
  | "received"
  | "pending"
  | "installed"
  | "emitting"
  | "disabled"
  | "error"
  | "expired"
  | "removed";

/** Why a probe is in its state, for a person to act on. */
export interface Cause {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** Candidates: files, names. */
  readonly details?: readonly string[];
  /** The expression with a caret. */
  readonly snippet?: string;
}

/** Counts of one probe in one agent. They add up: reached = notDue + conditionFalse + conditionError + rateLimited + fired. */
export interface ProbeCounts {
  readonly reached: number;
  /** Disabled, expired or past the hit limit at the moment of the hit. */
  readonly notDue: number;
  readonly conditionFalse: number;
  readonly conditionError: number;
  readonly rateLimited: number;
  readonly fired: number;
  /** Of the fired ones: events lost because a queue was full. */
  readonly dropped: number;
  /** Of the rate-limited ones: hits at which a script condition was not asked. */
  readonly notAsked?: number;
}

export interface AgentInfo {
  readonly agentId: string;
  readonly app: string;
  readonly runtime: string;
  readonly agentVersion: string;
  readonly pid: number;
  readonly threadId: number;
  readonly host: string;
  readonly tags: readonly string[];
}

/** State of one probe in one agent. */
export interface ProbeStatus {
  readonly type: "status";
  readonly probeId: string;
  readonly agentId: string;
  readonly at: number;
  readonly state: ProbeState;
  readonly cause?: Cause;
  readonly engine?: string;
  /** Where it really stands. */
  readonly file?: string;
  readonly line?: number;
  readonly note?: string;
  /** The condition is a script: it is asked at some hits only. */
  readonly script?: boolean;
  readonly counts?: ProbeCounts;
}

/** What a probe emits. `seq` is given by the broker, from 1, without gaps. */
export interface ProbeEvent {
  readonly type: "event";
  readonly eventId: string;
  readonly probeId: string;
  readonly agentId: string;
  readonly seq?: number;
  /** Milliseconds since 1970, fractional. */
  readonly at: number;
  readonly kind: "log" | "snapshot" | "error";
  readonly file: string;
  readonly line: number;
  /** How often the line was reached, this hit included. */
  readonly hit: number;
  readonly text?: string;
  /** The text was cut at its limit. */
  readonly truncated?: boolean;
  readonly snapshot?: Snapshot;
  /** Of kind `error`: a condition or hole that failed, once per code and position. */
  readonly cause?: Cause;
  /** The condition is a script. */
  readonly script?: boolean;
  /** Events of this agent lost so far because a queue was full. */
  readonly dropped: number;
}

export type AgentToBroker =
  | { readonly type: "hello"; readonly protocol: number; readonly agent: AgentInfo }
  | ProbeStatus
  | ProbeEvent;

export type BrokerToAgent =
  /** `probes` is the whole truth: an agent removes what is not among them. */
  | { readonly type: "welcome"; readonly protocol: number; readonly probes: readonly ProbeSpec[] }
  | { readonly type: "put"; readonly probe: ProbeSpec }
  | { readonly type: "remove"; readonly probeId: string }
  | { readonly type: "enable"; readonly probeId: string; readonly enabled: boolean }
  /** Acknowledges events up to and with this one, in the order in which the agent sent them. */
  | { readonly type: "ack"; readonly eventId: string }
  /** `eventId`: of an event that was refused and will never be stored; sending it again is of no use. */
  | { readonly type: "refused"; readonly cause: Cause; readonly eventId?: string };

/** What a client asks; each is answered by one `reply` with the same `requestId`. */
export type ClientToBroker =
  | { readonly type: "hello"; readonly protocol: number }
  | { readonly type: "put"; readonly requestId: number; readonly probe: ProbeSpec }
  | { readonly type: "remove"; readonly requestId: number; readonly probeId: string }
  | { readonly type: "enable"; readonly requestId: number; readonly probeId: string; readonly enabled: boolean }
  | { readonly type: "list"; readonly requestId: number }
  /** Starts the flow of `event` and `status`. `replay`: so many stored events first; `afterSeq`: those after a known one. */
  | {
      readonly type: "subscribe";
      readonly requestId: number;
      readonly probeId?: string;
      readonly replay?: number;
      readonly afterSeq?: number;
    };

export interface ProbeListing {
  readonly probe: ProbeSpec;
  readonly statuses: readonly ProbeStatus[];
}

export type BrokerToClient =
  | { readonly type: "welcome"; readonly protocol: number; readonly agents: readonly AgentInfo[] }
  | {
      readonly type: "reply";
      readonly requestId: number;
      readonly cause?: Cause;
      readonly probes?: readonly ProbeListing[];
      readonly agents?: readonly AgentInfo[];
      /** Statuses that had no room in the message. */
      readonly statusesOmitted?: number;
      /** Of `subscribe` with `afterSeq`: events after it that are no longer kept. */
      readonly missed?: number;
      /** Of `subscribe` with `replay`: how many stored events follow before new ones. */
      readonly replaying?: number;
      /** Of `list`: messages and connections that the broker refused since it started, by code. */
      readonly refused?: Readonly<Record<string, number>>;
    }
  | { readonly type: "agents"; readonly agents: readonly AgentInfo[] }
  | ProbeStatus
  | ProbeEvent
  /** `requestId`: of a request that could not be read; there is no other reply to it. */
  | { readonly type: "refused"; readonly cause: Cause; readonly requestId?: number };
