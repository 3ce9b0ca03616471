// One connection of the link, whatever it says: frames in and out, refusals counted, and the end of a peer that sends what is no frame,
// is refused too often, says nothing, or does not read.
import type { Socket } from "node:net";
import { failureCause } from "../causes.ts";
import { ProtocolError } from "../errors.ts";
import type { Fence } from "../fence.ts";
import { InvalidMessage } from "../validate.ts";
import { readFromBinding } from "./checks.ts";
import { Frames, frameOf } from "./frames.ts";
import { LINK_LIMITS } from "./limits.ts";
import type { BindingToHost, HostToBinding } from "./messages.ts";

/** Who follows what a connection brings. */
export interface PeerHandlers {
  /** One message. A ProtocolError that it throws refuses the message. */
  message(message: BindingToHost): void;
  /** The connection has ended, for whatever reason. Called once. */
  ended(): void;
  /** Something was refused. */
  refused(code: string): void;
}

/** One connection. */
export class Peer {
  readonly #socket: Socket;
  readonly #handlers: PeerHandlers;
  readonly #fence: Fence;
  readonly #frames = new Frames();
  readonly #helloTimer: NodeJS.Timeout;
  #refused = 0;
  #over = false;

  constructor(socket: Socket, fence: Fence, handlers: PeerHandlers) {
    this.#socket = socket;
    this.#fence = fence;
    this.#handlers = handlers;
    this.#helloTimer = setTimeout(() => this.turnAway(NO_HELLO), LINK_LIMITS.helloMs).unref();
    socket.on("data", (bytes) => this.#receive(bytes));
    // The close follows.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#over = true;
      clearTimeout(this.#helloTimer);
      fence.run("link", () => handlers.ended());
    });
  }

  /** The program has said who it is. */
  greeted(): void {
    clearTimeout(this.#helloTimer);
  }

  /** Stops or goes on reading. */
  pause(paused: boolean): void {
    if (paused) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Sends a message, unless the peer has left so much unread that it is cut off instead. */
  send(message: HostToBinding): void {
    if (this.#over) return;
    if (this.#socket.writableLength > LINK_LIMITS.unreadBytes) {
      this.#over = true;
      this.#handlers.refused("slow_reader");
      this.#socket.destroy();
    } else this.#socket.write(frameOf(message));
  }

  /** Refuses one message and counts it. Too many, and the connection ends. */
  refuse(error: unknown): void {
    const cause = failureCause(error);
    this.#handlers.refused(cause.code);
    const requestId = error instanceof InvalidMessage ? error.requestId : undefined;
    this.send({ type: "refused", cause, fatal: false, ...(requestId === undefined ? {} : { requestId }) });
    if (++this.#refused >= LINK_LIMITS.refusals) this.turnAway(TOO_MANY);
  }

  /** Refuses the program as a whole, and ends the connection. */
  turnAway(error: ProtocolError): void {
    if (this.#over) return;
    this.#handlers.refused(error.code);
    this.send({ type: "refused", cause: failureCause(error), fatal: true });
    this.close();
  }

  /** Ends the connection; what was sent still goes out. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.end();
    // A peer that does not end its side is not waited for.
    setTimeout(() => this.#socket.destroy(), LINK_LIMITS.closeMs).unref();
  }

  #receive(bytes: Uint8Array): void {
    try {
      for (const body of this.#frames.take(bytes)) {
        // What comes after the end does not count.
        if (this.#over) return;
        this.#follow(body);
      }
    } catch (error) {
      this.turnAway(error as ProtocolError);
    }
  }

  #follow(body: Uint8Array): void {
    this.#fence.run("link", () => {
      try {
        this.#handlers.message(readFromBinding(body));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.refuse(error);
      }
    });
  }
}

const NO_HELLO = new ProtocolError("no_hello", "no hello came", "Send `hello` first.");
const TOO_MANY = new ProtocolError(
  "too_many_refusals",
  `${LINK_LIMITS.refusals} frames were refused`,
  "Use the same release on both sides.",
);
