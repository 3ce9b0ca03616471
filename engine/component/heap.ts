// The memory of a component's caller: what is passed in and out lies between the plan and the end of memory, and is given back as a
// whole when the result has been taken. The only place where a component traps: when there is no room for what the caller passes.
import { MEMORY_PAGES, PAGE_BYTES } from "../abi.ts";
import { PLAN_HEAP } from "./layout.ts";

/** Where the plan of the module lies that this engine is linked with. The linker gives it. */
export declare const plan: i32;

const MEMORY_END: i32 = PAGE_BYTES * MEMORY_PAGES;

let free: i32 = 0;

/** Room for `bytes` bytes, aligned to 8. */
export function take(bytes: i32): i32 {
  if (free === 0) free = load<i32>(plan + PLAN_HEAP);
  const at = (free + 7) & ~7;
  if (u32(bytes) > u32(MEMORY_END - at)) unreachable();
  free = at + bytes;
  return at;
}

/** Gives all of it back. */
export function giveBack(): void {
  free = 0;
}

/** What the canonical ABI asks of a component. */
export function cabi_realloc(old: i32, oldBytes: i32, align: i32, bytes: i32): i32 {
  if (bytes === 0) return align;
  if (oldBytes > 0 && old + oldBytes === free) free = old;
  const at = take(bytes);
  if (oldBytes > 0 && at !== old) memory.copy(at, old, min(oldBytes, bytes));
  return at;
}
