// The verbs of a format string that is written as a literal: checked and priced while it is compiled. The engine reads the
// string again when it formats, because it may also be a variable.
import type { Call, Expr } from "../ast.ts";
import { LIMITS } from "../limits.ts";
import { ARENA_STEPS, type Refuse, WHOLE_STEPS } from "./definition.ts";

/** Literal types that a verb takes; %s takes all. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  d: ["int", "uint", "double"],
  f: ["int", "uint", "double"],
  e: ["int", "uint", "double"],
  x: ["int", "uint", "double", "string", "bytes"],
  X: ["int", "uint", "double", "string", "bytes"],
  b: ["int", "uint", "double", "bool"],
  o: ["int", "uint", "double"],
};
const VERBS = "%s %d %f %e %x %X %b %o, and %% for a percent sign";

/** Steps that the digits of one number take at most. */
const NUMBER_STEPS = 300;

/** The letters of the verbs in a format string, or what is wrong with it. */
function readVerbs(text: string): { readonly verbs: string; readonly wrong?: string } {
  let verbs = "";
  for (const [clause, digits, letter] of text.matchAll(/%(?:\.([0-9]*))?(.?)/gsu)) {
    if (letter === "%" && digits === undefined) continue;
    if (digits === "") return { verbs, wrong: `\`${clause}\` has no digits after the point` };
    if (Number(digits ?? 0) > LIMITS.formatPrecision)
      return { verbs, wrong: `the precision of \`${clause}\` is larger than ${LIMITS.formatPrecision}` };
    if (letter === "") return { verbs, wrong: `\`${clause}\` at the end has no verb` };
    if (letter !== "s" && !Object.hasOwn(TAKES, letter as string)) return { verbs, wrong: `\`${clause}\` is no verb` };
    verbs += letter;
  }
  return { verbs };
}

function literalText(expr: Expr | undefined): string | null {
  return expr?.kind === "literal" && expr.value.type === "string" ? expr.value.value : null;
}

/** Refuses a literal format string that is malformed, has more verbs than there are values, or one that a literal does not fit. */
export function verifyFormat(_call: Call, [format, values]: readonly Expr[], refuse: Refuse): void {
  const text = literalText(format);
  if (text === null || format === undefined) return;
  const { verbs, wrong } = readVerbs(text);
  if (wrong !== undefined) {
    refuse("invalid_argument", format, wrong, `Verbs are ${VERBS}; a precision is written as in \`%.2f\`.`);
    return;
  }
  if (values?.kind !== "list" || values.items.some(({ optional }) => optional)) return;
  if (verbs.length > values.items.length) {
    const figures = `${verbs.length} verb(s) and ${values.items.length} value(s)`;
    refuse("invalid_argument", values, `there are ${figures}`, "Write a value for each verb.");
    return;
  }
  for (const [i, letter] of [...verbs].entries()) {
    const value = (values.items[i] as { value: Expr }).value;
    if (value.kind !== "literal" || letter === "s" || TAKES[letter]?.includes(value.value.type)) continue;
    refuse(
      "no_such_overload",
      value,
      `\`%${letter}\` does not take a ${value.value.type}`,
      "Write `%s`, which takes any value.",
    );
    return;
  }
}

/** Worst-case steps of `format`. */
export function priceOfFormat([format]: readonly Expr[]): number {
  const text = literalText(format);
  // A verb has two characters.
  if (text === null) return ARENA_STEPS * 2 + (LIMITS.stringBytes / 2) * NUMBER_STEPS;
  const { verbs } = readVerbs(text);
  let steps = 2 + text.length;
  // A value is copied with its maps in order, then written.
  for (const letter of verbs)
    steps += letter === "s" || letter === "x" || letter === "X" ? WHOLE_STEPS * 4 : NUMBER_STEPS;
  return steps;
}
