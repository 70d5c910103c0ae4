import { z } from "zod";
import { parseInstant } from "../filter/instant.ts";
import { limits } from "../limits.ts";

/** When a document expires: at an instant as ISO 8601 in UTC, or some time after it was written. */
export type Expiry = { readonly at: string } | { readonly afterSeconds: number };

/** Later years have more than four digits, which no field that takes an instant reads. */
const latest = Date.parse("9999-12-31T23:59:59.999Z");

const instant = z
  .string({ error: "must be a time in ISO 8601, such as 2026-11-27T10:00:00Z, or null" })
  .transform((text, context) => {
    const nanoseconds = parseInstant(text);
    const milliseconds = nanoseconds === undefined ? undefined : Number(nanoseconds / 1_000_000n);
    if (milliseconds !== undefined && milliseconds <= latest) return new Date(milliseconds).toISOString();
    const message =
      milliseconds === undefined
        ? "must be a time in ISO 8601, such as 2026-11-27T10:00:00Z"
        : "is after the year 9999 in UTC; set an earlier time, or omit it";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/** The fields with which a client says when a document expires. */
export const expiryFields = {
  expires_at: instant
    .nullable()
    .optional()
    .describe("When it expires, as ISO 8601: from that instant it is in no result, and then it is deleted"),
  ttl_seconds: z
    .int({ error: "must be a whole number or null" })
    .min(1, "must be at least 1")
    .max(limits.ttlSeconds, `must be at most ${limits.ttlSeconds}`)
    .nullable()
    .optional()
    .describe("Seconds after which it expires, counted from this write; instead of `expires_at`"),
};

interface ExpiryInput {
  readonly expires_at?: string | null | undefined;
  readonly ttl_seconds?: number | null | undefined;
}

/** The expiry that the fields state. Reports an issue if both do. */
export function expiryOf(
  { expires_at: at = null, ttl_seconds: afterSeconds = null }: ExpiryInput,
  context: z.RefinementCtx,
): Expiry | undefined {
  if (at !== null && afterSeconds !== null) {
    context.addIssue({
      code: "custom",
      path: ["ttl_seconds"],
      message: "cannot be combined with expires_at; give one",
    });
  }
  if (at !== null) return { at };
  return afterSeconds === null ? undefined : { afterSeconds };
}
