import { ArrwClientError } from "../errors.ts";

/** What a URL cannot carry: every client resolves these segments, even if they are percent-encoded. */
const resolved: ReadonlySet<string> = new Set([".", ".."]);

/** A document's id as a segment of a path. @throws ArrwClientError `validation_failed` if a path cannot carry it */
export function documentSegment(id: string): string {
  const fault = faultOf(id);
  if (fault === undefined) return encodeURIComponent(id);
  throw new ArrwClientError("validation_failed", `document_id: ${fault}`, { field: "document_id" });
}

function faultOf(id: string): string | undefined {
  if (id === "") return "must not be empty";
  if (!id.isWellFormed()) return "contains a lone surrogate, which is not valid Unicode text; send whole characters";
  return resolved.has(id) ? `"${id}" cannot be part of a URL; use the actions of the WebSocket` : undefined;
}
