// The cost of edits, foreseen from those that were measured.
import { describe, expect, it } from "vitest";
import { EditCost } from "../../bindings/node/cost.ts";
import { PLACE_LIMITS } from "../../bindings/node/limits.ts";

const MIB = 2 ** 20;

describe("the cost of an edit", () => {
  it("is more where every closure is compiled first", () => {
    const byTable = new EditCost(PLACE_LIMITS.editByTableRatio);
    expect(byTable.foresee(20 * MIB)).toBe(new EditCost(1).foresee(20 * MIB) * PLACE_LIMITS.editByTableRatio);
  });

  it("is guessed from the heap before one was measured", () => {
    expect(new EditCost(1).foresee(20 * MIB)).toBe(20 * PLACE_LIMITS.editMsPerMiB);
  });

  it("is guessed from the time that enabling the debugger took where that is less, but not the first time", () => {
    const cost = new EditCost(1);
    cost.noteEnable(2);
    expect(cost.foresee(200 * MIB)).toBe(200 * PLACE_LIMITS.editMsPerMiB);
    cost.noteEnable(2);
    expect(cost.foresee(200 * MIB)).toBe(2 * PLACE_LIMITS.editPerEnable);
  });

  it("grows and shrinks with the heap once three were measured", () => {
    const cost = new EditCost(1);
    for (const tookMs of [90, 80, 100]) cost.noteEdit(tookMs, 10 * MIB);
    expect(cost.foresee(10 * MIB)).toBe(80);
    expect(cost.foresee(40 * MIB)).toBe(320);
    expect(cost.foresee(5 * MIB)).toBe(40);
  });

  it("is that of small objects once enabling takes so much longer, although the heap has the same size", () => {
    const cost = new EditCost(1);
    cost.noteEnable(50);
    cost.noteEnable(4);
    for (let n = 0; n < 3; n++) cost.noteEdit(40, 200 * MIB);
    cost.noteEnable(40);
    expect(cost.foresee(200 * MIB)).toBe(400);
  });

  it("does not follow one edit that was held up by something else, and follows several", () => {
    const cost = new EditCost(1);
    cost.noteEdit(900, 10 * MIB);
    expect(cost.foresee(10 * MIB)).toBe(10 * PLACE_LIMITS.editMsPerMiB);
    cost.noteEdit(900, 10 * MIB);
    cost.noteEdit(900, 10 * MIB);
    expect(cost.foresee(10 * MIB)).toBe(900);
  });
});
