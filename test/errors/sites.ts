// Finds every place in the sources where an error gets its words: code, message, remedy. Reads the sources as syntax trees, runs none
// of them. Where a function is given the words, the places are its calls; what is only known at run time is `…`.
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { parseAst } from "rolldown/parseAst";

/** One place, and one of the things that it can say. */
export interface Site {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The class, or `cause` for what is no exception. */
  readonly kind: string;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What is only known at run time. */
export const HOLE = "…";

const FOLDERS = ["conditions", "host", "bindings/node", "broker", "cli"];
/** Classes whose first arguments are code, message and remedy. */
const CLASSES = new Set(
  "ProbeError CompileError PatternError VerifyError PlacementError GuestError ProtocolError TransportError LinkError".split(
    " ",
  ),
);
/** Functions that pass words on to each other. */
const MAX_CALLS = 6;
/** Texts that one expression can be. */
const MAX_CHOICES = 40;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

interface Source {
  readonly file: string;
  readonly folder: string;
  readonly text: string;
  readonly parents: ReadonlyMap<Node, Node>;
}

interface Place {
  readonly source: Source;
  readonly node: Node;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";
const nameOf = (node: unknown): string => ((node as Node | null | undefined)?.name as string | undefined) ?? "";

/** What a property of an object literal is. */
const propertyOf = (object: Node, key: string): Node | undefined =>
  (object.properties as Node[]).find((property) => nameOf(property.key) === key)?.value as Node | undefined;
const NOTHING: Node = { type: "Nothing", start: 0 };

function load(file: string, folder: string): Source {
  const text = readFileSync(file, "utf8");
  const parents = new Map<Node, Node>();
  const visit = (node: Node): void => {
    for (const child of Object.values(node).flat()) {
      if (!isNode(child)) continue;
      parents.set(child, node);
      visit(child);
    }
  };
  visit(parseAst(text, { lang: "ts" }) as unknown as Node);
  return { file, folder, text, parents };
}

/** What is called, as in a stack trace: the last name of `this.#lexer.refuse(…)`. */
function called(node: Node): Node | null {
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return null;
  const callee = node.callee as Node;
  return callee.type === "MemberExpression" ? (callee.property as Node) : callee;
}

function* around({ source, node }: Place): Generator<Node> {
  for (let at = source.parents.get(node); at !== undefined; at = source.parents.get(at)) yield at;
}

const definesMethod = ({ parents }: Source, name: string): boolean =>
  [...parents.keys()].some(({ type, key }) => type === "MethodDefinition" && nameOf(key) === name);

interface Maker {
  readonly name: string;
  readonly isConstructor: boolean;
  readonly isMethod: boolean;
  readonly params: readonly string[];
  readonly node: Node;
}

/** The function that a place stands in, with the name it is called by. */
function makerOf(place: Place): Maker | null {
  const { parents } = place.source;
  for (const node of around(place)) {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) continue;
    const owner = parents.get(node) as Node;
    const isMethod = owner.type === "MethodDefinition";
    const isConstructor = isMethod && owner.kind === "constructor";
    const ownName = nameOf(node.id) || nameOf(isMethod ? owner.key : owner.id);
    const className = isConstructor ? nameOf(parents.get(parents.get(owner) as Node)?.id) : "";
    const params = (node.params as Node[]).map((param) =>
      nameOf(param.type === "AssignmentPattern" ? param.left : param),
    );
    return { name: className || ownName, isConstructor, isMethod, params, node };
  }
  return null;
}

/** A parameter that stands in a text until a call gives it. */
const given = (name: string) => `‹${name}›`;
const GIVEN = /‹([^›]*)›/g;

/** Files that a file imports a name from, of our own. */
function importedFrom({ file, parents }: Source, name: string): string[] {
  return [...parents.keys()]
    .filter(({ type }) => type === "ImportDeclaration")
    .filter(({ specifiers }) => (specifiers as Node[]).some(({ local }) => nameOf(local) === name))
    .map(({ source }) => posix.join(posix.dirname(file), (source as { value: string }).value));
}

class Finder {
  readonly sites: Site[] = [];
  /** By the name that is called. */
  private readonly calls = new Map<string, Place[]>();
  private readonly functions = new Map<string, Place[]>();

  constructor(places: readonly Place[]) {
    for (const place of places) {
      const name = nameOf(called(place.node));
      if (name !== "") this.calls.set(name, [...(this.calls.get(name) ?? []), place]);
      const declared = place.node.type === "FunctionDeclaration" ? nameOf(place.node.id) : "";
      if (declared !== "") this.functions.set(declared, [...(this.functions.get(declared) ?? []), place]);
    }
    for (const place of places) this.visit(place);
  }

