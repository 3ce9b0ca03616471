// Expressions of each kind with the inputs that a component and its core module are compared on.
import type { Tagged } from "../../host/index.ts";

export type Vars = Readonly<Record<string, Tagged>>;

export const int = (value: number | bigint): Tagged => ({ int: String(value) });
export const text = (value: string): Tagged => ({ string: value });
const list = (...items: Tagged[]): Tagged => ({ list: items });
const object = (fields: Record<string, Tagged>, type = "Order"): Tagged => ({ object: { class: type, fields } });
export const items = list(
  ...[50, 101.5, 200].map((price, i) => object({ price: { double: price }, id: int(i) }, "Item")),
);

export const CONDITIONS: readonly (readonly [string, readonly Vars[]])[] = [
  ["x > 10", [{ x: int(11) }, { x: int(10) }, { x: { double: 10.5 } }, { x: text("a") }, { x: { null: null } }, {}]],
  [
    'user.age >= 21 && user.name == "bob"',
    [
      { user: object({ age: int(30), name: text("bob") }) },
      { user: object({ age: int(30), name: text("bobby") }) },
      { user: object({ age: int(3) }) },
      { user: object({ name: text("bob") }) },
      {
        user: {
          map: [
            [text("age"), int(21)],
            [text("name"), text("bob")],
          ],
        },
      },
      { user: { null: null } },
      { user: int(1) },
      {},
    ],
  ],
  [
    "items.exists(i, i.price > 100.0)",
    [
      { items },
      { items: list() },
      { items: list(object({})) },
      { items: int(1) },
      { items: text("abc") },
      { items: { null: null } },
      {},
    ],
  ],
  [
    'm.exists(k, k == "b")',
    [
      {
        m: {
          map: [
            [text("a"), int(1)],
            [text("b"), int(2)],
          ],
        },
      },
      { m: object({ b: int(1) }) },
      { m: { map: [] } },
    ],
  ],
  [
    "m[1] == 'one'",
    [
      { m: { map: [[int(1), text("one")]] } },
      { m: { map: [[{ uint: "1" }, text("one")]] } },
      { m: list(text("zero"), text("one")) },
    ],
  ],
  [
    "l[2] == 3 || l[0] == 1",
    [{ l: list(int(1)) }, { l: list(int(1), int(2), int(3)) }, { l: list() }, { l: object({}) }],
  ],
  [
    "a.b.c.d == 1",
    [
      { a: object({ b: object({ c: object({ d: int(1) }) }) }) },
      { a: object({ b: object({}) }) },
      { a: object({ b: { null: null } }) },
    ],
  ],
  [
    "name.startsWith('ab') && name.contains('yz') || tags.size() > 3",
    [{ name: text("ab..yz") }, { name: text("x"), tags: list(int(1)) }, { name: text("é"), tags: { map: [] } }],
  ],
  [
    "x.length == 3",
    [
      { x: text("a😀b") },
      { x: list(int(1), int(2), int(3)) },
      { x: object({ length: int(3) }) },
      { x: object({}) },
      { x: { null: null } },
      {},
    ],
  ],
  ["x.length.y == 3", [{ x: text("abc") }, { x: object({ length: object({ y: int(3) }) }) }]],
  [
    "has(a.b) && !has(a.c)",
    [{ a: object({ b: int(1) }) }, { a: object({ c: int(1) }) }, { a: { map: [] } }, { a: int(1) }],
  ],
  ["1 / x == 1", [{ x: int(0) }, { x: int(1) }, { x: { double: 0 } }]],
  [
    "s == 'a long text that is only compared'",
    [{ s: text("a long text that is only compared") }, { s: text("a long text that is only compared, and more") }],
  ],
  [
    "size(s) > 3",
    [
      { s: text("x".repeat(4096)) },
      { s: text("x".repeat(4097)) },
      { s: text("😀".repeat(1025)) },
      { s: { bytes: "AAAA" } },
    ],
  ],
  [
    "big.all(x, x < 300)",
    [
      { big: list(...Array.from({ length: 257 }, (_, i) => int(i))) },
      { big: list(...Array.from({ length: 256 }, (_, i) => int(i))) },
    ],
  ],
  [
    "a == b",
    [
      { a: items, b: items },
      { a: object({ x: int(1) }), b: object({ x: int(1) }, "Other") },
      { a: int(1), b: { uint: "1" } },
      { a: { double: "NaN" }, b: { double: "NaN" } },
    ],
  ],
  [
    "x in l",
    [
      { x: int(2), l: list(int(1), int(2)) },
      { x: text("k"), l: { map: [[text("k"), int(1)]] } },
      { x: int(1), l: int(1) },
    ],
  ],
  ["e", [{ e: { error: "redacted" } }, { e: { bool: true } }, { e: { bool: false } }, { e: text("true") }]],
  ["items.filter(i, i.price > 100.0).map(i, i.id) == [1, 2]", [{ items }]],
  ["rows.exists(r, r.exists(c, c == 5))", [{ rows: list(list(int(1)), list(int(4), int(5))) }, { rows: list(int(1)) }]],
  ["true", [{}]],
];

