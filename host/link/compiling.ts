// Answers a program that wants an expression compiled for itself, as `eval` does: the module and where its nodes stand in the source, or
// why there is none.
import {
  CompileError,
  type CompileOptions,
  compileCondition,
  compileTemplate,
  compileValue,
} from "../../conditions/index.ts";
import type { CompileAnswer, CompileRequest } from "./messages.ts";

const COMPILERS = { condition: compileCondition, template: compileTemplate, value: compileValue };

/** Compiles what a program asks for. `target`: its language. Throws for a fault of ours only. */
export function answerCompile(request: CompileRequest, target: CompileOptions["target"]): CompileAnswer {
  const { requestId, kind, source, container, declared, fold, strict, at, limits } = request;
  const options: CompileOptions = {
    ...(target === undefined ? {} : { target }),
    ...(container === undefined ? {} : { container }),
    ...(declared === undefined ? {} : { declared: new Set(declared) }),
    ...(fold === undefined ? {} : { fold }),
    ...(strict === undefined ? {} : { strict }),
    ...(at === undefined ? {} : { place: at }),
    ...(limits === undefined ? {} : { limits }),
  };
  try {
    const { wasm, spans, operands, rootSpans, lints } = COMPILERS[kind](source, options);
    return {
      type: "compiled",
      requestId,
      wasm,
      // A number that no node has leaves a hole, which the wire does not know.
      spans: Array.from(spans, (span) => [span?.from ?? 0, span?.to ?? 0]).flat(),
      operands: Array.from(operands, (operand) => operand ?? 0),
      rootSpans: Object.fromEntries([...rootSpans].map(([name, { from, to }]) => [name, [from, to]])),
      lints,
    };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const { code, span, message, remedy, snippet } = error;
    return { type: "compiled", requestId, fault: { code, at: [span.from, span.to], message, remedy, snippet } };
  }
}
