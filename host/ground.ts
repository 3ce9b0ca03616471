// Where the probes of a host run: in this thread (local.ts), or in a program at the other end of a link (link/remote.ts). The life of a
// probe is the host's; how its hits come about and are counted is the ground's. Types only.
import type { Clock } from "./clock.ts";
import type { Fence } from "./fence.ts";
import type { Site } from "./placement.ts";
import type { Probe } from "./probe.ts";
import type { AgentInfo, Cause, ProbeEvent } from "./protocol.ts";

/** How a placement goes. */
export type GroundState =
  | { readonly kind: "pending"; readonly note: string }
  | { readonly kind: "installed"; readonly engine: string; readonly site: Site; readonly note: string }
  | { readonly kind: "failed"; readonly cause: Cause };

/** A probe that is in place, or on its way there. */
export interface Standing {
  /** Takes it out. When the promise is fulfilled no new hit arrives, and what the probe held is let go. */
  remove(): Promise<void>;
}

/** Where probes run. */
export interface Ground {
  /**
   * Compiles a probe and puts it in place; how that goes arrives at `onChange`, never while this runs. Throws a ProbeError where it
   * is sure at once that the probe cannot stand here; nothing is left of it then.
   */
  place(probe: Probe, onChange: (state: GroundState) => void): Standing;
  /** Events lost before they came to the host. */
  readonly dropped: number;
  /** Hands the events so far to the desk: a status that speaks of them comes after them. */
  sendEvents(): void;
  /** Hands over whatever is put off. */
  settle(): void;
  /** Takes everything out. */
  close(): Promise<void>;
}

/** What a ground tells its host, never while a hit is on the program's stack. */
export interface Desk {
  readonly agent: AgentInfo;
  readonly clock: Clock;
  readonly fence: Fence;
  /** Sends an event. false: it is lost, and counted among the transport's. */
  send(event: ProbeEvent): boolean;
  /** The probe has fired for the first time. */
  fired(probe: Probe): void;
  /** The probe has reached its hit limit. */
  spent(probe: Probe): void;
  /** The condition errs in a row (`mark`), or the probe has to be shut (`disable`). */
  guarded(probe: Probe, signal: "disable" | "mark", cause: Cause): void;
  /** The probe's time is over, says a ground that watches it by itself. */
  expired(probe: Probe): void;
}
