// Enforces the import table of the house: which folder may import which, one file a dependency, no cycles, no default exports,
// no file beyond its cap. Reads the sources as text; runs none of them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What a folder may import of other folders: files, by path. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  conditions: ["engine/abi.ts", "engine/component/layout.ts"],
  host: ["engine/abi.ts", "engine/binary.ts", "conditions/index.ts"],
  "bindings/node": [
    "engine/abi.ts",
    "engine/binary.ts",
    "conditions/index.ts",
    "host/index.ts",
    "host/javascript.ts",
    "host/protocol.ts",
  ],
  broker: ["engine/abi.ts", "conditions/index.ts", "host/index.ts", "host/protocol.ts"],
  // The command `up` starts the broker.
  cli: [
    "engine/abi.ts",
    "engine/component/binary.ts",
    "conditions/index.ts",
    "host/index.ts",
    "host/protocol.ts",
    "broker/index.ts",
  ],
};
const FOLDERS = Object.keys(TABLE);
/** Folders that run without Node: no built-in module, no dependency. */
const BARE = new Set(["engine", "conditions"]);
const MAX_LINES = 400;
const GENERATED = new Set(["engine/binary.ts", "engine/component/binary.ts"]);

interface Source {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

interface Import {
  /** A path from the root, or the name of a module. */
  readonly target: string;
  readonly relative: boolean;
  /** Vanishes when it is compiled. */
  readonly typeOnly: boolean;
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => posix.join(entry.parentPath.slice(ROOT.length + 1), entry.name));
}

/** Imports of a file: static, re-exported, for effect, dynamic and by `require`. */
function importsOf(text: string, path: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean) => {
    const relative = specifier.startsWith(".");
    found.push({ target: relative ? posix.join(posix.dirname(path), specifier) : specifier, relative, typeOnly });
  };
  const code = text.replace(/^\s*\/\/.*$/gm, "").replace(/\/\*[\s\S]*?\*\//g, "");
  for (const [, clause, specifier] of code.matchAll(/^\s*(?:import|export)\s([^;"'`]*?)\bfrom\s*["']([^"']+)["']/gm)) {
    const names = /^\{([\s\S]*)\}\s*$/.exec((clause as string).trim())?.[1];
    const allTypes = names?.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type ")) ?? false;
    add(specifier as string, /^type\s/.test(clause as string) || allTypes);
  }
  for (const [, specifier] of code.matchAll(/^\s*import\s*["']([^"']+)["']/gm)) add(specifier as string, false);
  for (const [, specifier] of code.matchAll(/\b(?:import|require)\(\s*["']([^"']+)["']\s*\)/g))
    add(specifier as string, false);
  return found;
}

function load(folder: string): Source[] {
  return filesBelow(folder).map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    return { path, folder, text, imports: importsOf(text, path) };
  });
}

const sources = FOLDERS.flatMap(load);
const byPath = new Map(sources.map((source) => [source.path, source]));
const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
const isBuiltin = (specifier: string) => specifier.startsWith("node:") || builtinModules.includes(specifier);
const pairs = (pick: (source: Source, item: Import) => boolean) =>
  sources.flatMap((source) =>
    source.imports.filter((item) => pick(source, item)).map(({ target }) => `${source.path} imports ${target}`),
  );

