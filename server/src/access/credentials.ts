import type { IncomingMessage } from "node:http";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import { parseCookie } from "cookie";

/** The cookie of a browser that is signed in. */
export const sessionCookie = "arrwdb_session";
/** The WebSocket subprotocol that the server speaks. */
export const subprotocol = "arrwdb";
/** How a page, which cannot set headers, sends its key with a WebSocket. */
export const keyProtocol = "arrwdb.key.";

/** The credentials that a request presents. */
export interface Credentials {
  /** From headers, without duplicates. */
  readonly keys: readonly string[];
  /** Of the cookie. */
  readonly session: string | undefined;
}

/** @throws ArrwError `unauthorized` for a header that cannot be read; the message repeats nothing of it. */
export function credentialsOf({ headers, rawHeaders }: IncomingMessage): Credentials {
  const keys = new Set<string>();
  // Node keeps the first of several Authorization headers; two that differ must be reported.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name, value = ""] = [rawHeaders[index]?.toLowerCase(), rawHeaders[index + 1]];
    if (name === "authorization") keys.add(bearerOf(value));
    if (name === "x-api-key" && value.trim() !== "") keys.add(value.trim());
  }
  for (const protocol of (headers["sec-websocket-protocol"] ?? "").split(",")) {
    const name = protocol.trim();
    if (name.startsWith(keyProtocol)) keys.add(name.slice(keyProtocol.length));
  }
  for (const key of keys) {
    if (key.length > limits.keyLength)
      throw new ArrwError("unauthorized", "The API key is too long to be valid; check it");
  }
  const { cookie } = headers;
  const session = cookie?.includes(sessionCookie) === true ? parseCookie(cookie)[sessionCookie] : undefined;
  return { keys: [...keys], session: session === "" ? undefined : session };
}

function bearerOf(header: string): string {
  const key = /^Bearer +(\S+)$/i.exec(header.trim())?.[1];
  if (key !== undefined) return key;
  throw new ArrwError("unauthorized", "The Authorization header contains no key; send Authorization: Bearer arrw_...");
}
