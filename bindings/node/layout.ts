// The text of a script with probes in it, computed from the original source each time. Decides nothing and edits nothing.
//
// An async function or generator that is suspended cannot be edited. But where it is created and called in one expression, as in
// `return (async () => { BODY })()`, it is enough that the function *around* it runs the new text. So its literal is wrapped,
// `([()=>async () => { BODY }][0]``)()`: one scope more around it, and V8 does not take the new literal for the old one. Suspended
// activations end in the old text, later calls run the new one, and no line moves.
import { changesOf, isUntouched, OWN_DIFFER, translate } from "./diff.ts";
import type { Differ } from "./differ.ts";
import { type Insertion, insertAll, moved } from "./edits.ts";
import type { Gate, JoinedGate } from "./gate.ts";
import type { FunctionInfo, Parsed, Start } from "./parse.ts";
import { joinedCall, probeCall, probeText, type TextForm } from "./text.ts";

/** A probe at a place. */
export interface Mark {
  readonly gate: Gate;
  readonly start: Start;
}

/** A probe as it stands in the text. Those of one place that are joined share one text. */
export interface Placed {
  readonly mark: Mark;
  readonly form: TextForm;
  readonly isJoined: boolean;
}

interface Wrap {
  /** How many times the literal is wrapped: 0, 1 or 2. */
  readonly depth: number;
  /** What is inserted in the function's own code; when it changes, so must the depth. */
  readonly content: string;
}

/** A text, and what it was made of. */
export interface Layout {
  readonly text: string;
  readonly insertions: readonly Insertion[];
  readonly wraps: ReadonlyMap<number, Wrap>;
  readonly placed: readonly Placed[];
  /** The gates of places that share a text. */
  readonly joined: ReadonlySet<JoinedGate>;
}

/** The script as it was loaded. */
export function plainLayout({ source }: Parsed): Layout {
  return { text: source, insertions: [], wraps: new Map(), placed: [], joined: new Set() };
}

/**
 * Lays a script out anew, after `before`. `keepsWraps`: no literal is wrapped otherwise than before, so that V8 refuses where an
 * activation is suspended. `join` makes the gate of several marks that share a text.
 */
export function layOut(
  parsed: Parsed,
  placed: readonly Placed[],
  before: Layout,
  keepsWraps: boolean,
  join: (marks: readonly Mark[]) => JoinedGate,
): Layout {
  const fronts: Insertion[] = [];
  const behinds: Insertion[] = [];
  const joined = new Set<JoinedGate>();
  const content = new Map<number, string[]>();
  const note = (functionIndex: number, what: string) => {
    content.set(functionIndex, [...(content.get(functionIndex) ?? []), what]);
  };
  const wrapped = new Set<number>(before.wraps.keys());
  for (const group of groupsOf(placed)) {
    const { mark, form } = group[0]!;
    const { gate, start } = mark;
    let call: string;
    if (group[0]!.isJoined) {
      const one = join(group.map((member) => member.mark));
      joined.add(one);
      call = joinedCall(one.id, one.readables);
    } else call = probeCall(gate.id, gate.tests, gate.captures);
    const { front, behind } = probeText(start, call, form);
    fronts.push({ offset: start.insert, text: front });
    if (behind !== "") behinds.push({ offset: start.end, text: behind });
    note(start.functionIndex, front);
    for (const index of renewal(parsed, start.functionIndex).wraps) wrapped.add(index);
  }
  const wraps = new Map<number, Wrap>();
  const literals: Insertion[] = [];
  // Functions are numbered from the outside, and a wrap changes the function around it.
  for (const index of [...wrapped].sort((a, b) => b - a)) {
    const now = (content.get(index) ?? []).join();
    const was = before.wraps.get(index) ?? { depth: 0, content: "" };
    const other = now === "" ? 0 : was.depth === 1 ? 2 : 1;
    const depth = keepsWraps || (now === was.content && now !== "") ? was.depth : other;
    if (depth === 0) continue;
    const { start, end, parent } = parsed.functions[index]!;
    wraps.set(index, { depth, content: now });
    literals.push({ offset: start, text: "[()=>".repeat(depth) }, { offset: end, text: "][0]``".repeat(depth) });
    note(parent, `${index}:${depth}`);
  }
  // At one offset: what ends there, then what begins.
  const insertions = [...behinds, ...fronts, ...literals];
  return { text: insertAll(parsed.source, insertions), insertions, wraps, placed, joined };
}

/** Marks that share a text, in the order in which the first of each came. */
function groupsOf(placed: readonly Placed[]): Placed[][] {
  const groups: Placed[][] = [];
  for (const one of placed) {
    const group = one.isJoined
      ? groups.find(([other]) => other!.isJoined && other!.mark.start.insert === one.mark.start.insert)
      : undefined;
    if (group === undefined) groups.push([one]);
    else group.push(one);
  }
  return groups;
}

/** Which functions V8 would not recognise, and so would leave with their old code in closures that exist. */
export interface Damage {
  /** `edited`: one whose own text changes, so that the edit would be in vain. `other`: only functions beside it. */
  readonly kind: "none" | "other" | "edited";
  readonly functions: readonly number[];
}

const NO_DAMAGE: Damage = { kind: "none", functions: [] };

/** Foresees what an edit from one layout to another would do to functions. */
export function damageOf({ functions }: Parsed, before: Layout, after: Layout, differ: Differ = OWN_DIFFER): Damage {
  const changes = changesOf(before.text, after.text, differ);
  if (changes.length === 0) return NO_DAMAGE;
  const changesWrap = (index: number) => before.wraps.get(index)?.depth !== after.wraps.get(index)?.depth;
  const isRenewed = (found: FunctionInfo | undefined): boolean => {
    for (let up = found; up !== undefined; up = functions[up.parent]) if (changesWrap(up.index)) return true;
    return false;
  };
  const first = changes[0]!.from;
  const damaged: number[] = [];
  for (const found of functions) {
    const from = moved(found.start, before.insertions, true);
    const to = moved(found.end, before.insertions, false);
    if (to < first || isRenewed(found)) continue;
    const header = moved(headerEnd(found), before.insertions, false);
    const newFrom = moved(found.start, after.insertions, true);
    const newTo = moved(found.end, after.insertions, false);
    const isRecognised =
      isUntouched(changes, from, header) &&
      isUntouched(changes, to - 1, to) &&
      translate(changes, from) === newFrom &&
      translate(changes, to) === newTo;
    if (isRecognised) continue;
    const isEdited = before.text.slice(from, to) !== after.text.slice(newFrom, newTo);
    if (isEdited) return { kind: "edited", functions: [found.index] };
    damaged.push(found.index);
  }
  return damaged.length === 0 ? NO_DAMAGE : { kind: "other", functions: damaged };
}

/** V8 counts a function from its parameters on; the words in front of them are looked at too, to be sure. */
function headerEnd({ node, start, bodyStart, kind }: FunctionInfo): number {
  if (kind === "static" || kind === "field") return start;
  const parameter = node.params[0] as { readonly start: number } | undefined;
  return Math.min(parameter?.start ?? start + 1, bodyStart);
}

/**
 * Which functions run anew after an edit in this one, innermost first, and which of them must be wrapped for that. Without a
 * way, the function itself is edited and V8 refuses while it is suspended.
 */
export function renewal(
  { functions }: Parsed,
  functionIndex: number,
): { readonly renewed: readonly FunctionInfo[]; readonly wraps: readonly number[] } {
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
