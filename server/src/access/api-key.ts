import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const form = /^arrw_(?<id>[0-9a-f]{16})_[\w-]{43}$/;

/** A new key, `arrw_<id>_<secret>`, with 256 bits of chance in its secret. */
export function mintKey(): { readonly id: string; readonly key: string } {
  const id = randomBytes(8).toString("hex");
  return { id, key: `arrw_${id}_${randomBytes(32).toString("base64url")}` };
}

/** The id in a key, or undefined if it is not one of arrwDB. It is no secret. */
export const idOfKey = (key: string): string | undefined => form.exec(key)?.groups?.["id"];

/** A secret of 256 random bits needs no slow hash: there is nothing to guess. */
export const hashOf = (secret: string): Uint8Array => createHash("sha256").update(secret).digest();

/** Compares the hashes in constant time. */
export const sameHash = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
