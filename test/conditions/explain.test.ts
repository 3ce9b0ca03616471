import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import wabtFactory from "wabt";
import { compileCondition, compileTemplate, compileValue, explain } from "../../conditions/index.ts";
import { printWat } from "../../conditions/wat.ts";

let wabt: Awaited<ReturnType<typeof wabtFactory>>;
beforeAll(async () => {
  wabt = await wabtFactory();
});

/** The module without its custom sections, which no text can hold. */
function withoutCustom(wasm: Uint8Array): number[] {
  const kept = [...wasm.subarray(0, 8)];
  for (let at = 8; at < wasm.length; ) {
    const from = at;
    const id = wasm[at++] as number;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++] as number;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
    if (id !== 0) kept.push(...wasm.subarray(from, at));
  }
  return kept;
}

describe("the WebAssembly text of a module", () => {
  const sources = JSON.parse(readFileSync("test/vectors/conditions.json", "utf8")) as { expr: string }[];

  test("is the module: an assembler makes the same bytes of it, for every vector", () => {
    let compared = 0;
    for (const { expr } of sources) {
      let wasm: Uint8Array;
      try {
        wasm = compileValue(expr).wasm;
      } catch {
        continue;
      }
      const parsed = wabt.parseWat("m.wat", printWat(wasm));
      expect([...parsed.toBinary({}).buffer], expr).toEqual(withoutCustom(wasm));
      parsed.destroy();
      compared++;
    }
    expect(compared).toBeGreaterThan(500);
  });

  test.each([
    ["a condition", compileCondition("user.age >= 21 && items.exists(i, i.price > 100.0) || !(a / 2 > b)").wasm],
    ["a template", compileTemplate('cart "{{cart.id}}" has {{size(cart.items)}} \\ é {{x=}}').wasm],
  ])("is the module of %s", (_, wasm) => {
    expect([...wabt.parseWat("m.wat", printWat(wasm)).toBinary({}).buffer]).toEqual(withoutCustom(wasm));
  });
});

describe("an explanation", () => {
  test("has the tree with types and places, the projection, the cost, the code and the lints", () => {
    const source = 'user.age >= 21 && "admin" in user.roles';
    const explained = explain(source);
    expect(explained.trees).toEqual(['(&& (>= (. user age) 21) (in "admin" (. user roles)))']);
    const [root] = explained.nodes;
    expect(root).toMatchObject({ node: "&&", type: "bool", at: [0, source.length] });
    expect(root?.children.map(({ node, type, at }) => [node, type, source.slice(...at)])).toEqual([
      [">=", "bool", "user.age >= 21"],
      ["in", "bool", '"admin" in user.roles'],
    ]);
    expect(root?.children[0]?.children.map(({ node, type }) => `${node}: ${type}`)).toEqual([
      "select age: dyn",
      "21: int",
    ]);
    const compiled = compileCondition(source);
    expect(explained).toMatchObject({
      projection: compiled.projection,
      cost: compiled.cost,
      steps: 10_000,
      wasmBytes: compiled.wasm.length,
      dataBytes: compiled.dataBytes,
      lints: [],
    });
    expect(explained.wat).toContain('(export "evaluate")');
  });

  test("of a template has one tree a hole, of a value any type, and lints have places", () => {
    expect(explain("{{a}} and {{b + 1}}", "template").trees).toEqual(["a", "(+ b 1)"]);
    expect(explain("[1, 2]", "value").nodes[0]).toMatchObject({ node: "list", type: "list" });
    expect(explain("1 + x").lints).toMatchObject([]);
    expect(explain("'x'").lints).toMatchObject([{ code: "root_not_bool", from: 0, to: 3 }]);
  });

  test("refuses what the compiler refuses", () => {
    expect(() => explain("x >")).toThrow(expect.objectContaining({ code: "syntax" }));
  });
});