export const VALUES: readonly (readonly [string, readonly Vars[]])[] = [
  [
    "x",
    [
      { x: int(-(2n ** 63n)) },
      { x: { uint: "18446744073709551615" } },
      { x: { double: -0.5 } },
      { x: { double: "-0" } },
      { x: { double: "Infinity" } },
      { x: { bool: true } },
      { x: { null: null } },
      { x: text("aé😀\u0000z") },
      { x: text("") },
      { x: { bytes: "AP8=" } },
      { x: list(int(1), list(), text("a"), list(list(list(list(list(int(1))))))) },
      {
        x: {
          map: [
            [text("a"), int(1)],
            [int(2), { bool: true }],
            [{ bool: true }, { null: null }],
          ],
        },
      },
      { x: { timestamp: "2024-02-29T12:34:56.000000789Z" } },
      { x: { timestamp: "0001-01-01T00:00:00Z" } },
      { x: { duration: "-1.5s" } },
      { x: { type: "int" } },
      { x: object({ a: int(1), b: object({ c: text("d") }) }) },
      { x: object({}, "") },
      { x: { enum: { class: "Color", name: "RED", value: int(1) } } },
      { x: { error: "side_effect" } },
      { x: text("y".repeat(5000)) },
      { x: list(...Array.from({ length: 300 }, () => text("z".repeat(200)))) },
      {},
    ],
  ],
  [
    "x.a.b",
    [
      { x: object({ a: object({ b: items }) }) },
      { x: object({}) },
      { x: { null: null } },
      { x: object({ a: text("s") }) },
      {},
    ],
  ],
  ["[x, x, [x]]", [{ x: items }]],
  ["{'a': x, 'b': [1, 2u, 3.5, b'x', null]}", [{ x: int(1) }]],
  ["items.map(i, i.price * 2.0)", [{ items }]],
  ["[1, 2, 3].filter(x, x > y)", [{ y: int(1) }, { y: text("a") }]],
  ["x + 1", [{ x: int(2n ** 63n - 1n) }, { x: text("a") }, { x: { double: 1.5 } }]],
  ["x ?? 'none'", [{ x: { null: null } }, {}, { x: text("s") }]],
  ["x == undefined ? y.z : x.q", [{ y: object({ z: int(1) }) }, { x: object({ q: int(2) }) }]],
];

export const TEMPLATES: readonly (readonly [string, readonly Vars[]])[] = [
  [
    "cart {{cart.id}} has {{size(cart.items)=}} \\{{",
    [{ cart: object({ id: text("c1"), items }) }, { cart: object({}) }, {}],
  ],
  ["{{x}}", [{ x: items }, { x: text("é".repeat(3000)) }, { x: { double: 0.1 } }]],
  ["no holes: 100 % é", [{}]],
];
