// The inspector of this thread: the only file that knows `node:inspector`. Everything is synchronous. Debugging is enabled only
// while someone needs it, because code in WebAssembly runs slower and each hit of a `debugger` statement costs while it is.
import { createRequire } from "node:module";
import { getHeapStatistics } from "node:v8";
import { Script } from "node:vm";
import { Closures, ENTERS_BY_TABLE } from "./closures.ts";
import { EditCost } from "./cost.ts";
import { nextEpoch } from "./disguise.ts";
import { PLACE_LIMITS } from "./limits.ts";
import { stopwatch } from "./stopwatch.ts";

type Inspector = typeof import("node:inspector");
type Session = InstanceType<Inspector["Session"]>;

/** A script as the inspector announces it. */
export interface ScriptEvent {
  readonly scriptId: string;
  readonly url: string;
  readonly length: number;
  readonly isModule: boolean;
  readonly sourceMapUrl: string;
}

/** What V8 answers to an edit. */
export type EditStatus =
  | "ok"
  | "generator"
  | "function"
  | "module"
  | "syntax"
  | "gone"
  | "unsafe"
  | "vanished"
  | "refused";

/** An answer that is an error. */
export class InspectorFault extends Error {
  override name = "InspectorFault";
}

interface RawScript {
  scriptId: string;
  url: string;
  length?: number;
  isModule?: boolean;
  sourceMapURL?: string;
  scriptLanguage?: string;
  executionContextAuxData?: { isDefault?: boolean };
}

const STATUS: Record<string, EditStatus> = {
  Ok: "ok",
  BlockedByActiveGenerator: "generator",
  BlockedByActiveFunction: "function",
  BlockedByTopLevelEsModuleChange: "module",
  CompileError: "syntax",
};

/** V8 has collected the script: none of its functions was alive. */
export function isVanished(error: unknown): boolean {
  return error instanceof InspectorFault && /no script|script (with|not)/i.test(error.message);
}

/** Debugging of this thread, counted: enabled while at least one holder has it. */
export class DebugSession {
  readonly #inspector: Inspector | null;
  #session: Session | null = null;
  #holders = 0;
  #lastId = 0;
  #isGone = false;
  #closures: Closures | null = null;
  readonly #cost = new EditCost();
  readonly #maxEditMs: number;
  /** Scripts of the program, by id. Valid while enabled. */
  readonly scripts = new Map<string, ScriptEvent>();

  constructor(maxEditMs: number = PLACE_LIMITS.maxEditMs) {
    this.#maxEditMs = maxEditMs;
    let found: Inspector | null = null;
    try {
      // Not an import: a Node built without the inspector must still load this file.
      found = createRequire(process.execPath)("node:inspector") as Inspector;
    } catch {}
    this.#inspector = found;
  }

  get isAvailable(): boolean {
    return this.#inspector !== null;
  }

