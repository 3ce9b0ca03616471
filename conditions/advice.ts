// What to write instead: messages for a token in the wrong place, most of them for habits from other languages. Decides nothing about the grammar.
import type { Span } from "./ast.ts";
import type { Lexer } from "./lexer.ts";

/** What is wrong and what to write; `at` is the place if it is not the token under the cursor. */
export interface Advice {
  readonly message: string;
  readonly remedy: string;
  readonly at?: Span;
}

const LEFT_OPERATORS = new Set(["*", "/", "%", "&&", "||", "??", "==", "===", "!=", "!==", "<", "<=", ">", ">=", "in"]);

/** Words of other languages that stand where an operator should. */
const FOREIGN: Readonly<Record<string, string>> = {
  if: "Write `condition ? a : b`.",
  instanceof: 'Compare the class name: `className(x) == "Name"`.',
  not: "Write `a not in b`, or `!=` to compare.",
  xor: "Write `a != b` for an exclusive or of bools.",
  mod: "Write `%`.",
  div: "Write `/`; it truncates ints.",
  eq: "Write `==`.",
  ne: "Write `!=`.",
  lt: "Write `<`.",
  gt: "Write `>`.",
  le: "Write `<=`.",
  ge: "Write `>=`.",
  like: "Write `a.contains(b)`, `a.startsWith(b)` or `a.matches(pattern)`.",
};

/** Words of other languages that stand before a value. */
const PREFIXES: Readonly<Record<string, string>> = {
  typeof: "Write `type(x)`.",
  new: "Values cannot be made here; compare fields instead.",
  lambda: "Name the variable in a macro: `items.exists(i, i > 0)`.",
  await: "Nothing can be awaited here; remove the word.",
  return: "Remove the word; the expression itself is the result.",
  if: "Remove the word; the condition itself is the expression.",
  const: "Name a value with `cel.bind(x, value, expression)`.",
  let: "Name a value with `cel.bind(x, value, expression)`.",
  var: "Name a value with `cel.bind(x, value, expression)`.",
};

/** The token under the cursor as a message shows it. */
export function shown(lexer: Lexer): string {
  if (lexer.type === "end") return "the end";
  if (lexer.type === "string") return "a string";
  if (lexer.type === "quoted") return "a name in back-ticks";
  return `\`${lexer.source.slice(lexer.from, lexer.to)}\``;
}

/** For a token that cannot begin a value. */
export function adviseOperand(lexer: Lexer, inHole: boolean): Advice {
  const { source, type, from } = lexer;
  const previous = source[from - 1];
  if (type === "end") {
    const empty = source.trim() === "";
    return empty
      ? {
          message: "the condition is empty",
          remedy: "Write an expression such as `x > 10`; leave the condition out to fire on every hit.",
        }
      : {
          message: "the expression ends where a value should follow",
          remedy: "Add the value, or remove the operator before it.",
        };
  }
  const message = `expected a value, found ${shown(lexer)}`;
  if (type === "=")
    return {
      message,
      remedy: previous === "=" ? "Write `==` to compare." : "Write `==` to compare; nothing can be assigned here.",
    };
  if (type === ">" && previous === "<") return { message, remedy: "Write `!=`." };
  if (type === "<" && previous === "<") return { message, remedy: "Write `math.bitShiftLeft(a, n)`." };
  if (type === ">" && previous === ">") return { message, remedy: "Write `math.bitShiftRight(a, n)`." };
  if (type === "*" && previous === "*") return { message, remedy: "There is no power operator; multiply." };
  if (type === "/") return { message, remedy: "A pattern is written as a string: `name.matches('ab+')`." };
  if (type === "+")
    return {
      message,
      remedy:
        previous === "+" ? "Nothing can be changed here; write `x + 1`." : "Remove the `+`; a value has no plus sign.",
    };
  if (type === ":" && previous === "?") return { message, remedy: "Write `a ?? b` for a default." };
  if (type === "quoted")
    return { message, remedy: "Back-ticks hold a field's name after a dot; write strings with `'` or `\"`." };
  if (type === ".")
    return {
      message,
      remedy: source.startsWith("..", from) ? "There is no spreading; name each value." : "Write a name after the dot.",
    };
  if (LEFT_OPERATORS.has(type))
    return { message, remedy: `Write a value on the left of ${shown(lexer)}, or remove it.` };
  if (type === "}" && inHole && source[from + 1] === "}")
    return { message: "expected a value, found `}}`", remedy: "Add the value, or remove the operator before it." };
  return {
    message,
    remedy:
      type === ","
        ? "Write a value before the comma, or remove it."
        : "Write a value here, or remove what stands before it.",
  };
}

