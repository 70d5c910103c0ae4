import { limits } from "@arrwdb/protocol/limits";
import { z } from "zod";
import { parseAllowedNetworks } from "../util/address-policy.ts";

/** A setting's value is text, from a variable or a flag; these are the shapes that it may have. */

export const text = z.string().min(1, "must not be empty");

/** Empty text is not 0, as JavaScript has it: `--port=$UNSET` would listen on any port. */
const emptyIsNoNumber = (value: unknown) => (typeof value === "string" && value.trim() === "" ? Number.NaN : value);

export const wholeNumber = (min: number, max: number) =>
  z.preprocess(
    emptyIsNoNumber,
    z.coerce
      .number({ error: "must be a whole number" })
      .int("must be a whole number")
      .min(min, `must be at least ${min}`)
      .max(max, `must be at most ${max}`),
  );

/** A sentence that must be written out, so that it is not set without knowing its effect. */
export const phrase = <P extends string>(words: P) => z.literal(words, { error: `must be ${words}, or not set` });

export const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });

/** Valid in a header and in a WebSocket subprotocol. */
export const adminKey = z
  .string()
  .regex(/^[\w.~-]+$/, "must consist of letters, digits and - . _ ~")
  .min(24, "must have at least 24 characters; make one with: openssl rand -hex 32")
  .max(limits.keyLength, `must have at most ${limits.keyLength} characters`);

const isOrigin = (value: string) =>
  value === "*" || (URL.canParse(value) && /^https?:/.test(value) && new URL(value).origin === value);

export const corsOrigins = z
  .string()
  .transform((list) =>
    list
      .split(",")
      .map((origin) => origin.trim().replace(/\/$/, ""))
      .filter((origin) => origin !== ""),
  )
  .refine(
    (origins) => origins.every(isOrigin),
    "must be comma-separated origins such as https://app.example.com; for pages opened as files set ARRWDB_ALLOW_FILE_PAGES",
  );

/** `true`, `false`, or networks. */
export const allowedNetworks = text.transform((value, context) => {
  try {
    return parseAllowedNetworks(value);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export const logLevel = z.enum(logLevels, { error: `must be one of ${logLevels.join(", ")}` });

const embeddingLoads = ["at-start", "on-first-use"] as const;
export const embeddingLoad = z.enum(embeddingLoads, { error: `must be ${embeddingLoads.join(" or ")}` });
