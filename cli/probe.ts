// `log` and `snap`: put a probe, wait for what the programs say to it, and print where it stands.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Compiled,
  type CompileOptions,
  compileCondition,
  compileTemplate,
  isScript,
  type ProbeLimits,
} from "../conditions/index.ts";
import {
  type AgentInfo,
  type Client,
  checkLimits,
  HOST_LIMITS,
  type ProbeSpec,
  type ProbeStatus,
  scriptNames,
} from "../host/index.ts";
import { type Command, Option } from "./arguments.ts";
import type { Act, Context } from "./context.ts";
import { duration, limit, place, positive, repeated, whole } from "./input.ts";
import { agentName, eventText, jsonLine, lintText, probeText, statusText } from "./print.ts";
import { EXIT } from "./terminal.ts";

interface ProbeOptions {
  readonly at: "line" | "entry" | "exit";
  readonly check: boolean;
  readonly if?: string;
  readonly hits: number;
  readonly expire: number;
  readonly tag?: readonly string[];
  readonly rate?: number;
  readonly limit?: Partial<ProbeLimits>;
  readonly onError: "skip" | "fire";
  readonly follow?: boolean;
  readonly keep?: boolean;
  readonly wait: number;
  readonly disabled?: boolean;
}

type Place = ReturnType<typeof place>;

/** Milliseconds that events may come after the news that their probe is over. */
const LAST_EVENTS_MS = 2000;

/** Adds both commands. */
export function addProbes(program: Command, act: Act): void {
  const log = program
    .command("log")
    .summary("put a logpoint: a log line, made on demand")
    .description(
      "Puts a logpoint: each hit that meets the condition logs the template, with {{expressions}} filled in.",
    )
    .argument("<place>", "FILE:LINE; the file may be the end of a path", place)
    .argument("<template>", "text with {{expression}} holes; {{expression=}} shows the expression, too")
    .action(
      act(async (context, at: Place, template: string, options: ProbeOptions) => {
        say(context, compileTemplate(template, compileOptions(at, options)));
        await check(context, at, options);
        return run(context, { ...specOf(at, options), kind: "logpoint", template }, options);
      }),
    );
  const snap = program
    .command("snap")
    .summary("put a tracepoint: a snapshot of stack and variables")
    .description("Puts a tracepoint: each hit that meets the condition takes a snapshot; the program is not stopped.")
    .argument("<place>", "FILE:LINE; the file may be the end of a path", place)
    .action(
      act(async (context, at: Place, options: ProbeOptions) => {
        await check(context, at, options);
        return run(context, { ...specOf(at, options), kind: "tracepoint" }, options);
      }),
    );
  for (const command of [log, snap]) {
    command
      .option(
        "--if <EXPR>",
        "condition: only hits for which it is true count; `js: ...` is a script, where the program allows it",
      )
      .option(
        "--hits <N>",
        "events after which the probe ends, in each program",
        whole(1, HOST_LIMITS.maxHitLimit),
        HOST_LIMITS.hitLimit,
      )
      .addOption(
        new Option("--expire <TIME>", "time after which the probe ends: 90s, 30m, 24h")
          .argParser(duration)
          .default(HOST_LIMITS.expireMs, "30m"),
      )
      .addOption(new Option("--tag <TAG>", "only in programs that have this tag; may be repeated").argParser(repeated))
      .option("--rate <N>", "events a second at most", positive)
      .addOption(
        new Option("--limit <NAME=N>", "limit of one evaluation, such as steps=5000; may be repeated").argParser(limit),
      )
      .addOption(
        new Option("--on-error <WHAT>", "what a hit does whose condition fails")
          .choices(["skip", "fire"])
          .default("skip"),
      )
      .addOption(
        new Option("--at <WHERE>", "before the line, or at entry or exit of the function that it is in (Python, Java)")
          .choices(["line", "entry", "exit"])
          .default("line"),
      )
      .option("--no-check", "put it though the program has another version of the file (.py) than is here")
      .option("--follow", "go on and print its events")
      .option("--keep", "leave the probe in place though a program refuses it")
      .option("--disabled", "put it switched off")
      .addOption(
        new Option("--wait <TIME>", "how long to wait for the programs to answer")
          .argParser(duration)
          .default(3000, "3s"),
      );
  }
}

/** Refuses a wrong condition before any program sees it. */
async function check(context: Context, at: Place, options: ProbeOptions): Promise<void> {
  const { if: condition } = options;
  if (condition === undefined) return;
  if (isScript(condition)) await scriptNames(condition);
  else say(context, compileCondition(condition, compileOptions(at, options)));
}

/** As the program that has such a file will compile it. */
function compileOptions({ file }: Place, { at, limit }: ProbeOptions): CompileOptions {
  const target = file.endsWith(".py") ? "python" : file.endsWith(".java") ? "java" : "node";
  return { target, place: at === "exit" ? "exit" : "line", limits: limit ?? {} };
}

/** What is allowed and most likely not meant. */
function say(context: Context, { source, lints }: Compiled): void {
  for (const lint of lints) context.say(lintText(lint, source, context.paint));
}

/** SHA-256 of a Python file that is here under this path; the sources of Node programs differ from their files by source maps. */
function hashOf({ file }: Place): string | null {
  if (!file.endsWith(".py")) return null;
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex");
  } catch {
    return null; // It need not be here at all.
  }
}

function specOf(place: Place, options: ProbeOptions): Omit<ProbeSpec, "kind" | "template"> {
  const fileHash = options.check ? hashOf(place) : null;
  return {
    id: newId(),
    ...place,
    ...(options.at === "line" ? {} : { at: options.at }),
    ...(fileHash === null ? {} : { fileHash }),
    hitLimit: options.hits,
    expiresAt: Date.now() + options.expire,
    enabled: options.disabled !== true,
    tags: options.tag ?? [],
    onError: options.onError,
    ...(options.if === undefined ? {} : { condition: options.if }),
    ...(options.rate === undefined ? {} : { rate: options.rate }),
    ...(options.limit === undefined ? {} : { limits: options.limit }),
  };
}

