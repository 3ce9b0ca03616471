// A host inside the benchmark's own process: real placement, guest, capture and rate limits, a transport that keeps what it gets.

import { captureSnapshot } from "../bindings/node/capture.ts";
import { createPlacement } from "../bindings/node/place.ts";
import {
  type EngineName,
  Guest,
  Host,
  localGround,
  type Placement,
  type PlacementStats,
  type ProbeSpec,
  type ProbeStatus,
  type Transport,
} from "../host/index.ts";

export class Probed {
  private readonly newest = new Map<string, ProbeStatus>();
  private readonly host: Host;
  private readonly placement: Placement;
  events = 0;

  constructor(engine: "auto" | EngineName = "auto") {
    const guest = new Guest();
    this.placement = createPlacement({ engine, log: () => {} });
    const transport: Transport = {
      send: (message) => {
        if (message.type === "status") this.newest.set(message.probeId, message);
        else this.events++;
        return true;
      },
      dropped: 0,
      flush: async () => {},
      close: async () => {},
      connected: true,
    };
    this.host = new Host({
      agent: {
        agentId: "bench",
        app: "bench",
        runtime: "node",
        agentVersion: "0",
        pid: process.pid,
        threadId: 0,
        host: "",
        tags: [],
      },
      ground: localGround({
        placement: this.placement,
        guest: () => guest,
        capture: () => (names, values, origin) => captureSnapshot(names, values, origin),
      }),
      connect: () => transport,
    });
  }

  /** Puts a probe and waits until it is installed. Throws with the cause if it cannot be. */
  async put(wanted: Pick<ProbeSpec, "file" | "line"> & Partial<ProbeSpec>): Promise<ProbeStatus> {
    const id = wanted.id ?? "probe";
    this.newest.delete(id);
    const expiresAt = Date.now() + 3_600_000;
    this.host.put({
      id,
      kind: "tracepoint",
      hitLimit: 1000,
      expiresAt,
      enabled: true,
      tags: [],
      onError: "skip",
      ...wanted,
    });
    for (let tries = 0; tries < 600; tries++) {
      const status = this.newest.get(id);
      if (status?.state === "installed" || status?.state === "emitting") return status;
      if (status?.state === "error") throw new Error(`${status.cause?.code}: ${status.cause?.message}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`the probe was not installed: ${JSON.stringify(this.newest.get(id))}`);
  }

  /** The newest status, with the counts as they are now. */
  status(id = "probe"): ProbeStatus | undefined {
    return this.host.statuses().find((status) => status.probeId === id);
  }

  async remove(id = "probe"): Promise<void> {
    this.host.remove(id);
    // The removal is an edit of its own; it is over when the placement is idle again.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }

  stats(): PlacementStats {
    return this.placement.stats();
  }

  close(): Promise<void> {
    return this.host.close();
  }
}
