// Checks every message of protocol.ts field by field when it comes in, whoever sent it. It never changes a message.
import { MAXIMA, type ProbeLimits } from "../conditions/index.ts";
import type { Captured, Frame, Omitted, Snapshot } from "./captured.ts";
import { decodeMessage } from "./codec.ts";
import { ProtocolError } from "./errors.ts";
import { HOST_LIMITS, WIRE_LIMITS } from "./limits.ts";
import type {
  AgentInfo,
  AgentToBroker,
  BrokerToAgent,
  BrokerToClient,
  Cause,
  ClientToBroker,
  ProbeCounts,
  ProbeEvent,
  ProbeListing,
  ProbeSpec,
  ProbeStatus,
} from "./protocol.ts";
import {
  type Check,
  type Fields,
  finite,
  flag,
  isMap,
  list,
  name,
  oneOf,
  optional,
  shape,
  text,
  tuple,
  whole,
} from "./shape.ts";

// What the link says in the same words is exported; the front door of the host leaves it out.
export const ID = name(64);
const AGENT_ID = name(128);
export const EVENT_ID = name(128);
export const PATH = text(4096, 1);
export const LINE = whole(1, 10_000_000);
export const COUNT = whole(0);
/** Milliseconds since 1970, up to the year 2255. */
export const TIME = finite(0, 9e12);
/** A SHA-256 in lower-case hex. */
export const HASH: Check = (value) =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value) ? null : " must be 64 digits of lower-case hex";
const TAGS = list(32, text(128, 1));
export const LONG = text(8192);

/** Whether they are within what this host allows is said by the compiler, in words. */
export const checkProbeLimits: Check = shape<Partial<ProbeLimits>>(
  Object.fromEntries(Object.keys(MAXIMA).map((limit) => [limit, optional(whole(1))])) as Fields<Partial<ProbeLimits>>,
);

/** What `put` carries. */
export const checkProbe: Check = shape<ProbeSpec>({
  id: ID,
  kind: oneOf("tracepoint", "logpoint"),
  file: PATH,
  line: LINE,
  at: optional(oneOf("line", "entry", "exit")),
  fileHash: optional(HASH),
  condition: optional(text(WIRE_LIMITS.conditionLength)),
  template: optional(text(WIRE_LIMITS.templateLength)),
  hitLimit: whole(1, HOST_LIMITS.maxHitLimit),
  expiresAt: TIME,
  enabled: flag,
  tags: TAGS,
  onError: oneOf("skip", "fire"),
  rate: optional(finite(0.001, 1e6)),
  limits: optional(checkProbeLimits),
});

export const checkCause: Check = shape<Cause>({
  code: name(64),
  message: LONG,
  remedy: LONG,
  details: optional(list(1000, text(4096))),
  snippet: optional(text(131_072)),
});

export const checkAgent: Check = shape<AgentInfo>({
  agentId: AGENT_ID,
  app: text(256),
  runtime: text(256),
  agentVersion: text(64),
  pid: whole(0),
  threadId: whole(0),
  host: text(256),
  tags: TAGS,
});

const checkCounts = shape<ProbeCounts>({
  reached: COUNT,
  notDue: COUNT,
  conditionFalse: COUNT,
  conditionError: COUNT,
  rateLimited: COUNT,
  fired: COUNT,
  dropped: COUNT,
  notAsked: optional(COUNT),
});

const checkStatus = shape<ProbeStatus>({
  type: oneOf("status"),
  probeId: ID,
  agentId: AGENT_ID,
  at: TIME,
  state: oneOf("received", "pending", "installed", "emitting", "disabled", "error", "expired", "removed"),
  cause: optional(checkCause),
  engine: optional(text(64)),
  file: optional(PATH),
  line: optional(LINE),
  note: optional(LONG),
  script: optional(flag),
  counts: optional(checkCounts),
});

