// The public names of `tracepointdebug-node/guest`: what evaluates compiled expressions over plain values. Runs in Node and in
// browsers; of Node it needs what platform.ts says, and a browser has its own.
export { ProbeError } from "../conditions/index.ts";
export type { Answer, Fault, Results } from "./answer.ts";
export { errorCodeName } from "./codes.ts";
export { GuestError, ProtocolError, VerifyError } from "./errors.ts";
export { type EvaluateOptions, Evaluator, evaluate, evaluateTagged, type Outcome, type Source } from "./evaluate.ts";
export { canRunGuest, Guest, type GuestOptions, LoadedModule } from "./guest.ts";
export { type Preview, type PreviewError, preview } from "./preview.ts";
export { fromTagged, type Tagged } from "./tagged.ts";
