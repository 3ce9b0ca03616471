// Whether a program may be linked: of the same release in what matters, and with the token where one is asked for.
import { createHash, timingSafeEqual } from "node:crypto";
import { ABI_VERSION } from "../../engine/abi.ts";
import { ProtocolError } from "../errors.ts";
import { LINK_VERSION } from "./limits.ts";
import type { Hello } from "./messages.ts";

/** Why a program cannot be linked, or null. */
export function faultOf({ link, abi, token = "" }: Hello, wanted: string | null): ProtocolError | null {
  if (link !== LINK_VERSION) {
    return new ProtocolError(
      "link_version",
      `the program speaks version ${link} of the link, the host version ${LINK_VERSION}`,
      `Update the ${link > LINK_VERSION ? "host, and end the old one" : "package in the program"}: both should be of one release.`,
    );
  }
  if (abi !== ABI_VERSION) {
    return new ProtocolError(
      "abi_version",
      `the program has version ${abi} of the guest, the host compiles for version ${ABI_VERSION}`,
      `Update the ${abi > ABI_VERSION ? "host, and end the old one" : "package in the program"}: both should be of one release.`,
    );
  }
  if (wanted !== null && !sameToken(token, wanted)) {
    return new ProtocolError(
      "unauthorized",
      "the token of the program is not that of the host",
      "Set TRACEPOINTDEBUG_HOST_TOKEN to the one that the host was started with.",
    );
  }
  return null;
}

/** Compares without telling by its time how much was right. */
function sameToken(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
