// `npm run demo`: a broker, a service as a separate process, load, and then probes put into it while it serves. `--python` takes the
// Python service instead of the Node one. `--keep` leaves everything running for trying by hand. Ends with 0 only if all was seen.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Broker, startBroker } from "../broker/index.ts";
import { type Client, connectClient, HOST_LIMITS } from "../host/index.ts";
import { drive, type Load } from "./load.ts";
import { NODE } from "./node.ts";
import { python } from "./python.ts";
import type { Scene, Service } from "./scene.ts";
import { say, show, Watch } from "./watch.ts";

function table(rows: readonly (readonly [string, Load])[]): void {
  for (const [name, load] of rows) {
    const figures = [
      `${load.requestsPerSecond.toFixed(0)} requests/s`,
      `p99 ${load.p99Ms} ms`,
      `${load.cpuUs.toFixed(0)} µs CPU a request`,
    ];
    say(`  ${name.padEnd(8)} ${figures.map((figure) => figure.padEnd(22)).join("")}`);
  }
}

async function put(client: Client, watch: Watch, scene: Scene): Promise<void> {
  for (const { title, wrong, ...wanted } of scene.probes) {
    const common = { hitLimit: HOST_LIMITS.maxHitLimit, expiresAt: Date.now() + HOST_LIMITS.expireMs, enabled: true };
    await client.put({ ...wanted, ...common, tags: [], onError: "skip" });
    await watch.until(`placing ${wanted.id}`, () => watch.settled(wanted.id, scene.agents));
    const statuses = watch.statuses(wanted.id);
    const failed = statuses.find(({ state }) => state === "error");
    if (failed !== undefined) throw new Error(`${failed.cause?.message} ${failed.cause?.remedy}`);
    const [status] = statuses;
    say(`+ ${title}`);
    say(`  ${show(status?.file ?? wanted.file)}:${status?.line}  if ${wanted.condition}  [${status?.engine}]`);
    if (status?.note) say(`  note: ${status.note}`);
  }
}

const reached = (watch: Watch, scene: Scene) =>
  scene.probes.reduce((sum, { id }) => sum + watch.count(id, "reached"), 0);

/** Counts come with the next report of the agent; those of a linked program take two steps. */
const reported = () => new Promise((resolve) => setTimeout(resolve, 2 * HOST_LIMITS.statusMs + 200));

function costs(watch: Watch, scene: Scene, before: Load, during: Load, hits: number): void {
  for (const { id } of scene.probes) {
    const count = (name: Parameters<Watch["count"]>[1]) => watch.count(id, name);
    say(
      `  ${id.padEnd(10)} reached ${count("reached")}: condition false ${count("conditionFalse")}, failed ${count("conditionError")}, rate limited ${count("rateLimited")}, fired ${count("fired")}`,
    );
  }
  const perHit = ((during.cpuUs - before.cpuUs) * during.requests) / Math.max(1, hits);
  say(
    `  cost: ${perHit.toFixed(1)} µs CPU a hit, events and snapshots included (${hits} hits in ${during.requests} requests)`,
  );
}

/** Throws when a probe's events are not what they should be. */
function verify(watch: Watch, scene: Scene): void {
  for (const { id, wrong } of scene.probes) {
    const problem = wrong?.(watch.seen.get(id) ?? []) ?? null;
    if (problem !== null) throw new Error(`${id}: ${problem}`);
  }
}

async function main(): Promise<void> {
  const unknown = process.argv.slice(2).find((arg) => !["--keep", "--python"].includes(arg));
  if (unknown !== undefined) throw new Error(`${unknown} is unknown; usage: npm run demo -- [--python] [--keep]`);
  const keep = process.argv.includes("--keep");
  const scene = process.argv.includes("--python") ? python() : NODE;
  const seconds = 4;
  const data = mkdtempSync(join(tmpdir(), "tracepointdebug-demo-"));
  let broker: Broker | null = null;
  let service: Service | null = null;
  let client: Client | null = null;
  try {
    broker = await startBroker({ data, port: 0, announce: keep });
    say(`broker    ${broker.address}`);
    service = await scene.start({
      TRACEPOINTDEBUG_BROKER: broker.address,
      TRACEPOINTDEBUG_TOKEN: broker.agentToken,
      TRACEPOINTDEBUG_APP: "demo",
    });
    say(`service   ${service.url} (${scene.title}, process ${service.pid}, agent inside)`);
    const watch = new Watch();
    client = await connectClient(
      { address: broker.address, token: broker.clientToken },
      { onEvent: (event) => watch.onEvent(event), onStatus: (status) => watch.onStatus(status) },
    );
    await client.subscribe();
    const connected = client;
    await watch.until("the connection of all agents", () => connected.agents.length >= scene.agents);
    for (const { app, runtime, pid } of connected.agents) say(`agent     ${app}, ${runtime}, process ${pid}`);

    say(`\nwithout probes, ${2 * seconds} s of load ...`);
    await drive(service.url, "/cart", 2); // warms up
    const before = await drive(service.url, "/cart", seconds);
    table([["before", before]]);

    say("\nputting probes while it serves:");
    const url = service.url;
    const background = Promise.all([drive(url, "/order?vip=1", 2 * seconds, 10), drive(url, "/cart", 2 * seconds, 10)]);
    await put(client, watch, scene);
    say("\nas it arrives over the broker:");
    await background;
    for (const { id } of scene.probes)
      await watch.until(`an event of ${id}`, () => (watch.seen.get(id)?.length ?? 0) > 0);
    await reported();
    const earlier = reached(watch, scene);
    const during = await drive(url, "/cart", seconds);
    await reported();
    say("\nwhat the probes counted:");
    costs(watch, scene, before, during, reached(watch, scene) - earlier);
    verify(watch, scene);

    if (keep) {
      const bin = "npx tracepointdebug";
      say(`\nrunning until Ctrl+C. Try from another terminal in this folder:\n`);
      say(`  curl ${url}/cart`);
      const method = scene.probes.find(({ id }) => id === "method");
      say(
        `  ${bin} list\n  ${bin} tail\n  ${bin} snap ${show(method?.file ?? "")}:${method?.line} --hits 1\n  ${bin} rm method`,
      );
      await new Promise<void>((resolve) => process.once("SIGINT", () => resolve()));
    }
    for (const { id } of scene.probes) await client.remove(id);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const after = await drive(url, "/cart", seconds);
    say("\nall probes removed:");
    table([
      ["before", before],
      ["with", during],
      ["after", after],
    ]);
  } finally {
    await client?.close();
    await service?.stop();
    await broker?.close();
    rmSync(data, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`demo failed: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
