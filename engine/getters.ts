// The parts of timestamps, in UTC or in a zone, and of durations.
import { ERR_NO_SUCH_OVERLOAD, ERR_OVERFLOW, TAG_DURATION, TAG_ERROR, TAG_TIMESTAMP } from "./abi.ts";
import { charge, error, fail, locate } from "./budget.ts";
import { civil, day, month, weekday, year, yearDay } from "./calendar.ts";
import { clockOf, dayOf } from "./instants.ts";
import { int64 } from "./numbers.ts";
import { lengthOfSlot, makeInt, tagOf } from "./slots.ts";
import { isInRange, SECOND } from "./time.ts";
import { OFFSET_ERROR, offsetAt } from "./zones.ts";

// The parts, in the order of conditions/catalogue/time.ts: 4 is the day of the month from 1, 9 the milliseconds. A duration has
// those from HOURS on.
const YEAR: i32 = 0;
const MONTH: i32 = 1;
const YEAR_DAY: i32 = 2;
const MONTH_DAY: i32 = 3;
const WEEKDAY: i32 = 5;
const HOURS: i32 = 6;
const MINUTES: i32 = 7;
const SECONDS: i32 = 8;

/** What a search in a zone's table costs at most. */
const ZONE_STEPS: i32 = 2;
const MILLISECOND: i64 = 1000000;

/** `time.getPart(zone)`; `zone` is 0 where none is written. */
export function timePart(time: i32, zone: i32, part: i32, node: i32): i32 {
  const tag = tagOf(time);
  if (tag === TAG_ERROR) return locate(time, node);
  if (zone !== 0 && tagOf(zone) === TAG_ERROR) return locate(zone, node);
  if (tag === TAG_DURATION && zone === 0 && part >= HOURS) return makeInt(ofDuration(int64(time), part), node);
  if (tag !== TAG_TIMESTAMP) return error(ERR_NO_SUCH_OVERLOAD, node);
  let seconds = int64(time);
  // A host's clock may be outside.
  if (!isInRange(seconds)) return error(ERR_OVERFLOW, node);
  if (zone !== 0) {
    if (!charge(ZONE_STEPS)) return fail(node);
    const offset = offsetAt(zone, seconds);
    if (offset >= OFFSET_ERROR) return error(offset - OFFSET_ERROR, node);
    seconds += offset;
  }
  return makeInt(
    i64(part < HOURS ? ofDay(dayOf(seconds), part) : ofClock(clockOf(seconds), lengthOfSlot(time), part)),
    node,
  );
}

function ofDay(days: i32, part: i32): i32 {
  if (part === WEEKDAY) return weekday(days);
  civil(days);
  if (part === YEAR) return year;
  if (part === MONTH) return month - 1;
  if (part === YEAR_DAY) return yearDay;
  return part === MONTH_DAY ? day - 1 : day;
}

function ofClock(second: i32, nanos: i32, part: i32): i32 {
  if (part === HOURS) return second / 3600;
  if (part === MINUTES) return (second / 60) % 60;
  return part === SECONDS ? second % 60 : nanos / i32(MILLISECOND);
}

/** Hours, minutes and seconds are totals, milliseconds what the seconds leave. */
function ofDuration(nanos: i64, part: i32): i64 {
  if (part === HOURS) return nanos / (3600 * SECOND);
  if (part === MINUTES) return nanos / (60 * SECOND);
  return part === SECONDS ? nanos / SECOND : (nanos / MILLISECOND) % 1000;
}
