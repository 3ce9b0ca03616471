// Every limit of the link between a host process and the programs on its machine: unit, default and reason. The version of the link,
// too. Plain constants, from which those of the Python binding are made.
import { WIRE_LIMITS } from "../limits.ts";
import { MAX_MESSAGE_BYTES } from "../protocol.ts";

/** Raised when old and new sides cannot talk; compared in the handshake. */
export const LINK_VERSION = 1;

export const LINK_LIMITS = Object.freeze({
  /** Bytes of one frame, its length prefix not counted: an event has to fit into a message to the broker. */
  frameBytes: MAX_MESSAGE_BYTES,
  /** Nested arrays and maps of one frame, and values in it, keys included: as to the broker. */
  depth: WIRE_LIMITS.depth,
  items: WIRE_LIMITS.items,
  /** Bytes of a socket's path: `sun_path` has 104 on macOS and 108 on Linux, its end included. */
  socketPathBytes: 100,
  /** Programs that one host serves. */
  processes: 256,
  /** Connections, with those that are no agents or have not said yet who they are. */
  connections: 400,
  /** Milliseconds in which a program has to say `hello`. */
  helloMs: 10_000,
  /** Frames refused on one connection before it is closed. */
  refusals: 100,
  /** Bytes that a program may leave unread before it is cut off: it has stopped reading, and asks for ever more. */
  unreadBytes: 8 * 1024 * 1024,
  /** UTF-16 units of a source to compile; the compiler's own limits are stricter and answer better. */
  sourceLength: WIRE_LIMITS.templateLength,
  /** Names: of variables where a probe stands or that an expression may use, and those that are redacted. */
  names: 10_000,
  redacted: 1000,
  /** UTF-16 units of one name. */
  nameLength: 1024,
  /** Placements that a `hello` names, probes in one `counts`: all that a program may have, twice. */
  placements: 1000,
  /** UTF-16 units of the text of a log event. */
  textLength: 524_288,
  /** Milliseconds that a program has to end its side of a connection that the host has ended. */
  closeMs: WIRE_LIMITS.closeMs,
  /** Milliseconds before a binding's first attempt to reconnect and at most; doubled each time, half of it jitter. */
  reconnectMs: WIRE_LIMITS.reconnectMs,
  maxReconnectMs: WIRE_LIMITS.maxReconnectMs,
  /** Milliseconds between attempts after a refusal (version, token): a person has to act first. */
  refusedRetryMs: WIRE_LIMITS.refusedRetryMs,
  /** Milliseconds that a binding waits for the socket of a host that it has started. */
  startMs: 10_000,
  /** Milliseconds that a host which a binding has started lives on without any program. */
  idleMs: 60_000,
});
