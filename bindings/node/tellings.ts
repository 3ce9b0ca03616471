// Statements that prepared mode puts at the beginning of blocks and classes: those that tell declared functions and methods their
// kind, and the variables in which generators keep their inner function. Collects, and writes each block's once.
import { type Kind, tellName } from "./disguise.ts";
import type { Insertion } from "./edits.ts";
import type { Site } from "./site.ts";
import { keyName, openingOf, type SyntaxNode } from "./syntax.ts";

/** What goes in behind the opening brace of one block or class. */
interface Opening {
  readonly cells: string[];
  /** Calls, by what they are made on: the kind, and for methods the object. */
  readonly calls: Map<string, string[]>;
  word: "var" | "let" | "static";
}

/** What one file needs. */
export class Tellings {
  readonly #openings = new Map<SyntaxNode, Opening>();
  #cells = 0;

  /** Notes what the function at a site has to be told. */
  add(site: Site, kind: Kind): void {
    if (site.how === "declaration") this.#call(site.block, "var", `${tellName(kind)}?.`, site.name, true);
    if (site.how !== "method") return;
    const holder = site.owner.static === true ? "this" : "this.prototype";
    this.#call(site.body, "static", `${tellName(kind)}?.of(${holder}`, JSON.stringify(keyName(site.owner)), false);
  }

  /**
   * A variable that is new whenever the function with these ancestors is created anew, or null: between the function and the
   * block there is a loop, or another function.
   */
  cell(ancestors: readonly SyntaxNode[]): string | null {
    for (let depth = ancestors.length - 1; depth >= 0; depth--) {
      const node = ancestors[depth]!;
      const isBlock = node.type === "BlockStatement";
      if (isBlock || node.type === "Program") {
        const isOutermost = !isBlock || /Function/.test(ancestors[depth - 1]!.type);
        const name = `__tpdc${this.#cells++}`;
        // A function that is declared in the outermost block can be called before the block begins.
        this.#opening(node, isOutermost ? "var" : "let").cells.push(name);
        return name;
      }
      if (/Function|^(For|While|DoWhile|With)|^(PropertyDefinition|StaticBlock)$/.test(node.type)) return null;
    }
    return null;
  }

  insertions(): Insertion[] {
    return [...this.#openings].map(([node, opening]) => {
      if (node.type === "ClassBody") return { offset: node.start + 1, text: written(opening) };
      const { offset, semicolon } = openingOf(node);
      return { offset, text: semicolon + written(opening) };
    });
  }

  #opening(node: SyntaxNode, word: Opening["word"]): Opening {
    const known = this.#openings.get(node) ?? { cells: [], calls: new Map<string, string[]>(), word };
    this.#openings.set(node, known);
    return known;
  }

  #call(node: SyntaxNode, word: Opening["word"], call: string, argument: string, isEach: boolean): void {
    const { calls } = this.#opening(node, word);
    const key = isEach ? `${call}(${argument}` : call;
    calls.set(key, [...(calls.get(key) ?? []), ...(isEach ? [] : [argument])]);
  }
}

function written({ cells, calls, word }: Opening): string {
  const variables = cells.length === 0 ? "" : `${word} ${cells.join()};`;
  const statements = [...calls].map(([call, rest]) => `${[call, ...rest].join()});`).join("");
  return word === "static" ? `static{${statements}}` : variables + statements;
}
