// `tail`: prints events as they come, and comes back by itself when the broker does.
import { type ProbeState, TransportError } from "../host/index.ts";
import type { Command } from "./arguments.ts";
import type { Act, Context } from "./context.ts";
import { whole } from "./input.ts";
import { eventText, jsonLine, statusText } from "./print.ts";
import { EXIT } from "./terminal.ts";

interface TailOptions {
  readonly replay?: number;
  readonly probe?: string;
  readonly count?: number;
}

/** Adds the command. */
export function addTail(program: Command, act: Act): void {
  program
    .command("tail")
    .summary("print events as they come")
    .description("Prints log lines and snapshots as they come, until it is interrupted.")
    .option("--replay <N>", "first print so many of the events that are stored", whole(0, 1_000_000))
    .option("--probe <ID>", "only those of this probe")
    .option("-n, --count <N>", "end after so many events", whole(1, 1_000_000_000))
    .action(act(run));
}

/** Milliseconds between two attempts to find the broker again. */
const RETRY_MS = 500;

async function run(context: Context, options: TailOptions): Promise<number> {
  let lastSeq: number | undefined;
  let events = 0;
  let isLost = false;
  for (;;) {
    let end: (outcome: number | "lost") => void = () => {};
    const ended = new Promise<number | "lost">((resolve) => {
      end = resolve;
    });
    const states = new Map<string, ProbeState>();
    try {
      const client = await context.connect({
        onEvent(event) {
          if (options.count !== undefined && events >= options.count) return;
          lastSeq = event.seq ?? lastSeq;
          context.record(event, eventText(event, context.paint));
          if (++events === options.count) end(EXIT.ok);
        },
        onStatus(status) {
          if (context.json) context.terminal.out(jsonLine(status));
          // Statuses come every few seconds with new counts; people want to know what changed.
          const key = `${status.probeId} ${status.agentId}`;
          if (states.get(key) === status.state) return;
          states.set(key, status.state);
          const agent = client.agents.find(({ agentId }) => agentId === status.agentId);
          context.say(`${context.paint("dim", status.probeId)} ${statusText(status, agent, context.paint).trimEnd()}`);
        },
        onClose: (error) => end(error === null ? EXIT.ok : "lost"),
      });
      if (isLost) context.say("The broker is back.");
      const probeId = options.probe === undefined ? {} : { probeId: options.probe };
      const from = lastSeq === undefined ? replayOf(options) : { afterSeq: lastSeq };
      const { missed } = await client.subscribe({ ...probeId, ...from });
      if (missed > 0) context.say(`${missed} events in between are no longer kept.`);
      const outcome = await Promise.race([ended, context.terminal.interrupted]);
      await client.close();
      if (outcome !== "lost") return outcome;
    } catch (error) {
      // Only a connection that stood before is waited for.
      if (!isLost || !(error instanceof TransportError)) return context.fail(error);
    }
    if (!isLost) context.say("The connection to the broker is lost; waiting for it to come back.");
    isLost = true;
    const retry = new Promise<"retry">((resolve) => setTimeout(() => resolve("retry"), RETRY_MS));
    const next = await Promise.race([retry, context.terminal.interrupted]);
    if (next !== "retry") return next;
  }
}

function replayOf({ replay }: TailOptions): { replay?: number } {
  return replay === undefined ? {} : { replay };
}
