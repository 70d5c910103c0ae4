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
  requests_per_minute: bound(1_000_000_000).optional(),
  concurrent_requests: bound(1_000_000).optional(),
  /** WebSockets and streams of events together. */
  connections: bound(1_000_000).optional(),
  /** Of one JSON body, and of one WebSocket message. */
  body_bytes: bound(limits.bodyBytes).optional(),
});
export type KeyLimits = z.output<typeof keyLimits>;

/** A library's id, or null for all libraries and the server itself. */
const keyLibraries = z
  .array(uuid)
  .min(1, "must name a library, or be null for all")
  .max(limits.librariesPerKey, `must name at most ${limits.librariesPerKey} libraries`)
  .nullable();

export const createKeyRequest = z.strictObject({
  name: boundedText(limits.keyName, 1),
  scope: keyScope,
  libraries: keyLibraries.default(null),
  /** From when on the key is refused; null for never. */
  expires_at: z.iso.datetime({ error: "must be a time in UTC, such as 2030-01-31T00:00:00Z" }).nullable().default(null),
  limits: keyLimits.default({}),
});
export type CreateKeyRequest = z.output<typeof createKeyRequest>;

/** Everything about a key but the key. */
export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  scope: keyScope,
  libraries: z.array(uuid).nullable(),
  limits: keyLimits,
  created_at: timestamp,
  expires_at: timestamp.nullable(),
  /** To the minute; null for one that was never used. */
  last_used_at: timestamp.nullable(),
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
  /** Null where the server asks for no key. */
  key_id: z.string().nullable(),
  name: z.string(),
  scope: keyScope,
  libraries: z.array(uuid).nullable(),
  expires_at: timestamp.nullable(),
});
export type Grant = z.output<typeof grant>;

export const signInRequest = z.strictObject({ key: boundedText(limits.keyLength, 1) });
export const signedOut = z.object({ signed_out: z.literal(true) });
