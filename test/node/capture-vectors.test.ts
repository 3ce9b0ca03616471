// The shared vectors of capturing: tagged values (language.md, section 14) in, Captured out. Limits that are not named are the
// default ones. Bytes are written in base64; their class is the runtime's own and not compared.
import { expect, test } from "vitest";
import { captureSnapshot } from "../../bindings/node/capture.ts";
import { CAPTURE_LIMITS, type CaptureLimits } from "../../host/index.ts";
import { fromTagged } from "../../host/tagged.ts";
import vectors from "../vectors/capture.json" with { type: "json" };

interface Vector {
  readonly name: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly limits?: Partial<CaptureLimits>;
  readonly variables: unknown;
}

const neutral = (_: string, value: unknown): unknown => {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString("base64") };
  if (typeof value === "object" && value !== null && (value as { type?: unknown }).type === "bytes") {
    const { class: _class, ...rest } = value as { class?: unknown };
    return rest;
  }
  return value;
};

test.each((vectors as readonly Vector[]).map((vector) => [vector.name, vector] as const))("%s", (_name, vector) => {
  const { variables } = captureSnapshot(Object.keys(vector.vars), Object.values(vector.vars).map(fromTagged), {
    limits: { ...CAPTURE_LIMITS, frames: 0, ...vector.limits },
  });
  expect(JSON.parse(JSON.stringify(variables, neutral))).toEqual(vector.variables);
});