  /** Looks whether a node gives an error its words. */
  private visit(place: Place): void {
    const { node } = place;
    const name = nameOf(called(node));
    const args = (node.arguments as Node[] | undefined) ?? [];
    if (node.type === "NewExpression" && CLASSES.has(name)) this.found(place, name, args);
    else if (node.type === "CallExpression" && (node.callee as Node).type === "Super" && args.length >= 3) {
      const made = [...around(place)].find(({ type }) => type === "ClassDeclaration");
      if (CLASSES.has(nameOf(made?.superClass)) && !CLASSES.has(nameOf(made?.id)))
        this.found(place, nameOf(made?.id), args);
    } else if (node.type === "CallExpression" && name === "cause" && args.length === 3)
      this.found(place, "cause", args);
    else if (node.type === "CallExpression" && name === "refuse" && makerOf(place)?.params.includes(name) === true) {
      // A function of the catalogue is given how to refuse: code, place, message, remedy.
      this.found(place, "CompileError", [args[0], args[2], args[3]] as Node[]);
    } else if (node.type === "ObjectExpression") {
      const [code, message, remedy] = ["code", "message", "remedy"].map((key) => propertyOf(node, key));
      if (message !== undefined && remedy !== undefined)
        this.found(place, code === undefined ? "advice" : "cause", [code, message, remedy]);
    }
  }

  private found(place: Place, kind: string, words: readonly (Node | undefined)[]): void {
    this.follow(
      place,
      kind,
      [0, 1, 2].map((i) => this.texts(place, words[i])),
      0,
    );
  }

  /** Goes to the calls that give the words, if the function around the place is given any. */
  private follow(place: Place, kind: string, words: readonly (readonly string[])[], calls: number): void {
    const maker = makerOf(place);
    const names = new Set(words.flat().flatMap((text) => [...text.matchAll(GIVEN)].map(([, name]) => name as string)));
    if (maker === null || names.size === 0 || calls === MAX_CALLS) return this.add(place, kind, words);
    const callers = this.callersOf(place.source, maker).map((caller) => {
      const args = caller.node.arguments as Node[];
      return {
        caller,
        texts: new Map([...names].map((name) => [name, this.texts(caller, args[maker.params.indexOf(name)])])),
      };
    });
    // Data, such as the name of a function, is of no interest: only a call that gives words is a place of its own.
    const giving = callers.filter(({ caller, texts }) =>
      [...texts.values()].flat().some((text) => this.givesWords(caller, text, calls)),
    );
    if (giving.length < callers.length || giving.length === 0) this.add(place, kind, words);
    for (const { caller, texts } of giving) {
      const put = (text: string): string[] => {
        const [whole, name] = new RegExp(GIVEN.source).exec(text) ?? [];
        if (whole === undefined || name === undefined) return [text];
        return (texts.get(name) ?? [HOLE]).flatMap((choice) => {
          // Names of the caller's own parameters are marked apart from those that are still to be put.
          const [before, after] = [text.slice(0, text.indexOf(whole)), text.slice(text.indexOf(whole) + whole.length)];
          return put(after).map((rest) => before + choice + rest);
        });
      };
      this.follow(
        caller,
        kind,
        words.map((choices) => choices.flatMap(put)),
        calls + 1,
      );
    }
  }

  /** Whether a text is more than a word, or can be made so by a call of the function around its place. */
  private givesWords(place: Place, text: string, calls: number): boolean {
    if (text.replace(GIVEN, "").includes(" ")) return true;
    const names = [...text.matchAll(GIVEN)].map(([, name]) => name as string);
    const maker = makerOf(place);
    if (maker === null || names.length === 0 || calls === MAX_CALLS) return false;
    return this.callersOf(place.source, maker).some((caller) =>
      names
        .flatMap((name) => this.texts(caller, (caller.node.arguments as Node[])[maker.params.indexOf(name)]))
        .some((outer) => this.givesWords(caller, outer, calls + 1)),
    );
  }

  private callersOf({ file, folder }: Source, { name, isConstructor, isMethod, node }: Maker): Place[] {
    return (this.calls.get(name) ?? []).filter((place) => {
      const { source, node: call } = place;
      if ((call.type === "NewExpression") !== isConstructor || [...around(place)].includes(node)) return false;
      if (source.file === file) return true;
      const callee = call.callee as Node;
      if (isMethod && !isConstructor) {
        // Of a class beside this one, unless the caller has a method of that name itself.
        const isOther = callee.type !== "MemberExpression" || (callee.property as Node).type === "PrivateIdentifier";
        return !isOther && posix.dirname(source.file) === posix.dirname(file) && !definesMethod(source, name);
      }
      const froms = importedFrom(source, name);
      return callee.type === "Identifier" && froms.some((from) => from === file || from === `${folder}/index.ts`);
    });
  }

