// Drives the service with autocannon from a process of its own, and reads the service's CPU time, which tells the cost of a
// probe from the noise of the machine.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

export interface Load {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** Requests answered. */
  readonly requests: number;
  readonly errors: number;
  /** CPU time of the service for one request, microseconds. */
  readonly cpuUs: number;
}

const autocannon = createRequire(import.meta.url).resolve("autocannon");

async function cpuUs(base: string): Promise<number> {
  const response = await fetch(`${base}/cpu`);
  const { user, system } = (await response.json()) as { user: number; system: number };
  return user + system;
}

/** Sends requests over `connections` for `seconds`. Rejects when a request fails. */
export async function drive(base: string, path: string, seconds: number, connections = 20): Promise<Load> {
  const before = await cpuUs(base);
  const args = [
    autocannon,
    "--json",
    "--connections",
    String(connections),
    "--duration",
    String(seconds),
    `${base}${path}`,
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const after = await cpuUs(base);
  if (code !== 0) throw new Error(`autocannon ended with ${code}`);
  const result = JSON.parse(text) as {
    requests: { average: number; total: number };
    latency: { p99: number };
    errors: number;
    non2xx: number;
  };
  const failed = result.errors + result.non2xx;
  if (failed > 0) throw new Error(`${failed} requests to ${path} failed`);
  return {
    requestsPerSecond: result.requests.average,
    p99Ms: result.latency.p99,
    requests: result.requests.total,
    errors: failed,
    cpuUs: (after - before) / result.requests.total,
  };
}
