// The broker's end of one client: answers its requests and, once it subscribes, sends stored and new events at the pace at
// which it reads. Nothing is queued for it: events are read from the store, statuses are the newest ones.
import {
  type AgentInfo,
  BROKER_LIMITS,
  type BrokerToClient,
  type ClientToBroker,
  failureCause,
  PROTOCOL_VERSION,
  type ProbeSpec,
  type ProbeStatus,
  readFromClient,
  type Socket,
  WIRE_LIMITS,
} from "../host/index.ts";
import { outOfTurn, Peer, type Refusals } from "./peer.ts";
import type { Store } from "./store.ts";

/** What a client's connection needs of the relay. */
export interface ClientDesk {
  readonly store: Store;
  /** The newest event that is stored and may be sent. */
  readonly published: number;
  agents(): readonly AgentInfo[];
  put(probe: ProbeSpec): Promise<void>;
  remove(probeId: string): Promise<void>;
  enable(probeId: string, enabled: boolean): Promise<void>;
  list(): Omit<Extract<BrokerToClient, { type: "reply" }>, "type" | "requestId">;
  clientJoined(client: ClientLink): void;
  clientLeft(client: ClientLink): void;
}

/** One client. */
export class ClientLink {
  readonly #peer: Peer;
  readonly #desk: ClientDesk;
  #joined = false;
  #subscription: { readonly probeId: string | undefined } | null = null;
  /** The last event that was sent or passed over. */
  #cursor = 0;
  /** Newest statuses that are not sent, by probe and agent, each with the event that must go before it: the last of a probe before its end. */
  readonly #statuses = new Map<string, { readonly bytes: Uint8Array; readonly after: number }>();
  #stallTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, desk: ClientDesk, refusals: Refusals) {
    this.#peer = new Peer(socket, refusals);
    this.#desk = desk;
  }

  /** Handles one message. */
  receive(bytes: Uint8Array): void {
    if (this.#peer.over) return;
    try {
      const message = readFromClient(bytes);
      if (message.type === "hello") this.#hello(message.protocol);
      else if (!this.#joined) throw outOfTurn(`${message.type} came before hello`);
      else void this.#answer(message);
    } catch (error) {
      this.#peer.refuse(error);
    }
  }

  /** The programs have changed. `bytes`: the message, the same for all clients. */
  agentsChanged(bytes: Uint8Array): void {
    this.#peer.sendBytes(bytes);
  }

  /** A status came. `bytes`: it encoded, the same for all clients. */
  status({ probeId, agentId }: ProbeStatus, bytes: Uint8Array): void {
    if (this.#subscription === null || !this.#wants(probeId)) return;
    this.#statuses.set(`${probeId} ${agentId}`, { bytes, after: this.#desk.store.lastSeq });
    this.pump();
  }

  /** Sends what the client lacks, as far as it reads. Called whenever something is new. */
  pump(): void {
    if (this.#subscription === null || this.#peer.over) return;
    const { store, published } = this.#desk;
    const sent = () => this.#drained();
    while (this.#cursor < published && this.#hasRoom()) {
      if (this.#cursor + 1 < store.firstSeq) {
        this.#cutOff("older events were replaced by newer ones before it read them");
        return;
      }
      const seq = ++this.#cursor;
      if (!this.#wants(store.entry(seq)?.probeId)) continue;
      const bytes = store.read(seq);
      if (bytes !== undefined) this.#peer.sendBytes(bytes, sent);
    }
    for (const [key, { bytes, after }] of this.#statuses) {
      if (after > this.#cursor) continue;
      if (!this.#hasRoom()) break;
      this.#statuses.delete(key);
      this.#peer.sendBytes(bytes, sent);
    }
  }

  /** The connection has ended. */
  ended(): void {
    clearTimeout(this.#stallTimer);
    this.#peer.ended();
    if (this.#joined) this.#desk.clientLeft(this);
  }

  #hello(protocol: number): void {
    if (this.#joined) throw outOfTurn("hello came twice");
    if (!this.#peer.greet(protocol)) return;
    this.#joined = true;
    this.#send({ type: "welcome", protocol: PROTOCOL_VERSION, agents: this.#desk.agents() });
    this.#desk.clientJoined(this);
  }

  async #answer(message: Exclude<ClientToBroker, { type: "hello" }>): Promise<void> {
    const { requestId } = message;
    try {
      let answer: ReturnType<ClientDesk["list"]> = {};
      if (message.type === "put") await this.#desk.put(message.probe);
      else if (message.type === "remove") await this.#desk.remove(message.probeId);
      else if (message.type === "enable") await this.#desk.enable(message.probeId, message.enabled);
      else if (message.type === "list") answer = this.#desk.list();
      else answer = this.#subscribe(message);
      this.#send({ type: "reply", requestId, ...answer });
      this.pump();
    } catch (error) {
      this.#send({ type: "reply", requestId, cause: failureCause(error) });
    }
  }

  #subscribe(message: Extract<ClientToBroker, { type: "subscribe" }>): { missed?: number; replaying?: number } {
    const { store, published } = this.#desk;
    const { probeId, replay, afterSeq } = message;
    this.#subscription = { probeId };
    this.#statuses.clear();
    let from = afterSeq ?? (replay === undefined ? published : 0);
    const stored = replay === undefined ? null : store.before(replay, probeId, published);
    if (stored !== null) from = Math.max(from, stored.seq);
    this.#cursor = Math.min(Math.max(from, store.firstSeq - 1), published);
    const missed = afterSeq === undefined ? 0 : Math.max(0, this.#cursor - afterSeq);
    if (stored !== null) return { replaying: stored.found };
    return missed > 0 ? { missed } : {};
  }

  #send(message: BrokerToClient): void {
    this.#peer.send(message);
  }

  #wants(probeId: string | undefined): boolean {
    return this.#subscription?.probeId === undefined || this.#subscription.probeId === probeId;
  }

  #hasRoom(): boolean {
    if (this.#peer.buffered() < WIRE_LIMITS.bufferedBytes) return true;
    this.#stallTimer ??= setTimeout(() => {
      this.#cutOff(`it left ${this.#peer.buffered()} bytes unread for ${BROKER_LIMITS.slowClientMs} ms`);
    }, BROKER_LIMITS.slowClientMs).unref();
    return false;
  }

  #drained(): void {
    if (this.#peer.buffered() >= WIRE_LIMITS.bufferedBytes) return;
    clearTimeout(this.#stallTimer);
    this.#stallTimer = undefined;
    this.pump();
  }

  #cutOff(reason: string): void {
    this.#peer.cutOff("slow_client", `the client is too slow: ${reason}`);
  }
}
