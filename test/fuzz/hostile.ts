// Makes expressions that are as dear as the limits allow, and inputs that make them so: nested macros, long bodies, long texts, huge
// lists, keys that are all alike. Runs them and looks at steps and time.
import { CompileError, compileCondition, LIMITS, parseCondition } from "../../conditions/index.ts";
import { errorCodeName } from "../../host/codes.ts";
import { Guest } from "../../host/guest.ts";
import { makeReader } from "../../host/reader.ts";
import { random } from "./random.ts";

export interface HostileOutcome {
  readonly expressions: number;
  readonly evaluations: number;
  /** Evaluations that spent the whole budget or memory. */
  readonly exhausted: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Steps beyond the budget or beyond the computed worst case: none may be. */
  readonly overruns: readonly string[];
  /** The longest evaluation in the guest, reading left out, in milliseconds: the least of several runs of the same. */
  readonly worstMs: number;
  readonly worst: string;
}

const TEXTS = [
  "",
  "a",
  "a".repeat(15),
  "a".repeat(16),
  `${"a".repeat(4000)}b`,
  "ab".repeat(2048),
  "é".repeat(2000),
  "x".repeat(100_000),
];
const LONG = "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'";

/** Inputs at and over every cap. */
export function hostileInputs(): Record<string, unknown>[] {
  const numbers = Array.from({ length: 300 }, (_, i) => i);
  const alike = Array.from({ length: 256 }, (_, i) => `${"k".repeat(60)}${i}`);
  return [
    {
      xs: numbers,
      ys: numbers.map((n) => ({ a: n, b: "b".repeat(40), c: [n, n + 1] })),
      ts: Array.from({ length: 256 }, () => "a".repeat(100)),
      m: new Map(alike.map((key, i) => [key, i])),
      s: `${"a".repeat(4000)}b`,
      t: "a".repeat(2000),
      n: 7,
      d: new Date(0),
    },
    {
      xs: Array.from({ length: 256 }, () => 1n << 62n),
      ys: Array.from(
        { length: 256 },
        () =>
          new Map([
            ["a", "a"],
            ["b", "b"],
            ["c", "c"],
          ]),
      ),
      ts: TEXTS,
      m: Object.fromEntries(numbers.map((n) => [`key${n}`, [n]])),
      s: "é".repeat(2000),
      t: "",
      n: 1n,
      d: new Date("2024-02-29T12:00:00Z"),
    },
    {
      xs: Array.from({ length: 10_000 }, (_, i) => i % 7),
      ys: Array.from({ length: 100 }, (_, i) => ({ a: `${i}`.repeat(50), b: null, c: [[i]] })),
      ts: Array.from({ length: 64 }, (_, i) => "aé".repeat(i)),
      m: new Map(numbers.map((n) => [n, "v".repeat(n)])),
      s: "x".repeat(1_000_000),
      t: "a",
      n: Number.MAX_SAFE_INTEGER,
      d: new Date(8e12),
    },
  ];
}

class Maker {
  private readonly below: (limit: number) => number;
  private vars: string[] = [];

