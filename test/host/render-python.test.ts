// Snapshots of Python programs as a Python person reads them. Tables of the whole text, so that it cannot drift.
import { describe, expect, test } from "vitest";
import type { Captured } from "../../host/captured.ts";
import { renderSnapshot, renderValue } from "../../host/render.ts";

const int = (value: number): Captured => ({ type: "int", value });
const text = (value: string): Captured => ({ type: "string", value });
const plain = (_: string, piece: string) => piece;

const values: [what: string, value: Captured, shown: string][] = [
  ["None", { type: "null" }, "None"],
  ["True", { type: "boolean", value: true }, "True"],
  ["False", { type: "boolean", value: false }, "False"],
  ["an int", int(-5), "-5"],
  ["a long int", { type: "int", value: "9007199254740993" }, "9007199254740993"],
  ["an int too long to print", { type: "int", value: "", size: 40_000, omitted: "length" }, "int of 40,000 bits"],
  ["a subclass of int", { type: "int", class: "Age", value: 33 }, "Age(33)"],
  ["a float", { type: "number", value: 1.5 }, "1.5"],
  ["a whole float", { type: "number", value: 3 }, "3.0"],
  ["minus zero", { type: "number", value: "-0" }, "-0.0"],
  ["NaN", { type: "number", value: "NaN" }, "nan"],
  ["minus infinity", { type: "number", value: "-Infinity" }, "-inf"],
  ["a large float", { type: "number", value: 1e30 }, "1e+30"],
  ["a scalar of numpy", { type: "number", class: "float64", value: 2 }, "float64(2.0)"],
  ["a complex number", { type: "complex", value: "(1+2j)" }, "(1+2j)"],
  ["a str", text("x"), "'x'"],
  ["a str with an apostrophe", text("it's"), '"it\'s"'],
  ["a str with both quotes", text(`'"`), `'\\'"'`],
  ["a str with a line break", text("a\n\\"), "'a\\n\\\\'"],
  ["cut text", { type: "string", value: "ab", size: 67108864, omitted: "length" }, "'ab' … 67,108,864 in all, cut"],
  ["a UUID", { type: "string", class: "UUID", value: "00" }, "UUID('00')"],
  ["bytes", { type: "bytes", class: "bytes", value: Uint8Array.of(104, 39, 10, 255) }, "b'h\\'\\n\\xff'"],
  ["a bytearray", { type: "bytes", class: "bytearray", value: Uint8Array.of(104) }, "bytearray(b'h')"],
  ["a list", { type: "array", items: [int(1), { type: "null" }] }, "[1, None]"],
  ["an empty list", { type: "array", items: [] }, "[]"],
  ["a deque", { type: "array", class: "deque", items: [int(1)] }, "deque([1])"],
  ["a cut list", { type: "array", items: [int(1)], size: 5000, omitted: "items" }, "[1, … 4,999 more]"],
  ["a tuple", { type: "tuple", items: [int(1), int(2)] }, "(1, 2)"],
  ["a tuple of one", { type: "tuple", items: [int(1)] }, "(1,)"],
  ["a cut tuple", { type: "tuple", items: [int(1)], size: 3, omitted: "items" }, "(1, … 2 more)"],
  ["an empty tuple", { type: "tuple", items: [] }, "()"],
  ["a set", { type: "set", items: [int(1)] }, "{1}"],
  ["an empty set", { type: "set", items: [] }, "set()"],
  ["a set that was not opened", { type: "set", items: [], size: 2, omitted: "depth" }, "{… 2 not opened: too deep}"],
  ["a frozenset", { type: "set", class: "frozenset", items: [int(1)] }, "frozenset({1})"],
  ["an empty frozenset", { type: "set", class: "frozenset", items: [] }, "frozenset()"],
  ["a range", { type: "range", value: "range(0, 3)" }, "range(0, 3)"],
  ["a row of numpy", { type: "typedarray", class: "ndarray", items: [int(1)] }, "ndarray([1])"],
  [
    "a dict",
    {
      type: "map",
      entries: [
        [text("a"), int(1)],
        [int(2), text("b")],
      ],
    },
    "{'a': 1, 2: 'b'}",
  ],
  [
    "a dict with a tuple for a key",
    { type: "map", entries: [[{ type: "tuple", items: [int(1)] }, int(1)]] },
    "{(1,): 1}",
  ],
  ["a Counter", { type: "map", class: "Counter", entries: [[text("a"), int(1)]] }, "Counter({'a': 1})"],
  [
    "a subclass of dict with fields, cut",
    {
      type: "map",
      class: "Cache",
      entries: [[text("a"), int(1)]],
      size: 3,
      omitted: "items",
      fields: [["hits", int(9)]],
    },
    "Cache({'a': 1, .hits=9, … 2 more})",
  ],
  [
    "an object",
    {
      type: "object",
      class: "Cart",
      fields: [
        ["id", int(7)],
        ["b c", text("x")],
      ],
    },
    "Cart(id=7, 'b c'='x')",
  ],
  [
    "an unopened object",
    { type: "object", class: "Cart", fields: [], omitted: "depth" },
    "Cart(… not opened: too deep)",
  ],
  [
    "an object that holds itself",
    { type: "object", class: "Node", id: 1, fields: [["me", { type: "ref", value: 1 }]] },
    "#1 Node(me=→ #1)",
  ],
  ["an enum", { type: "enum", class: "Color", value: "RED", fields: [["value", int(1)]] }, "<Color.RED: 1>"],
  [
    "an enum whose value is not shown",
    { type: "enum", class: "Color", value: "RED", fields: [["value", { type: "omitted", omitted: "depth" }]] },
    "<Color.RED>",
  ],
  ["a datetime", { type: "date", value: "2026-11-22T10:20:30" }, "2026-11-22T10:20:30"],
  ["a time", { type: "time", class: "time", value: "10:20:00" }, "10:20:00"],
  ["a timedelta", { type: "duration", value: "-1.5s" }, "timedelta(seconds=-1.5)"],
  ["a Decimal", { type: "decimal", class: "Decimal", value: "1.10" }, "Decimal('1.10')"],
  [
    "an exception",
    {
      type: "error",
      class: "ValueError",
      value: "bad",
      fields: [["code", int(1)]],
      cause: { type: "error", class: "KeyError", value: "x", fields: [] },
    },
    "ValueError('bad', code=1, cause=KeyError('x'))",
  ],
  ["an exception without a message", { type: "error", class: "Stop", value: "", fields: [] }, "Stop()"],
  ["a function", { type: "function", class: "function", value: "total" }, "<function total>"],
  ["a class", { type: "function", class: "class", value: "Cart" }, "<class Cart>"],
  ["a module", { type: "opaque", class: "module", value: "json" }, "<module json>"],
  ["a table", { type: "opaque", class: "DataFrame", value: "(3, 2)" }, "<DataFrame (3, 2)>"],
  ["a generator", { type: "opaque", class: "generator" }, "<generator>"],
  ["redacted", { type: "omitted", omitted: "redacted" }, "<redacted>"],
  ["a type of a later version", { type: "quaternion", class: "Q" }, "<Q>"],
];

