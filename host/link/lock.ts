// One host a socket: a lock file with the number of the process that holds it. A lock whose process is gone, or is another program by
// now, is taken over; of two that try at once one gets it.
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { isRunning } from "../discovery.ts";

/** Milliseconds after which a host that holds the lock listens at its socket, or is none. */
const START_MS = 5000;
/** Milliseconds between two looks at a lock. */
const LOOK_MS = 100;

/** A lock that this process holds. */
export interface Lock {
  release(): void;
}

/** Takes the lock of a socket, or answers the number of the process that has it. */
export async function takeLock(socketPath: string): Promise<Lock | number> {
  const file = `${socketPath}.lock`;
  const mine = `${process.pid} ${process.hrtime.bigint()}\n`;
  for (;;) {
    try {
      writeFileSync(file, mine, { flag: "wx", mode: 0o600 });
      return { release: () => release(file, mine) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const held = read(file);
    if (held === null) continue;
    const pid = Number.parseInt(held.text, 10);
    // First of all: in another container the process has another number, or none.
    if (await answers(socketPath)) return pid;
    if (isRunning(pid) && Date.now() - held.sinceMs < START_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      continue;
    }
    breakLock(file, held.text, mine);
  }
}

function read(file: string): { readonly text: string; readonly sinceMs: number } | null {
  try {
    return { text: readFileSync(file, "utf8"), sinceMs: statSync(file).mtimeMs };
  } catch {
    return null;
  }
}

/** Moves a dead lock away. One that was renewed in between is put back. */
function breakLock(file: string, dead: string, mine: string): void {
  const aside = `${file}.${mine.trim().replace(" ", ".")}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, "utf8") !== dead) linkSync(aside, file);
  } catch {
    // Somebody else was faster; the next look shows who.
  }
  rmSync(aside, { force: true });
}

function release(file: string, mine: string): void {
  if (read(file)?.text === mine) rmSync(file, { force: true });
}

/** Whether something listens at a socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(START_MS, () => done(false));
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}
