// Runs random expressions through the compiler and the guest, and through the reference interpreter: values, error codes and the
// places of errors must be equal.

import { childrenOf } from "../../conditions/builder.ts";
import { CompileError, compileValue, parseCondition, type Span } from "../../conditions/index.ts";
import { Guest } from "../../host/guest.ts";
import { UNAVAILABLE as UNKNOWN } from "../../host/placement.ts";
import { fromTagged, type Tagged, toTagged } from "../../host/tagged.ts";
import { Interpreter, isFail } from "../reference/interpreter.ts";
import { durationText, timestampText } from "../reference/time.ts";
import type { Value } from "../reference/values.ts";
import { Expressions, VARIABLES } from "./expressions.ts";
import { Inputs } from "./inputs.ts";

export interface Difference {
  readonly source: string;
  readonly input: string;
  readonly guest: string;
  readonly reference: string;
}

export interface Outcome {
  readonly expressions: number;
  readonly pairs: number;
  /** Pairs that ended with a value. */
  readonly values: number;
  /** Pairs that ran out of budget, memory or depth, which the reference does not know. */
  readonly exhausted: number;
  /** Expressions refused when they were compiled, by code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly differences: readonly Difference[];
}

/** Different values for the variables. */
const INPUTS = 100;
/** Inputs that each expression runs over. */
const INPUTS_EACH = 12;
const MAX_DIFFERENCES = 20;

export function compareBoth(seed: number, pairs: number): Outcome {
  const expressions = new Expressions(seed);
  const made = new Inputs(seed ^ 0x5eed);
  const inputs = Array.from({ length: INPUTS }, () => {
    const values = made.next();
    const tagged = Object.fromEntries([...values].map(([name, value]) => [name, tag(value)]));
    const natural = new Map(Object.entries(tagged).map(([name, value]) => [name, fromTagged(value)]));
    return { interpreter: new Interpreter(values), tagged, natural };
  });
  const guest = new Guest();
  const declared = new Set(Object.keys(VARIABLES));
  const tally = { expressions: 0, pairs: 0, values: 0, exhausted: 0, refused: {} as Record<string, number> };
  const differences: Difference[] = [];
  while (tally.pairs < pairs && differences.length < MAX_DIFFERENCES) {
    const source = expressions.next();
    const { expr } = parseOr(source, tally.refused);
    if (expr === null) continue;
    const spans = spansOf(expr);
    let loaded: ReturnType<Guest["load"]>;
    try {
      loaded = guest.load(compileValue(source, { declared, fold: tally.expressions % 2 === 0 }));
    } catch (error) {
      count(tally.refused, error);
      continue;
    }
    tally.expressions++;
    for (let i = 0; i < INPUTS_EACH; i++) {
      const { interpreter, tagged, natural } = inputs[(tally.expressions * 7 + i * 13) % INPUTS]!;
      const roots = loaded.compiled.projection.roots.map(({ key }) => String(key));
      // A variable that does not exist is never handed over as `undefined`, which is null.
      const slot = loaded.evaluate(...roots.map((key) => (declared.has(key) ? natural.get(key) : UNKNOWN)));
      const packed = guest.errorIn(slot);
      const result = toTagged(guest.memory, slot);
      const fromGuest =
        packed === 0
          ? JSON.stringify(result)
          : show((result as { error: string }).error, loaded.spanOf(packed), source);
      tally.pairs++;
      if (/^(budget|memory|truncated)\b|"truncated":true|"error":"truncated"/.test(fromGuest)) {
        tally.exhausted++;
        continue;
      }
      const wanted = interpreter.evaluate(expr);
      if (!isFail(wanted)) tally.values++;
      const fromReference = isFail(wanted)
        ? show(wanted.code, spans.get(wanted.node) as Span, source)
        : JSON.stringify(tag(wanted));
      if (fromGuest === fromReference) continue;
      const used = roots.map((key) => [key, tagged[key]]);
      differences.push({
        source,
        input: JSON.stringify(Object.fromEntries(used)),
        guest: fromGuest,
        reference: fromReference,
      });
      break;
    }
    loaded.close();
  }
  return { ...tally, differences };
}

const show = (code: string, { from, to }: Span, source: string) =>
  `${code} at ${from}-${to} \`${source.slice(from, to)}\``;

function parseOr(source: string, refused: Record<string, number>) {
  try {
    return parseCondition(source);
  } catch (error) {
    count(refused, error);
    return { expr: null };
  }
}

function count(refused: Record<string, number>, error: unknown): void {
  if (!(error instanceof CompileError)) throw error;
  refused[error.code] = (refused[error.code] ?? 0) + 1;
}

function spansOf(expr: Parameters<typeof childrenOf>[0]): Map<number, Span> {
  const spans = new Map<number, Span>();
  const visit = (node: typeof expr): void => {
    spans.set(node.id, node);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(expr);
  return spans;
}

/** A value of the reference as the guest's results are written. */
export function tag(value: Value): Tagged {
  switch (value.t) {
    case "null":
      return { null: null };
    case "bool":
      return { bool: value.v };
    case "int":
      return { int: String(value.v) };
    case "uint":
      return { uint: String(value.v) };
    case "double":
      if (Object.is(value.v, -0)) return { double: "-0" };
      return { double: Number.isFinite(value.v) ? value.v : (String(value.v) as "NaN") };
    case "string":
      return { string: value.v };
    case "bytes":
      return { bytes: Buffer.from(value.v).toString("base64") };
    case "timestamp":
      return { timestamp: timestampText(value.v) };
    case "duration":
      return { duration: durationText(value.v) };
    case "list":
      return { list: value.v.map(tag) };
    case "map":
      return { map: value.v.map(([key, item]) => [tag(key), tag(item)]) };
    case "object":
      return {
        object: {
          class: value.name,
          fields: Object.fromEntries(value.v.map(([key, item]) => [(key as { v: string }).v, tag(item)])),
        },
      };
    case "optional":
      return { optional: value.v === null ? null : tag(value.v) };
    case "type":
      return { type: value.v };
  }
}
