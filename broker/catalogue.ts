// The probes that exist, with their newest state in each agent: puts, removes, expires them. Says what happened through
// callbacks; it sends nothing itself.
import {
  type AgentInfo,
  BROKER_LIMITS,
  encodeMessage,
  HOST_LIMITS,
  type ProbeListing,
  type ProbeSpec,
  type ProbeStatus,
  ProtocolError,
} from "../host/index.ts";

/** Where probes are kept. */
export interface ProbeStore {
  probes(): ProbeSpec[];
  putProbe(probe: ProbeSpec): Promise<void>;
  removeProbe(id: string): Promise<void>;
}

interface Known {
  spec: ProbeSpec;
  bytes: number;
  /** By agent. */
  readonly statuses: Map<string, ProbeStatus>;
}

/** Milliseconds by which the clocks of a client and the broker may differ without a probe being refused for it. */
const CLOCK_SKEW_MS = 60_000;

/** Sender of the statuses that the broker itself gives. */
export const BROKER_ID = "broker";

/** A probe that could not be erased from disk is over all the same, and is found to be so again at the next start. */
function ignore(): void {}

/** All probes. */
export class Catalogue {
  readonly #store: ProbeStore;
  readonly #onEnd: (probe: ProbeSpec, status: ProbeStatus) => void;
  readonly #known = new Map<string, Known>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `onEnd` is called for each probe that expires. */
  constructor(store: ProbeStore, onEnd: (probe: ProbeSpec, status: ProbeStatus) => void) {
    this.#store = store;
    this.#onEnd = onEnd;
    for (const spec of store.probes()) this.#keep(spec);
    this.expire();
  }

  /** The probes that agents should have. */
  specs(): ProbeSpec[] {
    return [...this.#known.values()].map(({ spec }) => spec);
  }

  /** The probes with their states. */
  listing(): ProbeListing[] {
    return [...this.#known.values()].map(({ spec, statuses }) => ({ probe: spec, statuses: [...statuses.values()] }));
  }

  /** Adds a probe or replaces the one of its id. Throws a ProtocolError when it may not exist. */
  async put(spec: ProbeSpec): Promise<void> {
    const now = Date.now();
    const old = this.#known.get(spec.id);
    const bytes = encodeMessage(spec).length;
    if (spec.expiresAt <= now) {
      throw new ProtocolError("time_limit", `probe ${spec.id} has expired already`, "Give it a later expiry.");
    }
    if (spec.expiresAt > now + HOST_LIMITS.maxExpireMs + CLOCK_SKEW_MS) {
      throw new ProtocolError(
        "limit",
        `probe ${spec.id} would live longer than ${HOST_LIMITS.maxExpireMs / 3_600_000} hours`,
        "Give it an earlier expiry; put it again when it is over.",
      );
    }
    if (spec.kind === "logpoint" && spec.template === undefined) {
      throw new ProtocolError(
        "no_template",
        `logpoint ${spec.id} has no template`,
        "Give it one, or put a tracepoint.",
      );
    }
    const full = old === undefined && this.#known.size >= HOST_LIMITS.probes;
    if (full || this.#bytes - (old?.bytes ?? 0) + bytes > BROKER_LIMITS.probeBytes) {
      const limit = full ? `${HOST_LIMITS.probes} probes` : `${BROKER_LIMITS.probeBytes} bytes of probes`;
      throw new ProtocolError("limit", `there are already ${limit}, the limit`, "Remove some that have served.");
    }
    this.#keep(spec);
    this.#schedule();
    await this.#store.putProbe(spec);
  }

  /** Removes a probe and answers it. Throws a ProtocolError when there is none. */
  async remove(probeId: string): Promise<ProbeSpec> {
    const { spec } = this.#need(probeId);
    await this.#forget(probeId);
    return spec;
  }

  /** Switches a probe on or off. Throws a ProtocolError when there is none. */
  async enable(probeId: string, enabled: boolean): Promise<ProbeSpec> {
    const known = this.#need(probeId);
    const spec = { ...known.spec, enabled };
    this.#keep(spec, known.statuses);
    await this.#store.putProbe(spec);
    return spec;
  }

  /**
   * Notes the newest state of a probe in an agent. A probe that has expired (by its hit limit) in each of the agents that
   * are connected and meant by its tags is over: an agent that starts later would begin to count anew.
   */
  note(status: ProbeStatus, agents: readonly AgentInfo[]): void {
    const known = this.#known.get(status.probeId);
    if (known === undefined) return;
    if (status.state === "removed") known.statuses.delete(status.agentId);
    else known.statuses.set(status.agentId, status);
    const { tags } = known.spec;
    const meant = agents.filter((agent) => tags.length === 0 || tags.some((tag) => agent.tags.includes(tag)));
    if (meant.length > 0 && meant.every(({ agentId }) => known.statuses.get(agentId)?.state === "expired")) {
      this.#forget(status.probeId).catch(ignore);
    }
  }

  /** Forgets the states of an agent that is gone. */
  forgetAgent(agentId: string): void {
    for (const { statuses } of this.#known.values()) statuses.delete(agentId);
  }

  /** Ends the probes whose time is over. */
  expire(): void {
    const now = Date.now();
    for (const { spec } of [...this.#known.values()]) {
      if (spec.expiresAt > now) continue;
      this.#forget(spec.id).catch(ignore);
      this.#onEnd(spec, {
        type: "status",
        probeId: spec.id,
        agentId: BROKER_ID,
        at: now,
        state: "expired",
        cause: {
          code: "time_limit",
          message: "The probe reached its expiry time.",
          remedy: "Put it again with a later expiry.",
        },
      });
    }
    this.#schedule();
  }

  /** Stops the clock. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #keep(spec: ProbeSpec, statuses: Known["statuses"] = new Map()): void {
    const bytes = encodeMessage(spec).length;
    this.#bytes += bytes - (this.#known.get(spec.id)?.bytes ?? 0);
    this.#known.set(spec.id, { spec, bytes, statuses });
  }

  async #forget(probeId: string): Promise<void> {
    this.#bytes -= this.#known.get(probeId)?.bytes ?? 0;
    this.#known.delete(probeId);
    await this.#store.removeProbe(probeId);
  }

  #need(probeId: string): Known {
    const known = this.#known.get(probeId);
    if (known !== undefined) return known;
    throw new ProtocolError(
      "no_such_probe",
      `there is no probe ${probeId}`,
      "See `tracepointdebug list`; a probe that has expired is gone.",
    );
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#known.size === 0) return;
    const next = Math.min(...[...this.#known.values()].map(({ spec }) => spec.expiresAt));
    this.#timer = setTimeout(() => this.expire(), Math.min(Math.max(0, next - Date.now()) + 1, 2 ** 31 - 1)).unref();
  }
}
