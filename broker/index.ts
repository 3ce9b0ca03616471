// The embedded broker: one HTTP server on which agents and clients meet over WebSocket. Nobody gets in without a token; probes
// and recent events outlive it in its data folder.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  AGENT_PATH,
  acceptSockets,
  BROKER_LIMITS,
  type Cause,
  CLIENT_PATH,
  CLOSE,
  type RunningBroker,
  type SocketHandlers,
  stateFolder,
  TransportError,
  withdrawBroker,
  writeBroker,
} from "../host/index.ts";
import { type DataFolder, sameToken, takeFolder } from "./folder.ts";
import { Refusals } from "./peer.ts";
import { Relay } from "./relay.ts";
import { Store, type StoreLimits } from "./store.ts";

/** How a broker is started. All may be left out. */
export interface BrokerOptions {
  /** Folder for tokens, probes and events. Default: `data` in the user's state folder. */
  readonly data?: string;
  /** 0: any free one. Default: 4717, or any free one when that is taken. */
  readonly port?: number;
  /** Address to listen on. Default: 127.0.0.1, this machine only. */
  readonly host?: string;
  /** Origins of web pages that may connect. Default: none. */
  readonly origins?: readonly string[];
  /** Tells the programs of this user where it is. Default: true. */
  readonly announce?: boolean;
  /** How many events are kept. */
  readonly limits?: Partial<StoreLimits>;
}

/** A broker that runs. */
export interface Broker {
  /** `ws://HOST:PORT`, without a path. */
  readonly address: string;
  readonly agentToken: string;
  readonly clientToken: string;
  /** Its data folder. */
  readonly data: string;
  /** What a person should know: that the usual port was taken. Empty mostly. */
  readonly note: string;
  /** Messages and connections refused since it started, by code. */
  refused(): Readonly<Record<string, number>>;
  /** Ends all connections and lets go of the data folder. */
  close(): Promise<void>;
}

/** Starts a broker. Rejects with a TransportError: the data folder or the port is taken. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const folder = takeFolder(options.data ?? join(stateFolder(), "data"));
  try {
    return await open(folder, options);
  } catch (error) {
    folder.release();
    throw error;
  }
}

async function open(folder: DataFolder, options: BrokerOptions): Promise<Broker> {
  const { host = "127.0.0.1", origins = [], announce = true } = options;
  const refusals = new Refusals();
  const server = createServer((_, response) => {
    const body = JSON.stringify(UPGRADE);
    response.writeHead(426, { "Content-Type": "application/json; charset=utf-8", Upgrade: "websocket" }).end(body);
  });
  const note = await listen(server, host, options.port);
  const store = new Store(join(folder.path, "events"), {
    events: BROKER_LIMITS.events,
    eventBytes: BROKER_LIMITS.eventBytes,
    ...options.limits,
  });
  const relay = new Relay(store, refusals);
  let connections = 0;
  const endAll = acceptSockets(server, {
    admit({ path, token, origin }) {
      const refused = (status: 401 | 403 | 404 | 503, cause: Cause) => {
        refusals.add(cause.code);
        return { status, cause };
      };
      if (path !== AGENT_PATH && path !== CLIENT_PATH) return refused(404, NOT_FOUND);
      if (origin !== undefined && !origins.includes(origin)) return refused(403, FORBIDDEN);
      const expected = path === AGENT_PATH ? folder.tokens.agent : folder.tokens.client;
      if (!sameToken(token, expected)) return refused(401, unauthorized(path, token));
      return connections < BROKER_LIMITS.connections ? null : refused(503, FULL);
    },
    accept(path, socket): SocketHandlers {
      connections++;
      const handlers = path === AGENT_PATH ? relay.agent(socket) : relay.client(socket);
      return {
        onMessage: handlers.onMessage,
        onOversize: () => refusals.add("too_large"),
        onClose(code, reason) {
          connections--;
          handlers.onClose(code, reason);
        },
      };
    },
  });
  const { port } = server.address() as AddressInfo;
  const address = `ws://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const { agent: agentToken, client: clientToken } = folder.tokens;
  const running: RunningBroker = { address, pid: process.pid, agentToken, clientToken };
  if (announce) writeBroker(running);
  let closing: Promise<void> | null = null;
  return {
    address,
    agentToken,
    clientToken,
    data: folder.path,
    note,
    refused: () => refusals.counts(),
    close() {
      closing ??= (async () => {
        if (announce) withdrawBroker(running);
        const stopped = new Promise((resolve) => server.close(resolve));
        await endAll(CLOSE.away, "the broker ends");
        server.closeAllConnections();
        await stopped;
        relay.close();
        await store.close();
        folder.release();
      })();
      return closing;
    },
  };
}

/** Listens, and answers what a person should know about the port. */
async function listen(server: Server, host: string, port: number | undefined): Promise<string> {
  try {
    await bind(server, host, port ?? BROKER_LIMITS.port);
    return "";
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" && port === undefined) {
      await bind(server, host, 0);
      return `port ${BROKER_LIMITS.port} is taken by another program, so a free one was chosen`;
    }
    throw new TransportError(
      "cannot_listen",
      `cannot listen on ${host}:${port ?? BROKER_LIMITS.port}: ${message}`,
      "Choose another port with --port, or 0 for any free one.",
      { cause: error },
    );
  }
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

const UPGRADE: Cause = {
  code: "upgrade_required",
  message: "This is a tracepointdebug broker; it speaks WebSocket only.",
  remedy: "Connect with an agent or with the tracepointdebug command.",
};
const NOT_FOUND: Cause = {
  code: "not_found",
  message: "The broker has no such path.",
  remedy: `Agents connect to ${AGENT_PATH}, clients to ${CLIENT_PATH}.`,
};
const FORBIDDEN: Cause = {
  code: "origin",
  message: "The broker does not accept connections from pages of this origin.",
  remedy: "Allow the origin where the broker is started: `tracepointdebug up --origin URL`.",
};
const FULL: Cause = {
  code: "connections",
  message: `The broker has ${BROKER_LIMITS.connections} connections, its limit.`,
  remedy: "End some, or start another broker.",
};

function unauthorized(path: string, token: string): Cause {
  const role = path === AGENT_PATH ? "agent" : "client";
  return {
    code: "unauthorized",
    message: token === "" ? `The broker wants its ${role} token; none was sent.` : `The ${role} token is wrong.`,
    remedy:
      role === "agent"
        ? "Set TRACEPOINTDEBUG_TOKEN to the agent token that `tracepointdebug up` printed."
        : "Give the client token that `tracepointdebug up` printed, with --token or TRACEPOINTDEBUG_CLIENT_TOKEN.",
  };
}
