// Decides in which steps a script is edited. Knows no text and asks no V8: both are handed in.
//
// V8 compares texts by lines. Neighbouring lines that change together count as one piece, and a piece of 800 letters as replaced,
// with every brace in it. So what does not go in one edit goes in several: line by line, in another form, or one probe at a time.
// Whatever a probe can do when it is alone, it can do beside others.
import type { Damage, Layout, Mark } from "./layout.ts";
import type { EditStatus } from "./session.ts";

/**
 * `layout`: the line is such that V8 would mistake the edit. `large`: the script is over a limit. `coverage`: the program collects
 * coverage, which an edit would spoil. `slow`: the edit would hold the program up for too long.
 */
export type Outcome = EditStatus | "layout" | "large" | "coverage" | "slow" | "debugger";

/** How often V8 was asked, and refused. */
export interface EditCount {
  edits: number;
  refused: number;
}

/** What changes on one line. */
export interface Change {
  readonly adds: readonly Mark[];
  readonly removes: readonly Mark[];
}

/** A text that could be next, and what it would do to functions. */
export interface Draft {
  readonly layout: Layout;
  readonly damage: Damage;
}

/** What a script can do. */
export interface Editable {
  /** The text with some changes, in the best way there is; `isThorough`: of all ways, else of the usual ones. */
  readonly draft: (changes: readonly Change[], isThorough: boolean) => Draft;
  readonly edit: (draft: Draft) => EditStatus;
  /** Asked between two edits: whether there is time for another one. */
  readonly mayGoOn: () => boolean;
}

/** Carries changes out, in as few edits as V8 allows. What is put off has no outcome. */
export function carryOut(changes: readonly Change[], script: Editable, outcomes: Map<number, Outcome>): void {
  new Work(script, outcomes).begin(changes);
}

/** The changes of one call, edit by edit. */
class Work {
  readonly #script: Editable;
  readonly #outcomes: Map<number, Outcome>;
  #isFirst = true;

  constructor(script: Editable, outcomes: Map<number, Outcome>) {
    this.#script = script;
    this.#outcomes = outcomes;
  }

  begin(changes: readonly Change[]): void {
    const groups = byFunction(changes);
    const whole = this.#script.draft(changes, false);
    if (whole.damage.kind === "none") {
      const outcome = this.#edit(whole);
      if (outcome === null) return;
      if (outcome === "ok" || groups.length === 1) return this.#answer(changes, outcome);
    }
    // One function that cannot be changed refuses the whole edit: each function by itself.
    for (const group of groups) this.#inSteps(group);
  }

  /** As many lines as go together at a time. A refusal of V8 holds for the whole function. */
  #inSteps(changes: readonly Change[]): void {
    let rest = [...changes];
    while (rest.length > 0) {
      let step: Change[] = [];
      let draft: Draft | null = null;
      for (const change of rest) {
        const tried = this.#script.draft([...step, change], false);
        if (tried.damage.kind !== "none") continue;
        step = [...step, change];
        draft = tried;
      }
      if (draft === null) break;
      if (!this.#try(draft, step, rest)) return;
      rest = rest.filter((change) => !step.includes(change));
    }
    for (let i = 0; i < rest.length; i++) {
      const left = rest.slice(i);
      const draft = this.#script.draft([rest[i]!], true);
      if (draft.damage.kind !== "edited") {
        if (!this.#try(draft, [rest[i]!], left)) return;
        continue;
      }
      for (const single of singly(rest[i]!)) {
        const one = this.#script.draft([single], true);
        if (one.damage.kind === "edited") this.#answer([single], "layout");
        else if (!this.#try(one, [single], left)) return;
      }
    }
  }

  /** False when V8 refuses, or when it is time to let the program run: `rest` has its answer then, or none. */
  #try(draft: Draft, step: readonly Change[], rest: readonly Change[]): boolean {
    const outcome = this.#edit(draft);
    if (outcome !== null) this.#answer(outcome === "ok" ? step : rest, outcome);
    return outcome === "ok";
  }

  #edit(draft: Draft): EditStatus | null {
    if (!this.#isFirst && !this.#script.mayGoOn()) return null;
    this.#isFirst = false;
    return this.#script.edit(draft);
  }

  /** The first answer counts: a probe that is in stays in. */
  #answer(changes: readonly Change[], outcome: Outcome): void {
    for (const { adds, removes } of changes) {
      for (const { gate } of [...adds, ...removes]) {
        if (!this.#outcomes.has(gate.id)) this.#outcomes.set(gate.id, outcome);
      }
    }
  }
}

/** The newest first, and what goes before what comes. */
function singly({ adds, removes }: Change): Change[] {
  const byAge = [...removes].sort((a, b) => b.gate.id - a.gate.id);
  return [
    ...byAge.map((mark) => ({ adds: [], removes: [mark] })),
    ...adds.map((mark) => ({ adds: [mark], removes: [] })),
  ];
}

function byFunction(changes: readonly Change[]): Change[][] {
  const groups = new Map<number, Change[]>();
  for (const change of changes) {
    const functions = new Map<number, { adds: Mark[]; removes: Mark[] }>();
    const at = ({ start }: Mark) => {
      const part = functions.get(start.functionIndex) ?? { adds: [], removes: [] };
      functions.set(start.functionIndex, part);
      return part;
    };
    for (const mark of change.removes) at(mark).removes.push(mark);
    for (const mark of change.adds) at(mark).adds.push(mark);
    for (const [index, part] of functions) groups.set(index, [...(groups.get(index) ?? []), part]);
  }
  return [...groups.values()];
}
