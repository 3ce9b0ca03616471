// What the canonical ABI of the worlds in engine/wit/ asks for, built together with engine/index.ts into one module. The linker puts
// a probe module in the place of `run` and its plan behind it, and keeps the exports of one world.
import { OUT_BASE, SLOT_LENGTH, TAG_ERROR } from "../abi.ts";
import { outCut } from "../output.ts";
import { cabi_realloc, giveBack, take } from "./heap.ts";
import { readInput } from "./input.ts";
import { LIST_COUNT, OUTCOME, RENDERING_CUT, RENDERING_STEPS, RESULT_BYTES, RESULT_STEPS } from "./layout.ts";
import { putFailure, putValues, spent } from "./output.ts";

export { cabi_realloc };

/** The probe module's only export. */
declare function run(top: i32): i32;

/** `test: func(input) -> verdict` */
export function test(values: i32, valueCount: i32, variables: i32, variableCount: i32): i32 {
  const verdict = run(readInput(values, valueCount, variables, variableCount));
  const result = take(RESULT_BYTES);
  if (verdict < 0) putFailure(result, -verdict);
  else {
    store<u8>(result, 0);
    store<u8>(result + OUTCOME, verdict);
  }
  store<i32>(result + RESULT_STEPS, spent());
  return result;
}

/** `evaluate: func(input) -> evaluation` */
export function evaluate(values: i32, valueCount: i32, variables: i32, variableCount: i32): i32 {
  const slot = run(readInput(values, valueCount, variables, variableCount));
  const result = take(RESULT_BYTES);
  if (load<u8>(slot) === TAG_ERROR) putFailure(result, load<i32>(slot + SLOT_LENGTH));
  else putValues(result, slot);
  store<i32>(result + RESULT_STEPS, spent());
  return result;
}

/** `render: func(input) -> rendering` */
export function render(values: i32, valueCount: i32, variables: i32, variableCount: i32): i32 {
  const length = run(readInput(values, valueCount, variables, variableCount));
  const result = take(RESULT_BYTES);
  store<i32>(result, OUT_BASE);
  store<i32>(result + LIST_COUNT, length);
  store<u8>(result + RENDERING_CUT, outCut());
  store<i32>(result + RENDERING_STEPS, spent());
  return result;
}

/** Called when the result has been taken. */
export function cabi_post_test(_result: i32): void {
  giveBack();
}

export function cabi_post_evaluate(_result: i32): void {
  giveBack();
}

export function cabi_post_render(_result: i32): void {
  giveBack();
}
