// `rm`, `enable`, `disable`: change probes that exist, by id or by the beginning of one.
import { type Client, type ProbeListing, ProtocolError } from "../host/index.ts";
import type { Command } from "./arguments.ts";
import type { Act, Context } from "./context.ts";
import { EXIT } from "./terminal.ts";

/** Adds the three commands. */
export function addChanges(program: Command, act: Act): void {
  const changes = [
    ["rm", "removed", "remove probes", (client: Client, id: string) => client.remove(id)],
    ["enable", "enabled", "switch probes on", (client: Client, id: string) => client.enable(id, true)],
    ["disable", "disabled", "switch probes off", (client: Client, id: string) => client.enable(id, false)],
  ] as const;
  for (const [name, done, summary, change] of changes) {
    program
      .command(name)
      .summary(summary)
      .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}, by id or by the beginning of one.`)
      .argument("[ids...]", "ids, as printed by `log`, `snap` and `list`")
      .option("--all", "all probes")
      .option("--tag <TAG>", "those with this tag")
      .action(
        act((context, ids: readonly string[], options: ChangeOptions) => run(context, ids, options, done, change)),
      );
  }
}

interface ChangeOptions {
  readonly all?: boolean;
  readonly tag?: string;
}

async function run(
  context: Context,
  ids: readonly string[],
  options: ChangeOptions,
  done: string,
  change: (client: Client, id: string) => Promise<void>,
): Promise<number> {
  if (ids.length === 0 && options.all !== true && options.tag === undefined) {
    context.terminal.err("error: name at least one probe, or use --all or --tag\n");
    return EXIT.usage;
  }
  const client = await context.connect();
  let code: number = EXIT.ok;
  try {
    const { probes } = await client.list();
    const chosen = probes.filter(({ probe }) => options.all || probe.tags.includes(options.tag ?? ""));
    const wanted = new Set(chosen.map(({ probe }) => probe.id));
    for (const id of ids) {
      try {
        wanted.add(resolve(id, probes));
      } catch (error) {
        code = context.fail(error);
      }
    }
    if (wanted.size === 0 && code === EXIT.ok) context.say("no such probes");
    for (const id of wanted) {
      await change(client, id);
      context.record({ type: done, probeId: id }, `${done} ${id}\n`);
    }
  } finally {
    await client.close();
  }
  return code;
}

/** An id, or the one that begins like this. */
function resolve(text: string, probes: readonly ProbeListing[]): string {
  const ids = probes.map(({ probe }) => probe.id);
  if (ids.includes(text)) return text;
  const found = ids.filter((id) => id.startsWith(text));
  if (found.length === 1) return found[0]!;
  throw new ProtocolError(
    found.length === 0 ? "no_such_probe" : "ambiguous",
    found.length === 0 ? `there is no probe ${text}` : `${text} may be any of ${found.join(", ")}`,
    found.length === 0 ? "See `tracepointdebug list`; a probe that has expired is gone." : "Give more of the id.",
  );
}
