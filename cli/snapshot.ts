// A snapshot as text, until host/render.ts does it.
import type { Snapshot } from "../host/index.ts";

/** Frames, then variables as JSON. */
export function renderSnapshot(snapshot: Snapshot): string {
  const frames = snapshot.frames.map((frame) => `at ${frame.function} (${frame.file}:${frame.line}:${frame.column})`);
  const variables = snapshot.variables.map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return [...variables, ...frames].join("\n");
}
