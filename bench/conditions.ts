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
