// The price of a text function is an upper bound: no input of the size that a reader copies spends more.
import { describe, expect, test } from "vitest";
import { compileValue } from "../../conditions/index.ts";
import { evaluate } from "../../host/evaluate.ts";
import { Guest } from "../../host/guest.ts";

const guest = new Guest();
const A = "a".repeat(4096);
const wide = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`key ${(i * 7919) % 1009}`, "x".repeat(90)]));

const VALUES = {
  x: A,
  y: "a".repeat(2048),
  quotes: '"'.repeat(4096),
  blanks: " ".repeat(4096),
  bytes: new Uint8Array(4096),
  list: Array.from({ length: 256 }, () => "x".repeat(100)),
  map: new Map(Object.entries(wide)),
  number: 1.1e-300,
};

describe("the price is at least what is spent", () => {
  test.each([
    "x.charAt(4095)",
    "x.substring(4000, 4095)",
    "x.indexOf('b' + y, 1)",
    "x.indexOf(y + 'b', 1)",
    "x.lastIndexOf(y + 'b')",
    "x.lastIndexOf('b' + y, 4000)",
    "blanks.trim()",
    "x.lower()",
    "x.upper()",
    "x.reverse()",
    "strings.quote(quotes)",
    "x.split('a')",
    "x.split('')",
    "x.split('aa')",
    "x.split(y)",
    "x.split(y + 'b')",
    "x.replace('a', 'b')",
    "x.replace('a', 'bcdefghijklmnopqrstuvwxyz')",
    "x.replace('', 'b')",
    "x.replace('aaaa', '')",
    "x.replace(y, x)",
    "x.replace(y + 'b', x)",
    "list.join()",
    "list.join(', and then there comes ')",
    "list.join(y)",
    "x.split('').join()",
    "'%s'.format([map])",
    "'%s%s'.format([list, [list, map]])",
    "'%x'.format([x])",
    "'%.100f %.100e %d'.format([number, number, number])",
    "x.format([])",
    "base64.encode(bytes)",
    "base64.decode(x)",
    "bytes(x)",
  ])("%s", (source) => {
    const { cost } = compileValue(source);
    const { steps } = evaluate(guest, { expr: source }, VALUES);
    expect(steps).toBeGreaterThan(0);
    expect(steps).toBeLessThanOrEqual(cost);
  });
});
