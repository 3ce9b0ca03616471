// Edits one live script: puts the text of probes in and takes it out, always computed from the original source. Decides what V8
// will accept before it asks, because an edit that V8 accepts but misunderstands cannot be mended.
//
// An async function or generator that is suspended cannot be edited. But where it is created and called in one expression, as in
// `return (async () => { BODY })()`, it is enough that the function *around* it runs the new text. So its literal is wrapped,
// `([()=>async () => { BODY }][0]``)()`: one scope more around it, and V8 does not take the new literal for the old one. Suspended
// activations end in the old text, later calls run the new one, and no line moves.
import { changedParts, isUntouched } from "./diff.ts";
import { type Insertion, insertAll, moved } from "./edits.ts";
import { PLACE_LIMITS } from "./limits.ts";
import type { FunctionInfo, Parsed, Start } from "./parse.ts";
import { type Names, Scopes } from "./scope.ts";
import type { DebugSession, EditStatus } from "./session.ts";
import type { TextForm } from "./text.ts";

/** The text of one probe in a script. */
export interface Mark {
  readonly gate: number;
  readonly start: Start;
  readonly text: (form: TextForm) => string;
}

/**
 * `layout`: the line is such that V8 would mistake the edit. `large`: the script is over a limit. `coverage`: the program collects
 * coverage, which an edit would spoil. `heap`: the heap is over a limit.
 */
export type Outcome = EditStatus | "layout" | "large" | "coverage" | "heap" | "debugger";

/** How often V8 was asked, and refused. */
export interface EditCount {
  edits: number;
  refused: number;
}

interface Wrap {
  /** How many times the literal is wrapped: 0, 1 or 2. */
  readonly depth: number;
  /** What is inserted in the function's own code; when it changes, so must the depth. */
  readonly content: string;
}

interface Plan {
  readonly text: string;
  readonly insertions: readonly Insertion[];
  readonly wraps: ReadonlyMap<number, Wrap>;
}

/** A script and what has been inserted into it. */
export class LiveScript {
  readonly scriptId: string;
  readonly parsed: Parsed;
  #scopes: Scopes | null = null;
  #text: string;
  #insertions: readonly Insertion[] = [];
  #wraps: ReadonlyMap<number, Wrap> = new Map();
  readonly #marks = new Map<number, { mark: Mark; form: TextForm }>();

  constructor(scriptId: string, parsed: Parsed) {
    this.scriptId = scriptId;
    this.parsed = parsed;
    this.#text = parsed.source;
  }

  get insertions(): readonly Insertion[] {
    return this.#insertions;
  }

  has(gate: number): boolean {
    return this.#marks.has(gate);
  }

  /** The name of every variable at a place, and how it can be read. */
  names(start: Start): Names {
    this.#scopes ??= new Scopes(this.parsed);
    return this.#scopes.names(start, this.#renewal(start.functionIndex).renewed);
  }

  /** Whether a refusal can be overcome by waiting. */
  isWrapped(start: Start): boolean {
    return this.#renewal(start.functionIndex).wraps.length > 0;
  }

