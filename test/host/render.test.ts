// Snapshots as people read them. Tables of the whole text, so that it cannot drift.
import { describe, expect, test } from "vitest";
import type { Captured, Snapshot } from "../../host/captured.ts";
import { renderFrames, renderSnapshot, renderValue, type Style } from "../../host/render.ts";

const num = (value: number): Captured => ({ type: "number", value });
const text = (value: string): Captured => ({ type: "string", value });
const fields = (...pairs: [string, Captured][]): Captured => ({ type: "object", class: "Object", fields: pairs });

const values: [what: string, value: Captured, shown: string][] = [
  ["null", { type: "null" }, "null"],
  ["a string with quotes and a line break", text('a "b"\nc'), '"a \\"b\\"\\nc"'],
  ["minus zero", { type: "number", value: "-0" }, "-0"],
  ["a bigint", { type: "bigint", value: "5" }, "5n"],
  ["a long bigint", { type: "bigint", value: "", omitted: "length" }, "bigint … too long"],
  ["a symbol", { type: "symbol", value: "s" }, "Symbol(s)"],
  ["a function", { type: "function", value: "f", class: "AsyncFunction" }, "[function f]"],
  ["a class", { type: "function", value: "Cart", class: "class" }, "[class Cart]"],
  ["a date", { type: "date", value: "1970-01-01T00:00:00.000Z" }, "1970-01-01T00:00:00.000Z"],
  ["a regular expression", { type: "regexp", value: "/a/g" }, "/a/g"],
  ["bytes", { type: "bytes", class: "Buffer", value: Uint8Array.of(1, 255) }, "Buffer(2) <01 ff>"],
  ["a promise", { type: "promise", class: "Promise" }, "[Promise]"],
  ["a reference", { type: "ref", value: 3 }, "→ #3"],
  ["cut text", { type: "string", value: "ab", size: 67108864, omitted: "length" }, '"ab" … 67,108,864 in all, cut'],
  ["a getter", { type: "omitted", omitted: "getter" }, "<getter, not run>"],
  ["a proxy", { type: "omitted", omitted: "proxy" }, "<proxy, not read>"],
  ["redacted", { type: "omitted", omitted: "redacted" }, "<redacted>"],
  ["an object", fields(["a", num(1)], ["b c", text("x")]), '{a: 1, "b c": "x"}'],
  ["an instance", { type: "object", class: "Cart", fields: [["id", num(7)]] }, "Cart {id: 7}"],
  ["no prototype", { type: "object", class: null, fields: [] }, "[no prototype] {}"],
  [
    "an unopened object",
    { type: "object", class: "Cart", fields: [], omitted: "depth" },
    "Cart {… not opened: too deep}",
  ],
  ["an array", { type: "array", items: [num(1), { type: "hole", value: 2 }] }, "[1, 2 holes]"],
  ["a cut array", { type: "array", items: [num(1)], size: 5000, omitted: "items" }, "[1, … 4,999 more]"],
  [
    "a sparse array",
    { type: "array", items: [num(1), { type: "hole", value: 1000 }], size: 4000, omitted: "items" },
    "[1, 1000 holes, … 2,999 more]",
  ],
  [
    "an array that did not fit",
    { type: "array", items: [num(1)], size: 3, omitted: "bytes" },
    "[1, … 2 left out: the event is full]",
  ],
  ["a set", { type: "set", items: [num(1)] }, "Set [1]"],
  ["a map", { type: "map", entries: [[text("k"), num(1)]] }, 'Map {"k" => 1}'],
  ["a typed array", { type: "typedarray", class: "Int8Array", items: [num(1)] }, "Int8Array [1]"],
  [
    "a shared object",
    { type: "object", class: "Object", id: 1, fields: [["me", { type: "ref", value: 1 }]] },
    "#1 {me: → #1}",
  ],
  [
    "an error",
    {
      type: "error",
      class: "TypeError",
      value: "bad",
      fields: [["code", num(1)]],
      cause: { type: "error", class: "Error", value: "why", fields: [] },
    },
    "TypeError: bad {code: 1, cause: Error: why {}}",
  ],
  ["a type of a later version", { type: "quaternion", class: "Q" }, "[Q]"],
  ["a reason of a later version", { type: "omitted", omitted: "mood" as never }, "<mood>"],
];

describe("values", () => {
  test.each(values)("shows %s", (_what, value, shown) => {
    expect(renderValue(value)).toBe(shown);
  });

  test("opens over several lines what does not fit on one", () => {
    const row = fields(["sku", text("x".repeat(30))], ["price", num(1.5)]);
    expect(
      renderValue({
        type: "object",
        class: "Cart",
        fields: [
          ["items", { type: "array", items: [row, row], size: 9, omitted: "items" }],
          ["n", num(1)],
        ],
      }),
    ).toBe(
      [
        "Cart {",
        "  items: [",
        `    {sku: "${"x".repeat(30)}", price: 1.5}`,
        `    {sku: "${"x".repeat(30)}", price: 1.5}`,
        "    … 7 more",
        "  ]",
        "  n: 1",
        "}",
      ].join("\n"),
    );
  });

  test("lets no value reach the terminal's controls", () => {
    const evil = "\u001b[31m\u009b\u202e\r\u0007";
    const shown = renderSnapshot({
      frames: [{ function: evil, file: evil, line: 1, column: 1 }],
      variables: [
        [evil, { type: "object", class: evil, fields: [[evil, text(evil)]] }],
        ["b", { type: "map", entries: [[text(evil), { type: "symbol", value: evil }]] }],
        ["c", { type: "error", class: evil, value: evil, fields: [], stack: evil }],
        ["d", { type: evil, class: evil, value: evil }],
      ],
      captureUs: 1,
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test("ends on values nested without end", () => {
    const loop: { type: string; class: string; fields: [string, unknown][] } = {
      type: "object",
      class: "Object",
      fields: [],
    };
    loop.fields.push(["a", loop]);
    expect(renderValue(loop as never).length).toBeLessThan(10_000);
  });
});

describe("snapshots", () => {
  const snapshot: Snapshot = {
    frames: [
      { function: "Cart.total", file: "/app/cart.js", line: 4, column: 7 },
      { function: "handle", file: "/app/server.js", line: 9, column: 3, async: true },
      { function: "Array.map", file: "native", line: 0, column: 0 },
    ],
    framesOmitted: true,
    variables: [
      ["total", num(5)],
      ["user", fields(["name", text("bob")])],
    ],
    captureUs: 20,
  };

  test("shows variables, then frames", () => {
    expect(renderSnapshot(snapshot)).toBe(
      [
        "total = 5",
        'user = {name: "bob"}',
        "at Cart.total (/app/cart.js:4:7)",
        "at async handle (/app/server.js:9:3)",
        "at Array.map (native)",
        "… more frames",
      ].join("\n"),
    );
  });

  test("marks pieces with the style that it is given, and breaks lines as without", () => {
    const style: Style = (name, piece) => `<${name}>${piece}</${name}>`;
    expect(renderFrames(snapshot.frames.slice(2), style)).toEqual(["<dim>at</dim> Array.map <dim>(native)</dim>"]);
    const wide = fields(["a", text("x".repeat(70))]);
    expect(renderValue(wide, style)).toBe(`{<bold>a</bold>: <green>"${"x".repeat(70)}"</green>}`);
  });
});
