// The data folder of a broker: one broker at a time, its tokens, readable by its user only.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isRunning, privateFolder, TransportError, writePrivate } from "../host/index.ts";

/** One secret a direction: an agent's token does not let anyone read events. */
export interface Tokens {
  readonly agent: string;
  readonly client: string;
}

/** A folder in use. */
export interface DataFolder {
  readonly path: string;
  readonly tokens: Tokens;
  /** Lets another broker have it. */
  release(): void;
}

// Folders of this process. A lock with our own number that is not among them is left from an earlier process: numbers are
// used again, in a container nearly always.
const inUse = new Set<string>();

/** Takes a data folder, making it and its tokens if need be. Throws a TransportError when another broker has it. */
export function takeFolder(path: string): DataFolder {
  const folder = resolve(path);
  privateFolder(folder);
  const lock = join(folder, "broker.lock");
  const owner = existsSync(lock) ? Number.parseInt(readFileSync(lock, "utf8"), 10) : Number.NaN;
  if (inUse.has(folder) || (owner > 0 && owner !== process.pid && isRunning(owner))) {
    throw new TransportError(
      "data_in_use",
      `a broker already runs on the data folder ${folder} (process ${owner})`,
      "Use that one, or start this one with another folder: `tracepointdebug up --data DIR`.",
    );
  }
  writeFileSync(lock, `${process.pid}\n`, { mode: 0o600 });
  inUse.add(folder);
  return {
    path: folder,
    tokens: tokensIn(folder),
    release() {
      inUse.delete(folder);
      rmSync(lock, { force: true });
    },
  };
}

function tokensIn(folder: string): Tokens {
  const file = join(folder, "tokens.json");
  try {
    const { agent, client } = JSON.parse(readFileSync(file, "utf8")) as Partial<Tokens>;
    if (isToken(agent) && isToken(client) && agent !== client) return { agent, client };
  } catch {
    // Not there yet, or damaged: new ones are made, and whoever has the old ones is told that they are wrong.
  }
  const tokens = { agent: randomBytes(32).toString("base64url"), client: randomBytes(32).toString("base64url") };
  writePrivate(file, `${JSON.stringify(tokens)}\n`);
  return tokens;
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]{32,}$/.test(value);
}

/** Compares in a time that tells nothing about how much of the token was right, nor how long it is. */
export function sameToken(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
