// Between agents and clients: who is connected, what goes to whom, and when an event counts as stored. Knows messages, no
// sockets and no files.
import {
  type AgentInfo,
  BROKER_LIMITS,
  type BrokerToAgent,
  encodeMessage,
  MAX_MESSAGE_BYTES,
  type ProbeEvent,
  type ProbeListing,
  type ProbeSpec,
  type ProbeStatus,
  ProtocolError,
  type Socket,
  type SocketHandlers,
} from "../host/index.ts";
import { type AgentDesk, AgentLink } from "./agent.ts";
import { BROKER_ID, Catalogue } from "./catalogue.ts";
import { type ClientDesk, ClientLink } from "./client.ts";
import type { Refusals } from "./peer.ts";
import type { Store } from "./store.ts";

/** Bytes of a `list` reply that statuses and agents may take beside the probes. */
const LISTING_BYTES = MAX_MESSAGE_BYTES - 8192;

/** All connections of a broker. */
export class Relay implements AgentDesk, ClientDesk {
  readonly store: Store;
  readonly #refusals: Refusals;
  readonly #catalogue: Catalogue;
  readonly #agents = new Map<string, AgentLink>();
  readonly #clients = new Set<ClientLink>();
  /** Numbers beyond `published` that are stored already: writes may be confirmed out of order. */
  readonly #storedAhead = new Set<number>();
  #published: number;
  #announcing = false;
  #publishing = false;

  constructor(store: Store, refusals: Refusals) {
    this.store = store;
    this.#refusals = refusals;
    this.#published = store.lastSeq;
    this.#catalogue = new Catalogue(store, (probe, status) => this.#ended(probe, status));
  }

  get published(): number {
    return this.#published;
  }