/** For a token that follows a complete expression and cannot go on with it. */
export function adviseAfter(lexer: Lexer): Advice {
  const { source, type, from, to, text } = lexer;
  const adjacent = lexer.before === from;
  const previousText = /[A-Za-z_$]*$/.exec(source.slice(Math.max(0, lexer.before - 20), lexer.before))![0];
  const previous = { from: lexer.before - previousText.length, to: lexer.before };
  const message = `unexpected ${shown(lexer)} after a complete expression`;
  switch (type) {
    case "=":
      if (source[to] === ">")
        return {
          message: "unexpected `=>`",
          remedy:
            "Give the variable and the body as two arguments: `items.exists(i, i > 0)`; for a comparison write `>=`.",
        };
      if (source[to] === "<") return { message: "unexpected `=<`", remedy: "Write `<=`." };
      return { message: "`=` does not compare", remedy: "Write `==` to compare; nothing can be assigned here." };
    case "!":
      if (/^!\s*in\b/.test(source.slice(from, to + 8))) return { message, remedy: "Write `a not in b`." };
      return { message, remedy: "Write `!=` to compare, or join the two parts with an operator such as `&&`." };
    case ")":
    case "]":
    case "}":
      return {
        message: `${shown(lexer)} closes nothing`,
        remedy: `Remove it, or add the opening \`${type === ")" ? "(" : type === "]" ? "[" : "{"}\`.`,
      };
    case ",":
      return { message, remedy: "Write one expression; join conditions with `&&`." };
    case ":":
      return { message, remedy: "A `:` belongs to a `?` before it or to a map in braces; write `condition ? a : b`." };
    case "?":
      return { message, remedy: "Put the inner `? :` in parentheses." };
    case "(":
      return { message, remedy: "Only a name can be called; join values with an operator." };
    case "{":
      return { message, remedy: "Join the two parts with an operator such as `&&`." };
    case "quoted":
      return { message, remedy: "Back-ticks hold a field's name after a dot; write strings with `'` or `\"`." };
    case "number":
      if (source[from] === "." && adjacent)
        return { message, remedy: `Write \`[${source.slice(from + 1, to)}]\` for an element of a list.` };
      break;
    case "string":
      if (adjacent && /^[A-Za-z]{1,2}$/.test(previousText)) {
        return {
          at: previous,
          message: `\`${previousText}\` is not a string prefix`,
          remedy: "The prefixes are `r` (raw), `b` (bytes) and `br`; join strings with `+`.",
        };
      }
      return { message, remedy: "Join strings with `+`, or compare with `==`." };
    case "word": {
      if (adjacent && /['"]/.test(source[from - 1] ?? ""))
        return {
          message,
          remedy: "For a quote inside a string write a backslash before it, or use the other kind of quotes outside.",
        };
      const foreign = Object.hasOwn(FOREIGN, text) ? FOREIGN[text] : undefined;
      if (foreign) return { message: `\`${text}\` is not an operator here`, remedy: foreign };
      const prefix = Object.hasOwn(PREFIXES, previousText) ? PREFIXES[previousText] : undefined;
      if (prefix) return { at: previous, message: `there is no \`${previousText}\` here`, remedy: prefix };
      break;
    }
  }
  return { message, remedy: "Join the two parts with an operator such as `&&`, `||` or `==`." };
}

/** For a reserved word where a value should stand. */
export function adviseReserved(word: string): Advice {
  const prefix = Object.hasOwn(PREFIXES, word) ? PREFIXES[word] : undefined;
  return {
    message: `\`${word}\` is a reserved word`,
    remedy: prefix ?? `Write it after a dot, as a field (\`a.${word}\`); a variable needs another name.`,
  };
}
