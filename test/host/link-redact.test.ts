// What is redacted once more where a snapshot arrives, and that the rest stays as it is.
import { describe, expect, it } from "vitest";
import type { Captured, Snapshot } from "../../host/captured.ts";
import { redactSnapshot } from "../../host/link/redact.ts";
import { makeRedact } from "../../host/redaction.ts";

const text = (value: string): Captured => ({ type: "string", value });
const GONE: Captured = { type: "omitted", omitted: "redacted" };
const of = (...variables: Snapshot["variables"]): Snapshot => ({ frames: [], variables, captureUs: 1 });

describe("a snapshot that arrives", () => {
  it("is the same object where nothing has to go", () => {
    const snapshot = of(
      [
        "user",
        {
          type: "object",
          fields: [
            ["name", text("Ada")],
            ["pin", GONE],
          ],
        },
      ],
      ["token", GONE],
    );
    expect(redactSnapshot(snapshot, makeRedact())).toBe(snapshot);
  });

  it.each<[string, Captured, Captured]>([
    ["a field", { type: "object", fields: [["ssn", text("1")]] }, { type: "object", fields: [["ssn", GONE]] }],
    [
      "an element",
      { type: "array", items: [{ type: "object", fields: [["ssn", text("1")]] }] },
      { type: "array", items: [{ type: "object", fields: [["ssn", GONE]] }] },
    ],
    ["an entry", { type: "map", entries: [[text("SSN"), text("1")]] }, { type: "map", entries: [[text("SSN"), GONE]] }],
    [
      "a key's field",
      { type: "map", entries: [[{ type: "object", fields: [["ssn", text("1")]] }, text("x")]] },
      { type: "map", entries: [[{ type: "object", fields: [["ssn", GONE]] }, text("x")]] },
    ],
    [
      "a cause",
      { type: "error", cause: { type: "error", fields: [["ssn", text("1")]] } },
      { type: "error", cause: { type: "error", fields: [["ssn", GONE]] } },
    ],
    [
      "what claims to be redacted and is not",
      { type: "object", fields: [["ssn", { type: "string", value: "1", omitted: "redacted" }]] },
      { type: "object", fields: [["ssn", GONE]] },
    ],
    [
      "a name that the program added",
      { type: "object", fields: [["IBAN", text("1")]] },
      { type: "object", fields: [["IBAN", GONE]] },
    ],
  ])("loses %s", (_, value, left) => {
    expect(redactSnapshot(of(["v", value]), makeRedact(["iban"]))).toEqual(of(["v", left]));
  });
});