describe("values of Python", () => {
  test.each(values)("shows %s", (_what, value, shown) => {
    expect(renderValue(value, plain, "python")).toBe(shown);
  });

  test("opens over several lines what does not fit on one", () => {
    const row: Captured = { type: "map", entries: [[text("sku"), text("x".repeat(60))]] };
    const list: Captured = { type: "array", class: "deque", items: [row, row], size: 9, omitted: "items" };
    const line = `{'sku': '${"x".repeat(60)}'}`;
    expect(renderValue({ type: "object", class: "Cart", fields: [["items", list]] }, plain, "python")).toBe(
      ["Cart(", "  items=deque([", `    ${line}`, `    ${line}`, "    … 7 more", "  ])", ")"].join("\n"),
    );
  });

  test("lets no value reach the terminal's controls", () => {
    const evil = "\u001b[31m\u009b\u202e\r\u0007'\"";
    const kinds = ["string", "int", "decimal", "enum", "function", "opaque", "duration", "range", "error", "map", evil];
    const shown = renderSnapshot({
      frames: [{ function: evil, file: evil, line: 1, column: 0 }],
      variables: kinds.map((type) => [evil, { type, class: evil, value: evil, fields: [[evil, text(evil)]] }]),
      captureUs: 1,
      language: "python",
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

test("a snapshot says in which language it is written", () => {
  const variables = [["user", { type: "null" }]] as const;
  const frames = [{ function: "Cart.total", file: "/app/cart.py", line: 4, column: 0 }];
  expect(renderSnapshot({ frames, variables, captureUs: 20, language: "python" })).toBe(
    "user = None\nat Cart.total (/app/cart.py:4)",
  );
  expect(renderSnapshot({ frames, variables, captureUs: 20 })).toBe("user = null\nat Cart.total (/app/cart.py:4)");
});