describe("the layers", () => {
  test("are all there", () => {
    for (const folder of FOLDERS)
      expect(sources.filter((source) => source.folder === folder).length, folder).toBeGreaterThan(0);
    expect(byPath.get("host/guest.ts")?.imports.map(({ target }) => target)).toEqual(
      expect.arrayContaining(["engine/abi.ts", "conditions/index.ts", "host/verify.ts"]),
    );
  });

  test("import only what the table allows, by the other folder's front door", () => {
    const inside = (folder: string, target: string) => target.startsWith(`${folder}/`);
    expect(
      pairs(
        ({ folder }, { target, relative }) => relative && !inside(folder, target) && !TABLE[folder]?.includes(target),
      ),
    ).toEqual([]);
  });

  test("write the extension of a file they import, and the file exists", () => {
    const fine = (target: string) =>
      (target.endsWith(".ts") || target.endsWith(".json")) && (existsSync(join(ROOT, target)) || GENERATED.has(target));
    expect(pairs((_, { target, relative }) => relative && !fine(target))).toEqual([]);
  });

  test("below the host need nothing but themselves", () => {
    expect(pairs(({ folder }, { relative }) => BARE.has(folder) && !relative)).toEqual([]);
  });

  test("need of Node, for evaluating away from a program, one file that browsers replace", () => {
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const { target, typeOnly, relative } of byPath.get(path)?.imports ?? [])
        if (!typeOnly && relative) visit(target);
    };
    visit("host/embedded.ts");
    expect(reached).toContain("host/guest.ts");
    const needed = pairs(({ path }, { relative }) => reached.has(path) && !relative);
    expect(needed.map((pair) => pair.split(" ")[0])).toEqual(needed.map(() => "host/platform.ts"));
    for (const path of reached) {
      if (path === "host/platform.ts") continue;
      expect(codeOf(byPath.get(path)?.text ?? ""), path).not.toMatch(/\b(process|Buffer)\b/);
    }
  });

  test("name the modules of Node with their prefix", () => {
    expect(pairs((_, { target, relative }) => !relative && !target.startsWith("node:") && isBuiltin(target))).toEqual(
      [],
    );
  });

  test("have no cycle", () => {
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      const at = trail.indexOf(path);
      if (at >= 0) cycles.push([...trail.slice(at), path].join(" -> "));
      if (at >= 0 || done.has(path)) return;
      for (const { target, typeOnly } of byPath.get(path)?.imports ?? [])
        if (!typeOnly) visit(target, [...trail, path]);
      done.add(path);
    };
    for (const { path } of sources) visit(path, []);
    expect(cycles).toEqual([]);
  });

  test("import each dependency in exactly one file", () => {
    const files = new Map<string, Set<string>>();
    for (const { path, imports } of sources) {
      for (const { target, relative } of imports) {
        if (relative || isBuiltin(target)) continue;
        const name = packageOf(target);
        files.set(name, (files.get(name) ?? new Set()).add(path));
      }
    }
    expect([...files].filter(([, by]) => by.size > 1).map(([name, by]) => `${name}: ${[...by].join(", ")}`)).toEqual(
      [],
    );
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { dependencies: object };
    expect([...files.keys()].filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
  });

  test("touch WebAssembly in the guest and in the sandbox of scripts alone", () => {
    // The verifier asks it to validate, the rest of the host only names its types and its error.
    const may = ["host/guest.ts", "host/script.ts"];
    const makes = /\bWebAssembly\.(Module|Instance|Memory|Global|Table|instantiate|compile)\w*\s*\(/;
    expect(sources.filter(({ path, text }) => !may.includes(path) && makes.test(text)).map(({ path }) => path)).toEqual(
      [],
    );
  });
});

/** The text without comments and without what stands between quotes. */
const codeOf = (text: string) =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/gs, '""');

describe("the files", () => {
  test("have no default export, no top-level await and nothing that only one kind of module has", () => {
    const faults = sources.flatMap(({ path, text }) =>
      [
        /^export default\b/m,
        /\bexport\s*\{[^}]*\bas default\b/,
        /^await\b/m,
        /^(?:const|let) .*= await\b/m,
        /\bimport\.meta\b/,
        /\b__dirname\b/,
        /\b__filename\b/,
      ]
        .filter((pattern) => !path.endsWith(".d.ts") && pattern.test(codeOf(text)))
        .map((pattern) => `${path}: ${pattern.source}`),
    );
    expect(faults).toEqual([]);
  });

  test("stay below their cap", () => {
    const kept = sources.map(({ path }) => path).filter((path) => !GENERATED.has(path));
    const long = [...kept, ...["test", "bench", "demo"].flatMap(filesBelow)]
      .map((path) => ({ path, lines: readFileSync(join(ROOT, path), "utf8").split("\n").length - 1 }))
      .filter(({ lines }) => lines > MAX_LINES);
    expect(long).toEqual([]);
  });

  test("open with what they are for", () => {
    expect(sources.filter(({ text }) => !/^(#!.*\n)?\/\/ \S/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test("have none of the names that say nothing", () => {
    expect(
      sources
        .filter(({ path }) => /(?:^|[/-])(utils?|helpers?|managers?|common|misc)\b/i.test(path))
        .map(({ path }) => path),
    ).toEqual([]);
  });
});

describe("the reader of imports", () => {
  test.each([
    ['import { a } from "./b.ts";', "x/b.ts", false],
    ['import type { A } from "../y/b.ts";', "y/b.ts", true],
    ['import { type A, type B } from "./b.ts";', "x/b.ts", true],
    ['import { type A, b } from "./b.ts";', "x/b.ts", false],
    ['import {\n  a,\n  b,\n} from "./b.ts";', "x/b.ts", false],
    ['export * from "./b.ts";', "x/b.ts", false],
    ['import "./b.ts";', "x/b.ts", false],
    ['const b = await import("./b.ts");', "x/b.ts", false],
    ['import * as b from "./b.ts";', "x/b.ts", false],
  ])("%s", (text, target, typeOnly) => {
    expect(importsOf(text, "x/a.ts")).toEqual([{ target, relative: true, typeOnly }]);
  });
});
