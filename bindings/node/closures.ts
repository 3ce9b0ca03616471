// What an edit needs before and after it on a V8 that enters functions through a table (Node 23 to 25). Two defects of that V8 end
// the program with a segmentation fault, minutes after an edit that was answered with "Ok"; see RATIONALE.md.
//
//   before   Closures of one function that was never called share an entry of the table. After an edit they share a read-only
//            counter too, and the second one that is called writes to it. So all closures of the script are compiled first.
//   after    Optimised code of callers keeps entries of the table that the edit has freed. So all optimised code is dropped.

import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

type Post = (method: string, params?: object) => Record<string, unknown>;
type CompileAll = (functions: readonly unknown[], scriptId: number) => void;

const [v8Major = 0, v8Minor = 0] = process.versions.v8.split(".").map(Number);

/** Whether any of this is needed: V8 after that of Node 22. */
export const ENTERS_BY_TABLE = v8Major > 12 || (v8Major === 12 && v8Minor > 4);

/** Global name under which the list of functions is handed over, for one call. */
const HAND_OVER = "__tpdCompile";

/** The care of one batch of edits, in one session. */
export class Closures {
  readonly #post: Post;
  #list: string | null = null;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Compiles every function of a script, without calling it. Throws where it cannot: then there must be no edit. */
  compile(scriptId: string): void {
    const compileAll = loadCompile();
    // Or V8 may throw away between two steps what was compiled in the first.
    setFlag("flush-bytecode", false);
    if (this.#list === null) {
      const { result } = this.#post("Runtime.evaluate", { expression: "Function.prototype" }) as unknown as Evaluated;
      const { objects } = this.#post("Runtime.queryObjects", {
        prototypeObjectId: result.objectId,
      }) as unknown as Queried;
      this.#list = objects.objectId;
    }
    let isDone = false;
    const holder = globalThis as Record<string, unknown>;
    try {
      Object.defineProperty(holder, HAND_OVER, {
        configurable: true,
        value: (functions: readonly unknown[]) => {
          compileAll(functions, Number(scriptId));
          isDone = true;
        },
      });
      this.#post("Runtime.callFunctionOn", {
        objectId: this.#list,
        functionDeclaration: `function () { globalThis.${HAND_OVER}(this); }`,
      });
    } finally {
      delete holder[HAND_OVER];
    }
    if (!isDone) throw new Error("the functions of the script could not be compiled");
  }

  /** Drops all optimised code: coverage does that, in about 15 ms. The program makes it again as it runs. */
  dropOptimized(): void {
    this.#post("Profiler.enable");
    this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    this.#post("Profiler.stopPreciseCoverage");
    this.#post("Profiler.disable");
  }

  /** Lets go of everything. */
  end(): void {
    if (this.#list !== null) this.#post("Runtime.releaseObject", { objectId: this.#list });
    this.#list = null;
    setFlag("flush-bytecode", true);
  }
}

interface Evaluated {
  readonly result: { readonly objectId: string };
}
interface Queried {
  readonly objects: { readonly objectId: string };
}

let compileAll: CompileAll | null = null;

/** V8's own function for it is reached through its native syntax, which is on only while this text is compiled. */
function loadCompile(): CompileAll {
  if (compileAll !== null) return compileAll;
  setFlag("allow-natives-syntax", true);
  try {
    compileAll = new Script(`((functions, scriptId) => {
      for (let i = 0; i < functions.length; i++) {
        const found = functions[i];
        if (typeof found === "function" && %FunctionGetScriptId(found) === scriptId) %CompileLazy(found);
      }
    })`).runInThisContext() as CompileAll;
  } finally {
    setFlag("allow-natives-syntax", false);
  }
  return compileAll;
}

/** A flag that the program was started with stays as it is. */
function setFlag(name: string, isOn: boolean): void {
  const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(" ")];
  if (given.some((flag) => flag.replaceAll("_", "-").replace(/^--(no-)?/, "") === name)) return;
  setFlagsFromString(`--${isOn ? "" : "no-"}${name}`);
}