const OMITTED: Check = oneOf<Omitted>(
  "depth",
  "items",
  "fields",
  "length",
  "bytes",
  "time",
  "redacted",
  "getter",
  "proxy",
  "unavailable",
);
const checkValue: Check = (value) =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value instanceof Uint8Array
    ? null
    : " must be text, a number, a flag or bytes";

// The depth of the recursion is bounded by the decoder's limit on nesting.
const nested: Check = (value) => checkCaptured(value);
const checkCaptured: Check = shape<Captured>({
  type: name(32),
  id: optional(whole(0)),
  class: optional((value) => (value === null ? null : text(1024)(value))),
  value: optional(checkValue),
  size: optional(COUNT),
  items: optional(list(WIRE_LIMITS.items, nested)),
  fields: optional(list(WIRE_LIMITS.items, tuple(text(65_536), nested))),
  entries: optional(list(WIRE_LIMITS.items, tuple(nested, nested))),
  cause: optional(nested),
  stack: optional(text(65_536)),
  omitted: optional(OMITTED),
});

export const checkSnapshot: Check = shape<Snapshot>({
  frames: list(
    1000,
    shape<Frame>({ function: text(1024), file: text(4096), line: whole(0), column: whole(0), async: optional(flag) }),
  ),
  framesOmitted: optional(flag),
  variables: list(10_000, tuple(text(1024), nested)),
  captureUs: finite(0),
  language: optional(name(32)),
});

const checkEvent = shape<ProbeEvent>({
  type: oneOf("event"),
  eventId: EVENT_ID,
  probeId: ID,
  agentId: AGENT_ID,
  seq: optional(whole(1)),
  at: TIME,
  kind: oneOf("log", "snapshot", "error"),
  file: PATH,
  line: LINE,
  hit: COUNT,
  text: optional(text(524_288)),
  truncated: optional(flag),
  snapshot: optional(checkSnapshot),
  cause: optional(checkCause),
  script: optional(flag),
  dropped: COUNT,
});

const AGENTS = list(WIRE_LIMITS.items, checkAgent);
const PROTOCOL = whole(0, 1_000_000);
const REQUEST = whole(0);
const CAUSES = (value: unknown) => {
  if (!isMap(value)) return " must be a map";
  const wrong = Object.entries(value).find(([, count]) => COUNT(count) !== null);
  return wrong === undefined ? null : `.${wrong[0].slice(0, 64)} must be a count`;
};

/** One check a type of message. */
export type Kinds<M extends { type: string }> = { readonly [T in M["type"]]: Check };
/** A message without its type. */
export type Of<M extends { type: string }, T extends M["type"]> = Omit<Extract<M, { type: T }>, "type">;

const FROM_AGENT: Kinds<AgentToBroker> = {
  hello: shape<Of<AgentToBroker, "hello">>({ protocol: PROTOCOL, agent: checkAgent }),
  status: checkStatus,
  event: checkEvent,
};

const TO_AGENT: Kinds<BrokerToAgent> = {
  welcome: shape<Of<BrokerToAgent, "welcome">>({ protocol: PROTOCOL, probes: list(10_000, checkProbe) }),
  put: shape<Of<BrokerToAgent, "put">>({ probe: checkProbe }),
  remove: shape<Of<BrokerToAgent, "remove">>({ probeId: ID }),
  enable: shape<Of<BrokerToAgent, "enable">>({ probeId: ID, enabled: flag }),
  ack: shape<Of<BrokerToAgent, "ack">>({ eventId: EVENT_ID }),
  refused: shape<Of<BrokerToAgent, "refused">>({ cause: checkCause, eventId: optional(EVENT_ID) }),
};

