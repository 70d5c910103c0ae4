import type { Grant } from "arrwdb-client";
import { grant, refusal } from "./server.ts";

type Scope = Grant["scope"];

const rank: Readonly<Record<Scope, number>> = { read: 0, write: 1, admin: 2 };
const does: Readonly<Record<Scope, string>> = {
  read: "reads only",
  write: "writes documents and no more",
  admin: "may do everything",
};
const needs: Readonly<Record<Scope, string>> = { read: "reads", write: "writes", admin: "may do everything" };

/**
 * Why the page's key does not allow what needs this scope, in words for people; undefined where it does, and as long as
 * nobody knows.
 *
 * @param what is to be done, as a noun
 * @param ofServer whether it is about the whole server, which is closed to keys that are for some libraries
 */
export function lacking(scope: Scope, what: string, ofServer = false): string | undefined {
  const held = grant.value;
  if (refusal.value !== undefined) return `Without a key that holds, ${what} is not possible.`;
  if (held === undefined) return undefined;
  if (rank[held.scope] < rank[scope]) {
    return `The key “${held.name}” ${does[held.scope]}; ${what} needs one that ${needs[scope]}.`;
  }
  if (ofServer && held.libraries !== null) {
    return `The key “${held.name}” is for some libraries alone; ${what} is about the whole server.`;
  }
  return undefined;
}
