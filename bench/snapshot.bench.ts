// Time that the program's own thread loses to a snapshot of a 3-level object with 20 fields a level, under a stack of 20 frames:
// ours, and a debugger's pause that reads the same values through the inspector, from the same thread and from another one.
import { Session } from "node:inspector";
import { Worker } from "node:worker_threads";
import { Capturer } from "../bindings/node/capture.ts";
import type { Captured } from "../host/index.ts";
import { type BenchOptions, median, type Row, sink } from "./measure.ts";

const LEVELS = 3;
const FIELDS = 20;
const FRAMES = 20;

type Post = (method: string, params: object, done: (result: Properties) => void) => void;
interface Properties {
  readonly result: readonly { name: string; value?: { type: string; value?: unknown; objectId?: string } }[];
}
interface Paused {
  readonly params: { callFrames: readonly { scopeChain: readonly { type: string; object: { objectId: string } }[] }[] };
}

/** 19 numbers and texts and the next level; the last level has 20. */
function subject(levels: number): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (let i = 0; i < FIELDS - 1; i++) fields[`field${i}`] = i % 2 === 0 ? `text ${i} of ${levels}` : i * levels;
  fields.last = levels === 1 ? 0.5 : subject(levels - 1);
  return fields;
}

/** `path=value` of every value that is no object. */
function leavesOf(node: Captured, path: string): string[] {
  if (node.fields === undefined) return [`${path}=${String(node.value)}`];
  return node.fields.flatMap(([name, value]) => leavesOf(value, `${path}.${name}`));
}

/**
 * Reads the argument `order` of the paused frame, with one request for the scope and one an object, then calls `done` with the
 * leaves. Plain enough to be sent to the worker as text.
 */
function readPaused(post: Post, paused: Paused, done: (leaves: string[]) => void): void {
  const leaves: string[] = [];
  let open = 0;
  const read = (objectId: string, path: string, only: string | null) => {
    open++;
    post("Runtime.getProperties", { objectId, ownProperties: true }, ({ result }) => {
      for (const { name, value } of result) {
        if (value === undefined || (only !== null && name !== only)) continue;
        const at = path === "" ? name : `${path}.${name}`;
        if (value.objectId !== undefined) {
          if (only !== null || name !== "__proto__") read(value.objectId, at, null);
        } else leaves.push(`${at}=${String(value.value)}`);
      }
      if (--open === 0) done(leaves);
    });
  };
  const scope = paused.params.callFrames[0]!.scopeChain.find(({ type }) => type === "local");
  read(scope!.object.objectId, "", "order");
}

function stopped(order: object): object {
  // biome-ignore lint/suspicious/noDebugger: the pause that is timed
  debugger;
  return order;
}

const deep = <T>(count: number, run: () => T): T => (count === 0 ? run() : deep(count - 1, run));

/** Microseconds of one, over `n` under a deep stack. */
function time(n: number, run: () => unknown): number {
  return deep(FRAMES, () => {
    const started = process.hrtime.bigint();
    for (let i = 0; i < n; i++) sink.value = run();
    return Number(process.hrtime.bigint() - started) / n / 1000;
  });
}

interface Debugger {
  enable(): Promise<void>;
  disable(): Promise<void>;
  /** What the last pause read. */
  leaves(): Promise<string[]>;
  close(): Promise<void>;
}

/** Reads on the program's own thread: what the pause costs when nothing has to cross to another thread. */
function debuggerHere(): Debugger {
  const session = new Session();
  session.connect();
  let last: string[] = [];
  const post: Post = (method, params, done) => session.post(method, params, (_, result) => done(result as never));
  session.on("Debugger.paused", (paused) => {
    readPaused(post, paused as unknown as Paused, (leaves) => {
      last = leaves;
    });
    session.post("Debugger.resume");
  });
  const send = (method: string) => new Promise<void>((resolve) => session.post(method, () => resolve()));
  return {
    enable: () => send("Debugger.enable"),
    disable: () => send("Debugger.disable"),
    leaves: async () => last,
    close: async () => session.disconnect(),
  };
}

