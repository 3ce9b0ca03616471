// Probes that run in a program at the other end of a link: compiled here, placed and hit there. The program sends what came of them;
// why a condition failed, what a redacted name hides and when a probe is over is decided here.
import { type Compiled, isScript, ProbeError } from "../../conditions/index.ts";
import { cause, erringCause, guardCause, placementCause } from "../causes.ts";
import { PlacementError } from "../errors.ts";
import type { Desk, Ground, GroundState, Standing } from "../ground.ts";
import { COMPILER, compileProbe, explainFault, rateOf } from "../install.ts";
import { HOST_LIMITS } from "../limits.ts";
import type { Probe } from "../probe.ts";
import type { Cause, ProbeCounts, ProbeEvent } from "../protocol.ts";
import type { Redact } from "../redaction.ts";
import { type Adoptions, fingerprint, type Held } from "./adoptions.ts";
import type { BindingToHost, Fault, HostToBinding, LinkEvent, Placed, PlacementCounts } from "./messages.ts";
import { redactSnapshot } from "./redact.ts";

/** Frames that are about one placement. */
export type PlacementFrame = Extract<BindingToHost, { readonly placementId: string }>;

type Counts = Omit<ProbeCounts, "notAsked">;

/** What a ground needs of its connection. */
export interface Line {
  send(message: HostToBinding): void;
  /** The program need not keep this event any longer. */
  handled(seq: number): void;
}

/** A probe in the program. */
interface Seat {
  readonly probe: Probe;
  readonly placementId: string;
  readonly condition: Compiled | null;
  readonly template: Compiled | null;
  readonly onChange: (state: GroundState) => void;
  /** Counts of the probe when it was placed: those of a placement begin anew. */
  readonly base: Counts;
  /** Fired hits whose events have come, and those of them that were lost here. */
  arrived: number;
  lost: number;
  removed: (() => void) | null;
}

/** The ground of one linked program. */
export class RemoteGround implements Ground {
  readonly #desk: Desk;
  readonly #line: Line;
  readonly #redact: Redact;
  readonly #adoptions: Adoptions;
  readonly #seats = new Map<string, Seat>();
  /** Fulfilled when it is known what becomes of what the program has brought along; at once where that is nothing. */
  readonly known: Promise<void>;
  #isKnown: () => void = () => {};
  #placements = 0;
  #dropped = 0;
  #over = false;

  constructor(desk: Desk, line: Line, redact: Redact, adoptions: Adoptions) {
    this.#desk = desk;
    this.#line = line;
    this.#redact = redact;
    this.#adoptions = adoptions;
    this.known = new Promise((resolve) => {
      this.#isKnown = resolve;
    });
    if (adoptions.isEmpty) this.#isKnown();
  }

  get dropped(): number {
    return this.#dropped;
  }

  place(probe: Probe, onChange: (state: GroundState) => void): Standing {
    const { spec } = probe;
    if (spec.condition !== undefined && isScript(spec.condition)) {
      throw new ProbeError(
        "scripts_off",
        "The condition is a script, and scripts run in Node programs only.",
        "Write it without `js:`.",
      );
    }
    const { condition, template } = compileProbe(spec, COMPILER);
    const print = fingerprint(spec);
    const adopted = this.#adoptions.take(spec.id, print);
    const placementId = adopted?.placementId ?? `${spec.id}~${print}~${Date.now().toString(36)}.${++this.#placements}`;
    const seat: Seat = {
      probe,
      placementId,
      condition,
      template,
      onChange,
      base: probe.counts(),
      arrived: 0,
      lost: 0,
      removed: null,
    };
    this.#seats.set(placementId, seat);
    if (adopted === null) this.#send(seat);
    // What it told before it was known comes in the order in which it was told, and not while this runs.
    else this.#desk.clock.soon(() => this.#catchUp(seat, adopted));
    return { remove: () => this.#remove(seat) };
  }

  /** Follows a frame about one placement. */
  receive(frame: PlacementFrame): void {
    const seat = this.#seats.get(frame.placementId);
    if (seat === undefined) {
      if (this.#adoptions.hold(frame)) return;
      // Of a placement that is gone: an event of it is of no use to anyone.
      if (frame.type === "event") this.#lose(frame);
      return;
    }
    switch (frame.type) {
      case "placed":
        seat.onChange(groundState(frame, seat));
        break;
      case "event":
        this.#event(seat, frame);
        break;
      case "closed":
        this.#closed(seat, frame);
        break;
      case "removed":
        this.#gone(seat);
        break;
    }
  }

  /** Follows the counts of all placements. */
  count(counts: readonly PlacementCounts[], dropped: number): void {
    this.#dropped = dropped;
    for (const of of counts) {
      const seat = this.#seats.get(of.placementId);
      if (seat === undefined) this.#adoptions.count(of);
      else this.#count(seat, of);
    }
  }

  /** The broker's list has been followed: what nobody wants any more is taken out. */
  reconciled(): void {
    for (const { placementId, frames } of this.#adoptions.end()) {
      for (const frame of frames) if (frame.type === "event") this.#lose(frame);
      this.#line.send({ type: "remove", placementId });
    }
    // After what was adopted has caught up.
    this.#desk.clock.soon(this.#isKnown);
  }

  sendEvents(): void {}

  settle(): void {}

  async close(): Promise<void> {
    this.#over = true;
    for (const seat of [...this.#seats.values()]) this.#gone(seat);
  }

  #send({ probe, placementId, condition, template }: Seat): void {
    const { id, kind, file, line, at = "line", fileHash, hitLimit, expiresAt, onError } = probe.spec;
    this.#line.send({
      type: "place",
      placementId,
      probe: {
        id,
        kind,
        file,
        line,
        at,
        ...(fileHash === undefined ? {} : { fileHash }),
        hitLimit: Math.max(1, hitLimit - probe.fired),
        expiresAt,
        rate: rateOf(probe.spec),
        onError,
      },
      ...(condition === null ? {} : { condition: condition.wasm }),
      ...(template === null ? {} : { template: template.wasm }),
    });
  }

  #catchUp(seat: Seat, { frames, counts }: Held): void {
    for (const frame of frames) this.receive(frame);
    if (counts !== null) this.#count(seat, counts);
  }

