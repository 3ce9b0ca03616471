// The Python demo: Flask under gunicorn, which loads the program once and forks workers from it, started through `tracepointdebug-run`
// without a change to its source. Probes in the service, in the framework, in a method and at the exit of one.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scene, Service } from "./scene.ts";
import { lineOf, ROOT } from "./service.ts";
import type { ProbeEvent } from "./watch.ts";

const BIN = join(ROOT, ".venv/bin");
const FOLDER = join(ROOT, "demo/python");
export const PYTHON_SERVICE = join(FOLDER, "service.py");
export const PYTHON_CART = join(FOLDER, "cart.py");
const WORKERS = 2;
/** How long gunicorn and the host may take to end before they are killed. */
const STOP_MS = 5000;

export interface PythonOptions {
  /** Load the program once and fork the workers from it. */
  readonly preload: boolean;
  readonly workers: number;
  /** False leaves the agent out. */
  readonly agent?: boolean;
}

/** Starts the service. A host that its agent starts keeps its files in a folder of its own, and ends with the service. */
export async function startPythonService(
  env: Readonly<Record<string, string>>,
  { preload, workers, agent = true }: PythonOptions,
): Promise<Service> {
  if (!existsSync(join(BIN, "gunicorn"))) throw new Error("there is no .venv with gunicorn: npm run setup says why");
  const state = env.XDG_STATE_HOME ?? mkdtempSync(join(tmpdir(), "tracepointdebug-"));
  const args = ["gunicorn", "--workers", `${workers}`, ...(preload ? ["--preload"] : []), "service:app"];
  const [command, ...rest] = agent ? ["tracepointdebug-run", ...args] : args;
  const child = spawn(join(BIN, command as string), rest, {
    cwd: FOLDER,
    env: {
      ...process.env,
      PATH: `${BIN}:${process.env.PATH}`,
      TRACEPOINTDEBUG_NODE: process.execPath,
      XDG_STATE_HOME: state,
      ...env,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const found = /Listening at: (\S+)/.exec(text);
      if (found?.[1] !== undefined) resolve(found[1]);
    });
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`the service ended with ${code}: ${text.trim()}`)));
  });
  return {
    url,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(timer);
      if (state === env.XDG_STATE_HOME) return;
      await endHost(state);
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** Ends the host that keeps its files in this state folder: it would else wait a minute for another program. */
export async function endHost(state: string): Promise<void> {
  const lock = join(state, "tracepointdebug/host.sock.lock");
  if (!existsSync(lock)) return;
  const pid = Number.parseInt(readFileSync(lock, "utf8"), 10);
  if (!(pid > 0)) return;
  try {
    process.kill(pid, "SIGTERM");
    for (const end = Date.now() + STOP_MS; Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      process.kill(pid, 0);
    }
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

/** The file of Flask in .venv that dispatches requests: the demo must survive a new version of it and of Python. */
function flask(): string {
  const version = /^version = (\d+\.\d+)/m.exec(readFileSync(join(ROOT, ".venv/pyvenv.cfg"), "utf8"))?.[1];
  return join(ROOT, `.venv/lib/python${version}/site-packages/flask/app.py`);
}

/** Whether events came from all workers, and each text is like this. */
function texts(events: readonly ProbeEvent[], like: RegExp, workers = 1): string | null {
  const odd = events.find((event) => event.kind !== "log" || !like.test(event.text ?? ""));
  if (odd !== undefined) return `unexpected: ${odd.text ?? odd.cause?.message ?? odd.kind}`;
  const found = new Set(events.map((event) => event.agentId)).size;
  return found < workers ? `events came from ${found} of ${workers} workers` : null;
}

function snapshot(events: readonly ProbeEvent[], names: readonly string[]): string | null {
  const [first] = events;
  const found = first?.snapshot?.variables.map(([name]) => name) ?? [];
  const missing = names.filter((name) => !found.includes(name));
  if (first?.snapshot?.frames.length === 0) return "the stack is missing";
  return missing.length > 0 ? `variables ${missing.join(", ")} are missing of ${found.join(", ")}` : null;
}

/** Made late: it reads files of .venv. */
export const python = (): Scene => ({
  title: `Flask under gunicorn --preload, ${WORKERS} workers`,
  // The process that loads the program is one, too.
  agents: WORKERS + 1,
  probes: [
    {
      id: "service",
      title: "a conditional logpoint on a line of the service",
      kind: "logpoint",
      file: PYTHON_SERVICE,
      line: lineOf(PYTHON_SERVICE, "return jsonify(user="),
      condition: 'user.age >= 21 && total > 900.0 && "admin" in user.roles',
      template: "cart {{cart.id}} of {{user.name}} ({{user.age}}) has {{size(cart.items)}} items, {{total=}}",
      wrong: (events) =>
        texts(events, /^cart c\d+ of \w+ \(\d\d\) has [1-6] items, total=(9\d\d|\d{4})\.?\d*$/, WORKERS),
    },
    {
      id: "framework",
      title: "a conditional logpoint inside the framework, in site-packages",
      kind: "logpoint",
      file: flask(),
      line: lineOf(flask(), "self.view_functions[rule.endpoint])(**view_args)"),
      condition: 'rule.endpoint == "place_order" && className(self) == "Flask"',
      template: "flask calls {{rule.endpoint}} for {{rule.rule}}",
      wrong: (events) => texts(events, /^flask calls place_order for \/order$/),
    },
    {
      id: "method",
      title: "a tracepoint on a method",
      kind: "tracepoint",
      file: PYTHON_CART,
      line: lineOf(PYTHON_CART, "return round(net"),
      condition: "self.items.exists(i, i.price > 100.0) && net > 1000.0",
      wrong: (events) => snapshot(events, ["self", "discount", "rate", "net"]),
    },
    {
      id: "exit",
      title: "a logpoint at the exit of a method, with its result and how long it took",
      kind: "logpoint",
      file: PYTHON_CART,
      line: lineOf(PYTHON_CART, "def checkout"),
      at: "exit",
      condition: '@duration > duration("2ms") && @return.paid',
      template: "{{@method}} of {{user.name}} took {{@duration}}",
      wrong: (events) => texts(events, /^checkout of \w+ took \d+(\.\d+)?(ms|s)$/),
    },
  ],
  start: (env) => startPythonService(env, { preload: true, workers: WORKERS }),
});
