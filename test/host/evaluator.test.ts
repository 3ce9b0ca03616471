// The evaluator of batches: it keeps modules, and no answer shows it.
import { describe, expect, it } from "vitest";
import { compileTemplate } from "../../conditions/index.ts";
import { Evaluator, evaluateTagged } from "../../host/evaluate.ts";
import { Guest } from "../../host/guest.ts";
import type { Tagged } from "../../host/tagged.ts";

const int = (value: number): Tagged => ({ int: String(value) });

describe("the evaluator", () => {
  it("answers as a single evaluation does, the second time too", () => {
    const guest = new Guest();
    const evaluator = new Evaluator(guest);
    const cases = [
      [{ expr: "x + y" }, { x: int(1), y: int(2) }],
      [{ expr: "x + y" }, { y: { string: "b" }, x: { string: "a" } }],
      [{ expr: "x + y" }, { x: int(1) }],
      [{ expr: "x + y" }, {}],
      [{ template: "x + y" }, {}],
      [{ template: "{{x}}" }, { x: int(1) }],
      [{ expr: "None" }, {}],
      [{ expr: "None" }, { None: int(1) }],
      [{ expr: "x >" }, { x: int(1) }],
      [{ expr: "y" }, { "x.y": int(1) }, { container: "x" }],
      [{ expr: "y" }, { "x.y": int(1) }],
      [{ expr: "x.y" }, { "x.y": int(1) }],
      [{ expr: "x.y" }, { x: { map: [[{ string: "y" }, int(2)]] } as Tagged }],
      [{ expr: "1 / 0 > x" }, { x: int(1) }],
    ] as const;
    for (let round = 0; round < 3; round++) {
      for (const [source, vars, options = {}] of cases) {
        const wanted = evaluateTagged(guest, source, vars, options);
        expect(evaluator.evaluateTagged(source, vars, options), JSON.stringify([source, vars])).toEqual(wanted);
      }
    }
  });

  it("keeps a few modules only, and gives their memory back", () => {
    const guest = new Guest();
    const evaluator = new Evaluator(guest);
    const expr = (i: number) => ({ expr: `x == 'a text of its own ${i}'` });
    let held = 0;
    for (let i = 0; i < 300; i++) {
      evaluator.evaluateTagged(expr(i), { x: int(i) });
      if (i === 100) held = guest.segmentBytes();
    }
    expect(guest.segmentBytes()).toBeLessThanOrEqual(held + 16 * 64);
    expect(held).toBeGreaterThan(0);
    expect(evaluator.evaluateTagged(expr(0), { x: { string: "a text of its own 0" } })).toMatchObject({
      value: { bool: true },
    });
    evaluator.close();
    expect(guest.segmentBytes()).toBe(0);
  });

  it("makes room where its modules fill the guest", () => {
    const guest = new Guest();
    // Others leave it room for a few large modules.
    const large = compileTemplate("y".repeat(16_000));
    for (let i = 0; i < 108; i++) guest.load(large);
    const evaluator = new Evaluator(guest);
    for (let i = 0; i < 40; i++) {
      const template = `${i}${"x".repeat(10_000)}`;
      expect(evaluator.evaluateTagged({ template }, {})).toMatchObject({ truncated: true });
    }
  });
});
