// Lines of a file or of the standard input, one after another: what is read stays bounded however long the input is. Knows nothing
// of what the lines say.
import { createReadStream } from "node:fs";

/** Characters of one line. Longer ones are passed over: a line is held whole, and a file without line breaks must not fill the memory. */
export const MAX_LINE = 16 * 1024 * 1024;

/** One line without its line break, or null for one that is longer than `MAX_LINE`. */
export type Line = string | null;

/** The lines of a file, `-` for the standard input. Only a line feed ends one: JSON may contain every other separator. */
export function linesOf(file: string): AsyncGenerator<readonly Line[]> {
  const stream = file === "-" ? process.stdin : createReadStream(file);
  stream.setEncoding("utf8");
  return split(stream as AsyncIterable<string>);
}

/** Cuts text into lines, as many at a time as a chunk completes. */
export async function* split(chunks: AsyncIterable<string>, maxLine = MAX_LINE): AsyncGenerator<readonly Line[]> {
  let rest = "";
  let tooLong = false;
  let first = true;
  for await (const chunk of chunks) {
    const text = first && chunk.startsWith("\ufeff") ? chunk.slice(1) : chunk;
    first = false;
    const pieces = text.split("\n");
    const last = pieces.pop() as string;
    const lines = pieces.map((piece): Line => {
      const line = tooLong || rest.length + piece.length > maxLine ? null : rest + piece;
      rest = "";
      tooLong = false;
      return line;
    });
    if (tooLong || rest.length + last.length > maxLine) {
      rest = "";
      tooLong = true;
    } else rest += last;
    yield lines;
  }
  if (tooLong) yield [null];
  else if (rest !== "") yield [rest];
}
