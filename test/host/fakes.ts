// Stand-ins for what surrounds a host: a clock that tests turn, a placement that tests hit, a transport that keeps what it gets.
import { type Compiled, MAXIMA } from "../../conditions/index.ts";
import type { Snapshot } from "../../host/captured.ts";
import type { Clock } from "../../host/clock.ts";
import type { Log } from "../../host/fence.ts";
import { Host, type HostOptions } from "../../host/host.ts";
import type { Compiler, Loader } from "../../host/install.ts";
import { type LocalOptions, localGround } from "../../host/local.ts";
import type { Placement, PlaceRequest, Site } from "../../host/placement.ts";
import type { AgentInfo, BrokerToAgent, ProbeEvent, ProbeSpec, ProbeStatus } from "../../host/protocol.ts";
import type { Transport } from "../../host/transport.ts";

export const AGENT: AgentInfo = {
  agentId: "agent-1",
  app: "shop",
  runtime: "node",
  agentVersion: "0.1.0",
  pid: 1,
  threadId: 0,
  host: "here",
  tags: ["blue"],
};

/** A day that the fake clock starts at. */
export const START_MS = Date.UTC(2026, 0, 1);

export class FakeClock implements Clock {
  nowMs = START_MS;
  #timers: { at: number; work: () => void }[] = [];
  #soon: (() => void)[] = [];

  wallMs(): number {
    return this.nowMs;
  }

  steadyMs(): number {
    return this.nowMs - START_MS;
  }

