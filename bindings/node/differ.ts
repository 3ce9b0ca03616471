// How V8 finds the difference of two sequences, exactly: of several shortest answers the one that it takes, and the longer ones that
// it takes for shortest. Knows nothing of texts.
//
// Up to Node 18, a table of all pairs (V8's first liveedit.cc). From Node 20 on, the algorithm of Myers in linear space (2022,
// liveedit-diff.cc): a path through the grid of both sequences is split at the place where a search from the beginning and one from
// the end meet, and each half again. Only the points where it was split are kept, so equal symbols between two of them may be passed
// by: V8 then takes them for changed. See E. Myers, "An O(ND) difference algorithm and its variations", section 4b.

/** Lines or letters, as numbers that are equal when these are. */
export type Symbols = ArrayLike<number>;

/** A part of the old sequence that was replaced by a part of the new one; either may be empty. */
export interface Change {
  readonly from: number;
  readonly to: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** Finds the changes from one sequence to another, in their order. */
export type Differ = (before: Symbols, after: Symbols) => Change[];

/** Pairs of the table at most: V8 takes as long as it takes, and everything counts as changed beyond. */
const MAX_CELLS = 4_000_000;

/** Collects changes along a path of single steps. */
class Changes {
  readonly found: Change[] = [];
  #from = -1;
  #newFrom = 0;

