// dist/host.cjs: one file that runs where nothing else of the package is.
import { execFile } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cleanUp, tempFolder, until } from "../broker/world.ts";
import { PlayedBinding } from "../host/link-world.ts";

/** Runs the bundle alone in a folder. */
function bundled(...argv: string[]) {
  const folder = tempFolder();
  copyFileSync("dist/host.cjs", join(folder, "host.cjs"));
  const env = { ...process.env, XDG_STATE_HOME: folder };
  const running = { out: "", code: Promise.resolve(0), folder };
  running.code = new Promise((resolve) => {
    const child = execFile(process.execPath, [join(folder, "host.cjs"), ...argv], { env }, (error, _, err) => {
      running.out += err;
      resolve(typeof error?.code === "number" ? error.code : 0);
    });
    child.stdout?.on("data", (text) => {
      running.out += text;
    });
    cleanUp(() => child.kill());
  });
  return running;
}

describe("the bundle", () => {
  it("serves a program", async () => {
    const running = bundled("host", "--idle", "1");
    await until(() => running.out.includes("host at"), "the line");
    const program = new PlayedBinding(join(running.folder, "tracepointdebug", "host.sock"), "a1");
    program.hello();
    await program.next("welcome");
    program.send({ type: "compile", requestId: 1, kind: "condition", source: "total > 1.0" });
    expect((await program.next("compiled")).requestId).toBe(1);
    program.send({ type: "bye" });
    expect(await running.code).toBe(0);
  });

  it("evaluates, and knows what it is not", async () => {
    const evaluated = bundled("eval", "x > 10", "--vars", '{"x": 11}');
    expect([await evaluated.code, evaluated.out]).toEqual([0, "true\n"]);
    const up = bundled("up", "--port", "0");
    expect([await up.code, up.out]).toEqual([1, expect.stringContaining("not_bundled: ")]);
    const component = bundled("compile", "x > 1", "-o", "c.wasm", "--component");
    expect(await component.code).toBe(2);
  });

  it("asks for nothing but Node, and for what ws can do without", () => {
    const text = readFileSync("dist/host.cjs", "utf8");
    const asked = new Set(
      [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => (name as string).replace("node:", "")),
    );
    expect([...asked].filter((name) => !builtinModules.includes(name)).sort()).toEqual([
      "bufferutil",
      "utf-8-validate",
    ]);
    expect(text).not.toContain(process.cwd());
  });
});
