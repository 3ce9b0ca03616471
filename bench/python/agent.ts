// A broker, and programs with our agent in them: what the benchmarks put probes into, by the way that people put them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Broker, startBroker } from "../../broker/index.ts";
import { endHost } from "../../demo/python.ts";
import { Watch } from "../../demo/watch.ts";
import { type Client, connectClient, HOST_LIMITS, type ProbeSpec } from "../../host/index.ts";

export class Ground {
  readonly #data: string;
  readonly #broker: Broker;
  readonly #client: Client;
  readonly watch: Watch;

  private constructor(data: string, broker: Broker, client: Client, watch: Watch) {
    this.#data = data;
    this.#data = data;
    this.#broker = broker;
    this.#client = client;
    this.watch = watch;
  }

  static async open(): Promise<Ground> {
    const data = mkdtempSync(join(tmpdir(), "tracepointdebug-"));
    const broker = await startBroker({ data, port: 0, announce: false });
    const watch = new Watch(false);
    const client = await connectClient(
      { address: broker.address, token: broker.clientToken },
      { onEvent: (event) => watch.onEvent(event), onStatus: (status) => watch.onStatus(status) },
    );
    await client.subscribe();
    return new Ground(data, broker, client, watch);
  }

  /** The environment of a program whose agent finds this broker, and a host that is nobody else's. */
  get env(): Record<string, string> {
    return {
      TRACEPOINTDEBUG_BROKER: this.#broker.address,
      TRACEPOINTDEBUG_TOKEN: this.#broker.agentToken,
      TRACEPOINTDEBUG_NODE: process.execPath,
      XDG_STATE_HOME: this.#data,
    };
  }

  /** Waits until this many programs are connected. */
  agents(count: number): Promise<void> {
    return this.watch.until(`the connection of ${count} agents`, () => this.#client.agents.length >= count);
  }

  /** Puts a probe and waits until all agents have it, or this many. Answers the engine; throws with the cause where it cannot be. */
  async put(
    probe: Pick<ProbeSpec, "id" | "kind" | "file" | "line"> & Partial<ProbeSpec>,
    agents = this.#client.agents.length,
  ): Promise<string> {
    const expiresAt = Date.now() + HOST_LIMITS.expireMs;
    const usual = { hitLimit: HOST_LIMITS.maxHitLimit, enabled: true, tags: [], onError: "skip" } as const;
    await this.#client.put({ ...usual, ...probe, expiresAt });
    await this.watch.until(`placing ${probe.id}`, () => this.watch.settled(probe.id, agents));
    const statuses = this.watch.statuses(probe.id);
    const failed = statuses.find(({ state }) => state === "error");
    if (failed !== undefined) throw new Error(`${failed.cause?.message} ${failed.cause?.remedy}`);
    return statuses.find(({ engine }) => engine !== undefined)?.engine ?? "";
  }

  /** Removes a probe and waits until no agent has it. */
  async remove(id: string): Promise<void> {
    await this.#client.remove(id);
    await this.watch.until(`removing ${id}`, () =>
      this.watch.statuses(id).every(({ state }) => ["removed", "expired", "error"].includes(state)),
    );
  }

  async close(): Promise<void> {
    await this.#client.close();
    await this.#broker.close();
    await endHost(this.#data);
    rmSync(this.#data, { recursive: true, force: true });
  }
}
