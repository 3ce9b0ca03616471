import { describe, expect, test } from "vitest";
import { Guest } from "../../host/guest.ts";
import { assemble, GOOD, refusal, sectionsOf } from "./modules.ts";

/** mulberry32: a seeded generator, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

describe("random damage", () => {
  test("every cut of a good module is refused", () => {
    for (const { wasm } of GOOD.slice(0, 4)) {
      for (let length = 0; length < wasm.length; length++) {
        const { code } = refusal(wasm.subarray(0, length));
        expect(code).not.toBe("accepted");
      }
    }
  });

  test("leads to a VerifyError or to a module that is valid and ends", () => {
    const next = random(20240601);
    const guest = new Guest();
    let accepted = 0;
    for (let round = 0; round < 8_000; round++) {
      const compiled = GOOD[next(GOOD.length)] as (typeof GOOD)[0];
      const bytes = [...compiled.wasm];
      for (let changes = 1 + next(3); changes > 0; changes--) {
        const at = next(bytes.length);
        const kind = next(6);
        if (kind < 2) bytes.splice(at, 1);
        else if (kind === 2) bytes.splice(at, 0, next(256));
        else bytes[at] = next(2) === 0 ? next(256) : (bytes[at] as number) ^ (1 << next(8));
      }
      const wasm = Uint8Array.from(bytes);
      if (refusal(wasm).code !== "accepted") continue;
      accepted++;
      expect(WebAssembly.validate(wasm)).toBe(true);
      if (accepted % 20 !== 0) continue;
      const loaded = guest.load({ ...compiled, wasm });
      try {
        loaded.evaluate([{ price: 1 }, { price: 200, tags: ["b"] }], 2, 3);
      } catch (error) {
        // A trap is the worst that can happen: the host disables the probe.
        expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
      }
      loaded.close();
    }
    expect(accepted).toBeGreaterThan(50);
  });

  test("of the instructions alone never makes a loop without end", () => {
    const next = random(7);
    const guest = new Guest();
    let ran = 0;
    for (let round = 0; round < 3_000; round++) {
      const compiled = GOOD[2 + next(4)] as (typeof GOOD)[0];
      const sections = sectionsOf(compiled.wasm);
      const code = (sections.find(([id]) => id === 10) as [number, number[]])[1];
      code[next(code.length)] = next(4) === 0 ? next(256) : next(16);
      const wasm = assemble(sections);
      if (refusal(wasm).code !== "accepted") continue;
      ran++;
      const loaded = guest.load({ ...compiled, wasm });
      const many = Array.from({ length: 256 }, (_, i) => ({ price: i, tags: ["b"], id: i }));
      const started = performance.now();
      try {
        loaded.evaluate(many);
      } catch (error) {
        expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
      }
      expect(performance.now() - started).toBeLessThan(500);
      loaded.close();
    }
    expect(ran).toBeGreaterThan(100);
  });
});
