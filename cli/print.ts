// What people read: events, states, errors, lists. Makes text only. Whatever comes from a program is stripped of control
// characters, because a terminal would obey them.
import { type Compiled, renderSnippet } from "../conditions/index.ts";
import {
  type AgentInfo,
  type Cause,
  type ProbeEvent,
  type ProbeSpec,
  type ProbeStatus,
  renderSnapshot,
} from "../host/index.ts";

/** Marks a word for the eye; without colours it stays as it is. */
export type Paint = (style: "bold" | "dim" | "red" | "green" | "yellow", text: string) => string;

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

/** Paints with colours or not at all. */
export function painter(colour: boolean): Paint {
  return colour ? (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m` : (_, text) => text;
}

/** Text that a terminal shows and does not obey: control characters as `\x1b`, line breaks and tabs kept. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

/** One record a line for programs; bytes as `{"base64": "..."}`. */
export function jsonLine(record: object): string {
  const text = JSON.stringify(record, (_, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value,
  );
  return `${text}\n`;
}

/** Every line moved to the right. */
export function indent(text: string, by = "  "): string {
  return text.replace(/^(?=.)/gm, by);
}

/** An error as people read it: what is wrong, where, what to do. */
export function causeText(cause: Cause): string {
  const lines = [`${cause.code}: ${cause.message}`];
  if (cause.snippet !== undefined) lines.push(cause.snippet);
  const details = cause.details ?? [];
  for (const detail of details.slice(0, 20)) lines.push(`  ${detail}`);
  if (details.length > 20) lines.push(`  ... and ${details.length - 20} more`);
  if (cause.remedy !== "") lines.push(cause.remedy);
  return printable(lines.join("\n"));
}

/** `12:03:04.123`, local time. */
export function clockTime(at: number): string {
  const time = new Date(at);
  const pad = (value: number, digits = 2) => String(value).padStart(digits, "0");
  return `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}.${pad(time.getMilliseconds(), 3)}`;
}

/** How long still, roughly: `29m`, `23h`, `40s`. */
export function left(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds}s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)}m` : `${Math.round(seconds / 3600)}h`;
}

/** A program as people know it. */
export function agentName(agent: AgentInfo): string {
  const thread = agent.threadId === 0 ? "" : ` thread ${agent.threadId}`;
  return printable(`${agent.app} (pid ${agent.pid}${thread} on ${agent.host})`);
}

/** One event, whole. */
export function eventText(event: ProbeEvent, paint: Paint): string {
  const place = printable(`${event.file}:${event.line}`);
  const head = `${paint("dim", clockTime(event.at))}  ${paint("bold", place)}`;
  if (event.kind === "log") {
    const cut = event.truncated ? paint("yellow", " (cut)") : "";
    return `${head}  ${continued(printable(event.text ?? ""))}${cut}${script(event, paint)}${despite(event, paint)}\n`;
  }
  if (event.kind === "error") {
    const text = event.cause === undefined ? printable(event.text ?? "") : causeText(event.cause);
    return `${head}  ${paint("red", "error")} at hit ${event.hit}${script(event, paint)}\n${indent(text)}\n`;
  }
  // The renderer has made the program's text harmless; what is left to obey are the colours.
  const body = event.snapshot === undefined ? "" : `${indent(renderSnapshot(event.snapshot, paint).trimEnd())}\n`;
  return `${head}  snapshot of ${event.probeId}, hit ${event.hit}${script(event, paint)}${despite(event, paint)}\n${body}`;
}

/** Text of the program's in which no line can pass for an event of its own. */
const continued = (text: string): string => text.replaceAll("\n", "\n    ");

/** Of a probe whose condition is a script: that not each hit was asked. */
function script(event: ProbeEvent, paint: Paint): string {
  return event.script ? paint("dim", " (script)") : "";
}

/** Of a probe that fires although its condition failed: with what. */
function despite(event: ProbeEvent, paint: Paint): string {
  return event.cause === undefined
    ? ""
    : paint("yellow", ` (although the condition failed: ${printable(event.cause.code)})`);
}

/** Where a probe stands in one program, in a line and, if something is wrong, the lines that say what to do. */
export function statusText(status: ProbeStatus, agent: AgentInfo | undefined, paint: Paint): string {
  const colour = status.state === "error" ? "red" : status.state === "pending" ? "yellow" : "green";
  const who = agent === undefined ? printable(status.agentId) : agentName(agent);
  const stands = status.state === "installed" || status.state === "emitting";
  const where = stands && status.file !== undefined ? ` at ${printable(`${status.file}:${status.line}`)}` : "";
  const engine = stands && status.engine !== undefined ? ` by ${printable(status.engine)}` : "";
  const note = status.note ? `\n${indent(printable(status.note))}` : "";
  const isNews =
    status.cause !== undefined &&
    (status.state === "error" || status.state === "expired" || status.state === "disabled");
  const why = isNews ? `\n${indent(causeText(status.cause!))}` : "";
  return `${paint(colour, status.state)}${where}${engine} in ${who}${note}${why}\n`;
}

/** A hint about an expression, with a caret. */
export function lintText({ code, message, from, to }: Compiled["lints"][number], source: string, paint: Paint): string {
  const snippet = printable(renderSnippet(source, { from, to }));
  return `${paint("yellow", "note")} ${code}: ${printable(message)}\n${indent(snippet)}`;
}

/** A probe in a line: what, where, on what condition. */
export function probeText(probe: ProbeSpec): string {
  const kind = probe.kind === "logpoint" ? "log " : "snap";
  const template = probe.template === undefined ? "" : ` ${JSON.stringify(probe.template)}`;
  const condition = probe.condition === undefined ? "" : ` if ${probe.condition}`;
  const tags = probe.tags.length === 0 ? "" : ` #${probe.tags.join(" #")}`;
  const at = probe.at === undefined || probe.at === "line" ? "" : ` at ${probe.at}`;
  return printable(`${kind} ${probe.file}:${probe.line}${at}${template}${condition}${tags}`);
}
