import { describe, expect, it } from "vitest";
import { broker } from "../broker/world.ts";
import { envOf, finished } from "./terminal.ts";

describe("a script on the command line", () => {
  it.each([
    [
      ["js: items.filter(i => i.price > 100).length > 1", "--vars", '{"items":[{"price":101},{"price":200}]}'],
      0,
      "true\n",
      "",
    ],
    [["js: let n = 0; for (const x of xs) n += x; n > 9", "--vars", '{"xs":[1,2]}'], 0, "false\n", ""],
    [
      ["js: a.b.c > 1", "--vars", '{"a":{}}'],
      1,
      "",
      "script_threw: The script threw TypeError: cannot read property 'c' of undefined\njs: a.b.c > 1\n       ^\nTest the value first, for example with a?.b or typeof.\n",
    ],
    [
      ["js: x > 1"],
      1,
      "",
      "undeclared: There is no value of this name here.\njs: x > 1\n    ^\nCheck the spelling; a probe may need a later line, where the variable is initialised.\n",
    ],
    [["js: 1"], 1, "", /^not_bool: The script answered a number, not true or false\.\n/],
    [["js: Promise.resolve(true)"], 1, "", /^not_bool: .* a promise.*\n.*\n.*\nA script cannot wait for anything/],
    [["js: for (;;); true"], 1, "", /^budget: The script (ran longer than|used up its) /],
    [["js: x >"], 1, "", /^syntax: the script is no JavaScript: Unexpected token\njs: x >\n {7}\^\n/],
  ])("evaluates %j", async (argv, code, out, err) => {
    const result = await finished(["eval", ...argv]);
    expect([result.code, result.out]).toEqual([code, out]);
    if (typeof err === "string") expect(result.err).toBe(err);
    else expect(result.err).toMatch(err);
  });

  it("is evaluated as JSON with its steps", async () => {
    const [record] = (await finished(["eval", "js: x > 1", "--vars", '{"x":2}', "--json"])).records();
    expect(record).toEqual({ value: { bool: true }, steps: expect.any(Number) });
    expect(record.steps).toBeGreaterThan(10);
  });

  it("is not compiled, and the error says where it runs", async () => {
    const { code, err } = await finished(["compile", "js: x > 1", "-o", "/nonexistent/x.wasm"]);
    expect(code).toBe(1);
    expect(err).toBe(
      "unsupported: a script condition is not compiled to WebAssembly; the host runs it in QuickJS\njs: x > 1\n^~~\nPut it into a probe, or try it with `eval`; or write the condition without `js:`.\n",
    );
  });

  it("is explained: what it reads, what it may cost, where it is allowed", async () => {
    const { code, out } = await finished(["explain", "js: items.some(i => i.price > limit)"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^understood as +a script/);
    expect(out).toMatch(/\nreads +items\n +limit\n/);
    expect(out).toContain("TRACEPOINTDEBUG_SCRIPTS=1");
    const json = await finished(["explain", "--json", "js: items.some(i => i.price > limit)"]);
    expect(json.records()).toMatchObject([{ type: "explained", entry: "script", reads: ["items", "limit"] }]);
  });

  it("of a probe is checked before any program sees it", async () => {
    const b = await broker();
    const wrong = await finished(["snap", "a.js:1", "--if", "js: x >"], envOf(b));
    expect(wrong).toMatchObject({ code: 1, out: "" });
    expect(wrong.err).toMatch(/^syntax: /);
    const right = await finished(["log", "a.js:1", "x", "--if", "js: x > 1 // really"], envOf(b));
    expect(right.code).toBe(0);
    expect(right.out).toContain('log  a.js:1 "x" if js: x > 1 // really');
  });
});
