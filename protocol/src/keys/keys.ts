import { z } from "zod";
import { limits } from "../limits.ts";
import { boundedText, timestamp, uuid } from "../text.ts";

/** The scopes of keys; each includes the previous ones. */
export const keyScopes = ["read", "write", "admin"] as const;
export const keyScope = z.enum(keyScopes, { error: `must be one of ${keyScopes.join(", ")}` });
export type KeyScope = z.output<typeof keyScope>;

const bound = (max: number) =>
  z.int({ error: "must be a whole number" }).min(1, "must be at least 1").max(max, `must be at most ${max}`).nullable();

/** Limits of one key; if null or absent, the server's apply. */
export const keyLimits = z.strictObject({
  requests_per_minute: bound(1_000_000_000).optional().describe("Requests per minute"),
  concurrent_requests: bound(1_000_000).optional().describe("Concurrent requests"),
  connections: bound(1_000_000).optional().describe("Open WebSockets and event streams, together"),
  body_bytes: bound(limits.bodyBytes)
    .optional()
    .describe("Maximum size of a JSON body and of a WebSocket message, in bytes"),
});
export type KeyLimits = z.output<typeof keyLimits>;

/** A library's id, or null for all libraries and the server itself. */
const keyLibraries = z
  .array(uuid)
  .min(1, "must name a library, or be null for all")
  .max(limits.librariesPerKey, `must name at most ${limits.librariesPerKey} libraries`)
  .nullable();

export const createKeyRequest = z.strictObject({
  name: boundedText(limits.keyName, 1).describe("A name for the key, such as who or what uses it"),
  scope: keyScope.describe("The scope; each scope includes the previous ones"),
  libraries: keyLibraries
    .default(null)
    .describe("The libraries it is limited to; null for all, and for the server itself"),
  expires_at: z.iso
    .datetime({ error: "must be a time in UTC, such as 2030-01-31T00:00:00Z" })
    .nullable()
    .default(null)
    .describe("When it expires, in UTC; null for never"),
  limits: keyLimits.default({}).describe("Its own limits; if one is null or absent, the server's applies"),
});
export type CreateKeyRequest = z.output<typeof createKeyRequest>;

/** Everything about a key but the key. */
export const apiKey = z.object({
  id: z.string().describe("Its id, which is not secret"),
  name: z.string().describe("A name for the key, such as who or what uses it"),
  scope: keyScope.describe("Its scope"),
  libraries: z.array(uuid).nullable().describe("The libraries it is limited to; null for all"),
  limits: keyLimits.describe("Its own limits"),
  created_at: timestamp.describe("When it was created, in UTC"),
  expires_at: timestamp.nullable().describe("When it expires; null for never"),
  last_used_at: timestamp.nullable().describe("When it was last used, to the minute; null for never"),
});
export type ApiKey = z.output<typeof apiKey>;

/** The only response that contains the key itself: only its hash is stored. */
export const keyCreated = apiKey.extend({ key: z.string() });
export type KeyCreated = z.output<typeof keyCreated>;

export const keyList = z.object({ keys: z.array(apiKey) });
export const keyRevoked = z.object({ revoked: z.literal(true), id: z.string() });

export const keyId = z
  .string()
  .regex(/^[0-9a-f]{16}$/, "must be the id of a key: the 16 characters between the two underscores");

/** What a request is allowed to do. */
export const grant = z.object({
  key_id: z.string().nullable().describe("The key; null if the server requires none"),
  name: z.string().describe("Its name"),
  scope: keyScope.describe("Its scope"),
  libraries: z.array(uuid).nullable().describe("The libraries it is limited to; null for all"),
  expires_at: timestamp.nullable().describe("When it expires; null for never"),
});
export type Grant = z.output<typeof grant>;

export const signInRequest = z.strictObject({ key: boundedText(limits.keyLength, 1) });
export const signedOut = z.object({ signed_out: z.literal(true) });
