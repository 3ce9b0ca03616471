// The frames of test/vectors/link.json as tables: at least one of each message in both directions, and hostile ones with the refusal
// that each gets. `UPDATE_GOLDEN=1 npx vitest run test/host/link-frames.test.ts` writes the file; the Python and Java bindings read it.
import { compileCondition, compileTemplate } from "../../conditions/index.ts";
import { ABI_VERSION } from "../../engine/abi.ts";
import { CAPTURE_LIMITS, HOST_LIMITS } from "../../host/limits.ts";
import { LINK_VERSION } from "../../host/link/limits.ts";
import type { BindingToHost, HostToBinding } from "../../host/link/messages.ts";

const AGENT = {
  agentId: "0b6f0c1e-6f0e-4a57-9a3e-2f9d8f1c7a10",
  app: "shop",
  runtime: "python 3.11.7",
  agentVersion: "0.1.0",
  pid: 4711,
  threadId: 0,
  host: "box",
  tags: ["blue"],
};
const PLACEMENT = "k3f9qazb~1f2e3d4c~1";
const SITE = {
  file: "/srv/shop/views.py",
  line: 42,
  column: 8,
  functionName: "checkout",
  className: "Cart",
  names: ["self", "user", "total"],
};
const condition = compileCondition("total > 100.0");
const template = compileTemplate("user {{user.name}}");

/** Frames that a program sends. */
export const FROM_BINDING: readonly (readonly [id: string, message: BindingToHost])[] = [
  ["hello", { type: "hello", link: LINK_VERSION, abi: ABI_VERSION, agent: AGENT, redact: ["iban"] }],
  ["hello to compile only", { type: "hello", link: LINK_VERSION, abi: ABI_VERSION, redact: [] }],
  [
    "hello with everything",
    {
      type: "hello",
      link: LINK_VERSION,
      abi: ABI_VERSION,
      agent: AGENT,
      token: "s3cret",
      redact: [],
      broker: { address: "wss://broker.example", token: "t0ken" },
      ppid: 4700,
      placements: [{ placementId: PLACEMENT, probeId: "k3f9qazb" }],
    },
  ],
  ["placed: installed", { type: "placed", placementId: PLACEMENT, state: "installed", engine: "bytecode", site: SITE }],
  [
    "placed: pending",
    { type: "placed", placementId: PLACEMENT, state: "pending", note: "No loaded module matches views.py yet." },
  ],
  [
    "placed: failed",
    {
      type: "placed",
      placementId: PLACEMENT,
      state: "failed",
      cause: {
        code: "undeclared",
        message: "There is no variable `totl` at views.py:42.",
        remedy: "Use one of the names there.",
        details: ["self", "user", "total"],
      },
    },
  ],
  [
    "event: log",
    {
      type: "event",
      seq: 1,
      placementId: PLACEMENT,
      eventId: `${AGENT.agentId}.1`,
      at: 1795401732123.25,
      kind: "log",
      hit: 7,
      text: "user zażółć 😀…",
      truncated: true,
    },
  ],
  [
    "event: snapshot",
    {
      type: "event",
      seq: 2,
      placementId: PLACEMENT,
      eventId: `${AGENT.agentId}.2`,
      at: 1795401732124.5,
      kind: "snapshot",
      hit: 8,
      snapshot: {
        frames: [{ function: "checkout", file: "/srv/shop/views.py", line: 42, column: 8 }],
        framesOmitted: true,
        variables: [
          ["total", { type: "number", value: 100.5 }],
          ["count", { type: "int", value: 7 }],
          ["big", { type: "int", value: "123456789012345678901234567890" }],
          ["payload", { type: "bytes", value: new Uint8Array([1, 2, 255]) }],
          ["user", { type: "object", class: "User", fields: [["name", { type: "string", value: "Ada" }]] }],
          ["password", { type: "omitted", omitted: "redacted" }],
        ],
        captureUs: 81.5,
      },
    },
  ],
  [
    "event: the condition failed",
    {
      type: "event",
      seq: 3,
      placementId: PLACEMENT,
      eventId: `${AGENT.agentId}.3`,
      at: 1795401732125.75,
      kind: "error",
      hit: 9,
      fault: { of: "condition", packed: 770 },
    },
  ],
  [
    "event: a failure of the binding",
    {
      type: "event",
      seq: 4,
      placementId: PLACEMENT,
      eventId: `${AGENT.agentId}.4`,
      at: 1795401732126.5,
      kind: "error",
      hit: 10,
      cause: { code: "internal", message: "Unexpected failure: KeyError", remedy: "This is our fault: report it." },
    },
  ],
  [
    "counts",
    {
      type: "counts",
      counts: [
        {
          placementId: PLACEMENT,
          reached: 70000,
          notDue: 1,
          conditionFalse: 69980,
          conditionError: 4,
          rateLimited: 5,
          fired: 10,
          dropped: 2,
          streak: 0,
        },
      ],
      dropped: 2,
    },
  ],
  ["closed: spent", { type: "closed", placementId: PLACEMENT, why: "spent" }],
  [
    "closed: guard",
    { type: "closed", placementId: PLACEMENT, why: "guard", fault: { of: "condition", packed: 768 + 15 } },
  ],
  ["compile", { type: "compile", requestId: 1, kind: "condition", source: "total > 100.0" }],
  [
    "compile with everything",
    {
      type: "compile",
      requestId: 2,
      kind: "value",
      source: "x + y",
      container: "a.b",
      declared: ["x", "y"],
      fold: false,
      strict: false,
      at: "exit",
      limits: { steps: 5000 },
    },
  ],
  ["removed", { type: "removed", placementId: PLACEMENT }],
  ["bye", { type: "bye" }],
];

