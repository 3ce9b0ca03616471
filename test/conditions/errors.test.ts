import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CompileError } from "../../conditions/errors.ts";
import { parseCondition } from "../../conditions/parser.ts";
import { parseTemplate } from "../../conditions/template.ts";

/** One refused source, with everything that a person sees. */
interface Vector {
  readonly name: string;
  readonly source?: string;
  readonly template?: string;
  readonly code?: string;
  readonly at?: readonly [number, number];
  readonly message?: string;
  readonly snippet?: string;
  readonly remedy?: string;
}

const PATH = "test/vectors/errors.json";
const vectors = JSON.parse(readFileSync(PATH, "utf8")) as readonly Vector[];

function refusal(vector: Vector): Vector {
  const { name, source, template } = vector;
  try {
    if (template !== undefined) parseTemplate(template);
    else parseCondition(source!);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const { code, span, message, snippet, remedy } = error;
    const input = template === undefined ? { source: source! } : { template };
    return { name, ...input, code, at: [span.from, span.to], message, snippet, remedy };
  }
  throw new Error(`it parses: ${source ?? template}`);
}

const update = process.env.UPDATE_GOLDEN === "1";
const expected = update ? vectors.map(refusal) : vectors;
if (update) writeFileSync(PATH, `[\n${expected.map((vector) => `  ${JSON.stringify(vector)}`).join(",\n")}\n]\n`);

describe("a refused source", () => {
  it.each(expected.map((vector) => [vector.name, vector] as const))("explains %s", (_, vector) => {
    expect(refusal(vector)).toEqual(vector);
  });

  it("prints code, message, snippet and remedy", () => {
    let text = "";
    try {
      parseCondition("x = 1");
    } catch (error) {
      text = String(error);
    }
    expect(text).toBe("syntax: `=` does not compare\nx = 1\n  ^\nWrite `==` to compare; nothing can be assigned here.");
  });

  it("ends message and remedy as sentences do", () => {
    for (const vector of expected) {
      expect(vector.message).toMatch(/[^.]$/);
      expect(vector.remedy).toMatch(/^[A-Z`].*\.$/);
    }
  });
});