  after(delayMs: number, work: () => void): () => void {
    const timer = { at: this.nowMs + delayMs, work };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  soon(work: () => void): void {
    this.#soon.push(work);
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Runs what `soon` was given. */
  settle(): void {
    for (const work of this.#soon.splice(0)) work();
  }

  advance(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      this.settle();
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.nowMs = Math.max(this.nowMs, due.at);
      due.work();
    }
    this.nowMs = end;
    this.settle();
  }
}

export const SITE: Site = {
  file: "/app/cart.js",
  line: 43,
  column: 4,
  functionName: "add",
  className: "Cart",
  names: ["x", "this"],
};

/** Installs at once unless told otherwise; `hit` plays the program reaching the line. */
export class FakePlacement implements Placement {
  readonly placed = new Map<string, PlaceRequest>();
  readonly removed: string[] = [];
  places = 0;
  closed = false;
  /** False: the test answers through `request().onChange` itself. */
  answers = true;

  place(request: PlaceRequest): void {
    this.places++;
    this.placed.set(request.probeId, request);
    if (this.answers) {
      queueMicrotask(() => request.onChange({ kind: "installed", engine: "inject", site: SITE, note: "" }));
    }
  }

  async remove(placementId: string): Promise<void> {
    this.placed.delete(placementId);
    this.removed.push(placementId);
  }

  stats() {
    return { edits: 0, refused: 0, editMs: 0 };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.placed.clear();
  }

  /** The standing request of a probe. */
  request(probeId: string): PlaceRequest | undefined {
    return [...this.placed.values()].findLast((request) => request.probeId.startsWith(`${probeId}~`));
  }

  /** What runs when the program's stack is gone. */
  afterHit: () => void = () => {};

  /** What the inserted code does, and then the event loop. Returns whether the hit fired. */
  hit(probeId: string, values: Readonly<Record<string, unknown>> = {}): boolean {
    const request = this.request(probeId);
    const fired = request !== undefined && hit(request, values);
    this.afterHit();
    return fired;
  }
}

export function hit(request: PlaceRequest, values: Readonly<Record<string, unknown>> = {}): boolean {
  if (!request.handler.test(...request.testNames.map((name) => values[name]))) return false;
  const names = request.captureNames ?? Object.keys(values);
  request.handler.fire(
    names,
    names.map((name) => values[name]),
  );
  return true;
}

export class FakeTransport implements Transport {
  readonly sent: (ProbeStatus | ProbeEvent)[] = [];
  /** Events that fit. */
  room = Number.POSITIVE_INFINITY;
  dropped = 0;
  connected = true;
  flushed = 0;
  closed = false;

  send(message: ProbeStatus | ProbeEvent): boolean {
    if (message.type === "event" && this.events.length >= this.room) {
      this.dropped++;
      return false;
    }
    this.sent.push(message);
    return true;
  }

  get events(): ProbeEvent[] {
    return this.sent.filter((message) => message.type === "event");
  }

  statuses(probeId: string): ProbeStatus[] {
    return this.sent.filter((message) => message.type === "status").filter((status) => status.probeId === probeId);
  }

  last(probeId: string): ProbeStatus | undefined {
    return this.statuses(probeId).at(-1);
  }

  async flush(): Promise<void> {
    this.flushed++;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** "Compiles" a JavaScript expression: its variables are the single letters in it. A template is the same, rendered as text. */
export const fakeCompiler: Compiler = {
  compileCondition: (source) => fakeCompiled("condition", source),
  compileTemplate: (source) => fakeCompiled("template", source),
};

function fakeCompiled(entry: Compiled["entry"], source: string): Compiled {
  const names = [...new Set(source.match(/\b[a-z]\b/g))];
  return {
    entry,
    source,
    wasm: new Uint8Array(),
    projection: { slots: names.length, roots: names.map((key) => ({ key })) },
    dataBytes: 0,
    cost: 1,
    limits: MAXIMA,
    lints: [],
    spans: [
      { from: 0, to: 0 },
      { from: 0, to: source.length },
    ],
    operands: [0, 0],
    rootSpans: new Map(names.map((name) => [name, { from: source.indexOf(name), to: source.indexOf(name) + 1 }])),
  };
}

/** Runs the fake modules. A condition may yield a negative number: an error. */
export class FakeLoader implements Loader {
  open = 0;

  load(compiled: Compiled) {
    this.open++;
    const names = compiled.projection.roots.map((root) => String(root.key));
    const run = new Function(...names, `return (${compiled.source});`) as (...values: unknown[]) => unknown;
    return {
      test: (...values: readonly unknown[]) => {
        const result = run(...values);
        return typeof result === "number" ? result : result ? 1 : 0;
      },
      render: (...values: readonly unknown[]) => String(run(...values)),
      truncated: false,
      close: () => {
        this.open--;
      },
    };
  }
}

export const SNAPSHOT: Snapshot = { frames: [], variables: [], captureUs: 1 };

/** A host among fakes. */
export function fakeHost(options: Partial<HostOptions & LocalOptions> = {}) {
  const clock = new FakeClock();
  const placement = new FakePlacement();
  const transport = new FakeTransport();
  const loader = new FakeLoader();
  const logged: string[] = [];
  const log: Log = (_level, message) => logged.push(message);
  placement.afterHit = () => clock.settle();
  let deliver: (message: BrokerToAgent) => void = () => {};
  const host = new Host({
    agent: AGENT,
    ground: localGround({
      placement,
      guest: () => loader,
      capture: () => () => SNAPSHOT,
      compiler: fakeCompiler,
      ...options,
    }),
    connect: (onMessage) => {
      deliver = onMessage;
      return transport;
    },
    log,
    clock,
    ...options,
  });
  return { host, clock, placement, transport, loader, logged, deliver: (message: BrokerToAgent) => deliver(message) };
}

/** A probe as a client sends it. */
export function probe(spec: Partial<ProbeSpec> = {}): ProbeSpec {
  const kind = spec.kind ?? "tracepoint";
  return {
    id: "p1",
    kind,
    file: "cart.js",
    line: 42,
    hitLimit: 50,
    expiresAt: START_MS + 1_800_000,
    enabled: true,
    tags: [],
    onError: "skip",
    ...(kind === "logpoint" ? { template: "1" } : {}),
    ...spec,
  };
}

/** Lets the microtasks of fakes run. */
export async function tick(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
