// Where a probe stands beyond its line: entries and exits of functions, and the version of the file that a person sees.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { agent, broker, until, type Wire } from "../broker/world.ts";
import { envOf, finished } from "./terminal.ts";

const SOURCE = "def total(a, b):\n    return a / b\n";

/** Puts a probe and gives what the program got, and what was printed. */
async function put(...argv: string[]) {
  const b = await broker();
  const a: Wire = await agent(b);
  const ended = await finished([...argv, "--wait", "1s"], envOf(b));
  const got = () => a.messages.find((message) => message.type === "put");
  if (ended.code === 0) await until(got, "the probe");
  return { ...ended, probe: got()?.probe, broker: b };
}

describe("--at", () => {
  it("puts a probe at the exit of a function, where @return has a meaning", async () => {
    const { probe, code, out } = await put("log", "cart.py:2", "{{@return}} in {{@duration}}", "--at", "exit");
    expect(code).toBe(0);
    expect(probe).toMatchObject({ file: "cart.py", line: 2, at: "exit" });
    expect(out).toContain("log  cart.py:2 at exit ");
  });

  it("is at the line unless said otherwise, and then not in the probe", async () => {
    const { probe, out } = await put("snap", "cart.py:2");
    expect(probe).not.toHaveProperty("at");
    expect(out).toContain("snap cart.py:2\n");
  });

  it("is kept by the broker and listed", async () => {
    const { broker: b } = await put("snap", "cart.py:2", "--at", "entry");
    const { out } = await finished(["list"], envOf(b));
    expect(out).toContain("snap cart.py:2 at entry");
    const { records } = await finished(["--json", "list"], envOf(b));
    expect(records()[0].probe).toMatchObject({ at: "entry" });
  });

  it("refuses what has no meaning there before any program sees it", async () => {
    const { code, err, probe } = await put("snap", "cart.py:2", "--if", "@return > 1");
    expect(code).toBe(1);
    expect(err).toContain("@return");
    expect(probe).toBeUndefined();
  });

  it("refuses other places", async () => {
    const { code, err } = await finished(["snap", "cart.py:2", "--at", "loop"]);
    expect(code).toBe(2);
    expect(err).toContain("line, entry, exit");
  });
});

describe("the version of the file", () => {
  const folder = mkdtempSync(join(tmpdir(), "tracepointdebug-"));
  const file = join(folder, "cart.py");
  afterAll(() => rmSync(folder, { recursive: true }));
  const hash = createHash("sha256").update(SOURCE).digest("hex");

  it("goes along where a Python file is here", async () => {
    writeFileSync(file, SOURCE);
    expect((await put("snap", `${file}:2`)).probe).toMatchObject({ fileHash: hash });
    expect((await put("snap", `${file}:2`, "--no-check")).probe).not.toHaveProperty("fileHash");
  });

  it("does not where the file is elsewhere, or is of a Node program", async () => {
    expect((await put("snap", "nowhere/cart.py:2")).probe).not.toHaveProperty("fileHash");
    expect((await put("snap", "test/fixtures/agent/shop.cjs:2")).probe).not.toHaveProperty("fileHash");
  });
});

describe("hints", () => {
  it("say that a division of ints drops the remainder, of a Python program only", async () => {
    const { err } = await put("snap", "cart.py:2", "--if", "size(items) / 2 > 1");
    expect(err).toBe(
      [
        "note int_division: the division drops the remainder, unlike Python's `/`; write `double(a) / b`",
        "  size(items) / 2 > 1",
        "  ^~~~~~~~~~~~~~~",
        "",
      ].join("\n"),
    );
    expect((await put("snap", "cart.js:2", "--if", "size(items) / 2 > 1")).err).toBe("");
  });
});