  async #remove(seat: Seat): Promise<void> {
    if (this.#over || !this.#seats.has(seat.placementId)) return;
    this.#line.send({ type: "remove", placementId: seat.placementId });
    // Until it says so, what it has sent before is still on its way.
    await new Promise<void>((resolve) => {
      seat.removed = resolve;
    });
  }

  #gone(seat: Seat): void {
    this.#seats.delete(seat.placementId);
    seat.removed?.();
  }

  #event(seat: Seat, event: LinkEvent): void {
    const { probe, base } = seat;
    const { eventId, at, kind, hit, text, truncated, snapshot, fault } = event;
    const why = fault === undefined ? event.cause : this.#explain(seat, fault);
    if (fault?.of === "condition" && why !== undefined) probe.reported.set(fault.packed, why);
    if (kind !== "error") {
      if (probe.state === "installed") this.#desk.fired(probe);
      // Counts come every other second; until then at least what has come is counted.
      probe.fired = Math.max(probe.fired, base.fired + ++seat.arrived);
    }
    const made: ProbeEvent = {
      type: "event",
      eventId,
      probeId: probe.spec.id,
      agentId: this.#desk.agent.agentId,
      at,
      kind,
      file: probe.site?.file ?? probe.spec.file,
      line: probe.site?.line ?? probe.spec.line,
      hit: base.reached + hit,
      ...(text === undefined ? {} : { text }),
      ...(truncated === undefined ? {} : { truncated }),
      ...(snapshot === undefined ? {} : { snapshot: redactSnapshot(snapshot, this.#redact) }),
      ...(why === undefined ? {} : { cause: why }),
      dropped: 0,
    };
    if (this.#desk.send(made)) return;
    this.#line.handled(event.seq);
    if (kind !== "error") {
      seat.lost++;
      probe.dropped++;
    }
  }

  #explain({ condition, template }: Seat, { of, packed }: Fault): Cause | undefined {
    const compiled = of === "condition" ? condition : template;
    return compiled === null ? undefined : explainFault(packed, compiled);
  }

  #closed(seat: Seat, frame: Extract<PlacementFrame, { readonly type: "closed" }>): void {
    const { probe } = seat;
    if (frame.why === "spent") this.#desk.spent(probe);
    else if (frame.why === "expired") this.#desk.expired(probe);
    else {
      const why = (frame.fault && this.#explain(seat, frame.fault)) ?? frame.cause ?? UNSAID;
      this.#desk.guarded(probe, "disable", guardCause(why));
    }
  }

  #count(seat: Seat, counts: PlacementCounts): void {
    const { probe, base } = seat;
    probe.notDue = base.notDue + counts.notDue;
    probe.conditionFalse = base.conditionFalse + counts.conditionFalse;
    probe.conditionError = base.conditionError + counts.conditionError;
    probe.rateLimited = base.rateLimited + counts.rateLimited;
    probe.fired = base.fired + counts.fired;
    probe.dropped = base.dropped + counts.dropped + seat.lost;
    probe.streak = counts.streak;
    if (counts.streak >= HOST_LIMITS.consecutiveErrors && !probe.marked) {
      const last = [...probe.reported.values()].at(-1) ?? UNSAID;
      this.#desk.guarded(probe, "mark", erringCause(last));
    }
  }

  #lose(event: LinkEvent): void {
    this.#dropped++;
    this.#line.handled(event.seq);
  }
}

const UNSAID = cause("internal", "The program did not say why.", "This is our fault: report it.");

function groundState(frame: Placed, { condition, template }: Seat): GroundState {
  const { state, engine, site, note = "" } = frame;
  if (state === "installed" && site !== undefined) return { kind: "installed", engine: engine ?? "", site, note };
  if (state === "pending") return { kind: "pending", note };
  const { code, message, remedy, details = [] } = frame.cause ?? UNSAID;
  const error = new PlacementError(code, message, remedy, details);
  return { kind: "failed", cause: placementCause(error, [condition, template]) };
}