  /** The texts that an expression can be. */
  private texts(place: Place, node: Node | undefined): readonly string[] {
    return this.values(place, node)
      .flatMap((value) => {
        if (value.type === "Literal") return [typeof value.value === "string" ? value.value : HOLE];
        if (value.type === "Identifier")
          return [makerOf(place)?.params.includes(nameOf(value)) === true ? given(nameOf(value)) : HOLE];
        if (value.type === "CallExpression") return this.returned(place, value);
        if (value.type !== "TemplateLiteral") return [HOLE];
        // In the middle of a text, what is not always one of a few words is data.
        const parts = (value.expressions as Node[]).map((part) => {
          const choices = part.type === "CallExpression" ? [HOLE] : this.texts(place, part);
          return choices.includes(HOLE) ? [HOLE] : choices;
        });
        return (value.quasis as Node[]).reduce<string[]>(
          (made, quasi, i) => {
            const { cooked } = quasi.value as { cooked: string };
            return made.flatMap((text) => (parts[i] ?? [""]).map((part) => text + cooked + part));
          },
          [""],
        );
      })
      .slice(0, MAX_CHOICES);
  }

  /** What an expression can be, with names, tables and choices looked up. */
  private values(place: Place, node: Node | undefined): Node[] {
    if (node === undefined) return [NOTHING];
    const all = (nodes: readonly unknown[]) => nodes.flatMap((one) => this.values(place, one as Node));
    switch (node.type) {
      case "ConditionalExpression":
        return all([node.consequent, node.alternate]);
      case "LogicalExpression":
        return all([node.left, node.right]);
      case "TSAsExpression":
      case "TSNonNullExpression":
        return all([node.expression]);
      case "Identifier": {
        const found = this.assigned(place, nameOf(node));
        return found.length === 0 ? [node] : all(found);
      }
      case "MemberExpression": {
        const key = node.computed === true ? (node.property as Node) : null;
        const found = this.values(place, node.object as Node).flatMap((table) => {
          if (table.type === "ObjectExpression" && key !== null)
            return (table.properties as Node[]).map(({ value }) => value);
          if (table.type === "ArrayExpression" && key?.type === "Literal")
            return [(table.elements as Node[])[Number(key.value)]];
          return [];
        });
        return found.length === 0 ? [node] : all(found);
      }
      default:
        return [node];
    }
  }

  /** What a function of ours can return, as text; what its parameters give to that is left open. */
  private returned({ source }: Place, call: Node): string[] {
    const name = nameOf(call.callee);
    const files = [source.file, ...importedFrom(source, name)];
    const body = this.functions.get(name)?.find((place) => files.includes(place.source.file));
    if (body === undefined) return [HOLE];
    const within = [...body.source.parents.keys()].filter(({ type }) => type === "ReturnStatement");
    const own = within
      .map((node) => ({ source: body.source, node }))
      .filter((place) => makerOf(place)?.node === body.node);
    return own
      .flatMap((place) => [...this.texts(place, place.node.argument as Node)])
      .map((text) => text.replace(GIVEN, HOLE));
  }

  /** What a name is set to where it is declared, and afterwards, in the function around a place or in its module. */
  private assigned(place: Place, name: string): Node[] {
    for (const scope of around(place)) {
      const body = scope.type === "SwitchCase" ? scope.consequent : scope.body;
      if (!Array.isArray(body)) continue;
      for (const statement of body as Node[]) {
        const declaration =
          statement.type === "ExportNamedDeclaration" ? (statement.declaration as Node | null) : statement;
        if (declaration?.type !== "VariableDeclaration") continue;
        const found = (declaration.declarations as Node[]).find(({ id }) => nameOf(id) === name);
        if (found === undefined) continue;
        const later = [...place.source.parents.keys()].filter(
          (node) =>
            node.type === "AssignmentExpression" &&
            nameOf(node.left) === name &&
            [...around({ ...place, node })].includes(scope),
        );
        return [found.init as Node | null, ...later.map(({ right }) => right as Node)].filter(isNode);
      }
    }
    return [];
  }

  private add({ source, node }: Place, kind: string, words: readonly (readonly string[])[]): void {
    const choices = words.map((texts) => [
      ...new Set(texts.map((text) => text.replace(GIVEN, HOLE).replaceAll(/…+/g, HOLE))),
    ]);
    const line = source.text.slice(0, (called(node) ?? node).start).split("\n").length;
    // Words that are chosen by one question come together; otherwise each may come with each.
    const most = Math.max(...choices.map(({ length }) => length));
    const together = choices.every(({ length }) => length === 1 || length === most);
    const [codes, messages, remedies] = choices as [string[], string[], string[]];
    const made = together
      ? Array.from({ length: most }, (_, i) => choices.map((texts) => texts[i] ?? texts[0]))
      : codes.flatMap((code) => messages.flatMap((message) => remedies.map((remedy) => [code, message, remedy])));
    for (const [code, message, remedy] of made as [string, string, string][]) {
      const site = { file: source.file, line, kind, code, message, remedy };
      if (!this.sites.some((known) => JSON.stringify(known) === JSON.stringify(site))) this.sites.push(site);
    }
  }
}

/** Every place, file by file. */
export function findSites(): readonly Site[] {
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
      .map((entry) => load(posix.join(entry.parentPath.replaceAll("\\", "/"), entry.name), folder)),
  );
  return new Finder(sources.flatMap((source) => [...source.parents.keys()].map((node) => ({ source, node })))).sites;
}
