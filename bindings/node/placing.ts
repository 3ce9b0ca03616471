// Places probes in the scripts of this thread: finds the script and the line, edits, falls back to breakpoints, tries again, waits
// for files that are not loaded. All work is done in batches on a fresh stack, so that no function of the program is running and
// the inspector is enabled once for many probes. Nothing runs while there is nothing to do.
import {
  type Placement,
  PlacementError,
  type PlacementState,
  type PlacementStats,
  type PlaceRequest,
} from "../../host/index.ts";
import { columnBefore } from "./edits.ts";
import type { LiveScript } from "./inject.ts";
import { Breakpoints } from "./inspector.ts";
import { PLACE_LIMITS } from "./limits.ts";
import { LiveScripts, type Need } from "./livescripts.ts";
import {
  DETACHED_NOTE,
  engineRefused,
  fallbackNote,
  isTransient,
  limitedNote,
  pendingNote,
  vanishedNote,
} from "./notes.ts";
import type { EngineOption } from "./place.ts";
import { Retries } from "./retries.ts";
import { Library, matches, normalPath } from "./scripts.ts";
import { type Seat, takeSeat } from "./seat.ts";
import { DebugSession, isVanished } from "./session.ts";
import { setUndo } from "./sourcemaps.ts";
import type { EditCount, Outcome } from "./steps.ts";
import { stopwatch } from "./stopwatch.ts";
import { Watch } from "./watch.ts";

type Log = (level: "debug" | "warn", message: string) => void;

interface Entry {
  readonly request: PlaceRequest;
  seat: Seat | null;
  /** The edit is to be tried in the next batch. */
  isDue: boolean;
  /** Why a breakpoint serves. */
  fallback: Exclude<Outcome, "ok"> | null;
  limitedMs: number | null;
  said: string;
}

/** Milliseconds after a file was loaded at which it is looked for: an ES module is announced before it is compiled. */
const LOOK_AFTER_MS = [0, 30, 150, 600, 2000];

