// One linked program: its hello, and from there a host of its own with a connection of its own to the broker. The probes of the program
// live as those of a Node program do; only their ground is at the other end of the link.
import type { Socket } from "node:net";
import { findBroker } from "../discovery.ts";
import { ProtocolError } from "../errors.ts";
import { Fence, type Log } from "../fence.ts";
import { Host } from "../host.ts";
import { CAPTURE_LIMITS, HOST_LIMITS } from "../limits.ts";
import type { AgentInfo, BrokerToAgent } from "../protocol.ts";
import { makeRedact } from "../redaction.ts";
import { VERSION } from "../version.ts";
import { connectTransport } from "../websocket.ts";
import { Acks } from "./acks.ts";
import { Adoptions } from "./adoptions.ts";
import { answerCompile } from "./compiling.ts";
import { faultOf } from "./handshake.ts";
import { LINK_VERSION } from "./limits.ts";
import type { BindingToHost, Hello, LinkedLimits } from "./messages.ts";
import { Peer } from "./peer.ts";
import { RemoteGround } from "./remote.ts";

/** What all sessions of a host process share. */
export interface Surface {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** What people have to know of any program; each line once, and only so many, because nobody empties a log of a host. */
  readonly fence: Fence;
  /** What a program has to show; null where the socket's owner and mode say enough. */
  readonly token: string | null;
  /** Lets a program in, after an earlier connection of the same agent has ended. Throws a ProtocolError when there are too many. */
  admit(session: Session, agentId: string): Promise<void>;
  refused(code: string): void;
  left(session: Session): void;
}

const LIMITS: LinkedLimits = {
  processRate: HOST_LIMITS.processRate,
  queueEvents: HOST_LIMITS.queueEvents,
  queueBytes: HOST_LIMITS.queueBytes,
  consecutiveErrors: HOST_LIMITS.consecutiveErrors,
  budgetErrors: HOST_LIMITS.budgetErrors,
  capture: CAPTURE_LIMITS,
};

/** A program that has said who it is. */
interface Linked {
  readonly host: Host;
  readonly ground: RemoteGround;
  readonly acks: Acks;
}

/** One connection and what it stands for. */
export class Session {
  readonly #surface: Surface;
  readonly #peer: Peer;
  readonly #fence: Fence;
  #hello: Hello | null = null;
  #linked: Linked | null = null;
  /** What came while an earlier connection of the same agent was ending. */
  #early: BindingToHost[] = [];
  /** Fulfilled when the program is linked, and what came early has been followed. */
  #linking: Promise<void> = Promise.resolve();
  #ending: Promise<void> | null = null;

