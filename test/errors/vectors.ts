// The vectors of what the compiler refuses: each a source and everything that a person sees of its error.
import { readFileSync, writeFileSync } from "node:fs";
import { CompileError, type CompileOptions, compileCondition, compileTemplate } from "../../conditions/index.ts";

/** One refused condition or template. */
export interface Vector {
  readonly name: string;
  readonly source?: string;
  readonly template?: string;
  /** Stands so many times before the source: for what is refused because it is too long. */
  readonly repeat?: readonly [text: string, times: number];
  readonly place?: NonNullable<CompileOptions["place"]>;
  readonly limits?: NonNullable<CompileOptions["limits"]>;
  readonly maxima?: NonNullable<CompileOptions["maxima"]>;
  readonly code?: string;
  readonly at?: readonly [number, number];
  readonly message?: string;
  readonly snippet?: string;
  readonly remedy?: string;
}

const PATH = "test/vectors/errors.json";

/** The vectors as they are written, or anew when `UPDATE_GOLDEN=1` asks for it. */
export function errorVectors(): readonly Vector[] {
  const vectors = JSON.parse(readFileSync(PATH, "utf8")) as readonly Vector[];
  if (process.env.UPDATE_GOLDEN !== "1") return vectors;
  const made = vectors.map(refusal);
  writeFileSync(PATH, `[\n${made.map((vector) => `  ${JSON.stringify(vector)}`).join(",\n")}\n]\n`);
  return made;
}

/** The source of a vector, whole. */
export function sourceOf({ source, template, repeat: [text, times] = ["", 0] }: Vector): string {
  return text.repeat(times) + (template ?? source ?? "");
}

/** Compiles it as a probe does. */
export function compile(vector: Vector): unknown {
  const { template, place, limits, maxima } = vector;
  const options = { ...(place && { place }), ...(limits && { limits }), ...(maxima && { maxima }) };
  return (template === undefined ? compileCondition : compileTemplate)(sourceOf(vector), options);
}

/** The vector with what the compiler says. */
export function refusal(vector: Vector): Vector {
  try {
    compile(vector);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const { code, span, message, snippet, remedy } = error;
    const { code: _1, at: _2, message: _3, snippet: _4, remedy: _5, ...input } = vector;
    return { ...input, code, at: [span.from, span.to], message, snippet, remedy };
  }
  throw new Error(`it compiles: ${vector.name}`);
}
