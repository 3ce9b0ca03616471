// The main path: probes arrive from the broker, are put into the program, hit, expire and go; what they emit goes back. One host an
// agent: a thread of this program, or another program. Nothing here throws into the program: what fails becomes a probe's cause or one
// line of the log.
import { ProbeError } from "../conditions/index.ts";
import { failureCause, hitLimitCause } from "./causes.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Fence, type Log } from "./fence.ts";
import type { Desk, Ground, GroundState, Standing } from "./ground.ts";
import { checkLimits } from "./install.ts";
import { HOST_LIMITS } from "./limits.ts";
import { Probe, type Signal, sameButEnabled } from "./probe.ts";
import type { AgentInfo, BrokerToAgent, Cause, ProbeEvent, ProbeSpec, ProbeStatus } from "./protocol.ts";
import type { Transport } from "./transport.ts";

/** What a host is made of. */
export interface HostOptions {
  readonly agent: AgentInfo;
  /** Where its probes run; they tell the desk what comes of them. */
  readonly ground: (desk: Desk) => Ground;
  /** Opens the way to the broker; what comes from there goes to `onMessage`. */
  readonly connect: (onMessage: (message: BrokerToAgent) => void) => Transport;
  readonly log?: Log;
  readonly clock?: Clock;
}

/** A probe and what it holds in this program. */
interface Seat {
  readonly probe: Probe;
  /** Its place in the program, or null where it has none. */
  standing: Standing | null;
  cancelExpiry: () => void;
  /** `reached` at the last status. */
  reportedHits: number;
}

/** The probes of one agent. */
export class Host {
  readonly #agent: AgentInfo;
  readonly #clock: Clock;
  readonly #fence: Fence;
  readonly #ground: Ground;
  readonly #transport: Transport;
  readonly #seats = new Map<string, Seat>();
  #cancelBeat: (() => void) | null = null;
  #closed = false;

