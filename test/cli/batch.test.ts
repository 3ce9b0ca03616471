// `eval --batch`: each line is answered by one, in order, as it comes, whatever the other lines are.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { type Line, split } from "../../cli/batch.ts";
import { cleanUp, tempFolder } from "../broker/world.ts";
import { finished } from "./terminal.ts";

async function answersTo(text: string) {
  const file = join(tempFolder(), "batch.jsonl");
  writeFileSync(file, text);
  const { code, out, err } = await finished(["eval", "--batch", file]);
  expect(err).toBe("");
  const answers = out.split("\n").filter(Boolean);
  return { code, answers: answers.map((line) => JSON.parse(line)) };
}

const answerTo = async (line: object) => (await answersTo(JSON.stringify(line))).answers[0];

describe("a line of a batch", () => {
  it.each([
    [
      { id: "1", expr: "x > 10", vars: { x: { int: "11" } } },
      { id: "1", value: { bool: true }, steps: 0 },
    ],
    [
      { id: 7, expr: "1 + 1" },
      { id: 7, value: { int: "2" }, steps: 0 },
    ],
    [{ expr: "1" }, { id: null, value: { int: "1" }, steps: 0 }],
    [
      { id: "t", template: "a {{x}} b {{y + 1}}", vars: { x: { string: "ü" }, y: { uint: "1" } } },
      { id: "t", text: "a ü b 2", steps: 0 },
    ],
    [
      { id: "c", expr: "y", container: "x", vars: { "x.y": { bool: true }, y: { bool: false } } },
      { id: "c", value: { bool: true }, steps: 0 },
    ],
    [
      { id: "q", expr: "a.b.c", vars: { a: { null: null }, "a.b": { map: [[{ string: "c" }, { int: "3" }]] } } },
      { id: "q", value: { int: "3" }, steps: 0 },
    ],
    [
      { id: "t", template: "{{y}}", container: "x", vars: { "x.y": { int: "1" } } },
      { id: "t", text: "1", steps: 0 },
    ],
    [
      { id: "e", expr: "x.y > 1", vars: { x: { object: { class: "X", fields: {} } } } },
      { id: "e", error: "no_such_field", at: [0, 3], steps: 0 },
    ],
    [
      { id: "u", expr: "1 + x" },
      { id: "u", error: "undeclared", at: [4, 5], steps: 0 },
    ],
  ])("%j", async (line, wanted) => {
    const { steps, ...answer } = await answerTo(line);
    expect({ ...answer, steps: 0 }).toEqual(wanted);
    expect(steps).toBeTypeOf("number");
  });

  it("has the steps that it took", async () => {
    const list = { list: Array.from({ length: 100 }, (_, i) => ({ int: String(i) })) };
    const { steps } = await answerTo({ expr: "l.exists(x, x > 1000)", vars: { l: list } });
    expect(steps).toBeGreaterThanOrEqual(100);
    expect(steps).toBeLessThan(300);
  });

  it("says what is wrong with an expression, and where", async () => {
    const { id, error, at, message, remedy, steps } = await answerTo({ id: "s", expr: "x >" });
    expect({ id, error, at, steps }).toEqual({ id: "s", error: "syntax", at: [3, 3], steps: 0 });
    expect([message, remedy]).not.toContain(undefined);
  });

  it("says that a text was cut", async () => {
    const answer = await answerTo({ template: "{{x}}{{x}}", vars: { x: { string: "y".repeat(4000) } } });
    expect(answer.truncated).toBe(true);
  });

  it.each([
    ["garbage", null, "wrong_json"],
    ["[1]", null, "wrong_json"],
    ['{"id":"a"}', "a", "wrong_case"],
    ['{"id":"a","expr":"1","template":"1"}', "a", "wrong_case"],
    ['{"id":"a","expr":1}', "a", "wrong_case"],
    ['{"id":"a","expr":"1","vars":[]}', "a", "wrong_case"],
    ['{"id":"a","expr":"1","container":1}', "a", "wrong_case"],
    ['{"id":"a","expr":"x","vars":{"x":1}}', "a", "tagged_value"],
    ['{"id":"a","expr":"x","vars":{"x":{"int":"1.5"}}}', "a", "tagged_value"],
    ['{"id":"a","expr":"x","vars":{"x":{"nonsense":"1"}}}', "a", "tagged_value"],
  ])("that is no case is answered by an error, and the next one is evaluated: %s", async (line, id, error) => {
    const { code, answers } = await answersTo(`{"expr":"1"}\n\n${line}\n  \r\n{"id":"z","expr":"2"}\r\n`);
    expect(answers).toMatchObject([{ value: { int: "1" } }, { id, error, steps: 0 }, { id: "z", value: { int: "2" } }]);
    if (error !== "tagged_value") expect(answers[1].message).toContain("line 3 of the batch");
    expect(answers[1].remedy).not.toBe("");
    expect(code).toBe(1);
  });
});