/** Frames that a host sends. */
export const FROM_HOST: readonly (readonly [id: string, message: HostToBinding])[] = [
  [
    "welcome",
    {
      type: "welcome",
      link: LINK_VERSION,
      hostVersion: "0.1.0",
      statusMs: HOST_LIMITS.statusMs,
      limits: {
        processRate: HOST_LIMITS.processRate,
        queueEvents: HOST_LIMITS.queueEvents,
        queueBytes: HOST_LIMITS.queueBytes,
        consecutiveErrors: HOST_LIMITS.consecutiveErrors,
        budgetErrors: HOST_LIMITS.budgetErrors,
        capture: CAPTURE_LIMITS,
      },
    },
  ],
  [
    "place: a logpoint",
    {
      type: "place",
      placementId: PLACEMENT,
      probe: {
        id: "k3f9qazb",
        kind: "logpoint",
        file: "views.py",
        line: 42,
        at: "line",
        hitLimit: 50,
        expiresAt: 1795403532000.5,
        rate: 100,
        onError: "skip",
      },
      condition: condition.wasm,
      template: template.wasm,
    },
  ],
  [
    "place: a tracepoint at an exit",
    {
      type: "place",
      placementId: "abcdefgh~00000000~2",
      probe: {
        id: "abcdefgh",
        kind: "tracepoint",
        file: "views.py",
        line: 42,
        at: "exit",
        fileHash: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        hitLimit: 1,
        expiresAt: 1795403532000.5,
        rate: 0.5,
        onError: "fire",
      },
    },
  ],
  ["remove", { type: "remove", placementId: PLACEMENT }],
  ["ack", { type: "ack", seq: 70_000 }],
  [
    "compiled",
    {
      type: "compiled",
      requestId: 1,
      wasm: condition.wasm,
      spans: condition.spans.flatMap(({ from, to }) => [from, to]),
      operands: condition.operands,
      rootSpans: { total: [0, 5] },
      lints: [{ code: "int_division", message: "the division drops the remainder", from: 0, to: 5 }],
    },
  ],
  [
    "compiled: a fault",
    {
      type: "compiled",
      requestId: 2,
      fault: {
        code: "syntax",
        at: [2, 3],
        message: "an operand is missing",
        remedy: "Write one.",
        snippet: "x +\n   ^",
      },
    },
  ],
  [
    "refused",
    {
      type: "refused",
      cause: {
        code: "link_version",
        message: "the program speaks version 2 of the link, the host version 1",
        remedy: "Update the host: pip install -U tracepointdebug where it was started.",
      },
      fatal: true,
    },
  ],
];

/** A hostile stream of bytes and the code it is refused with. `fatal`: the connection ends, since no frame after it can be found. */
export interface Hostile {
  readonly id: string;
  readonly hex: string;
  readonly code: string;
  readonly fatal: boolean;
}

const framed = (body: string): string => {
  const hex = body.replaceAll(" ", "");
  return (hex.length / 2).toString(16).padStart(8, "0") + hex;
};
/** A map of one field `type` and what follows it. */
const typed = (type: string, fields: number, rest: string): string =>
  framed(`${(0xa1 + fields).toString(16)} 64 74797065 ${text(type)} ${rest}`);
const text = (value: string): string =>
  (0x60 + Buffer.byteLength(value)).toString(16) + Buffer.from(value).toString("hex");

