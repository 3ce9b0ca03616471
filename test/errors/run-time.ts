// One example of each error that an evaluation can end with.
import { compileCondition, compileValue } from "../../conditions/index.ts";
import type { Fault } from "../../host/answer.ts";
import { Guest } from "../../host/guest.ts";

type Case = readonly [source: string, at: string, variables: Readonly<Record<string, unknown>>];

const numbers = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i);

/** By code: an expression, the part that fails, and its variables. */
export const RUN_TIME_CASES: Readonly<Record<string, Case>> = {
  no_such_overload: ["user.age >= 21", "user.age >= 21", { user: { age: "33" } }],
  no_such_field: ["user.nmae == 'Ada'", "user.nmae", { user: { name: "Ada" } }],
  no_such_key: ["prices['tea'] > 3", "prices['tea']", { prices: new Map() }],
  index: ["items[3] == 1", "items[3]", { items: [1, 2] }],
  null_deref: ["user.name == 'Ada'", "user.name", { user: null }],
  divide_by_zero: ["total / count > 3", "total / count", { total: 7n, count: 0n }],
  overflow: ["a * b > 0", "a * b", { a: 2n ** 62n, b: 4n }],
  invalid_argument: ["at.getHours(zone) > 12", "at.getHours(zone)", { at: new Date(0), zone: "Nowhere" }],
  conversion: ["int(text) > 3", "int(text)", { text: "three" }],
  not_bool: ["count && ready", "count", { count: 1, ready: true }],
  undeclared: ["usr.age > 21", "usr", {}],
  truncated: ["text.endsWith('!')", "text.endsWith('!')", { text: "?".repeat(5000) }],
  budget: ["a.all(x, b.all(y, x != y))", "a.all(x, b.all(y, x != y))", { a: numbers(200, 0), b: numbers(200, 500) }],
  memory: ["texts.map(t, t + t + t + t)", "t + t + t + t", { texts: numbers(40, 0).map(() => "x".repeat(780)) }],
  redacted: ["user.password == 'x'", "user.password", { user: { password: "x" } }],
  side_effect: ["cart.total > 3", "cart.total", { cart: Object.defineProperty({}, "total", { get: () => 1 }) }],
};

/** What a person sees of the error with this code. */
export function runTimeFault(code: string): Fault {
  const [source, , variables] = RUN_TIME_CASES[code] as Case;
  const guest = new Guest({ redact: (name) => name === "password" });
  // A condition has fewer steps than a value, and is not refused for making much.
  const compiled = code === "memory" ? compileValue(source) : compileCondition(source);
  const answer = guest.load(compiled).run(variables);
  if (answer.error === undefined) throw new Error(`it has a value: ${source}`);
  return answer;
}
