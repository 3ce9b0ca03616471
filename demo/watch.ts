// What arrives over the broker while a demo runs: events are printed, the first few of each probe; statuses are kept by agent.
import { relative } from "node:path";
import { type ProbeEvent, type ProbeSpec, type ProbeStatus, renderSnapshot } from "../host/index.ts";
import { ROOT } from "./service.ts";

export type { ProbeEvent };

type Placed = Pick<ProbeSpec, "file" | "line" | "at"> & { readonly condition: string };
export type Logpoint = Placed & { readonly kind: "logpoint"; readonly template: string };
export type Tracepoint = Placed & { readonly kind: "tracepoint" };

export const say = (text = "") => process.stdout.write(`${text}\n`);
export const show = (file: string) => relative(ROOT, file);

const SETTLED = new Set(["installed", "emitting", "error"]);

export class Watch {
  readonly #aloud: boolean;
  readonly seen = new Map<string, ProbeEvent[]>();
  readonly #statuses = new Map<string, Map<string, ProbeStatus>>();

  /** `aloud` false: nothing is printed. */
  constructor(aloud = true) {
    this.#aloud = aloud;
  }

  onEvent(event: ProbeEvent): void {
    const earlier = this.seen.get(event.probeId) ?? [];
    this.seen.set(event.probeId, [...earlier, event]);
    if (!this.#aloud) return;
    if (event.kind === "error") say(`  [${event.probeId}] ${event.cause?.code}: ${event.cause?.message}`);
    else if (event.kind === "log" && earlier.length < 3)
      say(`  [${event.probeId}] ${show(event.file)}:${event.line} ${event.text}`);
    else if (event.kind === "snapshot" && earlier.length < 1) {
      say(`  [${event.probeId}] snapshot at ${show(event.file)}:${event.line}`);
      if (event.snapshot !== undefined) say(renderSnapshot(event.snapshot).replaceAll(/^/gm, "    "));
    }
  }

  onStatus(status: ProbeStatus): void {
    const byAgent = this.#statuses.get(status.probeId) ?? new Map<string, ProbeStatus>();
    this.#statuses.set(status.probeId, byAgent.set(status.agentId, status));
  }

  /** The newest status of a probe from each agent. */
  statuses(probeId: string): ProbeStatus[] {
    return [...(this.#statuses.get(probeId)?.values() ?? [])];
  }

  /** Whether this many agents have placed the probe, or failed to. */
  settled(probeId: string, agents: number): boolean {
    return this.statuses(probeId).filter(({ state }) => SETTLED.has(state)).length >= agents;
  }

  /** A count of a probe, all agents together. */
  count(probeId: string, name: "reached" | "conditionFalse" | "conditionError" | "rateLimited" | "fired"): number {
    return this.statuses(probeId).reduce((sum, { counts }) => sum + (counts?.[name] ?? 0), 0);
  }

  /** Waits until `done`, or throws with what is missing. */
  async until(what: string, done: () => boolean, timeoutMs = 20_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!done()) {
      if (Date.now() > end) throw new Error(`${what} did not happen within ${timeoutMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
