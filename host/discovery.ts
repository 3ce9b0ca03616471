// How programs and tools on one machine find its broker: a file of the user with the address and the tokens. Reads and writes
// that file; connects to nothing.
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isMap } from "./shape.ts";

/** A broker that runs on this machine. */
export interface RunningBroker {
  readonly address: string;
  readonly pid: number;
  readonly agentToken: string;
  readonly clientToken: string;
}

/** As whom one connects; each has its own token. */
export type Role = "agent" | "client";

/** Where to connect, and with what. */
export interface BrokerTarget {
  readonly address: string;
  readonly token: string;
}

/** Folder for what the broker keeps of a user: `$XDG_STATE_HOME/tracepointdebug`, or what is usual on the system. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  const root =
    env.XDG_STATE_HOME ||
    (process.platform === "win32" && env.LOCALAPPDATA) ||
    join(env.HOME || homedir(), ".local", "state");
  return join(root, "tracepointdebug");
}

function brokerFile(env: NodeJS.ProcessEnv): string {
  return join(stateFolder(env), "broker.json");
}

/** Makes a folder that only its user may read. */
export function privateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Writes a file that only its user may read, whole or not at all. */
export function writePrivate(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, content, { mode: 0o600, flag: "wx" });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}

/** Announces a broker to the programs of this user; the newest one wins. */
export function writeBroker(broker: RunningBroker, env: NodeJS.ProcessEnv = process.env): void {
  privateFolder(stateFolder(env));
  writePrivate(brokerFile(env), `${JSON.stringify(broker, null, 2)}\n`);
}

/** Takes the announcement back, unless another broker has replaced it meanwhile. */
export function withdrawBroker(broker: RunningBroker, env: NodeJS.ProcessEnv = process.env): void {
  const announced = readBroker(env);
  if (announced?.address === broker.address && announced.pid === broker.pid) rmSync(brokerFile(env), { force: true });
}

/** The announced broker, or null when there is none, it has ended, or the file is not to be trusted. Never throws. */
export function readBroker(env: NodeJS.ProcessEnv = process.env): RunningBroker | null {
  try {
    const file = brokerFile(env);
    const { uid, mode } = statSync(file);
    // Somebody else's file could send our data to them; one that others can read has leaked its tokens.
    if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o077) !== 0)) return null;
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!isMap(found)) return null;
    const { address, pid, agentToken, clientToken } = found;
    if (typeof address !== "string" || typeof agentToken !== "string" || typeof clientToken !== "string") return null;
    return typeof pid === "number" && isRunning(pid) ? { address, pid, agentToken, clientToken } : null;
  } catch {
    return null;
  }
}

/** Whether a process of this number runs, as far as this process may know. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Where to connect: the environment first (`TRACEPOINTDEBUG_BROKER` with `TRACEPOINTDEBUG_TOKEN` of an agent or
 * `TRACEPOINTDEBUG_CLIENT_TOKEN` of a client), else the broker announced on this machine. null: nothing is known. Never throws.
 */
export function findBroker(role: Role, env: NodeJS.ProcessEnv = process.env): BrokerTarget | null {
  const announced = readBroker(env);
  const address = env.TRACEPOINTDEBUG_BROKER || announced?.address;
  if (!address) return null;
  const known = announced !== null && sameAddress(announced.address, address) ? announced : null;
  const token =
    (role === "agent" ? env.TRACEPOINTDEBUG_TOKEN : env.TRACEPOINTDEBUG_CLIENT_TOKEN) ||
    (role === "agent" ? known?.agentToken : known?.clientToken);
  return token ? { address, token } : null;
}

/** The URL of a path of the broker. Accepts `host:port`, `http://`, `https://`, `ws://` and `wss://` addresses. */
export function brokerUrl(address: string, path: string): string {
  const trimmed = address.trim().replace(/\/+$/, "");
  const url = /^[a-z]+:\/\//i.test(trimmed) ? trimmed.replace(/^http/i, "ws") : `ws://${trimmed}`;
  return url + path;
}

/** Whether two spellings mean the same broker: `localhost:4717` is `ws://127.0.0.1:4717`. */
export function sameAddress(a: string, b: string): boolean {
  const plain = (address: string) => brokerUrl(address, "").toLowerCase().replace("//localhost", "//127.0.0.1");
  return plain(a) === plain(b);
}
