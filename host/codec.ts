// Messages to bytes and back: CBOR in a restricted profile (numbers, text, bytes, arrays, maps with text keys, null, booleans).
// Bytes from outside are walked before anything is built of them: no tags, bounded depth and number of values. It knows no message.
//
// The build of cbor-x without code generation is used: it also leaves out the optional native part, whatever is installed.
import { Encoder } from "cbor-x/index-no-eval";
import { ProtocolError } from "./errors.ts";
import { WIRE_LIMITS } from "./limits.ts";
import { MAX_MESSAGE_BYTES } from "./protocol.ts";

interface Settings {
  useRecords: false;
  tagUint8Array: false;
  variableMapSize: true;
  useTag259ForMaps: false;
  int64AsNumber: true;
}
const settings: Settings = {
  useRecords: false,
  tagUint8Array: false,
  variableMapSize: true,
  useTag259ForMaps: false,
  int64AsNumber: true,
};
const codec = new Encoder(settings);

/** Encodes one message. Throws a ProtocolError when it is larger than a message may be. */
export function encodeMessage(message: object): Uint8Array {
  let bytes: Uint8Array = codec.encode(message);
  if (mayHoldSurrogates(bytes)) bytes = codec.encode(wellFormed(message));
  if (bytes.length > MAX_MESSAGE_BYTES) throw tooLarge(bytes.length);
  return bytes;
}

/**
 * Decodes one message. Throws a ProtocolError for everything that is not plain CBOR within the limits. `definite`: nor may lists and
 * maps leave their length open.
 */
export function decodeMessage(bytes: Uint8Array, definite = false): unknown {
  if (bytes.length > MAX_MESSAGE_BYTES) throw tooLarge(bytes.length);
  walk(bytes, definite);
  try {
    return codec.decode(bytes);
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : "it cannot be decoded", { cause });
  }
}

/** The error of a message that is too large; both ends say it in the same words. */
export function tooLarge(bytes: number | null): ProtocolError {
  const size = bytes === null ? "" : ` of ${bytes} bytes`;
  return new ProtocolError(
    "too_large",
    `a message${size} is over the limit of ${MAX_MESSAGE_BYTES} bytes`,
    "Lower the capture limits (depth, fields, items, string length) or make the template shorter.",
  );
}

function malformed(what: string, options?: { cause?: unknown }): ProtocolError {
  return new ProtocolError(
    "malformed",
    `a message is not CBOR of the restricted profile: ${what}`,
    "Send one CBOR map in each message or frame: no tags, text keys, definite lengths.",
    options,
  );
}

// A JavaScript string may hold half a surrogate pair (a text cut in the middle); cbor-x writes it as bytes that no strict
// UTF-8 decoder accepts. All such bytes start with ED A0..BF, which hardly ever occurs otherwise, so the search is cheap.
function mayHoldSurrogates(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
    if ((bytes[at + 1] ?? 0) >= 0xa0) return true;
  }
  return false;
}

function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\p{Cs}/gu, "\ufffd");
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(wellFormed);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [wellFormed(key), wellFormed(part)]));
}

const TEXT = 3;
const MAP = 5;
const BREAK = -1;

/** Visits every head once, without recursion and without building anything. RFC 8949, section 3. */
function walk(bytes: Uint8Array, definite: boolean): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // One entry a level: how many values are to come (Infinity when a break ends it), how many were seen, whether it is a map.
  const due = [1];
  const seen = [0];
  const isMap = [false];
  let at = 0;
  let items = 0;

  for (let level = 0; level >= 0; ) {
    if (seen[level]! >= due[level]!) {
      level--;
      continue;
    }
    if (at >= bytes.length) throw malformed("it ends too early");
    const head = bytes[at++]!;
    const major = head >> 5;
    const info = head & 31;
    const length = argument(info, major);
    if (length === BREAK && major === 7) {
      if (due[level] !== Number.POSITIVE_INFINITY) throw malformed("a break outside an open array or map");
      if (isMap[level] && seen[level]! % 2 === 1) throw malformed("a key without a value");
      level--;
      continue;
    }
    if (++items > WIRE_LIMITS.items) throw limit(`more than ${WIRE_LIMITS.items} values`);
    if (isMap[level] && seen[level]! % 2 === 0 && major !== TEXT) throw malformed("a map key that is not text");
    seen[level]!++;
    if (major === 2 || major === TEXT) {
      if (length === BREAK) throw malformed("text or bytes of indefinite length");
      if (length > bytes.length - at) throw malformed("it ends too early");
      at += length;
    } else if (major === 4 || major === MAP) {
      if (length === BREAK && definite) throw malformed("a list or map of indefinite length");
      const values = length === BREAK ? Number.POSITIVE_INFINITY : length * (major === MAP ? 2 : 1);
      // Each value needs a byte: a length that cannot be true is refused before anything is reserved for it.
      if (length !== BREAK && values > bytes.length - at) throw malformed("a length beyond its end");
      if (level + 1 >= WIRE_LIMITS.depth) throw limit(`more than ${WIRE_LIMITS.depth} levels`);
      level++;
      due[level] = values;
      seen[level] = 0;
      isMap[level] = major === MAP;
    } else if (major === 6) {
      throw malformed("tags are not accepted");
    }
  }
  if (at !== bytes.length) throw malformed("bytes after its end");

  /** Reads what follows a head. Of integers and floats the value does not matter here, only the room. */
  function argument(info: number, major: number): number {
    if (major === 7) {
      const simple = info >= 20 && info <= 23;
      if (!simple && info !== 31 && !(info >= 25 && info <= 27)) throw malformed(`simple value ${info}`);
    }
    if (info < 24) return info;
    if (info === 31) {
      if (major < 2 || major === 6) throw malformed("an open length where none may be");
      return BREAK;
    }
    if (info > 27) throw malformed(`reserved length ${info}`);
    const size = 1 << (info - 24);
    if (size > bytes.length - at) throw malformed("it ends too early");
    const start = at;
    at += size;
    if (major === 7) return 0;
    if (size === 1) return view.getUint8(start);
    if (size === 2) return view.getUint16(start);
    if (size === 4) return view.getUint32(start);
    const value = view.getUint32(start) * 2 ** 32 + view.getUint32(start + 4);
    if (value > Number.MAX_SAFE_INTEGER) throw malformed("an integer over 2^53");
    return value;
  }
}

function limit(what: string): ProtocolError {
  return new ProtocolError("limit", `a message holds ${what}`, "Lower the capture limits (depth, fields, items).");
}
