// Fixed addresses that only the engine writes: between the statics that asc places and the rendered output.
// Nothing here outlives one call, except an error in RESERVE, which lives until the ring comes round.
//
//   0x0400  statics placed by asc            0xe000  printed number or time
//   0xd000  RESERVE: error slots             0xe100  BIGNUMS: 6 big integers, or a number with its separators and zeros
//                                            0xee80  DIGITS of one number    0xf400  NUMBER: its text in a format
//   0xfc00  PATTERN: 256 bits of positions

/** Error slots for when the arena is full or the budget is spent: an error can always be made. */
export const RESERVE: i32 = 0xd000;
export const RESERVE_SLOTS: i32 = 64;

/** The text of one number, timestamp or duration; the longest has 36 bytes. */
export const PRINT: i32 = 0xe000;

/** Big integers of at most 4096 bits: i32 count of limbs, then u32 limbs, lowest first. */
export const BIGNUM_BYTES: i32 = 0x240;
export const BIGNUMS: i32 = 0xe100;

/** The significant digits of one number, of which more than these are no use. */
export const DIGITS: i32 = 0xee80;
export const MAX_DIGITS: i32 = 1300;

/** The text of one number in a format: a sign, MAX_DIGITS digits, as many behind the point as a format can ask for, a few more. */
export const NUMBER: i32 = 0xf400;

/** A number with separators and leading zeros: one and a third of NUMBER, or 1024 columns and a separator. */
export const DECORATED: i32 = BIGNUMS;
/** The positions of a pattern that is simulated: a set of 256. */
export const PATTERN: i32 = 0xfc00;
