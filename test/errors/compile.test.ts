// What the compiler refuses, in full text; and that there is a vector for every place and every text of every error in conditions/.
import { describe, expect, it } from "vitest";
import { CompileError, compileCondition, compileTemplate, compileValue } from "../../conditions/index.ts";
import { recorded } from "./recorder.ts";
import { findSites, HOLE, type Site } from "./sites.ts";
import { compile, errorVectors, refusal, sourceOf } from "./vectors.ts";

const vectors = errorVectors();

describe("a refused source", () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))("explains %s", (_, vector) => {
    expect(refusal(vector)).toEqual(vector);
  });

  it("prints code, message, snippet and remedy", () => {
    let text = "";
    try {
      compileCondition("x = 1");
    } catch (error) {
      text = String(error);
    }
    expect(text).toBe("syntax: `=` does not compare\nx = 1\n  ^\nWrite `==` to compare; nothing can be assigned here.");
  });

  it("ends message and remedy as sentences do, and has a caret", () => {
    for (const { name, message, remedy, snippet } of vectors) {
      expect(message, name).toMatch(/[^.]$/);
      expect(remedy, name).toMatch(/^[A-Z`].*\.$/);
      expect(snippet, name).toMatch(/\n *\^~*$/);
    }
  });

  it("is a vector only once", () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
    const inputs = vectors.map(({ name, code, at, message, snippet, remedy, ...input }) => JSON.stringify(input));
    expect(inputs.filter((input, i) => inputs.indexOf(input) !== i)).toEqual([]);
  });
});

/** Codes with which nothing is compiled; what has another is an error when it is reached, which an operator may absorb. */
const FINAL = new Set(["syntax", "unsupported", "wrong_place", "limit"]);
const provable = vectors.filter(({ code = "", template }) => !FINAL.has(code) && template === undefined);

describe("what is refused because it can never work", () => {
  it.each(provable.map((vector) => [vector.name, sourceOf(vector)] as const))("%s", (_, source) => {
    expect(() => compileTemplate(`{{${source}}}`)).toThrow(CompileError);
    expect(compileValue(source).wasm.length).toBeGreaterThan(0);
    expect(compileValue(`true || (${source})`).wasm.length).toBeGreaterThan(0);
    expect(compileTemplate(`{{${source}}}`, { strict: false }).wasm.length).toBeGreaterThan(0);
  });
});

describe("every error of the compiler", () => {
  const sites = findSites().filter(({ file }) => file.startsWith("conditions/"));
  const place = ({ file, line }: Site) => `${file}:${line}`;

  it("has a vector that reaches the place where it is made", async () => {
    const { places } = await recorded(() => {
      for (const vector of vectors) expect(() => compile(vector)).toThrow();
    });
    const missing = sites.filter((site) => site.kind !== "advice" && !places.has(place(site)));
    expect([...new Set(missing.map((site) => `${place(site)} ${site.code}: ${site.message}`))]).toEqual([]);
  });

  it("has a vector for each of its texts", () => {
    const says = (key: "message" | "remedy", text: string) => {
      const pattern = new RegExp(`^${text.split(HOLE).map(escaped).join("[^]*")}$`);
      return vectors.some((vector) => pattern.test(vector[key] ?? ""));
    };
    const missing = sites.flatMap((site) =>
      (["message", "remedy"] as const)
        .filter((key) => !says(key, site[key]))
        .map((key) => `${place(site)} ${key}: ${site[key]}`),
    );
    expect([...new Set(missing)]).toEqual([]);
  });
});

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
