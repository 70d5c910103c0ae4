import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import { ArrwClientError } from "../errors.ts";
import type { RequestOptions } from "../options.ts";
import type { DocumentsDeleted, Filter } from "../wire.ts";
import { abortedError } from "./aborted-error.ts";
import type { Http } from "./http.ts";

export interface DeleteMatchingOptions extends RequestOptions {
  /** `all` for a filter without conditions, which means every document. */
  readonly confirm?: "all" | undefined;
  /** Called after each transaction of the server. */
  readonly onProgress?: ((progress: DeletionProgress) => void) | undefined;
}

export interface DeletionProgress {
  /** Number of documents deleted so far. */
  readonly deleted: number;
  readonly seq: number;
}

/** Deletes by filter, following the progress, so that the time-out applies to the gap between two transactions. */
export async function deleteMatching(
  http: Http,
  path: string,
  metadata_filter: Filter,
  { confirm, onProgress, signal, timeout }: DeleteMatchingOptions,
): Promise<DocumentsDeleted> {
  let summary: DocumentsDeleted | undefined;
  const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
  const body = stringifyExactly({ metadata_filter, confirm });
  await http.upload(path, { body, headers, signal, timeout }, (value) => {
    const line: DeletionProgress | { readonly summary: DocumentsDeleted } = Object(value);
    if ("summary" in line) summary = line.summary;
    else onProgress?.(line);
  });
  if (summary === undefined) throw new ArrwClientError("network", "The response to the deletion was cut off");
  if (summary.aborted !== undefined) throw abortedError(summary.aborted);
  return summary;
}
