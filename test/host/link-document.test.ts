// docs/protocol.md is true: it names every message, every field of the golden frames, every limit with its value, and every refusal.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LINK_LIMITS } from "../../host/link/limits.ts";
import { FROM_BINDING, FROM_HOST } from "./link-golden.ts";

const document = readFileSync("docs/protocol.md", "utf8");
const schema = /```cddl\n([\s\S]*?)```/.exec(document)?.[1] ?? "";
const ROWS = document.split("\n").filter((line) => line.startsWith("| `"));

/** The text of a rule. */
const rule = (name: string) =>
  new RegExp(`^${name} = ([\\s\\S]*?)(?=^[a-z-]+ = |^;|\\Z)`, "m").exec(`${schema}\nend = `)?.[1] ?? "";

describe("the document of the link", () => {
  it.each([...FROM_BINDING, ...FROM_HOST].map(([id, message]) => ({ id, message })))(
    "has the fields of: $id",
    ({ message }) => {
      const words = rule(message.type);
      expect(words).toContain(`type: "${message.type}"`);
      for (const field of Object.keys(message)) expect(words, field).toMatch(new RegExp(`\\b${field}:`));
    },
  );

  it("has every limit with its value", () => {
    const found = ROWS.flatMap((row) => {
      const [names, values] = row.split("|").slice(1, 3) as [string, string];
      const figures = values.split(/, /).map((value) => Number(value.trim().replaceAll(",", "")));
      return [...names.matchAll(/`(\w+)`/g)].map(([, name], i) => [name as string, figures[i]] as const);
    });
    expect(Object.fromEntries(found.filter(([name]) => Object.hasOwn(LINK_LIMITS, name)))).toEqual(LINK_LIMITS);
  });

  it("has every code that ends a connection", () => {
    const sources = ["session", "handshake", "peer", "server", "frames"].map((file) =>
      readFileSync(`host/link/${file}.ts`, "utf8"),
    );
    const codes = sources.flatMap((text) =>
      [...text.matchAll(/new ProtocolError\(\s*"(\w+)"/g)].map(([, code]) => code),
    );
    expect(codes.length).toBeGreaterThan(7);
    const named = ROWS.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, code]) => code));
    expect(named).toEqual(expect.arrayContaining(codes));
  });
});
