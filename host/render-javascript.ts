// Values as JavaScript writes them.
import type { Captured } from "./captured.ts";
import {
  count,
  cutText,
  type Label,
  omittedText,
  type Parts,
  quote,
  SHOWN_BYTES,
  type Style,
  visible,
  type Writing,
} from "./render-text.ts";

export const javascript: Writing = {
  parts,
  leaf,
  name: (name, style) => style("bold", /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : quote(name)),
  separator: ": ",
  key: (text) => `${text} => `,
  head: (title, id) => (title === "" ? id : `${title} ${id}`),
};

function parts(value: Captured): Parts | null {
  switch (value.type) {
    case "array":
    case "set":
    case "tuple":
    case "typedarray": {
      const title = value.class ?? (value.type === "set" ? "Set" : "");
      const rows = (value.items ?? []).map((item) => [null, item] as const);
      return { title, open: "[", close: "]", rows };
    }
    case "map":
      return { title: value.class ?? "Map", open: "{", close: "}", rows: value.entries ?? [] };
    case "object":
    case "error": {
      const name = value.class === null ? "[no prototype]" : value.class === "Object" ? "" : (value.class ?? "");
      const rows: (readonly [Label, Captured])[] = [...(value.fields ?? [])];
      if (value.cause !== undefined) rows.push(["cause", value.cause]);
      if (value.stack !== undefined) rows.push(["stack", { type: "stack", value: value.stack }]);
      const title = value.type === "error" ? `${name}: ${String(value.value ?? "")}` : name;
      return { title, open: "{", close: "}", rows };
    }
    default:
      return null;
  }
}

function leaf(value: Captured, style: Style): string {
  const text = typeof value.value === "string" ? value.value : String(value.value ?? "");
  const cut = cutText(value, style);
  switch (value.type) {
    case "null":
    case "undefined":
      return style("yellow", value.type);
    case "string":
      return style("green", quote(text)) + cut;
    case "boolean":
    case "number":
    case "int":
      return style("yellow", visible(text)) + cut;
    case "bigint":
      return value.omitted === undefined ? style("yellow", `${visible(text)}n`) : style("dim", "bigint … too long");
    case "symbol":
      return `Symbol(${visible(text)})${cut}`;
    case "function":
      return style("dim", `[${value.class === "class" ? "class" : "function"} ${visible(text) || "without a name"}]`);
    case "date":
    case "regexp":
      return style("yellow", visible(text)) + cut;
    case "bytes":
      return bytes(value) + cut;
    case "stack":
      return style("dim", text.split("\n").map(visible).join("\n"));
    case "ref":
      return style("yellow", `→ #${visible(text)}`);
    case "hole":
      return style("dim", text === "1" ? "hole" : `${visible(text)} holes`);
    case "omitted":
      return omittedText(value, style);
    default:
      // promise, weakmap, weakset, weakref, iterator, and what later versions add
      return style("dim", `[${visible(value.class ?? value.type)}]`);
  }
}

function bytes(value: Captured): string {
  const shown = value.value instanceof Uint8Array ? value.value : new Uint8Array(0);
  const hex = Array.from(shown.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, "0"));
  const size = value.size ?? shown.length;
  const more = shown.length > SHOWN_BYTES ? " …" : "";
  return `${visible(value.class ?? "bytes")}(${count(size)}) <${hex.join(" ")}${more}>`;
}
