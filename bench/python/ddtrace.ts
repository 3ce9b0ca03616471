// ddtrace's Dynamic Instrumentation as a contestant: its probes come from a file, what it sends goes to a server here that counts it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What stands for its agent: takes everything, keeps the newest snapshots. */
export class Intake {
  readonly #server: Server;
  readonly #folder = mkdtempSync(join(tmpdir(), "tracepointdebug-"));
  /** Everything a probe sent, as text. */
  readonly received: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        if (request.url?.includes("debugger")) this.#keep(Buffer.concat(parts).toString());
        response.setHeader("content-type", "application/json");
        // Its agent says at /info where snapshots go.
        response.end(
          request.url === "/info" ? '{"endpoints":["/debugger/v1/diagnostics","/debugger/v2/input"]}' : "{}",
        );
      });
    });
  }

  static async open(): Promise<Intake> {
    const intake = new Intake();
    await new Promise<void>((resolve) => intake.#server.listen(0, "127.0.0.1", resolve));
    return intake;
  }

  #keep(body: string): void {
    // Diagnostics are sent as a form.
    if (!body.startsWith("[")) return;
    for (const item of JSON.parse(body) as object[]) this.received.push(JSON.stringify(item));
  }

  /** The environment of a program with this probe, and nothing else of ddtrace. */
  env(probe: {
    file: string;
    line: number;
    condition?: [text: string, json: object];
    snapshot: boolean;
  }): Record<string, string> {
    const file = join(this.#folder, `${probe.line}.json`);
    const [dsl, json] = probe.condition ?? ["", null];
    const record = {
      id: "bench",
      version: 0,
      type: "LOG_PROBE",
      language: "python",
      where: { sourceFile: probe.file, lines: [`${probe.line}`] },
      tags: [],
      template: "reached",
      segments: [{ str: "reached" }],
      captureSnapshot: probe.snapshot,
      // As many as its own limit for the whole process lets through.
      sampling: { snapshotsPerSecond: 1000 },
      ...(json === null ? {} : { when: { dsl, json } }),
    };
    writeFileSync(file, JSON.stringify([record]));
    return {
      DD_DYNAMIC_INSTRUMENTATION_ENABLED: "true",
      DD_DYNAMIC_INSTRUMENTATION_PROBE_FILE: file,
      DD_TRACE_AGENT_URL: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      DD_TRACE_ENABLED: "false",
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: "false",
      DD_CRASHTRACKING_ENABLED: "false",
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
