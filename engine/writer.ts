// A text that grows at the end of the arena while it is written. Only one grows at a time, and nothing else may allocate
// meanwhile. Never fails on the way: what went wrong is told at the end.

import { ERR_TRUNCATED, FLAG_TRUNCATED } from "./abi.ts";
import { alloc, error, failure } from "./budget.ts";
import { writeMark } from "./marks.ts";
import { PRINT } from "./scratch.ts";
import { makePointer } from "./slots.ts";
import { boundary } from "./text.ts";

let from: i32 = 0;
let end: i32 = 0;
let limit: i32 = 0;
let failed: i32 = 0;
let open: bool = false;

/** Starts an empty text. */
export function begin(): void {
  from = 0;
  end = 0;
  limit = 0;
  failed = 0;
  open = true;
}

/** Appends bytes; `alloc` charges for them. */
export function append(at: i32, length: i32): void {
  if (!open || length === 0) return;
  const more = length - (limit - end);
  if (more > 0) {
    const room = alloc(more);
    if (room === 0) {
      failed = failure();
      open = false;
      return;
    }
    // The pieces lie side by side.
    if (limit === 0) {
      from = room;
      end = room;
    }
    limit = room + ((more + 15) & ~15);
  }
  memory.copy(end, at, length);
  end += length;
}

/** Appends a mark. */
export function appendMark(mark: u64): void {
  append(PRINT, writeMark(PRINT, mark) - PRINT);
}

/** Says that the value goes on in a way that is not known: what is appended from now on is left out. */
export function leaveOut(): void {
  open = false;
}

/**
 * Says that the value goes on or ends here. A text that is cut must have more than what is held of it, so the last character
 * is taken back.
 */
export function leaveOpen(): void {
  if (!open) return;
  open = false;
  if (end === from) failed = ERR_TRUNCATED;
  else end = from + boundary(from, end - from - 1);
}

/** The text as a slot of type `tag`, or why there is none. */
export function finish(tag: i32, node: i32): i32 {
  if (failed !== 0) return error(failed, node);
  return makePointer(open ? tag : tag | FLAG_TRUNCATED, end - from, from, 0, node);
}
