// The main path: probes arrive from the broker, are compiled and placed, hit, expire and go; what they emit goes back.
// One host a thread. Nothing here throws into the program: what fails becomes a probe's cause or one line of the log.
import { isScript, ProbeError, type ProbeLimits } from "../conditions/index.ts";
import type { Snapshot } from "./captured.ts";
import { failureCause, hitLimitCause, placementCause } from "./causes.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Fence, type Log } from "./fence.ts";
import { type CaptureSnapshot, type HitContext, hitHandler } from "./hit.ts";
import {
  COMPILER,
  type Compiler,
  checkLimits,
  type Installed,
  install,
  type LoadedScript,
  type Loader,
} from "./install.ts";
import { Later, type Outgoing } from "./later.ts";
import { HOST_LIMITS } from "./limits.ts";
import type { Placement, PlacementState } from "./placement.ts";
import { Probe, type Signal, sameButEnabled } from "./probe.ts";
import type { AgentInfo, BrokerToAgent, Cause, ProbeSpec, ProbeStatus } from "./protocol.ts";
import { ProcessQuota, TimeQuota } from "./quota.ts";
import { ScriptLoads } from "./script-loads.ts";
import { Specials, type Surroundings } from "./specials.ts";
import type { Transport } from "./transport.ts";

/** What a binding gives to its host. */
export interface HostOptions {
  readonly agent: AgentInfo;
  readonly placement: Placement;
  /** The guest of this thread, made when the first probe needs it. */
  readonly guest: () => Loader;
  /** What takes snapshots, made when the first tracepoint needs it. */
  readonly capture: () => CaptureSnapshot;
  /** Makes a snapshot what people read: original positions. Slow work that has no place in a hit. */
  readonly finish?: (snapshot: Snapshot) => Snapshot;
  /** Opens the way to the broker; what comes from there goes to `onMessage`. */
  readonly connect: (onMessage: (message: BrokerToAgent) => void) => Transport;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly compiler?: Compiler;
  /** What `@thread`, `@traceId` and the like stand for. */
  readonly surroundings?: Surroundings;
  /** The most that a probe may set as its limits. */
  readonly maxima?: Partial<ProbeLimits>;
  /** Whether conditions may be scripts (`js: ...`). Off unless the program's owner says so. */
  readonly scripts?: boolean;
}

/** A probe and what it holds in this program. */
interface Seat {
  readonly probe: Probe;
  /** Its name towards the placement, new each time it is placed, so that a late answer about an old one is known as such. */
  placementId: string | null;
  installed: Installed | null;
  cancelExpiry: () => void;
  /** `reached` at the last status. */
  reportedHits: number;
}

