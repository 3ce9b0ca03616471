// A copy of a value in which every map has its keys in the order of their texts: what `format` prints must not depend on the
// order in which a host keeps its maps. Values without maps are not copied.
import { SLOT_BYTES, TAG_LIST, TAG_MAP, TAG_OBJECT, TAG_STRING } from "./abi.ts";
import { alloc, charge, chargeBytes } from "./budget.ts";
import { printScalar } from "./convert.ts";
import { PAIR_BYTES } from "./keys.ts";
import { PRINT } from "./scratch.ts";
import { copyTo, heldOf, lengthOfSlot, pairsOf, pointerOf, tagOf } from "./slots.ts";
import { commonPrefix } from "./text.ts";

/** Containers in containers. */
const MAX_DEPTH: i32 = 100;

/** The value itself if it holds no map, its copy, or 0 if arena or budget do not suffice. */
export function ordered(slot: i32, depth: i32): i32 {
  const tag = tagOf(slot);
  const isList = tag === TAG_LIST;
  if ((!isList && tag !== TAG_MAP && tag !== TAG_OBJECT) || depth > MAX_DEPTH) return slot;
  const count = heldOf(slot);
  const first = isList ? pointerOf(slot) : pairsOf(slot) + SLOT_BYTES;
  const step = isList ? SLOT_BYTES : PAIR_BYTES;
  if (!charge(count + 1)) return 0;
  let copied = tag === TAG_MAP && count > 1 ? copyOf(slot) : slot;
  for (let i = 0; i < count && copied !== 0; i++) {
    const before = first + i * step;
    const after = ordered(before, depth + 1);
    if (after === 0) return 0;
    if (after === before) continue;
    if (copied === slot) copied = copyOf(slot);
    if (copied !== 0) copyTo(before - pointerOf(slot) + pointerOf(copied), after);
  }
  if (tag === TAG_MAP && copied !== 0 && !sort(pairsOf(copied), count)) return 0;
  return copied;
}

/** A second container with the same elements, or 0. */
function copyOf(slot: i32): i32 {
  const bytes = tagOf(slot) === TAG_LIST ? heldOf(slot) * SLOT_BYTES : heldOf(slot) * PAIR_BYTES + SLOT_BYTES;
  const copied = alloc(SLOT_BYTES + bytes);
  if (copied === 0) return 0;
  copyTo(copied, slot);
  store<i32>(copied + 8, copied + SLOT_BYTES);
  memory.copy(copied + SLOT_BYTES, pointerOf(slot), bytes);
  return copied;
}

/** Shell's sort; false if the budget is spent. */
function sort(pairs: i32, count: i32): bool {
  for (let gap = gapBelow(count); gap > 0; gap = gapBelow(gap)) {
    for (let i = gap; i < count; i++) {
      for (let k = i; k >= gap; k -= gap) {
        const high = pairs + k * PAIR_BYTES;
        const low = high - gap * PAIR_BYTES;
        if (!charge(2)) return false;
        if (order(low, high) <= 0) break;
        swap(low, high);
        swap(low + SLOT_BYTES, high + SLOT_BYTES);
      }
    }
  }
  return true;
}

/** The largest of 1, 4, 13, 40 … below a length. */
function gapBelow(length: i32): i32 {
  let gap = 0;
  while (3 * gap + 1 < length) gap = 3 * gap + 1;
  return gap;
}

function swap(a: i32, b: i32): void {
  const low = load<i64>(a);
  const high = load<i64>(a + 8);
  copyTo(a, b);
  store<i64>(b, low);
  store<i64>(b + 8, high);
}

let keyLength: i32 = 0;

/** Where the text of a key stands: its own, or printed, at `spare`. Sets `keyLength`. */
function textOf(key: i32, spare: i32): i32 {
  if (tagOf(key) === TAG_STRING) {
    keyLength = lengthOfSlot(key);
    return pointerOf(key);
  }
  keyLength = max(printScalar(key) - PRINT, 0);
  if (spare !== PRINT) memory.copy(spare, PRINT, keyLength);
  return spare;
}

/** The order of two keys by their texts; equal ones by their types, of which no two keys have the same. */
function order(a: i32, b: i32): i32 {
  const textB = textOf(b, PRINT + 64);
  const lengthB = keyLength;
  const textA = textOf(a, PRINT);
  const shorter = min(keyLength, lengthB);
  const common = commonPrefix(textA, textB, shorter);
  chargeBytes(common);
  if (common < shorter) return i32(load<u8>(textA + common)) - i32(load<u8>(textB + common));
  return keyLength !== lengthB ? keyLength - lengthB : tagOf(a) - tagOf(b);
}
