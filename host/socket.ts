// WebSocket connections, outgoing and incoming: the only file that imports `ws`, and owns its settings. Binary messages of a
// bounded size, heartbeat, polite close. It knows no message of the protocol but `refused`, and never reconnects.
import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from "ws";
import { failureCause } from "./causes.ts";
import { encodeMessage, tooLarge } from "./codec.ts";
import { TransportError } from "./errors.ts";
import { WIRE_LIMITS } from "./limits.ts";
import { type Cause, MAX_MESSAGE_BYTES } from "./protocol.ts";

/** A connection that stands. */
export interface Socket {
  /** Sends one message; `sent` is called when the system has taken it. Nothing happens on a closed socket. */
  send(bytes: Uint8Array, sent?: () => void): void;
  /** Bytes that the system has not taken yet. */
  buffered(): number;
  /** Stops or goes on reading: the other side's sending is held back by the network. */
  pause(paused: boolean): void;
  /** Closes politely; hard when the other side does not answer. */
  close(code: number, reason: string): void;
}

/** What a connection tells its owner. `onClose` comes last and exactly once; none of them may throw. */
export interface SocketHandlers {
  onOpen?(): void;
  onMessage(bytes: Uint8Array): void;
  /** The other side sent more than a message may hold; it was told, and the connection is being closed. */
  onOversize?(): void;
  /** `error` says why a connection could not be made, or was refused. */
  onClose(code: number, reason: string, error?: TransportError): void;
}

/** Close codes of RFC 6455, section 7.4.1; `refused` is of its private range. */
export const CLOSE = Object.freeze({
  normal: 1000,
  away: 1001,
  unsupported: 1003,
  policy: 1008,
  tooLarge: 1009,
  refused: 4400,
});

/** The subprotocol by which a browser says that the next one carries its token: it can set no other header. */
export const SUBPROTOCOL = "tracepointdebug";
const TOKEN_PREFIX = "token.";

const SETTINGS = Object.freeze({
  maxPayload: MAX_MESSAGE_BYTES,
  // Compression costs memory and time on the program's thread, and allows small messages that unpack to large ones.
  perMessageDeflate: false,
  closeTimeout: WIRE_LIMITS.closeMs,
});

function noop(): void {}

/** Cuts a reason to the 123 bytes that a close frame holds. */
function shortReason(reason: string): string {
  let short = reason.slice(0, 123);
  while (Buffer.byteLength(short) > 123) short = short.slice(0, -1);
  return short;
}

const OVERSIZE = "oversize";

// ws closes with a bare 1009 when a payload is over the limit. The other side is told in words first.
class TellingSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (code === CLOSE.tooLarge && reason === undefined && this.readyState === WebSocket.OPEN) {
      const cause = failureCause(tooLarge(null));
      this.send(encodeMessage({ type: "refused", cause }), noop);
      super.close(code, shortReason(cause.message));
      this.emit(OVERSIZE);
    } else super.close(code, reason);
  }
}

/** What both directions share: messages in and out, heartbeat, one `onClose`. */
function attach(ws: WebSocket, handlers: SocketHandlers): Socket {
  let alive = true;
  const heartbeat = setInterval(() => {
    if (ws.readyState !== WebSocket.OPEN) return;
    if (!alive) return ws.terminate();
    alive = false;
    ws.ping(noop);
  }, WIRE_LIMITS.heartbeatMs).unref();
  const close = (code: number, reason: string) => ws.close(code, shortReason(reason));
  ws.on("open", () => handlers.onOpen?.());
  ws.on(OVERSIZE, () => handlers.onOversize?.());
  ws.on("pong", () => {
    alive = true;
  });
  ws.on("message", (data, isBinary) => {
    alive = true;
    if (ws.readyState !== WebSocket.OPEN) return;
    if (isBinary) handlers.onMessage(data as Buffer);
    else close(CLOSE.unsupported, "send binary messages: one CBOR map each");
  });
  ws.on("close", (code, reason) => {
    clearInterval(heartbeat);
    handlers.onClose(code, reason.toString("utf8"));
  });
  // Without a listener an error would end the program; `close` follows in every case.
  ws.on("error", noop);
  return {
    send(bytes, sent) {
      if (ws.readyState === WebSocket.OPEN) ws.send(bytes, () => sent?.());
    },
    buffered: () => ws.bufferedAmount,
    pause(paused) {
      if (ws.readyState !== WebSocket.OPEN) return;
      if (paused) ws.pause();
      else ws.resume();
    },
    close,
  };
}