  /** A symbol is left out or put in here. */
  step(x: number, y: number): void {
    if (this.#from >= 0) return;
    this.#from = x;
    this.#newFrom = y;
  }

  /** Two symbols are equal here, or the path ends. */
  pass(x: number, y: number): void {
    if (this.#from >= 0) this.found.push({ from: this.#from, to: x, newFrom: this.#newFrom, newTo: y });
    this.#from = -1;
  }
}

/** As V8 does it up to Node 18: equal symbols are always paired at once. */
export function byTable(before: Symbols, after: Symbols): Change[] {
  const rows = before.length;
  const columns = after.length;
  const changes = new Changes();
  const leavesOut = direction(before, after);
  if (leavesOut === null) return [{ from: 0, to: rows, newFrom: 0, newTo: columns }];
  let x = 0;
  let y = 0;
  while (x < rows || y < columns) {
    if (x < rows && y < columns && before[x] === after[y]) changes.pass(x++, y++);
    else {
      changes.step(x, y);
      if (y === columns || (x < rows && leavesOut(x, y))) x++;
      else y++;
    }
  }
  changes.pass(x, y);
  return changes.found;
}

/** Says at two symbols that differ whether the old one is left out, or the new one put in. Null where the table is too large. */
function direction(before: Symbols, after: Symbols): ((x: number, y: number) => boolean) | null {
  // Where symbols are only put in, or only left out, the shortest way is plain.
  if (isWithin(before, after)) return () => false;
  if (isWithin(after, before)) return () => true;
  const rows = before.length;
  const columns = after.length;
  const width = columns + 1;
  if ((rows + 1) * width > MAX_CELLS) return null;
  const cost = new Uint32Array((rows + 1) * width);
  for (let y = 0; y < columns; y++) cost[rows * width + y] = columns - y;
  for (let x = rows - 1; x >= 0; x--) {
    const symbol = before[x];
    const row = x * width;
    let right = rows - x;
    cost[row + columns] = right;
    for (let y = columns - 1; y >= 0; y--) {
      const below = row + width + y;
      right = symbol === after[y] ? cost[below + 1]! : 1 + Math.min(cost[below]!, right);
      cost[row + y] = right;
    }
  }
  return (x, y) => cost[(x + 1) * width + y]! < cost[x * width + y + 1]!;
}

/** Whether a sequence is what is left of another when symbols are taken out. */
function isWithin(part: Symbols, whole: Symbols): boolean {
  let x = 0;
  for (let y = 0; x < part.length && y < whole.length; y++) if (part[x] === whole[y]) x++;
  return x === part.length;
}

/** As V8 does it from Node 20 on. */
export function bySplitting(before: Symbols, after: Symbols): Change[] {
  const points = new Splitter(before, after).path();
  const changes = new Changes();
  if (points.length === 0) return [];
  let [x, y] = points[0]!;
  for (const [nextX, nextY] of points.slice(1)) {
    const passEqual = () => {
      while (x < nextX && y < nextY && before[x] === after[y]) changes.pass(x++, y++);
    };
    passEqual();
    const surplus = nextX - x - (nextY - y);
    if (surplus !== 0) changes.step(x, y);
    if (surplus === 1) x++;
    else if (surplus === -1) y++;
    passEqual();
    // What lies between is passed by: neither equal nor a step.
    x = nextX;
    y = nextY;
  }
  changes.pass(x, y);
  return changes.found;
}

type Point = readonly [x: number, y: number];
type Area = readonly [left: number, top: number, right: number, bottom: number];

class Splitter {
  readonly #before: Symbols;
  readonly #after: Symbols;
  /** How far each diagonal was followed, from the beginning and from the end; negative diagonals count from the end of the array. */
  readonly #forward: Int32Array;
  readonly #backward: Int32Array;

  constructor(before: Symbols, after: Symbols) {
    this.#before = before;
    this.#after = after;
    const size = before.length + after.length + 1;
    this.#forward = new Int32Array(size);
    this.#backward = new Int32Array(size);
  }

  path(): Point[] {
    const points: Point[] = [];
    this.#visit([0, 0, this.#before.length, this.#after.length], points);
    return points;
  }

  /** Adds the points of an area; false when it has none. */
  #visit(area: Area, points: Point[]): boolean {
    const split = this.#split(area);
    if (split === null) return false;
    const [x, y, nextX, nextY] = split;
    if (!this.#visit([area[0], area[1], x, y], points)) points.push([x, y]);
    if (!this.#visit([nextX, nextY, area[2], area[3]], points)) points.push([nextX, nextY]);
    return true;
  }

  /** The stretch on which the two searches meet, from its upper left end to its lower right one. */
  #split(area: Area): Area | null {
    const [left, top, right, bottom] = area;
    const size = right - left + bottom - top;
    if (size === 0) return null;
    this.#forward[this.#index(1)] = left;
    this.#backward[this.#index(-1)] = right;
    for (let steps = 0; steps <= Math.ceil(size / 2); steps++) {
      const met = this.#search(area, steps) ?? this.#searchBack(area, steps);
      if (met !== null) return met;
    }
    return null;
  }

  #index(diagonal: number): number {
    return diagonal >= 0 ? diagonal : this.#forward.length + diagonal;
  }

  #search([left, top, right, bottom]: Area, steps: number): Area | null {
    const far = this.#forward;
    const lean = right - left - (bottom - top);
    for (let k = -steps; k <= steps; k += 2) {
      const above = far[this.#index(k + 1)]!;
      const beside = far[this.#index(k - 1)]!;
      const isDown = k === -steps || (k !== steps && beside < above);
      const fromX = isDown ? above : beside;
      let x = isDown ? above : beside + 1;
      let y = top + (x - left) - k;
      const fromY = steps === 0 || !isDown ? y : y - 1;
      while (x < right && y < bottom && this.#before[x] === this.#after[y]) {
        x++;
        y++;
      }
      far[this.#index(k)] = x;
      const other = k - lean;
      const isReached = lean % 2 !== 0 && other > -steps && other < steps;
      if (isReached && x >= this.#backward[this.#index(other)]!) return [fromX, fromY, x, y];
    }
    return null;
  }

  #searchBack([left, top, right, bottom]: Area, steps: number): Area | null {
    const far = this.#backward;
    const lean = right - left - (bottom - top);
    for (let l = steps; l >= -steps; l -= 2) {
      const below = far[this.#index(l - 1)]!;
      const beside = far[this.#index(l + 1)]!;
      const isUp = l === steps || (l !== -steps && below > beside);
      const fromX = isUp ? below : beside;
      let x = isUp ? below : beside - 1;
      const k = l + lean;
      let y = top + (x - left) - k;
      const fromY = steps === 0 || !isUp ? y : y + 1;
      while (x > left && y > top && this.#before[x - 1] === this.#after[y - 1]) {
        x--;
        y--;
      }
      far[this.#index(l)] = x;
      const isReached = lean % 2 === 0 && k >= -steps && k <= steps;
      if (isReached && x <= this.#forward[this.#index(k)]!) return [x, y, fromX, fromY];
    }
    return null;
  }
}
