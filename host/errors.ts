// The errors of everything after the compiler. Thrown while installing, returned as values on the hit path, never thrown into the program.
import { ProbeError } from "../conditions/index.ts";

/** A module that the verifier refuses. */
export class VerifyError extends ProbeError {
  override name = "VerifyError";
}

/** A place in the program where a probe cannot stand, or cannot stand now. `details` lists candidates: files, names. */
export class PlacementError extends ProbeError {
  override name = "PlacementError";
  readonly details: readonly string[];

  constructor(
    code: string,
    message: string,
    remedy: string,
    details: readonly string[] = [],
    options?: { cause?: unknown },
  ) {
    super(code, message, remedy, options);
    this.details = details;
  }
}

/** The guest cannot be made or has no room. */
export class GuestError extends ProbeError {
  override name = "GuestError";
}

/** A message that breaks the protocol. */
export class ProtocolError extends ProbeError {
  override name = "ProtocolError";
}

/** The broker cannot be reached or refuses us. */
export class TransportError extends ProbeError {
  override name = "TransportError";
}

/** A host process that cannot listen where it should. */
export class LinkError extends ProbeError {
  override name = "LinkError";
}
