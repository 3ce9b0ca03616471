// Edits one live script: puts the text of probes in and takes it out. Decides what V8 will accept before it asks, because an edit
// that V8 accepts but misunderstands cannot be mended.
import { OWN_DIFFER } from "./diff.ts";
import type { Differ } from "./differ.ts";
import { moved } from "./edits.ts";
import { type JoinedGate, joinGates } from "./gate.ts";
import { damageOf, type Layout, layOut, type Mark, type Placed, plainLayout, renewal } from "./layout.ts";
import { PLACE_LIMITS } from "./limits.ts";
import type { Parsed, Start } from "./parse.ts";
import { type Names, Scopes } from "./scope.ts";
import type { DebugSession, EditStatus } from "./session.ts";
import { type Change, carryOut, type Draft, type EditCount, type Outcome } from "./steps.ts";
import type { TextForm } from "./text.ts";

/** How the marks of the places that change are written. `keep`: those that stand there already stay as they are. */
interface Style {
  readonly how: "keep" | "apart" | "joined";
  readonly form: TextForm;
  readonly keepsWraps: boolean;
}

const STYLES: readonly Style[] = [false, true].flatMap((keepsWraps) =>
  (["keep", "apart", "joined"] as const).flatMap((how) =>
    (["guarded", "bare"] as const).map((form) => ({ how, form, keepsWraps })),
  ),
);
/** What is tried for many lines at once. */
const FEW_STYLES = 2;
/** Joined gates kept after their text is gone: activations that were suspended in it still call them. */
const MAX_FORMER = 8;

/** A script and what has been inserted into it. */
export class LiveScript {
  readonly scriptId: string;
  readonly parsed: Parsed;
  readonly #differ: Differ;
  #scopes: Scopes | null = null;
  #now: Layout;
  readonly #joined = new Map<string, JoinedGate>();
  #former: JoinedGate[] = [];
  readonly #detached = new Set<number>();

  /** `differ`: how V8 compares texts; for tests. */
  constructor(scriptId: string, parsed: Parsed, differ: Differ = OWN_DIFFER) {
    this.#differ = differ;
    this.scriptId = scriptId;
    this.parsed = parsed;
    this.#now = plainLayout(parsed);
  }

  get insertions(): Layout["insertions"] {
    return this.#now.insertions;
  }

  has(gate: number): boolean {
    return this.#now.placed.some(({ mark }) => mark.gate.id === gate);
  }

  /** The name of every variable at a place, and how it can be read. */
  names(start: Start): Names {
    this.#scopes ??= new Scopes(this.parsed);
    return this.#scopes.names(start, renewal(this.parsed, start.functionIndex).renewed);
  }

  /** Whether a refusal can be overcome by waiting. */
  isWrapped(start: Start): boolean {
    return renewal(this.parsed, start.functionIndex).wraps.length > 0;
  }

  /** Whether closures of the function may exist that no edit reaches any more. */
  isDetached(start: Start): boolean {
    return this.#detached.has(start.functionIndex);
  }

  /** Where a place stands now, line and column from 0. */
  position(start: Start): { readonly line: number; readonly column: number } {
    const { line } = this.parsed.lines.position(start.at);
    const lineStart = this.parsed.lines.start(line);
    const shift = moved(start.at, this.insertions, true) - moved(lineStart, this.insertions, false);
    return { line, column: shift };
  }