  /** Why there can be no edit at all at the moment, or null. */
  get obstacle(): "coverage" | "slow" | "gone" | "debugger" | null {
    if (this.#isGone) return "gone";
    // An edit would take the breakpoints of a person who debugs the program out of the script.
    if (this.#inspector?.url() !== undefined) return "debugger";
    if (ENTERS_BY_TABLE && process.env.NODE_V8_COVERAGE) return "coverage";
    return this.hasTimeFor(0) ? null : "slow";
  }

  /** Whether an edit fits into one turn of the event loop of which so many milliseconds are gone. */
  hasTimeFor(goneMs: number): boolean {
    return goneMs + this.#cost.foresee(getHeapStatistics().used_heap_size) <= this.#maxEditMs;
  }

  /** Highest script id seen so far: copies that V8 makes of edited scripts are numbered above it. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Enables debugging, unless it is, and keeps it until `release`. Throws InspectorFault when Node refuses. */
  hold(): void {
    if (this.#holders === 0) this.#open();
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0) this.#close();
  }

  /** One call. Throws InspectorFault with V8's text. */
  post(method: string, params: object = {}): Record<string, unknown> {
    let fault: Error | null = null;
    let answer: Record<string, unknown> | undefined;
    const session = this.#session as unknown as {
      post(method: string, params: object, done: (error: Error | null, result: object) => void): void;
    } | null;
    if (session === null) throw new InspectorFault("not connected");
    session.post(method, params, (error, result) => {
      fault = error;
      answer = result as Record<string, unknown>;
    });
    if (fault !== null) throw new InspectorFault(String((fault as Error).message ?? fault));
    // In one thread the answer is there when `post` returns.
    return answer ?? {};
  }

  source(scriptId: string): string {
    return String(this.post("Debugger.getScriptSource", { scriptId }).scriptSource);
  }

  /** Replaces the source of a live script. */
  edit(scriptId: string, scriptSource: string): EditStatus {
    const { used_heap_size: heapBytes } = getHeapStatistics();
    const took = stopwatch();
    const status = this.#edit(scriptId, scriptSource);
    // What is refused for its text is refused before V8 looks at the heap.
    if (status === "ok" || status === "generator" || status === "function") this.#cost.noteEdit(took(), heapBytes);
    return status;
  }

  #edit(scriptId: string, scriptSource: string): EditStatus {
    if (ENTERS_BY_TABLE) {
      try {
        this.#closures ??= new Closures((method, params) => this.post(method, params));
        this.#closures.compile(scriptId);
      } catch {
        return "unsafe";
      }
    }
    let answer: Record<string, unknown>;
    try {
      answer = this.post("Debugger.setScriptSource", { scriptId, scriptSource });
    } catch (error) {
      if (isVanished(error)) return "vanished";
      // From Node 26 on, V8 cannot edit scripts any more.
      this.#isGone = String(error).includes("no longer available");
      return this.#isGone ? "gone" : "refused";
    }
    nextEpoch();
    const { status, exceptionDetails } = answer as { status?: string; exceptionDetails?: { text?: string } };
    if (status !== undefined) return STATUS[status] ?? "refused";
    // Node 18 has no status. Its refusal is an exception without a text.
    if (exceptionDetails === undefined) return "ok";
    return exceptionDetails.text === "" || exceptionDetails.text === undefined ? "generator" : "syntax";
  }

  /** To be called after edits, before the program runs again. */
  settle(): void {
    if (!ENTERS_BY_TABLE || this.#closures === null) return;
    const closures = this.#closures;
    this.#closures = null;
    closures.dropOptimized();
    closures.end();
  }

  /** Makes `lastId` current: a new script gets the next number. */
  markId(): void {
    try {
      // The text must be new, or it comes from the compilation cache; and it is announced only when it runs.
      new Script(`0//${this.#lastId}.${process.hrtime.bigint()}`).runInThisContext();
    } catch {}
  }

  #open(): void {
    if (this.#inspector === null) throw new InspectorFault("this Node was built without the inspector");
    const session = new this.#inspector.Session();
    try {
      session.connect();
      session.on("Debugger.scriptParsed", ({ params }) => this.#parsed(params as unknown as RawScript));
      // A `debugger` statement of the program would stop it with nobody there to let it go on.
      session.on("Debugger.paused", () => session.post("Debugger.resume"));
      this.#session = session;
      const took = stopwatch();
      this.post("Debugger.enable");
      this.#cost.noteEnable(took());
      this.post("Debugger.setSkipAllPauses", { skip: true });
    } catch (error) {
      this.#session = null;
      try {
        session.disconnect();
      } catch {}
      throw error instanceof InspectorFault ? error : new InspectorFault(String(error));
    }
  }

  #close(): void {
    const session = this.#session;
    if (session === null) return;
    try {
      this.post("Debugger.disable");
    } catch {}
    this.#session = null;
    this.scripts.clear();
    try {
      session.disconnect();
    } catch {}
  }

  #parsed(raw: RawScript): void {
    const id = Number(raw.scriptId);
    if (id > this.#lastId) this.#lastId = id;
    // Only the program's own realm: our global functions do not exist in other contexts of `node:vm`.
    if (raw.executionContextAuxData?.isDefault === false || raw.scriptLanguage === "WebAssembly") return;
    if (!raw.url.startsWith("file:") && !/^([a-zA-Z]:)?[\\/]/.test(raw.url)) return;
    this.scripts.set(raw.scriptId, {
      scriptId: raw.scriptId,
      url: raw.url,
      length: raw.length ?? 0,
      isModule: raw.isModule === true,
      sourceMapUrl: raw.sourceMapURL ?? "",
    });
  }
}
