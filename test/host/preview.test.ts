import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileCondition, compileTemplate, compileValue } from "../../conditions/index.ts";
import type { Captured, Snapshot } from "../../host/captured.ts";
import { Guest } from "../../host/guest.ts";
import { missingPaths } from "../../host/missing.ts";
import { UNAVAILABLE } from "../../host/placement.ts";
import { preview } from "../../host/preview.ts";
import { recordedValues } from "../../host/recorded.ts";
import { fromTagged, toTagged } from "../../host/tagged.ts";

/** The vectors, bytes as bytes. */
const vectors = JSON.parse(readFileSync("test/vectors/capture.json", "utf8"), (_, value) =>
  typeof value?.base64 === "string" ? new Uint8Array(Buffer.from(value.base64, "base64")) : value,
);

type Variables = readonly (readonly [string, Captured])[];
interface CaptureVector {
  readonly name: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly variables: Variables;
}

const guest = new Guest();
const snapshot = (variables: Variables): Snapshot => ({ frames: [], variables, captureUs: 1 });

/** What an expression gives over values: the tagged result or the error. */
function resultOf(source: string, values: ReadonlyMap<string, unknown>) {
  const loaded = guest.load(compileValue(source));
  try {
    const inputs = loaded.compiled.projection.roots.map(
      ({ key }) => values.get(String(key)) ?? (values.has(String(key)) ? null : UNAVAILABLE),
    );
    return toTagged(guest.memory, loaded.evaluate(...inputs));
  } finally {
    loaded.close();
  }
}

const isCut = (captured: Captured): boolean =>
  captured.omitted !== undefined ||
  [...(captured.items ?? []), ...(captured.fields ?? []).map(([, value]) => value)].some(isCut) ||
  (captured.entries ?? []).some(([, value]) => isCut(value));

describe("a recorded value", () => {
  // A typed array is recorded as its numbers, and a recorded type or duration is not JavaScript's.
  const whole = (vectors as unknown as CaptureVector[]).filter(({ variables }) =>
    variables.every(([, v]) => !isCut(v)),
  );

  test.each(whole.map((vector) => [vector.name, vector] as const))("is what it was: %s", (_, { vars, variables }) => {
    const natural = new Map(Object.entries(vars).map(([name, tagged]) => [name, fromTagged(tagged)]));
    for (const [name] of variables) {
      if (!natural.has(name)) continue;
      expect(resultOf(name, recordedValues(variables))).toEqual(resultOf(name, natural));
    }
  });

  test("that was cut never gives a wrong answer", () => {
    const list: Captured = {
      type: "array",
      class: "Array",
      items: [
        { type: "number", value: 1 },
        { type: "number", value: 2 },
      ],
      size: 500,
      omitted: "items",
    };
    const values = recordedValues([
      ["list", list],
      ["text", { type: "string", value: "abc", size: 900, omitted: "length" }],
      [
        "object",
        { type: "object", class: "A", fields: [["a", { type: "number", value: 1 }]], size: 30, omitted: "fields" },
      ],
      ["secret", { type: "omitted", omitted: "redacted" }],
      ["lazy", { type: "omitted", omitted: "getter" }],
      ["deep", { type: "object", class: "B", fields: [["inner", { type: "omitted", omitted: "depth", class: "C" }]] }],
      ["bytes", { type: "bytes", class: "Buffer", value: Uint8Array.of(1), size: 9, omitted: "length" }],
    ]);
    const answers: Readonly<Record<string, object>> = {
      "list.size()": { int: "500" },
      "list.exists(x, x == 2.0)": { bool: true },
      "list.exists(x, x == 3.0)": { error: "truncated" },
      "list.all(x, x < 2.0)": { bool: false },
      "list.all(x, x < 9.0)": { error: "truncated" },
      "list[1]": { double: 2 },
      "list[300]": { error: "truncated" },
      "text.startsWith('ab')": { bool: true },
      "text.startsWith('b')": { bool: false },
      "text.startsWith('abcd')": { error: "truncated" },
      "text == 'abd'": { bool: false },
      "text == 'abc'": { bool: false },
      "text == 'abcd'": { error: "truncated" },
      "size(text)": { error: "truncated" },
      "object.a": { double: 1 },
      "object.b": { error: "truncated" },
      "object.size()": { int: "30" },
      secret: { error: "redacted" },
      lazy: { error: "side_effect" },
      "deep.inner.x": { error: "truncated" },
      "size(bytes)": { int: "9" },
      "bytes == b'a'": { bool: false },
      missing: { error: "undeclared" },
    };
    for (const [source, wanted] of Object.entries(answers)) {
      expect(resultOf(source, values), source).toEqual(wanted);
    }
  });

  test("may contain itself", () => {
    const cycle: Captured = {
      type: "object",
      id: 1,
      class: "Node",
      fields: [
        ["self", { type: "ref", value: 1 }],
        ["n", { type: "number", value: 7 }],
      ],
    };
    expect(resultOf("a.self.self.n", recordedValues([["a", cycle]]))).toEqual({ double: 7 });
  });
});

