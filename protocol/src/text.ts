import { z } from "zod";
import { canonicalDocumentId } from "./documents/document-id.ts";
import { limits } from "./limits.ts";

/** Why a string cannot be stored unchanged, or undefined: every store must return what it was given. */
export function textFault(text: string): string | undefined {
  if (text.includes("\u0000")) return "contains a NUL character; remove it";
  if (!text.isWellFormed()) return "contains a lone surrogate, which is not valid Unicode text; send whole characters";
  return undefined;
}

/** A string of at most `max` characters that every store can keep. */
export function boundedText(max: number, min = 0): z.ZodType<string, string> {
  return z
    .string({ error: (issue) => (issue.input === undefined ? "is required" : "must be a string") })
    .min(min, min === 1 ? "must not be empty" : `must have at least ${min} characters`)
    .max(max, { error: `is too long; at most ${max} characters are accepted` })
    .superRefine((text, context) => {
      const fault = textFault(text);
      if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
    });
}

export const shortText = boundedText(limits.shortText);

/** A UUID of any version, in lower case from here on. */
export const uuid = z
  .string({ error: "must be a UUID" })
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
    "must be a UUID, such as 0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d",
  )
  .transform((id) => id.toLowerCase());

const encoder = new TextEncoder();

/** A document's id: any text. A UUID is in lower case from here on. */
export const documentId = z
  .string({ error: ({ input }) => notText(input) })
  .min(1, "must not be empty")
  .max(limits.documentIdBytes, `is too long; at most ${limits.documentIdBytes} bytes of UTF-8 are accepted`)
  .superRefine((id, context) => {
    const size = encoder.encode(id).byteLength;
    const fault =
      size > limits.documentIdBytes
        ? `has ${size} bytes of UTF-8; at most ${limits.documentIdBytes} are accepted`
        : textFault(id);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  })
  .transform(canonicalDocumentId);

/** A library in an address: its id, or its name if no other library has it. A UUID is an id, in lower case from here on. */
export const libraryReference = boundedText(limits.shortText, 1).transform(canonicalDocumentId);

/** A number is not converted: 1, 1.0 and "1" would otherwise be one id. */
function notText(input: unknown): string {
  if (input === undefined) return "is required";
  const isNumber = typeof input === "number" || typeof input === "bigint";
  return isNumber ? `must be a string; send "${input}"` : "must be a string";
}

/** A time in UTC as ISO 8601. */
export const timestamp = z.iso.datetime();

/** A library's position: the number of its latest committed change. */
export const sequenceNumber = z.int().min(0).describe("The library's position");

/** A position in a request. */
export const position = z.int({ error: "must be a whole number" }).min(0, "must not be negative");
