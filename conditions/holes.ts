// The parts of a template as instructions: literal text, values in their default form, values in a format. A kind that can
// never fit its value is refused here; one that does not fit when it comes to it renders as an error.
import * as abi from "../engine/abi.ts";
import type { FormatSpec, TemplatePart } from "./ast.ts";
import type { StaticType } from "./catalogue/index.ts";
import { GLOBAL } from "./constants.ts";
import { call, type Emitter } from "./emitter.ts";
import { CompileError } from "./errors.ts";
import { OP } from "./wasm.ts";

/** Levels of a value that a hole shows, unless `j` says otherwise. */
const HOLE_DEPTH = 2;
/** Kinds for which a value needs no content. */
const NUMERIC = "dxXobefg%";

const ALIGN = ["", "<", ">", "^"];
const SIGN = ["", "+", " "];
const GROUP = ["", ",", "_"];

const NEVER: Readonly<Record<string, ReadonlySet<StaticType>>> = (() => {
  const others: StaticType[] = ["null", "timestamp", "duration", "list", "map", "optional", "type"];
  const texts: StaticType[] = ["string", "bytes"];
  const numbersOnly = new Set<StaticType>([...others, ...texts, "bool"]);
  const hexadecimal = new Set<StaticType>([...others, "bool"]);
  const binary = new Set<StaticType>([...others, ...texts]);
  return Object.fromEntries(
    [...NUMERIC].map((kind) => [
      kind,
      kind === "b" ? binary : kind === "x" || kind === "X" ? hexadecimal : numbersOnly,
    ]),
  );
})();

/** Levels of its value that a hole needs. */
export function depthOf(spec: FormatSpec | null): number {
  if (spec === null) return HOLE_DEPTH;
  if (spec.kind === "j") return spec.depth ?? HOLE_DEPTH;
  return spec.kind !== "" && NUMERIC.includes(spec.kind) ? 0 : HOLE_DEPTH;
}

/** Emits one part. With `strict`, throws CompileError for a kind that the type of its value rules out. */
export function emitPart(e: Emitter, source: string, part: TemplatePart, strict: boolean): void {
  const text = part.kind === "text" ? part.text : part.label === "" ? "" : `${part.label}=`;
  if (text !== "") {
    const { offset, length } = e.constants.text(text);
    e.code.global(GLOBAL.base).i32(offset).op(OP.i32Add).i32(length);
    call(e, "outText");
  }
  if (part.kind === "text") return;
  const { expr, spec } = part;
  e.slot(expr);
  if (spec === null) return call(e, "outValue");
  const type = e.checked.types.get(expr.id) ?? "dyn";
  if (strict && NEVER[spec.kind]?.has(type) === true) {
    const remedy = "Use `s` or no kind; `d`, `f` and their like are for numbers.";
    throw new CompileError(
      "no_such_overload",
      `the kind \`${spec.kind}\` has no meaning for ${type}`,
      remedy,
      source,
      spec,
    );
  }
  e.code.i32(styleOf(spec)).i32(sizesOf(spec));
  call(e, "outFormatted");
}

function styleOf(spec: FormatSpec): number {
  const fill = spec.fill.codePointAt(0) ?? 0x20;
  return (
    // Half of a surrogate pair is no character.
    (fill >= 0xd800 && fill < 0xe000 ? 0xfffd : fill) |
    (ALIGN.indexOf(spec.align) << abi.FORMAT_ALIGN_SHIFT) |
    (SIGN.indexOf(spec.sign) << abi.FORMAT_SIGN_SHIFT) |
    (spec.zero ? abi.FORMAT_ZERO : 0) |
    (GROUP.indexOf(spec.group) << abi.FORMAT_GROUP_SHIFT)
  );
}

function sizesOf(spec: FormatSpec): number {
  return (
    spec.width |
    ((spec.precision === null ? 0 : spec.precision + 1) << abi.FORMAT_PRECISION_SHIFT) |
    (depthOf(spec) << abi.FORMAT_DEPTH_SHIFT) |
    ((spec.kind === "" ? 0 : spec.kind.charCodeAt(0)) << abi.FORMAT_KIND_SHIFT)
  );
}