/** The work behind `Placement`. */
export class Placing implements Placement {
  readonly #engine: EngineOption;
  readonly #log: Log;
  readonly #session: DebugSession;
  readonly #library = new Library();
  readonly #breakpoints: Breakpoints;
  readonly #entries = new Map<string, Entry>();
  readonly #live = new LiveScripts();
  /** Gates of removed probes whose text is still in a script. It does nothing any more. */
  readonly #leaving = new Map<number, LiveScript>();
  readonly #retries = new Retries(() => this.#retry());
  readonly #watch = new Watch(
    (path, hasMap) => this.#loaded(path, hasMap),
    () => this.#run(),
  );
  readonly #count: EditCount = { edits: 0, refused: 0 };
  readonly #timers = new Set<NodeJS.Timeout>();
  #editMs = 0;
  #batch: Promise<void> | null = null;
  #lastLookMs = 0;

  constructor(engine: EngineOption, log: Log, maxEditMs?: number) {
    this.#engine = engine;
    this.#log = log;
    this.#session = new DebugSession(maxEditMs);
    this.#breakpoints = new Breakpoints(this.#session);
  }

  place(request: PlaceRequest): void {
    void this.remove(request.probeId);
    const entry: Entry = { request, seat: null, isDue: true, fallback: null, limitedMs: null, said: "" };
    this.#entries.set(request.probeId, entry);
    void this.#soon();
  }

  async remove(probeId: string): Promise<void> {
    const entry = this.#entries.get(probeId);
    if (entry === undefined) return;
    this.#entries.delete(probeId);
    this.#leave(entry);
    await this.#soon();
  }

  stats(): PlacementStats {
    return { ...this.#count, editMs: Math.round(this.#editMs * 1000) / 1000 };
  }

  async close(): Promise<void> {
    for (const id of [...this.#entries.keys()]) void this.remove(id);
    await this.#soon();
    this.#retries.stop();
    this.#watch.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#breakpoints.close();
  }

  /** From here on no hit reaches the handler; the text goes with the next batch. */
  #leave({ seat }: Entry): void {
    if (seat === null) return;
    seat.gate.close();
    this.#breakpoints.remove(seat.gate.id);
    if (seat.live.has(seat.gate.id)) this.#leaving.set(seat.gate.id, seat.live);
  }

  #soon(): Promise<void> {
    this.#batch ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#batch = null;
        this.#run();
        resolve();
      });
    });
    return this.#batch;
  }

  /** One batch. Returns the milliseconds it took. Never throws. */
  #run(): number {
    const took = stopwatch();
    const told: (() => void)[] = [];
    const tell = (entry: Entry, state: PlacementState) => told.push(() => this.#tell(entry, state));
    const waiting = [...this.#entries.values()].filter(({ seat }) => seat === null);
    if (waiting.length > 0 || this.#leaving.size > 0 || [...this.#entries.values()].some(({ isDue }) => isDue)) {
      try {
        this.#session.hold();
        try {
          this.#library.refresh(this.#session);
          for (const entry of waiting) this.#seat(entry, tell);
          this.#change(tell);
        } finally {
          this.#session.settle();
          this.#session.release();
        }
      } catch (cause) {
        this.#log("warn", `Placing probes failed: ${cause}`);
        const error = noInspector(cause);
        for (const entry of waiting) this.#fail(entry, error, tell);
      }
      this.#editMs += took();
    }
    for (const notify of told) notify();
    const isWaiting = [...this.#entries.values()].some(({ seat }) => seat === null);
    if (isWaiting) this.#watch.start();
    else this.#watch.stop();
    this.#lastLookMs = took();
    return this.#lastLookMs;
  }

  /** Finds script, line and names. Leaves the entry without a seat where the file is not loaded. */
  #seat(entry: Entry, tell: (entry: Entry, state: PlacementState) => void): void {
    const { request } = entry;
    try {
      const match = this.#library.find(request.file);
      if (!("script" in match)) {
        tell(entry, { kind: "pending", note: pendingNote(request.file, match) });
        return;
      }
      entry.seat = takeSeat(
        this.#live.of(match.script, this.#session, (kept) => this.#needOf(kept)),
        match,
        request,
      );
      entry.isDue = true;
    } catch (error) {
      this.#fail(entry, error instanceof PlacementError ? error : internal(error), tell);
    }
  }

  #needOf(live: LiveScript): Need {
    if (!this.#library.has(live.scriptId)) return "gone";
    const isNeeded = live.insertions.length > 0 || [...this.#entries.values()].some(({ seat }) => seat?.live === live);
    return isNeeded ? "needed" : "spare";
  }

  #change(tell: (entry: Entry, state: PlacementState) => void): void {
    const due = [...this.#entries.values()].filter(({ seat, isDue }) => seat !== null && isDue);
    const scripts = new Set<LiveScript>([...due.map(({ seat }) => seat!.live), ...this.#leaving.values()]);
    if (scripts.size === 0) return;
    this.#session.markId();
    const lastId = this.#session.lastId;
    const startedMs = performance.now();
    let isFirst = true;
    // Between two edits the program gets its turn, where both together would hold it up for too long.
    const mayGoOn = () => this.#session.hasTimeFor(performance.now() - startedMs);
    for (const live of scripts) {
      if (!isFirst && !mayGoOn()) {
        void this.#soon();
        break;
      }
      isFirst = false;
      const entries = due.filter(({ seat }) => seat?.live === live);
      // Dead text waits rather than hold up the program.
      const removes =
        this.#session.obstacle === "slow"
          ? []
          : [...this.#leaving].flatMap(([gate, from]) => (from === live ? [gate] : []));
      for (const entry of entries) entry.isDue = false;
      const isKnown = this.#library.has(live.scriptId);
      const editable = entries.filter(({ seat }) => this.#refusal(seat!) === null);
      this.#breakpoints.lift(live.scriptId);
      const outcomes = isKnown
        ? live.change(
            this.#session,
            editable.map(({ seat }) => seat!.mark),
            removes,
            this.#count,
            mayGoOn,
          )
        : new Map<number, Outcome>();
      for (const gate of removes) {
        if (!isKnown || !live.has(gate)) this.#leaving.delete(gate);
      }
      for (const entry of entries) {
        const outcome = editable.includes(entry)
          ? (outcomes.get(entry.seat!.gate.id) ?? (isKnown ? null : "vanished"))
          : (this.#refusal(entry.seat!) ?? "slow");
        if (outcome !== null) this.#settle(entry, outcome, tell);
        else entry.isDue = true;
      }
      const isPutOff = removes.some((gate) => this.#leaving.has(gate) && !outcomes.has(gate));
      if (isPutOff || entries.some(({ isDue }) => isDue)) void this.#soon();
      this.#breakpoints.lay(live.scriptId);
      this.#keepUndo(live, entries[0]?.seat?.match.script.path);
    }
    this.#session.markId();
    this.#library.noteCopies(lastId, this.#session.lastId);
    // What is left behind does nothing, but costs a few nanoseconds a hit.
    if (this.#leaving.size > 0) this.#retries.add("leaving");
  }

  /** A refusal that is known without asking. */
  #refusal({ live, mark, match }: Seat): Exclude<Outcome, "ok"> | "forced" | null {
    if (this.#engine === "inspector") return "forced";
    const { obstacle } = this.#session;
    if (obstacle !== null && !(obstacle === "debugger" && this.#engine === "inject")) return obstacle;
    return mark.start.functionIndex < 0 && live.parsed.isModule && match !== null ? "module" : null;
  }

  #settle(entry: Entry, outcome: Outcome | "forced", tell: (entry: Entry, state: PlacementState) => void): void {
    const seat = entry.seat!;
    const { gate, live } = seat;
    if (outcome === "ok") {
      this.#breakpoints.remove(gate.id);
      entry.fallback = null;
      this.#retries.done(entry.request.probeId);
      tell(entry, this.#installed(entry));
      return;
    }
    if (outcome === "vanished") return this.#unseat(entry, tell);
    if (this.#engine === "inject" && outcome !== "forced") {
      this.#fail(entry, engineRefused(outcome), tell);
      return;
    }
    entry.fallback = outcome === "forced" ? null : outcome;
    if (!this.#breakpoints.has(gate.id)) {
      try {
        this.#breakpoints.add({
          gate,
          scriptId: live.scriptId,
          scriptChars: live.parsed.source.length,
          call: seat.call,
          position: () => live.position(seat.mark.start),
          onLimited: (hitMs) => {
            entry.limitedMs = hitMs;
            if (this.#entries.get(entry.request.probeId) === entry) this.#tell(entry, this.#installed(entry));
          },
        });
      } catch (cause) {
        if (isVanished(cause)) return this.#unseat(entry, tell);
        const text = `V8 sets no breakpoint on line ${seat.site.line}: ${cause}`;
        this.#fail(entry, new PlacementError("no_breakpoint", text, "Choose a line next to it.", [], { cause }), tell);
        return;
      }
    }
    if (entry.fallback !== null && isTransient(entry.fallback)) this.#retries.add(entry.request.probeId);
    tell(entry, this.#installed(entry));
  }

  /** The script is gone: the probe waits for the next one. */
  #unseat(entry: Entry, tell: (entry: Entry, state: PlacementState) => void): void {
    const { match } = entry.seat!;
    this.#leave(entry);
    entry.seat = null;
    tell(entry, { kind: "pending", note: vanishedNote(match.path) });
  }

  #installed(entry: Entry): PlacementState {
    const { seat, fallback, limitedMs } = entry;
    const { site, notes, live, gate } = seat!;
    const engine = this.#breakpoints.has(gate.id) ? "inspector" : "inject";
    const all = [...notes];
    if (live.isDetached(seat!.mark.start)) all.push(DETACHED_NOTE);
    if (engine === "inspector") {
      const hitMs = this.#breakpoints.costMs(live.parsed.source.length);
      all.push(
        fallback === null
          ? `A V8 breakpoint serves, as TRACEPOINTDEBUG_ENGINE asks: about ${Math.round(hitMs * 1000)} µs a hit.`
          : fallbackNote(fallback, hitMs),
      );
      if (limitedMs !== null) all.push(limitedNote(limitedMs));
    }
    return { kind: "installed", engine, site, note: all.join(" ") };
  }

  #fail(entry: Entry, error: PlacementError, tell: (entry: Entry, state: PlacementState) => void): void {
    this.#entries.delete(entry.request.probeId);
    this.#retries.done(entry.request.probeId);
    this.#leave(entry);
    tell(entry, { kind: "failed", error });
  }

  /** Only what is news, and only to those who are still there. */
  #tell(entry: Entry, state: PlacementState): void {
    const current = this.#entries.get(entry.request.probeId);
    if (current !== entry && !(state.kind === "failed" && current === undefined)) return;
    const text =
      state.kind === "failed"
        ? state.error.message
        : `${state.kind} ${"engine" in state ? state.engine : ""} ${state.note}`;
    if (text === entry.said) return;
    entry.said = text;
    this.#log("debug", `${entry.request.file}:${entry.request.line}: ${text}`);
    try {
      entry.request.onChange(state);
    } catch (error) {
      this.#log("warn", `A handler of placement states failed: ${error}`);
    }
  }

  #keepUndo(live: LiveScript, path: string | undefined): void {
    const found = path ?? [...this.#entries.values()].find(({ seat }) => seat?.live === live)?.seat?.match.script.path;
    if (found === undefined) return;
    const { insertions, parsed } = live;
    setUndo(
      found,
      insertions.length === 0 ? null : (line, column) => columnBefore(line, column, parsed.lines, live.insertions),
    );
  }

  /** Attempts that are due now. Returns the milliseconds they took. */
  #retry(): { readonly tookMs: number; readonly isDone: boolean } {
    for (const entry of this.#entries.values()) {
      if (entry.seat !== null && entry.fallback !== null && isTransient(entry.fallback)) entry.isDue = true;
    }
    const tookMs = this.#run();
    if (this.#leaving.size === 0) this.#retries.done("leaving");
    return { tookMs, isDone: this.#leaving.size === 0 };
  }

  #loaded(path: string, hasMap: boolean): void {
    const isWanted = [...this.#entries.values()].some(
      ({ seat, request }) => seat === null && matches(path, normalPath(request.file)),
    );
    // A source map may hold a file that waits. Looking costs, so only after a pause, and once for many files.
    if (!isWanted && (!hasMap || this.#timers.size > 0)) return;
    const delays = isWanted ? LOOK_AFTER_MS : [Math.max(300, this.#lastLookMs * PLACE_LIMITS.pollCostFactor)];
    for (const delayMs of delays) {
      if (delayMs === 0) {
        void this.#soon();
        continue;
      }
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        if ([...this.#entries.values()].some(({ seat }) => seat === null)) void this.#soon();
      }, delayMs).unref();
      this.#timers.add(timer);
    }
  }
}

function noInspector(cause: unknown): PlacementError {
  return new PlacementError(
    "no_inspector",
    `Node's inspector cannot be used: ${cause}`,
    "Use a Node that was built with the inspector, and do not forbid it through the permission model.",
    [],
    { cause },
  );
}

function internal(cause: unknown): PlacementError {
  return new PlacementError("internal", `Unexpected failure: ${cause}`, "This is our fault: report it.", [], { cause });
}
