import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as conditions from "../../conditions/index.ts";
import * as abi from "../../engine/abi.ts";
import { ENGINE_BASE64 } from "../../engine/binary.ts";
import { runTimeWords } from "../../host/causes.ts";
import { errorCodeName } from "../../host/codes.ts";
import * as hostLimits from "../../host/limits.ts";
import * as linkLimits from "../../host/link/limits.ts";
import { MAX_MESSAGE_BYTES, PROTOCOL_VERSION } from "../../host/protocol.ts";
import { REDACTED_NAMES } from "../../host/redaction.ts";
// @ts-expect-error A script without types.
import { constantsOf, generate } from "../../scripts/constants.mjs";

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
const source = read("engine/abi.ts");

describe("constants for other languages", () => {
  const ours = { MAX_MESSAGE_BYTES, PROTOCOL_VERSION, REDACTED_NAMES, runTimeWords };
  const values = { ...conditions, ...hostLimits, ...linkLimits, ...ours };
  const files = generate(source, values) as Record<string, string>;

  it("are those in the repository; otherwise run `node scripts/constants.mjs`", () => {
    for (const [path, text] of Object.entries(files)) expect(read(path), path).toBe(text);
  });

  it("name each run-time error by its code", () => {
    const text = files["bindings/python/src/tracepointdebug/_limits.py"] ?? "";
    const codes = [...text.matchAll(/^ {4}(\d+): "(\w+)",$/gm)].map(([, code, name]) => [Number(code), name]);
    expect(codes.length).toBeGreaterThan(10);
    for (const [code, name] of codes) expect(errorCodeName(code as number)).toBe(name);
  });

  it("leave none out and change none", () => {
    const found = Object.fromEntries(
      (constantsOf(source) as [string, string][]).map(([name, value]) => [name, Number(value)]),
    );
    expect(found).toEqual({ ...abi });
  });
});

describe("the engine module", () => {
  const module = new WebAssembly.Module(Buffer.from(ENGINE_BASE64, "base64"));

  it("imports its memory and nothing else", () => {
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
  });

  it("refuses a memory of another size than the one of the contract", () => {
    const instantiate = (pages: number): unknown =>
      new WebAssembly.Instance(module, { env: { memory: new WebAssembly.Memory({ initial: pages, maximum: pages }) } });
    expect(() => instantiate(abi.MEMORY_PAGES)).not.toThrow();
    expect(() => instantiate(abi.MEMORY_PAGES + 1)).toThrow(WebAssembly.LinkError);
    expect(() => instantiate(abi.MEMORY_PAGES - 1)).toThrow(WebAssembly.LinkError);
  });

  it("exports what probe modules are emitted against", () => {
    const names = WebAssembly.Module.exports(module).map(({ name, kind }) =>
      kind === "global" ? `${name} (global)` : name,
    );
    // What the host and the tests call themselves.
    const own = "alloc copy integer outCut outQuoted take".split(" ");
    const wanted = [
      ...Object.keys(conditions.ENGINE_FUNCTIONS),
      ...own,
      "end (global)",
      "steps (global)",
      "top (global)",
    ];
    expect(names.sort()).toEqual([...new Set(wanted)].sort());
  });

  it("keeps within 48 KiB, and its statics below what it uses as scratch", () => {
    expect(Buffer.from(ENGINE_BASE64, "base64").length).toBeLessThan(48 * 1024);
    const memory = new WebAssembly.Memory({ initial: abi.MEMORY_PAGES, maximum: abi.MEMORY_PAGES });
    new WebAssembly.Instance(module, { env: { memory } });
    const bytes = new Uint8Array(memory.buffer);
    let last = bytes.length - 1;
    while (last > 0 && bytes[last] === 0) last--;
    expect(last).toBeLessThan(0xd000);
  });
});
