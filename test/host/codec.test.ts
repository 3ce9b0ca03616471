import { Encoder } from "cbor-x";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "../../host/codec.ts";
import { WIRE_LIMITS } from "../../host/limits.ts";
import { event } from "../broker/world.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("the codec", () => {
  it.each<[string, object]>([
    ["numbers", { a: 0, b: -1, c: 1.5, d: 2 ** 31, e: 2 ** 53 - 1, f: -(2 ** 40), g: Date.now() + 0.125, h: 1e300 }],
    ["texts", { empty: "", short: "é", long: "x".repeat(70_000), rare: "\u{1f600}\u0000" }],
    ["the rest", { list: [], map: {}, yes: true, no: false, nothing: null, nested: [[{ a: [1] }]] }],
    ["keys that mean something in JavaScript", { constructor: 1, toString: 2, length: 3 }],
  ])("carries %s and back", (_, value) => {
    expect(decodeMessage(encodeMessage(value))).toEqual(value);
  });

  it("writes plain CBOR that any decoder reads: the bytes of a small message", () => {
    expect(Buffer.from(encodeMessage({ type: "ack", eventId: "e1", n: [1, -1, true, null] })).toString("hex")).toBe(
      [
        "a3", // map of 3
        "6474797065 6361636b", // "type": "ack"
        "676576656e744964 626531", // "eventId": "e1"
        "616e 84 01 20 f5 f6", // "n": [1, -1, true, null]
      ]
        .join("")
        .replaceAll(" ", ""),
    );
    expect(Buffer.from(encodeMessage({ b: new Uint8Array([1, 2]) })).toString("hex")).toBe("a16162420102");
  });

  it("replaces halves of surrogate pairs, which no strict decoder would accept, and leaves whole ones alone", () => {
    const bytes = encodeMessage({ "\ud800key": ["a\udc00b", "\u{1f600}", { x: "\ud83d" }], ed: "\ud7ff" });
    expect(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(2, 8))).toBe("\ufffdkey");
    expect(decodeMessage(bytes)).toEqual({ "\ufffdkey": ["a\ufffdb", "\u{1f600}", { x: "\ufffd" }], ed: "\ud7ff" });
  });

  it("never makes a value with another prototype", () => {
    const bytes = Buffer.concat([hex("a1 69"), Buffer.from("__proto__"), hex("a1 6161 01")]);
    const value = decodeMessage(bytes) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect((value as { a?: number }).a).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ["nothing", "", "it ends too early"],
    ["an open text", "7f6161ff", "text or bytes of indefinite length"],
    ["an open integer", "1f", "an open length where none may be"],
    ["a break alone", "ff", "a break outside an open array or map"],
    ["a break in a closed array", "82 01 ff", "a break outside an open array or map"],
    ["an open map that ends after a key", "bf 6161 ff", "a key without a value"],
    ["a reserved length", "1c", "reserved length 28"],
    ["simple value 0", "e0", "simple value 0"],
    ["simple value 255", "f8ff", "simple value 24"],
    ["a float that is cut off", "fb0000", "it ends too early"],
    ["an integer of 64 bits", "1bffffffffffffffff", "an integer over 2^53"],
    ["a text beyond the end", "7a7fffffff61", "it ends too early"],
    ["an array beyond the end", "9b0000000100000000", "a length beyond its end"],
    ["a map beyond the end", "a2 6161 01", "a length beyond its end"],
    ["a map beyond the end by its last value", "a2 6161 01 6162", "it ends too early"],
    ["a tag", "c001", "tags are not accepted"],
    ["the record tag of cbor-x", "d9dfff 83 1840 8161 61 01", "tags are not accepted"],
    ["a number as key", "a1 01 02", "a map key that is not text"],
    ["two values", "01 02", "bytes after its end"],
  ])("refuses %s", (_, bytes, what) => {
    expect(() => decodeMessage(hex(bytes))).toThrow(`a message is not CBOR of the restricted profile: ${what}`);
  });

  it.each<[string, string, unknown]>([
    ["an open array and an open map", "bf 6161 9f 01 02 ff ff", { a: [1, 2] }],
    ["16- and 32-bit floats", "82 f93e00 fa3fc00000", [1.5, 1.5]],
    ["an integer of 64 bits below 2^53", "1b0000010000000000", 2 ** 40],
    ["undefined", "81 f7", [undefined]],
  ])("takes %s from other encoders", (_, bytes, value) => {
    expect(decodeMessage(hex(bytes))).toEqual(value);
  });

  it("takes the deepest nesting that is allowed and refuses one level more", () => {
    const nested = (levels: number) => Buffer.concat([Buffer.alloc(levels, 0x81), hex("00")]);
    expect(() => decodeMessage(nested(WIRE_LIMITS.depth - 1))).not.toThrow();
    expect(() => decodeMessage(nested(WIRE_LIMITS.depth))).toThrow(
      `a message holds more than ${WIRE_LIMITS.depth} levels`,
    );
  });

  it("takes the most values that are allowed and refuses one more", () => {
    const list = (length: number) => {
      const head = Buffer.from([0x9a, 0, 0, 0, 0]);
      head.writeUInt32BE(length, 1);
      return Buffer.concat([head, Buffer.alloc(length)]);
    };
    expect(decodeMessage(list(WIRE_LIMITS.items - 1))).toHaveLength(WIRE_LIMITS.items - 1);
    expect(() => decodeMessage(list(WIRE_LIMITS.items))).toThrow("a message holds more than 100000 values");
  });

  it("refuses to encode and to decode more than a message may hold", () => {
    expect(() => encodeMessage({ text: "x".repeat(1024 * 1024) })).toThrow(
      /of 1048\d+ bytes is over the limit of 1048576/,
    );
    expect(() => decodeMessage(Buffer.alloc(1024 * 1024 + 1))).toThrow("a message of 1048577 bytes is over the limit");
  });

  it("agrees with the library on a thousand damaged messages: it never lets one through that the library refuses", () => {
    const good = encodeMessage(event("e1", { cause: { code: "c", message: "m", remedy: "r", details: ["a", "b"] } }));
    const library = new Encoder({ useRecords: false });
    let accepted = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const bytes = Buffer.from(good);
      bytes[(seed * 7919) % bytes.length]! ^= 1 << (seed % 8);
      let value: unknown;
      try {
        value = decodeMessage(bytes);
      } catch {
        continue;
      }
      accepted++;
      expect(value).toEqual(library.decode(bytes));
    }
    expect(accepted).toBeGreaterThan(100);
  });
});
