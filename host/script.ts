// Runs script conditions: each in a QuickJS of its own, with a memory of its own, that sees copies of the variables it names and
// nothing else. The only file that knows quickjs-emscripten; loaded when the first script is. Never throws on a run.
import { readFile } from "node:fs/promises";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  RELEASE_SYNC,
} from "quickjs-emscripten";
import { CompileError, type Span } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import { type ScriptFailure, scriptCause } from "./causes.ts";
import { systemClock } from "./clock.ts";
import { errorCodeName } from "./codes.ts";
import type { LoadedScript } from "./install.ts";
import { HOST_LIMITS } from "./limits.ts";
import { meter, STEPS_EXPORT } from "./meter.ts";
import { jsonText } from "./natives.ts";
import type { Cause } from "./protocol.ts";
import { SANDBOX, SCRIPT_FILE, TROUBLE, type Trouble } from "./script-sandbox.ts";
import { readScript, type Script } from "./script-text.ts";
import { ScriptValues } from "./script-values.ts";

/** A thrown value has no code in the language. */
const ERR_THREW = 0xff;
const PAGE = abi.PAGE_BYTES;
const clock = systemClock();

let loading: Promise<WebAssembly.Module> | null = null;

/** The interpreter with its step counter, compiled once. */
function interpreter(): Promise<WebAssembly.Module> {
  loading ??= loadInterpreter().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function loadInterpreter(): Promise<WebAssembly.Module> {
  let location = "";
  const found = new Error("only the location is wanted");
  const locateFile = (name: string, folder: string): string => {
    location = folder + name;
    throw found;
  };
  // The package tells where its binary is in this way only.
  await newQuickJSWASMModuleFromVariant(newVariant(RELEASE_SYNC, { locateFile })).catch((error: unknown) => {
    if (error !== found) throw error;
  });
  const bytes = await readFile(location.startsWith("file:") ? new URL(location) : location);
  return WebAssembly.compile(meter(bytes));
}

/** What a run gave: a verdict, or why there is none. */
type Answer = { readonly verdict: 0 | 1 } | Failed;

interface Failed extends ScriptFailure {
  /** Error code: of engine/abi.ts, or ERR_THREW. */
  readonly code: number;
  /** As QuickJS writes it. */
  readonly stack: string;
}

const failed = (code: number, kind: ScriptFailure["kind"], text = "", stack = ""): Failed => ({
  code,
  kind,
  text,
  stack,
});

/** One script in one QuickJS. `isSpent`: something of the last run may be left in it, so it must not be used again. */
class Sandbox {
  isSpent = false;
  readonly #context: QuickJSContext;
  readonly #run: QuickJSHandle;
  readonly #steps: WebAssembly.Global;
  #until = 0;
  #interrupted = false;

  private constructor(context: QuickJSContext, run: QuickJSHandle, steps: WebAssembly.Global) {
    this.#context = context;
    this.#run = run;
    this.#steps = steps;
    context.runtime.setInterruptHandler(() => {
      this.#interrupted = clock.steadyMs() > this.#until && this.steps > HOST_LIMITS.scriptFewSteps;
      return this.#interrupted;
    });
  }

  static async open(script: Script): Promise<Sandbox> {
    const module = await interpreter();
    let instance: WebAssembly.Instance | undefined;
    const pages = HOST_LIMITS.scriptMemoryBytes / PAGE;
    const variant = newVariant(RELEASE_SYNC, {
      wasmMemory: new WebAssembly.Memory({ initial: pages, maximum: pages }),
      emscriptenModule: {
        instantiateWasm(imports: WebAssembly.Imports, done: (made: WebAssembly.Instance) => void) {
          instance = new WebAssembly.Instance(module, imports);
          done(instance);
          return {};
        },
        // It has nothing to say to the program's output.
        print() {},
        printErr() {},
      } as object,
    });
    const runtime = (await newQuickJSWASMModuleFromVariant(variant)).newRuntime({
      memoryLimitBytes: HOST_LIMITS.scriptHeapBytes,
      maxStackSizeBytes: HOST_LIMITS.scriptStackBytes,
    });
    const context = runtime.newContext();
    const prepare = context.unwrapResult(context.evalCode(SANDBOX, "sandbox", { type: "global" }));
    const names = context.unwrapResult(context.evalCode(`[${script.names.map(jsonText)}]`));
    const steps = instance!.exports[STEPS_EXPORT] as WebAssembly.Global;
    const made = compiled(script, context, steps);
    const run = context.unwrapResult(context.callFunction(prepare, context.undefined, names, made));
    return new Sandbox(context, run, steps);
  }

  /** Steps that the last run took. */
  get steps(): number {
    return HOST_LIMITS.scriptSteps - (this.#steps.value as number);
  }

  run(json: string): Answer {
    this.#interrupted = false;
    this.#until = clock.steadyMs() + HOST_LIMITS.scriptMs;
    this.#steps.value = HOST_LIMITS.scriptSteps;
    let answer: Answer;
    try {
      answer = this.#call(json);
      this.isSpent = this.isSpent || this.#context.runtime.hasPendingJob();
    } catch (error) {
      // A trap: the counter's, that of the thread's own stack, or one that should not be.
      if (this.steps > HOST_LIMITS.scriptSteps) answer = failed(abi.ERR_BUDGET, "steps");
      else if (error instanceof RangeError) answer = failed(abi.ERR_BUDGET, "stack");
      else answer = failed(abi.ERR_INTERNAL, "internal", String(error));
      this.isSpent = true;
    }
    return answer;
  }

  #call(json: string): Answer {
    const context = this.#context;
    const input = context.newString(json);
    const result = context.callFunction(this.#run, context.undefined, input);
    input.dispose();
    if (result.error) {
      this.isSpent = true;
      return this.#interrupted ? failed(abi.ERR_BUDGET, "time") : failed(abi.ERR_MEMORY, "memory");
    }
    const { value } = result;
    const verdict = context.typeof(value) === "number" ? context.getNumber(value) : -1;
    const trouble = verdict < 0 ? (JSON.parse(context.getString(value)) as Trouble) : null;
    value.dispose();
    if (trouble === null) return { verdict: verdict === 1 ? 1 : 0 };
    const [kind, text, stack] = trouble;
    switch (kind) {
      case TROUBLE.threw:
        return failed(ERR_THREW, "threw", text, stack);
      case TROUBLE.notBool:
        return failed(abi.ERR_NOT_BOOL, "not_bool", text);
      case TROUBLE.memory:
        this.isSpent = true;
        return failed(abi.ERR_MEMORY, "memory");
      case TROUBLE.stack:
        this.isSpent = true;
        return failed(abi.ERR_BUDGET, "stack", "", stack);
      default:
        return failed(kind, "unreadable", errorCodeName(kind), stack);
    }
  }
}

/** Steps for reading a script: a regular expression may become much longer than it is written. */
const READING_STEPS = 10 * HOST_LIMITS.scriptSteps;

/** The script as a function of the sandbox. Throws CompileError. */
function compiled(script: Script, context: QuickJSContext, steps: WebAssembly.Global): QuickJSHandle {
  steps.value = READING_STEPS;
  try {
    const made = context.evalCode(script.code, SCRIPT_FILE, { type: "global" });
    if (made.error) throw refused(script, context.dump(made.error));
    return made.value;
  } catch (error) {
    if (error instanceof CompileError) throw error;
    throw refused(script, { message: "it is too large for its interpreter" });
  } finally {
    steps.value = READING_STEPS;
  }
}

/** QuickJS does not take what acorn took: an invalid regular expression, a feature that it does not have. */
function refused(script: Script, dumped: { message?: unknown; stack?: unknown }): CompileError {
  const at = placeOf(script, String(dumped.stack ?? ""));
  return new CompileError(
    "syntax",
    `QuickJS refuses the script: ${String(dumped.message ?? "").slice(0, 200)}`,
    "Correct it, or write it without the newest features of JavaScript.",
    script.source,
    at ?? { from: 0, to: script.source.length },
  );
}

/** Where in the script the innermost frame of a stack is that is its own. */
function placeOf(script: Script, stack: string): Span | null {
  const found = new RegExp(`\\b${SCRIPT_FILE}:(\\d{1,5})(?::(\\d{1,5}))?`).exec(stack);
  if (found === null) return null;
  const from = script.offsetOf(Number(found[1]), Number(found[2] ?? 1));
  return { from, to: from + 1 };
}

/** A script condition that runs. */
export class ScriptCondition implements LoadedScript {
  readonly script: Script;
  readonly #values = new ScriptValues();
  #sandbox: Sandbox | null;
  #failed: Failed | null = null;
  #isClosed = false;
  #isRenewing = false;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #cancelRenewal = () => {};
  /** Steps that the last run took. */
  steps = 0;

  private constructor(script: Script, sandbox: Sandbox) {
    this.script = script;
    this.#sandbox = sandbox;
  }

  /** Reads the script and makes its sandbox. Throws CompileError. */
  static async open(source: string): Promise<ScriptCondition> {
    const script = readScript(source);
    return new ScriptCondition(script, await Sandbox.open(script));
  }

  /** False while its sandbox is made anew. */
  get isReady(): boolean {
    if (this.#sandbox === null && !this.#isRenewing) this.#renew();
    return this.#sandbox !== null;
  }

  test(...values: readonly unknown[]): number {
    const answer = this.#run(values);
    if ("verdict" in answer) return answer.verdict;
    this.#failed = answer;
    const at = placeOf(this.script, answer.stack);
    return -(((at === null ? 0 : at.from + 1) << abi.ERR_NODE_SHIFT) | answer.code);
  }

  #run(values: readonly unknown[]): Answer {
    const sandbox = this.#sandbox;
    if (sandbox === null) return failed(abi.ERR_INTERNAL, "internal");
    try {
      const answer = sandbox.run(this.#values.write(values, this.script.uses));
      this.steps = sandbox.steps;
      if (sandbox.isSpent) this.#sandbox = null;
      return answer;
    } catch (error) {
      // The program's own stack is full.
      this.#sandbox = null;
      return error instanceof RangeError ? failed(abi.ERR_BUDGET, "stack") : failed(abi.ERR_INTERNAL, "internal");
    }
  }

  /** Why the last test failed. */
  explain(): Cause {
    return scriptCause(this.#failed ?? failed(abi.ERR_INTERNAL, "internal"), this.script.source, this.span());
  }

  /** Where in the source the last test failed, if that is known. */
  span(): Span | null {
    return placeOf(this.script, this.#failed?.stack ?? "");
  }

  close(): void {
    this.#isClosed = true;
    this.#sandbox = null;
    this.#cancelRenewal();
  }

  /** A sandbox is left to the collector with its memory: what an interrupted interpreter would do to free itself is not known. */
  #renew(): void {
    if (this.#isClosed) return;
    const waitMs = this.#renewedMs + HOST_LIMITS.scriptRenewMs - clock.steadyMs();
    this.#cancelRenewal = clock.after(Math.max(0, waitMs), () => {
      this.#renewedMs = clock.steadyMs();
      Sandbox.open(this.script).then(
        (sandbox) => {
          this.#isRenewing = false;
          if (!this.#isClosed) this.#sandbox = sandbox;
        },
        // It has been made once. Without a sandbox the script is passed over.
        () => {},
      );
    });
    this.#isRenewing = true;
  }
}
