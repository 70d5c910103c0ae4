import { z } from "zod";
import { parseExactly } from "../json/exact-json.ts";
import { filter } from "./filter.ts";

/** A filter in a query string, as JSON text. */
export const filterText = z
  .string()
  .transform((text, context): unknown => {
    try {
      return parseExactly(text);
    } catch {
      context.addIssue({ code: "custom", message: "must be a filter as JSON text" });
      return z.NEVER;
    }
  })
  .pipe(filter);
