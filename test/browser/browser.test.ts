// The library gives the same answers in a browser as in Node: the same bundle runs in a context without anything of Node's, always,
// and in a page where a browser is installed.
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Bundle, bundle, chromium, runBare, runInPage, vectorsIn } from "./bundle.ts";
import * as inNode from "./program.ts";

const vectors = readdirSync("test/vectors")
  .flatMap(vectorsIn)
  .filter(({ expr, template, error, code }) => code === undefined && (expr ?? template ?? error) !== undefined);
const given = JSON.stringify(vectors);

/** As it looks after a journey through text; a bigint is not among the outcomes. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

let program: Bundle;
let readme: Bundle;
beforeAll(async () => {
  program = await bundle(new URL("./program.ts", import.meta.url), "names");
  readme = await bundle(/```js\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8"))?.[1] ?? "");
});

if (chromium === null) console.warn("No chromium is installed: the library is tried without Node, but in no browser.");

describe.each([
  ["without anything of Node", runBare],
  ["in a page", chromium === null ? null : runInPage],
])("%s", (_, run) => {
  test.skipIf(run === null)("the bundle needs nothing else", () => {
    expect(program.imports).toEqual([]);
    expect(program.modules).toContain("host/platform.browser.js");
    expect(program.modules).not.toContain("host/platform.js");
    expect(JSON.parse(run!(program.code, "JSON.stringify(program.library())"))).toEqual(sent(inNode.library()));
  });

  test.skipIf(run === null)("every vector has the outcome, the place and the steps that it has in Node", () => {
    const outcomes = JSON.parse(run!(program.code, `JSON.stringify(program.vectorOutcomes(${given}))`)) as unknown[];
    expect(outcomes.length).toBeGreaterThan(1000);
    const wanted = sent(inNode.vectorOutcomes(vectors)) as unknown[];
    for (const [i, outcome] of outcomes.entries()) expect(outcome, String(vectors[i]?.name)).toEqual(wanted[i]);
  });

  test.skipIf(run === null)("a value of every kind reads as in Node", () => {
    const outcomes = JSON.parse(run!(program.code, "JSON.stringify(program.kindOutcomes())"));
    expect(outcomes).toEqual(sent(inNode.kindOutcomes()));
  });

  test.skipIf(run === null)("the program of the README prints what it prints in Node", () => {
    const capture = `const lines = []; const console = { log: (text) => lines.push(text) };\n${readme.code}`;
    const printed = run!(`(() => { ${capture}; globalThis.printed = lines.join("\\n"); })();`, "globalThis.printed");
    expect(`${printed}\n`).toBe(/It prints\n\n```\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8"))?.[1]);
  });
});