describe("a batch", () => {
  it.each([
    [["eval", "--batch", "-", "x > 1"]],
    [["eval", "--batch", "-", "--vars", "{}"]],
    [["eval", "--batch", "-", "--template"]],
  ])("has its expressions in the file only: %j", async (argv) => {
    expect(await finished(argv)).toMatchObject({ code: 2, out: "" });
  });

  it("ends well when expressions fail: those are answers", async () => {
    expect((await answersTo('{"expr":"1 / 0"}\n{"expr":"x >"}')).code).toBe(0);
  });

  it("is answered as it comes, line by line", async () => {
    const child = spawn(process.execPath, ["dist/cjs/cli/index.js", "eval", "--batch", "-"]);
    cleanUp(() => child.kill("SIGKILL"));
    const answers = createInterface({ input: child.stdout });
    for (const i of [1, 2, 3]) {
      child.stdin.write(`{"id":${i},"expr":"x * 2","vars":{"x":{"int":"${i}"}}}\n`);
      const [line] = await once(answers, "line");
      expect(JSON.parse(line)).toMatchObject({ id: i, value: { int: String(2 * i) } });
    }
    const exit = once(child, "exit");
    child.stdin.end();
    expect((await exit)[0]).toBe(0);
  });

  it("larger than the memory is read", async () => {
    const child = spawn(process.execPath, ["--max-old-space-size=64", "dist/cjs/cli/index.js", "eval", "--batch", "-"]);
    cleanUp(() => child.kill("SIGKILL"));
    let out = "";
    child.stdout.on("data", (data) => {
      out += data;
    });
    const exit = once(child, "exit");
    const line = `{"expr":"x.startsWith('xx')","vars":{"x":{"string":"${"x".repeat(1_000_000)}"}}}\n`;
    for (let i = 0; i < 150; i++) if (!child.stdin.write(line)) await once(child.stdin, "drain");
    child.stdin.end();
    expect((await exit)[0]).toBe(0);
    expect(out).toBe('{"id":null,"value":{"bool":true},"steps":0}\n'.repeat(150));
  });
});

describe("lines", () => {
  async function linesIn(chunks: readonly string[], maxLine?: number): Promise<Line[]> {
    async function* source() {
      yield* chunks;
    }
    const lines: Line[] = [];
    for await (const some of split(source(), maxLine)) lines.push(...some);
    return lines;
  }

  it.each<[readonly string[], readonly Line[]]>([
    [[], []],
    [["a"], ["a"]],
    [["a\n"], ["a"]],
    [["a\n\nb"], ["a", "", "b"]],
    [
      ["a", "b\nc", "\n", "d", "\ne"],
      ["ab", "c", "d", "e"],
    ],
    [["\ufeffa\n\ufeffb"], ["a", "\ufeffb"]],
    [["a\u2028b\rc\u0085\n"], ["a\u2028b\rc\u0085"]],
    // Longer than eight characters: passed over, and nothing else with it.
    [["12345678\n123456789\n1"], ["12345678", null, "1"]],
    [
      ["1234", "5678", "9", "0\n1", "2345678\n", "123456789"],
      [null, "12345678", null],
    ],
  ])("%j", async (chunks, wanted) => {
    expect(await linesIn(chunks, 8)).toEqual(wanted);
  });
});
