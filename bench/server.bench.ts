// The demo's service under load with and without a probe whose condition is false on a line of every request, in turn, so that
// a slow moment of the machine hits both. Medians of the pairs count.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker } from "../broker/index.ts";
import { drive, type Load } from "../demo/load.ts";
import { CART, lineOf, startService } from "../demo/service.ts";
import { connectClient, HOST_LIMITS, type ProbeStatus } from "../host/index.ts";
import { type BenchOptions, median, type Row } from "./measure.ts";

const PROBE = {
  id: "bench",
  kind: "tracepoint",
  file: CART,
  line: lineOf(CART, "return Math.round(sum"),
  condition: "sum > 1e12",
  hitLimit: 1,
  enabled: true,
  tags: [],
  onError: "skip",
} as const;

export async function server({ quick }: BenchOptions): Promise<Row[]> {
  const data = mkdtempSync(join(tmpdir(), "tracepointdebug-bench-"));
  const broker = await startBroker({ data, port: 0, announce: false });
  const service = await startService({
    TRACEPOINTDEBUG_BROKER: broker.address,
    TRACEPOINTDEBUG_TOKEN: broker.agentToken,
  });
  let status: ProbeStatus | null = null;
  const onStatus = (next: ProbeStatus) => {
    status = next;
  };
  const client = await connectClient({ address: broker.address, token: broker.clientToken }, { onStatus });
  const until = async (what: string, done: () => boolean) => {
    for (let tries = 0; !done(); tries++) {
      if (tries > 200) throw new Error(`${what}: ${JSON.stringify(status)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  try {
    await client.subscribe();
    await until("no agent", () => client.agents.length > 0);
    const seconds = quick ? 2 : 4;
    await drive(service.url, "/cart", 3);
    const without: Load[] = [];
    const withProbe: Load[] = [];
    for (let pair = 0; pair < (quick ? 3 : 7); pair++) {
      without.push(await drive(service.url, "/cart", seconds));
      await client.put({ ...PROBE, expiresAt: Date.now() + HOST_LIMITS.expireMs });
      await until("not installed", () => status?.state === "installed");
      const reached = status!.counts?.reached ?? 0;
      const load = await drive(service.url, "/cart", seconds);
      withProbe.push(load);
      await until("not reached on every request", () => (status?.counts?.reached ?? 0) - reached >= load.requests);
      await client.remove(PROBE.id);
      await until("not removed", () => status?.state === "removed");
    }
    const ratio = (of: (load: Load) => number) => median(withProbe.map((load, i) => of(load) / of(without[i] as Load)));
    const rate = ratio((load) => load.requestsPerSecond);
    const p99 = ratio((load) => load.p99Ms);
    const cpu = ratio((load) => load.cpuUs);
    return [
      {
        bench: "server",
        what: "requests/s without a probe",
        value: median(without.map((load) => load.requestsPerSecond)),
        unit: "/s",
      },
      {
        bench: "server",
        what: "requests/s with a false condition on each request, ratio",
        value: rate,
        unit: "x",
        bar: "at least 0.97",
        holds: rate >= 0.97,
      },
      { bench: "server", what: "p99 with it, ratio", value: p99, unit: "x", bar: "at most 1.03", holds: p99 <= 1.03 },
      { bench: "server", what: "CPU time a request with it, ratio", value: cpu, unit: "x" },
    ];
  } finally {
    await client.close();
    await service.stop();
    await broker.close();
    rmSync(data, { recursive: true, force: true });
  }
}
