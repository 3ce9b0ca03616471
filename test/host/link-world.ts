// A host process's end of the link with programs that are played: they say what a test tells them over the real socket, and keep what
// the host sends. Everything is closed at the end of each test.
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import type { Broker } from "../../broker/index.ts";
import { ABI_VERSION } from "../../engine/abi.ts";
import { readFromHost } from "../../host/link/checks.ts";
import { Frames, frameOf } from "../../host/link/frames.ts";
import { LINK_VERSION } from "../../host/link/limits.ts";
import type { BindingToHost, Hello, HostToBinding, PlacementCounts } from "../../host/link/messages.ts";
import { type LinkHost, type LinkHostOptions, startLinkHost } from "../../host/link/server.ts";
import type { AgentInfo } from "../../host/protocol.ts";
import { cleanUp, tempFolder, until } from "../broker/world.ts";

export interface LinkWorld {
  readonly host: LinkHost;
  readonly path: string;
  readonly logged: string[];
}

/** A host at a socket of its own that knows this broker, or none. */
export async function linkHost(
  broker: Broker | null = null,
  options: Partial<LinkHostOptions> = {},
): Promise<LinkWorld> {
  const path = join(tempFolder(), "host.sock");
  const logged: string[] = [];
  const host = await startLinkHost({
    address: { kind: "socket", path },
    // The state folder is empty, so that no broker of this machine is found.
    env: {
      XDG_STATE_HOME: tempFolder(),
      ...(broker === null ? {} : { TRACEPOINTDEBUG_BROKER: broker.address, TRACEPOINTDEBUG_TOKEN: broker.agentToken }),
    },
    log: (_, message) => logged.push(message),
    ...options,
  });
  cleanUp(() => host.close());
  return { host, path, logged };
}

type Of<T extends HostToBinding["type"]> = Extract<HostToBinding, { readonly type: T }>;

/** A program. */
export class PlayedBinding {
  readonly socket: Socket;
  readonly messages: HostToBinding[] = [];
  readonly agent: AgentInfo;
  closed = false;
  #seq = 0;

  constructor(to: string | number, agentId: string) {
    this.agent = {
      agentId,
      app: "shop",
      runtime: "python 3.11.7",
      agentVersion: "0.1.0",
      pid: 4711,
      threadId: 0,
      host: "box",
      tags: [],
    };
    this.socket = typeof to === "string" ? createConnection(to) : createConnection(to, "127.0.0.1");
    const frames = new Frames();
    this.socket.on("data", (bytes) => {
      for (const body of frames.take(bytes)) this.messages.push(readFromHost(body));
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
    });
    cleanUp(() => this.socket.destroy());
  }

  send(message: BindingToHost): void {
    this.socket.write(frameOf(message));
  }

  hello(changes: Partial<Hello> = {}): void {
    this.send({ type: "hello", link: LINK_VERSION, abi: ABI_VERSION, agent: this.agent, redact: [], ...changes });
  }

  of<T extends HostToBinding["type"]>(type: T): Of<T>[] {
    return this.messages.filter((message): message is Of<T> => message.type === type);
  }

  /** The n-th message of a type, waited for. */
  async next<T extends HostToBinding["type"]>(type: T, n = 1): Promise<Of<T>> {
    await until(() => this.of(type).length >= n, `${type} ${n}`);
    return this.of(type)[n - 1] as Of<T>;
  }

  /** Says that a placement stands. */
  installed(placementId: string): void {
    const site = {
      file: "/srv/views.py",
      line: 43,
      column: 4,
      functionName: "checkout",
      className: "",
      names: ["total", "user"],
    };
    this.send({ type: "placed", placementId, state: "installed", engine: "bytecode", site, note: "" });
  }

  /** Sends an event, with the next number. */
  event(placementId: string, changes: Partial<Extract<BindingToHost, { type: "event" }>> = {}): number {
    const seq = changes.seq ?? ++this.#seq;
    this.send({
      type: "event",
      seq,
      placementId,
      eventId: `${this.agent.agentId}.${seq}`,
      at: Date.now() + 0.5,
      kind: "log",
      hit: seq,
      text: `text ${seq}`,
      ...changes,
    });
    return seq;
  }

  counts(placementId: string, changes: Partial<PlacementCounts> = {}, dropped = 0): void {
    const made = {
      placementId,
      notDue: 0,
      conditionFalse: 0,
      conditionError: 0,
      rateLimited: 0,
      fired: 0,
      dropped: 0,
      streak: 0,
      ...changes,
    };
    const { notDue, conditionFalse, conditionError, rateLimited, fired } = made;
    const reached = notDue + conditionFalse + conditionError + rateLimited + fired;
    this.send({ type: "counts", counts: [{ ...made, reached }], dropped });
  }
}

/** A program that has been welcomed. */
export async function linked(world: LinkWorld, agentId = "a1", changes: Partial<Hello> = {}): Promise<PlayedBinding> {
  const made = new PlayedBinding(world.path, agentId);
  made.hello(changes);
  await made.next("welcome");
  return made;
}
