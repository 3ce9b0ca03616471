// The fallback: V8 breakpoints whose condition calls the probe and is always false, so that the program never stops. A hit costs
// a tenth of a millisecond, ten thousand times more than an edit: so all of them together may take one part of a core, and a
// breakpoint that would take more is out until it has saved up again.
import { Script } from "node:vm";
import type { Gate } from "./gate.ts";
import { PLACE_LIMITS } from "./limits.ts";
import { type DebugSession, InspectorFault } from "./session.ts";
import { stopwatch } from "./stopwatch.ts";

/** A probe that a breakpoint serves. */
export interface Served {
  readonly gate: Gate;
  readonly scriptId: string;
  /** UTF-16 units of the script: a condition costs more in a larger one. */
  readonly scriptChars: number;
  /** The call of the probe. */
  readonly call: string;
  /** Where it stands now, from 0: edits move it. */
  readonly position: () => { readonly line: number; readonly column: number };
  /** Told once, later, when the breakpoint first had to be taken out. */
  readonly onLimited: (hitMs: number) => void;
}

interface Location {
  breakpointId: string | null;
  readonly served: Map<number, Served>;
}

/** `limited`: out until it has saved up; `location` is null then, and for a moment while its script is edited. */
interface Entry {
  readonly served: Served;
  location: Location | null;
  limited: boolean;
  told: boolean;
}

/**
 * All breakpoints of this thread. Holds the session only while one is in: an enabled debugger by itself slows promises down
 * several times, and enabling it takes tens of milliseconds, which count as well.
 */
export class Breakpoints {
  readonly #session: DebugSession;
  readonly #served = new Map<number, Entry>();
  readonly #locations = new Map<string, Location>();
  readonly #hitMs = new Map<number, number>();
  #creditMs: number = PLACE_LIMITS.breakpointBurstMs;
  #creditAt = performance.now();
  #timer: NodeJS.Timeout | null = null;
  #isHeld = false;
  /** What it took to enable the debugger the last time, when it was not. */
  #enableMs = 0;
  /** Hits seen, for the books. */
  hits = 0;
  /** How often a breakpoint was taken out to save time. */
  limited = 0;

  constructor(session: DebugSession) {
    this.#session = session;
  }

  get size(): number {
    return this.#served.size;
  }

  has(gate: number): boolean {
    return this.#served.has(gate);
  }

