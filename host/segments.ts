// Hands out address ranges of the guest's segment area to probe modules, first fit, and joins what is given back.
// Keeps a list of free ranges only; never touches the memory itself.

interface Range {
  from: number;
  to: number;
}

/** Ranges are 16-byte aligned, so that slots in them are too. */
const ALIGN = 16;
const rounded = (size: number) => Math.max(ALIGN, Math.ceil(size / ALIGN) * ALIGN);

export class Segments {
  private readonly free: Range[];
  /** Bytes handed out. */
  used = 0;

  constructor(from: number, to: number) {
    this.free = [{ from, to }];
  }

  /** The start of a range of at least `size` bytes, or null when there is none. */
  take(size: number): number | null {
    const bytes = rounded(size);
    const index = this.free.findIndex((range) => range.to - range.from >= bytes);
    const range = this.free[index];
    if (range === undefined) return null;
    const { from } = range;
    range.from += bytes;
    if (range.from === range.to) this.free.splice(index, 1);
    this.used += bytes;
    return from;
  }

  /** Gives a range back that `take(size)` handed out. */
  give(from: number, size: number): void {
    const bytes = rounded(size);
    const to = from + bytes;
    this.used -= bytes;
    let index = this.free.findIndex((range) => range.from >= to);
    if (index < 0) index = this.free.length;
    const before = this.free[index - 1];
    const after = this.free[index];
    if (before?.to === from && after?.from === to) {
      before.to = after.to;
      this.free.splice(index, 1);
    } else if (before?.to === from) before.to = to;
    else if (after?.from === to) after.from = from;
    else this.free.splice(index, 0, { from, to });
  }
}
