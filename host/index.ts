// The public names of the host: what bindings, broker and command line build on.
export type { Answer, Fault, Results } from "./answer.ts";
export type { Captured, Frame, Omitted, Snapshot } from "./captured.ts";
export { cause, failureCause } from "./causes.ts";
export {
  type Client,
  type ClientListeners,
  connectClient,
  type Listing,
  RefusedError,
  type Subscribed,
  type Subscription,
} from "./client.ts";
export { decodeMessage, encodeMessage } from "./codec.ts";
export { errorCodeName } from "./codes.ts";
export {
  type BrokerTarget,
  findBroker,
  isRunning,
  privateFolder,
  type Role,
  type RunningBroker,
  readBroker,
  sameAddress,
  stateFolder,
  withdrawBroker,
  writeBroker,
  writePrivate,
} from "./discovery.ts";
export { GuestError, LinkError, PlacementError, ProtocolError, TransportError, VerifyError } from "./errors.ts";
export {
  Evaluator,
  evaluate,
  evaluateTagged,
  type Outcome,
  type Source,
} from "./evaluate.ts";
export { evaluateScript, scriptNames } from "./evaluate-script.ts";
export { Fence, type Log } from "./fence.ts";
export type { Desk, Ground, GroundState, Standing } from "./ground.ts";
export { canRunGuest, Guest, LoadedModule } from "./guest.ts";
export type { CaptureSnapshot } from "./hit.ts";
export { Host, type HostOptions } from "./host.ts";
export { checkLimits } from "./install.ts";
export { BROKER_LIMITS, CAPTURE_LIMITS, type CaptureLimits, HOST_LIMITS, WIRE_LIMITS } from "./limits.ts";
export { type LinkAddress, linkAddress, linkText } from "./link/address.ts";
export { LINK_LIMITS } from "./link/limits.ts";
export { type LinkHost, type LinkHostOptions, startLinkHost } from "./link/server.ts";
export { type LocalOptions, localGround } from "./local.ts";
export type { Missing } from "./missing.ts";
export * as natives from "./natives.ts";
export * from "./placement.ts";
export { type Preview, type PreviewError, preview } from "./preview.ts";
export * from "./protocol.ts";
export { makeRedact, REDACTED_NAMES, type Redact } from "./redaction.ts";
export { renderFrames, renderSnapshot, renderValue, type Style } from "./render.ts";
export { type RuntimeFacts, runtimeFacts } from "./shapes.ts";
export { acceptSockets, CLOSE, type Socket, type SocketHandlers, SUBPROTOCOL } from "./socket.ts";
export type { Surroundings, TraceIds } from "./specials.ts";
export type { Tagged } from "./tagged.ts";
export type { Drops, StateListener, Transport, TransportState } from "./transport.ts";
export { InvalidMessage, readFromAgent, readFromClient, readToAgent, readToClient } from "./validate.ts";
export { VERSION } from "./version.ts";
export { connectTransport, type TransportOptions } from "./websocket.ts";
