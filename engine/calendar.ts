// Days since 1970-01-01 as dates of the proleptic Gregorian calendar and back, from year 0 on. Knows no time of day.
// The arithmetic counts years from March, so that a leap day is the last day of its year: see "chrono-Compatible Low-Level
// Date Algorithms" by Howard Hinnant.

/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH: i32 = 719468;
/** Days of 400 years. */
const ERA: i32 = 146097;

/** What `civil` found: year, month from 1, day from 1, day of the year from 0. */
export let year: i32 = 0;
export let month: i32 = 0;
export let day: i32 = 0;
export let yearDay: i32 = 0;

/** True for a year with a 29 February. */
export function isLeap(year: i32): bool {
  return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days of a month, from 1 to 12. */
export function daysOfMonth(year: i32, month: i32): i32 {
  return month === 2 ? 28 + i32(isLeap(year)) : 30 + ((month + (month >> 3)) & 1);
}

/** Finds the date of a day, from 0000-03-01 on. */
export function civil(days: i32): void {
  const since = days + EPOCH;
  const era = since / ERA;
  const inEra = since % ERA;
  const years = (inEra - inEra / 1460 + inEra / 36524 - inEra / 146096) / 365;
  const inYear = inEra - (365 * years + years / 4 - years / 100);
  const months = (5 * inYear + 2) / 153;
  day = inYear - (153 * months + 2) / 5 + 1;
  month = months < 10 ? months + 3 : months - 9;
  year = years + era * 400 + i32(month <= 2);
  yearDay = month <= 2 ? inYear - 306 : inYear + 59 + i32(isLeap(year));
}

/** The day of a date, from year 1 on. */
export function daysOf(year: i32, month: i32, day: i32): i32 {
  const early = i32(month <= 2);
  const y = year - early;
  const inYear = (153 * (month + 12 * early - 3) + 2) / 5 + day - 1;
  return y * 365 + y / 4 - y / 100 + y / 400 + inYear - EPOCH;
}

/** The day of the week, from 0 for Sunday, of a day from 0000-03-01 on. */
export function weekday(days: i32): i32 {
  return (days + EPOCH + 3) % 7;
}
