// Fixed addresses that only the engine writes: between the statics that asc places and the rendered output.
// Nothing here outlives one call, except an error in RESERVE, which lives until the ring comes round.
//
//   0x0400  statics placed by asc            0xe000  printed number or time
//   0xd000  RESERVE: error slots             0xe100  BIGNUMS: 6 big integers
//   0xfc00  PATTERN: 256 bits of positions

/** Error slots for when the arena is full or the budget is spent: an error can always be made. */
export const RESERVE: i32 = 0xd000;
export const RESERVE_SLOTS: i32 = 64;

/** The text of one number, timestamp or duration; the longest has 36 bytes. */
export const PRINT: i32 = 0xe000;

/** Big integers of at most 4096 bits: i32 count of limbs, then u32 limbs, lowest first. */
export const BIGNUM_BYTES: i32 = 0x240;
export const BIGNUMS: i32 = 0xe100;

/** The positions of a pattern that is simulated: a set of 256. */
export const PATTERN: i32 = 0xfc00;