  /** Where a place stands now, line and column from 0. */
  position(start: Start): { readonly line: number; readonly column: number } {
    const { line } = this.parsed.lines.position(start.at);
    const lineStart = this.parsed.lines.start(line);
    const shift = moved(start.at, this.#insertions, true) - moved(lineStart, this.#insertions, false);
    return { line, column: shift };
  }

  /** Puts marks in and takes others out, in as few edits as V8 allows. Answers by gate. */
  change(
    session: DebugSession,
    adds: readonly Mark[],
    removes: readonly number[],
    count: EditCount,
  ): Map<number, Outcome> {
    const outcomes = new Map<number, Outcome>();
    const taken = removes.filter((gate) => this.#marks.has(gate));
    if (adds.length + taken.length === 0) return outcomes;
    const { source, functions } = this.parsed;
    if (source.length > PLACE_LIMITS.editChars || functions.length > PLACE_LIMITS.editFunctions) {
      for (const { gate } of adds) outcomes.set(gate, "large");
      return outcomes;
    }
    const groups = this.#groups(adds, taken);
    let outcome = this.#attempt(session, adds, taken, count);
    if (outcome === "ok" || groups.length === 1) {
      for (const gate of [...adds.map((mark) => mark.gate), ...taken]) outcomes.set(gate, outcome);
      return outcomes;
    }
    // One function that cannot be changed refuses the whole edit: each function by itself.
    for (const group of groups) {
      outcome = this.#attempt(session, group.adds, group.removes, count);
      for (const gate of [...group.adds.map((mark) => mark.gate), ...group.removes]) outcomes.set(gate, outcome);
    }
    return outcomes;
  }

  #groups(adds: readonly Mark[], removes: readonly number[]): { adds: Mark[]; removes: number[] }[] {
    const groups = new Map<number, { adds: Mark[]; removes: number[] }>();
    const at = (functionIndex: number) => {
      const group = groups.get(functionIndex) ?? { adds: [], removes: [] };
      groups.set(functionIndex, group);
      return group;
    };
    for (const gate of removes) at(this.#marks.get(gate)!.mark.start.functionIndex).removes.push(gate);
    for (const mark of adds) at(mark.start.functionIndex).adds.push(mark);
    return [...groups.values()];
  }

  #attempt(session: DebugSession, adds: readonly Mark[], removes: readonly number[], count: EditCount): Outcome {
    let wanted = this.#plan(adds, removes, "guarded");
    let form: TextForm = "guarded";
    let damage = this.#damage(wanted);
    if (damage !== "none") {
      const bare = this.#plan(adds, removes, "bare");
      const other = this.#damage(bare);
      if (other === "none" || damage === "edited") {
        wanted = bare;
        form = "bare";
        damage = other;
      }
    }
    if (damage === "edited") return "layout";
    if (wanted.text !== this.#text) {
      const status = session.edit(this.scriptId, wanted.text);
      count.edits++;
      if (status !== "ok") {
        count.refused++;
        return status;
      }
    }
    this.#text = wanted.text;
    this.#insertions = wanted.insertions;
    this.#wraps = wanted.wraps;
    for (const gate of removes) this.#marks.delete(gate);
    for (const mark of adds) this.#marks.set(mark.gate, { mark, form });
    return "ok";
  }

  #plan(adds: readonly Mark[], removes: readonly number[], form: TextForm): Plan {
    const { source, functions } = this.parsed;
    const wanted = [...this.#marks.values()].filter(({ mark }) => !removes.includes(mark.gate));
    for (const mark of adds) wanted.push({ mark, form });
    const insertions: Insertion[] = [];
    const content = new Map<number, string[]>();
    const note = (functionIndex: number, what: string) => {
      content.set(functionIndex, [...(content.get(functionIndex) ?? []), what]);
    };
    const wrapped = new Set<number>(this.#wraps.keys());
    for (const { mark, form: own } of wanted) {
      insertions.push({ offset: mark.start.insert, text: mark.text(own) });
      note(mark.start.functionIndex, String(mark.gate));
      for (const index of this.#renewal(mark.start.functionIndex).wraps) wrapped.add(index);
    }
    const wraps = new Map<number, Wrap>();
    // Functions are numbered from the outside, and a wrap changes the function around it.
    for (const index of [...wrapped].sort((a, b) => b - a)) {
      const now = (content.get(index) ?? []).join();
      const before = this.#wraps.get(index) ?? { depth: 0, content: "" };
      const depth = now === before.content ? before.depth : now === "" ? 0 : before.depth === 1 ? 2 : 1;
      if (depth === 0) continue;
      const { start, end, parent } = functions[index]!;
      wraps.set(index, { depth, content: now });
      insertions.push({ offset: start, text: "[()=>".repeat(depth) }, { offset: end, text: "][0]``".repeat(depth) });
      note(parent, `${index}:${depth}`);
    }
    return { text: insertAll(source, insertions), insertions, wraps };
  }

  /** `edited`: a function whose text changes would lose its closures. `other`: only functions beside it. */
  #damage(plan: Plan): "none" | "other" | "edited" {
    const parts = changedParts(this.#text, plan.text);
    if (parts.length === 0) return "none";
    const { functions } = this.parsed;
    const changesWrap = (index: number) => (this.#wraps.get(index)?.depth ?? 0) !== (plan.wraps.get(index)?.depth ?? 0);
    const isRenewed = (found: FunctionInfo | undefined): boolean => {
      for (let up = found; up !== undefined; up = functions[up.parent]) if (changesWrap(up.index)) return true;
      return false;
    };
    const first = Math.min(...parts.map(([from]) => from));
    const last = Math.max(...parts.map(([, to]) => to));
    let damage: "none" | "other" | "edited" = "none";
    for (const found of functions) {
      const from = moved(found.start, this.#insertions, true);
      const to = moved(found.end, this.#insertions, false);
      if (to < first || from > last || isRenewed(found)) continue;
      const header = moved(headerEnd(found), this.#insertions, false);
      if (isUntouched(parts, from, header) && isUntouched(parts, to - 1, to)) continue;
      if (parts.some(([start, end]) => start >= header && end < to)) return "edited";
      damage = "other";
    }
    return damage;
  }

  /**
   * Which functions run anew after an edit in this one, innermost first, and which of them must be wrapped for that. Without a
   * way, the function itself is edited and V8 refuses while it is suspended.
   */
  #renewal(functionIndex: number): { readonly renewed: readonly FunctionInfo[]; readonly wraps: readonly number[] } {
    const { functions } = this.parsed;
    const own = functions[functionIndex];
    if (own === undefined) return { renewed: [], wraps: [] };
    const direct = { renewed: [own], wraps: [] };
    const renewed = [own];
    const wraps: number[] = [];
    let found: FunctionInfo = own;
    while (found.suspends) {
      const around = functions[found.parent];
      if (!found.isCalledAtOnce || around === undefined || around.kind === "static") return direct;
      wraps.push(found.index);
      renewed.push(around);
      found = around;
    }
    if (wraps.length === 0) return direct;
    // A function that is itself called at once, at the top of the module, has run and will not run again.
    let outer: FunctionInfo | undefined = found;
    while (outer?.isCalledAtOnce) outer = functions[outer.parent];
    return outer === undefined ? direct : { renewed, wraps };
  }
}

/** V8 counts a function from its parameters on; the words in front of them are looked at too, to be sure. */
function headerEnd({ node, start, bodyStart, kind }: FunctionInfo): number {
  if (kind === "static" || kind === "field") return start;
  const parameter = node.params[0] as { readonly start: number } | undefined;
  return Math.min(parameter?.start ?? start + 1, bodyStart);
}
