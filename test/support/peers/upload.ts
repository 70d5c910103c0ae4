import { ingestionResponse, type LineResult } from "@arrwdb/protocol/documents/ingestion";
import { problem } from "@arrwdb/protocol/errors/problem";
import type { z } from "zod";

export const uploadUrl = (url: string, libraryId: string, query = "") =>
  `${url}/v1/libraries/${libraryId}/documents/stream${query}`;

export function uploadTo(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/x-ndjson", ...headers }, body });
}

/** The answer of an upload that was read to its end. */
export async function resultsOf(
  pending: Promise<Response>,
): Promise<z.output<typeof ingestionResponse> & { results: LineResult[] }> {
  const response = await pending;
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return ingestionResponse.parse(await response.json());
}

/** The error that stands in for an answer. */
export async function problemOf(response: Response) {
  const body = problem.parse(await response.json());
  if (body.status !== response.status)
    throw new Error(`Status ${response.status} with a body that says ${body.status}`);
  return {
    type: response.headers.get("content-type"),
    status: body.status,
    code: body.code,
    field: body.field,
    detail: body.detail,
  };
}

/** One document with a vector of 4 dimensions. */
export const line = (changes: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ title: "T", chunks: [{ text: "text", embedding: [1, 0, 0, 0] }], ...changes });
