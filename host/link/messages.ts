// Every message between a host process and the programs linked to it (docs/protocol.md says the same in words). Types only.
//
// One frame is a length (u32, big-endian) and one CBOR map with a `type`. Unknown fields are ignored, unknown types refused and counted.
import type { Snapshot } from "../captured.ts";
import type { Site } from "../placement.ts";
import type { AgentInfo, Cause, ProbeCounts, ProbeSpec } from "../protocol.ts";

/** The first frame of a program. */
export interface Hello {
  readonly type: "hello";
  readonly link: number;
  readonly abi: number;
  /** Who it is for the broker. Without it the program is no agent: it may ask to `compile`, and nothing else. */
  readonly agent?: AgentInfo;
  /** Over TCP only; a socket file has its owner and mode instead. */
  readonly token?: string;
  /** Names that are redacted beside the usual ones. */
  readonly redact: readonly string[];
  /** The broker that the program's settings name; without it the host finds one. An empty token: that of this machine's broker. */
  readonly broker?: { readonly address: string; readonly token: string };
  /** The process that this one was forked from. */
  readonly ppid?: number;
  /** What still stands from an earlier connection. */
  readonly placements?: readonly Standing[];
}

/** A probe that stands in a program that has connected anew. */
export interface Standing {
  readonly placementId: string;
  readonly probeId: string;
}

export interface Placed {
  readonly type: "placed";
  readonly placementId: string;
  readonly state: "pending" | "installed" | "failed";
  /** Of an installed one: how, and where it really stands. */
  readonly engine?: string;
  readonly site?: Site;
  readonly note?: string;
  /** Of a failed one. */
  readonly cause?: Cause;
}

/** An expression that failed on a value, `packed` as the guest answered it. */
export interface Fault {
  readonly of: "condition" | "template";
  readonly packed: number;
}

export interface LinkEvent {
  readonly type: "event";
  /** From 1, rising, in one process. Acknowledged by `ack`. */
  readonly seq: number;
  readonly placementId: string;
  readonly eventId: string;
  readonly at: number;
  readonly kind: "log" | "snapshot" | "error";
  /** Hits of this placement, this one included. */
  readonly hit: number;
  readonly text?: string;
  readonly truncated?: boolean;
  readonly snapshot?: Snapshot;
  /** Of kind `error`; of another kind: the probe fires although its condition failed. */
  readonly fault?: Fault;
  /** In place of `fault`: a failure of the binding's own. */
  readonly cause?: Cause;
}

/** Counts of one placement since it was placed. They add up as those of a probe do. */
export interface PlacementCounts extends Omit<ProbeCounts, "notAsked"> {
  readonly placementId: string;
  /** Errors of the condition in a row. */
  readonly streak: number;
}

/** What a program asks to be compiled, for itself: `eval`. */
export interface CompileRequest {
  readonly type: "compile";
  readonly requestId: number;
  readonly kind: "condition" | "template" | "value";
  readonly source: string;
  readonly container?: string;
  readonly declared?: readonly string[];
  readonly fold?: boolean;
  readonly strict?: boolean;
  readonly at?: "line" | "exit";
  readonly limits?: ProbeSpec["limits"];
}

export type BindingToHost =
  | Hello
  | Placed
  | LinkEvent
  /** `dropped`: events of the process lost so far because its queue was full. */
  | { readonly type: "counts"; readonly counts: readonly PlacementCounts[]; readonly dropped: number }
  /** The binding has shut the probe by itself. `spent`: its hit limit; `guard`: too costly or failing; `expired`: its time. */
  | {
      readonly type: "closed";
      readonly placementId: string;
      readonly why: "spent" | "guard" | "expired";
      readonly fault?: Fault;
      readonly cause?: Cause;
    }
  | CompileRequest
  /** Answers `remove`: no further frame of that placement follows. */
  | { readonly type: "removed"; readonly placementId: string }
  | { readonly type: "bye" };

/** Limits that the binding keeps in its process. */
export interface LinkedLimits {
  readonly processRate: number;
  readonly queueEvents: number;
  readonly queueBytes: number;
  readonly consecutiveErrors: number;
  readonly budgetErrors: number;
  readonly capture: { readonly [limit: string]: number };
}

/** What a binding needs to know of a probe. */
export interface LinkedProbe {
  readonly id: string;
  readonly kind: "tracepoint" | "logpoint";
  readonly file: string;
  readonly line: number;
  readonly at: "line" | "entry" | "exit";
  readonly fileHash?: string;
  /** Events that it may still emit. */
  readonly hitLimit: number;
  /** Milliseconds since 1970. The host removes it then; a binding whose host is gone does so by itself. */
  readonly expiresAt: number;
  /** Events a second. */
  readonly rate: number;
  readonly onError: "skip" | "fire";
}

export type CompileAnswer =
  | {
      readonly type: "compiled";
      readonly requestId: number;
      readonly wasm: Uint8Array;
      /** `from` and `to` of node 0, of node 1, ... in UTF-16 units of the source. */
      readonly spans: readonly number[];
      /** Of each node: that whose value it selects from, or 0. */
      readonly operands: readonly number[];
      readonly rootSpans: Readonly<Record<string, readonly [from: number, to: number]>>;
      readonly lints: readonly {
        readonly code: string;
        readonly message: string;
        readonly from: number;
        readonly to: number;
      }[];
    }
  | {
      readonly type: "compiled";
      readonly requestId: number;
      readonly fault: {
        readonly code: string;
        readonly at: readonly [from: number, to: number];
        readonly message: string;
        readonly remedy: string;
        readonly snippet: string;
      };
    };

export type HostToBinding =
  | {
      readonly type: "welcome";
      readonly link: number;
      readonly hostVersion: string;
      /** Milliseconds between two `counts`. */
      readonly statusMs: number;
      readonly limits: LinkedLimits;
    }
  | {
      readonly type: "place";
      readonly placementId: string;
      readonly probe: LinkedProbe;
      readonly condition?: Uint8Array;
      readonly template?: Uint8Array;
    }
  | { readonly type: "remove"; readonly placementId: string }
  /** Events up to and with this one are stored, or lost and counted: the binding may forget them. */
  | { readonly type: "ack"; readonly seq: number }
  | CompileAnswer
  /** `requestId`: of a `compile` that could not be read. `fatal`: the connection is closed after it. */
  | { readonly type: "refused"; readonly cause: Cause; readonly fatal: boolean; readonly requestId?: number };
