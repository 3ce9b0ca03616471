// The transport of an agent: one WebSocket to the broker that comes back by itself. It sends the queue, repeats after a
// reconnect what was not acknowledged, and never throws into the program nor keeps it alive.
import { failureCause } from "./causes.ts";
import { encodeMessage } from "./codec.ts";
import { brokerUrl } from "./discovery.ts";
import { TransportError } from "./errors.ts";
import { HOST_LIMITS, WIRE_LIMITS } from "./limits.ts";
import {
  AGENT_PATH,
  type AgentInfo,
  type BrokerToAgent,
  PROTOCOL_VERSION,
  type ProbeEvent,
  type ProbeStatus,
} from "./protocol.ts";
import { CLOSE, dial, type Socket } from "./socket.ts";
import { Outbox, type QueueLimits, type StateListener, type Transport, type TransportState } from "./transport.ts";
import { readToAgent } from "./validate.ts";

/** Whom to connect to, as whom, and what to tell. */
export interface TransportOptions {
  readonly address: string;
  readonly token: string;
  /** Asked before each attempt when given: a broker that was started again may have another address or token. */
  readonly find?: () => { readonly address: string; readonly token: string } | null;
  readonly agent: AgentInfo;
  /** Messages of the broker, checked. A message of ours that is too large arrives as `refused`, too, without being sent. */
  readonly onMessage: (message: BrokerToAgent) => void;
  readonly onState?: StateListener;
  readonly limits?: Partial<TransportLimits>;
}

/** What a test or a host with other needs may change. */
export type TransportLimits = QueueLimits & { readonly [K in keyof typeof WIRE_LIMITS]: number };

/** Codes that a person has to act on: attempts in quick succession would only fill logs. */
const REFUSALS: ReadonlySet<string> = new Set([
  "unauthorized",
  "origin",
  "protocol_version",
  "not_found",
  "bad_address",
]);

/** Starts to connect and returns at once; messages may be sent from the beginning. */
export function connectTransport(options: TransportOptions): Transport {
  return new AgentTransport(options);
}

