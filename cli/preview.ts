// `preview`: a condition or template over snapshots that were recorded: how often it would have fired, and what it would have cost.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Guest, type Preview, ProtocolError, preview, type Snapshot } from "../host/index.ts";
import type { Command } from "./arguments.ts";
import { compileAs } from "./compile.ts";
import type { Act, Context } from "./context.ts";
import { whole } from "./input.ts";
import { indent, printable } from "./print.ts";
import { EXIT } from "./terminal.ts";

interface PreviewOptions {
  readonly events?: string;
  readonly probe?: string;
  readonly last: number;
  readonly template?: boolean;
}

/** Adds the command. */
export function addPreview(program: Command, act: Act): void {
  program
    .command("preview")
    .summary("run a condition over recorded snapshots")
    .description(
      "Runs a condition over recorded snapshots, as a probe would have: how often it fires, how it fails, what it costs, and\nwhat it reads that was not recorded.",
    )
    .argument("<expr>", "the condition")
    .option("--events <FILE>", "file with events as `tail --json` prints them; - is the standard input")
    .option("--probe <ID>", "stored snapshots of this probe, from the broker")
    .option("--last <N>", "at most so many stored snapshots", whole(1, 10_000), 1000)
    .option("--template", "it is a log template")
    .action(act(run));
}

async function run(context: Context, source: string, options: PreviewOptions): Promise<number> {
  const compiled = compileAs(source, options);
  if ((options.events === undefined) === (options.probe === undefined)) {
    throw new ProtocolError(
      "no_events",
      "it is not said which snapshots to use",
      "Give either --events FILE (from `tail --json`) or --probe ID.",
    );
  }
  const snapshots =
    options.events === undefined
      ? await storedSnapshots(context, options.probe as string, options.last)
      : await snapshotsIn(options.events);
  if (snapshots.length === 0) {
    throw new ProtocolError(
      "no_snapshots",
      "there are no snapshots among these events",
      "Record some with `tracepointdebug snap FILE:LINE`.",
    );
  }
  const found = preview(new Guest(), compiled, snapshots);
  context.record({ type: "previewed", entry: compiled.entry, ...found }, text(found));
  return EXIT.ok;
}

async function storedSnapshots(context: Context, probeId: string, last: number): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  let left = Number.POSITIVE_INFINITY;
  let done: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  let seen = 0;
  const client = await context.connect({
    onEvent({ snapshot }) {
      seen++;
      if (snapshot !== undefined && seen <= left) snapshots.push(snapshot);
      if (seen >= left) done();
    },
    onClose: () => done(),
  });
  try {
    const { replaying } = await client.subscribe({ probeId, replay: last });
    left = replaying;
    if (seen < left) await Promise.race([all, context.terminal.interrupted]);
  } finally {
    await client.close();
  }
  return snapshots;
}

async function snapshotsIn(file: string): Promise<Snapshot[]> {
  const input = file === "-" ? process.stdin : createReadStream(file, "utf8");
  const snapshots: Snapshot[] = [];
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() === "") continue;
    const { snapshot } = parse(line, number);
    if (snapshot !== undefined) snapshots.push(snapshot);
  }
  return snapshots;
}

/** One line as `tail --json` prints it; bytes stand as base64. */
function parse(line: string, number: number): { readonly snapshot?: Snapshot } {
  let record: { readonly snapshot?: Partial<Snapshot> } | null;
  try {
    record = JSON.parse(line, (_, value) =>
      typeof value?.base64 === "string" && Object.keys(value).length === 1
        ? Buffer.from(value.base64, "base64")
        : value,
    );
  } catch (error) {
    throw new ProtocolError(
      "wrong_json",
      `line ${number} of the events is not JSON: ${error instanceof Error ? error.message : error}`,
      "Give lines as `tail --json` prints them.",
      { cause: error },
    );
  }
  if (record?.snapshot === undefined) return {};
  if (!Array.isArray(record.snapshot.variables)) {
    throw new ProtocolError(
      "wrong_event",
      `line ${number} of the events has a snapshot without variables`,
      "Give lines as `tail --json` prints them.",
    );
  }
  return { snapshot: record.snapshot as Snapshot };
}

function text({ snapshots, fired, errors, steps, missing, texts }: Preview): string {
  const lines = [`fired on ${fired} of ${snapshots} snapshots`];
  if (steps !== null) lines.push(`steps    median ${steps.median}, at most ${steps.max}`);
  for (const { error, count, message, snippet, remedy } of errors)
    lines.push(`${error} on ${count} of ${snapshots}: ${message}`, indent(`${snippet}\n${remedy}`));
  for (const { path, reason, count } of missing) {
    const why = reason === "absent" ? "no such variable" : `left out: ${reason}`;
    lines.push(`not recorded: ${path} (${why}) in ${count} of ${snapshots}`);
  }
  for (const line of texts) lines.push(`  ${line}`);
  return `${printable(lines.join("\n"))}\n`;
}
