// From what a person asked for to what a hit runs: checks the limits of a probe, compiles its expressions, loads them into
// the guest. Throws a ProbeError with the reason; places nothing.
import {
  type Compiled,
  type CompileOptions,
  compileCondition,
  compileTemplate,
  ProbeError,
  type ProbeLimits,
  type Span,
} from "../conditions/index.ts";
import { runTimeCause, type Source } from "./causes.ts";
import { errorCodeName } from "./codes.ts";
import { HOST_LIMITS } from "./limits.ts";
import type { Cause, ProbeSpec } from "./protocol.ts";
import { conditionWith, isHostSpecial, type Specials, templateWith } from "./specials.ts";

/** A condition in the guest: 1 true, 0 false, negative an error, `-(node << 8 | code)`. Values in the order of the roots. */
export interface LoadedCondition {
  test(...values: readonly unknown[]): number;
  close(): void;
}

/** A script condition: dear, so that it runs at some hits only, and it knows best why it failed. */
export interface LoadedScript extends LoadedCondition {
  readonly script: {
    readonly source: string;
    readonly names: readonly string[];
    readonly rootSpans: ReadonlyMap<string, Span>;
  };
  /** Whether it can run at this moment. */
  readonly isReady: boolean;
  /** Why the last test failed. */
  explain(): Cause;
}

/** A template in the guest. `truncated` speaks of the last rendering. */
export interface LoadedTemplate {
  render(...values: readonly unknown[]): string;
  readonly truncated: boolean;
  close(): void;
}

/** What the host needs of a guest. */
export interface Loader {
  load(compiled: Compiled): LoadedCondition & LoadedTemplate;
}

/** The two front doors of the compiler; tests may stand in for them. */
export interface Compiler {
  compileCondition(source: string, options?: CompileOptions): Compiled;
  compileTemplate(source: string, options?: CompileOptions): Compiled;
}

/** The compiler of this package. */
export const COMPILER: Compiler = { compileCondition, compileTemplate };

/** The running parts of one probe. */
export interface Installed {
  readonly condition: LoadedCondition | null;
  /** The condition, where it is a script. */
  readonly script: LoadedScript | null;
  readonly template: LoadedTemplate | null;
  /** What they were made from: for carets. */
  readonly sources: readonly (Source | null)[];
  /** Why the last test failed, `packed` as the condition answered. */
  explain(packed: number): Cause;
  /** Variables of the condition, in the order of `test`. */
  readonly testNames: readonly string[];
  /** Variables of the template, in the order of `render`; null: a tracepoint takes all. */
  readonly captureNames: readonly string[] | null;
  close(): void;
}

/** Clocks of two machines may differ so far, in milliseconds, before an expiry counts as too late. */
const SKEW_MS = 60_000;

/** Events a second that a probe of this kind may emit, and does unless the person asked for fewer. */
export function rateOf(spec: ProbeSpec): number {
  return spec.rate ?? (spec.kind === "tracepoint" ? HOST_LIMITS.tracepointRate : HOST_LIMITS.logpointRate);
}

/** Refuses a probe that is over a limit, with the limit in the words. A past expiry is not refused: it has expired. */
export function checkLimits(spec: ProbeSpec, nowMs: number): void {
  const { hitLimit, expiresAt, rate, kind } = spec;
  const maxRate = kind === "tracepoint" ? HOST_LIMITS.tracepointRate : HOST_LIMITS.logpointRate;
  if (!Number.isInteger(hitLimit) || hitLimit < 1 || hitLimit > HOST_LIMITS.maxHitLimit) {
    throw overLimit(`The hit limit ${hitLimit} is not a whole number from 1 to ${HOST_LIMITS.maxHitLimit}.`);
  }
  if (!(expiresAt <= nowMs + HOST_LIMITS.maxExpireMs + SKEW_MS)) {
    throw overLimit(`The expiry is more than ${HOST_LIMITS.maxExpireMs / 3_600_000} hours ahead.`);
  }
  if (rate !== undefined && !(rate > 0 && rate <= maxRate)) {
    throw overLimit(`The rate ${rate} is not above 0 and up to ${maxRate} events a second, the most for a ${kind}.`);
  }
  if (!Number.isInteger(spec.line) || spec.line < 1) {
    throw new ProbeError("invalid_probe", `The line ${spec.line} is not a whole number from 1.`, "Count lines from 1.");
  }
  if ((kind === "logpoint") !== (spec.template !== undefined)) {
    throw new ProbeError(
      "invalid_probe",
      kind === "logpoint" ? "A logpoint needs a template." : "A tracepoint has no template.",
      "Give a logpoint a template, and a tracepoint none.",
    );
  }
}

function overLimit(message: string): ProbeError {
  return new ProbeError("limit", message, "Stay within the limit.");
}

/** What a host adds to what a person asked for: the most that a probe may set as its limits; the condition, where it is a script. */
export interface InstallOptions {
  readonly maxima?: Partial<ProbeLimits> | undefined;
  readonly script?: LoadedScript | null;
}

/** Compiles the expressions of a probe. Throws CompileError. `withCondition` false: the condition is none for the compiler. */
export function compileProbe(
  spec: ProbeSpec,
  compiler: Compiler,
  maxima: Partial<ProbeLimits> = {},
  withCondition = true,
): { readonly condition: Compiled | null; readonly template: Compiled | null } {
  const options: CompileOptions = { place: spec.at === "exit" ? "exit" : "line", limits: spec.limits ?? {}, maxima };
  const { condition, template } = spec;
  return {
    condition: withCondition && condition !== undefined ? compiler.compileCondition(condition, options) : null,
    template: template === undefined ? null : compiler.compileTemplate(template, options),
  };
}

/** Why a condition failed on a value, drawn with a caret. */
export function explainFault(packed: number, compiled: Compiled): Cause {
  return runTimeCause(errorCodeName(packed), packed, compiled);
}

/** Variables of an expression, in the order in which it takes them. */
export function rootNames(compiled: Compiled): readonly string[] {
  return compiled.projection.roots.map((root) => String(root.key));
}

/** Compiles and loads; on failure nothing stays loaded. */
export function install(
  spec: ProbeSpec,
  guest: () => Loader,
  compiler: Compiler,
  specials: Specials,
  { maxima = {}, script = null }: InstallOptions = {},
): Installed {
  const { condition, template } = compileProbe(spec, compiler, maxima, script === null);
  let loadedCondition: LoadedCondition | null = script;
  let loadedTemplate: LoadedTemplate | null = null;
  try {
    if (condition !== null) loadedCondition = guest().load(condition);
    if (template !== null) loadedTemplate = guest().load(template);
  } catch (error) {
    loadedCondition?.close();
    throw error;
  }
  const testRoots = script?.script.names ?? (condition === null ? [] : rootNames(condition));
  const captureRoots = template === null ? null : rootNames(template);
  return {
    condition: loadedCondition && conditionWith(loadedCondition, testRoots, specials),
    script,
    template: loadedTemplate && templateWith(loadedTemplate, captureRoots ?? [], specials),
    sources: [script?.script ?? condition, template],
    explain(packed) {
      if (script !== null) return script.explain();
      return explainFault(packed, condition!);
    },
    testNames: testRoots.filter((root) => !isHostSpecial(root)),
    captureNames: captureRoots?.filter((root) => !isHostSpecial(root)) ?? null,
    close() {
      loadedCondition?.close();
      loadedTemplate?.close();
    },
  };
}