const WORKER = `
const { Session } = require("node:inspector");
const { parentPort } = require("node:worker_threads");
const readPaused = ${readPaused};
const session = new Session();
session.connectToMainThread();
let last = [];
const post = (method, params, done) => session.post(method, params, (_, result) => done(result));
session.on("Debugger.paused", (paused) => readPaused(post, paused, (leaves) => {
  last = leaves;
  session.post("Debugger.resume");
}));
parentPort.on("message", (order) => {
  if (order === "leaves") parentPort.postMessage(last);
  else session.post("Debugger." + order, () => parentPort.postMessage(order));
});
`;

/** Reads from another thread, as a debugger does that must not run inside of the program. */
function debuggerBeside(): Debugger {
  const worker = new Worker(WORKER, { eval: true });
  const ask = (order: string) =>
    new Promise<unknown>((resolve, reject) => {
      worker.removeAllListeners();
      worker.once("message", resolve).once("error", reject);
      worker.postMessage(order);
    });
  return {
    enable: async () => void (await ask("enable")),
    disable: async () => void (await ask("disable")),
    leaves: async () => (await ask("leaves")) as string[],
    close: async () => void (await worker.terminate()),
  };
}

/** Throws unless both read the same values. */
async function checkSame(name: string, reader: Debugger, expected: readonly string[], order: object): Promise<void> {
  await reader.enable();
  stopped(order);
  const found = await reader.leaves();
  await reader.disable();
  if ([...found].sort().join("\n") !== [...expected].sort().join("\n"))
    throw new Error(`${name} read ${found.length} values, not the ${expected.length} of the snapshot`);
}

export async function snapshot({ quick }: BenchOptions): Promise<Row[]> {
  const capturer = new Capturer();
  const order = subject(LEVELS);
  const ours = () => capturer.captureSnapshot(["order"], [order]);
  const taken = deep(FRAMES, ours);
  const expected = leavesOf(taken.variables[0]![1], "order");
  if (expected.length !== LEVELS * FIELDS - (LEVELS - 1)) throw new Error(`the snapshot has ${expected.length} values`);
  if (taken.frames.length !== FRAMES) throw new Error(`the snapshot has ${taken.frames.length} frames`);
  const rounds = quick ? 5 : 11;
  const n = quick ? 2000 : 5000;
  time(2 * n, ours);
  const values = median(Array.from({ length: rounds }, () => time(n, () => capturer.captureValue(order))));
  const rows: Row[] = [];
  // One after the other: with a debugger on another thread, a pause waits for that one to resume it.
  for (const [where, open] of [
    ["another thread", debuggerBeside],
    ["the program's thread", debuggerHere],
  ] as const) {
    const reader = open();
    await checkSame(where, reader, expected, order);
    const pauses = quick ? 40 : 100;
    const samples = { ours: [] as number[], pause: [] as number[] };
    // In turn, so that a slow moment of the machine hits both. Ours runs without the debugger, which makes V8 compile it anew.
    for (let round = 0; round < rounds; round++) {
      time(n, ours);
      samples.ours.push(time(n, ours));
      await reader.enable();
      time(5, () => stopped(order));
      samples.pause.push(time(pauses, () => stopped(order)));
      await reader.disable();
    }
    await reader.close();
    const whole = median(samples.ours);
    const pause = median(samples.pause);
    rows.push(
      row(`${LEVELS} x ${FIELDS} fields, ${expected.length} values, ${FRAMES} frames: ours`, whole, "µs"),
      row(`pause that reads the same values from ${where}`, pause, "µs"),
      { ...row("times faster than that pause", pause / whole, "x"), bar: "at least 50", holds: pause / whole >= 50 },
    );
  }
  return [...rows, row("of ours the values, without the stack", values, "µs")];
}

const row = (what: string, value: number, unit: string): Row => ({ bench: "snapshot", what, value, unit });
