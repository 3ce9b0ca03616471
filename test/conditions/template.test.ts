import { describe, expect, it } from "vitest";
import type { FormatSpec } from "../../conditions/ast.ts";
import { childrenOf } from "../../conditions/builder.ts";
import { printExpr } from "../../conditions/print.ts";
import { parseTemplate } from "../../conditions/template.ts";

/** Text in quotes, holes in angle brackets with their label. */
function show(source: string): string {
  return parseTemplate(source)
    .parts.map((part) => {
      if (part.kind === "text") return JSON.stringify(part.text);
      return `<${part.label === "" ? "" : `${part.label}= `}${printExpr(part.expr)}${part.spec ? `:${source.slice(part.spec.from, part.spec.to)}` : ""}>`;
    })
    .join(" ");
}

describe("a template", () => {
  it.each([
    ["", ""],
    ["plain {text} with } and }} and {", '"plain {text} with } and }} and {"'],
    ["a {{x}} b {{y.z}}", '"a " <x> " b " <(. y z)>'],
    ["{{x}}{{y}}", "<x> <y>"],
    ["{{ {'a': 1}.a }}", '<(. {"a": 1} a)>'],
    ["{{{'a': {'b': 1}}}}", '<{"a": {"b": 1}}>'],
    ["{{'}}'}} {{\"{{\"}}", '<"}}"> " " <"{{">'],
    ["{{xs.filter(x, {x: 1} == {})}}}", '<(filter [x] xs (== {x: 1} {}))> "}"'],
    ["\\{{x}}", '"{{x}}"'],
    ["a \\{{ b \\{{ {{x}} \\n", '"a {{ b {{ " <x> " \\\\n"'],
    ["{{x}}\\{{", '<x> "{{"'],
    ["\\{{{x}}}", '"{{{x}}}"'],
    ["{{a +\n  b}}\n", '<(+ a b)> "\\n"'],
    ["{{x=}} {{ a.b + 1 = }}", '<x= x> " " <a.b + 1= (+ (. a b) 1)>'],
    ["{{(a)=}}", "<(a)= a>"],
    ["{{x=:>8}}", "<x= x:>8>"],
    ["{{a == b}} {{a == b=}}", '<(== a b)> " " <a == b= (== a b)>'],
    ["{{a ? b : c:>8}}", "<(? a b c):>8>"],
    ["{{a ?.b : c}}", "<(? a .b c)>"],
    ["{{x:}}", "<x>"],
    ["{{@hits}} {{not x}}", '<@hits> " " <(! x)>'],
  ])("reads %j", (source, want) => expect(show(source)).toBe(want));

  it("numbers the nodes of all holes together, without gaps", () => {
    const template = parseTemplate("{{a.b}} {{xs.map(x, x + 1)}} {{c}}");
    const ids: number[] = [];
    for (const part of template.parts)
      if (part.kind === "hole")
        (function walk(expr): void {
          ids.push(expr.id);
          childrenOf(expr).forEach(walk);
        })(part.expr);
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: template.nodes }, (_, i) => i + 1));
  });

  it("counts spans in the whole template", () => {
    const source = "a {{x}} b {{ y.z }}";
    const spans = parseTemplate(source).parts.flatMap((part) =>
      part.kind === "hole" ? [source.slice(part.expr.from, part.expr.to)] : [],
    );
    expect(spans).toEqual(["x", "y.z"]);
  });

  it("collects the warnings of its holes", () => {
    expect(parseTemplate("a {{not [x]}}").lints).toMatchObject([{ code: "not_name", from: 4, to: 9 }]);
  });
});

describe("a format", () => {
  const none = {
    fill: " ",
    align: "",
    sign: "",
    zero: false,
    width: 0,
    group: "",
    precision: null,
    kind: "",
    depth: null,
  };
  it.each<[string, Partial<FormatSpec>]>([
    ["8", { width: 8 }],
    [">8", { align: ">", width: 8 }],
    ["*^20", { fill: "*", align: "^", width: 20 }],
    [">>8", { fill: ">", align: ">", width: 8 }],
    [" <8", { fill: " ", align: "<", width: 8 }],
    ["😀<8", { fill: "😀", align: "<", width: 8 }],
    ["0>8", { fill: "0", align: ">", width: 8 }],
    [":>8", { fill: ":", align: ">", width: 8 }],
    ["08", { zero: true, width: 8 }],
    ["+d", { sign: "+", kind: "d" }],
    [" d", { sign: " ", kind: "d" }],
    [",", { group: "," }],
    ["_x", { group: "_", kind: "x" }],
    [".2f", { precision: 2, kind: "f" }],
    [".0%", { precision: 0, kind: "%" }],
    ["*^+010,.3e", { fill: "*", align: "^", sign: "+", zero: true, width: 10, group: ",", precision: 3, kind: "e" }],
    ["q", { kind: "q" }],
    ["j", { kind: "j" }],
    ["j2", { kind: "j", depth: 2 }],
    ["X", { kind: "X" }],
    ["1024.100g", { width: 1024, precision: 100, kind: "g" }],
  ])("reads %j", (text, want) => {
    const source = `a {{x:${text}}}`;
    const part = parseTemplate(source).parts[1]!;
    expect(part.kind === "hole" && part.spec).toEqual({ ...none, ...want, from: 6, to: 6 + text.length });
  });

  it("may be followed by spaces", () => {
    expect(show("{{x:8  }}")).toBe("<x:8>");
  });
});