class AgentTransport implements Transport {
  readonly #options: TransportOptions;
  readonly #limits: TransportLimits;
  readonly #outbox: Outbox;
  #socket: Socket | null = null;
  #state: TransportState = "connecting";
  /** Attempts since the last welcome. */
  #attempts = 0;
  /** Why the broker said it refuses us, before it closes. */
  #refusal: TransportError | null = null;
  #timer: NodeJS.Timeout | undefined;
  #pumping = false;
  #closed: (() => void) | null = null;
  readonly #flushes = new Set<() => void>();

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#limits = { ...HOST_LIMITS, ...WIRE_LIMITS, ...options.limits };
    this.#outbox = new Outbox(this.#limits);
    this.#connect();
  }

  get connected(): boolean {
    return this.#state === "connected";
  }

  get dropped(): number {
    return this.#outbox.dropped;
  }

  send(message: ProbeStatus | ProbeEvent): boolean {
    if (this.#state === "closed") return false;
    try {
      if (message.type === "status") this.#outbox.pushStatus(message);
      else if (!this.#outbox.pushEvent(message)) return false;
    } catch (error) {
      if (message.type === "event") {
        const { eventId } = message;
        setImmediate(() => this.#tell({ type: "refused", cause: failureCause(error), eventId })).unref();
      }
      return false;
    }
    this.#pumpSoon();
    return true;
  }

  async flush(timeoutMs: number): Promise<void> {
    if (this.#state === "closed" || (this.#outbox.settled && (this.#socket?.buffered() ?? 0) === 0)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#flushes.delete(done);
        resolve();
      };
      // This timer is what keeps the program alive, and bounds how long.
      const timer = setTimeout(done, timeoutMs);
      this.#flushes.add(done);
      // Whoever waits for the end of the program wants to know now whether there is a broker.
      if (this.#socket === null) this.#connect();
      else this.#pump();
    });
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    clearTimeout(this.#timer);
    this.#setState("closed");
    this.#endFlush();
    const socket = this.#socket;
    if (socket === null) return;
    await new Promise<void>((resolve) => {
      this.#closed = resolve;
      socket.close(CLOSE.normal, "the agent ends");
    });
  }

  #connect(): void {
    clearTimeout(this.#timer);
    const { find, address, token } = this.#options;
    let target: { readonly address: string; readonly token: string } | null = { address, token };
    try {
      if (find !== undefined) target = find();
    } catch {
      target = null;
    }
    if (target === null) {
      this.#retry(NOT_RUNNING);
      return;
    }
    // `dial` hands out the socket before it calls any handler.
    let welcomeTimer: NodeJS.Timeout | undefined;
    const socket = dial(
      brokerUrl(target.address, AGENT_PATH),
      target.token,
      {
        onOpen: () => {
          socket.send(encodeMessage({ type: "hello", protocol: PROTOCOL_VERSION, agent: this.#options.agent }));
          welcomeTimer = setTimeout(() => {
            if (this.#state !== "connected") socket.close(CLOSE.policy, "no welcome");
          }, this.#limits.handshakeMs).unref();
        },
        onMessage: (bytes) => this.#receive(bytes),
        onClose: (code, reason, error) => {
          clearTimeout(welcomeTimer);
          this.#socket = null;
          this.#closed?.();
          if (this.#state !== "closed") this.#retry(this.#refusal ?? error ?? lost(code, reason));
        },
      },
      false,
    );
    this.#socket = socket;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#state === "closed") return;
    let message: BrokerToAgent;
    try {
      message = readToAgent(bytes);
    } catch {
      // From a broker that speaks otherwise. Ignoring it is all that can be done without hurting the program.
      return;
    }
    if (message.type === "welcome") {
      this.#attempts = 0;
      this.#refusal = null;
      this.#outbox.rewind(new Set(message.probes.map((probe) => probe.id)));
      this.#setState("connected");
      this.#pumpSoon();
    } else if (message.type === "ack") this.#outbox.acknowledge(message.eventId);
    else if (message.type === "refused") {
      const { code, message: what, remedy } = message.cause;
      if (message.eventId !== undefined) this.#outbox.refuse(message.eventId);
      else if (this.#state !== "connected") this.#refusal = new TransportError(code, what, remedy);
    }
    this.#tell(message);
    this.#checkSettled();
  }

  #retry(error: TransportError): void {
    const refused = REFUSALS.has(error.code);
    this.#refusal = null;
    // Without a broker there is nothing to wait for; a connection that was lost may come back within the time.
    if (error.code !== "closed") this.#endFlush();
    this.#setState(refused ? "refused" : "connecting", error);
    const { reconnectMs, maxReconnectMs, refusedRetryMs } = this.#limits;
    const grown = Math.min(maxReconnectMs, reconnectMs * 2 ** Math.min(this.#attempts++, 20));
    const delayMs = refused ? refusedRetryMs : grown;
    this.#timer = setTimeout(() => this.#connect(), delayMs * (0.5 + Math.random() / 2));
    this.#timer.unref();
  }

  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    }).unref();
  }

  /** Sends what waits, as long as the socket takes it. */
  #pump(): void {
    const socket = this.#socket;
    if (socket === null || this.#state !== "connected") return;
    while (socket.buffered() < this.#limits.bufferedBytes) {
      const bytes = this.#outbox.next();
      if (bytes === null) break;
      // Called when the bytes are out: there may be room for more, and for a status that was the last nothing else follows.
      socket.send(bytes, () => {
        this.#pumpSoon();
        this.#checkSettled();
      });
    }
  }

  #checkSettled(): void {
    if (this.#outbox.settled && (this.#socket?.buffered() ?? 0) === 0) this.#endFlush();
  }

  #endFlush(): void {
    for (const done of [...this.#flushes]) done();
  }

  #setState(state: TransportState, error?: TransportError): void {
    this.#state = state;
    try {
      this.#options.onState?.(state, error && failureCause(error));
    } catch {
      // A listener's failure is its own.
    }
  }

  #tell(message: BrokerToAgent): void {
    try {
      this.#options.onMessage(message);
    } catch {
      // The host handles its own errors; whatever escapes must not reach the program.
    }
  }
}

const NOT_RUNNING = new TransportError(
  "unreachable",
  "no broker runs on this machine",
  "Start one with `tracepointdebug up`.",
);

function lost(code: number, reason: string): TransportError {
  const why = reason === "" ? `code ${code}` : `${reason} (code ${code})`;
  return new TransportError("closed", `the connection to the broker ended: ${why}`, "It is tried again by itself.");
}