/** Of either direction: what no message is. */
export const HOSTILE: readonly Hostile[] = [
  { id: "an empty frame", hex: "00000000", code: "bad_frame", fatal: true },
  { id: "a frame over the limit", hex: "00100001", code: "bad_frame", fatal: true },
  { id: "the longest frame there could be", hex: "ffffffff", code: "bad_frame", fatal: true },
  {
    id: "text of another protocol",
    hex: Buffer.from("GET / HTTP/1.1\r\n").toString("hex"),
    code: "bad_frame",
    fatal: true,
  },
  { id: "no map", hex: framed("83010203"), code: "invalid_message", fatal: false },
  { id: "no type", hex: framed("a1 6161 01"), code: "unknown_type", fatal: false },
  { id: "an unknown type", hex: typed("explode", 0, ""), code: "unknown_type", fatal: false },
  { id: "a type that is no text", hex: framed("a1 64 74797065 01"), code: "unknown_type", fatal: false },
  { id: "an inherited type", hex: typed("constructor", 0, ""), code: "unknown_type", fatal: false },
  { id: "a map without its end", hex: framed("a2 64 74797065 63 627965"), code: "malformed", fatal: false },
  { id: "bytes after its end", hex: framed("a1 64 74797065 63 627965 00"), code: "malformed", fatal: false },
  { id: "a tag", hex: framed("a1 64 74797065 c0 63 627965"), code: "malformed", fatal: false },
  { id: "an open map", hex: framed("bf 64 74797065 63 627965 ff"), code: "malformed", fatal: false },
  { id: "an open list", hex: typed("bye", 1, "6161 9f01ff"), code: "malformed", fatal: false },
  { id: "an open text", hex: typed("bye", 1, "6161 7f6161ff"), code: "malformed", fatal: false },
  { id: "a key that is no text", hex: typed("bye", 1, "01 01"), code: "malformed", fatal: false },
  { id: "undefined and other simple values", hex: typed("bye", 1, "6161 f0"), code: "malformed", fatal: false },
  { id: "an integer over 2^53", hex: typed("bye", 1, "6161 1b0020000000000000"), code: "malformed", fatal: false },
  { id: "a list longer than the frame", hex: typed("bye", 1, "6161 9affffffff"), code: "malformed", fatal: false },
  { id: "a text longer than the frame", hex: typed("bye", 1, "6161 7affffffff"), code: "malformed", fatal: false },
  { id: "too many levels", hex: typed("bye", 1, `6161 ${"81".repeat(70)}01`), code: "limit", fatal: false },
];

/** Of a program: known types with wrong fields. */
export const HOSTILE_FROM_BINDING: readonly Hostile[] = [
  { id: "removed without a placement", hex: typed("removed", 0, ""), code: "invalid_message", fatal: false },
  {
    id: "removed with a number",
    hex: typed("removed", 1, `${text("placementId")} 01`),
    code: "invalid_message",
    fatal: false,
  },
  {
    id: "counts that do not add up",
    hex: typed(
      "counts",
      2,
      `${text("counts")} 81 a9 ${text("placementId")} ${text("p~0~1")} ${text("reached")} 05 ${[
        "notDue",
        "conditionFalse",
        "conditionError",
        "rateLimited",
        "fired",
        "dropped",
        "streak",
      ]
        .map((name) => `${text(name)} 00`)
        .join("")} ${text("dropped")} 00`,
    ),
    code: "invalid_message",
    fatal: false,
  },
  { id: "a message of the other side", hex: typed("welcome", 0, ""), code: "unknown_type", fatal: false },
];

/** Of a host: known types with wrong fields. */
export const HOSTILE_FROM_HOST: readonly Hostile[] = [
  { id: "ack of a negative number", hex: typed("ack", 1, `${text("seq")} 20`), code: "invalid_message", fatal: false },
  { id: "ack of half an event", hex: typed("ack", 1, `${text("seq")} f93800`), code: "invalid_message", fatal: false },
  { id: "remove without a placement", hex: typed("remove", 0, ""), code: "invalid_message", fatal: false },
  {
    id: "place without a probe",
    hex: typed("place", 1, `${text("placementId")} ${text("p~0~1")}`),
    code: "invalid_message",
    fatal: false,
  },
  {
    id: "compiled with nothing",
    hex: typed("compiled", 1, `${text("requestId")} 01`),
    code: "invalid_message",
    fatal: false,
  },
  { id: "a message of the other side", hex: typed("bye", 0, ""), code: "unknown_type", fatal: false },
];