describe("a preview", () => {
  const order = (total: number | null, items: Captured = { type: "array", class: "Array", items: [] }): Snapshot =>
    snapshot([
      [
        "order",
        {
          type: "object",
          class: "Order",
          fields: [["total", total === null ? { type: "null" } : { type: "number", value: total }]],
        },
      ],
      ["items", items],
    ]);

  test("counts what fires, what does not, and each failure with its place", () => {
    const found = preview(guest, compileCondition("order.total > 10.0"), [
      order(5),
      order(50),
      order(500),
      order(null),
      snapshot([]),
    ]);
    expect(found).toMatchObject({ snapshots: 5, fired: 2, notFired: 1, texts: [] });
    expect(found.errors.map(({ error, at, count }) => [error, at, count])).toEqual([
      ["no_such_overload", [0, 18], 1],
      ["undeclared", [0, 5], 1],
    ]);
    expect(found.errors[0]?.snippet).toContain("^");
    expect(found.missing).toEqual([{ path: "order", reason: "absent", count: 1 }]);
    expect(found.steps?.median).toBeLessThanOrEqual(found.steps?.max ?? 0);
  });

  test("says which paths were not recorded whole", () => {
    const cut: Captured = {
      type: "array",
      class: "Array",
      items: [{ type: "omitted", omitted: "depth", class: "Item" }],
      size: 200,
      omitted: "items",
    };
    const found = preview(guest, compileCondition("items.exists(i, i.price > 1.0)"), [
      order(1, cut),
      order(1, cut),
      order(1),
    ]);
    expect(found.errors).toMatchObject([{ error: "truncated", count: 2 }]);
    expect(found.missing).toEqual([{ path: "items[*]", reason: "items", count: 2 }]);
  });

  test("renders a template", () => {
    const found = preview(guest, compileTemplate("total {{order.total}}"), [order(5), order(6)]);
    expect(found).toMatchObject({ fired: 2, texts: ["total 5", "total 6"] });
  });

  test.each<[string, string, Captured, object[]]>([
    [
      "a text that is cut before a constant decides",
      "v == 'abcdef'",
      { type: "string", value: "abc", size: 9, omitted: "length" },
      [{ path: "v", reason: "length" }],
    ],
    [
      "not where the constant decides",
      "v.startsWith('ab')",
      { type: "string", value: "abc", size: 9, omitted: "length" },
      [],
    ],
    [
      "a field that was cut away",
      "v.b == 1",
      { type: "object", class: "A", fields: [], size: 9, omitted: "fields" },
      [{ path: "v.b", reason: "fields" }],
    ],
    ["not a field that never was", "v.b == 1", { type: "object", class: "A", fields: [] }, []],
    [
      "not the contents where the size is asked",
      "size(v) > 1",
      { type: "array", class: "Array", items: [], size: 9, omitted: "items" },
      [],
    ],
    [
      "what is below a whole value",
      "v == [[1]]",
      { type: "array", class: "Array", items: [{ type: "omitted", omitted: "depth" }] },
      [{ path: "v[*]", reason: "depth" }],
    ],
    [
      "an entry of a map",
      "v['k'] == 1",
      {
        type: "map",
        class: "Map",
        entries: [
          [
            { type: "string", value: "k" },
            { type: "omitted", omitted: "time" },
          ],
        ],
      },
      [{ path: "v.k", reason: "time" }],
    ],
  ])("names %s", (_, source, value, wanted) => {
    expect(missingPaths(compileCondition(source).projection, [["v", value]])).toEqual(wanted);
  });
});
