// Values of the suite as tagged values, and what counts as the right outcome of a case.
import type { Outcome } from "../../host/evaluate.ts";
import type { Tagged } from "../../host/tagged.ts";
import type { ProtoValue } from "./suite.ts";

/** Errors that are no answer of the language: the expression is not understood, or ran out of something. */
const NO_ANSWER = new Set([
  "syntax",
  "unsupported",
  "wrong_place",
  "limit",
  "budget",
  "memory",
  "truncated",
  "internal",
]);

/** A value of the suite with its tag. */
export function taggedOf(value: ProtoValue): Tagged {
  const [[kind, content] = ["", undefined], ...more] = Object.entries(value);
  if (more.length > 0) throw new Error(`a value of ${more.length + 1} kinds: ${JSON.stringify(value)}`);
  switch (kind) {
    case "nullValue":
      return { null: null };
    case "boolValue":
      return { bool: content as boolean };
    case "int64Value":
      return { int: String(content) };
    case "uint64Value":
      return { uint: String(content) };
    case "doubleValue":
      return { double: Object.is(content, -0) ? "-0" : (content as number | "NaN") };
    case "stringValue":
      return { string: content as string };
    case "bytesValue":
      return { bytes: content as string };
    case "typeValue":
      return { type: content as string };
    case "listValue":
      return { list: ((content as { values?: ProtoValue[] }).values ?? []).map(taggedOf) };
    case "mapValue": {
      const { entries = [] } = content as { entries?: { key: ProtoValue; value: ProtoValue }[] };
      return { map: entries.map(({ key, value: held }) => [taggedOf(key), taggedOf(held)] as const) };
    }
    case "objectValue": {
      const { "@type": type, value: text } = content as { "@type": string; value: string };
      if (type.endsWith(".Timestamp")) return { timestamp: text };
      if (type.endsWith(".Duration")) return { duration: text };
    }
  }
  throw new Error(`a value of an unknown kind: ${JSON.stringify(value)}`);
}

/** Text that two values share if they are the same: entries of a map in one order, -0 and NaN by name. */
function canonical(tagged: Tagged): string {
  if ("list" in tagged) return `[${tagged.list.map(canonical).join()}]${tagged.truncated ?? ""}`;
  if ("map" in tagged) {
    const entries = tagged.map.map(([key, value]) => `${canonical(key)}:${canonical(value)}`);
    return `{${entries.sort().join()}}${tagged.truncated ?? ""}`;
  }
  return JSON.stringify(tagged);
}

/** What is wrong with an outcome, or null. `expected` null: any error of the language is right. */
export function faultOf(outcome: Outcome, expected: ProtoValue | null): string | null {
  if ("error" in outcome) {
    const { error, message } = outcome;
    if (expected === null && !NO_ANSWER.has(error)) return null;
    const wanted = expected === null ? "an error of the language" : JSON.stringify(taggedOf(expected));
    return `${error}${message === undefined ? "" : ` (${message})`} instead of ${wanted}`;
  }
  if (!("value" in outcome)) return "a text";
  const { value } = outcome;
  if (expected === null) return `${JSON.stringify(value)} instead of an error`;
  const wanted = taggedOf(expected);
  return canonical(value) === canonical(wanted)
    ? null
    : `${JSON.stringify(value)} instead of ${JSON.stringify(wanted)}`;
}
