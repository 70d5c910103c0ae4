import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import { ArrwClientError } from "../errors.ts";
import type { RequestOptions } from "../options.ts";
import type { DocumentPatch, DocumentsDeleted, DocumentsPatched, Filter } from "../wire.ts";
import { abortedError } from "./aborted-error.ts";
import type { Http } from "./http.ts";
import { refuseLostValues } from "./lost-values.ts";

/** Options of a write by filter. */
export interface MatchingOptions<Progress> extends RequestOptions {
  /** `all` for a filter without conditions, which means every document. */
  readonly confirm?: "all" | undefined;
  /** Called after each transaction of the server. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface DeletionProgress {
  /** Number of documents deleted so far. */
  readonly deleted: number;
  readonly seq: number;
}

export interface PatchProgress {
  /** Number of documents changed so far, and of those that would be too large with the patch. */
  readonly patched: number;
  readonly failed: number;
  readonly seq: number;
}

export type DeleteMatchingOptions = MatchingOptions<DeletionProgress>;
export type PatchMatchingOptions = MatchingOptions<PatchProgress>;

export function deleteMatching(
  http: Http,
  path: string,
  metadata_filter: Filter,
  options: DeleteMatchingOptions,
): Promise<DocumentsDeleted> {
  return writeMatching<DeletionProgress, DocumentsDeleted>(http, path, { metadata_filter }, options);
}

export function patchMatching(
  http: Http,
  path: string,
  request: { readonly metadata_filter: Filter; readonly patch: DocumentPatch },
  options: PatchMatchingOptions,
): Promise<DocumentsPatched> {
  return writeMatching<PatchProgress, DocumentsPatched>(http, path, request, options);
}

/** Writes by filter, following the progress, so that the time-out applies to the gap between two transactions. */
async function writeMatching<Line extends object, Summary extends Pick<DocumentsDeleted, "aborted">>(
  http: Http,
  path: string,
  request: { readonly metadata_filter: Filter; readonly patch?: DocumentPatch },
  { confirm, onProgress, signal, timeout }: MatchingOptions<Line>,
): Promise<Summary> {
  let summary: Summary | undefined;
  const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
  const body = stringifyExactly({ ...request, confirm });
  refuseLostValues(request.metadata_filter, "metadata_filter", { orUndefined: true });
  refuseLostValues(request.patch, "patch", { orUndefined: false });
  await http.upload(path, { body, headers, signal, timeout }, (value) => {
    const line: Line | { readonly summary: Summary } = Object(value);
    if ("summary" in line) summary = line.summary;
    else onProgress?.(line);
  });
  if (summary === undefined) throw new ArrwClientError("network", "The response was cut off");
  if (summary.aborted !== undefined) throw abortedError(summary.aborted);
  return summary;
}
