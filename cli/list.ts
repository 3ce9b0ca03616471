// `list`: all probes and where they stand in each program.
import type { Listing, ProbeCounts } from "../host/index.ts";
import type { Command } from "./arguments.ts";
import type { Act, Context } from "./context.ts";
import { agentName, jsonLine, left, probeText, statusText } from "./print.ts";
import { EXIT } from "./terminal.ts";

/** Adds the command. */
export function addList(program: Command, act: Act): void {
  program
    .command("list")
    .summary("list probes and programs")
    .description("Lists all probes with their state and counts in each program, and the programs that are connected.")
    .action(act(run));
}

async function run(context: Context): Promise<number> {
  const client = await context.connect();
  const listing = await client.list();
  await client.close();
  if (context.json) {
    for (const { probe, statuses } of listing.probes) {
      context.terminal.out(jsonLine({ type: "probe", probe, statuses }));
    }
    for (const agent of listing.agents) context.terminal.out(jsonLine({ type: "agent", ...agent }));
    context.terminal.out(
      jsonLine({ type: "broker", refused: listing.refused, statusesOmitted: listing.statusesOmitted }),
    );
  } else context.terminal.out(listText(context, listing));
  return EXIT.ok;
}

function listText({ paint }: Context, { probes, agents, statusesOmitted, refused }: Listing): string {
  const lines: string[] = [];
  if (probes.length === 0) lines.push("no probes");
  for (const { probe, statuses } of probes) {
    const off = probe.enabled ? "" : paint("yellow", "off, ");
    lines.push(
      `${paint("bold", probe.id)}  ${probeText(probe)}  (${off}ends in ${left(probe.expiresAt - Date.now())})`,
    );
    for (const status of statuses) {
      const agent = agents.find(({ agentId }) => agentId === status.agentId);
      lines.push(`    ${statusText(status, agent, paint).trimEnd().replaceAll("\n", "\n    ")}`);
      if (status.counts !== undefined) lines.push(`      ${countsText(status.counts, probe.hitLimit)}`);
    }
    if (statuses.length === 0) lines.push(paint("dim", "    in no program yet"));
  }
  if (statusesOmitted > 0) lines.push(`${statusesOmitted} states had no room in the answer`);
  lines.push("");
  lines.push(agents.length === 0 ? "no programs connected" : `${agents.length} connected:`);
  for (const agent of agents) {
    const tags = agent.tags.length === 0 ? "" : ` #${agent.tags.join(" #")}`;
    lines.push(`    ${agentName(agent)}, ${agent.runtime}${tags}`);
  }
  const causes = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
  if (causes.length > 0) lines.push(`refused by the broker since it started: ${causes.join(", ")}`);
  return `${lines.join("\n")}\n`;
}

/** Counts that are not zero; they add up to the hits. */
function countsText(counts: ProbeCounts, hitLimit: number): string {
  const parts = [
    [counts.conditionFalse, "condition false"],
    [counts.conditionError, "condition failed"],
    [counts.rateLimited, "over the rate"],
    [counts.notAsked ?? 0, "of these not asked: script"],
    [counts.notDue, "not due"],
    [counts.dropped, "events lost: queue full"],
  ] as const;
  const rest = parts.filter(([count]) => count > 0).map(([count, what]) => `, ${count} ${what}`);
  return `reached ${counts.reached}, fired ${counts.fired} of ${hitLimit}${rest.join("")}`;
}
