import { describe, expect, it } from "vitest";
import { CompileError, compileCondition, isScript } from "../../conditions/index.ts";
import { readScript, SANDBOX_NAMES } from "../../host/script-text.ts";
import { result } from "./scripts.ts";

const namesOf = (source: string) => readScript(source).names.join(" ");
function refusal(source: string): string {
  try {
    readScript(source);
  } catch (error) {
    if (error instanceof CompileError) return error.toString();
    throw error;
  }
  return "accepted";
}

describe("the variables of a script", () => {
  it.each([
    ["js: items.filter(i => i.price > 100).length > 3", "items"],
    ["js: a.b.c && d[e]", "a d e"],
    ["js: let n = 0; for (const x of xs) n += x.a; n > 3", "xs"],
    ["js: const {k: v = w, ...rest} = o; v in rest", "w o"],
    ["js: (function f(a, b = c) { return a + b + f.length })(d) > 0", "c d"],
    ["js: try { g() } catch (e) { return e.message === m }", "g m"],
    ["js: function f() { return q } f()", "q"],
    ["js: this.total > 3 && (() => this.x)() === y", "this y"],
    ["js: (function () { return this })() === undefined", ""],
    ["js: ({ a, b: c, [d]: 1 }).a === 1", "a c d"],
    ["js: Math.max(x, NaN) > Number.MAX_VALUE || undefined", "x"],
    ["js: label: for (const i of z) continue label; true", "z"],
    ["js: typeof maybe === 'string'", "maybe"],
    ["js: var x = 1; x > 0", ""],
    ["js: new Foo(bar + 1) instanceof Baz", "Foo bar Baz"],
    ["js: true", ""],
  ])("%s uses %j", (source, names) => {
    expect(namesOf(source)).toBe(names);
  });

  it("are not those that the sandbox has itself, which are exactly the ones on the list", async () => {
    const listed = JSON.stringify([...SANDBOX_NAMES].sort());
    expect(
      await result(
        `js: let say = (x) => { throw x }; say(Reflect.ownKeys(globalThis).filter(k => typeof k === 'string' && !${listed}.includes(k)).join())`,
      ),
    ).toMatchObject({ message: "The script threw " });
    expect(
      await result(`js: let say = (x) => { throw x }; say(${listed}.filter(k => !(k in globalThis)).join())`),
    ).toMatchObject({
      message: "The script threw ",
    });
  });
});

describe("a text", () => {
  it.each([
    ["js: x", true],
    ["  js:x", true],
    ["\n js: x", true],
    ["js", false],
    ["js.a", false],
    ["a ? js: b", false],
    ["JS: x", false],
  ])("%j is a script: %s", (source, is) => {
    expect(isScript(source)).toBe(is);
  });

  it("that is a script is not compiled, and the error says where it runs", () => {
    expect(() => compileCondition(" js: a > 1")).toThrow(
      expect.objectContaining({
        code: "unsupported",
        span: { from: 1, to: 4 },
        remedy: expect.stringContaining("eval"),
      }),
    );
  });

  it.each([
    ["js: a >", "syntax: the script is no JavaScript: Unexpected token\njs: a >\n       ^"],
    ["js: await x", "syntax: the script is no JavaScript: Unexpected token\njs: await x\n          ^"],
    [
      "js: import x from 'y'",
      "syntax: the script is no JavaScript: 'import' and 'export' may appear only with 'sourceType: module'\njs: import x from 'y'\n    ^",
    ],
    ["js: x }) (", "syntax: the script is no JavaScript: Unexpected token\njs: x }) (\n      ^"],
    ["js: ", "syntax: the script has no answer\njs: \n   ^\nLet it end"],
    ["js: if (a) b", "syntax: the script has no answer\njs: if (a) b\n    ^~~~~~~~"],
    [
      "js: let f = () => { return 1 }",
      "syntax: the script has no answer\njs: let f = () => { return 1 }\n    ^~~~~~~~~~~~~~~~~~~~~~~~~~",
    ],
  ])("like %j is refused", (source, message) => {
    expect(refusal(source)).toContain(message);
  });

  it("that is too long or nested too deeply is refused", () => {
    expect(refusal(`js: ${"x".repeat(9000)}`)).toContain("limit: the script has 9004 characters; 8192 are allowed");
    expect(refusal(`js: ${"(".repeat(4000)}1${")".repeat(4000)}`)).toMatch(
      /^(limit: the script is nested too deeply|accepted)/,
    );
    expect(refusal(`js: ${"!".repeat(8000)}1`)).toMatch(/^(limit: the script is nested too deeply|accepted)/);
  });

  it.each([
    ["js: 1 // one\n", "number"],
    ["js: let a = 'x'\n a", "string"],
    ["js: if (false) return 1; [] // list", "an array"],
    ["js: 1;;", "number"],
    ["js: /* a */ (1) /* b */;", "number"],
  ])("%j answers with its last expression", async (source, kind) => {
    const ran = source.endsWith(";;") ? refusal(source) : await result(source);
    if (source.endsWith(";;")) expect(ran).toContain("no answer");
    else expect(ran).toMatchObject({ code: "not_bool", message: expect.stringContaining(kind) });
  });
});

describe("the place of an error", () => {
  it.each([
    ["js: a.b.c", "js: a.b.c\n       ^"],
    ["js: let n = 1;\n  n > 2 ||\n    a.b.c", "    a.b.c\n       ^"],
    ["js: let n = 1;\n  a.b.c;\n n > 0", "  a.b.c;\n     ^"],
    ["js: const f = x => x.y.z;\nf(a)", "js: const f = x => x.y.z;\n                      ^"],
  ])("in %j is shown", async (source, snippet) => {
    expect(await result(source, { a: {} })).toMatchObject({ code: "script_threw", snippet });
  });

  it("of what QuickJS refuses is shown", async () => {
    await expect(result("js: /[/v.test('a') || /(?<n>a)(?<n>b)/.test('a')")).rejects.toThrow(CompileError);
  });
});
