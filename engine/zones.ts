// The offset from UTC of a time zone at a time, from a table that the compiler put into the module, or from a text such as
// `+02:00`. Knows no names: what a zone does is data.
//
//   table  0        4                8               12     16
//          +--------+----------------+---------------+------+----
//          | count  | first offset   | year of cycle | 0    | i64 each: second of the transition << 20 | offset from then on
//          +--------+----------------+---------------+------+----
//
// From `year of cycle` on, a year is like any other of the same length that begins on the same weekday; the table holds the
// first CYCLE of them. 0: nothing changes any more after the last transition.
import { ERR_INVALID_ARGUMENT, ERR_NO_SUCH_OVERLOAD, ERR_TRUNCATED, TAG_STRING, TAG_ZONE } from "./abi.ts";
import { civil, daysOf, isLeap, weekday, year } from "./calendar.ts";
import { dayOf, NO_OFFSET, readOffset } from "./instants.ts";
import { isCut, lengthOfSlot, pointerOf, tagOf } from "./slots.ts";

const CYCLE: i32 = 28;
const DAY: i64 = 86400;
/** The longest offset text. */
const OFFSET_BYTES: i32 = 6;

/** Above any offset: what `offsetAt` adds to the code of an error. */
export const OFFSET_ERROR: i32 = 1 << 20;

/** Seconds to add to UTC, or OFFSET_ERROR and a code. `seconds` is within the range of timestamps. */
export function offsetAt(zone: i32, seconds: i64): i32 {
  const tag = tagOf(zone);
  if (tag === TAG_ZONE) return search(pointerOf(zone), seconds);
  if (tag !== TAG_STRING) return OFFSET_ERROR + ERR_NO_SUCH_OVERLOAD;
  if (isCut(zone) && lengthOfSlot(zone) <= OFFSET_BYTES) return OFFSET_ERROR + ERR_TRUNCATED;
  const offset = isCut(zone) ? NO_OFFSET : readOffset(pointerOf(zone), lengthOfSlot(zone));
  return offset === NO_OFFSET ? OFFSET_ERROR + ERR_INVALID_ARGUMENT : offset;
}

function search(table: i32, seconds: i64): i32 {
  let low = 0;
  let high = load<i32>(table);
  const cycle = load<i32>(table, 8);
  if (cycle !== 0) seconds = folded(seconds, cycle);
  // Transitions before `low` have happened, those from `high` on have not.
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<i64>(table + (middle << 3), 16) >> 20 <= seconds) low = middle + 1;
    else high = middle;
  }
  // The offset is the low 20 bits, with their sign.
  return low === 0 ? load<i32>(table, 4) : i32((load<i64>(table + (low << 3), 8) << 44) >> 44);
}

/** The same second of a like year of the cycle. */
function folded(seconds: i64, cycle: i32): i64 {
  const today = dayOf(seconds);
  civil(today);
  if (year < cycle + CYCLE) return seconds;
  const first = daysOf(year, 1, 1);
  let like = cycle;
  while (isLeap(like) !== isLeap(year) || weekday(daysOf(like, 1, 1)) !== weekday(first)) like++;
  return seconds - i64(first - daysOf(like, 1, 1)) * DAY;
}
