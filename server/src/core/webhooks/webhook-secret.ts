import { randomBytes } from "node:crypto";
import type { WebhookSecret } from "../../store/webhook-store.ts";

const prefix = "whsec_";
const keyBytes = 32;

export function newSecret(now: Date): WebhookSecret {
  const secret = prefix + randomBytes(keyBytes).toString("base64");
  return { secret, createdAt: now.toISOString(), expiresAt: null };
}

/** Those that still sign. */
export function current(secrets: readonly WebhookSecret[], now: Date): readonly WebhookSecret[] {
  const time = now.toISOString();
  return secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > time);
}

export const keyOf = ({ secret }: WebhookSecret): Buffer => Buffer.from(secret.slice(prefix.length), "base64");