/** The probes of one thread of a program. */
export class Host {
  readonly #options: HostOptions;
  readonly #clock: Clock;
  readonly #fence: Fence;
  readonly #transport: Transport;
  readonly #context: HitContext;
  readonly #seats = new Map<string, Seat>();
  readonly #later: Later;
  readonly #surroundings: Surroundings;
  readonly #scripts: ScriptLoads;
  #cancelBeat: (() => void) | null = null;
  #capture: CaptureSnapshot | null = null;
  #placements = 0;
  #closed = false;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock();
    this.#fence = new Fence(options.log);
    this.#surroundings = options.surroundings ?? { threadName: "", threadId: options.agent.threadId, trace: null };
    this.#later = new Later(this.#clock, this.#fence, (outgoing) => this.#sendNow(outgoing));
    this.#scripts = new ScriptLoads(options.scripts === true);
    this.#context = {
      agentId: options.agent.agentId,
      clock: this.#clock,
      quota: new ProcessQuota(HOST_LIMITS.processRate),
      scripts: new TimeQuota(HOST_LIMITS.scriptShare, HOST_LIMITS.scriptBurstMs),
      capture: (names, values, origin) => this.#capture!(names, values, origin),
      emit: (probe, event, fired) => this.#later.send({ probe, event, fired }),
      busy: false,
      events: 0,
      onFirstFire: (probe) => this.#note(probe, (seat) => this.#signal(seat, "fire")),
      onSpent: (probe) => this.#note(probe, (seat) => this.#end(seat, "expire", hitLimitCause(probe.spec.hitLimit))),
      onGuard: (probe, signal, cause) =>
        this.#note(probe, (seat) =>
          signal === "mark" ? this.#signal(seat, "mark", cause) : this.#end(seat, "disable", cause),
        ),
    };
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
    } else if (seat.placementId === null && probe.state !== "expired") {
      probe.budgetErrors = 0;
      probe.streak = 0;
      if (probe.apply("receive")) this.#place(seat);
    }
  }

  /** The state of every probe. */
  statuses(): readonly ProbeStatus[] {
    return [...this.#seats.values()].map(({ probe }) => probe.status(this.#context.agentId, this.#clock.wallMs()));
  }

  /** Sends what waits, for so long at most. */
  async flush(timeoutMs: number): Promise<void> {
    this.#later.settle();
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
      this.#scripts.cancel(seat);
    }
    await Promise.all([
      this.#fence.wait("close", () => this.#options.placement.close()),
      this.flush(HOST_LIMITS.flushMs),
    ]);
    for (const { installed } of this.#seats.values()) this.#fence.run("close", () => installed?.close());
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
    return spec.tags.length === 0 || spec.tags.some((tag) => this.#options.agent.tags.includes(tag));
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
    const seat: Seat = { probe, placementId: null, installed: null, cancelExpiry: () => {}, reportedHits: 0 };
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
    const { condition } = seat.probe.spec;
    if (condition === undefined || !isScript(condition)) return this.#install(seat, null);
    const running = [...this.#seats.values()].filter(({ installed }) => installed?.script).length;
    try {
      this.#scripts.load(seat, condition, running, {
        done: (script) => this.#fence.run("placement", () => this.#install(seat, script)),
        failed: (error) => this.#fence.run("placement", () => this.#end(seat, "fail", failureCause(error))),
      });
    } catch (error) {
      this.#end(seat, "fail", failureCause(error));
    }
  }

  #install(seat: Seat, script: LoadedScript | null): void {
    const { probe } = seat;
    const { placement, guest, compiler = COMPILER, maxima } = this.#options;
    try {
      if ([...this.#seats.values()].filter((other) => other.placementId !== null).length >= HOST_LIMITS.probes) {
        const most = `The program has ${HOST_LIMITS.probes} probes, the most it may have.`;
        throw new ProbeError("limit", most, "Remove some and put this one again.");
      }
      if (probe.spec.kind === "tracepoint") this.#capture ??= this.#options.capture();
      const specials = new Specials(probe, this.#clock, this.#surroundings);
      seat.installed = install(probe.spec, guest, compiler, specials, { maxima, script });
    } catch (error) {
      script?.close();
      this.#end(seat, "fail", failureCause(error));
      return;
    }
    const placementId = `${probe.spec.id}~${++this.#placements}`;
    seat.placementId = placementId;
    this.#announce(seat);
    try {
      placement.place({
        probeId: placementId,
        file: probe.spec.file,
        line: probe.spec.line,
        testNames: seat.installed.testNames,
        captureNames: seat.installed.captureNames,
        handler: hitHandler(probe, seat.installed, this.#context),
        onChange: (state) => {
          if (seat.placementId === placementId) this.#fence.run("placement", () => this.#follow(seat, state));
        },
      });
    } catch (error) {
      this.#end(seat, "fail", failureCause(error));
    }
  }

  #follow(seat: Seat, state: PlacementState): void {
    const { probe } = seat;
    if (state.kind === "failed") {
      this.#end(seat, "fail", placementCause(state.error, seat.installed!.sources));
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
    const { probe, placementId, installed } = seat;
    if (probe.apply(signal, cause) && announce) this.#announce(seat);
    if (signal !== "disable" && signal !== "fail") seat.cancelExpiry();
    seat.placementId = null;
    seat.installed = null;
    this.#scripts.cancel(seat);
    if (placementId === null) return void installed?.close();
    const removed = this.#fence.wait("removal", () => this.#options.placement.remove(placementId));
    // Until then a hit may still be on its way; it finds the probe closed.
    void removed.then(() => this.#fence.run("removal", () => installed?.close()));
  }

  #announce(seat: Seat): void {
    this.#later.sendAll();
    seat.reportedHits = seat.probe.reached;
    this.#fence.run("status", () =>
      this.#transport.send(seat.probe.status(this.#context.agentId, this.#clock.wallMs())),
    );
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
      if (seat.placementId === null && seat.probe.state !== "disabled") this.#seats.delete(id);
    }
  }

  /** Work for a probe that a hit asks for, unless the probe is replaced or gone by then. */
  #note(probe: Probe, work: (seat: Seat) => void): void {
    this.#later.note(() => {
      const seat = this.#seats.get(probe.spec.id);
      if (seat?.probe === probe) work(seat);
    });
  }

  #sendNow({ probe, event, fired }: Outgoing): void {
    const { finish } = this.#options;
    // A probe in what we run to send must not make new events of it.
    this.#context.busy = true;
    const kept = this.#fence.run("event", () => {
      const { dropped } = this.#transport;
      const { snapshot } = event;
      return this.#transport.send({ ...event, dropped, ...(snapshot && finish ? { snapshot: finish(snapshot) } : {}) });
    });
    this.#context.busy = false;
    if (kept !== true && fired) probe.dropped++;
  }
}
