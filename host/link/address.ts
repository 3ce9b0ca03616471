// Where host and programs of one machine meet: a socket file of the user, or a loopback port with a token. Looks at the environment and
// at files; connects to nothing.
import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { privateFolder, stateFolder } from "../discovery.ts";
import { LinkError } from "../errors.ts";
import { LINK_LIMITS } from "./limits.ts";

/** Where a host listens. */
export type LinkAddress =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "tcp"; readonly port: number; readonly token: string };

/** The address as a person writes it. */
export function linkText(address: LinkAddress): string {
  return address.kind === "socket" ? address.path : `tcp://127.0.0.1:${address.port}`;
}

/**
 * The socket that is usual for this user: `host.sock` in the state folder, or in a folder of the user below that for temporary files where
 * the path would be too long for the system.
 */
export function usualSocket(env: NodeJS.ProcessEnv = process.env): string {
  const usual = join(stateFolder(env), "host.sock");
  if (Buffer.byteLength(usual) <= LINK_LIMITS.socketPathBytes) return usual;
  const hash = createHash("sha256").update(usual).digest("hex").slice(0, 16);
  return join(env.TMPDIR || tmpdir(), `tracepointdebug-${process.getuid?.() ?? "user"}`, `${hash}.sock`);
}

/** Where `TRACEPOINTDEBUG_HOST` says, else the usual socket. Throws a LinkError for an address that is none. */
export function linkAddress(env: NodeJS.ProcessEnv = process.env): LinkAddress {
  const given = env.TRACEPOINTDEBUG_HOST;
  if (!given) return { kind: "socket", path: usualSocket(env) };
  if (!given.includes("://")) return { kind: "socket", path: given };
  const port = /^tcp:\/\/(?:127\.0\.0\.1|localhost):(\d{1,5})\/?$/.exec(given)?.[1];
  if (port === undefined || Number(port) > 65_535) {
    throw new LinkError(
      "bad_address",
      `TRACEPOINTDEBUG_HOST is ${given}, which is no address of a host`,
      "Give the path of a socket, or tcp://127.0.0.1:PORT with TRACEPOINTDEBUG_HOST_TOKEN.",
    );
  }
  return { kind: "tcp", port: Number(port), token: env.TRACEPOINTDEBUG_HOST_TOKEN ?? "" };
}

/** Makes the folder of a socket and sees that nobody else may enter it. Throws a LinkError where somebody may. */
export function guardSocketFolder(path: string): void {
  if (Buffer.byteLength(path) > LINK_LIMITS.socketPathBytes) {
    throw new LinkError(
      "bad_address",
      `the path of the socket has more than ${LINK_LIMITS.socketPathBytes} bytes: ${path}`,
      "Give a shorter one.",
    );
  }
  const folder = dirname(path);
  privateFolder(folder);
  const { uid, mode } = lstatSync(folder);
  if (process.getuid === undefined) return;
  if (uid !== process.getuid()) {
    throw new LinkError(
      "not_private",
      `the folder ${folder} belongs to another user`,
      "Give a socket in a folder of your own.",
    );
  }
  // The socket has a mode of its own, but not every system asks it; and between its making and that mode anybody could enter.
  if ((mode & 0o022) !== 0) {
    throw new LinkError(
      "not_private",
      `others may write to the folder ${folder}`,
      "Give a socket in a folder that only you may write to.",
    );
  }
}
