// Redaction once more, over a snapshot that has arrived: whatever a binding let through, no value under a redacted name goes on. By names
// only, as everywhere.
import type { Captured, Snapshot } from "../captured.ts";
import type { Redact } from "../redaction.ts";

const REDACTED: Captured = Object.freeze({ type: "omitted", omitted: "redacted" });

/** A snapshot without values of redacted names; the same one when there are none. */
export function redactSnapshot(snapshot: Snapshot, redact: Redact): Snapshot {
  const variables = named(snapshot.variables, redact);
  return variables === snapshot.variables ? snapshot : { ...snapshot, variables };
}

type Named = readonly (readonly [name: string, value: Captured])[];
type Entry = readonly [key: Captured, value: Captured];

function named(pairs: Named, redact: Redact): Named {
  return changed(pairs, (pair): Named[number] => {
    const [name, value] = pair;
    if (redact(name)) return value.omitted === "redacted" && value.value === undefined ? pair : [name, REDACTED];
    const kept = cleaned(value, redact);
    return kept === value ? pair : [name, kept];
  });
}

// The depth of the recursion is bounded by the decoder's limit on nesting.
function cleaned(value: Captured, redact: Redact): Captured {
  const { items, fields, entries, cause } = value;
  if (items === undefined && fields === undefined && entries === undefined && cause === undefined) return value;
  const kept: Record<string, unknown> = {};
  if (items !== undefined) kept.items = changed(items, (item) => cleaned(item, redact));
  if (fields !== undefined) kept.fields = named(fields, redact);
  if (cause !== undefined) kept.cause = cleaned(cause, redact);
  if (entries !== undefined) {
    kept.entries = changed(entries, (entry): Entry => {
      const [key, part] = entry;
      if (typeof key.value === "string" && redact(key.value))
        return part.omitted === "redacted" ? entry : [key, REDACTED];
      const keptKey = cleaned(key, redact);
      const keptPart = cleaned(part, redact);
      return keptKey === key && keptPart === part ? entry : [keptKey, keptPart];
    });
  }
  const same = Object.entries(kept).every(([name, part]) => part === value[name as keyof Captured]);
  return same ? value : { ...value, ...kept };
}

/** The list with each element as `change` makes it; the same one where all are the same. */
function changed<T>(list: readonly T[], change: (element: T) => T): readonly T[] {
  let made: T[] | null = null;
  for (let i = 0; i < list.length; i++) {
    const element = list[i] as T;
    const kept = change(element);
    if (kept === element) continue;
    made ??= [...list];
    made[i] = kept;
  }
  return made ?? list;
}