  constructor(seed: number) {
    this.below = random(seed);
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  next(): string {
    this.vars = [];
    return this.macro(1 + this.below(3));
  }

  private list(): string {
    return this.pick([
      "xs",
      "ys",
      "ts",
      "m",
      "xs",
      "ts",
      "[1, 2, 3]",
      "ys.map(q, q.a)",
      "xs.filter(q, q != n)",
      "(xs + xs)",
      ...this.vars.map((v) => `${v}.c`),
    ]);
  }

  private macro(nesting: number): string {
    const name = `v${this.vars.length}`;
    const list = this.list();
    this.vars.push(name);
    const body = nesting > 1 && this.below(3) > 0 ? this.chain(this.macro(nesting - 1)) : this.chain(this.term());
    this.vars.pop();
    const kind = this.pick(["all", "exists", "exists_one", "filter", "map"]);
    const call = `${list}.${kind}(${name}, ${body})`;
    return kind === "filter" || kind === "map" ? `${call}.size() > 300` : call;
  }

  /** A body of many terms, none of which decides. */
  private chain(first: string): string {
    const terms = [first];
    for (let left = this.pick([0, 1, 4, 16, 60]); left > 0; left--) terms.push(this.term());
    return terms.join(this.pick([" && ", " || "]));
  }

  private term(): string {
    const v = this.vars.length === 0 ? "n" : this.pick(this.vars);
    return this.pick([
      `${v} != ${this.below(1000)}`,
      `${v} == ${this.below(1000)}.5`,
      `${v} < 0.0`,
      `s.contains(${this.pick(["t", LONG, v, "s"])})`,
      `s.contains(t + 'b')`,
      `s == t`,
      `s + t == t + s`,
      `${v} in xs`,
      `${v} in m`,
      `m[${v}] == 1`,
      `xs == xs`,
      `ys == ys`,
      `ts.contains(s)`,
      `string(${v}) == s`,
      `int(s) == 1`,
      `double(string(${v})) > 1e9`,
      `size(s) == 3`,
      `s < t`,
      `s.endsWith(t)`,
      `-${v} + ${v} * 2 - 1 > ${v} / 3`,
      `[${v}, ${v}, ${v}] == [1, 2, 3]`,
      `{'a': ${v}}.a == n`,
      `(${v} ?? n) == n`,
      `${v}.b.contains('bbbbc')`,
      `s.matches('(a|aa)+$')`,
      `s.matches('(a*)*c')`,
      `t.replace('a', 'aaaa').size() == 1`,
      `s.split('').size() == 1`,
      `s.split('a').join('bb') == t`,
      `s.reverse() == t`,
      `s.lowerAscii().indexOf('zz') > 1`,
      `s.lastIndexOf('ab') == 1`,
      `'%s %d'.format([s, 1]) == t`,
      `'%.100f'.format([1.5]) == t`,
      `math.greatest(xs) == ${v}`,
      `base64.encode(bytes(s)) == b''`,
      `d.getDayOfYear() == ${this.below(366)}`,
      `timestamp('2024-01-01T00:00:00Z') + duration('1h') > d`,
      `string(d) == t`,
      `xs.transformList(i, x, i + x).size() == 1`,
      `m.transformMap(k, x, x).size() == 1`,
      `optional.of(${v}).orValue(1) == 1`,
      `m[?${v}].hasValue()`,
    ]);
  }
}

/** Runs hostile expressions over all hostile inputs. */
export function runHostile(seed: number, expressions: number): HostileOutcome {
  const maker = new Maker(seed);
  const guest = new Guest();
  const inputs = hostileInputs();
  const refused: Record<string, number> = {};
  const overruns: string[] = [];
  let made = 0;
  let evaluations = 0;
  let exhausted = 0;
  let worstMs = 0;
  let worst = "";
  while (made < expressions) {
    const source = maker.next();
    let compiled: ReturnType<typeof compileCondition>;
    try {
      parseCondition(source);
      compiled = compileCondition(source);
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      refused[error.code] = (refused[error.code] ?? 0) + 1;
      continue;
    }
    made++;
    const loaded = guest.load(compiled);
    // As `test`, but only what the guest takes is measured: reading is bounded by other limits.
    let took = 0;
    const enter = (top: number) => {
      const start = performance.now();
      const verdict = loaded.enter(top);
      took = performance.now() - start;
      return verdict;
    };
    const timed = makeReader(compiled.projection, guest.writer, enter, compiled.limits);
    for (const input of inputs) {
      const values = compiled.projection.roots.map(({ key }) => input[String(key)]);
      let shortest = Number.POSITIVE_INFINITY;
      let verdict = 0;
      for (let round = 0; round < 4; round++) {
        verdict = timed(...values);
        shortest = Math.min(shortest, took);
        // Only what looks slow is looked at again.
        if (shortest < 0.3) break;
      }
      evaluations++;
      const steps = loaded.steps();
      if (verdict < 0 && /^(budget|memory)$/.test(errorCodeName(-verdict))) exhausted++;
      // One more than the budget: the step that found it spent.
      else if (steps > compiled.cost) overruns.push(`${steps} steps, worst case ${compiled.cost}: ${source}`);
      if (steps > LIMITS.conditionSteps + LIMITS.inputBytes / 16) overruns.push(`${steps} steps spent: ${source}`);
      if (shortest > worstMs) {
        worstMs = shortest;
        worst = source;
      }
    }
    loaded.close();
  }
  return { expressions: made, evaluations, exhausted, refused, overruns, worstMs, worst };
}
