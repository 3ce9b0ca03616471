// A host process's end of the link: listens at a socket of the user or at a loopback port, and keeps one session a program. One host a
// socket; it may end by itself when no program has been linked for a while.
import { chmodSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { LinkError, ProtocolError } from "../errors.ts";
import { Fence, type Log } from "../fence.ts";
import { guardSocketFolder, type LinkAddress } from "./address.ts";
import { LINK_LIMITS } from "./limits.ts";
import { type Lock, takeLock } from "./lock.ts";
import { Session, type Surface } from "./session.ts";

export interface LinkHostOptions {
  readonly address: LinkAddress;
  /** Milliseconds without any program after which it ends by itself; null: never. */
  readonly idleMs?: number | null;
  readonly env?: NodeJS.ProcessEnv;
  readonly log?: Log;
  /** Programs at a time. */
  readonly processes?: number;
}

/** A host that listens. */
export interface LinkHost {
  /** With the port that was given, where any free one was asked for. */
  readonly address: LinkAddress;
  /** Programs that are linked now. */
  readonly agents: number;
  /** What was refused since it started, by code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Fulfilled when it has ended by itself. */
  readonly idle: Promise<void>;
  close(): Promise<void>;
}

/** Starts to listen. Throws a LinkError where that is not possible, with code `already_running` where a host runs already. */
export async function startLinkHost(options: LinkHostOptions): Promise<LinkHost> {
  const { address } = options;
  if (address.kind === "tcp") {
    if (address.token === "") {
      throw new LinkError(
        "no_token",
        "a host at a port needs a token, since any user of this machine can reach it",
        "Set TRACEPOINTDEBUG_HOST_TOKEN to a long random text, here and for the programs.",
      );
    }
    const made = new ListeningHost(options, null);
    await made.listen({ host: "127.0.0.1", port: address.port });
    return made;
  }
  guardSocketFolder(address.path);
  const lock = await takeLock(address.path);
  if (typeof lock === "number") {
    throw new LinkError(
      "already_running",
      `a host runs already at ${address.path} (process ${lock})`,
      "Programs find it by themselves. For a second one give another --socket.",
    );
  }
  const made = new ListeningHost(options, lock);
  try {
    // Left behind by a host that was killed: whoever holds the lock may take it away.
    rmSync(address.path, { force: true });
    await made.listen({ path: address.path });
    chmodSync(address.path, 0o600);
  } catch (error) {
    lock.release();
    throw error;
  }
  return made;
}

class ListeningHost implements LinkHost {
  readonly #options: LinkHostOptions;
  readonly #lock: Lock | null;
  readonly #server: Server;
  readonly #surface: Surface;
  readonly #sessions = new Set<Session>();
  readonly #agents = new Map<string, Session>();
  readonly #refused = new Map<string, number>();
  readonly idle: Promise<void>;
  #isIdle: () => void = () => {};
  #idleTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LinkHostOptions, lock: Lock | null) {
    const { env = process.env, log = () => {}, address } = options;
    this.#options = options;
    this.#lock = lock;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = LINK_LIMITS.connections;
    this.#surface = {
      env,
      log,
      fence: new Fence(log),
      token: address.kind === "tcp" ? address.token : null,
      admit: (session, agentId) => this.#admit(session, agentId),
      refused: (code) => this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1),
      left: (session) => this.#left(session),
    };
    this.idle = new Promise((resolve) => {
      this.#isIdle = resolve;
    });
  }

  get address(): LinkAddress {
    const { address } = this.#options;
    return address.kind === "socket" ? address : { ...address, port: (this.#server.address() as AddressInfo).port };
  }

  get agents(): number {
    return this.#agents.size;
  }

  get refused(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refused);
  }

  async listen(where: { readonly path: string } | { readonly host: string; readonly port: number }): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) =>
        reject(
          new LinkError(
            "cannot_listen",
            `cannot listen at ${"path" in where ? where.path : `port ${where.port}`}: ${error.message}`,
            "Give another --socket or --port.",
            { cause: error },
          ),
        ),
      );
      this.#server.listen(where, resolve);
    });
    this.#rest();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    // From here on a program that looks for a host starts one of its own.
    const ended = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all([...this.#sessions].map((session) => session.close()));
    await ended;
    this.#lock?.release();
  }

  #accept(socket: Socket): void {
    clearTimeout(this.#idleTimer);
    this.#sessions.add(new Session(socket, this.#surface));
  }

  async #admit(session: Session, agentId: string): Promise<void> {
    const { processes = LINK_LIMITS.processes } = this.#options;
    const before = this.#agents.get(agentId);
    if (before === undefined && this.#agents.size >= processes) {
      throw new ProtocolError(
        "too_many_processes",
        `the host serves ${processes} programs, the most it may`,
        "End some, or start another host with --socket and name it in TRACEPOINTDEBUG_HOST.",
      );
    }
    this.#agents.set(agentId, session);
    await before?.replace();
  }

  #left(session: Session): void {
    this.#sessions.delete(session);
    const { agent } = session;
    if (agent !== null && this.#agents.get(agent.agentId) === session) this.#agents.delete(agent.agentId);
    this.#rest();
  }

  /** No program is linked: waits for one, for so long at most. */
  #rest(): void {
    const { idleMs = null } = this.#options;
    if (idleMs === null || this.#closed || this.#sessions.size > 0) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      if (this.#sessions.size === 0) void this.close().then(this.#isIdle);
    }, idleMs);
  }
}
