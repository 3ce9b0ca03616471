// The functions of the language, all groups together: what a written name means. A group is one file beside this one.
import { CORE } from "./core.ts";
import type { Catalogue, Definition } from "./definition.ts";
import { ENCODERS } from "./encoders.ts";
import { MATH } from "./math.ts";
import { OPTIONALS } from "./optionals.ts";
import { REGEX } from "./regex.ts";
import { STRINGS } from "./strings.ts";
import { TIME } from "./time.ts";
import { TYPES } from "./types.ts";

export type { Definition, Need, Refuse, StaticType, TypeOf } from "./definition.ts";
export { besideType, headOf, typeNamed } from "./types.ts";

/** Every group. A name stands in one of them only. */
const GROUPS: readonly Catalogue[] = [CORE, ENCODERS, MATH, OPTIONALS, REGEX, STRINGS, TIME, TYPES];

const merged = (part: keyof Catalogue): ReadonlyMap<string, Definition> =>
  new Map(GROUPS.flatMap((group) => Object.entries(group[part] ?? {})));

export const FUNCTIONS = merged("functions");
export const METHODS = merged("methods");
/** By `namespace.name`. */
export const MEMBERS = merged("members");
/** Words that stand before a dot and are no variable there. */
export const NAMESPACES: ReadonlySet<string> = new Set([...MEMBERS.keys()].map((name) => name.split(".")[0] as string));

/** Each definition once. */
export const DEFINITIONS: ReadonlySet<Definition> = new Set([
  ...FUNCTIONS.values(),
  ...METHODS.values(),
  ...MEMBERS.values(),
]);
