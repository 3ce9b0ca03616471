// The four conditions that every table of this project uses, their variables, and the same things in the peers' languages.

export interface Case {
  readonly name: string;
  readonly source: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly expected: boolean;
  /** The condition as JavaScript, for `new Function` and QuickJS. */
  readonly js: string;
}

const items = Array.from({ length: 20 }, (_, i) => ({ id: i, price: i * 5.5, name: `item ${i}` }));

/** Conditions (a) to (d) of language.md section 15. In (c) the last item decides. */
export const CASES: readonly Case[] = [
  { name: "a", source: "x > 10", vars: { x: 11 }, expected: true, js: "x > 10" },
  {
    name: "b",
    source: 'user.age >= 21 && user.name == "bob"',
    vars: { user: { age: 33, name: "bob", id: 7 } },
    expected: true,
    js: 'user.age >= 21 && user.name === "bob"',
  },
  {
    name: "c",
    source: "items.exists(i, i.price > 100.0)",
    vars: { items },
    expected: true,
    js: "items.some((i) => i.price > 100)",
  },
  {
    name: "d",
    source: 'name.startsWith("ab") && name.contains("yz") || tags.size() > 3',
    vars: { name: "abcdefghijklmnopqrstuvwxyz", tags: ["a", "b"] },
    expected: true,
    js: 'name.startsWith("ab") && name.includes("yz") || tags.length > 3',
  },
];

const people = { name: "bob", id: 7, email: "bob.smith@mail.example.org" };
const line =
  "2026-11-22T22:14:03.123Z INFO shop.cart checkout of cart c-1842 for user 7 took 183 ms, 3 items, total 129.95 EUR, retry 0, node eu-2, FATAL in the last word";

/** Twelve more, for what people write beyond comparisons: texts, patterns, maps, macros, times. No JavaScript form: the peers are CEL's. */
export const LANGUAGE_CASES: readonly Omit<Case, "js">[] = [
  {
    name: "text parts",
    source: 'path.contains("/admin/") && !path.endsWith(".png")',
    vars: { path: "/shop/eu/admin/orders/1842/edit" },
    expected: true,
  },
  {
    name: "text joined",
    source: '"user " + user.name + "/" + user.email == "user bob/bob.smith@mail.example.org"',
    vars: { user: people },
    expected: true,
  },
  {
    name: "text sizes",
    source: 'size(user.name) < 4 && user.name < "carl" && user.email.startsWith(user.name)',
    vars: { user: people },
    expected: true,
  },
  {
    name: "pattern, short text",
    source: "user.email.matches('^[a-z0-9._]+@[a-z0-9.]+\\\\.(com|org)$')",
    vars: { user: people },
    expected: true,
  },
  { name: "pattern, long text", source: "line.matches('ERROR|FATAL')", vars: { line }, expected: true },
  {
    name: "map, constant key",
    source: 'headers["content-type"] == "application/json" && has(headers.accept)',
    vars: {
      headers: { host: "shop.example", "content-type": "application/json", accept: "*/*", "x-request-id": "1842" },
    },
    expected: true,
  },
  {
    name: "map, key in",
    source: '"admin" in roles && roles["admin"] > 3.0',
    vars: { roles: { user: 1, auditor: 2, admin: 5 } },
    expected: true,
  },
  { name: "macro all", source: 'items.all(i, i.price >= 0.0 && i.name != "")', vars: { items }, expected: true },
  { name: "macro filter", source: "items.filter(i, i.price > 50.0).size() > 5", vars: { items }, expected: true },
  { name: "macro map", source: "items.map(i, i.price * 2.0).exists(p, p > 200.0)", vars: { items }, expected: true },
  {
    name: "time, getter",
    source: 'created > timestamp("2024-01-01T00:00:00Z") && created.getFullYear() == 2024',
    vars: { created: new Date("2024-05-06T07:08:09Z") },
    expected: true,
  },
  {
    name: "time, difference",
    source: 'updated - created > duration("36h")',
    vars: { created: new Date("2024-05-06T07:08:09Z"), updated: new Date("2024-05-08T07:08:09Z") },
    expected: true,
  },
];