  /** Milliseconds that a hit in a script of this size costs, without what we do in it. Measured once for each power of two. */
  costMs(scriptChars: number): number {
    const size = Math.ceil(Math.log2(Math.min(Math.max(scriptChars, 1024), 262_144)));
    let costMs = this.#hitMs.get(size);
    if (costMs === undefined) {
      costMs = calibrate(this.#session, 2 ** size);
      this.#hitMs.set(size, costMs);
    }
    return costMs;
  }

  /** Starts to serve a probe. The session must be held. Throws InspectorFault where V8 has no place for a breakpoint. */
  add(served: Served): void {
    const costMs = this.costMs(served.scriptChars);
    this.#served.set(served.gate.id, { served, location: null, limited: false, told: false });
    served.gate.onHit = (handlerMs) => this.#charge(served.gate.id, costMs + handlerMs);
    try {
      this.#hold();
      this.#lay(served.gate.id);
    } catch (error) {
      this.remove(served.gate.id);
      throw error;
    }
  }

  /** Stops serving a probe. Unknown ones are ignored. */
  remove(gate: number): void {
    const entry = this.#served.get(gate);
    if (entry === undefined) return;
    this.#served.delete(gate);
    entry.served.gate.onHit = null;
    const { location } = entry;
    if (location !== null) {
      location.served.delete(gate);
      this.#set(location, entry.served.scriptId);
    }
    this.#releaseIfOut();
  }

  /** Takes out the breakpoints of a script before it is edited: V8 would lose them. */
  lift(scriptId: string): void {
    for (const entry of this.#served.values()) {
      if (entry.served.scriptId !== scriptId || entry.location === null) continue;
      const { location } = entry;
      entry.location = null;
      location.served.delete(entry.served.gate.id);
      if (location.served.size === 0) this.#set(location, scriptId);
    }
  }

  /** Puts them back. */
  lay(scriptId: string): void {
    for (const [gate, { served, location, limited }] of this.#served) {
      if (served.scriptId === scriptId && location === null && !limited) this.#lay(gate);
    }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const gate of [...this.#served.keys()]) this.remove(gate);
  }

  #lay(gate: number): void {
    const entry = this.#served.get(gate)!;
    const { line, column } = entry.served.position();
    const key = `${entry.served.scriptId}:${line}:${column}`;
    const location: Location = this.#locations.get(key) ?? { breakpointId: null, served: new Map() };
    this.#locations.set(key, location);
    location.served.set(gate, entry.served);
    entry.location = location;
    this.#set(location, entry.served.scriptId);
  }

  /** V8 knows one breakpoint at a place: all probes there share it. */
  #set(location: Location, scriptId: string): void {
    if (location.breakpointId !== null) {
      this.#session.post("Debugger.removeBreakpoint", { breakpointId: location.breakpointId });
      location.breakpointId = null;
    }
    const [first] = location.served.values();
    if (first === undefined) {
      for (const [key, known] of this.#locations) if (known === location) this.#locations.delete(key);
      return;
    }
    const { line, column } = first.position();
    const calls = [...location.served.values()].map(({ call }) => `try{${call}}catch{}`).join("");
    const answer = this.#session.post("Debugger.setBreakpoint", {
      location: { scriptId, lineNumber: line, columnNumber: column },
      condition: `${calls};false`,
    }) as { breakpointId?: string };
    if (answer.breakpointId === undefined) throw new InspectorFault("V8 gave no breakpoint");
    location.breakpointId = answer.breakpointId;
  }

  /** Runs inside of the condition: a loop may hit thousands of times before any timer. */
  #charge(gate: number, ms: number): void {
    this.hits++;
    const now = performance.now();
    this.#creditMs = Math.min(
      PLACE_LIMITS.breakpointBurstMs,
      this.#creditMs + (now - this.#creditAt) * PLACE_LIMITS.breakpointShare,
    );
    this.#creditAt = now;
    this.#creditMs -= ms;
    const entry = this.#served.get(gate);
    if (this.#creditMs > 0 || entry === undefined || entry.location === null) return;
    const { location, served } = entry;
    this.limited++;
    entry.limited = true;
    entry.location = null;
    location.served.delete(gate);
    try {
      this.#set(location, served.scriptId);
    } catch {
      // The script is gone, and the breakpoint with it.
    }
    if (!entry.told) {
      entry.told = true;
      setImmediate(() => served.onLimited(ms));
    }
    // Not here: V8 is evaluating the condition.
    setImmediate(() => this.#releaseIfOut());
    this.#timer ??= setTimeout(
      () => this.#resume(),
      (PLACE_LIMITS.breakpointResumeMs + this.#enableMs - this.#creditMs) / PLACE_LIMITS.breakpointShare,
    ).unref();
  }

  #resume(): void {
    this.#timer = null;
    try {
      this.#hold();
    } catch {
      return; // Node refuses the debugger by now; the next attempt to edit will say so.
    }
    for (const [gate, entry] of this.#served) {
      if (!entry.limited) continue;
      entry.limited = false;
      try {
        this.#lay(gate);
      } catch {
        // The script is gone.
      }
    }
    this.#releaseIfOut();
  }

  #hold(): void {
    if (this.#isHeld) return;
    const took = stopwatch();
    this.#session.hold();
    this.#isHeld = true;
    this.#enableMs = took();
    // Saved up for when it was put back; at first it is the price of placing the probe.
    if (this.limited > 0) this.#creditMs -= this.#enableMs;
  }

  #releaseIfOut(): void {
    if (!this.#isHeld) return;
    for (const { location, limited } of this.#served.values()) if (location !== null || !limited) return;
    this.#isHeld = false;
    this.#session.release();
  }
}

const CALIBRATION_URL = "tracepointdebug-calibration";

function calibrate(session: DebugSession, scriptChars: number): number {
  const filler = "function f(a, b) { return a + b; }\n";
  const count = Math.floor(scriptChars / filler.length);
  let breakpointId: string | undefined;
  try {
    // A new name each time, or the text comes from the compilation cache.
    const url = `${CALIBRATION_URL}-${scriptChars}`;
    const probed = new Script(`${filler.repeat(count)}(function (a) {\nreturn a;\n})`, {
      filename: url,
    }).runInThisContext() as (a: number) => number;
    probed(0);
    breakpointId = session.post("Debugger.setBreakpointByUrl", {
      url,
      lineNumber: count + 1,
      condition: "try{globalThis.__tpd?.(a)}catch{};false",
    }).breakpointId as string;
    probed(0);
    const took = stopwatch();
    for (let i = 0; i < PLACE_LIMITS.calibrationHits; i++) probed(i);
    return took() / PLACE_LIMITS.calibrationHits;
  } catch {
    // What was measured on a slow machine.
    return 0.3;
  } finally {
    if (breakpointId !== undefined) session.post("Debugger.removeBreakpoint", { breakpointId });
  }
}
