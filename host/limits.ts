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

export type CaptureLimits = typeof CAPTURE_LIMITS;
