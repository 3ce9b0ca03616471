// Checks every frame of messages.ts field by field when it comes in, whoever sent it. It never changes a message.
import { decodeMessage } from "../codec.ts";
import { HOST_LIMITS, WIRE_LIMITS } from "../limits.ts";
import type { Site } from "../placement.ts";
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
} from "../shape.ts";
import {
  COUNT,
  checkAgent,
  checkCause,
  checkProbeLimits,
  checkSnapshot,
  EVENT_ID,
  HASH,
  ID,
  type Kinds,
  LINE,
  LONG,
  type Of,
  PATH,
  reader,
  TIME,
} from "../validate.ts";
import { LINK_LIMITS } from "./limits.ts";
import type { BindingToHost, Fault, HostToBinding, LinkedLimits, LinkedProbe, PlacementCounts } from "./messages.ts";

const PLACEMENT_ID = name(128);
const VERSION = whole(0, 1_000_000);
const REQUEST = whole(0);
const TOKEN = text(1024);
const NAME = text(LINK_LIMITS.nameLength);
const NAMES = list(LINK_LIMITS.names, NAME);
const BYTES: Check = (value) => (value instanceof Uint8Array ? null : " must be bytes");
/** As the guest packs an error: code, node and steps up, in 31 bits. */
const PACKED = whole(1, 2 ** 31 - 1);

const checkSite = shape<Site>({
  file: PATH,
  line: LINE,
  column: whole(0),
  functionName: text(LINK_LIMITS.nameLength),
  className: text(LINK_LIMITS.nameLength),
  names: NAMES,
});

const checkFault = shape<Fault>({ of: oneOf("condition", "template"), packed: PACKED });

const checkCounts = shape<PlacementCounts>({
  placementId: PLACEMENT_ID,
  reached: COUNT,
  notDue: COUNT,
  conditionFalse: COUNT,
  conditionError: COUNT,
  rateLimited: COUNT,
  fired: COUNT,
  dropped: COUNT,
  streak: COUNT,
});

/** A frame that is taken must add up: what a person reads of it does. */
const addsUp: Check = (value) => {
  const problem = checkCounts(value);
  if (problem !== null) return problem;
  const { reached, notDue, conditionFalse, conditionError, rateLimited, fired, dropped } = value as PlacementCounts;
  if (reached !== notDue + conditionFalse + conditionError + rateLimited + fired) return ".reached does not add up";
  return dropped > fired ? ".dropped is more than fired" : null;
};

const FROM_BINDING: Kinds<BindingToHost> = {
  hello: shape<Of<BindingToHost, "hello">>({
    link: VERSION,
    abi: VERSION,
    agent: optional(checkAgent),
    token: optional(TOKEN),
    redact: list(LINK_LIMITS.redacted, NAME),
    broker: optional(shape<{ address: string; token: string }>({ address: text(4096, 1), token: TOKEN })),
    ppid: optional(whole(0)),
    placements: optional(
      list(
        LINK_LIMITS.placements,
        shape<{ placementId: string; probeId: string }>({ placementId: PLACEMENT_ID, probeId: ID }),
      ),
    ),
  }),
  placed: shape<Of<BindingToHost, "placed">>({
    placementId: PLACEMENT_ID,
    state: oneOf("pending", "installed", "failed"),
    engine: optional(text(64)),
    site: optional(checkSite),
    note: optional(LONG),
    cause: optional(checkCause),
  }),
  event: shape<Of<BindingToHost, "event">>({
    seq: whole(1),
    placementId: PLACEMENT_ID,
    eventId: EVENT_ID,
    at: TIME,
    kind: oneOf("log", "snapshot", "error"),
    hit: COUNT,
    text: optional(text(LINK_LIMITS.textLength)),
    truncated: optional(flag),
    snapshot: optional(checkSnapshot),
    fault: optional(checkFault),
    cause: optional(checkCause),
  }),
  counts: shape<Of<BindingToHost, "counts">>({ counts: list(LINK_LIMITS.placements, addsUp), dropped: COUNT }),
  closed: shape<Of<BindingToHost, "closed">>({
    placementId: PLACEMENT_ID,
    why: oneOf("spent", "guard", "expired"),
    fault: optional(checkFault),
    cause: optional(checkCause),
  }),
  compile: shape<Of<BindingToHost, "compile">>({
    requestId: REQUEST,
    kind: oneOf("condition", "template", "value"),
    source: text(LINK_LIMITS.sourceLength),
    container: optional(text(LINK_LIMITS.nameLength)),
    declared: optional(NAMES),
    fold: optional(flag),
    strict: optional(flag),
    at: optional(oneOf("line", "exit")),
    limits: optional(checkProbeLimits),
  }),
  removed: shape<Of<BindingToHost, "removed">>({ placementId: PLACEMENT_ID }),
  bye: shape<Of<BindingToHost, "bye">>({}),
};