const FROM_CLIENT: Kinds<ClientToBroker> = {
  hello: shape<Of<ClientToBroker, "hello">>({ protocol: PROTOCOL }),
  put: shape<Of<ClientToBroker, "put">>({ requestId: REQUEST, probe: checkProbe }),
  remove: shape<Of<ClientToBroker, "remove">>({ requestId: REQUEST, probeId: ID }),
  enable: shape<Of<ClientToBroker, "enable">>({ requestId: REQUEST, probeId: ID, enabled: flag }),
  list: shape<Of<ClientToBroker, "list">>({ requestId: REQUEST }),
  subscribe: shape<Of<ClientToBroker, "subscribe">>({
    requestId: REQUEST,
    probeId: optional(ID),
    replay: optional(whole(0)),
    afterSeq: optional(whole(0)),
  }),
};

const TO_CLIENT: Kinds<BrokerToClient> = {
  welcome: shape<Of<BrokerToClient, "welcome">>({ protocol: PROTOCOL, agents: AGENTS }),
  reply: shape<Of<BrokerToClient, "reply">>({
    requestId: REQUEST,
    cause: optional(checkCause),
    probes: optional(list(10_000, shape<ProbeListing>({ probe: checkProbe, statuses: list(10_000, checkStatus) }))),
    agents: optional(AGENTS),
    statusesOmitted: optional(COUNT),
    missed: optional(COUNT),
    replaying: optional(COUNT),
    refused: optional(CAUSES),
  }),
  agents: shape<Of<BrokerToClient, "agents">>({ agents: AGENTS }),
  status: checkStatus,
  event: checkEvent,
  refused: shape<Of<BrokerToClient, "refused">>({ cause: checkCause, requestId: optional(REQUEST) }),
};

/** Makes the reader of messages of these kinds. `decode` gives what the bytes say, or throws. */
export function reader<M extends { type: string }>(
  kinds: Kinds<M>,
  decode: (bytes: Uint8Array) => unknown = decodeMessage,
): (bytes: Uint8Array) => M {
  const table = new Map<unknown, Check>(Object.entries(kinds));
  return (bytes) => {
    const message = decode(bytes);
    if (!isMap(message)) throw invalid("the message must be a map");
    const check = table.get(message.type);
    if (check === undefined) {
      const type = typeof message.type === "string" ? JSON.stringify(message.type.slice(0, 64)) : typeof message.type;
      throw new ProtocolError(
        "unknown_type",
        `no message of type ${type} is known here`,
        `Known types: ${[...table.keys()].join(", ")}. The other side may be newer: use the same release on both.`,
      );
    }
    const problem = check(message);
    if (problem !== null) throw new InvalidMessage(`${message.type}${problem}`, message);
    return message as unknown as M;
  };
}

/** A message with a field that is missing or wrong. What could be read of it serves to answer its sender. */
export class InvalidMessage extends ProtocolError {
  override name = "InvalidMessage";
  /** Of an event and of a request: what the sender knows it by, where that much can be read. */
  readonly eventId: string | undefined;
  readonly requestId: number | undefined;

  constructor(what: string, message: Record<string, unknown>) {
    super(
      "invalid_message",
      what,
      "Send the fields that host/protocol.ts or docs/protocol.md has, with their types and within their limits.",
    );
    this.eventId = EVENT_ID(message.eventId) === null ? (message.eventId as string) : undefined;
    this.requestId = REQUEST(message.requestId) === null ? (message.requestId as number) : undefined;
  }
}

function invalid(what: string): ProtocolError {
  return new InvalidMessage(what, {});
}

/** Bytes from an agent, as a message. Each of these four throws a ProtocolError that says what is wrong. */
export const readFromAgent: (bytes: Uint8Array) => AgentToBroker = reader(FROM_AGENT);
/** Bytes from a client, as a message. */
export const readFromClient: (bytes: Uint8Array) => ClientToBroker = reader(FROM_CLIENT);
/** Bytes from the broker to an agent, as a message. */
export const readToAgent: (bytes: Uint8Array) => BrokerToAgent = reader(TO_AGENT);
/** Bytes from the broker to a client, as a message. */
export const readToClient: (bytes: Uint8Array) => BrokerToClient = reader(TO_CLIENT);
