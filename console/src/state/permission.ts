import type { Grant } from "arrwdb-client";
import { grant, refusal } from "./server.ts";

type Scope = Grant["scope"];

const rank: Readonly<Record<Scope, number>> = { read: 0, write: 1, admin: 2 };

/**
 * Why the page's key does not allow an operation, as a sentence; undefined if it does, and until the key is known.
 *
 * @param what the operation, as a gerund: "adding documents"
 * @param ofServer whether the operation applies to the whole server, so that keys for certain libraries are not enough
 */
export function lacking(scope: Scope, what: string, ofServer = false): string | undefined {
  const held = grant.value;
  if (refusal.value !== undefined) return `Without a valid key, ${what} is not possible.`;
  if (held === undefined) return undefined;
  if (rank[held.scope] < rank[scope]) {
    return `The key “${held.name}” has the scope ${held.scope}; ${what} requires ${scope}.`;
  }
  if (ofServer && held.libraries !== null) {
    return `The key “${held.name}” is restricted to certain libraries; ${what} requires a key for all of them.`;
  }
  return undefined;
}
