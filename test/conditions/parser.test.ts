import { describe, expect, it } from "vitest";
import type { Expr } from "../../conditions/ast.ts";
import { childrenOf } from "../../conditions/builder.ts";
import { parseCondition } from "../../conditions/parser.ts";
import { printExpr } from "../../conditions/print.ts";

const tree = (source: string): string => printExpr(parseCondition(source).expr);

type Table = readonly (readonly [source: string, tree: string])[];

describe("operators", () => {
  const table: Table = [
    ["a ? b : c ? d : e", "(? a b (? c d e))"],
    ["a ?? b ?? c", "(?? (?? a b) c)"],
    ["a || b ?? c && d", "(?? (|| a b) (&& c d))"],
    ["a || b && c || d", "(|| (|| a (&& b c)) d)"],
    ["a && b == c && d", "(&& (&& a (== b c)) d)"],
    ["a < b == c", "(== (< a b) c)"],
    ["1 == 1.0 == 1u", "(== (== 1 1.0) 1u)"],
    ["a in b in c", "(in (in a b) c)"],
    ["a === b !== c", "(!= (== a b) c)"],
    ["a <= b >= c > d != e", "(!= (> (>= (<= a b) c) d) e)"],
    ["a + b * c - d / e % f", "(- (+ a (* b c)) (% (/ d e) f))"],
    ["(a + b) * c", "(* (+ a b) c)"],
    ["a - b - c", "(- (- a b) c)"],
    ["!a.b && !c", "(&& (! (. a b)) (! c))"],
    ["!!a", "(! (! a))"],
    ["- - a", "(- (- a))"],
    ["-a.b", "(- (. a b))"],
    ["c ?.y : z", "(? c .y z)"],
    ["c?.5:z", "(? c 0.5 z)"],
    ["a ? b ?? c : d", "(? a (?? b c) d)"],
    ["1in[1]", "(in 1 [1])"],
  ];
  it.each(table)("reads %s", (source, want) => expect(tree(source)).toBe(want));
});

describe("contextual words", () => {
  const table: Table = [
    ["a and b or not c", "(|| (&& a b) (! c))"],
    ["not a == b and c", "(&& (! (== a b)) c)"],
    ["not not a", "(! (! a))"],
    ["not(a)", "(! a)"],
    ["not (a) == b", "(! (== a b))"],
    ["not(a).b", "(! (. a b))"],
    ["not !a", "(! (! a))"],
    ["not .5", "(! 0.5)"],
    ["not @hits", "(! @hits)"],
    ["not {'a': 1}", '(! {"a": 1})'],
    ["not 'a'", '(! "a")'],
    ["a == not(b)", "(== a (! b))"],
    ["1 + not(b) * 2", "(+ 1 (* (! b) 2))"],
    ["not [x]", "([] not x)"],
    ["not -x", "(- not x)"],
    ["not .x", "(. not x)"],
    ["not in [1]", "(in not [1])"],
    ["not", "not"],
    ["not == 1", "(== not 1)"],
    ["and or is", "(|| and is)"],
    ["or and or", "(&& or or)"],
    ["is is null", "(== is null)"],
    ["a not in b", "(! (in a b))"],
    ["a not in b == true", "(== (! (in a b)) true)"],
    ["a is None", "(== a None)"],
    ["a is not null and b is True", "(&& (!= a null) (== b True))"],
    ["a is undefined ? 1 : 2", "(? (== a undefined) 1 2)"],
    ["a is not false == b", "(== (!= a false) b)"],
    ["a.or(b).and.not.is", "(. (. (. (method or a b) and) not) is)"],
    ["xs.exists(not, not > 1)", "(exists [not] xs (> not 1))"],
    [".not", ".not"],
  ];
  it.each(table)("reads %s", (source, want) => expect(tree(source)).toBe(want));

  it.each([
    ["not [x]", 0, 5],
    ["a && not -x", 5, 10],
    ["not .x", 0, 5],
  ] as const)("warns that %s is a variable", (source, from, to) => {
    expect(parseCondition(source).lints).toMatchObject([{ code: "not_name", from, to }]);
  });

  it.each(["not(x)", "not x", "not[x]", "not-x", "not.x", "a not in b"])("does not warn about %s", (source) => {
    expect(parseCondition(source).lints).toEqual([]);
  });
});