  /** Takes the connection of an agent. */
  agent(socket: Socket): SocketHandlers {
    const link = new AgentLink(socket, this, this.#refusals);
    return { onMessage: (bytes) => link.receive(bytes), onClose: () => link.ended() };
  }

  /** Takes the connection of a client. */
  client(socket: Socket): SocketHandlers {
    const link = new ClientLink(socket, this, this.#refusals);
    return { onMessage: (bytes) => link.receive(bytes), onClose: () => link.ended() };
  }

  agentJoined(agent: AgentLink): readonly ProbeSpec[] {
    const agentId = agent.info!.agentId;
    const before = this.#agents.get(agentId);
    const others = [...this.#agents.values()].filter((other) => other !== before);
    if ([...others, agent].reduce((sum, { infoBytes }) => sum + infoBytes, 0) > BROKER_LIMITS.agentBytes) {
      throw new ProtocolError(
        "limit",
        `${others.length} agents are connected, and what they say of themselves takes ${BROKER_LIMITS.agentBytes} bytes, the limit`,
        "Give the programs fewer or shorter tags, or start another broker.",
      );
    }
    this.#agents.set(agentId, agent);
    before?.replace();
    this.#announce();
    this.#catalogue.expire();
    return this.#catalogue.specs();
  }

  agentLeft(agent: AgentLink): void {
    const agentId = agent.info!.agentId;
    // A connection that was replaced leaves its successor alone.
    if (this.#agents.get(agentId) !== agent) return;
    this.#agents.delete(agentId);
    this.#catalogue.forgetAgent(agentId);
    this.#announce();
  }

  clientJoined(client: ClientLink): void {
    this.#clients.add(client);
  }

  clientLeft(client: ClientLink): void {
    this.#clients.delete(client);
  }

  status(status: ProbeStatus): void {
    // Encoded first: one that has become too large is refused as a whole.
    const bytes = encodeMessage(status);
    this.#catalogue.note(status, this.agents());
    for (const client of this.#clients) client.status(status, bytes);
  }

  event(event: ProbeEvent): number {
    const known = this.store.seqOf(event.eventId);
    if (known !== undefined) {
      this.#publishSoon();
      return known;
    }
    const { seq, stored } = this.store.append(event);
    const done = () => {
      this.#storedAhead.add(seq);
      this.#publishSoon();
    };
    // A failed write (a full disk) leaves a number without an event; it must not hold up those after it.
    stored.then(done, (cause) => {
      const error = new ProtocolError(
        "storage",
        `the event could not be stored: ${cause instanceof Error ? cause.message : cause}`,
        "See that the broker's data folder has room.",
      );
      this.#agents.get(event.agentId)?.lost(event.eventId, error);
      done();
    });
    return seq;
  }

  agents(): readonly AgentInfo[] {
    return [...this.#agents.values()].flatMap((agent) => agent.info ?? []);
  }

  async put(probe: ProbeSpec): Promise<void> {
    const stored = this.#catalogue.put(probe);
    // Refused puts reject before anything is sent; what is not stored yet may be lost only with the whole broker.
    await stored;
    this.#toAgents({ type: "put", probe });
  }

  async remove(probeId: string): Promise<void> {
    const probe = await this.#catalogue.remove(probeId);
    const cause = { code: "removed", message: "The probe was removed.", remedy: "Nothing to do." };
    const at = Date.now();
    this.#ended(probe, { type: "status", probeId, agentId: BROKER_ID, at, state: "removed", cause });
  }

  async enable(probeId: string, enabled: boolean): Promise<void> {
    await this.#catalogue.enable(probeId, enabled);
    this.#toAgents({ type: "enable", probeId, enabled });
  }

  list(): ReturnType<ClientDesk["list"]> {
    const agents = this.agents();
    const all = this.#catalogue.listing();
    const refused = this.#refusals.counts();
    const whole = { probes: all, agents, refused };
    if (sizeOf(whole) <= LISTING_BYTES) return whole;
    return { ...whole, ...prune(all, LISTING_BYTES - sizeOf({ agents, refused })) };
  }

  /** Stops the clocks. */
  close(): void {
    this.#catalogue.close();
  }

  #ended({ id }: ProbeSpec, status: ProbeStatus): void {
    this.#toAgents({ type: "remove", probeId: id });
    const bytes = encodeMessage(status);
    for (const client of this.#clients) client.status(status, bytes);
  }

  #toAgents(message: BrokerToAgent): void {
    const bytes = encodeMessage(message);
    for (const agent of this.#agents.values()) agent.sendBytes(bytes);
  }

  /** Many agents come and go together when a service is deployed: clients hear of it once a turn. */
  #announce(): void {
    if (this.#announcing) return;
    this.#announcing = true;
    setImmediate(() => {
      this.#announcing = false;
      const bytes = encodeMessage({ type: "agents", agents: this.agents() });
      for (const client of this.#clients) client.agentsChanged(bytes);
    });
  }

  /** Once a turn of the event loop, so that a batch that was stored together is acknowledged with one message. */
  #publishSoon(): void {
    if (this.#publishing) return;
    this.#publishing = true;
    setImmediate(() => {
      this.#publishing = false;
      while (this.#storedAhead.delete(this.#published + 1)) this.#published++;
      for (const agent of this.#agents.values()) agent.stored(this.#published);
      for (const client of this.#clients) client.pump();
    });
  }
}

function sizeOf(message: object): number {
  try {
    return encodeMessage(message).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The probes with as many statuses as there is room for. */
function prune(all: readonly ProbeListing[], room: number): { probes: ProbeListing[]; statusesOmitted: number } {
  let left = room - all.reduce((sum, { probe }) => sum + sizeOf({ probe, statuses: [] }), 0);
  let statusesOmitted = 0;
  const probes = all.map(({ probe, statuses }) => {
    const kept: ProbeStatus[] = [];
    for (const status of statuses) {
      const size = sizeOf(status);
      if (size <= left) {
        kept.push(status);
        left -= size;
      } else statusesOmitted++;
    }
    return { probe, statuses: kept };
  });
  return { probes, statusesOmitted };
}
