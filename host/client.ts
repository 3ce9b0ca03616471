// A client of the broker: puts and lists probes, subscribes to events. Used by the command line and by tests. One connection,
// which is not made again when it ends: the caller knows from where to go on.
import { encodeMessage } from "./codec.ts";
import { type BrokerTarget, brokerUrl } from "./discovery.ts";
import { ProtocolError, TransportError } from "./errors.ts";
import { WIRE_LIMITS } from "./limits.ts";
import {
  type AgentInfo,
  type BrokerToClient,
  type Cause,
  CLIENT_PATH,
  type ClientToBroker,
  PROTOCOL_VERSION,
  type ProbeEvent,
  type ProbeListing,
  type ProbeSpec,
  type ProbeStatus,
} from "./protocol.ts";
import { CLOSE, dial, type Socket } from "./socket.ts";
import { readToClient } from "./validate.ts";

/** What a client is told without asking. */
export interface ClientListeners {
  readonly onEvent?: (event: ProbeEvent) => void;
  readonly onStatus?: (status: ProbeStatus) => void;
  /** Programs came or went. */
  readonly onAgents?: (agents: readonly AgentInfo[]) => void;
  /** The connection has ended; null when `close` was called. */
  readonly onClose?: (error: TransportError | null) => void;
}

/** Which events to get: of one probe or all; so many stored ones first, or those after a known one. */
export interface Subscription {
  readonly probeId?: string;
  readonly replay?: number;
  readonly afterSeq?: number;
}

/** What `subscribe` answers: events after `afterSeq` that are no longer kept, and stored events that follow before new ones. */
export interface Subscribed {
  readonly missed: number;
  readonly replaying: number;
}

/** What `list` answers. */
export interface Listing {
  readonly probes: readonly ProbeListing[];
  readonly agents: readonly AgentInfo[];
  readonly statusesOmitted: number;
  readonly refused: Readonly<Record<string, number>>;
}

/** A request that the broker refused, with its cause. */
export class RefusedError extends ProtocolError {
  override name = "RefusedError";

  constructor(cause: Cause) {
    super(cause.code, cause.message, cause.remedy);
  }
}

type Reply = Extract<BrokerToClient, { type: "reply" }>;
// Without `requestId`, in each member of the union.
type Request =
  Exclude<ClientToBroker, { type: "hello" }> extends infer M
    ? M extends unknown
      ? Omit<M, "requestId">
      : never
    : never;

/** Connects as a client. Rejects with a TransportError that says what to do: unreachable, unauthorized, origin, ... */
export async function connectClient(target: BrokerTarget, listeners: ClientListeners = {}): Promise<Client> {
  const client = new Client(target, listeners);
  await client.welcomed;
  return client;
}

/** A connection to the broker. Requests are answered in order; each rejects with a RefusedError or a TransportError. */
export class Client {
  /** Programs that are connected now. */
  agents: readonly AgentInfo[] = [];
  /** Fulfilled by the handshake. */
  readonly welcomed: Promise<void>;
  readonly #listeners: ClientListeners;
  readonly #socket: Socket;
  readonly #requests = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  #requestId = 0;
  #refusal: TransportError | null = null;
  #ended = false;
  #closing = false;
  readonly #closed: Promise<void>;