describe("operands", () => {
  const table: Table = [
    ["a.b.c", "(. (. a b) c)"],
    [".a.b", "(. .a b)"],
    [". a", ".a"],
    ["a[0][b]", "([] ([] a 0) b)"],
    ["a.?b[?0].c", "(. ([?] (.? a b) 0) c)"],
    ["a[? .x]", "([?] a .x)"],
    ["a.`content-type`.`b`", "(. (. a `content-type`) b)"],
    ["a.as.if.while.const", "(. (. (. (. a as) if) while) const)"],
    ["a.for(b)", "(method for a b)"],
    [
      "as + const + function + let + loop + package + namespace + var + void",
      "(+ (+ (+ (+ (+ (+ (+ (+ as const) function) let) loop) package) namespace) var) void)",
    ],
    ["f()", "(call f)"],
    [".f(a)", "(call .f a)"],
    ["a.f(b, c)[d]", "([] (method f a b c) d)"],
    ["math.greatest(1, 2)", "(method greatest math 1 2)"],
    ["@return.x + @hits", "(+ (. @return x) @hits)"],
    ["$.a$b + _c", "(+ (. $ a$b) _c)"],
    ["größe == 名前 || 𝒳1", "(|| (== größe 名前) 𝒳1)"],
    ["[]", "[]"],
    ["[,]", "[]"],
    ["[a, ?b, c,]", "[a ?b c]"],
    ["{}", "{}"],
    ["{,}", "{}"],
    ["{'a': 1, ?b: c ? d : e,}", '{"a": 1, ?b: (? c d e)}'],
    ["{a: {b: [c]}}[a].b", "(. ([] {a: {b: [c]}} a) b)"],
    ["true != false || null", "(|| (!= true false) null)"],
  ];
  it.each(table)("reads %s", (source, want) => expect(tree(source)).toBe(want));
});

