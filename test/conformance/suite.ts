// The public conformance suite of CEL: reads the package, leaves out what needs protobuf, and knows how many cases must remain.
// Runs none of them.
import { tests } from "@bufbuild/cel-spec/testdata/conformance.js";

/** A value in ProtoJSON. */
export type ProtoValue = Readonly<Record<string, unknown>>;

/** One case. `id` is `file/section/name`, with a number behind it where a section has the name twice. */
export interface Case {
  readonly id: string;
  readonly file: string;
  readonly expr: string;
  readonly container: string;
  readonly bindings: Readonly<Record<string, ProtoValue>>;
  /** What must come out; null: any error. */
  readonly expected: ProtoValue | null;
}

/** Cases and, of them, those that must end in an error. */
export type Count = readonly [cases: number, errors: number];

/** The files of the gate: language.md, section 13. */
export const CORE: Readonly<Record<string, Count>> = {
  basic: [43, 2],
  comparisons: [334, 17],
  conversions: [109, 11],
  fields: [60, 16],
  fp_math: [30, 1],
  integer_math: [64, 19],
  lists: [39, 7],
  logic: [30, 9],
  macros: [44, 6],
  namespace: [3, 0],
  parse: [193, 0],
  plumbing: [5, 1],
  string: [51, 0],
  timestamps: [76, 14],
};
export const EXTENSIONS: Readonly<Record<string, Count>> = {
  bindings_ext: [5, 0],
  encoders_ext: [4, 0],
  macros2: [46, 8],
  math_ext: [199, 17],
  optionals: [59, 3],
  string_ext: [206, 50],
};
export const FILES: readonly string[] = [...Object.keys(CORE), ...Object.keys(EXTENSIONS)];

interface Original {
  readonly name: string;
  readonly expr: string;
  readonly container?: string;
  readonly typeEnv?: unknown;
  readonly bindings?: Readonly<Record<string, { readonly value?: ProtoValue }>>;
  readonly value?: ProtoValue;
  readonly typedResult?: { readonly result?: ProtoValue };
  readonly evalError?: unknown;
  readonly unknown?: unknown;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Original }[];
}

const PROTOBUF =
  /\b(TestAllTypes|NestedMessage|NestedTestAllTypes|GlobalEnum|NestedEnum|TestRequired|Proto2ExtensionScopedMessage)\b|cel\.expr\.conformance|google\.protobuf\.(?!Timestamp\b|Duration\b)\w+|proto\.(has|get)Ext|\b(?!in\b)[A-Za-z_]\w*\s*\{/;
const STRINGS = /[rb]{0,2}('''[\s\S]*?'''|"""[\s\S]*?"""|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")/gi;
const TIMES = /^(?:type\.googleapis\.com\/)?google\.protobuf\.(?:Timestamp|Duration)$/;

/** True if the case mentions a message, an enum or a wrapper. */
function needsProtobuf({ expr, bindings, typeEnv, value, typedResult }: Original): boolean {
  return mentions([bindings, typeEnv, value, typedResult]) || PROTOBUF.test(expr.replace(STRINGS, ""));
}

function mentions(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  return Object.entries(part).some(([key, content]) => {
    if (key === "enumValue" || key === "wrapper" || (key === "wellKnown" && content === "ANY")) return true;
    if ((key === "@type" || key === "messageType") && !TIMES.test(String(content))) return true;
    return mentions(content);
  });
}

function casesOf(suite: Suite, path: readonly string[]): Case[] {
  const nested = (suite.suites ?? []).flatMap((inner) => casesOf(inner, [...path, inner.name]));
  const seen = new Map<string, number>();
  const own = (suite.tests ?? []).map(({ original }) => {
    const name = [...path, original.name].join("/");
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { original, id: count === 1 ? name : `${name}#${count}` };
  });
  return nested.concat(
    own
      .filter(({ original }) => !needsProtobuf(original))
      .map(({ original, id }) => ({
        id,
        file: path[0] as string,
        expr: original.expr,
        container: original.container ?? "",
        bindings: bindingsOf(original),
        expected: expectedOf(original),
      })),
  );
}

function bindingsOf({ name, bindings = {} }: Original): Record<string, ProtoValue> {
  const values: Record<string, ProtoValue> = {};
  for (const [variable, { value }] of Object.entries(bindings)) {
    if (value === undefined) throw new Error(`${name}: ${variable} is bound to no value`);
    values[variable] = value;
  }
  return values;
}

/** A case without a matcher expects true. */
function expectedOf({ name, value, typedResult, evalError, unknown }: Original): ProtoValue | null {
  if (unknown !== undefined) throw new Error(`${name}: it expects an unknown value`);
  if (evalError !== undefined) return null;
  return value ?? typedResult?.result ?? { boolValue: true };
}

/** The cases of the gate, in the order of `FILES`. Throws if their counts are not those of the table. */
export function loadCases(): readonly Case[] {
  const suites = (tests as unknown as Suite).suites ?? [];
  return FILES.flatMap((file) => {
    const suite = suites.find(({ name }) => name === file);
    const cases = suite === undefined ? [] : casesOf(suite, [file]);
    const found: Count = [cases.length, cases.filter(({ expected }) => expected === null).length];
    const wanted = { ...CORE, ...EXTENSIONS }[file] as Count;
    if (String(found) !== String(wanted))
      throw new Error(`${file} has ${found.join(" cases and ")} errors, not ${wanted.join(" and ")}`);
    return cases;
  });
}
