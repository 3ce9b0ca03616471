import { expect, test } from "vitest";
import { compileCondition, compileTemplate } from "../../conditions/index.ts";
import { errorCodeName } from "../../host/codes.ts";
import { evaluate } from "../../host/evaluate.ts";
import { Guest } from "../../host/guest.ts";

const guest = new Guest();

test.each(["size(o) > 1", "o == {}", "o.exists(k, k == 'k1')", "k in o", "{{o}}"])(
  "an object of 100,000 fields costs time once: %s",
  (source) => {
    const o = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
    const module = guest.load(source.startsWith("{{") ? compileTemplate(source) : compileCondition(source));
    const values = module.compiled.projection.roots.map(({ key }) => (key === "o" ? o : "k1"));
    const call = () => (source.startsWith("{{") ? module.render(...values) : module.test(...values));
    const first = call();
    expect(typeof first === "number" ? errorCodeName(-first) : first).toMatch(/truncated/);
    const start = performance.now();
    let last = first;
    for (let i = 0; i < 200; i++) last = call();
    expect(performance.now() - start).toBeLessThan(1000);
    expect(last).toBe(first);
    module.close();
  },
);

test("a constant key of an object of 100,000 fields is asked for and not looked for", () => {
  const o = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
  const module = guest.load(compileCondition("'k99999' in o && !('k' in o)"));
  const start = performance.now();
  for (let i = 0; i < 200; i++) expect(module.test(o)).toBe(1);
  expect(performance.now() - start).toBeLessThan(200);
  module.close();
});

test("a map of a million entries that cannot be seen", () => {
  const m = new Map<unknown, unknown>(Array.from({ length: 1_000_000 }, () => [{}, 1]));
  const start = performance.now();
  expect(evaluate(guest, { expr: "m.exists(k, k == 'a')" }, { m })).toMatchObject({ error: "truncated" });
  expect(evaluate(guest, { expr: "k in m" }, { m, k: "a" })).toMatchObject({ error: "truncated" });
  expect(performance.now() - start).toBeLessThan(500);
});
