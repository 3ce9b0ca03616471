// Keys of maps and names of fields: equality of keys, and looking a key up where the pairs may be cut.
import { ERR_BUDGET, ERR_TRUNCATED, SLOT_BYTES, TAG_BOOL, TAG_ENUM, TAG_STRING } from "./abi.ts";
import { charge, chargeBytes, pack } from "./budget.ts";
import { isNumber, orderNumbers } from "./numbers.ts";
import { heldOf, isCut, lengthOfSlot, pairsOf, pointerOf, tagOf } from "./slots.ts";
import { sameBytes } from "./text.ts";

/** A text slot against a text of which `cut` says whether more of it exists. */
export function equalsText(slot: i32, text: i32, length: i32, cut: bool, node: i32): i32 {
  const held = lengthOfSlot(slot);
  if (!cut && !isCut(slot)) {
    if (held !== length) return 0;
    if (!chargeBytes(length)) return pack(ERR_BUDGET, node);
    return i32(sameBytes(pointerOf(slot), text, length));
  }
  const shorter = min(held, length);
  if (!chargeBytes(shorter)) return pack(ERR_BUDGET, node);
  if (!sameBytes(pointerOf(slot), text, shorter)) return 0;
  // The longer one has more than all that the shorter one is, if that one is whole. A cut one may still go on alike.
  const open = held < length ? isCut(slot) : held > length ? cut : cut && isCut(slot);
  return open ? pack(ERR_TRUNCATED, node) : 0;
}

/** Key against key: numbers exactly, texts, booleans. Other kinds and different kinds are not equal. */
function equalsKey(a: i32, b: i32): i32 {
  const tag = tagOf(a);
  if (isNumber(tag) && isNumber(tagOf(b))) return i32(orderNumbers(a, b) === 0);
  if (tag !== tagOf(b)) return 0;
  if (tag === TAG_STRING) return equalsText(a, pointerOf(b), lengthOfSlot(b), isCut(b), 0);
  return i32(tag === TAG_BOOL && pointerOf(a) === pointerOf(b));
}

/** A key slot and a value slot. */
export const PAIR_BYTES: i32 = 2 * SLOT_BYTES;

/** The value slot of a text key in a map or object; 0 if it is absent; a negated error code if that is not known. */
export function findText(keyed: i32, text: i32, length: i32): i32 {
  let pair = pairsOf(keyed);
  let unknown = isCut(keyed);
  for (let left = heldOf(keyed); left > 0; left--, pair += PAIR_BYTES) {
    if (!charge(1)) return -ERR_BUDGET;
    if (tagOf(pair) !== TAG_STRING) continue;
    const held = lengthOfSlot(pair);
    if (isCut(pair)) {
      if (held < length && sameBytes(pointerOf(pair), text, held)) unknown = true;
    } else if (held === length) {
      if (!chargeBytes(length)) return -ERR_BUDGET;
      if (sameBytes(pointerOf(pair), text, length)) return pair + SLOT_BYTES;
    }
  }
  return unknown ? -ERR_TRUNCATED : 0;
}

/** As `findText`, for a key of any kind; a kind that cannot be a key is absent. */
export function findKey(keyed: i32, key: i32): i32 {
  const tag = tagOf(key);
  // The variable of a macro over the same map points at the key itself.
  const offset = u32(key - pairsOf(keyed));
  if (offset < u32(heldOf(keyed) * PAIR_BYTES) && offset % PAIR_BYTES === 0) return key + SLOT_BYTES;
  if (tag === TAG_STRING) {
    if (!isCut(key)) return findText(keyed, pointerOf(key), lengthOfSlot(key));
  } else if (tag === TAG_ENUM) return findKey(keyed, pointerOf(key) + SLOT_BYTES);
  else if (!isNumber(tag) && tag !== TAG_BOOL) return 0;
  let pair = pairsOf(keyed);
  let unknown = isCut(keyed);
  for (let left = heldOf(keyed); left > 0; left--, pair += PAIR_BYTES) {
    if (!charge(1)) return -ERR_BUDGET;
    const result = equalsKey(pair, key);
    if (result === 1) return pair + SLOT_BYTES;
    if (result !== 0) unknown = true;
  }
  return unknown ? -ERR_TRUNCATED : 0;
}

/** As `findKey`, for a key that likely stands at `place`: maps that are alike mostly have their keys in one order. */
export function findFrom(keyed: i32, key: i32, place: i32): i32 {
  if (place < heldOf(keyed)) {
    if (!charge(1)) return -ERR_BUDGET;
    const pair = pairsOf(keyed) + place * PAIR_BYTES;
    if (equalsKey(pair, key) === 1) return pair + SLOT_BYTES;
  }
  return findKey(keyed, key);
}
