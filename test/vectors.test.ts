// Runs the shared vectors through the compiler, the reader of JavaScript values and the guest: every file of vectors that have an
// expression or a template.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { evaluateTagged } from "../host/evaluate.ts";
import { Guest } from "../host/guest.ts";
import { fromTagged, type Tagged } from "../host/tagged.ts";

interface Vector {
  readonly name: string;
  readonly expr?: string;
  readonly template?: string;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly value?: Tagged;
  readonly text?: string;
  readonly truncated?: true;
  readonly error?: string;
  readonly at?: readonly [number, number];
}

const guest = new Guest();

/** `fold` false: the engine answers also where the compiler could have. */
function outcomeOf(vector: Vector, fold = true) {
  const source = vector.expr === undefined ? { template: vector.template as string } : { expr: vector.expr };
  return evaluateTagged(guest, source, vector.vars ?? {}, { fold });
}

const folder = new URL("./vectors/", import.meta.url);
const files = readdirSync(folder)
  .map((file): [string, readonly Vector[]] => [
    file.replace(/\.json$/, ""),
    JSON.parse(readFileSync(new URL(file, folder), "utf8")),
  ])
  // The frames of the link are no expressions, and no list.
  .filter(([, vectors]) => Array.isArray(vectors));

describe.each(files.filter(([, [first]]) => first?.expr !== undefined || first?.template !== undefined))(
  "%s",
  (_, vectors) => {
    const cases = vectors.flatMap((vector) => [
      [vector.name, vector, true] as const,
      [`${vector.name}, unfolded`, vector, false] as const,
    ]);
    test.each(cases)("%s", (_, vector, fold) => {
      const { steps, ...outcome } = outcomeOf(vector, fold);
      if (vector.error === undefined) {
        const { name, expr, template, vars, ...wanted } = vector;
        expect(outcome).toEqual(wanted);
        expect(steps).toBeGreaterThanOrEqual(0);
      } else {
        expect(outcome).toMatchObject({ error: vector.error });
        // The range as text, so that a failure shows what was meant.
        const source = vector.expr ?? vector.template ?? "";
        const [from, to] = (outcome as { at: readonly [number, number] }).at;
        expect(source.slice(from, to)).toBe(source.slice(...(vector.at as [number, number])));
        expect([from, to]).toEqual(vector.at);
      }
    });

    test("have names of their own and one answer each", () => {
      expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
      for (const vector of vectors) {
        const answers = [vector.value, vector.text, vector.error].filter((answer) => answer !== undefined);
        expect(answers.length, vector.name).toBe(1);
      }
    });

    test("spend the same steps every time", () => {
      for (const vector of vectors) expect(outcomeOf(vector).steps, vector.name).toBe(outcomeOf(vector).steps);
    });
  },
);

describe("what goes in comes out", () => {
  const inputs = files.flatMap(([, vectors]) => vectors).filter(({ name }) => name?.startsWith("the variable holds"));
  test.each(inputs.map(({ name, vars }) => [name, vars?.x] as const))("%s", (_, tagged) => {
    expect(evaluateTagged(guest, { expr: "x" }, { x: tagged })).toMatchObject({ value: tagged });
    expect(evaluateTagged(guest, { expr: "[x][0]" }, { x: tagged })).toMatchObject({ value: tagged });
    expect(() => fromTagged(tagged)).not.toThrow();
  });
});
