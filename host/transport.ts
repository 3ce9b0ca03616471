// What a host needs of its way to the broker, and the bounded queue behind it: what waits, what is sent but not acknowledged,
// what was dropped and why. Knows no socket and no clock.
import { encodeMessage } from "./codec.ts";
import { HOST_LIMITS } from "./limits.ts";
import type { Cause, ProbeEvent, ProbeStatus } from "./protocol.ts";

/** The way to a broker. Nothing of it throws, blocks or keeps the program alive. */
export interface Transport {
  /** Queues a message. false: it was dropped and counted. A status replaces the one of the same probe that still waits. */
  send(message: ProbeStatus | ProbeEvent): boolean;
  /** Events dropped so far, whatever the cause. */
  readonly dropped: number;
  /** Fulfilled as soon as all events are acknowledged and all statuses sent, or when the time is over. Keeps the program alive meanwhile. */
  flush(timeoutMs: number): Promise<void>;
  /** Ends the connection for good. What still waits is given up; `flush` first to avoid that. */
  close(): Promise<void>;
  /** Whether the broker has welcomed us and the connection stands. */
  readonly connected: boolean;
}

/** `connecting` also between two attempts. `refused`: a person has to act (token, version, origin); retried slowly. */
export type TransportState = "connecting" | "connected" | "refused" | "closed";

/** Bounds of the queue: events and bytes, waiting and unacknowledged ones together. */
export interface QueueLimits {
  readonly queueEvents: number;
  readonly queueBytes: number;
}

/** Why events were dropped, with their counts. `refused`: by the broker, after they were sent. */
export interface Drops {
  readonly full: number;
  readonly too_large: number;
  readonly refused: number;
}

type Waiting =
  | { readonly eventId: string; readonly bytes: Uint8Array }
  /** Stands for the newest status of the probe, at the place of its first one. */
  | { readonly probeId: string };

/** The queue of an agent: first in, first out; when it is full the newest event is dropped, because older ones explain it. */
export class Outbox {
  readonly #limits: QueueLimits;
  #waiting: Waiting[] = [];
  #unacknowledged: { readonly eventId: string; readonly bytes: Uint8Array }[] = [];
  /** Newest status of each probe, kept after sending: a broker forgets them when the connection ends. */
  readonly #statuses = new Map<string, ProbeStatus>();
  readonly #unsentStatuses = new Set<string>();
  #events = 0;
  #bytes = 0;
  readonly #drops = { full: 0, too_large: 0, refused: 0 };

  constructor(limits: QueueLimits = HOST_LIMITS) {
    this.#limits = limits;
  }

  get drops(): Drops {
    return this.#drops;
  }

  get dropped(): number {
    return this.#drops.full + this.#drops.too_large + this.#drops.refused;
  }

  /** Whether nothing waits and every event is acknowledged. */
  get settled(): boolean {
    return this.#waiting.length === 0 && this.#unacknowledged.length === 0;
  }

  /** Queues an event; false when it was dropped because the queue is full. Throws a ProtocolError when it is too large. */
  pushEvent(event: ProbeEvent): boolean {
    if (this.#events >= this.#limits.queueEvents) return this.#drop("full");
    let bytes: Uint8Array;
    try {
      bytes = encodeMessage(event);
    } catch (error) {
      this.#drop("too_large");
      throw error;
    }
    if (this.#bytes + bytes.length > this.#limits.queueBytes) return this.#drop("full");
    this.#events++;
    this.#bytes += bytes.length;
    this.#waiting.push({ eventId: event.eventId, bytes });
    return true;
  }

  /** Queues a status, or replaces the one of its probe that waits. */
  pushStatus(status: ProbeStatus): void {
    this.#statuses.set(status.probeId, status);
    this.#queueStatus(status.probeId);
  }

  /** The next message to send, or null. An event stays here until it is acknowledged. */
  next(): Uint8Array | null {
    for (;;) {
      const first = this.#waiting.shift();
      if (first === undefined) return null;
      if ("bytes" in first) {
        this.#unacknowledged.push(first);
        return first.bytes;
      }
      this.#unsentStatuses.delete(first.probeId);
      const status = this.#statuses.get(first.probeId);
      if (status === undefined) continue;
      if (status.state === "removed") this.#statuses.delete(first.probeId);
      try {
        return encodeMessage(status);
      } catch {
        this.#statuses.delete(first.probeId);
      }
    }
  }

  /** The broker has stored this event and all that were sent before it. */
  acknowledge(eventId: string): void {
    const last = this.#unacknowledged.findIndex((event) => event.eventId === eventId);
    for (const event of this.#unacknowledged.splice(0, last + 1)) this.#release(event.bytes);
  }

  /** The broker will never store this event. */
  refuse(eventId: string): void {
    const at = this.#unacknowledged.findIndex((event) => event.eventId === eventId);
    if (at < 0) return;
    for (const event of this.#unacknowledged.splice(at, 1)) this.#release(event.bytes);
    this.#drop("refused");
  }

  /** After a new welcome: sends again what was not acknowledged, in order, and the statuses of the probes that are left. */
  rewind(probeIds: ReadonlySet<string>): void {
    const events = this.#waiting.filter((entry) => "bytes" in entry);
    this.#waiting = [...this.#unacknowledged, ...events];
    this.#unacknowledged = [];
    this.#unsentStatuses.clear();
    for (const probeId of [...this.#statuses.keys()]) {
      if (probeIds.has(probeId)) this.#queueStatus(probeId);
      else this.#statuses.delete(probeId);
    }
  }

  #queueStatus(probeId: string): void {
    if (this.#unsentStatuses.has(probeId)) return;
    this.#unsentStatuses.add(probeId);
    this.#waiting.push({ probeId });
  }

  #release(bytes: Uint8Array): void {
    this.#events--;
    this.#bytes -= bytes.length;
  }

  #drop(cause: keyof Drops): false {
    this.#drops[cause]++;
    return false;
  }
}

/** What a transport tells its owner besides messages. */
export type StateListener = (state: TransportState, cause?: Cause) => void;
