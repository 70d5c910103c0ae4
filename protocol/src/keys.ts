import { z } from "zod";
import { limits } from "./limits.ts";
import { boundedText, timestamp, uuid } from "./text.ts";

/** What a key allows; each allows what stands before it too. */
export const keyScopes = ["read", "write", "admin"] as const;
export const keyScope = z.enum(keyScopes, { error: `must be one of ${keyScopes.join(", ")}` });
export type KeyScope = z.output<typeof keyScope>;

const bound = (max: number) =>
  z.int({ error: "must be a whole number" }).min(1, "must be at least 1").max(max, `must be at most ${max}`).nullable();

/** Bounds of one key; where one is null or absent, the server's own holds. */
export const keyLimits = z.strictObject({
  requests_per_minute: bound(1_000_000_000).optional().describe("Requests a minute"),
  concurrent_requests: bound(1_000_000).optional().describe("Requests in progress at the same time"),
  connections: bound(1_000_000).optional().describe("WebSockets and streams of events that are open, together"),
  body_bytes: bound(limits.bodyBytes).optional().describe("Bytes of one JSON body, and of one WebSocket message"),
});
export type KeyLimits = z.output<typeof keyLimits>;

/** A library's id, or null for all libraries and the server itself. */
const keyLibraries = z
  .array(uuid)
  .min(1, "must name a library, or be null for all")
  .max(limits.librariesPerKey, `must name at most ${limits.librariesPerKey} libraries`)
  .nullable();

export const createKeyRequest = z.strictObject({
  name: boundedText(limits.keyName, 1).describe("Who or what it is for"),
  scope: keyScope.describe("What it allows; each scope allows what stands before it too"),
  libraries: keyLibraries.default(null).describe("The libraries that it is for; null for all, and the server itself"),
  expires_at: z.iso
    .datetime({ error: "must be a time in UTC, such as 2030-01-31T00:00:00Z" })
    .nullable()
    .default(null)
    .describe("From when on it is refused, in UTC; null for never"),
  limits: keyLimits.default({}).describe("Bounds of its own; where one is null or absent, the server's holds"),
});
export type CreateKeyRequest = z.output<typeof createKeyRequest>;

/** Everything about a key but the key. */
export const apiKey = z.object({
  id: z.string().describe("Its id, which is no secret"),
  name: z.string().describe("Who or what it is for"),
  scope: keyScope.describe("What it allows"),
  libraries: z.array(uuid).nullable().describe("The libraries that it is for; null for all"),
  limits: keyLimits.describe("Bounds of its own"),
  created_at: timestamp.describe("When it was made, in UTC"),
  expires_at: timestamp.nullable().describe("From when on it is refused; null for never"),
  last_used_at: timestamp.nullable().describe("When it was last used, to the minute; null for never"),
});
export type ApiKey = z.output<typeof apiKey>;

/** The only answer that carries the key itself: it is kept as a hash from then on. */
export const keyCreated = apiKey.extend({ key: z.string() });
export type KeyCreated = z.output<typeof keyCreated>;

export const keyList = z.object({ keys: z.array(apiKey) });
export const keyRevoked = z.object({ revoked: z.literal(true), id: z.string() });

export const keyId = z
  .string()
  .regex(/^[0-9a-f]{16}$/, "must be the id of a key: the 16 characters between the two underscores");

/** What a request is allowed to do. */
export const grant = z.object({
  key_id: z.string().nullable().describe("The key; null where the server asks for none"),
  name: z.string().describe("Its name"),
  scope: keyScope.describe("What it allows"),
  libraries: z.array(uuid).nullable().describe("The libraries that it is for; null for all"),
  expires_at: timestamp.nullable().describe("From when on it is refused; null for never"),
});
export type Grant = z.output<typeof grant>;

export const signInRequest = z.strictObject({ key: boundedText(limits.keyLength, 1) });
export const signedOut = z.object({ signed_out: z.literal(true) });
