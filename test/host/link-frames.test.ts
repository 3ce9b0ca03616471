// The golden frames of the link, in both directions: what the file says is what this host writes and reads.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../host/errors.ts";
import { readFromBinding, readFromHost } from "../../host/link/checks.ts";
import { Frames, frameOf } from "../../host/link/frames.ts";
import { LINK_LIMITS, LINK_VERSION } from "../../host/link/limits.ts";
import { random } from "../fuzz/random.ts";
import {
  FROM_BINDING,
  FROM_HOST,
  HOSTILE,
  HOSTILE_FROM_BINDING,
  HOSTILE_FROM_HOST,
  type Hostile,
} from "./link-golden.ts";

const PATH = "test/vectors/link.json";

/** A message as JSON: bytes as `{"$bytes": hex}`. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

const valid = (rows: readonly (readonly [string, object])[]) =>
  rows.map(([id, message]) => ({ id, hex: Buffer.from(frameOf(message)).toString("hex"), message: plain(message) }));
const golden = {
  link: LINK_VERSION,
  about:
    "Frames of the link with their length, in hex, and what they say; bytes are {$bytes: hex}. See docs/protocol.md.",
  bindingToHost: valid(FROM_BINDING),
  hostToBinding: valid(FROM_HOST),
  hostileToEither: HOSTILE,
  hostileToHost: HOSTILE_FROM_BINDING,
  hostileToBinding: HOSTILE_FROM_HOST,
};

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

/** What a stream is refused with, by whom reads with `read`. */
function refusalOf({ hex }: Hostile, read: (bytes: Uint8Array) => unknown): { code: string; fatal: boolean } | null {
  let fatal = true;
  try {
    for (const body of new Frames().take(bytes(hex))) {
      fatal = false;
      read(body);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(error.remedy).not.toBe("");
    return { code: error.code, fatal };
  }
  return null;
}

describe("the golden frames", () => {
  it("are those of this host; otherwise run with UPDATE_GOLDEN=1", () => {
    const lines = Object.entries(golden).map(([key, rows]) => {
      if (!Array.isArray(rows)) return `${JSON.stringify(key)}: ${JSON.stringify(rows)}`;
      return `${JSON.stringify(key)}: [\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]`;
    });
    const text = `{\n${lines.join(",\n")}\n}\n`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(PATH, text);
    expect(existsSync(PATH) && readFileSync(PATH, "utf8")).toBe(text);
  });

  it.each(golden.bindingToHost)("of a program are read as they are written: $id", ({ hex, message }) => {
    const [body] = [...new Frames().take(bytes(hex))];
    expect(plain(readFromBinding(body as Uint8Array))).toEqual(message);
  });

  it.each(golden.hostToBinding)("of a host are read as they are written: $id", ({ hex, message }) => {
    const [body] = [...new Frames().take(bytes(hex))];
    expect(plain(readFromHost(body as Uint8Array))).toEqual(message);
  });

  it.each([...HOSTILE, ...HOSTILE_FROM_BINDING])("are refused by a host: $id", (hostile) => {
    expect(refusalOf(hostile, readFromBinding)).toEqual({ code: hostile.code, fatal: hostile.fatal });
  });

  it.each([...HOSTILE, ...HOSTILE_FROM_HOST])("are refused by a program: $id", (hostile) => {
    expect(refusalOf(hostile, readFromHost)).toEqual({ code: hostile.code, fatal: hostile.fatal });
  });
});

describe("frames", () => {
  it("come out whole however the stream is cut", () => {
    const stream = Buffer.concat(golden.bindingToHost.map(({ hex }) => Buffer.from(hex, "hex")));
    const wanted = golden.bindingToHost.map(({ hex }) => hex.slice(8));
    const next = random(7);
    for (let round = 0; round < 200; round++) {
      const frames = new Frames();
      const found: string[] = [];
      for (let at = 0; at < stream.length; ) {
        const end = Math.min(stream.length, at + 1 + next(round % 2 === 0 ? 5 : 3000));
        for (const body of frames.take(Uint8Array.from(stream.subarray(at, end))))
          found.push(Buffer.from(body).toString("hex"));
        at = end;
      }
      expect(found).toEqual(wanted);
    }
  });

  it("may be as long as the limit, and no longer", () => {
    const text = "x".repeat(LINK_LIMITS.frameBytes - 20);
    expect([...new Frames().take(frameOf({ type: "x", t: text }))]).toHaveLength(1);
    expect(() => frameOf({ type: "x", t: `${text}${"x".repeat(20)}` })).toThrow(/over the limit/);
  });

  it("of damaged messages are read or refused, and nothing else happens", () => {
    const next = random(11);
    let refused = 0;
    for (let round = 0; round < 20_000; round++) {
      const rows = round % 2 === 0 ? golden.bindingToHost : golden.hostToBinding;
      const body = bytes((rows[next(rows.length)] as { hex: string }).hex).subarray(4);
      for (let n = 1 + next(3); n > 0; n--) body[next(body.length)] = next(256);
      try {
        (round % 2 === 0 ? readFromBinding : readFromHost)(body);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(5_000);
  });
});