const LIMIT = whole(0);
const LIMIT_TABLE: Check = (value) => {
  if (!isMap(value)) return " must be a map";
  const wrong = Object.entries(value).find(([, limit]) => LIMIT(limit) !== null);
  return wrong === undefined ? null : `.${wrong[0].slice(0, 64)}${LIMIT(wrong[1])}`;
};
const SPAN = whole(0, LINK_LIMITS.sourceLength);
const checkSpans: Check = (value) => {
  if (!isMap(value)) return " must be a map";
  const pair = tuple(SPAN, SPAN);
  const wrong = Object.entries(value).find(([, span]) => pair(span) !== null);
  return wrong === undefined ? null : `.${wrong[0].slice(0, 64)}${pair(wrong[1])}`;
};

/** `compiled` is one of two: with `fault`, or with everything else. */
type CompiledFields = {
  readonly requestId: number;
  readonly wasm?: Uint8Array;
  readonly spans?: readonly number[];
  readonly operands?: readonly number[];
  readonly rootSpans?: object;
  readonly lints?: readonly object[];
  readonly fault?: object;
};
const checkCompiledFields = shape<CompiledFields>({
  requestId: REQUEST,
  wasm: optional(BYTES),
  spans: optional(list(WIRE_LIMITS.items, SPAN)),
  operands: optional(list(WIRE_LIMITS.items, COUNT)),
  rootSpans: optional(checkSpans),
  lints: optional(
    list(
      WIRE_LIMITS.items,
      shape<{ code: string; message: string; from: number; to: number }>({
        code: name(64),
        message: LONG,
        from: SPAN,
        to: SPAN,
      }),
    ),
  ),
  fault: optional(
    shape<{ code: string; at: unknown; message: string; remedy: string; snippet: string }>({
      code: name(64),
      at: tuple(SPAN, SPAN),
      message: LONG,
      remedy: LONG,
      snippet: text(131_072),
    } as Fields<{ code: string; at: unknown; message: string; remedy: string; snippet: string }>),
  ),
});
const checkCompiled: Check = (value) => {
  const problem = checkCompiledFields(value);
  if (problem !== null) return problem;
  const { fault, wasm, spans, operands, rootSpans } = value as CompiledFields;
  const whole = wasm !== undefined && spans !== undefined && operands !== undefined && rootSpans !== undefined;
  return (fault === undefined) === whole ? null : " needs either a module with its positions or a fault";
};

const TO_BINDING: Kinds<HostToBinding> = {
  welcome: shape<Of<HostToBinding, "welcome">>({
    link: VERSION,
    hostVersion: text(64),
    statusMs: whole(1),
    limits: shape<LinkedLimits>({
      processRate: LIMIT,
      queueEvents: LIMIT,
      queueBytes: LIMIT,
      consecutiveErrors: LIMIT,
      budgetErrors: LIMIT,
      capture: LIMIT_TABLE,
    }),
  }),
  place: shape<Of<HostToBinding, "place">>({
    placementId: PLACEMENT_ID,
    probe: shape<LinkedProbe>({
      id: ID,
      kind: oneOf("tracepoint", "logpoint"),
      file: PATH,
      line: LINE,
      at: oneOf("line", "entry", "exit"),
      fileHash: optional(HASH),
      hitLimit: whole(1, HOST_LIMITS.maxHitLimit),
      expiresAt: TIME,
      rate: finite(0.001, 1e6),
      onError: oneOf("skip", "fire"),
    }),
    condition: optional(BYTES),
    template: optional(BYTES),
  }),
  remove: shape<Of<HostToBinding, "remove">>({ placementId: PLACEMENT_ID }),
  ack: shape<Of<HostToBinding, "ack">>({ seq: COUNT }),
  compiled: checkCompiled,
  refused: shape<Of<HostToBinding, "refused">>({ cause: checkCause, fatal: flag, requestId: optional(REQUEST) }),
};

const decode = (bytes: Uint8Array): unknown => decodeMessage(bytes, true);

/** A frame of a program, without its length, as a message. Both throw a ProtocolError that says what is wrong. */
export const readFromBinding: (bytes: Uint8Array) => BindingToHost = reader(FROM_BINDING, decode);
/** A frame of a host, without its length, as a message. */
export const readFromHost: (bytes: Uint8Array) => HostToBinding = reader(TO_BINDING, decode);
