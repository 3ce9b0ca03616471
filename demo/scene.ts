// What a demo shows: a service, how to start it, and the probes that are put into it while it serves.
import type { Logpoint, ProbeEvent, Tracepoint } from "./watch.ts";

export type { Logpoint, Tracepoint };

/** A service that runs as a process of its own. */
export interface Service {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A probe of the demo: what a person would type, and what shows that it worked. */
export type ScenePart = (Logpoint | Tracepoint) & {
  readonly id: string;
  readonly title: string;
  /** What is wrong with the events that came, or null. */
  readonly wrong?: (events: readonly ProbeEvent[]) => string | null;
};

export interface Scene {
  /** What serves, for people. */
  readonly title: string;
  /** Agents that the service has: its processes. */
  readonly agents: number;
  readonly probes: readonly ScenePart[];
  /** Starts the service with the agent in it and these settings in its environment. */
  start(env: Readonly<Record<string, string>>): Promise<Service>;
}
