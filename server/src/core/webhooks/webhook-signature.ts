import { createHmac } from "node:crypto";
import type { WebhookSecret } from "../../store/webhook-store.ts";
import { current, keyOf } from "./webhook-secret.ts";

/** The headers of a signed call, by https://www.standardwebhooks.com: one signature for each active secret. */
export function signedHeaders(
  id: string,
  body: string,
  secrets: readonly WebhookSecret[],
  now: Date,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const content = `${id}.${timestamp}.${body}`;
  const signatures = current(secrets, now).map(
    (secret) => `v1,${createHmac("sha256", keyOf(secret)).update(content).digest("base64")}`,
  );
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
