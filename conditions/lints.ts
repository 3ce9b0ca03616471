// Hints for the person who wrote an expression: what is allowed and most likely not meant. Stops nothing and changes nothing.
import type { Binary, Expr, Lint } from "./ast.ts";
import { childrenOf } from "./builder.ts";
import type { Checked, StaticType } from "./check.ts";
import type { Plan } from "./plan.ts";
import type { Entry } from "./stages.ts";

export interface LintOptions {
  /** Variables that exist, when known. A name may have dots: of `a.b` and `a`, the expression `a.b.c` reads the longest. */
  readonly declared?: ReadonlySet<string>;
  /** The language of the program that is probed. */
  readonly target?: "node" | "python" | "java";
}

const NUMERIC: ReadonlySet<StaticType> = new Set(["int", "uint", "double"]);

class Linter {
  readonly lints: Lint[] = [];
  private readonly checked: Checked;
  private readonly target: LintOptions["target"];

  constructor(checked: Checked, target: LintOptions["target"]) {
    this.checked = checked;
    this.target = target;
  }

  add(code: string, message: string, { from, to }: Expr): void {
    this.lints.push({ code, message, from, to });
  }

  type(expr: Expr): StaticType {
    return this.checked.types.get(expr.id) ?? "dyn";
  }

  visit(expr: Expr): void {
    for (const child of childrenOf(expr)) this.visit(child);
    if (expr.kind !== "binary") return;
    if (expr.op === "==" || expr.op === "!=") this.equality(expr);
    else if (expr.op === "/" && this.target === "python") this.division(expr);
  }

  /** Values of two types are never equal. */
  private equality(expr: Binary): void {
    const left = this.type(expr.left);
    const right = this.type(expr.right);
    const unknown = left === "dyn" || right === "dyn" || this.isUndefined(expr.left) || this.isUndefined(expr.right);
    if (unknown || left === right || (NUMERIC.has(left) && NUMERIC.has(right))) return;
    this.add("constant", `\`${expr.op}\` compares ${left} with ${right}, which are never equal`, expr);
  }

  private isUndefined(expr: Expr): boolean {
    return this.checked.constants.get(expr.id) === "undefined";
  }

  private division(expr: Binary): void {
    const types = [this.type(expr.left), this.type(expr.right)];
    if (!types.includes("int") || types.some((type) => type !== "int" && type !== "dyn")) return;
    const when = types.includes("dyn") ? "of two ints " : "";
    this.add(
      "int_division",
      `the division ${when}drops the remainder, unlike Python's \`/\`; write \`double(a) / b\``,
      expr,
    );
  }
}

/** The hints for all expressions of one compilation, as they were written; `folded` is what became of the first. */
export function lintsOf(
  entry: Entry,
  exprs: readonly Expr[],
  folded: Expr | undefined,
  checked: Checked,
  plan: Plan,
  { declared, target }: LintOptions,
): readonly Lint[] {
  const linter = new Linter(checked, target);
  for (const expr of exprs) linter.visit(expr);
  if (declared !== undefined) {
    for (const [name, node] of plan.rootNodes)
      if (!declared.has(name)) linter.add("unknown_name", `there is no variable \`${name}\` here`, node);
  }
  if (entry === "condition" && folded !== undefined) lintRoot(linter, folded, checked);
  return linter.lints;
}

/** A condition that can never fire, or always does, is most likely not what was meant. */
function lintRoot(linter: Linter, root: Expr, checked: Checked): void {
  const type = root.kind === "literal" ? root.value.type : linter.type(root);
  if (type !== "dyn" && type !== "bool")
    linter.add("root_not_bool", `the condition is a ${type}, so it never fires; compare it with something`, root);
  const word =
    root.kind === "literal" && root.value.type === "bool" ? String(root.value.value) : checked.constants.get(root.id);
  // Where a comparison of two types makes it constant, that has been said.
  const said = linter.lints.some((lint) => lint.code === "constant" && lint.from === root.from && lint.to === root.to);
  if ((word === "true" || word === "false") && !said) linter.add("constant", `the condition is always ${word}`, root);
}