  constructor(socket: Socket, surface: Surface) {
    this.#surface = surface;
    this.#fence = new Fence(surface.log);
    this.#peer = new Peer(socket, this.#fence, {
      message: (message) => this.#receive(message),
      ended: () => void this.close(),
      refused: (code) => surface.refused(code),
    });
  }

  /** The agent, once it has said hello. */
  get agent(): AgentInfo | null {
    return this.#hello?.agent ?? null;
  }

  /** The same agent has connected anew: ends this connection. Fulfilled when nothing of it is left. */
  replace(): Promise<void> {
    this.#peer.turnAway(new ProtocolError("replaced", "the same agent has connected anew", "Nothing to do."));
    return this.close();
  }

  /** Sends to the broker what waits, for a moment at most, and ends both connections. */
  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#peer.close();
    // A program may have come, said what it had to say and gone in one breath.
    await this.#linking;
    if (this.#linked !== null) {
      await withTimeout(this.#linked.ground.known, HOST_LIMITS.flushMs);
      await this.#linked.host.close();
    }
    this.#surface.left(this);
  }

  #receive(message: BindingToHost): void {
    if (this.#ending !== null) return;
    if (message.type === "hello") {
      if (this.#hello !== null) throw outOfTurn("hello came twice", "Send it once.");
      this.#greet(message);
    } else if (this.#hello === null) throw outOfTurn(`${message.type} came before hello`, "Send `hello` first.");
    else if (message.type === "bye") void this.close();
    else if (message.type === "compile") {
      this.#peer.send(answerCompile(message, languageOf(this.#hello.agent)));
    } else if (this.#hello.agent === undefined)
      throw outOfTurn(`${message.type} came of a program that is no agent`, "Give `agent` in the hello.");
    else if (this.#linked === null) this.#early.push(message);
    else this.#follow(this.#linked, message);
  }

  #follow({ ground, acks }: Linked, message: BindingToHost): void {
    switch (message.type) {
      case "counts":
        ground.count(message.counts, message.dropped);
        break;
      case "event":
        acks.add(message.seq, message.eventId);
        ground.receive(message);
        break;
      case "placed":
      case "closed":
      case "removed":
        ground.receive(message);
        break;
    }
  }

  #greet(hello: Hello): void {
    const fault = faultOf(hello, this.#surface.token);
    if (fault !== null) return this.#peer.turnAway(fault);
    this.#peer.greeted();
    this.#hello = hello;
    const { agent } = hello;
    if (agent === undefined) return this.#welcome();
    // Until then nothing more is read: what came in the same breath waits.
    this.#peer.pause(true);
    this.#linking = this.#fence.wait("link", async () => {
      try {
        await this.#surface.admit(this, agent.agentId);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return this.#peer.turnAway(error);
      }
      this.#welcome();
      const linked = this.#link(hello, agent);
      this.#linked = linked;
      for (const message of this.#early.splice(0)) this.#fence.run("link", () => this.#follow(linked, message));
      this.#peer.pause(false);
    });
  }

  #welcome(): void {
    this.#peer.send({
      type: "welcome",
      link: LINK_VERSION,
      hostVersion: VERSION,
      statusMs: HOST_LIMITS.statusMs,
      limits: LIMITS,
    });
  }

  #link({ redact, broker, placements = [] }: Hello, agent: AgentInfo): Linked {
    const { env, log, fence } = this.#surface;
    const target = broker && { TRACEPOINTDEBUG_BROKER: broker.address, TRACEPOINTDEBUG_TOKEN: broker.token };
    const acks = new Acks((seq) => this.#peer.send({ type: "ack", seq }));
    const adoptions = new Adoptions(placements);
    let ground: RemoteGround | null = null;
    const host = new Host({
      agent,
      ground: (desk) => {
        const line = { send: this.#peer.send.bind(this.#peer), handled: (seq: number) => acks.lost(seq) };
        ground = new RemoteGround(desk, line, makeRedact(redact), adoptions);
        return ground;
      },
      connect: (onMessage) =>
        connectTransport({
          address: "",
          token: "",
          // Asked before each attempt to connect: the broker of this machine may be another one by then.
          find: () => findBroker("agent", { ...env, ...target }),
          agent,
          onMessage: (message) => {
            onMessage(message);
            if (message.type === "welcome") ground?.reconciled();
            settle(acks, message);
          },
          onState: (state, cause) => {
            const name = `${agent.app} (${agent.pid})`;
            if (state === "refused")
              fence.log("warn", `The broker refuses ${name}: ${cause?.message} ${cause?.remedy}`);
            else log("debug", `${name}: ${state}${cause === undefined ? "" : `, ${cause.message}`}`);
          },
        }),
      log,
    });
    return { host, ground: ground as unknown as RemoteGround, acks };
  }
}

/** Fulfilled with the promise, or when the time is over. */
async function withTimeout(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

/** What a message of the broker says of events. */
function settle(acks: Acks, message: BrokerToAgent): void {
  if (message.type === "ack") acks.stored(message.eventId);
  else if (message.type === "refused" && message.eventId !== undefined) acks.refused(message.eventId);
}

function languageOf(agent: AgentInfo | undefined): "node" | "python" | "java" | undefined {
  return (["node", "python", "java"] as const).find((language) => agent?.runtime.startsWith(language));
}

function outOfTurn(what: string, remedy: string): ProtocolError {
  return new ProtocolError("out_of_turn", what, remedy);
}
