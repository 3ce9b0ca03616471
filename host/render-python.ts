// Values as Python writes them: `Cart(id=7, items=['a', None])`. What has no literal is written `<like this>`.
import type { Captured } from "./captured.ts";
import {
  count,
  cutText,
  type Label,
  omittedText,
  type Parts,
  SHOWN_BYTES,
  type Style,
  visible,
  type Writing,
} from "./render-text.ts";

export const python: Writing = {
  parts,
  leaf,
  name: (name, style) => style("bold", /^[@.]?[\p{ID_Start}_]\p{ID_Continue}*$/u.test(name) ? name : quote(name)),
  separator: "=",
  key: (text) => `${text}: `,
  head: (title, id) => `${id}${title}`,
};

function parts(value: Captured): Parts | null {
  const items = (value.items ?? []).map((item) => [null, item] as const);
  const fields = value.fields ?? [];
  switch (value.type) {
    case "array":
    case "typedarray":
      return wrapped(value.class ?? "", "[", "]", items, fields);
    case "tuple":
      // A comma tells a tuple of one from a value in brackets.
      return wrapped(
        value.class ?? "",
        "(",
        items.length === 1 && value.omitted === undefined ? ",)" : ")",
        items,
        fields,
      );
    case "set":
      if (items.length === 0 && value.omitted === undefined)
        return wrapped("", `${value.class ?? "set"}(`, ")", [], fields);
      return wrapped(value.class ?? "", "{", "}", items, fields);
    case "map":
      return wrapped(value.class ?? "", "{", "}", value.entries ?? [], fields);
    case "object":
      return { title: value.class ?? "", open: "(", close: ")", rows: fields };
    case "error": {
      const rows: (readonly [Label, Captured])[] = [...fields];
      const message = value.value === undefined || value.value === "" ? 0 : 1;
      if (message === 1) rows.unshift([null, { type: "string", value: String(value.value) }]);
      if (value.cause !== undefined) rows.push(["cause", value.cause]);
      return { title: value.class ?? "", open: "(", close: ")", rows, besides: message + (value.cause ? 1 : 0) };
    }
    default:
      return null;
  }
}

/** Contents in their brackets, in those of a class where that is not the usual one: `deque([1])`. */
function wrapped(
  title: string,
  open: string,
  close: string,
  contents: Parts["rows"],
  fields: readonly (readonly [string, Captured])[],
): Parts {
  const rows = [...contents, ...fields.map(([name, value]) => [`.${name}`, value] as const)];
  return {
    title,
    open: title === "" ? open : `(${open}`,
    close: title === "" ? close : `${close})`,
    rows,
    besides: fields.length,
  };
}

function leaf(value: Captured, style: Style): string {
  const text = typeof value.value === "string" ? value.value : String(value.value ?? "");
  const cut = cutText(value, style);
  switch (value.type) {
    case "null":
      return style("yellow", "None");
    case "boolean":
      return style("yellow", ofClass(value, value.value === true ? "True" : "False"));
    case "number":
      return style("yellow", ofClass(value, float(text)));
    case "int":
      if (value.omitted === undefined) return style("yellow", ofClass(value, visible(text)));
      return style("dim", `${visible(value.class ?? "int")} of ${count(value.size ?? 0)} bits`);
    case "string":
      return style("green", ofClass(value, quote(text))) + cut;
    case "decimal":
      return style("yellow", ofClass(value, quote(text))) + cut;
    case "bytes":
      return style("green", bytes(value)) + cut;
    case "complex":
    case "range":
    case "date":
    case "time":
      return style("yellow", visible(text)) + cut;
    case "duration":
      return style("yellow", `timedelta(seconds=${visible(text.replace(/s$/, ""))})`);
    case "enum":
      return style("yellow", `<${visible(value.class ?? "")}.${visible(text)}${enumValue(value)}>`);
    case "function":
      return style("dim", `<${visible(value.class ?? "function")} ${visible(text) || "without a name"}>`);
    case "ref":
      return style("yellow", `→ #${visible(text)}`);
    case "omitted":
      return omittedText(value, style);
    default:
      // opaque, and what later versions add
      return style("dim", `<${visible(value.class ?? value.type)}${text === "" ? "" : ` ${visible(text)}`}>`);
  }
}

/** `UUID('…')`, and the bare text where the class is the usual one. */
function ofClass(value: Captured, text: string): string {
  return value.class ? `${visible(value.class)}(${text})` : text;
}

/** A floating-point number always has a point, an exponent or a name. */
function float(text: string): string {
  if (text === "NaN") return "nan";
  if (text.endsWith("Infinity")) return text.replace("Infinity", "inf");
  return /^-?\d+$/.test(text) ? `${text}.0` : visible(text);
}

function enumValue(value: Captured): string {
  const inner = value.fields?.[0]?.[1];
  return inner === undefined || inner.type === "omitted" ? "" : `: ${leaf(inner, (_, text) => text)}`;
}

/** In single quotes, unless that would need an escape that double quotes do not. */
function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  return mark + visible(text.replace(/[\\\n\r\t]/g, (c) => ESCAPES[c] as string).replaceAll(mark, `\\${mark}`)) + mark;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function bytes(value: Captured): string {
  const held = value.value instanceof Uint8Array ? value.value : new Uint8Array(0);
  const shown = held.subarray(0, SHOWN_BYTES);
  const text = Array.from(shown, (byte) => {
    const character = String.fromCharCode(byte);
    if (character === "'") return "\\'";
    if (byte >= 0x20 && byte < 0x7f && byte !== 0x5c) return character;
    return ESCAPES[character] ?? `\\x${byte.toString(16).padStart(2, "0")}`;
  }).join("");
  const literal = `b'${text}'${held.length > SHOWN_BYTES ? " …" : ""}`;
  return value.class === undefined || value.class === null || value.class === "bytes"
    ? literal
    : `${visible(value.class)}(${literal})`;
}