/** Opens a connection with a token. Never throws: what goes wrong arrives at `onClose`. `keepAlive`: holds the process. */
export function dial(url: string, token: string, handlers: SocketHandlers, keepAlive: boolean): Socket {
  let failure: TransportError | undefined;
  const options: ClientOptions = {
    ...SETTINGS,
    headers: { Authorization: `Bearer ${token}` },
    followRedirects: false,
    handshakeTimeout: WIRE_LIMITS.handshakeMs,
    finishRequest(request) {
      request.on("socket", (socket) => {
        if (!keepAlive) socket.unref();
      });
      request.end();
    },
  };
  let ws: WebSocket;
  try {
    ws = new TellingSocket(url, options);
  } catch (cause) {
    const error = new TransportError(
      "bad_address",
      `${JSON.stringify(url)} is no address of a broker`,
      "Give it as ws://HOST:PORT, as printed by `tracepointdebug up`.",
      { cause },
    );
    setImmediate(() => handlers.onClose(1006, "", error));
    return { send: noop, buffered: () => 0, pause: noop, close: noop };
  }
  ws.on("unexpected-response", (request, response) => {
    let body = "";
    const finish = () => {
      failure ??= refusal(url, response.statusCode ?? 0, body);
      request.destroy();
      ws.terminate();
    };
    response.setEncoding("utf8");
    response.on("data", (part: string) => {
      if (body.length < 16_384) body += part;
    });
    response.on("end", finish);
    response.on("error", finish);
  });
  ws.on("error", (cause) => {
    failure ??= new TransportError(
      "unreachable",
      `no broker answers at ${url}: ${cause.message}`,
      "Start one with `tracepointdebug up`, or check the address.",
      { cause },
    );
  });
  let opened = false;
  return attach(ws, {
    onOpen() {
      opened = true;
      handlers.onOpen?.();
    },
    onMessage: handlers.onMessage,
    onClose: (code, reason) => handlers.onClose(code, reason, opened ? undefined : failure),
  });
}

// A broker answers a refused handshake with a cause as JSON; something else on the port answers with anything.
function refusal(url: string, status: number, body: string): TransportError {
  try {
    const { code, message, remedy } = JSON.parse(body) as Partial<Cause>;
    if (typeof code === "string" && typeof message === "string" && typeof remedy === "string") {
      return new TransportError(code.slice(0, 64), message.slice(0, 2000), remedy.slice(0, 2000));
    }
  } catch {
    // Not from a broker.
  }
  return new TransportError(
    "not_a_broker",
    `${url} answered with HTTP ${status} and no cause: it does not seem to be a broker`,
    "Check the address; it is printed by `tracepointdebug up`.",
  );
}

/** Why a handshake is refused: the HTTP status and the cause in its body. */
export interface Refusal {
  readonly status: 401 | 403 | 404 | 503;
  readonly cause: Cause;
}

/** What decides over incoming connections. */
export interface Gate {
  /** null lets it in. Called before anything of the WebSocket is set up. */
  admit(request: { path: string; token: string; origin: string | undefined }): Refusal | null;
  /** Called for each connection that was let in; returns its handlers. */
  accept(path: string, socket: Socket): SocketHandlers;
}

/** Takes WebSocket connections on an HTTP server. The returned function ends them all. */
export function acceptSockets(server: Server, gate: Gate): (code: number, reason: string) => Promise<void> {
  const options: ServerOptions = {
    ...SETTINGS,
    noServer: true,
    clientTracking: true,
    WebSocket: TellingSocket,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  };
  const sockets = new WebSocketServer(options);
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", noop);
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const refused = gate.admit({ path, token: tokenOf(request), origin: request.headers.origin });
    if (refused !== null) return answer(stream, refused);
    sockets.handleUpgrade(request, stream, head, (ws) => {
      let handlers: SocketHandlers | undefined;
      const base = attach(ws, {
        onMessage: (bytes) => handlers?.onMessage(bytes),
        onOversize: () => handlers?.onOversize?.(),
        onClose: (code, reason) => handlers?.onClose(code, reason),
      });
      handlers = gate.accept(path, base);
    });
  });
  return async (code, reason) => {
    const open = [...sockets.clients];
    const closed = open.map((ws) => new Promise((resolve) => ws.once("close", resolve)));
    for (const ws of open) ws.close(code, shortReason(reason));
    await Promise.all(closed);
  };
}

function tokenOf(request: IncomingMessage): string {
  const [scheme, token] = (request.headers.authorization ?? "").split(" ", 2);
  if (scheme?.toLowerCase() === "bearer" && token !== undefined) return token;
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((entry) => entry.trim());
  return offered.find((entry) => entry.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length) ?? "";
}

function answer(stream: Duplex, { status, cause }: Refusal): void {
  const body = JSON.stringify(cause);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    ...(status === 401 ? ['WWW-Authenticate: Bearer realm="tracepointdebug"'] : []),
  ];
  // A peer that does not end its side must not keep the connection.
  stream.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => stream.destroy());
}
