// Every limit of the host: unit, default and reason. Those on one expression are in conditions/limits.ts.

export const HOST_LIMITS = Object.freeze({
  /** Milliseconds a probe lives unless told otherwise, and at most: a forgotten probe must end by itself. */
  expireMs: 30 * 60_000,
  maxExpireMs: 24 * 3_600_000,
  /** Events of a probe, by default and at most. */
  hitLimit: 50,
  maxHitLimit: 1000,
  /** Probes in one program. */
  probes: 500,
  /** Events a second of one probe: tracepoints, logpoints; and of all probes of a process together. */
  tracepointRate: 10,
  logpointRate: 100,
  processRate: 500,
  /** Events held back until the program's stack is gone, of up to CAPTURE_LIMITS.eventBytes each once encoded: 6.4 MB of them. */
  heldEvents: 100,
  /** Milliseconds of one turn of the event loop in which they are encoded and sent, some 50 µs each; the rest waits for the next. */
  sendSliceMs: 2,
  /** Events waiting for the broker; further ones are dropped and counted. */
  queueEvents: 1000,
  queueBytes: 8 * 1024 * 1024,
  /** Milliseconds that the flush at the end of the program may take. */
  flushMs: 1000,
  /** Consecutive errors of a condition after which the probe is marked. */
  consecutiveErrors: 100,
  /** `budget` or `memory` errors after which a probe is disabled. */
  budgetErrors: 10,
  /** Milliseconds between two reports of counts. */
  statusMs: 2000,
  /** Script conditions in one program: each has an interpreter and 16 MiB of address space of its own. */
  scripts: 20,
  /** UTF-16 units of one script: what the wire carries of a condition. */
  scriptLength: 8192,
  /** Hits a second at which one probe runs its script; the others are passed over and counted. */
  scriptsPerSecond: 100,
  /** The share of the program's time that all scripts of a process may take, and how many milliseconds of it they may save up. */
  scriptShare: 0.02,
  scriptBurstMs: 20,
  /** Milliseconds of one run, after which the interpreter is told to stop. It asks now and then, so it may take a little longer. */
  scriptMs: 10,
  /**
   * Steps of a run below which the time was taken by others on the machine, and the script goes on: twice what it takes to read all
   * the values that may be copied. Some 4 ms.
   */
  scriptFewSteps: 200_000,
  /**
   * Iterations of the interpreter's own loops in one run. The fence behind the deadline: what asks nobody, such as a search in a
   * very long text, ends here. 2 to 25 ns each were measured.
   */
  scriptSteps: 1_000_000,
  /** Bytes that a script may allocate, and the interpreter in all, which has 5.3 MB of stack and data. */
  scriptHeapBytes: 8 * 1024 * 1024,
  scriptMemoryBytes: 16 * 1024 * 1024,
  /** Bytes of the interpreter's stack: some 500 calls within calls. */
  scriptStackBytes: 128 * 1024,
  /** UTF-16 units of the values copied for one run, as JSON, and how many levels of them. What is cut cannot be read. */
  scriptInputBytes: 32_768,
  scriptDepth: 8,
  /** Milliseconds between two interpreters of one script. Each costs 10 to 20 ms, of which the program has no use. */
  scriptRenewMs: 1000,
});

/** Limits of one snapshot. */
export const CAPTURE_LIMITS = Object.freeze({
  /** Levels of objects below a variable. */
  depth: 3,
  /** Fields of one object. */
  fields: 20,
  /** Elements of one list, map or set. */
  items: 100,
  /** UTF-16 units of one string. */
  stringLength: 256,
  /** Frames of the stack. */
  frames: 20,
  /** Bytes of one event, estimated while walking. */
  eventBytes: 65_536,
  /** Milliseconds of one capture on the program's thread. */
  timeMs: 15,
});

export type CaptureLimits = { readonly [K in keyof typeof CAPTURE_LIMITS]: number };

/** Limits of the wire between agents, broker and clients; the bytes of one message are in protocol.ts. */
export const WIRE_LIMITS = Object.freeze({
  /** Nested arrays and maps of one message: a snapshot needs about 25, recursion in a decoder must stay harmless. */
  depth: 64,
  /** Values in one message, keys included: a decoded value costs some 50 times its byte on the wire. */
  items: 100_000,
  /** UTF-16 units of a condition and a template on the wire; the compiler's own limits are stricter and answer better. */
  conditionLength: 8192,
  templateLength: 32_768,
  /** Bytes that may wait in a socket before its sender holds back. */
  bufferedBytes: 1024 * 1024,
  /** Milliseconds for the WebSocket handshake, and for the welcome after it. */
  handshakeMs: 10_000,
  /** Milliseconds that a peer has to answer a close. */
  closeMs: 1000,
  /** Milliseconds between two pings; a peer that is silent for two of them is gone. */
  heartbeatMs: 15_000,
  /** Milliseconds before the first attempt to reconnect and at most; doubled each time, half of it jitter. */
  reconnectMs: 250,
  maxReconnectMs: 15_000,
  /** Milliseconds between attempts after a refusal (token, version): a person has to act first. */
  refusedRetryMs: 30_000,
});

/** Limits of the embedded broker. */
export const BROKER_LIMITS = Object.freeze({
  /** Where `up` listens unless told otherwise, so that an address that was noted down stays true. */
  port: 4717,
  /** Events kept for replay; the oldest go first. */
  events: 10_000,
  /** Bytes of the events kept: an event is at most 64 KiB by default, so the number alone would allow 640 MiB. */
  eventBytes: 128 * 1024 * 1024,
  /** Bytes of all probes together, so that a `welcome` always fits into one message. */
  probeBytes: 768 * 1024,
  /** Bytes of what all connected agents say of themselves: with the probes it has to fit into one message. */
  agentBytes: 224 * 1024,
  /** Events of one agent that may wait to be stored; its connection is not read further until they are. */
  pendingEvents: 2000,
  /** Bytes that one connection may leave unread before it is cut off. */
  unreadBytes: 8 * 1024 * 1024,
  /** Connections at a time, agents and clients together. */
  connections: 1000,
  /** Milliseconds a client may leave its buffer full before it is cut off. */
  slowClientMs: 10_000,
  /** Messages refused on one connection before it is cut off. */
  refusals: 100,
});