  /**
   * Puts marks in and takes others out, in as few edits as V8 allows. Answers by gate; what has no answer was put off, because
   * `mayGoOn` said so between two edits.
   */
  change(
    session: DebugSession,
    adds: readonly Mark[],
    removes: readonly number[],
    count: EditCount,
    mayGoOn: () => boolean = () => true,
  ): Map<number, Outcome> {
    const outcomes = new Map<number, Outcome>();
    const taken = this.#now.placed.map(({ mark }) => mark).filter(({ gate }) => removes.includes(gate.id));
    if (adds.length + taken.length === 0) return outcomes;
    const { source, functions } = this.parsed;
    if (source.length > PLACE_LIMITS.editChars || functions.length > PLACE_LIMITS.editFunctions) {
      for (const { gate } of adds) outcomes.set(gate.id, "large");
      return outcomes;
    }
    const edit = (draft: Draft) => this.#edit(draft, session, count);
    const draft = (changes: readonly Change[], isThorough: boolean) => this.#draft(changes, isThorough);
    carryOut(this.#byLine(adds, taken), { draft, edit, mayGoOn }, outcomes);
    // What was taken out under a wrap that had to stay.
    if ([...this.#now.wraps.values()].some(({ content }) => content === "")) edit(draft([], false));
    this.#closeUnused();
    return outcomes;
  }

  /** The text with some changes, in the best way there is. */
  #draft(changes: readonly Change[], isThorough: boolean): Draft {
    const offsets = new Set(changes.flatMap((change) => [...change.adds, ...change.removes]).map(placeOf));
    const isJoined = this.#now.placed.some((one) => one.isJoined && offsets.has(placeOf(one.mark)));
    // A place that is joined goes back to texts of its own as soon as they fit: they are faster.
    const styles = isJoined ? STYLES.filter(({ how }) => how !== "keep") : STYLES;
    let best: Draft | null = null;
    for (const style of isThorough ? styles : styles.slice(0, FEW_STYLES)) {
      const drawn = this.#draw(changes, offsets, style);
      if (drawn.damage.kind === "none") return drawn;
      if (best === null || (best.damage.kind === "edited" && drawn.damage.kind === "other")) best = drawn;
    }
    return best!;
  }

  /** One edit. */
  #edit({ layout, damage }: Draft, session: DebugSession, count: EditCount): EditStatus {
    const before = this.#now;
    if (layout.text !== before.text) {
      const status = session.edit(this.scriptId, layout.text);
      count.edits++;
      if (status !== "ok") {
        count.refused++;
        return status;
      }
    }
    this.#now = layout;
    for (const index of damage.functions) this.#detached.add(index);
    for (const one of before.joined) if (!layout.joined.has(one)) this.#former.push(one);
    return "ok";
  }

  #draw(changes: readonly Change[], offsets: ReadonlySet<number>, { how, form, keepsWraps }: Style): Draft {
    const removed = new Set(changes.flatMap(({ removes }) => removes));
    const placed: Placed[] = [];
    for (const one of this.#now.placed) {
      if (removed.has(one.mark)) continue;
      const stays = how === "keep" || !offsets.has(placeOf(one.mark));
      placed.push(stays ? one : { mark: one.mark, form, isJoined: how === "joined" });
    }
    for (const { adds } of changes) for (const mark of adds) placed.push({ mark, form, isJoined: how === "joined" });
    const layout = layOut(this.parsed, placed, this.#now, keepsWraps, (marks) => this.#join(marks));
    return { layout, damage: damageOf(this.parsed, this.#now, layout, this.#differ) };
  }

  #join(marks: readonly Mark[]): JoinedGate {
    const key = marks.map(({ gate }) => gate.id).join();
    let found = this.#joined.get(key);
    if (found === undefined) {
      const { functionIndex } = marks[0]!.start;
      found = joinGates(
        marks.map(({ gate }) => gate),
        this.parsed.functions[functionIndex]?.name,
      );
      this.#joined.set(key, found);
    }
    return found;
  }

  /** Closes the joined gates that no text calls, but for those that a suspended activation may call yet. */
  #closeUnused(): void {
    this.#former = this.#former.filter((one) => !this.#now.joined.has(one)).slice(-MAX_FORMER);
    for (const [key, one] of this.#joined) {
      if (this.#now.joined.has(one) || this.#former.includes(one)) continue;
      one.close();
      this.#joined.delete(key);
    }
  }

  #byLine(adds: readonly Mark[], removes: readonly Mark[]): Change[] {
    const lines = new Map<number, { adds: Mark[]; removes: Mark[] }>();
    const at = ({ start }: Mark) => {
      const { line } = this.parsed.lines.position(start.insert);
      const change = lines.get(line) ?? { adds: [], removes: [] };
      lines.set(line, change);
      return change;
    };
    for (const mark of removes) at(mark).removes.push(mark);
    for (const mark of adds) at(mark).adds.push(mark);
    return [...lines.values()];
  }
}

function placeOf({ start }: Mark): number {
  return start.insert;
}
