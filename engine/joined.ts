// Compares the texts that `+` joins with a constant, part by part, so that they are never joined. The state between two parts is one
// number: how many bytes of the constant they have been; or that they differ, end in a cut, or an error.
import { ERR_BUDGET, ERR_NO_SUCH_OVERLOAD, ERR_TRUNCATED, TAG_ERROR, TAG_STRING } from "./abi.ts";
import { chargeBytes, pack, packed } from "./budget.ts";
import { isCut, lengthOfSlot, pointerOf, tagOf } from "./slots.ts";
import { sameBytes } from "./text.ts";

/** What the parts give is not the constant. An error is below both. */
const DIFFERENT: i32 = -1;
/** The constant began so, but what follows was cut away. */
const UNKNOWN: i32 = -2;

/** The state behind another part; `node` is that of the `+`. Parts that can decide nothing more must still be texts. */
export function joins(state: i32, part: i32, text: i32, length: i32, node: i32): i32 {
  // The usual case: a short text, which costs nothing.
  if (state >= 0 && load<i32>(part) === TAG_STRING && u32(lengthOfSlot(part)) <= u32(min(length - state, 15))) {
    const held = lengthOfSlot(part);
    return sameBytes(pointerOf(part), text + state, held) ? state + held : DIFFERENT;
  }
  if (state < UNKNOWN) return state;
  if (tagOf(part) !== TAG_STRING) {
    return -(tagOf(part) === TAG_ERROR ? packed(part, node) : pack(ERR_NO_SUCH_OVERLOAD, node));
  }
  if (state < 0) return state;
  const held = lengthOfSlot(part);
  const left = length - state;
  const shorter = min(held, left);
  if (!chargeBytes(shorter)) return -pack(ERR_BUDGET, node);
  if (held > left || !sameBytes(pointerOf(part), text + state, shorter)) return DIFFERENT;
  if (!isCut(part)) return state + held;
  return held < left ? UNKNOWN : DIFFERENT;
}

/** Whether the parts were the constant. */
export function joined(state: i32, length: i32, node: i32): i32 {
  if (state >= DIFFERENT) return i32(state === length);
  return state === UNKNOWN ? pack(ERR_TRUNCATED, node) : -state;
}