  /** Use `connectClient`, which waits for the handshake. */
  constructor(target: BrokerTarget, listeners: ClientListeners) {
    this.#listeners = listeners;
    let closed: () => void;
    this.#closed = new Promise((resolve) => {
      closed = resolve;
    });
    let welcome: (agents: readonly AgentInfo[]) => void;
    let fail: (error: Error) => void;
    this.welcomed = new Promise((resolve, reject) => {
      welcome = (agents) => {
        this.agents = agents;
        resolve();
      };
      fail = reject;
    });
    const timer = setTimeout(() => this.#socket.close(CLOSE.policy, "no welcome"), WIRE_LIMITS.handshakeMs * 2);
    this.#socket = dial(
      brokerUrl(target.address, CLIENT_PATH),
      target.token,
      {
        onOpen: () => this.#socket.send(encodeMessage({ type: "hello", protocol: PROTOCOL_VERSION })),
        onMessage: (bytes) => {
          const message = this.#read(bytes);
          if (message?.type === "welcome") {
            clearTimeout(timer);
            welcome(message.agents);
          } else if (message !== null) this.#receive(message);
        },
        onClose: (code, reason, error) => {
          clearTimeout(timer);
          this.#ended = true;
          const why = reason === "" ? `code ${code}` : `${reason} (code ${code})`;
          const cause =
            this.#refusal ??
            error ??
            new TransportError("closed", `the connection to the broker ended: ${why}`, "Connect again.");
          fail(cause);
          for (const { reject } of this.#requests.values()) reject(cause);
          this.#requests.clear();
          closed();
          listeners.onClose?.(this.#closing ? null : cause);
        },
      },
      true,
    );
  }

  /** Puts a probe, or replaces the one of this id. */
  async put(probe: ProbeSpec): Promise<void> {
    await this.#request({ type: "put", probe });
  }

  /** Takes a probe out of all programs. */
  async remove(probeId: string): Promise<void> {
    await this.#request({ type: "remove", probeId });
  }

  /** Switches a probe on or off. */
  async enable(probeId: string, enabled: boolean): Promise<void> {
    await this.#request({ type: "enable", probeId, enabled });
  }

  /** All probes with their newest state in each program, and the programs. */
  async list(): Promise<Listing> {
    const { probes = [], agents = [], statusesOmitted = 0, refused = {} } = await this.#request({ type: "list" });
    return { probes, agents, statusesOmitted, refused };
  }

  /** Starts the flow of events and statuses to the listeners. A second subscription replaces the first. */
  async subscribe(subscription: Subscription = {}): Promise<Subscribed> {
    const { missed = 0, replaying = 0 } = await this.#request({ type: "subscribe", ...subscription });
    return { missed, replaying };
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    this.#closing = true;
    if (!this.#ended) this.#socket.close(CLOSE.normal, "");
    await this.#closed;
  }

  #request(request: Request): Promise<Reply> {
    if (this.#ended) return Promise.reject(new TransportError("closed", "the connection has ended", "Connect again."));
    const requestId = ++this.#requestId;
    return new Promise((resolve, reject) => {
      const bytes = encodeMessage({ ...request, requestId });
      this.#requests.set(requestId, { resolve, reject });
      this.#socket.send(bytes);
    });
  }

  #read(bytes: Uint8Array): BrokerToClient | null {
    try {
      return readToClient(bytes);
    } catch (error) {
      this.#refusal = new TransportError(
        "protocol",
        `the broker sent something unreadable: ${error instanceof Error ? error.message : error}`,
        "Use the same version of the tool and the broker.",
        { cause: error },
      );
      this.#socket.close(CLOSE.policy, "unreadable");
      return null;
    }
  }

  #receive(message: BrokerToClient): void {
    if (message.type === "event") this.#listeners.onEvent?.(message);
    else if (message.type === "status") this.#listeners.onStatus?.(message);
    else if (message.type === "agents") {
      this.agents = message.agents;
      this.#listeners.onAgents?.(message.agents);
    } else if (message.type === "reply") {
      if (message.cause !== undefined) this.#settle(message.requestId)?.reject(new RefusedError(message.cause));
      else this.#settle(message.requestId)?.resolve(message);
    } else if (message.type === "refused") {
      const { code, message: what, remedy } = message.cause;
      if (message.requestId !== undefined) this.#settle(message.requestId)?.reject(new RefusedError(message.cause));
      else this.#refusal = new TransportError(code, what, remedy);
    }
  }

  #settle(requestId: number) {
    const request = this.#requests.get(requestId);
    this.#requests.delete(requestId);
    return request;
  }
}
