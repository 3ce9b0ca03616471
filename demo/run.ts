// `npm run demo`: a broker, a service on express as a separate process, load, and then probes put into it while it serves.
// `--keep` leaves everything running for trying by hand.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type Broker, startBroker } from "../broker/index.ts";
import {
  type Client,
  connectClient,
  HOST_LIMITS,
  type ProbeEvent,
  type ProbeSpec,
  type ProbeStatus,
  renderSnapshot,
} from "../host/index.ts";
import { drive, type Load } from "./load.ts";
import { CART, LAYER, lineOf, ROOT, SERVER, type Service, startService } from "./service.ts";

const say = (text = "") => process.stdout.write(`${text}\n`);
const show = (file: string) => relative(ROOT, file);

type Wanted = Pick<ProbeSpec, "kind" | "file" | "line"> & { readonly condition: string; readonly template?: string };

const PROBES: readonly (Wanted & { readonly id: string; readonly title: string })[] = [
  {
    id: "service",
    title: "a conditional logpoint on a line of the service",
    kind: "logpoint",
    file: SERVER,
    line: lineOf(SERVER, "response.json({ user: user.name"),
    condition: 'user.age >= 21 && total > 900.0 && "admin" in user.roles',
    template: "cart {{cart.id}} of {{user.name}} ({{user.age}}) has {{size(cart.items)}} items, {{total=}}",
  },
  {
    id: "framework",
    title: "a conditional logpoint inside the framework, in node_modules",
    kind: "logpoint",
    file: LAYER,
    line: lineOf(LAYER, "if (fn.length > 3)"),
    condition: 'req.method == "GET" && req.url.startsWith("/order?vip")',
    template: "express calls a handler for {{req.url}}",
  },
  {
    id: "method",
    title: "a tracepoint on a class method with closures",
    kind: "tracepoint",
    file: CART,
    line: lineOf(CART, "return Math.round(sum"),
    condition: "this.items.exists(i, i.price > 100.0) && sum > 1000.0",
  },
  {
    id: "async",
    title: "a tracepoint in an async method, after its await",
    kind: "tracepoint",
    file: CART,
    line: lineOf(CART, "receipt.paid = true"),
    condition: 'user.name == "bob" && total > 800.0',
  },
];

/** Events and statuses as they arrive over the broker. */
class Watch {
  readonly seen = new Map<string, ProbeEvent[]>();
  readonly newest = new Map<string, ProbeStatus>();

  onEvent(event: ProbeEvent): void {
    const earlier = this.seen.get(event.probeId) ?? [];
    this.seen.set(event.probeId, [...earlier, event]);
    if (event.kind === "error") say(`  [${event.probeId}] ${event.cause?.code}: ${event.cause?.message}`);
    else if (event.kind === "log" && earlier.length < 3)
      say(`  [${event.probeId}] ${show(event.file)}:${event.line} ${event.text}`);
    else if (event.kind === "snapshot" && earlier.length < 1) {
      say(`  [${event.probeId}] snapshot at ${show(event.file)}:${event.line}`);
      if (event.snapshot !== undefined) say(renderSnapshot(event.snapshot).replaceAll(/^/gm, "    "));
    }
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

async function put(client: Client, watch: Watch): Promise<void> {
  for (const { title, id, ...wanted } of PROBES) {
    const common = { hitLimit: HOST_LIMITS.maxHitLimit, expiresAt: Date.now() + HOST_LIMITS.expireMs, enabled: true };
    await client.put({ id, ...wanted, ...common, tags: [], onError: "skip" });
    await watch.until(`placing ${id}`, () =>
      ["installed", "emitting", "error"].includes(watch.newest.get(id)?.state ?? ""),
    );
    const status = watch.newest.get(id);
    if (status?.state === "error") throw new Error(`${status.cause?.message} ${status.cause?.remedy}`);
    say(`+ ${title}`);
    say(`  ${show(status?.file ?? wanted.file)}:${status?.line}  if ${wanted.condition}  [${status?.engine}]`);
    if (status?.note) say(`  note: ${status.note}`);
  }
}

const reached = (watch: Watch) => PROBES.reduce((sum, { id }) => sum + (watch.newest.get(id)?.counts?.reached ?? 0), 0);

/** Counts come with the next report of the agent. */
const reported = () => new Promise((resolve) => setTimeout(resolve, HOST_LIMITS.statusMs + 200));

function costs(watch: Watch, before: Load, during: Load, hits: number): void {
  for (const { id } of PROBES) {
    const counts = watch.newest.get(id)?.counts;
    if (counts === undefined) continue;
    const { conditionFalse, conditionError, rateLimited, fired } = counts;
    say(
      `  ${id.padEnd(10)} reached ${counts.reached}: condition false ${conditionFalse}, failed ${conditionError}, rate limited ${rateLimited}, fired ${fired}`,
    );
  }
  const perHit = ((during.cpuUs - before.cpuUs) * during.requests) / Math.max(1, hits);
  say(
    `  cost: ${perHit.toFixed(1)} µs CPU a hit, events and snapshots included (${hits} hits in ${during.requests} requests)`,
  );
}

async function main(): Promise<void> {
  const keep = process.argv.includes("--keep");
  const seconds = 4;
  const data = mkdtempSync(join(tmpdir(), "tracepointdebug-demo-"));
  let broker: Broker | null = null;
  let service: Service | null = null;
  let client: Client | null = null;
  try {
    broker = await startBroker({ data, port: 0, announce: keep });
    say(`broker    ${broker.address}`);
    service = await startService({
      TRACEPOINTDEBUG_BROKER: broker.address,
      TRACEPOINTDEBUG_TOKEN: broker.agentToken,
      TRACEPOINTDEBUG_APP: "demo",
    });
    say(`service   ${service.url} (express, process ${service.process.pid}, agent inside)`);
    const watch = new Watch();
    client = await connectClient(
      { address: broker.address, token: broker.clientToken },
      { onEvent: (event) => watch.onEvent(event), onStatus: (status) => void watch.newest.set(status.probeId, status) },
    );
    await client.subscribe();
    const connected = client;
    await watch.until("the agent's connection", () => connected.agents.length > 0);

    say(`\nwithout probes, ${2 * seconds} s of load ...`);
    await drive(service.url, "/cart", 2); // warms up
    const before = await drive(service.url, "/cart", seconds);
    table([["before", before]]);

    say("\nputting probes while it serves:");
    const url = service.url;
    const background = Promise.all([drive(url, "/order?vip=1", 2 * seconds, 10), drive(url, "/cart", 2 * seconds, 10)]);
    await put(client, watch);
    say("\nas it arrives over the broker:");
    await background;
    for (const { id } of PROBES) await watch.until(`an event of ${id}`, () => (watch.seen.get(id)?.length ?? 0) > 0);
    await reported();
    const earlier = reached(watch);
    const during = await drive(url, "/cart", seconds);
    await reported();
    say("\nwhat the probes counted:");
    costs(watch, before, during, reached(watch) - earlier);

    if (keep) {
      const bin = "npx tracepointdebug";
      say(`\nrunning until Ctrl+C. Try from another terminal in this folder:\n`);
      say(`  curl ${url}/cart`);
      say(
        `  ${bin} list\n  ${bin} tail\n  ${bin} snap ${show(CART)}:${PROBES[2]?.line} --if 'sum > 100.0'\n  ${bin} rm method`,
      );
      await new Promise<void>((resolve) => process.once("SIGINT", () => resolve()));
    }
    for (const { id } of PROBES) await client.remove(id);
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
