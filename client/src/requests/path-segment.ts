import { ArrwClientError } from "../errors.ts";

/** What a URL cannot carry: every client resolves these segments, even if they are percent-encoded. */
const resolved: ReadonlySet<string> = new Set([".", ".."]);

const remedies = {
  library_id: "use the library's id",
  document_id: "use `add`, `documentPage` with `ids`, or `deleteMatching` with a filter for `source_document_id`",
};

/** A value of the user's as a segment of a path. @throws ArrwClientError `validation_failed` if a path cannot carry it */
export function pathSegment(field: "library_id" | "document_id", text: string): string {
  const fault = faultOf(text, remedies[field]);
  if (fault === undefined) return encodeURIComponent(text);
  throw new ArrwClientError("validation_failed", `${field}: ${fault}`, { field });
}

function faultOf(text: string, remedy: string): string | undefined {
  if (text === "") return "must not be empty";
  if (!text.isWellFormed()) return "contains a lone surrogate, which is not valid Unicode text; send whole characters";
  return resolved.has(text) ? `"${text}" cannot be part of a URL; ${remedy}` : undefined;
}
