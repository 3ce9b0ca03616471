// Which names may not be read: passwords, tokens and the like, and what the operator adds. A name is judged without looking at its
// value. Names are compared without case, underscores and hyphens.
import { charCode } from "./natives.ts";

/** Says whether what has this name may not be read. */
export type Redact = (name: string) => boolean;

/** Names that are redacted unless a host says otherwise. */
export const REDACTED_NAMES: readonly string[] = Object.freeze([
  "password",
  "passwd",
  "passphrase",
  "pwd",
  "secret",
  "client_secret",
  "token",
  "access_token",
  "refresh_token",
  "id_token",
  "auth_token",
  "session_token",
  "csrf_token",
  "jwt",
  "api_key",
  "x_api_key",
  "private_key",
  "secret_key",
  "encryption_key",
  "access_key",
  "secret_access_key",
  "authorization",
  "credentials",
  "cookie",
  "set_cookie",
  "session_id",
  "credit_card",
  "card_number",
  "cvv",
  "pin",
  "ssn",
]);

/** UTF-16 units of the longest name that can be redacted. */
const MAX_NAME = 128;
/** Names remembered with their verdict; more than any program has in the values that it shows. */
const MAX_KNOWN = 10_000;

const { create } = Object;
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** A name without case, underscores and hyphens. On a hit: no method that the program may have replaced. */
function plain(name: string): string {
  let made = "";
  for (let i = 0; i < name.length; i++) {
    const unit = charCode(name, i);
    if (unit === 0x5f || unit === 0x2d) continue;
    made += unit >= 0x41 && unit <= 0x5a ? LETTERS[unit - 0x41] : name[i];
  }
  return made;
}

/** Redacts the usual names and those added. The function is cheap for names that it has seen. */
export function makeRedact(added: readonly string[] = []): Redact {
  // Without prototypes, so that nothing of the program's can be in the way.
  const names: Record<string, true> = Object.create(null);
  for (const name of [...REDACTED_NAMES, ...added]) names[plain(name)] = true;
  let known: Record<string, boolean> = create(null);
  let count = 0;
  return (name) => {
    const verdict = known[name];
    if (verdict !== undefined) return verdict;
    // A longer name is none of these, and costs time to change.
    if (name.length > MAX_NAME) return false;
    if (++count > MAX_KNOWN) {
      known = create(null);
      count = 1;
    }
    const made = names[plain(name)] === true;
    known[name] = made;
    return made;
  };
}