describe("numbers", () => {
  const table: Table = [
    ["9223372036854775807", "9223372036854775807"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["-0x8000000000000000", "-9223372036854775808"],
    ["0xFFu + 18446744073709551615U", "(+ 255u 18446744073709551615u)"],
    ["- 5", "-5"],
    ["--5", "(- -5)"],
    ["-5u", "(- 5u)"],
    ["!-5", "(! -5)"],
    ["!-5u", "(! (- 5u))"],
    ["a -1", "(- a 1)"],
    ["a - -1", "(- a -1)"],
    ["-5.abs()", "(method abs -5)"],
    ["-a * -2", "(* (- a) -2)"],
    ["007", "7"],
    ["1.5 + .5 + 1e3 + 1.5E-7 + 2e+2", "(+ (+ (+ (+ 1.5 0.5) 1000.0) 1.5e-7) 200.0)"],
    ["-0.0", "-0.0"],
    ["1.e5", "(. 1 e5)"],
    ["1 - .5e1.x", "(- 1 (. 5.0 x))"],
    ["1.7976931348623157e308", "1.7976931348623157e+308"],
  ];
  it.each(table)("reads %s", (source, want) => expect(tree(source)).toBe(want));
});

describe("strings and bytes", () => {
  const table: Table = [
    [`'a' + "b" + '''c''' + """d"""`, '(+ (+ (+ "a" "b") "c") "d")'],
    [`'' + "" + '''''' + """"""`, '(+ (+ (+ "" "") "") "")'],
    [String.raw`'\a\b\f\n\r\t\v\\\?\"\'\`'`, String.raw`"\u0007\b\f\n\r\t\u000b\\?\"'${"`"}"`],
    [String.raw`'\x41\X42\u0043\U00000044\U0001F600\101\377'`, '"ABCD😀Aÿ"'],
    ["'''a\nb'c''d'''", `"a\\nb'c''d"`],
    ["'''a\r\nb\rc'''", '"a\\nb\\nc"'],
    ["'''a\\'''b'''", `"a'''b"`],
    [String.raw`r'\n\' + R"\d"`, String.raw`(+ "\\n\\" "\\d")`],
    ["r'''a\nb'''", '"a\\nb"'],
    ["b'aé€😀'", String.raw`b"\x61\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"`],
    [String.raw`b'\xff\377\n'`, String.raw`b"\xff\xff\x0a"`],
    [String.raw`br'\xff' + Br"a" + bR'''b'''`, String.raw`(+ (+ b"\x5c\x78\x66\x66" b"\x61") b"\x62")`],
    ["'//' + \"/*\"", '(+ "//" "/*")'],
  ];
  it.each(table)("reads %s", (source, want) => expect(tree(source)).toBe(want));
});

describe("macros", () => {
  const table: Table = [
    ["has(a.b.c)", "(has (. (. a b) c))"],
    ["xs.all(x, x > 0)", "(all [x] xs (> x 0))"],
    ["xs.every(x, x)", "(all [x] xs x)"],
    ["xs.any(x, x) || xs.some(i, v, v)", "(|| (exists [x] xs x) (exists [i v] xs v))"],
    ["xs.exists_one(x, x) != xs.existsOne(i, v, v)", "(!= (exists_one [x] xs x) (exists_one [i v] xs v))"],
    ["xs.filter(x, x.a).map(x, x.b)", "(map [x] (filter [x] xs (. x a)) (. x b))"],
    ["xs.map(x, x > 0, x * 2)", "(map [x] xs :if (> x 0) (* x 2))"],
    ["m.transformList(k, v, v)", "(transformList [k v] m v)"],
    ["m.transformMap(k, v, k > v, v)", "(transformMap [k v] m :if (> k v) v)"],
    ["cel.bind(x, a + b, x * x)", "(bind [x] (+ a b) (* x x))"],
    ["a.?b.optMap(x, x + 1).optFlatMap(y, y)", "(optFlatMap [y] (optMap [x] (.? a b) (+ x 1)) y)"],
  ];
  it.each(table)("reads %s", (source, want) => expect(tree(source)).toBe(want));

  it.each([
    ["has(a, b)", "(call has a b)"],
    [".has(a.b)", "(call .has (. a b))"],
    ["a.has(b.c)", "(method has a (. b c))"],
    ["xs.map(x)", "(method map xs x)"],
    ["xs.filter(a, b, c)", "(method filter xs a b c)"],
    ["m.transformMap(k, v)", "(method transformMap m k v)"],
    ["a.bind(x, 1, x)", "(method bind a x 1 x)"],
    ["cel.bind(x, 1)", "(method bind cel x 1)"],
    ["all(x, true)", "(call all x true)"],
    ["xs.`all`(x, true)", "(method all xs x true)"],
  ])("leaves %s an ordinary call", (source, want) => expect(tree(source)).toBe(want));
});

describe("comments", () => {
  it("ends one at the line break", () => expect(tree("a // b || '\n && c // d")).toBe("(&& a c)"));
  it("allows one in a source that ends with a line break", () => expect(tree("a // b\r")).toBe("a"));
});

describe("nodes", () => {
  const walk = (expr: Expr): Expr[] => [expr, ...childrenOf(expr).flatMap(walk)];

  it.each([
    "a.b[0] + f(c) ? [d, ?e] : {f: -g}",
    "xs.exists(i, v, v > 1) && cel.bind(x, 1, x) == 1 || has(a.b)",
    "a not in b || a is not null || not c",
    Array.from({ length: 50 }, (_, i) => `x${i}`).join(" || "),
  ])("are numbered from 1 without gaps: %s", (source) => {
    const parsed = parseCondition(source);
    const ids = walk(parsed.expr).map((node) => node.id);
    expect([...ids].sort((a, b) => a - b)).toEqual(Array.from({ length: parsed.nodes }, (_, i) => i + 1));
  });

  it("span their text, with the parentheses inside them and not those around them", () => {
    const source = "((a.b) + -2) * f( x )[1] == (c ? d : (e)) and not (g not in [h])";
    const spans = walk(parseCondition(source).expr).map((node) => source.slice(node.from, node.to));
    expect(spans).toEqual([
      source,
      "((a.b) + -2) * f( x )[1] == (c ? d : (e))",
      "((a.b) + -2) * f( x )[1]",
      "(a.b) + -2",
      "a.b",
      "a",
      "-2",
      "f( x )[1]",
      "f( x )",
      "x",
      "1",
      "c ? d : (e)",
      "c",
      "d",
      "e",
      "not (g not in [h])",
      "g not in [h]",
      "g not in [h]",
      "g",
      "[h]",
      "h",
    ]);
  });

  it("name the function of a call", () => {
    const source = "a.b.c(1)";
    const { expr } = parseCondition(source);
    expect(expr).toMatchObject({ kind: "call", nameSpan: { from: 4, to: 5 } });
  });
});
