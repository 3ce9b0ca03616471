// The broker's end of one agent: takes its statuses and events, stores the events, acknowledges what is stored.
import {
  type AgentInfo,
  BROKER_LIMITS,
  type BrokerToAgent,
  encodeMessage,
  PROTOCOL_VERSION,
  type ProbeEvent,
  type ProbeSpec,
  type ProbeStatus,
  ProtocolError,
  readFromAgent,
  type Socket,
} from "../host/index.ts";
import { outOfTurn, Peer, type Refusals } from "./peer.ts";

/** What an agent's connection needs of the relay. */
export interface AgentDesk {
  /** The agent has said who it is; answers the probes it should have. */
  agentJoined(agent: AgentLink): readonly ProbeSpec[];
  agentLeft(agent: AgentLink): void;
  status(status: ProbeStatus): void;
  /** Takes an event and answers its number; that of the first time when it is a repetition. */
  event(event: ProbeEvent): number;
}

/** One agent. */
export class AgentLink {
  readonly #peer: Peer;
  readonly #desk: AgentDesk;
  #info: AgentInfo | null = null;
  #infoBytes = 0;
  /** Events that are not acknowledged, in the order in which they came. */
  #pending: { readonly eventId: string; readonly seq: number }[] = [];
  #paused = false;

  constructor(socket: Socket, desk: AgentDesk, refusals: Refusals) {
    this.#peer = new Peer(socket, refusals);
    this.#desk = desk;
  }

  /** Who it is; null before its hello. */
  get info(): AgentInfo | null {
    return this.#info;
  }

  /** Bytes of `info`. */
  get infoBytes(): number {
    return this.#infoBytes;
  }

  /** Handles one message. */
  receive(bytes: Uint8Array): void {
    if (this.#peer.over) return;
    let eventId: string | undefined;
    try {
      const message = readFromAgent(bytes);
      if (message.type === "event") eventId = message.eventId;
      if (message.type === "hello") this.#hello(message.protocol, message.agent);
      else if (this.#info === null) throw outOfTurn(`${message.type} came before hello`);
      else if (message.agentId !== this.#info.agentId) {
        throw new ProtocolError(
          "wrong_agent",
          `${message.type} names agent ${message.agentId}, the connection is of ${this.#info.agentId}`,
          "Send one agent's messages on its own connection.",
        );
      } else if (message.type === "status") this.#desk.status(message);
      else this.#event(message);
    } catch (error) {
      this.#peer.refuse(error, eventId);
    }
  }

  /** An event could not be stored: it must not be acknowledged. */
  lost(eventId: string, error: unknown): void {
    this.#pending = this.#pending.filter((event) => event.eventId !== eventId);
    this.#peer.refuse(error, eventId);
  }

  /** Sends a message of the broker. */
  send(message: BrokerToAgent): void {
    this.#peer.send(message);
  }

  /** Sends an encoded message: the same for all agents. */
  sendBytes(bytes: Uint8Array): void {
    this.#peer.sendBytes(bytes);
  }

  /** Acknowledges what is stored, up to and with this number. */
  stored(seq: number): void {
    let count = 0;
    while (count < this.#pending.length && this.#pending[count]!.seq <= seq) count++;
    const last = this.#pending[count - 1];
    if (last === undefined) return;
    this.#pending = this.#pending.slice(count);
    this.#peer.sendBytes(encodeMessage({ type: "ack", eventId: last.eventId }));
    if (this.#paused && this.#pending.length < BROKER_LIMITS.pendingEvents / 2) {
      this.#paused = false;
      this.#peer.pause(false);
    }
  }

  /** Ends it: the same agent has connected anew. */
  replace(): void {
    this.#peer.cutOff("replaced", "the agent has connected anew");
  }

  /** The connection has ended. */
  ended(): void {
    this.#peer.ended();
    if (this.#info !== null) this.#desk.agentLeft(this);
  }

  #hello(protocol: number, agent: AgentInfo): void {
    if (this.#info !== null) throw outOfTurn("hello came twice");
    if (!this.#peer.greet(protocol)) return;
    this.#info = agent;
    this.#infoBytes = encodeMessage(agent).length;
    let probes: readonly ProbeSpec[];
    try {
      probes = this.#desk.agentJoined(this);
    } catch (error) {
      this.#info = null;
      if (!(error instanceof ProtocolError)) throw error;
      return this.#peer.turnAway(error);
    }
    this.send({ type: "welcome", protocol: PROTOCOL_VERSION, probes });
  }

  #event(event: ProbeEvent): void {
    this.#pending.push({ eventId: event.eventId, seq: this.#desk.event(event) });
    if (!this.#paused && this.#pending.length >= BROKER_LIMITS.pendingEvents) {
      this.#paused = true;
      this.#peer.pause(true);
    }
  }
}
