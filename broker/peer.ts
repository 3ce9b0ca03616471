// What connections of agents and clients have in common: reading and refusing messages, counting refusals, and cutting off a
// peer that floods or does not read. Knows no single message but `refused`.
import {
  BROKER_LIMITS,
  CLOSE,
  encodeMessage,
  failureCause,
  InvalidMessage,
  PROTOCOL_VERSION,
  ProtocolError,
  type Socket,
  WIRE_LIMITS,
} from "../host/index.ts";

/** Counts of what was refused, by code. */
export class Refusals {
  readonly #counts = new Map<string, number>();

  /** Counts one more. */
  add(code: string): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }

  /** The counts as they travel. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}

/** One connection. Until its `hello` nothing else is accepted from it. */
export class Peer {
  readonly #socket: Socket;
  readonly #refusals: Refusals;
  readonly #helloTimer: NodeJS.Timeout;
  #refused = 0;
  #over = false;

  constructor(socket: Socket, refusals: Refusals) {
    this.#socket = socket;
    this.#refusals = refusals;
    this.#helloTimer = setTimeout(() => this.cutOff("no_hello", "no hello came"), WIRE_LIMITS.handshakeMs).unref();
  }

  /** Whether the connection is being ended: nothing it still sends counts. */
  get over(): boolean {
    return this.#over;
  }

  /** The first message. false, and the end, when its version is not ours. */
  greet(protocol: number): boolean {
    clearTimeout(this.#helloTimer);
    if (protocol === PROTOCOL_VERSION) return true;
    const error = new ProtocolError(
      "protocol_version",
      `the peer speaks version ${protocol} of the protocol, the broker version ${PROTOCOL_VERSION}`,
      "Use the same release on both sides.",
    );
    this.turnAway(error);
    return false;
  }

  /** Refuses the peer as a whole, and ends the connection. */
  turnAway(error: ProtocolError): void {
    this.refuse(error);
    this.#end(CLOSE.refused, error.message);
  }

  /** Sends a message, unless the peer has left so much unread that it is cut off instead. */
  send(message: object): void {
    this.sendBytes(encodeMessage(message));
  }

  /** Sends an encoded message under the same rule. */
  sendBytes(bytes: Uint8Array, sent?: () => void): void {
    if (this.#over) return;
    if (this.#socket.buffered() > BROKER_LIMITS.unreadBytes) this.cutOff("slow_reader", "too much is left unread");
    else this.#socket.send(bytes, sent);
  }

  /** Bytes that the peer has not read. */
  buffered(): number {
    return this.#socket.buffered();
  }

  /** Stops or goes on reading from the peer. */
  pause(paused: boolean): void {
    this.#socket.pause(paused);
  }

  /** Tells the peer why a message was refused, and counts it. Too many, and it is cut off. `eventId`: where it was an event. */
  refuse(error: unknown, eventId?: string): void {
    const cause = failureCause(error);
    this.#refusals.add(cause.code);
    const known = error instanceof InvalidMessage ? error : null;
    const event = eventId ?? known?.eventId;
    const requestId = known?.requestId;
    this.send({
      type: "refused",
      cause,
      ...(event === undefined ? {} : { eventId: event }),
      ...(requestId === undefined ? {} : { requestId }),
    });
    if (++this.#refused >= BROKER_LIMITS.refusals) this.cutOff("too_many_refusals", "too many messages were refused");
  }

  /** Ends the connection for a reason, which is counted and sent as the close reason. */
  cutOff(code: string, reason: string): void {
    if (this.#over) return;
    this.#refusals.add(code);
    this.#end(CLOSE.policy, reason);
  }

  /** The connection has ended: nothing more may come of it. */
  ended(): void {
    this.#over = true;
    clearTimeout(this.#helloTimer);
  }

  #end(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.ended();
  }
}

/** The error of a message at the wrong time. */
export function outOfTurn(what: string): ProtocolError {
  return new ProtocolError("out_of_turn", what, "Send `hello` first, and once.");
}