/** Eight letters and digits that are not mistaken for each other: short enough to type. */
function newId(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  return Array.from(randomBytes(8), (byte) => alphabet[byte % alphabet.length]).join("");
}

async function run(context: Context, probe: ProbeSpec, options: ProbeOptions): Promise<number> {
  // As each program will, but before one is there.
  checkLimits(probe, Date.now());
  const answers = new Map<string, ProbeStatus>();
  let news = () => {};
  let over: (code: number) => void = () => {};
  let following = false;
  const ended = new Promise<number>((resolve) => {
    over = resolve;
  });
  let seen = 0;
  const client = await context.connect({
    onEvent(event) {
      context.record(event, eventText(event, context.paint));
      seen++;
      news();
    },
    onStatus(status) {
      const before = answers.get(status.agentId)?.state;
      answers.set(status.agentId, status);
      news();
      if (!following) return;
      if (context.json) context.terminal.out(jsonLine(status));
      else if (status.state !== before) context.say(stateOf(context, status, client.agents).trimEnd());
      if (isOver(client, probe, answers)) over(EXIT.ok);
    },
    onAgents: () => news(),
    onClose: (error) => {
      if (error !== null) over(context.fail(error));
    },
  });
  /** A broker tells what it has stored: the last events may come after the news that the probe is over. */
  const lastEvents = async () => {
    const timeout = delay(LAST_EVENTS_MS, undefined, { ref: false });
    while (seen < firedBy(answers)) {
      const change = new Promise<"news">((resolve) => {
        news = () => resolve("news");
      });
      if ((await Promise.race([change, timeout])) !== "news") return;
    }
  };
  try {
    await client.subscribe({ probeId: probe.id });
    await client.put(probe);
    const waiting = () => meant(client.agents, probe).filter((agent) => !hasAnswered(answers.get(agent.agentId)));
    const timeout = delay(options.wait, "timeout" as const, { ref: false });
    while (waiting().length > 0) {
      const change = new Promise<void>((resolve) => {
        news = resolve;
      });
      const first = await Promise.race([change, timeout, context.terminal.interrupted, ended]);
      if (typeof first === "number") return first;
      if (first === "timeout") break;
    }
    const failed = report(context, probe, answers, client.agents);
    if (failed) {
      if (!options.keep) {
        await client.remove(probe.id);
        context.say(`Probe ${probe.id} was removed again; --keep leaves it.`);
      }
      return EXIT.failed;
    }
    if (!options.follow) return EXIT.ok;
    following = true;
    const code = isOver(client, probe, answers) ? EXIT.ok : await Promise.race([ended, context.terminal.interrupted]);
    if (code === EXIT.ok) await lastEvents();
    return code;
  } finally {
    await client.close();
  }
}

/** Events that the programs have sent, as far as they have told. */
function firedBy(answers: ReadonlyMap<string, ProbeStatus>): number {
  return [...answers.values()].reduce((sum, { counts }) => sum + (counts ? counts.fired - counts.dropped : 0), 0);
}

function meant(agents: readonly AgentInfo[], { tags }: ProbeSpec): AgentInfo[] {
  return agents.filter((agent) => tags.length === 0 || tags.some((tag) => agent.tags.includes(tag)));
}

function hasAnswered(status: ProbeStatus | undefined): boolean {
  return status !== undefined && status.state !== "received";
}

/** Ended by the broker, or in each program that it is meant for. */
function isOver(client: Client, probe: ProbeSpec, answers: ReadonlyMap<string, ProbeStatus>): boolean {
  const ended = (status: ProbeStatus | undefined) => status?.state === "expired" || status?.state === "removed";
  if ([...answers.values()].some((status) => status.agentId === "broker" && ended(status))) return true;
  const agents = meant(client.agents, probe);
  return agents.length > 0 && agents.every(({ agentId }) => ended(answers.get(agentId)));
}

function stateOf(context: Context, status: ProbeStatus, agents: readonly AgentInfo[]): string {
  return statusText(
    status,
    agents.find(({ agentId }) => agentId === status.agentId),
    context.paint,
  );
}

/** Prints what the programs answered. true: no program has it, and at least one refused it. */
function report(
  context: Context,
  probe: ProbeSpec,
  answers: ReadonlyMap<string, ProbeStatus>,
  agents: readonly AgentInfo[],
): boolean {
  const { terminal, paint, json } = context;
  const statuses = [...answers.values()].filter(({ agentId }) => agentId !== "broker");
  const stands = statuses.some(({ state }) => state === "installed" || state === "emitting" || state === "disabled");
  const failed = !stands && statuses.some(({ state }) => state === "error");
  if (json) {
    terminal.out(jsonLine({ type: "probe", probe, statuses, failed }));
    return failed;
  }
  terminal.out(`${paint("bold", probe.id)}  ${probeText(probe)}\n`);
  for (const status of statuses) {
    const text = `  ${stateOf(context, status, agents).trimEnd().replaceAll("\n", "\n  ")}\n`;
    if (status.state === "error") terminal.err(text);
    else terminal.out(text);
  }
  const silent = meant(agents, probe).filter(({ agentId }) => !answers.has(agentId));
  for (const agent of silent) terminal.out(`  no answer yet from ${agentName(agent)}\n`);
  if (meant(agents, probe).length === 0) {
    terminal.out("  No program is connected that it is meant for; it waits for one.\n");
  }
  return failed;
}
