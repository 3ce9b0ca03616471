// Probes that run in this thread: compiled, loaded into its guest, placed by its binding, their hits decided here. What a hit asks for is
// put off until the program's stack is gone.
import { isScript, type ProbeLimits } from "../conditions/index.ts";
import type { Snapshot } from "./captured.ts";
import { atLinesOnly, failureCause, placementCause } from "./causes.ts";
import type { Desk, Ground, GroundState, Standing } from "./ground.ts";
import { type CaptureSnapshot, type HitContext, hitHandler } from "./hit.ts";
import { COMPILER, type Compiler, type Installed, install, type LoadedScript, type Loader } from "./install.ts";
import { Later, type Outgoing } from "./later.ts";
import { HOST_LIMITS } from "./limits.ts";
import type { Placement, PlacementState } from "./placement.ts";
import type { Probe } from "./probe.ts";
import { ProcessQuota, TimeQuota } from "./quota.ts";
import type { Redact } from "./redaction.ts";
import { ScriptLoads } from "./script-loads.ts";
import { Specials, type Surroundings } from "./specials.ts";

/** What a binding in this thread gives to its host. */
export interface LocalOptions {
  readonly placement: Placement;
  /** The guest of this thread, made when the first probe needs it. */
  readonly guest: () => Loader;
  /** What takes snapshots, made when the first tracepoint needs it. */
  readonly capture: () => CaptureSnapshot;
  /** Makes a snapshot what people read: original positions. Slow work that has no place in a hit. */
  readonly finish?: (snapshot: Snapshot) => Snapshot;
  readonly compiler?: Compiler;
  /** What `@thread`, `@traceId` and the like stand for. */
  readonly surroundings?: Surroundings;
  /** The most that a probe may set as its limits. */
  readonly maxima?: Partial<ProbeLimits>;
  /** Whether conditions may be scripts (`js: ...`). Off unless the program's owner says so. */
  readonly scripts?: boolean;
  /** Names whose values no script may read; the guest and the captures of a binding have their own. */
  readonly redact?: Redact;
}

/** The ground of this thread, for `HostOptions.ground`. */
export function localGround(options: LocalOptions): (desk: Desk) => Ground {
  return (desk) => new LocalGround(options, desk);
}

/** A probe that stands in this thread, or waits for its script. */
interface Seat {
  readonly probe: Probe;
  readonly onChange: (state: GroundState) => void;
  /** Its name towards the placement, new each time, so that a late answer about an old one is known as such. */
  placementId: string | null;
  installed: Installed | null;
}

class LocalGround implements Ground {
  readonly dropped = 0;
  readonly #options: LocalOptions;
  readonly #desk: Desk;
  readonly #later: Later;
  readonly #context: HitContext;
  readonly #scripts: ScriptLoads;
  readonly #surroundings: Surroundings;
  readonly #seats = new Set<Seat>();
  #capture: CaptureSnapshot | null = null;
  #placements = 0;

  constructor(options: LocalOptions, desk: Desk) {
    this.#options = options;
    this.#desk = desk;
    const { agent, clock, fence } = desk;
    this.#surroundings = options.surroundings ?? { threadName: "", threadId: agent.threadId, trace: null };
    this.#later = new Later(clock, fence, (outgoing) => this.#sendNow(outgoing));
    this.#scripts = new ScriptLoads(options.scripts === true, options.redact ?? null);
    this.#context = {
      agentId: agent.agentId,
      clock,
      quota: new ProcessQuota(HOST_LIMITS.processRate),
      scripts: new TimeQuota(HOST_LIMITS.scriptShare, HOST_LIMITS.scriptBurstMs),
      capture: (names, values, origin) => this.#capture!(names, values, origin),
      emit: (probe, event, fired) => this.#later.send({ probe, event, fired }),
      busy: false,
      events: 0,
      onFirstFire: (probe) => this.#later.note(() => desk.fired(probe)),
      onSpent: (probe) => this.#later.note(() => desk.spent(probe)),
      onGuard: (probe, signal, cause) => this.#later.note(() => desk.guarded(probe, signal, cause)),
    };
  }

  place(probe: Probe, onChange: (state: GroundState) => void): Standing {
    const { condition, at = "line" } = probe.spec;
    if (at !== "line") throw atLinesOnly(at);
    const seat: Seat = { probe, onChange, placementId: null, installed: null };
    if (condition === undefined || !isScript(condition)) this.#install(seat, null);
    else this.#loadScript(seat, condition);
    this.#seats.add(seat);
    return { remove: () => this.#remove(seat) };
  }

  sendEvents(): void {
    this.#later.sendAll();
  }

  settle(): void {
    this.#later.settle();
  }

  async close(): Promise<void> {
    for (const seat of this.#seats) this.#scripts.cancel(seat);
    await this.#options.placement.close();
    for (const { installed } of this.#seats) this.#desk.fence.run("close", () => installed?.close());
    this.#seats.clear();
  }

  #loadScript(seat: Seat, source: string): void {
    const running = [...this.#seats].filter(({ installed }) => installed?.script).length;
    const { fence } = this.#desk;
    const failed = (error: unknown) => seat.onChange({ kind: "failed", cause: failureCause(error) });
    this.#scripts.load(seat, source, running, {
      done: (script) =>
        fence.run("placement", () => {
          try {
            this.#install(seat, script);
          } catch (error) {
            failed(error);
          }
        }),
      failed,
    });
  }

  #install(seat: Seat, script: LoadedScript | null): void {
    const { probe } = seat;
    const { placement, guest, compiler = COMPILER, maxima } = this.#options;
    try {
      if (probe.spec.kind === "tracepoint") this.#capture ??= this.#options.capture();
      const specials = new Specials(probe, this.#desk.clock, this.#surroundings);
      seat.installed = install(probe.spec, guest, compiler, specials, { maxima, script });
    } catch (error) {
      script?.close();
      throw error;
    }
    const { installed } = seat;
    const placementId = `${probe.spec.id}~${++this.#placements}`;
    seat.placementId = placementId;
    try {
      placement.place({
        probeId: placementId,
        file: probe.spec.file,
        line: probe.spec.line,
        testNames: installed.testNames,
        captureNames: installed.captureNames,
        handler: hitHandler(probe, installed, this.#context),
        onChange: (state) => seat.onChange(groundState(state, installed)),
      });
    } catch (error) {
      // A placement does not throw; one that does may still have placed something.
      this.#desk.fence.run("removal", () => void this.#remove(seat));
      throw error;
    }
  }

  async #remove(seat: Seat): Promise<void> {
    const { placementId, installed } = seat;
    this.#scripts.cancel(seat);
    this.#seats.delete(seat);
    // Until then a hit may still be on its way; it finds the probe closed.
    if (placementId !== null) await this.#desk.fence.wait("removal", () => this.#options.placement.remove(placementId));
    this.#desk.fence.run("removal", () => installed?.close());
  }

  #sendNow({ probe, event, fired }: Outgoing): void {
    const { finish } = this.#options;
    const { snapshot } = event;
    // A probe in what we run to send must not make new events of it.
    this.#context.busy = true;
    const kept = this.#desk.fence.run("event", () =>
      this.#desk.send(snapshot && finish ? { ...event, snapshot: finish(snapshot) } : event),
    );
    this.#context.busy = false;
    if (kept !== true && fired) probe.dropped++;
  }
}

function groundState(state: PlacementState, { sources }: Installed): GroundState {
  return state.kind === "failed" ? { kind: "failed", cause: placementCause(state.error, sources) } : state;
}