  constructor(options: HostOptions) {
    this.#agent = options.agent;
    this.#clock = options.clock ?? systemClock();
    this.#fence = new Fence(options.log);
    this.#ground = options.ground({
      agent: options.agent,
      clock: this.#clock,
      fence: this.#fence,
      send: (event) => this.#send(event),
      fired: (probe) => this.#about(probe, (seat) => this.#signal(seat, "fire")),
      spent: (probe) => this.#about(probe, (seat) => this.#end(seat, "expire", hitLimitCause(probe.spec.hitLimit))),
      expired: (probe) => this.#about(probe, (seat) => this.#end(seat, "expire")),
      guarded: (probe, signal, cause) =>
        this.#about(probe, (seat) =>
          signal === "mark" ? this.#signal(seat, "mark", cause) : this.#end(seat, "disable", cause),
        ),
    });
    this.#transport = options.connect((message) => this.receive(message));
  }

  /** Follows one message of the broker. */
  receive(message: BrokerToAgent): void {
    this.#fence.run("message", () => {
      switch (message.type) {
        case "welcome":
          this.#reconcile(message.probes);
          break;
        case "put":
          this.put(message.probe);
          break;
        case "remove":
          this.remove(message.probeId);
          break;
        case "enable":
          this.enable(message.probeId, message.enabled);
          break;
        case "refused":
          this.#fence.log("warn", `The broker refuses: ${message.cause.message} ${message.cause.remedy}`);
          break;
        case "ack":
          break; // The transport has dealt with it.
      }
    });
  }

  /** Installs a probe, or replaces the one of the same id. One that differs only in `enabled` is not placed anew. */
  put(spec: ProbeSpec): void {
    const seat = this.#seats.get(spec.id);
    const over = seat !== undefined && (seat.probe.state === "expired" || seat.probe.state === "error");
    if (seat !== undefined && !over && sameButEnabled(seat.probe.spec, spec)) this.enable(spec.id, spec.enabled);
    else this.#seat(spec);
  }

  /** Takes a probe out and forgets it. */
  remove(probeId: string): void {
    const seat = this.#seats.get(probeId);
    if (seat === undefined) return;
    this.#seats.delete(probeId);
    this.#end(seat, "remove");
  }

  /** Switches a probe on or off. Off means out of the program: it costs nothing. */
  enable(probeId: string, enabled: boolean): void {
    const seat = this.#seats.get(probeId);
    if (seat === undefined) return;
    const { probe } = seat;
    probe.spec = { ...probe.spec, enabled };
    if (!enabled) {
      this.#end(seat, "disable");
    } else if (seat.standing === null && probe.state !== "expired") {
      probe.budgetErrors = 0;
      probe.streak = 0;
      if (probe.apply("receive")) this.#place(seat);
    }
  }

  /** The state of every probe. */
  statuses(): readonly ProbeStatus[] {
    return [...this.#seats.values()].map(({ probe }) => probe.status(this.#agent.agentId, this.#clock.wallMs()));
  }

  /** Sends what waits, for so long at most. */
  async flush(timeoutMs: number): Promise<void> {
    this.#ground.settle();
    this.#report();
    await this.#fence.wait("flush", () => this.#transport.flush(timeoutMs));
  }

  /** Takes every probe out, sends what waits and ends the connection. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelBeat?.();
    for (const seat of this.#seats.values()) {
      seat.probe.open = false;
      seat.cancelExpiry();
    }
    await Promise.all([this.#fence.wait("close", () => this.#ground.close()), this.flush(HOST_LIMITS.flushMs)]);
    this.#seats.clear();
    await this.#fence.wait("close", () => this.#transport.close());
  }

  /** After a (re)connection: the broker's list is the truth. What is unchanged stays in place, whatever its state. */
  #reconcile(specs: readonly ProbeSpec[]): void {
    const wanted = new Set(specs.filter((spec) => this.#isMeant(spec)).map((spec) => spec.id));
    for (const probeId of [...this.#seats.keys()]) if (!wanted.has(probeId)) this.remove(probeId);
    for (const spec of specs) {
      this.#fence.run("message", () => {
        const seat = this.#seats.get(spec.id);
        if (seat === undefined || !sameButEnabled(seat.probe.spec, spec)) this.#seat(spec);
        else if (seat.probe.spec.enabled !== spec.enabled) this.enable(spec.id, spec.enabled);
      });
    }
  }

  /** A probe without tags is meant for every agent, one with tags for those that share one. */
  #isMeant(spec: ProbeSpec): boolean {
    return spec.tags.length === 0 || spec.tags.some((tag) => this.#agent.tags.includes(tag));
  }

  #seat(spec: ProbeSpec): void {
    if (this.#closed) return;
    if (!this.#isMeant(spec)) {
      this.remove(spec.id);
      return;
    }
    const old = this.#seats.get(spec.id);
    if (old !== undefined) this.#end(old, "remove", undefined, false);
    const probe = new Probe(spec);
    const seat: Seat = { probe, standing: null, cancelExpiry: () => {}, reportedHits: 0 };
    this.#seats.delete(spec.id);
    this.#forgetOld();
    this.#seats.set(spec.id, seat);
    this.#beat();
    try {
      checkLimits(spec, this.#clock.wallMs());
    } catch (error) {
      this.#end(seat, "fail", failureCause(error));
      return;
    }
    if (this.#expires(seat)) return;
    if (spec.enabled) this.#place(seat);
    else this.#end(seat, "disable");
  }

  #place(seat: Seat): void {
    try {
      if ([...this.#seats.values()].filter(({ standing }) => standing !== null).length >= HOST_LIMITS.probes) {
        const most = `The program has ${HOST_LIMITS.probes} probes, the most it may have.`;
        throw new ProbeError("limit", most, "Remove some and put this one again.");
      }
      const standing = this.#ground.place(seat.probe, (state) => {
        if (seat.standing === standing) this.#fence.run("placement", () => this.#follow(seat, state));
      });
      seat.standing = standing;
    } catch (error) {
      this.#end(seat, "fail", failureCause(error));
      return;
    }
    this.#announce(seat);
  }

  #follow(seat: Seat, state: GroundState): void {
    const { probe } = seat;
    if (state.kind === "failed") {
      this.#end(seat, "fail", state.cause);
      return;
    }
    probe.note = state.note;
    probe.engine = state.kind === "installed" ? state.engine : null;
    probe.site = state.kind === "installed" ? state.site : null;
    probe.apply(state.kind === "installed" ? "install" : "pend");
    // Even where the state is the same: engine, line or note are news.
    this.#announce(seat);
  }

  /** Arms the timer of the expiry. Returns true when the time is over already. */
  #expires(seat: Seat): boolean {
    const leftMs = seat.probe.spec.expiresAt - this.#clock.wallMs();
    if (leftMs <= 0) {
      this.#end(seat, "expire");
      return true;
    }
    // A timer may be early, or the system clock set back: it is asked again.
    seat.cancelExpiry = this.#clock.after(leftMs, () => this.#fence.run("expiry", () => this.#expires(seat)));
    return false;
  }

  #signal(seat: Seat, signal: Signal, cause?: Cause): void {
    if (seat.probe.apply(signal, cause)) this.#announce(seat);
  }

  /** A signal after which the probe has no place in the program. */
  #end(seat: Seat, signal: Signal, cause?: Cause, announce = true): void {
    const { probe, standing } = seat;
    if (probe.apply(signal, cause) && announce) this.#announce(seat);
    if (signal !== "disable" && signal !== "fail") seat.cancelExpiry();
    seat.standing = null;
    if (standing !== null) void this.#fence.wait("removal", () => standing.remove());
  }

  #announce(seat: Seat): void {
    this.#ground.sendEvents();
    seat.reportedHits = seat.probe.reached;
    this.#fence.run("status", () => this.#transport.send(seat.probe.status(this.#agent.agentId, this.#clock.wallMs())));
  }

  /** Counts of all probes that were reached since their last status. */
  #report(): void {
    for (const seat of this.#seats.values()) {
      const { probe } = seat;
      if (probe.marked && probe.streak < HOST_LIMITS.consecutiveErrors) {
        this.#signal(seat, "recover");
        if (probe.fired > 0) this.#signal(seat, "fire");
      }
      if (probe.reached !== seat.reportedHits) this.#announce(seat);
    }
  }

  /** Reports as long as there are probes. */
  #beat(): void {
    this.#cancelBeat ??= this.#clock.after(HOST_LIMITS.statusMs, () => {
      this.#cancelBeat = null;
      if (this.#closed) return;
      this.#fence.run("status", () => this.#report());
      if (this.#seats.size > 0) this.#beat();
    });
  }

  /** Probes that are over stay known, so that a reconnection does not bring them back; but only so many. */
  #forgetOld(): void {
    for (const [id, seat] of this.#seats) {
      if (this.#seats.size < 2 * HOST_LIMITS.probes) return;
      if (seat.standing === null && seat.probe.state !== "disabled") this.#seats.delete(id);
    }
  }

  /** Work for a probe that its ground asks for, unless the probe is replaced or gone by then. */
  #about(probe: Probe, work: (seat: Seat) => void): void {
    const seat = this.#seats.get(probe.spec.id);
    if (seat?.probe === probe) work(seat);
  }

  #send(event: ProbeEvent): boolean {
    return this.#transport.send({ ...event, dropped: this.#transport.dropped + this.#ground.dropped });
  }
}
