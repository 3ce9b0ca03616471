// docs/errors.md says what the sources say: every place that makes an error has its row, and no word is missing.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findSites, HOLE } from "./sites.ts";
import { errorsDocument, hasWords, partOf } from "./table.ts";
import { errorVectors } from "./vectors.ts";

const PATH = "docs/errors.md";
const sites = findSites();
const others = sites.filter(({ file }) => !file.startsWith("conditions/"));

describe("the table of errors", () => {
  it("is the one in docs/", () => {
    const document = errorsDocument(errorVectors(), others);
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(PATH, document);
    expect(readFileSync(PATH, "utf8")).toBe(document);
  });

  it("has a part for every file that makes errors", () => {
    expect(
      others.filter((site) => hasWords(site) && partOf(site) < 0).map(({ file, code }) => `${file}: ${code}`),
    ).toEqual([]);
  });

  it("leaves no code, message or remedy empty, and none to be read out of the rest", () => {
    const wrong = sites.filter(hasWords).filter(({ kind, code, message, remedy }) => {
      const words = [message, remedy].every((text) => text.trim() !== "");
      return !words || (kind !== "advice" && code !== HOLE && !/^[a-z][a-z_0-9]*$/.test(code)) || !/[.…]$/.test(remedy);
    });
    expect(wrong).toEqual([]);
  });

  it("says in the code of each what it is, but for what passes on another's", () => {
    const open = others.filter(
      (site) => hasWords(site) && site.kind !== "advice" && (site.code === HOLE || site.remedy === HOLE),
    );
    expect(open.map(({ file, line, code, message }) => `${file}:${line} ${code} ${message}`)).toEqual([]);
  });
});

describe("the finder of places", () => {
  const said = (file: string) =>
    others.filter((site) => site.file === file).map(({ code, message }) => `${code}: ${message}`);

  it("finds what a function is given where it is called", () => {
    expect(said("host/codec.ts")).toContain(
      "malformed: a message is not CBOR of the restricted profile: tags are not accepted",
    );
    expect(said("host/verify.ts")).toContain(
      "forbidden_export: …: the start function takes or gives something (byte …)",
    );
  });

  it("finds both sides of a choice", () => {
    expect(said("host/install.ts")).toEqual(
      expect.arrayContaining([
        "invalid_probe: A logpoint needs a template.",
        "invalid_probe: A tracepoint has no template.",
      ]),
    );
  });

  it("finds what is no exception", () => {
    expect(said("bindings/node/settings.ts")).toContain("bad_setting: The setting … must be a token, as text.");
    expect(said("broker/index.ts")).toContain("connections: The broker has … connections, its limit.");
  });

  it("finds many", () => {
    expect(sites.length).toBeGreaterThan(400);
  });
});
