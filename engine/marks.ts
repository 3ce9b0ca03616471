// Short ASCII texts as numbers, their first character in the lowest byte: a literal of this source would take ten times the room.

export const OPEN_LIST: u64 = 0x5b; // [
export const CLOSE_LIST: u64 = 0x5d; // ]
export const OPEN_MAP: u64 = 0x7b; // {
export const CLOSE_MAP: u64 = 0x7d; // }
export const COMMA: u64 = 0x202c; // a comma and a space
export const COLON: u64 = 0x203a; // a colon and a space
export const QUOTE: u64 = 0x22; // "
export const BYTES_QUOTE: u64 = 0x2262; // b"
export const DOTS: u64 = 0x2e2e2e; // ...
export const QUOTED_DOTS: u64 = 0x222e2e2e22; // "..."
export const LESS: u64 = 0x3c; // <
export const GREATER: u64 = 0x3e; // >
export const CLOSE: u64 = 0x29; // )
export const PERCENT: u64 = 0x25; // %
export const NULL: u64 = 0x6c6c756e; // null

/** Writes a mark; returns the end. */
export function writeMark(at: i32, mark: u64): i32 {
  store<u64>(at, mark);
  return at + (i32(71 - clz(mark)) >> 3);
}
