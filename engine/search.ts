// `contains`, `startsWith`, `endsWith` on texts that may be cut: an answer only where what is held decides it.
import { ERR_BUDGET, ERR_NO_SUCH_OVERLOAD, ERR_TRUNCATED, TAG_ERROR, TAG_LIST, TAG_STRING } from "./abi.ts";
import { chargeBytes, pack, packed } from "./budget.ts";
import { isIn } from "./collections.ts";
import { isCut, lengthOfSlot, pointerOf, tagOf } from "./slots.ts";
import { find, SPENT, sameBytes } from "./text.ts";

/** 0 if both are strings, otherwise the packed error. */
function refusal(text: i32, part: i32, node: i32): i32 {
  if (tagOf(text) === TAG_STRING && tagOf(part) === TAG_STRING) return 0;
  if (tagOf(text) === TAG_ERROR) return packed(text, node);
  return tagOf(part) === TAG_ERROR ? packed(part, node) : pack(ERR_NO_SUCH_OVERLOAD, node);
}

/** True if a part of which only the beginning is held is too long for a text that is whole. */
function isTooLong(text: i32, part: i32): bool {
  return !isCut(text) && isCut(part) && lengthOfSlot(part) >= lengthOfSlot(text);
}

/** The usual case: two texts of which nothing is cut. */
function areWhole(text: i32, part: i32): bool {
  return load<i32>(text) === TAG_STRING && load<i32>(part) === TAG_STRING;
}

/** `text.contains(part)`; on a list, as the alias has it, `part in text`. */
export function contains(text: i32, part: i32, node: i32): i32 {
  if (areWhole(text, part)) {
    const at = find(pointerOf(text), lengthOfSlot(text), pointerOf(part), lengthOfSlot(part));
    return at === SPENT ? pack(ERR_BUDGET, node) : i32(at >= 0);
  }
  if (tagOf(text) === TAG_LIST) return isIn(part, text, node);
  const bad = refusal(text, part, node);
  if (bad !== 0) return bad;
  if (isTooLong(text, part)) return 0;
  const at = find(pointerOf(text), lengthOfSlot(text), pointerOf(part), lengthOfSlot(part));
  if (at === SPENT) return pack(ERR_BUDGET, node);
  if (at >= 0 ? isCut(part) : isCut(text)) return pack(ERR_TRUNCATED, node);
  return i32(at >= 0);
}

/** `text.startsWith(part)`. */
export function startsWith(text: i32, part: i32, node: i32): i32 {
  const bad = refusal(text, part, node);
  if (bad !== 0) return bad;
  const held = lengthOfSlot(text);
  const wanted = lengthOfSlot(part);
  const shorter = min(held, wanted);
  if (!chargeBytes(shorter)) return pack(ERR_BUDGET, node);
  if (isTooLong(text, part) || !sameBytes(pointerOf(text), pointerOf(part), shorter)) return 0;
  if (isCut(part) || (held < wanted && isCut(text))) return pack(ERR_TRUNCATED, node);
  return i32(wanted <= held);
}

/** `text.endsWith(part)`. The end of a cut text is not known. */
export function endsWith(text: i32, part: i32, node: i32): i32 {
  const held = lengthOfSlot(text);
  const wanted = lengthOfSlot(part);
  if (!areWhole(text, part)) {
    const bad = refusal(text, part, node);
    if (bad !== 0) return bad;
    if (wanted === 0 && !isCut(part)) return 1;
    return isTooLong(text, part) ? 0 : pack(ERR_TRUNCATED, node);
  }
  if (wanted > held) return 0;
  if (!chargeBytes(wanted)) return pack(ERR_BUDGET, node);
  return i32(sameBytes(pointerOf(text) + held - wanted, pointerOf(part), wanted));
}
